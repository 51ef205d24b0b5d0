"""What plans add up to, as the pages are given it."""

from datetime import date

import pytest

from plans.choices import AgencyKind, Role, Status
from plans.models import Activity, ActivityAgency, Agency
from plans.summaries import (
    Involvement,
    Parties,
    StatusCount,
    list_agency_activities,
    summarise_agencies,
    summarise_plan,
    tally_statuses,
)
from tests.views.conftest import make_plan, open_reading, year_two  # noqa: F401

EVERYONE = Agency(name="All", name_en="All agencies", kind=AgencyKind.GROUP)
OFFICE = Agency(name="MSD RPS Policy Office", kind=AgencyKind.UNIT)


@pytest.fixture
def plan(make_plan):  # noqa: F811
    """A plan of four activities, one of them withdrawn, beside another plan."""
    make_plan("year-three", 6)
    plan = make_plan("year-two", 4)
    plan.activities.filter(number=4).update(withdrawn_on=date(2026, 7, 1))
    return plan


def test_statuses_are_tallied_the_most_urgent_first_with_what_stands_before(year_two):  # noqa: F811
    for status, numbers in {Status.PAUSED: [1], Status.ON_TRACK: [2, 3], Status.COMPLETE: [4]}.items():
        year_two.activities.filter(number__in=numbers).update(status=status)

    assert tally_statuses(Activity.objects.filter(plan=year_two)) == (
        StatusCount(Status.ON_TRACK, 2, 0),
        StatusCount(Status.COMPLETE, 1, 2),
        StatusCount(Status.PAUSED, 1, 3),
        StatusCount(Status.NO_UPDATE, 11, 4),
    )


def test_statuses_of_nothing_are_none(db):
    assert tally_statuses(Activity.objects.none()) == ()


def test_plan_is_summarised(year_two):  # noqa: F811
    summary = summarise_plan(year_two, date(2026, 11, 22))

    assert (summary.count, summary.lead_count) == (15, 14)
    attention = summary.attention
    assert (attention.to_be_finalised_count, attention.without_lead_count, attention.off_track_count) == (2, 1, 0)
    assert [(one.focus_area.code, one.count) for one in summary.focus_areas] == [
        ("SUPPLY", 3),
        ("DEMAND", 2),
        ("RESILIENCE", 4),
        ("ENABLE", 6),
    ]
    assert [one.activity.number for one in summary.attention.rows] == [6, 15]
    assert summary.recent == ()


def test_plan_is_summarised_without_other_plans_and_what_is_withdrawn(plan):
    summary = summarise_plan(plan, date(2026, 11, 22))

    assert (summary.count, summary.lead_count) == (3, 1)
    assert [(one.focus_area.code, one.count) for one in summary.focus_areas] == [("SUPPLY", 2), ("DEMAND", 1)]
    assert [[row.number for row in one.rows] for one in summary.focus_areas] == [[1, 3], [2]]


def test_empty_plan_is_summarised_as_nothing(make_plan):  # noqa: F811
    summary = summarise_plan(make_plan("year-two", 0), date(2026, 11, 22))

    assert (summary.count, summary.lead_count, summary.statuses, summary.focus_areas) == (0, 0, (), [])
    attention = summary.attention
    assert (attention.to_be_finalised_count, attention.without_lead_count, attention.off_track_count) == (0, 0, 0)
    assert (attention.rows, summary.recent) == ((), ())


def test_six_activities_at_most_are_shown_to_need_attention(make_plan):  # noqa: F811
    plan = make_plan("year-two", 9)
    plan.activities.filter(number__gte=2).update(status=Status.OFF_TRACK)

    attention = summarise_plan(plan, date(2026, 11, 22)).attention

    assert [one.activity.number for one in attention.rows[: attention.on_screen]] == [2, 3, 4, 5, 6, 7]
    # Paper has room for more.
    assert [one.activity.number for one in attention.rows[: attention.on_paper]] == [*range(2, 10)]
    assert attention.off_track_count == 8


def test_agencies_are_summarised_without_counting_anything_twice(year_two):  # noqa: F811
    found = {one.agency.code: one for one in summarise_agencies(year_two)}
    counts = {code: (one.lead_count, one.support_count, one.shared_count) for code, one in found.items()}

    assert len(counts) == 20
    # 13 is led by Police and supported by all, of whom Police is one.
    assert counts["police"] == (4, 6, 3)
    # 12 comes through its office, the other four as one of all.
    assert counts["msd"] == (2, 2, 5)
    assert counts["msd-rps-policy-office"] == (1, 0, 0)
    assert counts["all"] == (1, 3, 0)
    assert list(found)[-1] == "all"


def test_agencies_are_summarised_without_other_plans_and_what_is_withdrawn(plan):
    assert [(one.agency.code, one.lead_count, one.support_count) for one in summarise_agencies(plan)] == [
        ("msd", 0, 3),
        ("police", 3, 0),
    ]


def test_sections_of_an_agency_agree_with_its_summary(year_two):  # noqa: F811
    for one in summarise_agencies(year_two):
        sections = list_agency_activities(year_two, one.agency, date(2026, 11, 22))

        assert [section.count for section in sections] == [one.lead_count, one.support_count, one.shared_count]
        assert [len(section.rows) for section in sections] == [section.count for section in sections]


def test_sections_are_called_by_what_the_agency_does(plan):
    sections = list_agency_activities(plan, Agency.objects.get(code="police"), date(2026, 11, 22))

    assert [section.anchor for section in sections] == ["leads", "supports", "shares"]


def test_parties_stand_for_themselves_their_parent_and_their_members(year_two):  # noqa: F811
    parties = Parties(year_two)
    codes = {agency.pk: code for code, agency in parties.by_code.items()}

    def credited(code):
        return {codes[one] for one in parties.credited(parties.by_code[code].pk)}

    assert credited("police") == {"police"}
    assert credited("msd-rps-policy-office") == {"msd-rps-policy-office", "msd"}
    assert len(credited("all")) == 14
    assert "rocc" not in credited("all")


def test_parties_cost_one_query_with_their_groups(year_two, django_assert_num_queries):  # noqa: F811
    with django_assert_num_queries(1):
        parties = Parties(year_two)
        parties.credited(parties.by_code["all"].pk)
        parties.credited(parties.by_code["police"].pk)


@pytest.mark.parametrize(
    ("through", "role", "text"),
    [
        (EVERYONE, Role.LEAD, "leads as part of All agencies"),
        (EVERYONE, Role.SUPPORT, "supports as part of All agencies"),
        (
            OFFICE,
            Role.LEAD,
            "leads through the MSD RPS Policy Office",
        ),
    ],
)
def test_involvement_is_said_in_words(through, role, text):
    assert Involvement(Agency(name="MSD"), role, through).text == f"MSD {text}"


def test_members_of_a_group_that_a_plan_does_not_name_are_its_parties(make_plan):  # noqa: F811
    plan = make_plan("year-two", 1)
    everyone = Agency.objects.create(code="all", name="All", kind=AgencyKind.GROUP)
    everyone.members.add(Agency.objects.create(code="swa", name="SWA"))
    ActivityAgency.objects.create(activity=plan.activities.get(), agency=everyone, role=Role.SUPPORT)

    counts = {
        one.agency.code: (one.lead_count, one.support_count, one.shared_count) for one in summarise_agencies(plan)
    }

    assert counts == {"msd": (0, 1, 0), "police": (1, 0, 0), "swa": (0, 0, 1), "all": (0, 1, 0)}
