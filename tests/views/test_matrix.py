"""`/plans/<plan>/matrix/`: summary tables, in which each figure leads to the list of what it counts."""

import pytest

from plans.choices import Status
from plans.models import Agency
from tests.views.page import said

MATRIX = "/plans/year-two/matrix/"
LIST = "/plans/year-two/activities/"


def tables(page):
    """The rows of each table, as what a screen reader says of their cells."""
    return [
        [[said(cell) for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")]
        for table in page.main.iter("table")
    ]


@pytest.fixture
def under_way(year_two):
    """The Year Two plan with some statuses."""
    for status, numbers in {Status.ON_TRACK: [1, 2, 3, 5], Status.OFF_TRACK: [4]}.items():
        year_two.activities.filter(number__in=numbers).update(status=status)
    return year_two


def test_statuses_are_counted_by_focus_area_and_in_all(under_way, see):
    headings, *rows = tables(see(MATRIX))[0]

    assert headings == ["Focus area", *(one.label for one in Status), "All"]
    counts = {row[0].split(" ")[0]: [*map(int, row[1:])] for row in rows}
    assert counts["Supply"] == [0, 0, 3, 0, 0, 0, 0, 3]
    assert counts["Demand"] == [0, 0, 1, 0, 1, 0, 0, 2]
    assert counts["All"] == [10, 0, 4, 0, 1, 0, 0, 15]


def test_agencies_are_totalled_and_activities_counted_once(under_way, see):
    rows = {row[0]: row[1:] for row in tables(see(MATRIX))[1]}

    # Leads and supports of Supply, Demand, Resilience, Enable and all of them.
    assert [*map(int, rows["Police"])] == [1, 2, 1, 1, 1, 2, 2, 4, 5, 9]
    assert [*map(int, rows["TNOC"])] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    anyone = rows["Activities each counted once"]
    assert [*map(int, anyone)] == [3, 2, 2, 2, 3, 2, 6, 6, 14, 12]


def test_groups_stand_apart_from_the_agencies(under_way, see):
    names = [row[0] for row in tables(see(MATRIX))[1]]

    place = names.index("Groups (also counted for each of their members above)")
    assert names[place + 1 : -1] == ["All"]
    assert "Police" in names[:place]


def test_plan_without_groups_has_no_heading_for_them(make_plan, open_reading, see):
    make_plan("year-two", 3)

    assert "Groups" not in see(MATRIX).text


def test_every_figure_leads_to_exactly_that_many(under_way, see):
    page = see(MATRIX)

    figures = {(int(words), href) for words, href in page.links() if words.isdecimal()}
    assert len(figures) > 90
    some = sorted(figures)[::6]
    assert [(len(see(href).numbers), href) for _, href in some] == some


def test_nothing_is_a_dot_that_is_said_as_zero(under_way, see):
    page = see(MATRIX)

    dots = [one for one in page.main.iter("span") if one.text == "·"]
    assert len(dots) > 100
    assert {one.get("aria-hidden") for one in dots} == {"true"}
    assert {said(page.closest(one, {"td"})) for one in dots} == {"0"}


def test_tint_follows_the_count_and_the_figure_is_always_there(under_way, see):
    (table, _) = see(MATRIX).main.iter("table")

    tints = {said(cell): cell.get("class") for cell in table.find("tbody").iter("td") if "tint" in cell.get("class")}
    # The highest is 6, Enable without an update.
    assert tints == {"1": "num tint-1", "3": "num tint-2", "4": "num tint-3", "6": "num tint-4"}


@pytest.mark.parametrize("count", [1, 15])
def test_tables_cost_as_many_queries_for_one_activity_as_for_fifteen(
    make_plan, open_reading, client, django_assert_num_queries, count
):
    make_plan("year-two", count)
    group = Agency.objects.create(code="all", name="All", kind="group")
    group.members.add(Agency.objects.get(code="police"))
    client.get("/plans/")

    with django_assert_num_queries(6):
        client.get(MATRIX)
