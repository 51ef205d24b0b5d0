"""Rolling Year Two over into a made-up Year Three, and back."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from plans.actions.roll_over import CHANGED, PUBLISHED, choose, end_old_activities, make_draft, read_steps, take_back
from plans.choices import RollOverDates
from plans.models import Activity, ActivityAgency, Lineage, Plan, RollOver, SubActivity
from plans.summaries.roll_over import NO_PARTNER, NO_PARTS, NO_SENTENCE, NOT_CHOSEN, TWO_TITLES, problems_of
from tests.views.conftest import open_reading, year_two  # noqa: F401

TODAY = date(2027, 6, 30)


@pytest.fixture
def plan(year_two):  # noqa: F811
    """Year Two, whose first activity is due."""
    Activity.objects.filter(plan=year_two, number=1).update(starts_on="2026-07-01", due_on="2028-02-29")
    return year_two


def numbered(plan, number):
    return Activity.objects.get(plan=plan, number=number)


@pytest.fixture
def chosen(plan, programme_admin):
    """Choose for all activities: 2 is split, 3 and 5 are merged, 4 is delivered, 6 stopped; the others continue."""
    choices = {one: {"outcome": "continue"} for one in plan.activities.all()}
    choices[numbered(plan, 2)] = {"outcome": "split", "titles": "First part\n\n Second  part \n"}
    choices[numbered(plan, 3)] = {"outcome": "merge", "merge_with": numbered(plan, 5), "titles": "Both"}
    choices[numbered(plan, 5)] = {"outcome": "merge"}
    choices[numbered(plan, 4)] = {"outcome": "delivered", "sentence": "All of it is done."}
    choices[numbered(plan, 6)] = {"outcome": "stopped", "sentence": "No funding."}
    choose(plan=plan, choices=choices, by=programme_admin.user)
    return RollOver.objects.get(old_plan=plan)


@pytest.fixture
def make(plan, programme_admin):
    """Make the draft, the first time as Year Three."""

    def make(**how):
        is_first = not RollOver.objects.filter(old_plan=plan, new_plan__isnull=False).exists()
        new = Plan(slug="year-three", name="Year Three ROCC Action Plan", short_name="Year Three") if is_first else None
        how = {"dates": RollOverDates.MOVED, "new_plan": new, **how}
        return make_draft(plan=plan, by=programme_admin.user, **how).new_plan

    return make


def in_force(plan):
    return {str(one.number): one for one in plan.activities.in_force().order_by("number")}


def lineage(new):
    pairs = Lineage.objects.filter(later__plan=new).values_list("earlier__number", "later__number")
    return sorted((str(earlier), str(later)) for earlier, later in pairs)


def test_year_two_is_rolled_over_with_a_split_and_a_merge(plan, chosen, make):
    new = make()
    made = in_force(new)
    assert not new.is_published
    assert (made["2"].title, made["16"].title, made["3"].title) == ("First part", "Second part", "Both")
    assert sorted(made, key=int) == [str(one) for one in (1, 2, 3, *range(7, 17))]
    assert {("2", "2"), ("2", "16"), ("3", "3"), ("5", "3")} <= set(lineage(new))
    assert len(lineage(new)) == 14
    first, old = made["1"], numbered(plan, 1)
    assert (first.title, first.description, first.status) == (old.title, old.description, "no_update")
    assert (first.starts_on, first.due_on) == (date(2027, 7, 1), date(2029, 2, 28))
    places = ["agency", "role", "position"]
    links = ActivityAgency.objects.order_by("role", "position").values_list(*places)
    assert list(links.filter(activity=first)) == list(links.filter(activity=old))
    assert made["2"].is_to_be_finalised
    assert {one.history_change_reason for one in first.history.all()} == {"Rolled over from Year Two"}


def test_open_sub_activities_come_along_and_a_merge_has_the_agencies_of_both(plan, chosen, make):
    three = numbered(plan, 3)
    SubActivity.objects.create(activity=three, text="Done", is_done=True, done_on=TODAY)
    SubActivity.objects.create(activity=three, text="To do", due_on=TODAY)
    made = in_force(make(dates=RollOverDates.KEPT))["3"]
    texts = list(made.sub_activities.values_list("text", flat=True))
    assert "To do" in texts
    assert "Done" not in texts
    assert made.sub_activities.get(text="To do").due_on == TODAY
    agencies = {link.agency for old in (3, 5) for link in numbered(plan, old).agency_links.all()}
    assert {link.agency for link in made.agency_links.all()} == agencies


def test_numbers_and_dates_as_chosen(plan, chosen, make):
    made = in_force(make(dates=RollOverDates.CLEARED, is_renumbered=True))
    assert sorted(made, key=int) == [str(one) for one in range(1, 14)]
    assert made["1"].due_on is None


def test_repeating_takes_new_choices_and_keeps_what_was_edited(plan, chosen, make, programme_admin):
    new = make()
    edited, other = in_force(new)["1"], in_force(new)["7"]
    edited.title = "Edited by hand"
    edited.save()
    added = Activity.objects.create(
        plan=new, number=99, title="Added", focus_area=edited.focus_area, priority_area=edited.priority_area
    )
    old = numbered(plan, 7)
    old.title = "A new title in Year Two"
    old.save()
    stopped = {numbered(plan, 8): {"outcome": "stopped", "sentence": "Not now."}}
    choose(plan=plan, choices=stopped, by=programme_admin.user)
    make()
    made = in_force(new)
    assert made["1"].title == "Edited by hand"
    assert made["7"].title == "A new title in Year Two"
    assert made["7"].pk == other.pk
    assert "8" not in made
    assert made["99"] == added
    assert len(lineage(new)) == 13


def test_what_would_be_overwritten_is_said_and_needs_a_yes(plan, chosen, make):
    new = make()
    for activity in (in_force(new)["1"], numbered(plan, 1)):
        activity.title = f"Title of {activity.plan.short_name}"
        activity.save()
    steps = read_steps(RollOver.objects.get(), RollOverDates.MOVED)
    assert [(one.activity.number, one.crossed) for one in steps.crossed] == [(1, ("title",))]
    make()
    assert in_force(new)["1"].title == "Title of Year Three"
    with pytest.raises(ValidationError, match=CHANGED):
        make(is_overwriting=True, seen="something else")
    make(is_overwriting=True, seen=read_steps(RollOver.objects.get(), RollOverDates.MOVED).fingerprint)
    assert in_force(new)["1"].title == "Title of Year Two"
    assert not read_steps(RollOver.objects.get(), RollOverDates.MOVED).needs_choice


def test_taking_back_removes_what_was_made_and_making_again_brings_back_what_was_edited(
    plan, chosen, make, programme_admin
):
    new = make()
    before, edited = in_force(new), in_force(new)["1"]
    edited.title = "Edited by hand"
    edited.save()
    areas = {"focus_area": edited.focus_area, "priority_area": edited.priority_area}
    Activity.objects.create(plan=new, number=99, title="Added", **areas)
    take_back(plan=plan, by=programme_admin.user, reason="Too early", on=TODAY)
    assert list(in_force(new)) == ["99"]
    assert lineage(new) == []
    assert not edited.history.filter(history_type="-").exists()
    assert Lineage.history.filter(history_type="-").count() == 14
    make()
    assert {number: one.pk for number, one in in_force(new).items() if number != "99"} == {
        number: one.pk for number, one in before.items()
    }
    assert in_force(new)["1"].title == "Edited by hand"
    assert len(lineage(new)) == 14


def test_nothing_is_made_or_taken_back_once_the_next_plan_is_published(plan, chosen, make, programme_admin):
    new = make()
    new.is_published = True
    new.save()
    for act in (make, lambda: take_back(plan=plan, by=programme_admin.user, reason="Late", on=TODAY)):
        with pytest.raises(ValidationError, match=PUBLISHED):
            act()


def test_endings_are_written_when_asked_for(plan, chosen, make, programme_admin):
    make()
    assert not plan.activities.ended().exists()
    assert end_old_activities(plan=plan, by=programme_admin.user, on=TODAY) == 15
    ended = {str(one.number): (one.ending, one.ending_note) for one in plan.activities.all()}
    assert ended["4"] == ("delivered", "All of it is done.")
    assert ended["6"] == ("stopped", "No funding.")
    assert ended["5"] == ("carried_on", "Goes on in Year Three.")
    assert end_old_activities(plan=plan, by=programme_admin.user, on=TODAY) == 0


@pytest.mark.parametrize(
    ("number", "values", "problem"),
    [
        (1, {"outcome": ""}, NOT_CHOSEN),
        (4, {"sentence": ""}, NO_SENTENCE),
        (2, {"titles": "Only one"}, NO_PARTS),
        (5, {"titles": "Another title"}, TWO_TITLES),
        (7, {"outcome": "merge"}, NO_PARTNER),
    ],
)
def test_choices_that_lack_something_make_nothing(plan, chosen, make, programme_admin, number, values, problem):
    choose(plan=plan, choices={numbered(plan, number): values}, by=programme_admin.user)
    choices = {one.activity_id: one for one in chosen.choices.all()}
    assert problem in problems_of(list(plan.activities.order_by("number")), choices).values()
    with pytest.raises(ValidationError):
        make()
    assert not Plan.objects.filter(slug="year-three").exists()


def test_a_slug_that_is_taken_makes_nothing(plan, chosen, make):
    with pytest.raises(ValidationError, match="already"):
        make(new_plan=Plan(slug="year-two", name="Again", short_name="Again"))
    assert RollOver.objects.get().new_plan is None
