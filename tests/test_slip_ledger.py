"""Due dates and their moves, as the history has them: the first one is never lost."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from plans.actions import edit_activity
from plans.choices import DateSort, Due
from plans.filters.due_dates import DueDateFilter
from plans.models import Activity, SubActivity
from plans.summaries.slip_ledger import DueWork, Move, _work, read_ledger, sort_ledger, timeline
from tests.views.conftest import open_reading, see, year_two  # noqa: F401
from tests.views.page import csv_rows, said, xlsx_rows

TODAY = localdate()
FEBRUARY, JUNE, SEPTEMBER = date(2027, 2, 10), date(2027, 6, 30), date(2027, 9, 30)
PAGE = "/plans/year-two/dates/"


@pytest.fixture
def admin(programme_admin):
    return programme_admin.user


@pytest.fixture
def move(year_two, admin):  # noqa: F811
    def to(number, day, why="Funding is late"):
        activity = Activity.objects.get(number=number)
        activity.due_on = day
        edit_activity(activity=activity, by=admin, reason=why, changed=["due_on"])

    return to


def ledger(plan, number, on=TODAY):
    return [one for one in read_ledger(plan, Activity.objects.filter(plan=plan), on) if one.number == number]


def test_date_that_was_set_once_has_not_moved(year_two, move):  # noqa: F811
    move(2, JUNE, "Agreed")
    move_other_things = Activity.objects.get(number=2)
    move_other_things.title = "Another title"
    move_other_things.save()

    [work] = ledger(year_two, 2, on=JUNE)
    assert (work.first_on, work.due_on, work.moves, work.days, work.state) == (JUNE, JUNE, (), 0, Due.SOON)


def test_every_move_is_told_with_who_why_and_days(year_two, move):  # noqa: F811
    for day, why in [(FEBRUARY, "Agreed"), (JUNE, "Funding"), (SEPTEMBER, "Staff"), (JUNE, "They came")]:
        move(2, day, why)

    [work] = ledger(year_two, 2)
    assert [(one.by, one.why, one.before, one.after, one.days) for one in work.moves] == [
        ("Programme admin", "Funding", FEBRUARY, JUNE, 140),
        ("Programme admin", "Staff", JUNE, SEPTEMBER, 92),
        ("Programme admin", "They came", SEPTEMBER, JUNE, -92),
    ]
    assert (work.first_on, work.days) == (FEBRUARY, 140)


def test_date_that_was_removed_and_set_again_has_moved_from_where_it_was(year_two, move):  # noqa: F811
    for day in (FEBRUARY, None, JUNE):
        move(2, day)

    [work] = ledger(year_two, 2)
    assert [(one.before, one.after, one.days) for one in work.moves] == [
        (FEBRUARY, None, None),
        (FEBRUARY, JUNE, 140),
    ]
    move(2, None)
    [work] = ledger(year_two, 2)
    assert (work.first_on, work.due_on, work.days, work.state) == (FEBRUARY, None, None, Due.NONE)


def test_sub_activities_have_their_own_dates(year_two, admin):  # noqa: F811
    item = SubActivity.objects.filter(activity__number=3).first()
    item.due_on = FEBRUARY
    edit_activity(activity=item.activity, by=admin, reason="Agreed", items=[item])
    item.due_on = JUNE
    edit_activity(activity=item.activity, by=admin, reason="Later", items=[item])

    activity, work = ledger(year_two, 3, on=SEPTEMBER)
    assert (activity.item, activity.state) == ("", Due.NONE)
    assert (work.item, work.due_on, work.first_on, len(work.moves), work.state) == (
        item.text,
        JUNE,
        FEBRUARY,
        1,
        Due.LATE,
    )


def test_order_is_that_of_saving_whatever_the_clock_says(year_two, move):  # noqa: F811
    move(2, FEBRUARY)
    Activity.history.filter(id=Activity.objects.get(number=2).pk).update(history_date="2030-01-01T00:00:00Z")
    move(2, JUNE)

    [work] = ledger(year_two, 2)
    assert (work.first_on, [one.after for one in work.moves]) == (FEBRUARY, [JUNE])


@given(st.lists(st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2030, 1, 1))), max_size=8))
def test_first_date_is_the_first_ever_set(days):
    """For any sequence of what stood in the date, the first that was one stays the first planned."""
    changes, before = [], None
    for day in days:
        if day != before:
            changes.append((None, "", "", before, day))
        before = day

    work = _work(1, 1, "", before, changes, "")
    assert work.first_on == next((day for day in days if day), None)
    if before:
        assert work.days == sum(move.days or 0 for move in work.moves)


def work(number, due_on, state, moves=0, first_on=None):
    moved = tuple(Move(None, "", "", due_on, due_on) for _ in range(moves))
    return DueWork(number, number, "", due_on, first_on or due_on, moved, state)


def test_orders_put_what_has_no_date_last():
    rows = [work(1, SEPTEMBER, Due.LATER), work(2, None, Due.NONE), work(3, JUNE, Due.SOON, moves=2, first_on=FEBRUARY)]
    numbers = {sort: [one.number for one in sort_ledger(rows, sort)] for sort in DateSort}

    assert numbers == {
        DateSort.DUE: [3, 1, 2],
        DateSort.NUMBER: [1, 2, 3],
        DateSort.FIRST: [3, 1, 2],
        DateSort.MOVES: [3, 1, 2],
        DateSort.DAYS: [3, 1, 2],
    }


@pytest.mark.parametrize(
    ("last", "labels"),
    [
        (date(2027, 3, 1), ["Jan 2027", "Feb 2027", "Mar 2027"]),
        (date(2029, 4, 1), ["Jan–Mar 2027", "Apr–Jun 2027", "Apr–Jun 2029"]),
        (date(2040, 4, 1), ["2027", "2028", "2040"]),
    ],
)
def test_timeline_is_by_month_quarter_or_year_without_gaps(last, labels):
    bars = timeline(
        [work(1, date(2027, 1, 5), Due.LATE), work(2, date(2027, 1, 9), Due.LATER), work(3, last, Due.SOON)]
    )

    assert [bar.label for bar in (*bars[:2], bars[-1])] == labels
    assert [(piece.state, piece.start, piece.size) for piece in bars[0].pieces] == [
        ("late", 0, 1),
        ("soon", 1, 0),
        ("later", 1, 1),
    ]
    assert {bar.widest for bar in bars} == {2}


def test_nothing_that_is_done_or_has_no_date_is_on_the_timeline():
    assert timeline([work(1, JUNE, ""), work(2, None, Due.NONE)]) == []


def rows_of(page):
    """The rows of the table of due dates, which comes after the timeline."""
    return [[said(cell) for cell in row] for row in [*page.main.iter("table")][-1].iter("tr")]


def test_page_shows_dates_moves_and_reasons(year_two, move, see):  # noqa: F811
    move(2, TODAY - timedelta(days=40), "Agreed")
    move(2, TODAY - timedelta(days=1), "Funding is late")
    move(5, TODAY + timedelta(days=300), "Agreed")
    page = see(PAGE)

    assert "All with a due date (2)" in page.text
    assert "Past its due date (1)" in page.text
    assert "No due date (13)" in page.text
    _, late, later = rows_of(page)
    assert late[0] == "2"
    assert "+39 days" in late
    assert "1 time" in page.text
    assert "Programme admin: Funding is late" in page.text
    assert later[0] == "5"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2, 5]),
        ("due=late", [2]),
        ("due=late&due=later", [2, 5]),
        ("due=none&agency=police&role=lead", [1, 8, 10, 13]),
        ("agency=police&role=lead", [5]),
        ("sort=-days", [2, 5]),
        ("sort=-moves&q=5", [5]),
    ],
)
def test_page_takes_the_filters_of_the_list(year_two, move, query, numbers):  # noqa: F811
    move(2, TODAY - timedelta(days=40))
    move(2, TODAY - timedelta(days=1))
    move(5, TODAY + timedelta(days=300))
    filters = DueDateFilter(QueryDict(query), plan=year_two, on=TODAY)

    assert [one.number for one in filters.works] == numbers


@pytest.mark.parametrize("query", ["?due=never", "?sort=status", "?group=focus", "?view=table", "?nothing=1"])
def test_unknown_values_are_errors_with_no_rows(year_two, see, client, query):  # noqa: F811
    page = see(f"{PAGE}{query}")

    assert [*page.main.iter("table")] == []
    assert client.get(f"/plans/year-two/dates.csv{query}").status_code == 400


def test_sub_activities_can_be_asked_for_alone(year_two, move, see, client):  # noqa: F811
    move(2, FEBRUARY, "Agreed")
    item = Activity.objects.get(number=5).sub_activities.create(text="Hold hui", position=1, due_on=JUNE)

    page = see(f"{PAGE}?of=sub-activities")
    [response, both] = [client.get(f"/plans/year-two/dates.csv{query}") for query in ("?of=sub-activities", "")]

    assert {"Both (2)", "Activities (1)", "Sub-activities (1)"} <= {said(one) for one in page.main.iter("a")}
    assert "Sub-activity: Hold hui" in page.text
    assert "1 due date" in page.text
    assert "year-two-due-dates-sub-activities" in response["Content-Disposition"]
    assert [row[2] for row in csv_rows(response)[1:]] == [item.text]
    assert [row[2] for row in csv_rows(both)[1:]] == ["", item.text]
    assert "Choose from: activities, sub-activities." in see(f"{PAGE}?of=rounds").text


def test_page_without_dates_says_who_sets_them(year_two, see, programme_admin):  # noqa: F811
    assert "Programme admins set them." in see(PAGE).text
    assert "import a spreadsheet" in programme_admin.get(PAGE).content.decode()


@pytest.mark.parametrize(("ending", "read"), [("csv", csv_rows), ("xlsx", xlsx_rows)])
def test_files_have_a_row_for_each_move(year_two, move, client, ending, read):  # noqa: F811
    for day, why in [(FEBRUARY, "Agreed"), (JUNE, "=Funding"), (SEPTEMBER, "Staff")]:
        move(2, day, why)
    move(5, FEBRUARY)
    response = client.get(f"/plans/year-two/dates.{ending}?sort=number")
    headings, *rows = read(response)

    assert "year-two-due-dates" in response["Content-Disposition"]
    found = [dict(zip(headings, row, strict=True)) for row in rows]
    assert [(str(row["Activity Number"]), str(row["By Days"] or ""), row["Moved By"] or "") for row in found] == [
        ("2", "140", "Programme admin"),
        ("2", "92", "Programme admin"),
        ("5", "", ""),
    ]
    assert not found[0]["Reason"].startswith("=") or ending == "xlsx"


def test_activity_says_what_its_date_was_first_planned_for(year_two, move, see):  # noqa: F811
    move(2, FEBRUARY)
    assert "first planned" not in see("/plans/year-two/activities/2/").text
    move(2, JUNE)
    page = see("/plans/year-two/activities/2/")
    assert "30 June 2027, first planned for 10 February 2027" in page.text
    move(2, None)
    assert "No due date, first planned for 10 February 2027" in see("/plans/year-two/activities/2/").text


def test_page_costs_the_same_for_few_and_many(year_two, move, client, django_assert_num_queries):  # noqa: F811
    client.get(PAGE)
    for number in (2, 3):
        move(number, JUNE)
    with django_assert_num_queries(9):
        client.get(PAGE)
    for number in range(4, 16):
        move(number, JUNE)
        move(number, FEBRUARY)
    with django_assert_num_queries(9):
        client.get(f"{PAGE}?sort=number")
    assert reverse("plans:due_dates", args=["year-two"]) == PAGE
