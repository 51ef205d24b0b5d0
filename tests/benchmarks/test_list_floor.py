"""The raw SQL that lists are measured against says what the page says; else the ratio would compare two things."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils.timezone import localdate

from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.datasets import DataSet, fill
from benchmarks.list_floor import QUERY, facets_statement, page_statement
from plans.choices import NO_LEAD, Ending
from plans.filters import ActivityFilter
from plans.models import Activity, Plan
from tests.year_two import load_year_two

ENGINE = POSTGRESQL if connection.vendor == "postgresql" else SQLITE


@pytest.fixture
def filters(db):
    load_year_two()
    fill(DataSet(plans=1, activities=120))
    ended = {"ending": Ending.DELIVERED, "ended_on": localdate(), "ending_note": "All of it is done"}
    for place, activity in enumerate(Activity.objects.order_by("pk")):
        due_on = localdate() + timedelta(days=30 * (place % 4) - 30)
        Activity.objects.filter(pk=activity.pk).update(due_on=due_on, **({} if place % 5 else ended))
    return ActivityFilter(QueryDict(QUERY), plan=Plan.objects.get(slug="plan-1"), on=localdate())


def _answer(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_page_statement_finds_the_rows_of_the_page(filters):
    numbers = [row[0] for row in _answer(page_statement(ENGINE, "plan-1"))]

    assert numbers == [activity.number for activity in filters.activities]
    assert len(numbers) > 2


def test_facets_statement_counts_what_the_page_counts(filters):
    counted = {(name, value): count for name, value, count in _answer(facets_statement("plan-1"))}

    matching = counted.pop(("all", ""))
    expected = {(name, str(value)): count for (name, value), count in filters.counts.by_value.items() if count}
    expected.pop(("agency", NO_LEAD), None)
    assert matching == filters.counts.matching
    assert counted == expected
