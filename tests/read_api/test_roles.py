"""What a token opens, by whose it is: the lists that its person may see now, and no page of the site."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from plans.actions.access_tokens import make_token
from plans.models import Plan
from tests.read_api.conftest import basic, bearer

HERE = "/api/v1/plans/year-two/"
DRAFT = "/api/v1/plans/draft/"
ROLES = ["reader", "police_updater", "programme_admin"]
# {address: statuses for the roles in their order}
LISTS = {
    "/api/v1/openapi.json": (200, 200, 200),
    "/api/v1/plans.json": (200, 200, 200),
    "/api/v1/nothing": (404, 404, 404),
    **{f"{HERE}{name}.json": (200, 200, 200) for name in ("activities", "updates", "barriers", "dates", "changes")},
    **{f"{HERE}{name}.csv": (200, 200, 200) for name in ("activities", "updates", "barriers", "dates", "changes")},
    f"{DRAFT}activities.json": (404, 404, 200),
    f"{DRAFT}activities.csv": (404, 404, 200),
}
# To pages a token is nothing: whoever sends it is a visitor.
PAGES = ("/plans/year-two/", "/plans/year-two/activities.csv", "/manage/", "/account/tokens/", "/people/", "/admin/")


@pytest.fixture(params=ROLES)
def role(request, plan):
    client = request.getfixturevalue(request.param)
    ends_on = timezone.localdate() + timedelta(days=1)
    return ROLES.index(request.param), make_token(person=client.user, name="Report", plan=None, ends_on=ends_on)


def test_a_token_opens_the_lists_of_its_person(role):
    place, new = role
    Plan.objects.create(slug="draft", name="Draft plan", short_name="Draft")
    client = bearer(new)

    told = {address: client.get(address).status_code for address in LISTS}
    assert told == {address: statuses[place] for address, statuses in LISTS.items()}


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_a_token_opens_no_page(role, way):
    _, new = role
    client = bearer(new) if way == "bearer" else Client(headers=basic("anyone", new.token))

    assert {address: client.get(address).status_code for address in PAGES} == dict.fromkeys(PAGES, 302)
