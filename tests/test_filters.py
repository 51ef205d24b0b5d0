"""What filters bind and refuse, and that the counts behind them are true of every value."""

from datetime import date

import pytest
from django.http import QueryDict

from plans.choices import Ending, PlanCheck, Role, Sort, Status, UpdateKind
from plans.filters import ActivityFilter
from plans.filters.strict_filters import UNSEEN
from plans.models import AcceptedCheck, Activity, Barrier, Plan, ReportingRound, StatusUpdate, User
from tests.views.conftest import open_reading, report, year_two  # noqa: F401

# Counted by the page in many ways; here each count is held against the list that it promises.
PROMISES = [
    "",
    "agency=police&role=lead",
    "agency=police&agency=none&role=support",
    "agency=msd&q=a",
    "q=kainga&focus=resilience",
    "role=support&description=to_be_finalised",
    "focus=supply&focus=enable&status=on_track&priority=p6&priority=p7",
    "agency=all&status=on_track&status=no_update",
    "agency=police&freshness=never&freshness=overdue",
    "agency=police&role=lead&attention=any",
    "due=late&due=soon&agency=police",
    "checks=no_due_date&checks=undone&agency=police",
    "checks=any&status=on_track",
    "rating=differs&rating=none&status=off_track",
    "ending=open&ending=stopped&agency=police",
]
DUE = {
    2: date(2026, 11, 21),
    7: date(2026, 11, 21),
    3: date(2026, 11, 22),
    4: date(2026, 12, 22),
    5: date(2026, 12, 23),
}
"""Due dates around the day before the tests' own, thirty days later, and one more."""


@pytest.fixture
def under_way(year_two, report):  # noqa: F811
    """The Year Two plan with some statuses and reports, the day after a round was due."""
    for status, numbers in {Status.ON_TRACK: [1, 4, 10, 13], Status.OFF_TRACK: [5, 12], Status.COMPLETE: [7]}.items():
        year_two.activities.filter(number__in=numbers).update(status=status)
    for number in (1, 4, 8):
        report(year_two.activities.get(number=number))
    days = {"opened_on": date(2026, 10, 1), "due_on": date(2026, 11, 21)}
    late = ReportingRound.objects.create(plan=year_two, name="December quarter", **days)
    report(year_two.activities.get(number=1), round=late)
    return year_two


def bind(plan, query):
    return ActivityFilter(QueryDict(query), plan=plan, on=date(2026, 11, 22), has_checks=True)


def numbers(filters):
    return [activity.number for activity in filters.activities]


def test_needs_attention_is_any_of_its_reasons(under_way):
    # In the plan as it is: off track 5 and 12, no lead 6, to be finalised 6 and 15; then a barrier, and overdue ones.
    received = {"round": under_way.rounds.get(), "kind": UpdateKind.REPORT, "status": Status.ON_TRACK}
    author = User.objects.first()
    for number in (2, 3, 9, 11, 14):
        activity = under_way.activities.get(number=number)
        agency = activity.agency_links.filter(role=Role.LEAD).first().agency
        StatusUpdate.objects.create(activity=activity, agency=agency, author=author, **received)
    update = StatusUpdate.objects.filter(activity__number=3).first()
    escalation = {"is_escalated": True, "escalated_at": update.made_at, "escalated_by": author}
    Barrier.objects.create(activity=update.activity, update=update, text="No supplier", **escalation)

    assert numbers(bind(under_way, "attention=any")) == [3, 4, 5, 6, 8, 10, 12, 13, 15]
    assert numbers(bind(under_way, "attention=any&agency=police&role=lead")) == [5, 8, 10, 13]
    early = ActivityFilter(QueryDict("attention=any"), plan=under_way, on=date(2026, 11, 21))
    assert numbers(early) == [3, 5, 6, 12, 15]


@pytest.fixture
def with_due_dates(under_way):
    """The same with due dates on some activities, of which 7 is complete, ratings of the programme, and three ended."""
    for number, day in DUE.items():
        under_way.activities.filter(number=number).update(due_on=day)
    for number, rating in {1: Status.AT_RISK, 2: Status.PAUSED, 4: Status.ON_TRACK, 5: Status.ON_TRACK}.items():
        under_way.activities.filter(number=number).update(programme_rating=rating, programme_rating_reason="Why")
    for number, ending in {9: "stopped", 11: "stopped", 14: "delivered"}.items():
        ended = {"ending": ending, "ended_on": date(2026, 11, 1), "ending_note": "Why"}
        under_way.activities.filter(number=number).update(**ended)
    return under_way


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("due=late", [2]),
        ("due=soon", [3, 4]),
        ("due=later", [5]),
        ("due=none", [1, 6, *range(8, 16)]),
        ("due=late&due=later", [2, 5]),
        ("due=soon&status=on_track", [4]),
        ("due=late&sort=due", [2]),
        ("rating=differs", [1, 2, 5]),
        ("rating=same", [4]),
        ("rating=differs&rating=same&due=soon", [4]),
        ("rating=none&due=soon", [3]),
        ("ending=stopped", [9, 11]),
        ("ending=stopped&ending=delivered", [9, 11, 14]),
        ("ending=open&due=none", [1, 6, 8, 10, 12, 13, 15]),
        ("sort=due&agency=police&role=lead&due=later", [5]),
    ],
)
def test_due_dates_and_ratings_are_chosen(with_due_dates, query, expected):
    assert numbers(bind(with_due_dates, query)) == expected


def test_list_sorted_by_due_date_ends_with_those_without_one(with_due_dates):
    assert numbers(bind(with_due_dates, "sort=due"))[:6] == [2, 7, 3, 4, 5, 1]


def test_what_is_past_its_due_date_needs_attention_until_it_is_complete(with_due_dates):
    with_due_dates.rounds.update(due_on=date(2026, 12, 31))
    assert numbers(bind(with_due_dates, "attention=any")) == [2, 5, 6, 12, 15]
    with_due_dates.activities.filter(number=2).update(status=Status.COMPLETE)
    assert numbers(bind(with_due_dates, "attention=any")) == [5, 6, 12, 15]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("checks=undone", [12]),
        ("checks=no_due_date&checks=undone&agency=police&role=lead", [1, 8, 10, 13]),
        ("checks=any&due=later", [5]),
    ],
)
def test_checks_are_chosen_by_what_an_activity_fails(with_due_dates, query, expected):
    with_due_dates.activities.filter(number=12).update(status=Status.COMPLETE)
    assert numbers(bind(with_due_dates, query)) == expected


def test_accepted_check_leaves_the_list_and_its_count(with_due_dates):
    with_due_dates.activities.filter(number=12).update(status=Status.COMPLETE)
    activity, author = with_due_dates.activities.get(number=12), User.objects.first()
    said = {"reason": "Agreed", "until": date(2026, 11, 22), "author": author}
    AcceptedCheck.objects.create(activity=activity, name=PlanCheck.UNDONE, **said)

    filters = bind(with_due_dates, "checks=undone")
    assert (numbers(filters), filters.counts.matching) == ([], 0)
    assert filters.counts.by_value["checks", "undone"] == 0


def test_those_who_do_not_see_checks_have_no_filter_by_them(with_due_dates):
    filters = ActivityFilter(QueryDict("checks=any"), plan=with_due_dates, on=date(2026, 11, 22))

    assert not filters.is_valid()
    assert filters.errors_elsewhere == [UNSEEN["checks"]]
    assert "checks" not in [facet.name for facet in filters.facets]
    assert numbers(filters) == []


@pytest.mark.parametrize("query", PROMISES)
def test_every_count_is_the_length_of_the_list_that_it_promises(with_due_dates, query):
    filters = bind(with_due_dates, query)
    promised, kept = {}, {}
    for facet in filters.facets:
        for one in facet.values:
            alone = filters.data.copy()
            alone[facet.name] = one.value
            promised[facet.name, one.value] = one.count
            kept[facet.name, one.value] = len(numbers(bind(with_due_dates, alone.urlencode())))

    assert promised == kept
    assert len(promised) == 1 + 4 + 7 + 21 + 2 + 4 + 4 + 3 + (1 + len(Ending)) + 1 + (1 + len(PlanCheck)) + 2 + 7


@pytest.mark.parametrize("query", PROMISES)
def test_matching_is_the_length_of_the_list(under_way, query):
    filters = bind(under_way, query)

    assert (filters.counts.matching, filters.in_plan) == (len(numbers(filters)), 15)


def test_blank_values_are_as_good_as_absent(year_two):  # noqa: F811
    filters = bind(year_two, "q=+&agency=&focus=&role=&sort=&page=")

    assert filters.is_valid()
    assert (dict(filters.data), filters.query, filters.chips) == ({}, "", [])
    assert filters.order == Sort.NUMBER


def test_same_value_twice_is_one_value(year_two):  # noqa: F811
    filters = bind(year_two, "agency=police&agency=POLICE&agency=police")

    assert filters.chosen["agency"] == ["police"]
    assert [chip.label for chip in filters.chips] == ["Agency: Police"]


def test_role_once_more_in_the_same_words_is_no_mistake(year_two):  # noqa: F811
    assert bind(year_two, "role=lead&role=LEAD").is_valid()


@pytest.mark.parametrize("query", ["status=x", "x=1", "page=0", "role=lead&role=support", "q=%00"])
def test_what_is_refused_leaves_no_activity_and_nothing_chosen(year_two, query):  # noqa: F811
    filters = bind(year_two, f"{query}&focus=supply")

    assert not filters.is_valid()
    assert numbers(filters) == []
    assert filters.chosen["focus"] == []


def test_query_leaves_out_the_page_and_what_goes_without_saying(year_two):  # noqa: F811
    filters = bind(year_two, "q=a+b&sort=number&page=3&agency=police&focus=supply&focus=demand")

    assert filters.query == "q=a+b&agency=police&focus=supply&focus=demand"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("agency=police", "Police leads as part of All agencies"),
        ("agency=all", None),
        ("agency=rocc", None),
    ],
)
def test_parties_say_how_an_agency_comes_to_be_there(year_two, query, text):  # noqa: F811
    filters = bind(year_two, query)
    activity = Activity.objects.with_agencies().get(number=10)

    found = filters.parties.involvements(activity, filters.chosen["agency"])

    assert [one.text for one in found] == ([text] if text else [])


def test_agency_that_leads_and_is_one_of_all_is_there_by_itself(year_two):  # noqa: F811
    filters = bind(year_two, "agency=police")
    activity = Activity.objects.with_agencies().get(number=13)

    assert filters.parties.involvements(activity, ["police"]) == []


def test_nothing_is_asked_of_the_database_for_filters_that_need_none(
    year_two,  # noqa: F811
    django_assert_num_queries,
):
    plan = Plan.objects.with_open_round().get()

    with django_assert_num_queries(0):
        assert bind(plan, "q=gang&status=on_track&role=lead&description=finalised&sort=status").is_valid()


def test_facets_name_their_roles_as_a_person_would(year_two):  # noqa: F811
    (role,) = (facet for facet in bind(year_two, "role=support").facets if facet.name == "role")

    assert [(one.value, one.label, one.is_chosen) for one in role.values] == [
        (Role.LEAD, "Leads", False),
        (Role.SUPPORT, "Supports", True),
    ]
    assert role.chosen == ["support"]


def test_agencies_with_most_to_show_come_first_and_the_others_can_be_shown(under_way):
    (facet,) = [one for one in bind(under_way, "").facets if one.name == "agency"]

    assert (len(facet.first), len(facet.others), facet.is_open) == (8, 13, False)
    assert min(one.count for one in facet.first) >= max(one.count for one in facet.others)
    chosen = bind(under_way, f"agency={facet.others[0].value}")
    assert next(one for one in chosen.facets if one.name == "agency").is_open


@pytest.mark.parametrize(("query", "is_open"), [("", False), ("focus=supply", True), ("focus=nowhere", True)])
def test_filter_that_is_folded_opens_where_something_is_chosen_or_wrong(under_way, query, is_open):
    (facet,) = [one for one in bind(under_way, query).facets if one.name == "focus"]

    assert (facet.is_folded, facet.is_open) == (True, is_open)
