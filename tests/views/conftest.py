"""Plans to look at: the published one, and any number of made ones."""

import pytest
from simple_history.utils import bulk_create_with_history

from plans.choices import DescriptionState, Role, Status
from plans.models import Activity, ActivityAgency, Agency, FocusArea, Plan, PriorityArea, StatusUpdate, SubActivity
from tests.views.page import Page
from tests.year_two import load_year_two


@pytest.fixture
def open_reading(settings):
    """The site is open to visitors."""
    settings.ROCC_OPEN_READING = True


@pytest.fixture
def closed_reading(settings):
    """The site is closed to visitors."""
    settings.ROCC_OPEN_READING = False


@pytest.fixture
def year_two(db, open_reading):
    """The Year Two plan as published, on a site that is open to visitors."""
    return load_year_two()


@pytest.fixture
def see(client):
    """What a visitor sees at an address: `see("/plans/")`, `see(address, status=404)`."""

    def answer(address, status=200, by=client):
        return Page(by.get(address), status)

    return answer


@pytest.fixture
def make_plan(db):
    """Makes a published plan of `count` activities, two focus areas in turn: `make_plan("year-three", 4)`.

    Odd numbers stand under SUPPLY and P1, even ones under DEMAND and P2; each is led by Police, supported by MSD,
    and has one sub-activity.
    """

    def make(slug, count, **fields):
        name = slug.replace("-", " ").capitalize()
        fields = {"name": f"{name} plan", "short_name": name, "is_published": True, **fields}
        plan = Plan.objects.create(slug=slug, **fields)
        make_activities(plan, range(1, count + 1))
        return plan

    return make


def make_activity(plan, number, **fields):
    """Make one more activity of a plan as `make_plan` does."""
    return make_activities(plan, [number], **fields)[0]


def make_activities(plan, numbers, **fields):
    """Make activities of a plan as `make_plan` does, with a few statements for all; each has its history."""
    numbers = list(numbers)
    places = {2 - number % 2 for number in numbers}
    focus_areas, priority_areas = {}, {}
    for place in sorted(places):
        focus_areas[place] = FocusArea.objects.get_or_create(
            code=["SUPPLY", "DEMAND"][place - 1], defaults={"position": place, "statement": f"Statement {place}"}
        )[0]
        priority_areas[place] = PriorityArea.objects.get_or_create(
            code=f"P{place}", defaults={"position": place, "name": f"Priority {place}"}
        )[0]
    activities = [
        Activity(
            plan=plan,
            number=number,
            **{
                "title": f"Title {number}",
                "description": "What it is",
                "description_state": DescriptionState.FINALISED,
                "focus_area": focus_areas[2 - number % 2],
                "priority_area": priority_areas[2 - number % 2],
                **fields,
            },
        )
        for number in numbers
    ]
    roles = [("police", "Police", Role.LEAD), ("msd", "MSD", Role.SUPPORT)]
    agencies = [
        (Agency.objects.get_or_create(code=code, defaults={"name": name})[0], role)
        for code, name, role in roles
        if numbers
    ]
    activities = _create(Activity, activities)
    _create(
        ActivityAgency,
        [
            ActivityAgency(activity=activity, agency=agency, role=role, position=position)
            for activity in activities
            for position, (agency, role) in enumerate(agencies)
        ],
    )
    _create(SubActivity, [SubActivity(activity=one, position=1, text="One step") for one in activities])
    return activities


def _create(model, rows):
    return bulk_create_with_history(rows, model) if rows else []


@pytest.fixture
def report(make_user):
    """Records a report of Police and moves the activity's status: `report(activity, Status.ON_TRACK, made_at=…)`."""
    author = make_user("reports@agency.example", name="Police updater")

    def record(activity, status=Status.ON_TRACK, **fields):
        Activity.objects.filter(pk=activity.pk).update(status=status)
        fields = {"agency": Agency.objects.get(code="police"), "author": author, "status": status, **fields}
        return StatusUpdate.objects.create(activity=activity, **fields)

    return record
