"""The admin with many plans: no list asks more often, offers more or looks at more than with one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.models import Activity, ActivityAgency, Agency, Plan, StatusUpdate
from tests.views.imports import make_import

LISTS = [f"/admin/plans/{model}/" for model in ("activity", "plan", "statusupdate", "import", "agency", "focusarea")]
OFFERED = re.compile(r'\?(?:activity__)?plan__id__exact=(\d+)"')


@pytest.fixture
def original(year_two_of_module, db, programme_admin):
    """The one plan, with an update and an import."""
    plan = Plan.objects.get()
    StatusUpdate.objects.create(
        activity=plan.activities.first(), author=programme_admin.user, kind="set", status="paused", what_happened="Why"
    )
    make_import(plan, programme_admin.user)
    return plan


@pytest.fixture
def make_many(original, programme_admin):
    """Makes fifty more plans, each with an activity that Police lead, an update and an import."""

    def make():
        names = [f"Plan {place}" for place in range(50)]
        plans = Plan.objects.bulk_create(
            Plan(slug=name.replace(" ", "-").lower(), name=name, short_name=name) for name in names
        )
        areas = {name: getattr(original.activities.first(), name) for name in ("focus_area", "priority_area")}
        activities = Activity.objects.bulk_create(Activity(plan=plan, number=1, title="One", **areas) for plan in plans)
        police = Agency.objects.get(code="police")
        ActivityAgency.objects.bulk_create(
            ActivityAgency(activity=one, agency=police, role="lead") for one in activities
        )
        StatusUpdate.objects.bulk_create(
            StatusUpdate(activity=one, author=programme_admin.user, kind="set", status="paused", what_happened="Why")
            for one in activities
        )
        for plan in plans:
            make_import(plan, programme_admin.user)
        return plans

    return make


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_lists_cost_the_same_for_one_plan_and_for_fifty(programme_admin, make_many):
    for_one = {address: count_queries(programme_admin, address) for address in LISTS}
    make_many()

    assert {address: count_queries(programme_admin, address) for address in LISTS} == for_one
    assert max(for_one.values()) == for_one[LISTS[0]] == 11


@pytest.mark.parametrize("address", [LISTS[0], *LISTS[2:4]])
def test_lists_offer_the_latest_plans_and_the_chosen_one(programme_admin, make_many, original, address):
    oldest = make_many()[-1]
    latest = [plan.pk for plan in Plan.objects.all()[:20]]
    name = "activity__plan__id__exact" if "statusupdate" in address else "plan__id__exact"

    def offered(query):
        # The other filters keep the chosen plan, so it stands there more than once.
        return list(dict.fromkeys(map(int, OFFERED.findall(programme_admin.get(address, query).text))))

    assert oldest.pk not in latest
    assert offered({}) == latest
    assert offered({name: oldest.pk}) == [oldest.pk, *latest]


def test_list_of_plans_leads_to_the_activities_of_each(programme_admin, make_many):
    plan = make_many()[7]
    page = programme_admin.get("/admin/plans/plan/").text
    address = f"/admin/plans/activity/?plan__id__exact={plan.pk}"

    assert f'<a href="{address}">List</a>' in page
    assert [one.plan for one in programme_admin.get(address).context["cl"].result_list] == [plan]


def test_no_form_offers_all_activities_to_choose_from(programme_admin, original):
    pages = [f"/admin/plans/activity/{original.activities.first().pk}/change/", "/admin/plans/activity/add/"]
    titles = set(Activity.objects.exclude(title="").values_list("title", flat=True))
    options = [re.findall(r"<option[^>]*>([^<]*)", programme_admin.get(page).text) for page in pages]

    assert all(len(found) > 10 for found in options)
    assert titles.isdisjoint(text for found in options for text in found)
