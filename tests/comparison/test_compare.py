"""What two snapshots of a plan differ in: a function of plain values."""

from datetime import date

import pytest

from plans.choices import Compared, Marking
from plans.models import Agency, FocusArea, PriorityArea
from plans.summaries.comparison import Snapshot, compare_snapshots
from plans.summaries.comparison.difference import MORE, shortened
from plans.summaries.comparison.snapshot import COLUMNS, ITEM_COLUMNS, ActivityThen, BarrierThen, ItemThen
from plans.summaries.record.words import GONE, NEW, SAME
from plans.summaries.reference_names import Names

POLICE, MSD, MOE = 1, 2, 3
NAMES = {POLICE: "Police", MSD: "MSD", MOE: "Education"}
BLANK = dict.fromkeys(COLUMNS, "") | dict.fromkeys(("starts_on", "due_on", "ended_on", "withdrawn_on"))
OF_ALL = {"number": 1, "title": "Title", "description": "What it is", "description_state": "finalised"}
VALUES = BLANK | OF_ALL | {"focus_area_id": 1, "priority_area_id": 1, "status": "on_track"}
DAY = date(2026, 1, 1)
OTHER = {
    "number": 7,
    "description_state": "to_be_finalised",
    "focus_area_id": 2,
    "priority_area_id": 2,
    **dict.fromkeys(("starts_on", "due_on", "ended_on", "withdrawn_on"), DAY),
    "status": "at_risk",
    "programme_rating": "at_risk",
    "ending": "stopped",
}
"""What another value of a column is, where any words will not do."""
OF_ITEM = dict.fromkeys(ITEM_COLUMNS) | {"text": "One step", "footnote": "", "is_done": False}
BARRIER = BarrierThen(1, "No money", False, "", False, "")


def item(pk=1, **values):
    return ItemThen(pk, tuple({**OF_ITEM, **values}[name] for name in ITEM_COLUMNS))


ITEM = item()


def names(**others):
    agencies = {pk: Agency(pk=pk, name=others.get(f"agency_{pk}", name)) for pk, name in NAMES.items()}
    areas = {1: FocusArea(pk=1, code="SUPPLY"), 2: FocusArea(pk=2, code="DEMAND")}
    return Names(agencies, areas, {pk: PriorityArea(pk=pk, name=f"P{pk}") for pk in (1, 2)})


def activity(pk=1, leads=(POLICE,), supports=(MSD,), items=(), barriers=(), **values):
    columns = tuple({**VALUES, "number": pk, **values}[name] for name in COLUMNS)
    return ActivityThen(pk, columns, leads, supports, items, barriers)


def snapshot(*activities, left=None, **others):
    found = {one.pk: one for one in activities}
    in_force = {pk for pk, one in found.items() if one.value("withdrawn_on") is None}
    return Snapshot(found, frozenset(in_force if left is None else left), names(**others), Marking.UNCLASSIFIED)


def compared(was, now):
    """What became of one activity: its kind and its differences as (subject, before, after)."""
    found = compare_snapshots(snapshot(*was), snapshot(*now)).activities
    [one] = found
    return one.kind, [(what.subject, what.before, what.after) for what in one.differences]


def test_nothing_changed():
    comparison = compare_snapshots(snapshot(activity(1), activity(2)), snapshot(activity(1), activity(2)))
    assert comparison.activities == ()
    assert comparison.same_count == 2
    assert comparison.counts == {}


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ([], [activity()], Compared.NEW),
        ([activity(withdrawn_on=DAY)], [activity()], Compared.BACK),
        ([activity()], [activity(withdrawn_on=DAY)], Compared.WITHDRAWN),
        ([activity()], [], Compared.WITHDRAWN),
        ([activity()], [activity(ending="delivered")], Compared.ENDED),
        ([activity(ending="delivered")], [activity()], Compared.CHANGED),
        ([activity()], [activity(title="Other")], Compared.CHANGED),
    ],
)
def test_each_activity_is_of_one_kind(was, now, kind):
    assert [one.kind for one in compare_snapshots(snapshot(*was), snapshot(*now)).activities] == [kind]


def test_what_moves_into_and_out_of_the_filter():
    was, now = [activity(1), activity(2), activity(3)], [activity(1), activity(2, title="Other"), activity(3)]
    comparison = compare_snapshots(snapshot(*was, left={1}), snapshot(*now, left={2}))
    assert [(one.kind, len(one.differences)) for one in comparison.activities] == [
        (Compared.LEFT, 0),
        (Compared.ENTERED, 1),
    ]
    assert comparison.counts == {Compared.ENTERED: 1, Compared.LEFT: 1}


def test_what_is_outside_the_filter_at_both_moments_is_not_looked_at():
    comparison = compare_snapshots(snapshot(activity(), left=()), snapshot(activity(title="Other"), left=()))
    assert (comparison.activities, comparison.same_count) == ((), 0)


def test_an_ending_says_more_than_leaving_the_filter():
    [one] = compare_snapshots(snapshot(activity()), snapshot(activity(ending="stopped"), left=())).activities
    assert (one.kind, one.is_left) == (Compared.ENDED, True)


@pytest.mark.parametrize(
    ("was", "now", "differences"),
    [
        ({}, {"title": "Other"}, [("Title", "Title", "Other")]),
        ({}, {"number": 7}, [("Number", "1", "7")]),
        ({}, {"status": "at_risk"}, [("Status", "On track", "At risk")]),
        ({}, {"description_state": "to_be_finalised"}, [("Description state", "Finalised", "To be finalised")]),
        ({}, {"focus_area_id": 2}, [("Focus area", "Supply", "Demand")]),
        ({}, {"programme_rating": "at_risk"}, [("Programme rating", "", "At risk")]),
        ({}, {"leads": (POLICE, MOE)}, [("Lead agencies", "Police", "Police; Education")]),
        ({"leads": ()}, {"supports": ()}, [("Lead agencies", "", "Police"), ("Support agencies", "MSD", "")]),
        ({}, {"items": (ITEM,)}, [("Sub-activity added", "", "One step")]),
        ({"items": (ITEM,)}, {}, [("Sub-activity withdrawn", "One step", "")]),
        ({"items": (ITEM,)}, {"items": (item(withdrawn_on=DAY),)}, [("Sub-activity withdrawn", "One step", "")]),
        ({"items": (item(withdrawn_on=DAY),)}, {"items": (ITEM,)}, [("Sub-activity added", "", "One step")]),
        ({"items": (ITEM,)}, {"items": (item(text="Step"),)}, [("Sub-activity", "One step", "Step")]),
        (
            {"items": (ITEM,)},
            {"items": (item(agency_id=MOE, is_done=True, done_on=DAY),)},
            [("Responsible agency", "", "Education"), ("Sub-activity done", "Not done", "Done on 1 January 2026")],
        ),
        ({}, {"barriers": (BARRIER,)}, [("Barrier raised", "", "No money")]),
        (
            {"barriers": (BARRIER,)},
            {"barriers": (BARRIER._replace(is_resolved=True),)},
            [("Barrier resolved", "No money", "")],
        ),
        (
            {"barriers": (BARRIER,)},
            {"barriers": (BARRIER._replace(is_escalated=True),)},
            [("Barrier escalated", "", "")],
        ),
        ({"barriers": (BARRIER,)}, {"barriers": (BARRIER._replace(text="No"),)}, [("Barrier", "No money", "No")]),
    ],
)
def test_every_difference_is_told(was, now, differences):
    assert compared([activity(**was)], [activity(**now)]) == (Compared.CHANGED, differences)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_that_the_history_tells_of_is_compared(name):
    now = activity(**{name: OTHER.get(name, "Other")})
    [one] = compare_snapshots(snapshot(activity()), snapshot(now)).activities
    assert len(one.differences) == 1


def test_another_name_of_an_agency_is_no_change_of_its_activities():
    assert compare_snapshots(snapshot(activity()), snapshot(activity(), agency_1="Pirihimana")).activities == ()


def test_agencies_are_marked_one_by_one():
    [one] = compare_snapshots(snapshot(activity(leads=(POLICE, MSD))), snapshot(activity(leads=(MSD, MOE)))).activities
    assert one.differences[0].pieces == [
        (GONE, "Police"),
        (SAME, ", "),
        (SAME, "MSD"),
        (SAME, ", "),
        (NEW, "Education"),
    ]


def test_agencies_in_another_order_are_told_as_a_whole():
    [one] = compare_snapshots(
        snapshot(activity(leads=(POLICE, MSD))), snapshot(activity(leads=(MSD, POLICE)))
    ).activities
    [what] = one.differences
    assert what.pieces == [(GONE, "Police; MSD"), (NEW, "MSD; Police")]
    assert what.note == "in another order"


def test_an_item_that_others_were_put_before_is_as_it_was():
    new = item(2, text="First")
    kind, differences = compared([activity(items=(ITEM,))], [activity(items=(new, ITEM))])
    assert (kind, differences) == (Compared.CHANGED, [("Sub-activity added", "", "First")])


def test_descriptions_are_compared_word_by_word():
    [one] = compare_snapshots(
        snapshot(activity(description="What it is now")), snapshot(activity(description="What it was now"))
    ).activities
    assert one.differences[0].pieces == [(SAME, "What it "), (GONE, "is"), (NEW, "was"), (SAME, " now")]


@pytest.mark.parametrize("word", ["word ", "x"])
def test_a_text_of_any_length_is_told_in_few_characters(word):
    before, after = word * 50_000, f"{word * 25_000}new {word * 25_000}"
    [one] = compare_snapshots(snapshot(activity(description=before)), snapshot(activity(description=after))).activities
    assert sum(len(text) for _, text in one.differences[0].pieces) < 4_000


def test_what_stayed_is_shortened_between_changes_and_at_the_ends():
    long = "a" * 500
    pieces = shortened([(SAME, long), (NEW, "b"), (SAME, long), (GONE, "c"), (SAME, long)])
    assert [text for _, text in pieces] == [
        f"{MORE}{'a' * 100}",
        "b",
        f"{'a' * 100}{MORE} {MORE}{'a' * 100}",
        "c",
        f"{'a' * 100}{MORE}",
    ]


def test_activities_are_in_the_order_of_their_numbers_and_subjects_by_how_many():
    was = [activity(pk, number=number) for pk, number in ((1, 10), (2, 9), (3, 2))]
    now = [activity(1, number=10, title="Other"), activity(2, number=9, title="Other")]
    comparison = compare_snapshots(snapshot(*was), snapshot(*now, was[2]))
    assert [one.number for one in comparison.activities] == [9, 10]
    assert comparison.subjects == [("Title", 2)]
