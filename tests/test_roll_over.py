"""Rolling Year Two over into a made-up Year Three, and back."""

from datetime import date
from io import BytesIO
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from plans.actions.first_history import record_first_history
from plans.actions.roll_over import (
    CHANGED,
    PUBLISHED,
    choose,
    end_old_activities,
    make_draft,
    read_steps,
    undo_roll_over,
)
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


def test_undoing_removes_what_was_made_and_making_again_brings_back_what_was_edited(
    plan, chosen, make, programme_admin
):
    new = make()
    before, edited = in_force(new), in_force(new)["1"]
    edited.title = "Edited by hand"
    edited.save()
    areas = {"focus_area": edited.focus_area, "priority_area": edited.priority_area}
    Activity.objects.create(plan=new, number=99, title="Added", **areas)
    undo_roll_over(plan=plan, by=programme_admin.user, reason="Too early", on=TODAY)
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


def test_nothing_is_made_or_undone_once_the_next_plan_is_published(plan, chosen, make, programme_admin):
    new = make()
    new.is_published = True
    new.save()
    for act in (make, lambda: undo_roll_over(plan=plan, by=programme_admin.user, reason="Late", on=TODAY)):
        with pytest.raises(ValidationError, match=PUBLISHED):
            act()


def test_endings_are_written_when_asked_for(plan, chosen, make, programme_admin):
    make()
    assert not plan.activities.ended().exists()
    assert end_old_activities(plan=plan, by=programme_admin.user, on=TODAY) == 15
    ended = {str(one.number): (one.ending, one.ending_note) for one in plan.activities.all()}
    assert ended["4"] == ("delivered", "All of it is done.")
    assert ended["6"] == ("stopped", "No funding.")
    assert ended["5"] == ("carried_on", "Goes on in the next plan.")
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


ADDRESS = "/plans/year-two/roll-over/"


@pytest.fixture
def site(plan, programme_admin):
    """Sends the forms of the pages as they were opened, with what is given changed."""

    def send(path, **changes):
        form_of = programme_admin.get(f"{ADDRESS}{path}").context
        data = {}
        for form in form_of.get("forms", []):
            for field in form:
                data[field.html_name] = field.value() or ""
        for name in ("form", "new_form"):
            for field in form_of.get(name) or []:
                if field.value() not in (None, False):
                    data[field.html_name] = field.value()
        return programme_admin.post(f"{ADDRESS}{path}", {**data, **changes}, follow=True)

    return send


def name_of(number, field):
    return f"activity-{number}-{field}"


def test_pages_roll_a_plan_over_and_undo_it(plan, site, programme_admin, reader, open_reading):  # noqa: F811
    answer = site(
        "",
        **{
            name_of(2, "outcome"): "split",
            name_of(2, "titles"): "One\nTwo",
            name_of(3, "outcome"): "merge",
            name_of(3, "merge_with"): "5",
            name_of(3, "titles"): "Both",
            name_of(5, "outcome"): "merge",
        },
    )
    assert "Choices saved." in answer.content.decode()
    answer = site("make/", short_name="Year Three", slug="year-three")
    assert "The draft of" in answer.content.decode()
    new = Plan.objects.get(slug="year-three")
    assert len(in_force(new)) == 15
    # A reader sees neither the draft nor that something continues the activity.
    assert reader.get("/plans/year-three/").status_code == 404
    assert reader.get("/plans/year-three/activities.csv").status_code == 404
    for path in ("activities/2/", "activities/2/history/", "closing-report/", "closing-report.csv"):
        answer = reader.get(f"/plans/year-two/{path}")
        content = b"".join(answer) if answer.streaming else answer.content
        assert b"Year Three" not in content
    page = programme_admin.get("/plans/year-two/activities/2/").content.decode()
    assert "Continued by" in page
    assert "16 of Year Three" in page
    page = programme_admin.get("/plans/year-three/activities/3/history/").content.decode()
    assert "/plans/year-two/activities/5/history/" in page
    assert "was edited" not in programme_admin.get(f"{ADDRESS}undo/").content.decode()
    answer = site("undo/", reason="Too early")
    assert "Undone." in answer.content.decode()
    assert in_force(new) == {}
    new.is_published = True
    new.save()
    assert "has been published" in programme_admin.get(ADDRESS).content.decode()


def test_published_plan_is_continued_for_readers(plan, chosen, make, reader):
    new = make()
    Plan.objects.filter(pk=new.pk).update(is_published=True)
    assert "16 of Year Three" in reader.get("/plans/year-two/activities/2/").content.decode()
    assert "5 of Year Two" in reader.get("/plans/year-three/activities/3/").content.decode()
    record = load_workbook(BytesIO(reader.get("/plans/year-two/activities/2/record.xlsx").content))
    facts = {row[0]: row[1] for row in record.worksheets[-1].iter_rows(values_only=True)}
    assert facts["Continued by"] == "2 of Year Three: First part; 16 of Year Three: Second part"
    csv = b"".join(reader.get("/plans/year-two/closing-report.csv")).decode()
    assert "2 of Year Three; 16 of Year Three" in csv


def test_of_two_people_who_choose_for_one_activity_the_second_is_told(plan, chosen, site, programme_admin):
    page = programme_admin.get(ADDRESS)
    data = {field.html_name: field.value() or "" for form in page.context["forms"] for field in form}
    choose(
        plan=plan, choices={numbered(plan, 1): {"outcome": "delivered", "sentence": "Done"}}, by=programme_admin.user
    )
    sentence = name_of(1, "sentence")
    answer = programme_admin.post(ADDRESS, {**data, sentence: "Mine"}).content.decode()
    assert "Someone changed this choice after you opened the page, to “Delivered – Done”." in answer
    assert ">\nMine</textarea>" in answer
    # What only the other one changed stays as they have it.
    programme_admin.post(ADDRESS, data)
    assert numbered(plan, 1).roll_over_choice.sentence == "Done"


def test_what_is_missing_is_said_and_a_taken_address_too(plan, site, programme_admin):
    answer = site("", **{name_of(2, "outcome"): "split"})
    assert "1 activity still needs a choice: 2." in answer.content.decode()
    page = programme_admin.get(f"{ADDRESS}make/").content.decode()
    assert "Some activities need a choice first." in page
    site("", **{name_of(2, "outcome"): "continue"})
    answer = site("make/", slug="year-two").content.decode()
    assert "There is already a plan with this address." in answer
    assert "There is no activity 77 in this plan." in site("", **{name_of(2, "merge_with"): "77"}).content.decode()


def test_endings_are_written_on_a_page_and_reported(plan, chosen, make, site, programme_admin):
    make()
    answer = site("end/", on="2026-06-30").content.decode()
    assert "How 15 activities of Year Two ended is written down." in answer
    assert "Stopped: 1." in answer
    assert "Carried on in another plan: 13." in answer


def test_a_plan_without_activities_has_nothing_to_roll_over(year_two, programme_admin):  # noqa: F811
    Plan.objects.create(slug="empty", name="Empty", short_name="Empty")
    assert "No activities to roll over" in programme_admin.get("/plans/empty/roll-over/").content.decode()
    assert "has no activities to report on" in programme_admin.get("/plans/empty/closing-report/").content.decode()


def test_a_draft_is_made_and_undone_all_at_once(plan, chosen, make, programme_admin):
    """Row by row, a thousand activities took longer than a server waits."""
    with CaptureQueriesContext(connection) as queries:
        make()
    assert len(queries) < 5 * 13
    with CaptureQueriesContext(connection) as queries:
        undo_roll_over(plan=plan, by=programme_admin.user, reason="Too early", on=TODAY)
    assert len(queries) < 2 * 13


@pytest.mark.parametrize("path", ["roll-over/", "roll-over/make/", "roll-over/undo/", "closing-report/"])
def test_queries_are_as_many_however_many_activities(plan, chosen, make, programme_admin, path):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert programme_admin.get(f"/plans/year-two/{path}").status_code == 200
        return len(queries)

    make()
    count()
    before = count()
    old = numbered(plan, 1)
    areas = {"focus_area": old.focus_area, "priority_area": old.priority_area}
    new = [Activity.objects.create(plan=plan, number=number, title=f"Title {number}", **areas) for number in (16, 17)]
    choose(plan=plan, choices={one: {"outcome": "continue"} for one in new}, by=programme_admin.user)
    make()
    assert count() == before


def test_lineage_is_shown_as_it_was(plan, chosen, make, programme_admin, reader):
    record_first_history("Loaded")
    new = make()
    as_draft = quote(timezone.now().isoformat())
    new.is_published = True
    new.save()
    address = f"/plans/year-two/activities/2/?at={as_draft}"
    # It was a draft then; the past is shown to everyone as to readers.
    for person in (programme_admin, reader):
        assert "Year Three" not in person.get(address).content.decode()
    address = f"/plans/year-two/activities/2/?at={quote(timezone.now().isoformat())}"
    assert "16 of Year Three" in reader.get(address).content.decode()


@pytest.mark.parametrize(("path", "sent"), [("", {"activity-1-sentence": "Mine"}), ("undo/", {"reason": "Because"})])
def test_next_plan_published_meanwhile_is_said_and_nothing_typed_is_lost(
    plan, chosen, make, site, monkeypatch, path, sent
):
    new = make()
    new.is_published = True
    new.save()
    # As if it had been published just after the page looked.
    monkeypatch.setattr("plans.views.roll_over._is_over", lambda found: False)
    answer = site(path, **sent)
    assert answer.status_code == 200
    assert next(iter(sent.values())) in answer.content.decode()
    assert RollOver.objects.get().undone_at is None
