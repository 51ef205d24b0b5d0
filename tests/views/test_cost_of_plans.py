"""What a page costs in queries does not depend on how many other plans there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.models import Plan
from tests.fast.test_conditional_pages import PAGES


def costs(client):
    counted = {}
    for address in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted[address] = len(queries)
    return counted


@pytest.mark.parametrize("role", ["visitor", "reader", "programme_admin"])
def test_pages_cost_as_many_queries_for_fifty_plans_as_for_one(make_plan, open_reading, request, role):
    client = request.getfixturevalue(role)
    make_plan("year-two", 2)
    costs(client)
    alone = costs(client)

    for number in range(49):
        make_plan(f"year-{number}", 1)

    assert Plan.objects.count() == 50
    assert costs(client) == alone
