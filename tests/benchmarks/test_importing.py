"""The parts of the benchmark of imports, on a few rows: each runs, and those that import come to the same plan."""

import pytest
from django.db import connection

from benchmarks.importing import made_up, ours
from benchmarks.importing.command import add_times
from benchmarks.importing.floor import Floor, insert
from benchmarks.importing.measuring import Stopwatch
from benchmarks.importing.round import Round, admin, new_plan
from benchmarks.importing.stock import run_stock
from plans.models import Activity, ActivityAgency, SubActivity
from tests.year_two import load_year_two

ROWS = 12
pytestmark = pytest.mark.django_db


@pytest.fixture
def activities(db):
    load_year_two()
    return made_up.make_up(ROWS)


def _imported_by_ours(activities):
    plan, person = new_plan("ours"), admin()
    content = made_up.workbook(made_up.HEADINGS, map(made_up.as_people_write, activities))
    ours.apply_bare(ours.check_bare(content, plan, person), plan, person)
    return plan


def _rows(plan):
    found = Activity.objects.filter(plan=plan).order_by("number")
    return list(found.values_list("number", "title", "focus_area", "priority_area", "description_state", "status"))


def _links(plan):
    links = ActivityAgency.objects.filter(activity__plan=plan).order_by("activity__number", "role", "agency__code")
    return list(links.values_list("activity__number", "role", "agency__code"))


def test_ours_imports_what_was_made_up(activities):
    plan = _imported_by_ours(activities)

    assert _rows(plan) == [
        (one.number, one.title, one.focus_area.pk, one.priority_area.pk, one.description_state, one.status)
        for one in activities
    ]
    assert len(_links(plan)) == 5 * ROWS
    items = SubActivity.objects.filter(activity__plan=plan).order_by("activity", "position")
    assert list(items.values_list("text", flat=True)) == [item for one in activities for item in one.items]


def test_stock_and_ours_come_to_the_same_activities_and_links(activities):
    plan, stock = _imported_by_ours(activities), new_plan("stock")
    content = made_up.workbook(made_up.HEADINGS, map(made_up.as_stock_reads, activities))

    run_stock(content, stock, dry_run=True)
    assert _rows(stock) == []
    run_stock(content, stock, dry_run=False)

    assert (_rows(stock), _links(stock)) == (_rows(plan), _links(plan))


def test_floor_leaves_the_same_rows_as_ours(activities):
    plan, other = _imported_by_ours(activities), new_plan("floor")

    insert(connection.connection, Floor(plan).rows_for(other))

    assert (_rows(other), _links(other)) == (_rows(plan), _links(plan))
    histories = [Activity.history.filter(plan=one).count() for one in (plan, other)]
    links = [ActivityAgency.history.filter(activity__plan=one).count() for one in (plan, other)]
    assert histories[0] == histories[1] > 0
    assert links == [5 * ROWS, 5 * ROWS]


def test_round_measures_all_that_the_table_shows(activities, monkeypatch):
    # The floor has a connection and a transaction of its own, where the test's rows cannot be seen.
    monkeypatch.setattr(
        "benchmarks.importing.round.read_and_insert",
        lambda content, statements: insert(connection.connection, statements),
    )
    watch, figures = Stopwatch(), []

    Round(watch, rows=ROWS, stock_rows=3).run()
    add_times(figures, "SQLite", watch.medians(), rows=ROWS, stock_rows=3)

    assert [(figure.target, figure.why_not) for figure in figures if figure.target] == [
        ("≤ 0.05", ""),
        ("≤ 10", ""),
        ("≤ 2", ""),
        ("≤ 2", ""),
    ]
