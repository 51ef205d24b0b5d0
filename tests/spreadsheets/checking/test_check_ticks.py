"""What the sheet of sub-activities comes to, as part of the reports of its activities."""

from dataclasses import replace
from datetime import date

import pytest

from plans.choices import ImportScope
from plans.models import Activity, Agency, Membership, SubActivity
from plans.spreadsheets.columns import TICK_SHEET
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.row_versions import ItemVersion, seal_item
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, conflicts, errors, kinds, make_table, returned
from tests.spreadsheets.checking.test_check_reports import report, updater  # noqa: F401

COLUMNS = "Number,Reporting Agency,Update Status,What Happened"
TICKS = "Number,Sub-activity,Done,Done On,Row Version"
UPDATES = {"scope": ImportScope.UPDATES}


@pytest.fixture
def reported(small_plan, importing_admin):
    """Activity 3 is on track."""
    report(3, importing_admin, "office")
    return small_plan


@pytest.fixture
def person(small_plan, make_user):
    made = make_user("updater@office.example")
    Membership.objects.create(user=made, agency=Agency.objects.get(code="office"))
    return made


def item(place):
    return SubActivity.objects.get(position=place)


def sealed(place):
    one = item(place)
    return seal_item(ItemVersion(one.activity.plan_id, one.activity_id, 3, one.pk))


def with_ticks(table, *rows):
    return replace(table, ticks=make_table(TICKS, *rows))


def ticked(*rows, row=("3", "MSD RPS Policy Office")):
    return with_ticks(make_table(COLUMNS, row), *rows)


def done(checked):
    return {one.number: one.draft.report.done for one in checked.rows if one.draft and one.draft.report}


def test_tick_is_a_report_with_the_status_as_it_is(check, reported, person):
    checked = check(ticked(("3", "Item 1", "yes", "28/6/2024", sealed(1)), row=("3",)), by=person, **UPDATES)

    [outcome] = [one for one in checked.rows if one.row]
    told = outcome.draft.report
    assert (told.agency.code, told.status.value, told.is_no_change, told.what_happened) == (
        *("office", "on_track", False),
        "",
    )
    assert told.done == ((item(1).pk, date(2024, 6, 28)),)
    told = {"Reporting Agency": ("", "MSD RPS Policy Office"), "Update Status": ("", "On track")}
    assert changes(checked) == [(2, 3, {**told, "Done: Item 1": ("", "28 June 2024")})]
    assert (checked.counts()["rows"], checked.counts()["updated"]) == (1, 1)


@pytest.mark.parametrize("written", ["1 July 2024", "1/7/2024", "2024-07-01", "45474", ""])
def test_day_is_read_as_people_write_it_and_is_today_without(check, reported, written):
    checked = check(ticked(("3", "Item 1", "Yes", written, sealed(1))))

    assert done(checked) == {3: ((item(1).pk, ON),)}


def test_tick_goes_with_the_words_of_its_row(check, small_plan, person):
    said = ("3", "", "Off track", "It rained.")
    checked = check(ticked(("3", "", "Yes", "", sealed(2)), row=said), by=person, **UPDATES)

    assert done(checked) == {3: ((item(2).pk, ON),)}
    assert checked.rows[0].draft.report.what_happened == "It rained."


@pytest.mark.parametrize(
    ("row", "place", "sentence"),
    [
        (("Yes", "2/7/2024"), "Done On", "enter today or an earlier date."),
        (("Yes", "soon"), "Done On", "“soon” is not a date. Use a date like 1 July 2024 or 1/7/2024."),
        (("", "1/7/2024"), "Done", "tick the sub-activity, or clear its date."),
        (("maybe", ""), "Done", "“maybe” is neither Yes nor blank. Choose Yes, or clear it."),
    ],
)
def test_error_names_the_cell_of_the_sheet(check, reported, row, place, sentence):
    checked = check(ticked(("3", "Item 1", "", ""), ("3", "Item 1", *row, sealed(1))))

    assert errors(checked) == [(2, f"Sub-activities, row 3, {place}", sentence)]
    assert (kinds(checked), checked.is_acceptable) == ([(2, 3, "error")], False)


def test_tick_of_what_was_never_reported_on_asks_for_its_status(check, small_plan):
    checked = check(ticked(("3", "Item 1", "Yes", "", sealed(1))))

    sentence = "choose the Update Status of activity 3 as well."
    assert errors(checked) == [(2, "Sub-activities, row 2, Done", sentence)]


def test_tick_of_what_is_at_risk_needs_its_why_as_the_form_does(check, small_plan, importing_admin):
    report(3, importing_admin, "office", "at_risk", what_happened="Rain.")
    checked = check(ticked(("3", "Item 1", "Yes", "", sealed(1))))

    assert errors(checked) == [(2, "What Happened", "explain in a sentence why it is at risk.")]


@pytest.mark.parametrize("what", ["done", "blank"])
def test_what_is_done_already_or_not_ticked_is_no_change(check, reported, what):
    SubActivity.objects.filter(position=1).update(is_done=True, done_on=date(2024, 6, 1))
    row = ("3", "Item 1", "Yes", "", sealed(1)) if what == "done" else ("3", "Item 2", "", "", sealed(2))
    checked = check(ticked(row))

    assert (kinds(checked), changes(checked), checked.is_acceptable) == ([(2, 3, "unchanged")], [], True)


def test_what_was_withdrawn_cannot_be_ticked(check, reported):
    SubActivity.objects.filter(position=1).update(withdrawn_on=ON)
    checked = check(ticked(("3", "Item 1", "Yes", "", sealed(1))))

    sentence = "this sub-activity has been withdrawn. Clear the tick."
    assert errors(checked) == [(2, "Sub-activities, row 2, Done", sentence)]


@pytest.mark.parametrize("seal", ["", "tampered", "of another activity"])
def test_without_a_genuine_version_the_wording_says_which_it_is(check, reported, seal):
    if seal == "of another activity":
        one = Activity.objects.get(number=1)
        seal = seal_item(ItemVersion(one.plan_id, one.pk, 1, item(1).pk))
    checked = check(ticked(("3", "ITEM  2", "Yes", "", seal)))
    lost = check(ticked(("3", "Something", "Yes", "", seal)))

    assert done(checked) == {3: ((item(2).pk, ON),)}
    sentence = "activity 3 has no such sub-activity. Clear the tick, or make the workbook anew."
    assert errors(lost) == [(2, "Sub-activities, row 2, Sub-activity", sentence)]


def test_same_sub_activity_ticked_twice_is_an_error(check, reported):
    row = ("3", "Item 1", "Yes", "", sealed(1))
    checked = check(ticked(row, row))

    sentence = "row 2 ticks the same sub-activity. Clear one of them."
    assert errors(checked) == [(2, "Sub-activities, row 3, Done", sentence)]


def test_tick_without_a_row_for_its_activity_is_refused(check, reported):
    rows = [("3", "Item 1", "Yes", "", sealed(1)), ("x", "Item 2", "Yes", "", sealed(2)), ("4", "Item 2", "", "")]
    with pytest.raises(UnreadableFile) as refused:
        check(ticked(*rows, row=("1",)))

    assert str(refused.value) == (
        f"Row 3 of the sheet {TICK_SHEET} ticks something without saying the number of its activity. Write it there. "
        f"The sheet {TICK_SHEET} ticks activity 3 in row 2, but the file has no row of that activity in its other "
        "sheet. Put its row back there, or clear the tick."
    )


def test_tick_takes_the_rights_of_a_report(check, reported, updater):  # noqa: F811
    table = ticked(("3", "Item 1", "Yes", "", sealed(1)), row=("3",))
    checked = check(table, by=updater("police"), **UPDATES)

    sentence = "your agency does not lead activity 3. Clear its update."
    assert errors(checked) == [(2, "Sub-activities, row 2, Done", sentence)]


def test_tick_alone_contradicts_no_newer_report(check, reported, person, importing_admin):
    table = returned(reported, agency="office")
    report(3, importing_admin, "office", "complete")
    checked = check(with_ticks(table, ("3", "Item 1", "Yes", "", sealed(1))), by=person, **UPDATES)

    assert (conflicts(checked), done(checked)) == ([], {3: ((item(1).pk, ON),)})
    assert checked.rows[2].draft.report.status.value == "complete"


@pytest.mark.parametrize(("side", "said"), [("theirs", ("paused", "Rain.")), ("ours", ("complete", ""))])
def test_tick_beside_a_conflict_is_taken_whichever_side_is(check, reported, person, importing_admin, side, said):
    cells = {3: {"Update Status": "Paused", "What Happened": "Rain."}}
    table = returned(reported, cells, agency="office", extra=("Update Status", "What Happened"))
    table = with_ticks(table, ("3", "Item 1", "Yes", "", sealed(1)))
    report(3, importing_admin, "office", "complete")
    undecided = check(table, by=person, **UPDATES)
    checked = check(table, by=person, all_conflicts=side, **UPDATES)

    assert (len(conflicts(undecided)), undecided.rows[2].draft, undecided.is_acceptable) == (1, None, False)
    told = checked.rows[2].draft.report
    assert (told.status.value, told.what_happened) == said
    assert done(checked) == {3: ((item(1).pk, ON),)}


def test_words_that_came_already_are_not_said_again_with_a_new_tick(check, reported, person):
    report(3, person, "office", "at_risk", what_happened="Rain.", barrier="Mud")
    row = ("3", "", "At risk", "Rain.")
    table = ticked(("3", "Item 1", "Yes", "", sealed(1)), row=row)
    table = replace(table, headings=(*table.headings, "Barrier"), columns=(1, 2, 3, 4, 5))
    table.rows[0] = replace(table.rows[0], cells=(*row, "Mud"))
    checked = check(table, by=person, **UPDATES)

    # Outside of a round and without versions nothing says since when: the report of no round is of the same.
    told = checked.rows[0].draft.report
    assert (told.status.value, told.is_no_change, told.what_happened, told.barrier) == ("at_risk", True, "", "")


def test_fingerprint_knows_one_tick_from_another(check, reported):
    text = "Work " * 20
    for place in (1, 2):
        SubActivity.objects.filter(position=place).update(text=f"{text}{place}")
    both = [check(ticked(("3", "", "Yes", "", sealed(place)))) for place in (1, 2)]
    other_day = check(ticked(("3", "", "Yes", "1/6/2024", sealed(1))))

    assert both[0].rows[0].changes == both[1].rows[0].changes
    assert len({one.fingerprint() for one in (*both, other_day)}) == 3


def test_ticks_cost_one_query_more(check, reported, django_assert_num_queries):
    row = ("3", "", "On track", "Words")
    blank, full = ticked(row=row), ticked(("3", "", "Yes", "", sealed(1)), ("3", "", "Yes", "", sealed(2)), row=row)
    with django_assert_num_queries(12) as plain:
        check(blank)
    with django_assert_num_queries(len(plain) + 1):
        check(full)
