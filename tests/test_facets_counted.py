"""The counts behind the filters are what filtering would leave, whatever is chosen."""

import random
from datetime import date

import pytest
from django.http import QueryDict

from plans.choices import Role
from plans.filters import ActivityFilter
from plans.models import Activity, ActivityAgency, Agency
from tests.views.conftest import make_activity, make_plan, open_reading, year_two  # noqa: F401

CHOSEN = [
    "",
    "agency=police",
    "agency=msd&role=lead",
    "agency=msd&agency=police&role=support",
    "agency=none",
    "agency=none&agency=apa&role=support",
    "role=support",
    "focus=demand&agency=all",
    "q=rocc&agency=tpk",
]


def matching(plan, query):
    return ActivityFilter(QueryDict(query), plan=plan, on=date(2026, 11, 22)).activities.count()


@pytest.fixture
def tangled(year_two):  # noqa: F811
    """The Year Two plan, with further links by chance, also of units, groups and their members on one activity."""
    chance = random.Random(7)
    agencies = list(Agency.objects.order_by("pk"))
    regions = Agency.objects.create(code="regions", name="Regions", kind="group")
    regions.members.set([one for one in agencies if one.code in ("police", "msd", "rps")])
    for activity in Activity.objects.order_by("pk"):
        named = set(activity.agency_links.values_list("agency", flat=True))
        for agency in chance.sample([regions, *agencies], 4):
            if agency.pk not in named:
                role = chance.choice(Role.values)
                ActivityAgency.objects.create(activity=activity, agency=agency, role=role, position=9)
    return year_two


@pytest.mark.parametrize("chosen", CHOSEN)
def test_each_count_is_what_its_choice_would_leave(tangled, chosen):
    filters = ActivityFilter(QueryDict(chosen), plan=tangled, on=date(2026, 11, 22))
    shown = {(facet.name, one.value): one.count for facet in filters.facets for one in facet.values}
    without = {
        name: "&".join(one for one in chosen.split("&") if one and not one.startswith(f"{name}="))
        for name in ("agency", "role", "focus")
    }

    left = {
        (name, value): matching(tangled, f"{without[name]}&{name}={value}") for name, value in shown if name in without
    }

    assert {key: count for key, count in shown.items() if key in left} == left
    assert filters.counts.matching == matching(tangled, chosen)
