"""Import with preview and export of agencies and areas in the admin."""

import csv
import re
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from plans.models import Agency, FocusArea, Plan, PriorityArea, User
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

AGENCIES, FOCUS_AREAS, PRIORITY_AREAS = (f"/admin/plans/{one}/" for one in ("agency", "focusarea", "priorityarea"))
LISTS = [AGENCIES, FOCUS_AREAS, PRIORITY_AREAS]
HEADINGS = [
    "Code", "Name", "Te reo Māori name", "English name", "Type", "Part of", "Members", "Also known as", "Ended", "Note",
]  # fmt: skip


ROUND_ABOUT = (
    "Rows 2 and 3 name each other in Part of or Members, so that none of these agencies can come first. An agency "
    "cannot be part of itself through others: take one of the names out."
)


@pytest.fixture(autouse=True)
def year_two():
    return load_year_two()


def send(client, base, *lines, name="file.csv"):
    """Choose a file of these lines, or of these bytes; returns the answer, which saves nothing."""
    content = lines[0] if isinstance(lines[0], bytes) else "\n".join(lines).encode()
    file = SimpleUploadedFile(name, content)
    return client.post(f"{base}import/", {"import_file": file, "format": "0", "resource": "0"})


def sentences(response):
    return response.context["sentences"]


def changes(response):
    return [(row.file_row, row.is_new(), row.changes) for row in response.context["result"].changed_rows]


def confirmed(response, **fields):
    """The fields of the confirmation that a preview holds, with its key."""
    form = response.context["confirm_form"]
    key = re.search(r'name="form_key" value="([^"]+)"', response.text)[1]
    return {**form.initial, "form_key": key, "reason": "", **fields}


def confirm(client, base, response, **fields):
    return client.post(f"{base}process_import/", confirmed(response, **fields))


def import_file(client, base, *lines, **fields):
    return confirm(client, base, send(client, base, *lines), **fields)


def exported(client, base, file_format="1"):
    return client.post(f"{base}export/", {"format": file_format, "resource": "0"})


def rows_of(response):
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"), newline="")))


def history_of(*models):
    return sum(model.history.count() for model in models)


@pytest.mark.parametrize("base", LISTS)
def test_programme_admins_and_superusers_import_and_export(as_programme_admin_or_superuser, base):
    client = as_programme_admin_or_superuser
    listed = client.get(base).text
    assert (f"{base}import/" in listed, f"{base}export/" in listed) == (True, True)
    assert [client.get(f"{base}{one}/").status_code for one in ("import", "export")] == [200, 200]


@pytest.fixture(params=["programme_admin", "superuser"])
def as_programme_admin_or_superuser(request, make_user, client):
    if request.param == "programme_admin":
        return request.getfixturevalue("programme_admin")
    client.force_login(make_user("root@programme.example", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("base", LISTS)
def test_staff_who_are_no_programme_admins_are_refused(make_user, client, base):
    client.force_login(make_user("staff@programme.example", is_staff=True))
    answers = [client.get(f"{base}{one}/").status_code for one in ("import", "export")]
    answers += [client.post(f"{base}{one}/").status_code for one in ("import", "export", "process_import")]
    assert answers == [403] * 5


@pytest.mark.parametrize("base", LISTS)
@pytest.mark.parametrize("file_format", ["0", "1"])
def test_own_export_imported_again_changes_nothing(programme_admin, base, file_format):
    file = exported(programme_admin, base, file_format)
    shown = send(programme_admin, base, file.content)

    assert (sentences(shown), changes(shown)) == ([], [])
    assert "The file changes nothing." in shown.text
    assert 'value="Import"' not in shown.text


def test_export_holds_names_parents_members_and_aliases(programme_admin):
    table = {row[0]: row for row in rows_of(exported(programme_admin, f"{AGENCIES}"))}
    assert table["Code"] == HEADINGS
    unit = Agency.objects.filter(kind="unit").select_related("parent").first()
    group = Agency.objects.filter(kind="group").prefetch_related("members").last()
    assert table[unit.code][4:6] == ["Unit", unit.parent.name]
    assert table[group.code][6] == "; ".join(map(str, group.members.all()))
    aliased = Agency.objects.exclude(aliases=None).first()
    assert table[aliased.code][7] == "; ".join(map(str, aliased.aliases.all()))


def test_export_is_the_filtered_list_by_date(programme_admin):
    response = programme_admin.post(f"{AGENCIES}export/?kind__exact=group", {"format": "1", "resource": "0"})
    assert {row[4] for row in rows_of(response)[1:]} == {"Group"}
    assert re.fullmatch(r'attachment; filename="agencies-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"])


def test_export_by_a_filter_that_makes_no_sense_leads_to_the_list(programme_admin):
    response = programme_admin.get(f"{AGENCIES}export/?nonsense=1")
    assert response["Location"] == f"{AGENCIES}?e=1"


@pytest.mark.parametrize("file_format", ["0", "1"])
def test_exported_cells_never_start_a_formula(programme_admin, file_format):
    Agency.objects.filter(code="police").update(note="=HYPERLINK(1)", name_en="+Police")
    content = exported(programme_admin, AGENCIES, file_format).content
    if file_format == "1":
        row = next(row for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline="")) if row[0] == "police")
        assert (row[3], row[9]) == ("'+Police", "'=HYPERLINK(1)")
    else:
        sheet = load_workbook(BytesIO(content))["Agencies"]
        row = next(row for row in sheet if row[0].value == "police")
        assert [(cell.data_type, cell.value) for cell in (row[3], row[9])] == [("s", "+Police"), ("s", "=HYPERLINK(1)")]
    shown = send(programme_admin, AGENCIES, content)
    assert (sentences(shown), changes(shown)) == ([], [])


def test_two_files_at_once_are_refused_in_words(programme_admin):
    two = [SimpleUploadedFile(name, b"Code,Name") for name in ("one.csv", "two.csv")]
    shown = programme_admin.post(f"{AGENCIES}import/", {"import_file": two, "format": "0", "resource": "0"})

    assert shown.context["form"].errors["import_file"] == [
        "Choose one file at a time. You can import the others after it."
    ]


def test_preview_shows_changes_and_saves_nothing(programme_admin):
    before = history_of(Agency)
    shown = send(programme_admin, AGENCIES, "Code,Name,Note", "police,NZ Police,", "kapua,Kapua Trust,New")

    assert changes(shown) == [
        (2, False, [("Name", "Police", "NZ Police"), ("Also known as", "NZ Police; NZP", "NZ Police; NZP; Police")]),
        (3, True, [("Code", "", "kapua"), ("Name", "", "Kapua Trust"), ("Type", "", "Agency"), ("Note", "", "New")]),
    ]
    assert (history_of(Agency), Agency.objects.filter(name="NZ Police").exists()) == (before, False)


def test_import_renames_and_adds_and_history_says_who_and_why(programme_admin):
    police = Agency.objects.get(code="police")
    answer = import_file(
        programme_admin,
        AGENCIES,
        "Code,Name,Note",
        "POLICE,NZ Police,",
        "kapua,Kapua Trust,New",
        reason="Agreed in June",
    )

    police.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, AGENCIES)
    assert (police.name, police.code, Agency.objects.get(code="kapua").note) == ("NZ Police", "police", "New")
    for agency in (police, Agency.objects.get(code="kapua")):
        newest = agency.history.first()
        assert (newest.history_user, newest.history_change_reason) == (programme_admin.user, "Agreed in June")
    told = programme_admin.get(AGENCIES).text
    assert "The file was imported: 1 row added, 1 row changed, 0 rows unchanged." in told


def test_without_a_reason_history_names_the_file(programme_admin):
    import_file(programme_admin, FOCUS_AREAS, "Code,Statement", "SUPPLY,New statement")
    assert FocusArea.objects.get(code="SUPPLY").history.first().history_change_reason == "Import of file.csv"


def test_blank_cells_and_what_is_left_out_stay(programme_admin):
    unchanged = list(Agency.objects.exclude(code="police").values())
    police = Agency.objects.get(code="police")
    import_file(programme_admin, AGENCIES, "Code,Name,English name,Note", "police,,,Noted")
    assert list(Agency.objects.exclude(code="police").values()) == unchanged
    now = Agency.objects.get(code="police")
    assert (now.name, now.name_en, now.note) == (police.name, police.name_en, "Noted")


def test_areas_come_in_and_go_out(programme_admin):
    import_file(programme_admin, PRIORITY_AREAS, "Code,Name,Position", "P4,New name,", "P99,Another,99")
    assert PriorityArea.objects.get(code="P4").name == "New name"
    assert PriorityArea.objects.get(code="P99").position == 99
    assert ["P99", "Another", "99"] in rows_of(exported(programme_admin, PRIORITY_AREAS))


def test_new_agencies_may_name_each_other_in_any_order(programme_admin):
    import_file(
        programme_admin,
        AGENCIES,
        "Code;Name;Type;Part of;Members".replace(";", "\t"),
        "\t".join(["both", "Both of them", "Group", "", "Kapua Office; POLICE"]),
        "\t".join(["kapua-office", "Kapua Office", "Unit", "Kapua Trust", ""]),
        "\t".join(["kapua", "Kapua Trust", "", "", ""]),
    )
    group = Agency.objects.get(code="both")
    assert set(group.members.values_list("code", flat=True)) == {"kapua-office", "police"}
    assert Agency.objects.get(code="kapua-office").parent.code == "kapua"


def test_members_and_aliases_are_added_and_none_is_removed(programme_admin):
    group = Agency.objects.create(code="both", name="Both", kind="group")
    group.members.add(Agency.objects.get(code="police"))
    group.aliases.create(alias="The two")
    shown = send(programme_admin, AGENCIES, "Code,Members,Also known as", "both,Kāinga Ora,Pair; the  TWO")

    assert changes(shown) == [
        (2, False, [("Members", "Police", "Kāinga Ora; Police"), ("Also known as", "The two", "Pair; The two")])
    ]
    assert (group.members.count(), group.aliases.count()) == (1, 1)
    confirm(programme_admin, AGENCIES, shown, reason="Agreed")
    assert set(group.members.values_list("code", flat=True)) == {"police", "kainga-ora"}
    alias = group.aliases.get(alias="Pair")
    assert [one.history_change_reason for one in (alias.history.get(), group.history.first())] == ["Agreed"] * 2
    assert (alias.history.get().history_user, group.history.first().history_user) == (programme_admin.user,) * 2


def test_renamed_agency_keeps_its_earlier_name_and_the_preview_says_so(programme_admin):
    shown = send(programme_admin, AGENCIES, "Code,Name,Also known as", "msd,Social Development,Welfare")
    assert changes(shown) == [
        (2, False, [("Name", "MSD", "Social Development"), ("Also known as", "", "MSD; Welfare")]),
    ]
    confirm(programme_admin, AGENCIES, shown, reason="Renamed by Cabinet")
    msd = Agency.objects.get(code="msd")
    kept = msd.aliases.get(alias="MSD").history.get()
    assert (kept.history_user, kept.history_change_reason) == (programme_admin.user, "Renamed by Cabinet")
    assert changes(send(programme_admin, AGENCIES, "Code,Name", "msd,MSD")) == [
        (
            2,
            False,
            [
                ("Name", "Social Development", "MSD"),
                ("Also known as", "MSD; Welfare", "MSD; Social Development; Welfare"),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ["Code,Part of", "msd-rps-policy-office,Polcie"],
            ["Row 2, Part of: no agency is called 'Polcie'. Did you mean Police?"],
        ),
        (
            ["Code,Type,Members", "all-agencies-x,Group,Police; Polcie"],
            [
                "Row 2, Members: no agency is called 'Polcie'. Did you mean Police?",
                "Row 2, Name: This field cannot be blank.",
            ],
        ),
        (
            ["Code,Members", "police,MSD"],
            ["Row 2, Members: only a group has members. Set its type to Group, or clear this cell."],
        ),
        (
            ["Code,Part of", "police,MSD"],
            ["Row 2: Choose the parent agency for a unit. Leave it blank for other types."],
        ),
        (
            ["Code,Name", "police,msd"],
            ["Row 2: There is already an agency with this name (case and macrons do not matter)."],
        ),
        (
            ["Code,Also known as", "police,MSD Two", "swa,msd two"],
            ["Row 3, Also known as: 'msd two': This is a name of Police. Another agency cannot be known by it."],
        ),
        (["Code,Type", "police,Agencies"], ["Row 2, Type: no type is called 'Agencies'. Did you mean Agency?"]),
        (
            ["Code,Ended", "police,31/31/2026"],
            ["Row 2, Ended: “31/31/2026” is not a date. Use a date like 1 July 2024 or 1/7/2024."],
        ),
        (
            ["Code,Name", "police,Police; MSD"],
            ["Row 2, Name: Remove the semicolon. Semicolons separate agencies in spreadsheets."],
        ),
        (["Code,Note", ",Words"], ["Row 2, Code: Enter a code. Rows are found by it, and a new code makes a new row."]),
        (["Code,Note", "police,One", "Police,Two"], ["Row 3, Code: Row 2 has the same code. Keep one of the two."]),
        (
            ["Code,Name,Type,Part of", "one,One,Unit,Two", "two,Two,Unit,One"],
            [ROUND_ABOUT],
        ),
        (
            ["Code,Name,Type,Members", "one,One,Group,One"],
            ["Row 2, Members: a group cannot be a member of itself. Leave it out of its members."],
        ),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_saved(programme_admin, lines, told):
    before = (list(Agency.objects.values()), history_of(Agency))
    shown = send(programme_admin, AGENCIES, *lines)
    assert sentences(shown) == told
    assert "confirm_form" not in shown.context
    assert (list(Agency.objects.values()), history_of(Agency)) == before


def test_one_wrong_row_keeps_the_others_from_being_saved(programme_admin):
    shown = send(programme_admin, AGENCIES, "Code,Name,Part of", "kapua,Kapua Trust,", "police,,Nobody at all")
    assert len(sentences(shown)) == 1
    assert not Agency.objects.filter(code="kapua").exists()


def test_agency_cannot_be_part_of_itself_through_others(programme_admin):
    top = Agency.objects.create(code="top", name="Top", kind="agency")
    middle = Agency.objects.create(code="middle", name="Middle", kind="unit", parent=top)
    Agency.objects.create(code="low", name="Low", kind="unit", parent=middle)

    shown = send(programme_admin, AGENCIES, "Code,Type,Part of", "top,Unit,Low")

    assert sentences(shown) == ["Row 2, Part of: Low is part of Top already, and an agency cannot be part of itself."]


@pytest.mark.parametrize("base", LISTS)
def test_confirming_twice_imports_once(programme_admin, base):
    heading = "Statement" if base == FOCUS_AREAS else "Name"
    shown = send(programme_admin, base, f"Code,{heading}", "kapua,Kapua")
    fields = confirmed(shown)
    first, second = (programme_admin.post(f"{base}process_import/", fields) for _ in range(2))
    assert [(one.status_code, one["Location"]) for one in (first, second)] == [(302, base)] * 2
    model = {AGENCIES: Agency, FOCUS_AREAS: FocusArea, PRIORITY_AREAS: PriorityArea}[base]
    assert model.history.filter(code="kapua").count() == 1


def test_what_was_changed_after_the_preview_is_not_overwritten(programme_admin):
    shown = send(programme_admin, AGENCIES, "Code,Note", "police,From the file")
    Agency.objects.filter(code="police").update(note="From a colleague")

    answer = confirm(programme_admin, AGENCIES, shown)

    assert answer.status_code == 200
    (told,) = sentences(answer)
    assert told.startswith("Something in this list was saved by someone else after you looked at the preview")
    assert Agency.objects.get(code="police").note == "From a colleague"


def test_right_that_was_lost_since_the_preview_counts(programme_admin):
    shown = send(programme_admin, AGENCIES, "Code,Note", "police,Words")
    User.objects.get(pk=programme_admin.user.pk).groups.clear()
    assert confirm(programme_admin, AGENCIES, shown).status_code == 403
    assert Agency.objects.get(code="police").note != "Words"


@pytest.mark.parametrize(
    "fields",
    [{"import_file_name": "x"}, {"import_file_name": ""}, {"format": "7"}, {"resource": "9"}, {"fingerprint": ""}],
)
def test_confirmation_that_was_tampered_with_is_refused(programme_admin, fields):
    shown = send(programme_admin, AGENCIES, "Code,Note", "police,Words")
    answer = confirm(programme_admin, AGENCIES, shown, **fields)
    assert (answer.status_code, len(sentences(answer))) == (200, 1)
    assert Agency.objects.get(code="police").note != "Words"


def test_import_without_a_file_asks_for_one(programme_admin):
    answer = programme_admin.post(f"{AGENCIES}import/", {"format": "0", "resource": "0"})
    assert answer.context["form"].errors == {"import_file": ["Choose a file first."]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"x" * 1_200_000, "The file is larger than 1 MB. Keep only the sheet of agencies, or send it in parts."),
        (b"%PDF-1.7", "The file is a PDF."),
        (b"PK\x03\x04 broken", "This file is damaged"),
        (b"", "The submitted file is empty."),
        (b"Name,Note\nPolice,x", "No row holds the headings. Above the agencies one row should read: Code, Name,"),
        (b"Code,Code\npolice,x", "Two columns are headed Code. Keep one of them."),
        (b"Code,Note\n" + b"police,x\n" * 1_100, "The file has more than 1,000 rows. Keep only the rows of agencies"),
        (b"Code,Note\npolice,x,y", "Row 2 has more cells than there are headings (2)."),
    ],
)
def test_file_that_cannot_be_read_is_an_error_at_the_field(programme_admin, content, told):
    (problem,) = send(programme_admin, AGENCIES, content).context["form"].errors["import_file"]
    assert problem.startswith(told)


def test_file_beyond_the_sites_limit_is_thrown_away_while_it_comes_in(programme_admin, settings):
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_mb": 1}
    (problem,) = send(programme_admin, AGENCIES, b"x" * 1_200_000).context["form"].errors["import_file"]
    assert problem == "The file is larger than 1 MB. Keep only the sheet that is imported, or import it in parts."


def workbook(*sheets):
    """The bytes of a workbook of sheets: (title, rows)."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_workbook_is_read_where_its_headings_are_and_says_what_it_passed_over(programme_admin):
    content = workbook(
        ("Notes", [["Anything"], ["at all"]]),
        ("List", [["Agencies of the plan"], [], ["Colour", "CODE", "Kind", "note"], ["red", "police", "", "Words"]]),
    )
    shown = send(programme_admin, AGENCIES, content, name="list.xlsx")
    assert changes(shown) == [(4, False, [("Note", "", "Words")])]
    assert shown.context["result"].notes == ["Not read: Colour."]
    assert "Not read: Colour." in shown.text


def test_formula_in_a_cell_that_is_read_is_refused(programme_admin):
    content = workbook(("Agencies", [["Code", "Note"], ["police", "=1+1"]]))
    (problem,) = send(programme_admin, AGENCIES, content, name="list.xlsx").context["form"].errors["import_file"]
    assert problem.startswith("These cells hold formulas: B2. Copy the sheet, paste it as values")


def test_markup_in_a_file_is_shown_as_text(programme_admin):
    shown = send(programme_admin, AGENCIES, "Code,Name,<i>x</i>", "kapua,<b>Kapua</b>,y")
    assert "<b>Kapua" not in shown.text
    assert "&lt;b&gt;Kapua&lt;/b&gt;" in shown.text
    assert "Not read: &lt;i&gt;x&lt;/i&gt;." in shown.text


def test_unchanged_rows_cost_no_query_each(programme_admin):
    content = exported(programme_admin, AGENCIES).content
    with CaptureQueriesContext(connection) as asked:
        send(programme_admin, AGENCIES, content)
    count = len([one for one in asked.captured_queries if "SAVEPOINT" not in str(one["sql"])])
    for number in range(10):
        Agency.objects.create(code=f"another-{number}", name=f"Another {number}")
    content = exported(programme_admin, AGENCIES).content
    with CaptureQueriesContext(connection) as asked:
        send(programme_admin, AGENCIES, content)
    assert len([one for one in asked.captured_queries if "SAVEPOINT" not in str(one["sql"])]) == count


@pytest.mark.parametrize(
    ("model", "data", "code"),
    [
        (Agency, {"name": "Rōpū Whānau", "kind": "agency"}, "ropu-whanau"),
        (Agency, {"name": "Rōpū Whānau", "kind": "agency", "code": "Rōpū"}, "ropu"),
        (Plan, {"name": "Tau ō", "short_name": "Tau ō", "marking": "unclassified"}, "tau-o"),
        (PriorityArea, {"name": "Ōrite", "position": 9}, "orite"),
        (FocusArea, {"statement": "Te tāhū o te whānau, and what follows", "position": 9}, "te-tahu-o-te-whanau"),
    ],
)
def test_code_keeps_the_letters_under_macrons_and_can_be_left_blank(programme_admin, model, data, code):
    inlines = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}

    answer = programme_admin.post(f"/admin/plans/{model._meta.model_name}/add/", data | inlines)

    assert answer.status_code == 302
    assert model.objects.get_by_natural_key(code)
