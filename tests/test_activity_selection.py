"""Whatever is chosen, queries that were worded before answer what the same words answer with the values in place."""

import random
from datetime import date

import pytest
from django.http import QueryDict

from plans import listing
from plans.choices import DescriptionState, Freshness, Group, Role, Sort, Status
from plans.filters import ActivityFilter
from plans.listing import list_activities
from plans.models import ReportingRound
from tests.views.conftest import open_reading, report, year_two  # noqa: F401

CHOICES_EACH = 20
VALUES = {
    "focus": ["supply", "demand", "resilience", "enable"],
    "priority": ["p1", "p4", "p5", "p6", "p7"],
    "status": [one.value for one in Status],
    "agency": ["police", "msd", "all", "none", "rocc", "msd-rps-policy-office"],
    "description": [one.value for one in DescriptionState],
    "freshness": [one.value for one in Freshness],
}
ONE_VALUE = {
    "role": [one.value for one in Role],
    "sort": [one.value for one in Sort],
    "group": [one.value for one in Group],
    "q": ["a", "whānau", "1", "police 13", "e o i", "%", "_", "\\", "100% _done_", "'", "nothing-like-it", "KAINGA"],
}

SAME_SHAPE = [("100%25", "demand"), ("meth", "demand"), ("meth", "resilience"), ("a", "resilience")]


@pytest.fixture
def mixed(year_two, report):  # noqa: F811
    """The Year Two plan under way, some of it without a lead, and with a title that holds what search patterns do."""
    for number, status in enumerate([*Status, *Status], start=1):
        year_two.activities.filter(number=number).update(status=status)
    odd = year_two.activities.get(number=5)
    odd.title = "100% _done_ in c:\\gangs"
    odd.save()
    for number in (2, 9, 11):
        year_two.activities.get(number=number).agency_links.filter(role=Role.LEAD).delete()
    days = {"opened_on": date(2026, 10, 1), "due_on": date(2026, 11, 21)}
    late = ReportingRound.objects.create(plan=year_two, name="December quarter", **days)
    for number, given in {1: {}, 8: {}, 4: {"round": late}, 13: {"round": late}}.items():
        report(year_two.activities.get(number=number), **given)
    return year_two


def some_choice(chance):
    query = QueryDict(mutable=True)
    for name in chance.sample(list(VALUES), chance.randint(0, 2)):
        query.setlist(name, chance.sample(VALUES[name], chance.randint(1, len(VALUES[name]) // 2)))
    for name in chance.sample(list(ONE_VALUE), chance.randint(0, 3)):
        query[name] = chance.choice(ONE_VALUE[name])
    return query


def asked(plan, query):
    """The numbers on all pages of the list, and the count above it."""
    pages, number, found = 1, 0, []
    while number < pages:
        number += 1
        query["page"] = str(number)
        filters = ActivityFilter(query, plan=plan, on=date(2026, 11, 22))
        page = list_activities(filters)
        pages = page.page.paginator.num_pages
        found += [row.number for group in page.groups for row in group.rows]
    return found, filters.counts.matching


def put_in_place(plan, query):
    filters = ActivityFilter(query, plan=plan, on=date(2026, 11, 22))
    rows = filters.qs.with_latest_update().sorted_by(filters.order, filters.grouping)
    return [activity.number for activity in rows], filters.qs.count()


@pytest.mark.parametrize("seed", range(4))
def test_pages_of_any_choice_hold_what_the_choice_leaves(mixed, monkeypatch, seed):
    monkeypatch.setattr(listing, "ROWS_PER_PAGE", 4)
    chance = random.Random(seed)
    choices = [some_choice(chance) for _ in range(CHOICES_EACH)]

    found = {one.urlencode(): asked(mixed, one.copy()) for one in choices}

    assert found == {one.urlencode(): put_in_place(mixed, one) for one in choices}
    assert len({str(numbers) for numbers, _ in found.values()}) > CHOICES_EACH / 3


def test_same_words_are_asked_with_the_values_of_each_request(mixed):
    found = [asked(mixed, QueryDict(f"q={word}&focus={focus}", mutable=True))[0] for word, focus in SAME_SHAPE]

    assert found == [[5], [4], [], [7, 8, 9]]
