"""How an activity ended, in the three last columns of files: told, merged, refused in words, and undone."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils.timezone import localdate, now
from openpyxl import load_workbook

from plans.choices import ImportScope
from plans.models import Activity
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.writing.export import write_xlsx
from plans.summaries.record import read_events

ENDING, ENDED_ON, NOTE = COLUMNS = ("Ending", "Ended On", "Ending Note")
HEADINGS = f"Number,{','.join(COLUMNS)}"
DAY = date(2024, 6, 30)
WHY = "All of it is done"
NOTHING = ("", None, "")


def ending_of(number):
    return Activity.objects.values_list("ending", "ended_on", "ending_note").get(number=number)


def end(number, ending="delivered", ended_on=DAY, note=WHY):
    Activity.objects.filter(number=number).update(ending=ending, ended_on=ended_on, ending_note=note)


def test_ending_comes_in_is_told_and_goes_back(imported, admin):
    imported("Number,Activity", "3,Another title")
    source = imported(HEADINGS, f"3,business as usual,30/6/2024,{WHY}")
    assert ending_of(3) == ("business_as_usual", DAY, WHY)
    [row] = source.rows.exclude(changes=[])
    assert [(change["column"], change["old"], change["new"]) for change in row.changes] == [
        (ENDING, "", "Business as usual"),
        (ENDED_ON, "", "30 June 2024"),
        (NOTE, "", WHY),
    ]
    sentences = [one.change.sentence for one in read_events(Activity.objects.get(number=3))]
    assert sentences[-3:] == [
        "set the ending to “Business as usual”",
        "set the day on which it ended to “30 June 2024”",
        f"set the note on its ending to “{WHY}”",
    ]
    workflow.run_undo(source, admin)
    assert ending_of(3) == NOTHING


def test_ending_is_exported_and_merges_when_it_comes_back(plan, admin):
    end(3)
    activities = Activity.objects.filter(plan=plan).order_by("number").for_export(localdate())
    content = write_xlsx(activities, plan, [], "http://testserver/", now())
    book = load_workbook(BytesIO(content))
    sheet = book["Activities"]
    headings = [one.value for one in sheet[1]]
    cells = {heading: sheet.cell(4, headings.index(heading) + 1) for heading in COLUMNS}
    assert [cells[heading].value for heading in (ENDING, NOTE)] == ["Delivered", WHY]
    assert (cells[ENDED_ON].value.date(), cells[ENDED_ON].number_format) == (DAY, "d mmmm yyyy")
    # The file says how it ended otherwise, a colleague has other words by now: both are kept.
    cells[ENDING].value = "Stopped"
    end(3, note="Not funded")
    file = BytesIO()
    book.save(file)

    def changes():
        source = workflow.keep_file(plan, file.getvalue(), "plan.xlsx", by=admin, scope=ImportScope.PLAN)
        workflow.run_check(source)
        [row] = source.rows.exclude(changes=[])
        return row.changes

    [change, kept] = changes()
    assert (change["column"], change["new"], change["is_conflict"]) == (ENDING, "Stopped", False)
    assert (kept["column"], "value is kept" in kept["note"]) == (NOTE, True)
    end(3, ending="carried_on")
    change = changes()[0]
    assert (change["original"], change["theirs"], change["is_conflict"]) == ("Delivered", "Stopped", True)


def test_file_without_the_columns_changes_no_ending_and_blanks_clear_where_the_person_said_so(imported):
    end(3)
    imported("Number,Activity", "3,Another title")
    imported(HEADINGS, "3,,,")
    assert ending_of(3) == ("delivered", DAY, WHY)
    imported(HEADINGS, "3,,,", clears=frozenset(COLUMNS))
    assert ending_of(3) == NOTHING


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ("Delivered,,", ENDING, "enter the day on which it ended in the column Ended On."),
        ("Delivered,30/6/2024,", ENDING, "say how it ended in the column Ending Note."),
        (",30/6/2024,", ENDED_ON, "choose how it ended in the column Ending, or clear this cell."),
        (f",,{WHY}", NOTE, "choose how it ended in the column Ending, or clear this cell."),
        (
            *(f"Done,30/6/2024,{WHY}", ENDING),
            *("no ending is called 'Done'. Choose from: Delivered; Business as usual; Stopped; ",),
        ),
        (
            f"Delivered,{localdate() + timedelta(days=400)},{WHY}",
            ENDED_ON,
            "is in the future. Enter today or an earlier day.",
        ),
    ],
)
def test_ending_its_day_and_note_come_together(bring, cells, column, sentence):
    error = bring(HEADINGS, f"3,{cells}").rows.get(row=2).errors[0]
    assert error["column"] == column
    assert sentence in error["message"]


def test_undo_leaves_no_day_without_its_ending(imported, admin):
    lines = [f"{number},Stopped,30/6/2024,{WHY}" for number in (3, 4)]
    source = imported(HEADINGS, *lines)
    end(3, ending="stopped", note="Funding has ended")
    workflow.run_undo(source, admin)
    assert (ending_of(3), ending_of(4)) == (("stopped", DAY, "Funding has ended"), NOTHING)
    assert {one["column"] for one in source.undo_report["kept"]} == set(COLUMNS)


def test_activity_that_an_undone_import_made_is_open_when_it_comes_back(imported, admin):
    row = "16,SUPPLY,P1,New,Stopped,30/6/2024,Not funded"
    source = imported(f"Number,Strategic Focus Area,Priority Action Area,Activity,{','.join(COLUMNS)}", row)
    assert ending_of(16) == ("stopped", DAY, "Not funded")
    workflow.run_undo(source, admin)
    Activity.objects.get(number=16, withdrawn_on__isnull=False)
    imported("Number,Strategic Focus Area,Priority Action Area,Activity", "16,SUPPLY,P1,New")
    assert ending_of(16) == NOTHING
