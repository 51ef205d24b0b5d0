"""Year Two with an update, and tokens of a reader."""

import base64
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from plans.actions import record_update
from plans.actions.access_tokens import make_token
from plans.actions.first_history import record_first_history
from plans.models import Activity, Agency, Membership, Plan, User
from tests.conftest import load_year_two


@pytest.fixture(scope="module")
def plan(rows_of_module):
    """Year Two; Police have reported on an activity that they lead."""
    load_year_two()
    record_first_history("Loaded for tests")
    police = Agency.objects.get(code="police")
    activity = Activity.objects.filter(agency_links__agency=police, agency_links__role="lead").first()
    updater = User.objects.create_user("reporter@police.example", name="Police updater")
    Membership.objects.create(user=updater, agency=police)
    record_update(activity=activity, by=updater, status="at_risk", agency=police, what_happened="Māori wardens, =1+1")
    return Plan.objects.get()


@pytest.fixture(autouse=True)
def counted_anew(db):
    """No test is refused for what others asked."""
    cache.clear()


@pytest.fixture
def opened(settings):
    """A site that visitors may read."""
    settings.ROCC_OPEN_READING = True


@pytest.fixture
def person(plan, make_user):
    """Someone who may read."""
    return make_user("analyst@agency.example", name="Analyst")


@pytest.fixture
def make(person):
    """Makes a token of the person, or of another one: `make(name="Power BI", plan=None, by=…)` returns a `NewToken`."""

    def token(name="Report", plan=None, by=None, days=90):
        ends_on = timezone.localdate() + timedelta(days=days)
        return make_token(person=by or person, name=name, plan=plan, ends_on=ends_on)

    return token


def bearer(new):
    """Return a client that sends a token as programs do."""
    return Client(headers={"Authorization": f"Bearer {new.token}"})


def basic(name, word):
    """Return the header of HTTP Basic, as Excel sends it."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{word}'.encode()).decode()}"}
