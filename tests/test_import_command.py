import json
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from plans.models import Activity, AuditEvent, Import, Plan, StatusUpdate, SubActivity, User

COUNTED = "0 created, 1 updated, 1 unchanged, 0 skipped, 0 errors, 0 conflicts, 13 missing."
BLANKS = "Cells are blank where the plan has something, and leave it as it is: {}."
LINES = ("Number,Activity,Agency Lead,Status,Colour", "1,New title,MSD,On track,red", "2,,,,")


@pytest.fixture
def plan(year_two_of_module, db):
    return Plan.objects.get()


@pytest.fixture
def command(plan, tmp_path, capsys):
    """Runs `import_activities` on a file of these lines, by default told to take off what it leaves out.

    Answers (exit code, what it printed).
    """

    def run(*arguments, lines=LINES, name="plan.csv", removals=("--confirm-removals",)):
        file = tmp_path / name
        file.write_bytes("\n".join(lines).encode() if isinstance(lines, tuple) else lines)
        return finish(capsys, "import_activities", str(file), "--plan", "year-two", *removals, *arguments)

    return run


def finish(capsys, *arguments):
    try:
        call_command(*arguments)
    except SystemExit as ending:
        return ending.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def title():
    return Activity.objects.get(number=1).title


def test_command_without_apply_only_checks(command):
    code, said = command()
    assert code == 0
    assert said.splitlines() == [
        f"plan.csv against Year Two ROCC Action Plan: 2 rows: {COUNTED}",
        BLANKS.format("Activity (1), Agency Lead (1), Status (1)"),
        "Not imported: Colour.",
        "Row 2, activity 1, Activity: “Operation Cobalt” → “New title”",
        "Row 2, activity 1, Agency Lead: “Police” → “MSD”",
        "Row 2, activity 1, Status: “No update yet” → “On track”",
        "Nothing was changed. To import it, add --apply.",
    ]
    assert (title(), Import.objects.count(), User.objects.count()) == ("Operation Cobalt", 0, 0)


def test_command_prints_one_json_object(command):
    code, said = command("--json")
    told = json.loads(said)
    assert code == 0
    counted = {"rows": 2, "updated": 1, "unchanged": 1, "missing": 13}
    assert told["counts"] == dict.fromkeys(("created", "skipped", "errors", "conflicts"), 0) | counted
    assert told["changes"] == [
        {"row": 2, "number": 1, "column": "Activity", "old": "Operation Cobalt", "new": "New title"},
        {"row": 2, "number": 1, "column": "Agency Lead", "old": "Police", "new": "MSD"},
        {"row": 2, "number": 1, "column": "Status", "old": "No update yet", "new": "On track"},
    ]
    assert (told["errors"], told["is_acceptable"]) == ([], True)
    assert "import" not in told


def test_command_with_apply_imports_and_its_undo_takes_it_back(command, capsys):
    code, said = command("--apply", "--json")
    told = json.loads(said)
    assert (code, told["is_applied"], title()) == (0, True, "New title")
    source = Import.objects.get(pk=told["import"])
    assert (source.state, source.applied_by.name, source.size_bytes) == ("applied", "Command line", len(source.content))
    assert finish(capsys, "undo_import", str(source.pk)) == (0, "Restored: 3. Edited since, and kept: 0.\n")
    assert title() == "Operation Cobalt"


def test_undo_command_names_what_it_keeps(command, capsys):
    command("--apply")
    Activity.objects.filter(number=1).update(title="Better")
    code, said = finish(capsys, "undo_import", str(Import.objects.get().pk))
    assert (code, said.splitlines()) == (
        0,
        [
            "Kept: Activity 1, Activity: “New title” was imported; now it is “Better”.",
            "Restored: 2. Edited since, and kept: 1.",
        ],
    )


def test_undo_command_refuses_what_is_not_imported(command, capsys):
    with pytest.raises(CommandError, match=r"There is no import 9\."):
        call_command("undo_import", "9")
    command("--apply")
    number = Import.objects.get().pk
    finish(capsys, "undo_import", str(number))
    with pytest.raises(CommandError, match=r"cannot be undone: it is “undone”"):
        call_command("undo_import", str(number))


def test_account_of_the_command_line_is_closed_and_made_once(command):
    command("--apply")
    command("--apply")
    person = User.objects.get()
    assert (person.email, person.is_active, person.is_superuser) == ("command-line@localhost", False, False)
    assert not person.has_usable_password()
    assert not AuditEvent.objects.filter(kind="role_given").exists()


def test_command_says_who_in_the_history(command, programme_admin):
    assert command("--apply", "--as", "ADMIN@programme.example")[0] == 0
    record = Activity.history.get()
    assert record.history_user == programme_admin.user
    assert record.history_change_reason == f"Import {Import.objects.get().pk} of plan.csv"


def test_command_refuses_to_act_for_somebody_who_may_not(command, reader):
    with pytest.raises(CommandError, match=r"reader@programme\.example is no programme admin here"):
        command("--apply", "--as", "reader@programme.example")


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--apply",), ("--apply", "--json")])
def test_command_exits_with_1_when_a_row_is_in_error(command, arguments):
    code, said = command(*arguments, lines=("Number,Activity,Status", "1,New,On trak", "2,New,On trak", "99,,"))
    assert (code, title(), Import.objects.count()) == (1, "Operation Cobalt", 0)
    if "--json" in arguments:
        assert [(error["row"], error["column"]) for error in json.loads(said)["errors"]][:2] == [
            (2, "Status"),
            (3, "Status"),
        ]
    else:
        assert "Rows 2–3, Status: no status is called 'On trak'. Did you mean On track?" in said


def test_command_leaves_errors_out_when_told_to(command):
    lines = ("Number,Activity,Status", "1,New,", "2,New,Nonsense")
    assert command("--apply", "--leave-out-errors", lines=lines)[0] == 0
    assert (title(), Activity.objects.get(number=2).title) == ("New", "Reintegration support for deportees")


def test_command_clears_a_column_and_creates_agencies_when_told_to(command):
    lines = ("Number,Activity,Agency Lead", "1,,Customs")
    assert command("--apply", "--clear", "Activity", "--create-agencies", lines=lines)[0] == 0
    one = Activity.objects.get(number=1)
    assert (one.title, [link.agency.name for link in one.lead_links]) == ("", ["Customs"])


def test_command_reports_for_agencies_as_a_programme_admin_would(command):
    lines = ("Number,Reporting Agency,Update Status,What Happened", "1,Police,At risk,Short of staff")
    assert command("--apply", lines=lines)[0] == 0
    update = StatusUpdate.objects.get()
    assert (update.kind, update.agency.code, update.author.name) == ("report", "police", "Command line")


def test_command_refuses_a_file_that_is_none_in_words(command):
    with pytest.raises(CommandError):
        command(lines=b"\x89PNG\r\n\x1a\n" + bytes(50))
    code, said = command("--json", lines=b"\x89PNG\r\n\x1a\n" + bytes(50))
    told = json.loads(said)
    assert (code, told["counts"]["rows"], told["changes"], len(told["errors"])) == (1, 0, [], 1)
    assert told["errors"][0]["row"] is None


def test_command_names_the_plans_there_are(plan, tmp_path):
    with pytest.raises(CommandError, match=r"There is no plan year-three. There are: year-two\."):
        call_command("import_activities", "plan.csv", "--plan", "year-three")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_activities", str(tmp_path / "none.csv"), "--plan", "year-two")


def test_command_takes_nothing_off_unless_told_to(command):
    code, said = command("--apply", removals=())
    assert (code, title(), Import.objects.count()) == (1, "Operation Cobalt", 0)
    assert said.splitlines()[-3:] == [
        "1 agency would no longer lead or support 1 activity. Choose with --confirm-removals or --keep-instead.",
        "  Row 2, activity 1: Police",
        "Nothing was changed. The file cannot be imported as it is.",
    ]


def test_command_counts_what_would_go_in_its_json(command):
    SubActivity.objects.filter(activity__number=3).update(is_done=True, done_on="2026-10-01")
    code, said = command("--json", lines=("Number,Description", '3,"Words\nDeportee journey mapping"'), removals=())
    told = json.loads(said)
    (question,) = told["questions"]
    assert (code, told["is_acceptable"]) == (1, False)
    assert [question[name] for name in ("kind", "count", "done", "answer", "row_count")] == ["items", 3, 3, "", 1]


def test_command_keeps_cells_instead_when_told_to(command):
    assert command("--apply", removals=("--keep-instead",))[0] == 0
    one = Activity.objects.get(number=1)
    assert (one.title, [link.agency.code for link in one.lead_links]) == ("New title", ["police"])


@pytest.mark.parametrize(("numbers", "code"), [((), 1), (("--numbers", "file"), 0), (("--numbers", "plan"), 0)])
def test_command_renumbers_only_when_told_to(command, programme_admin, numbers, code):
    book = load_workbook(BytesIO(programme_admin.get("/plans/year-two/activities.xlsx").content))
    book["Activities"]["A6"], book["Activities"]["A8"] = 7, 5
    book.save(out := BytesIO())
    five = Activity.objects.get(number=5).pk

    assert command("--apply", *numbers, lines=out.getvalue(), name="plan.xlsx")[0] == code
    assert Activity.objects.get(pk=five).number == (7 if "file" in numbers else 5)


def test_command_imports_titles_that_changed_places_only_when_told_to(command):
    one, two = (Activity.objects.get(number=number).title for number in (1, 2))
    lines = ("Number,Activity", f"1,{two}", f"2,{one}")
    assert (command("--apply", lines=lines)[0], title()) == (1, one)
    assert (command("--apply", "--confirm-titles", lines=lines)[0], title()) == (0, two)


def test_command_takes_what_words_of_the_file_mean(command):
    lines = ("Number,Agency Lead,Status", "1,TBC,Green", "2,tbc,In progress")

    code, said = command(lines=lines)
    assert code == 1
    assert "Rows 2–3, “TBC”: say what it means with --means “TBC=none”." in said
    assert "Row 2, “Green”: say what it means with --means “Green=On track” or another status" in said
    assert command("--create-agencies", lines=lines)[0] == 1

    means = [f"--means={one}" for one in ("TBC=nobody", "GREEN=On-track", "In progress=at_risk", "Never=On track")]
    code, said = command("--apply", *means, lines=lines)

    assert code == 0
    assert list(Activity.objects.filter(number__lte=2).values_list("status", flat=True)) == ["on_track", "at_risk"]
    assert Activity.objects.get(number=1).agency_links.filter(role="lead").count() == 0


@pytest.mark.parametrize("means", ["Green", "=On track", "Green=", "Green=Wombat"])
def test_command_refuses_meanings_that_are_none(command, means):
    with pytest.raises(CommandError):
        command(f"--means={means}", lines=("Number,Status", "1,Green"))
