"""Sub-activities that are ticked in a workbook: there and back, applied and undone."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils.timezone import localdate, now
from openpyxl import load_workbook

from plans.actions import record_update
from plans.choices import ImportScope
from plans.models import Activity, Agency, EvidenceLink, ImportRow, Membership, StatusUpdate, SubActivity
from plans.spreadsheets.importing import undo, workflow
from plans.spreadsheets.importing.outcome import list_errors
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.writing.error_copy import Marks, write_copy, write_marked
from plans.spreadsheets.writing.reporting_workbook import reporting_workbook_of, write_reporting_workbook
from plans.web_links import Link

DAY = date(2024, 6, 28)
TITLE = "Implement governance for Te Ara Oranga"


@pytest.fixture
def updater(plan, make_user):
    """A person of Te Whatu Ora, which leads activity 4 of three sub-activities; it is on track."""
    person, agency = make_user("updater@health.example"), Agency.objects.get(code="te-whatu-ora")
    Membership.objects.create(user=person, agency=agency)
    record_update(activity=Activity.objects.get(number=4), by=person, agency=agency, status="on_track")
    return person


@pytest.fixture
def send(plan, updater):
    """Has the workbook filled in by `fill(book)` and sent in; answers the import, checked."""

    def run(fill):
        agency = Agency.objects.get(code="te-whatu-ora")
        content = write_reporting_workbook(reporting_workbook_of(agency, plan, localdate()), plan, "http://x/", now())
        book, file = load_workbook(BytesIO(content)), BytesIO()
        fill(book)
        book.save(file)
        source = workflow.keep_file(plan, file.getvalue(), "plan.xlsx", by=updater, scope=ImportScope.UPDATES)
        workflow.run_check(source)
        return source

    return run


def tick(row, day=None):
    def fill(book):
        sheet = book["Sub-activities"]
        sheet[f"D{row}"] = "Yes"
        if day:
            sheet[f"E{row}"] = day

    return fill


def shorten(book):
    book["Sub-activities"].delete_rows(2)
    tick(2, DAY)(book)


def done():
    """[(position, done, day)] of the sub-activities of activity 4."""
    items = SubActivity.objects.filter(activity__number=4).order_by("position")
    return [(one.position, one.done_on) for one in items if one.is_done]


def imported(source, by):
    workflow.run_apply(source, by)
    assert (source.state, source.problem) == ("applied", "")
    return source


def test_ticked_workbook_comes_back_as_a_report(plan, updater, send):
    source = send(tick(2, DAY))
    row = source.rows.get(number=4)

    assert [(one["column"], one["old"], one["new"]) for one in row.changes] == [
        ("Reporting Agency", "", "Te Whatu Ora"),
        ("Update Status", "", "On track"),
        (f"Done: {TITLE}", "", "28 June 2024"),
    ]
    assert {name: count for name, count in source.counts.items() if count} == {"rows": 2, "updated": 1, "unchanged": 1}

    imported(source, updater)
    item = SubActivity.objects.get(activity__number=4, position=1)
    update = StatusUpdate.objects.latest_of(Activity.objects.filter(number=4)).get()
    assert done() == [(1, DAY)]
    assert (update.kind, update.status, update.is_no_change, update.agency.code) == (
        *("report", "on_track", False),
        "te-whatu-ora",
    )
    told = item.history.first()
    assert (told.is_done, told.done_on, told.history_user, told.history_change_reason) == (
        *(True, DAY, updater),
        str(source),
    )


def test_rows_that_are_gone_and_columns_that_moved_do_no_harm(plan, updater, send):
    def fill(book):
        shorten(book)
        book["Sub-activities"].move_range("A1:F3", rows=2, cols=1)

    imported(send(fill), updater)

    assert done() == [(2, DAY)]


def test_import_ticks_as_the_form_does(plan, updater, send):
    activity, agency = Activity.objects.get(number=4), Agency.objects.get(code="te-whatu-ora")
    first, second, _ = SubActivity.objects.filter(activity=activity).order_by("position")
    source = send(tick(3))
    record_update(activity=activity, by=updater, agency=agency, status="on_track", done=[(first.pk, None)])
    imported(source, updater)

    kept = SubActivity.objects.filter(pk__in=[first.pk, second.pk]).values_list("is_done", "done_on", "withdrawn_on")
    assert list(kept) == [(True, localdate(), None)] * 2
    assert [one.history.first().history_type for one in (first, second)] == ["~", "~"]


def test_same_workbook_again_changes_nothing(plan, updater, send):
    source = imported(send(tick(2)), updater)
    again = workflow.keep_file(plan, bytes(source.content), "plan.xlsx", by=updater, scope=ImportScope.UPDATES)
    workflow.run_check(again)

    assert {name: count for name, count in again.counts.items() if count} == {"rows": 2, "unchanged": 2}


def test_import_of_ticks_is_looked_at_again_when_they_were_made_meanwhile(plan, updater, send):
    source = send(tick(2, DAY))
    SubActivity.objects.filter(activity__number=4, position=1).update(is_done=True, done_on=DAY)
    workflow.run_apply(source, updater)

    assert (source.state, source.counts["unchanged"]) == ("checked", 2)
    assert source.problem


def test_undo_unticks_with_history(plan, updater, send):
    source = imported(send(tick(2, DAY)), updater)
    row = ImportRow.objects.exclude(after={}).get(source=source)
    item = SubActivity.objects.get(activity__number=4, position=1)
    assert (row.before["ticks"], row.after["ticks"]) == ({str(item.pk): None}, {str(item.pk): "2024-06-28"})

    workflow.run_undo(source, updater)

    assert (source.state, source.problem, source.undo_report) == ("undone", "", {"taken_back": 1, "kept": []})
    assert done() == []
    assert item.history.first().history_change_reason == f"Undo of import {source.pk} of plan.xlsx"


@pytest.mark.parametrize(("day", "now_"), [(date(2024, 6, 1), "1 June 2024"), (None, "Not done")])
def test_undo_keeps_and_lists_a_tick_that_somebody_changed(plan, updater, send, day, now_):
    source = imported(send(tick(2, DAY)), updater)
    item = SubActivity.objects.filter(activity__number=4, position=1)
    item.update(is_done=day is not None, done_on=day)
    expected = [{"number": 4, "column": f"Done: {TITLE}", "imported": "28 June 2024", "now": now_}]
    assert undo.preview(source)["kept"] == expected

    workflow.run_undo(source, updater)

    assert source.undo_report["kept"] == expected
    assert done() == ([(1, day)] if day else [])


def test_marked_workbook_keeps_the_sheet_and_says_what_to_mend_there(plan, updater, send):
    source = send(tick(2, localdate() + timedelta(days=1)))
    with write_marked(source) as file:
        book = load_workbook(BytesIO(file.read()))

    sentence = "Sub-activities, row 2, Done On: enter today or an earlier date."
    assert sentence in book["Activities"]["A2"].comment.text
    assert book["Sub-activities"]["D2"].value == "Yes"
    assert [cell.value for cell in book["Errors to fix"][3]] == ["Row 2", "Number", sentence]


def test_ticks_of_a_file_of_another_kind_are_in_its_marked_copy(plan, updater, send):
    table = read_table(bytes(send(tick(2, DAY)).content), "plan.xlsx")
    again = read_table(write_copy(table, Marks()), "")

    assert (again.rows, again.ticks) == (table.rows, table.ticks)
    assert again.ticks.rows[0].cells[3:5] == ("Yes", "2024-06-28")


def test_tick_without_its_row_refuses_the_file_in_a_sentence(plan, updater, send):
    def fill(book):
        tick(2)(book)
        book["Activities"].delete_rows(2)

    source = send(fill)

    assert source.state == "refused"
    assert source.problem.startswith("The sheet Sub-activities ticks activity 4 in row 2, but the file has no row")


def test_tick_of_a_row_with_another_number_is_an_error_and_never_recorded(plan, updater, send):
    def fill(book):
        tick(2)(book)
        book["Activities"]["A2"] = 1

    source = send(fill)

    assert (source.state, source.counts["errors"], source.counts["updated"]) == ("checked", 1, 0)
    assert source.rows.get(kind="error").errors[0]["message"].startswith("this row was made for activity 4, but its")


def test_sheet_of_that_name_with_other_headings_is_not_read_and_said_so(plan, updater, send):
    def fill(book):
        tick(2)(book)
        book["Sub-activities"]["D1"] = "Budget"

    source = send(fill)

    assert source.counts["unchanged"] == 2
    assert source.findings["notes"] == [
        "The sheet Sub-activities was not read: none of its rows has the headings Number, Sub-activity and Done."
    ]


def test_formula_in_a_tick_is_an_error_of_its_cell(plan, updater, send):
    source = send(tick(2, "=TODAY()"))

    assert (source.state, source.counts["errors"]) == ("checked", 1)
    [line] = list_errors(source).lines
    assert line.where.endswith("Sub-activities, row 2, Done On")
    assert line.message.startswith("this cell holds a formula")


def test_links_come_in_with_the_workbook_once_and_fall_with_its_undo(send, plan, updater):
    def fill(book):
        sheet = book["Activities"]
        places = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(2, places["Update Status"], "Complete")
        sheet.cell(2, places["Evidence Links"], "Report https://www.police.govt.nz/report")

    source = imported(send(fill), updater)
    [link] = EvidenceLink.objects.standing()
    assert (link.link, link.author) == (Link("https://www.police.govt.nz/report", "Report"), updater)
    assert link.update == StatusUpdate.objects.first()
    assert send(fill).counts["unchanged"] == 1
    workflow.run_undo(source, updater)
    assert not EvidenceLink.objects.standing().exists()
    assert EvidenceLink.objects.count() == 1
