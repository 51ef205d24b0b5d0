from datetime import UTC, date, datetime

import pytest

from plans.choices import AgencyKind, Role
from plans.models import ActivityAgency, Agency, Plan
from plans.summaries.activity_row import name_of, say_support
from plans.templatetags.tracker import agency_names, day, plan_period
from plans.text import count_of

POLICE = Agency(name="Police", name_mi="Ngā Pirihimana o Aotearoa", name_en="New Zealand Police")
KAINGA_ORA = Agency(name="Kāinga Ora", name_mi="Kāinga Ora", name_en="Homes and Communities")
ALL = Agency(name="All", name_en="All agencies", kind=AgencyKind.GROUP)
NAMELESS_GROUP = Agency(name="Everyone", kind=AgencyKind.GROUP)


def links(*agencies, role=Role.SUPPORT):
    return [ActivityAgency(agency=agency, role=role) for agency in agencies]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2024, 7, 1), "1 July 2024"),
        (datetime(2024, 6, 30, 11, 59, tzinfo=UTC), "30 June 2024"),
        (datetime(2024, 6, 30, 12, 0, tzinfo=UTC), "1 July 2024"),
        (datetime(2024, 12, 31, 11, 0, tzinfo=UTC), "1 January 2025"),
        (None, ""),
        ("", ""),
    ],
)
def test_day_is_the_day_in_new_zealand(value, words):
    assert day(value) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 agencies"), (1, "1 agency"), (2, "2 agencies")])
def test_count_of_agrees_with_its_noun(count, words):
    assert count_of(count, "agency,agencies") == words


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (date(2024, 7, 1), date(2025, 6, 30), "1 July 2024 to 30 June 2025"),
        (date(2024, 7, 1), None, "From 1 July 2024"),
        (None, date(2025, 6, 30), "Until 30 June 2025"),
        (None, None, "Dates to be confirmed"),
    ],
)
def test_plan_period_says_what_is_known(starts_on, ends_on, words):
    assert plan_period(Plan(starts_on=starts_on, ends_on=ends_on)) == words


@pytest.mark.parametrize(
    ("agencies", "words"),
    [
        ([], ""),
        ([POLICE], "1 supporting"),
        ([POLICE, KAINGA_ORA], "2 supporting"),
        ([ALL], "all agencies supporting"),
        ([NAMELESS_GROUP], "everyone supporting"),
    ],
)
def test_supporters_are_counted_but_not_those_of_a_group(agencies, words):
    assert say_support(links(*agencies)) == words


def test_agency_names_mark_te_reo_and_keep_their_order():
    names = [name_of(agency) for agency in (POLICE, KAINGA_ORA, ALL)]

    assert agency_names(names) == 'Police, <span lang="mi">Kāinga Ora</span>, All agencies'


def test_agency_names_of_nobody_are_blank():
    assert agency_names([]) == ""


@pytest.mark.parametrize("is_te_reo", [True, False])
def test_agency_names_escape_what_could_be_markup(is_te_reo):
    agency = Agency(name="<b>&", name_mi="<b>&" if is_te_reo else "")

    assert agency_names([name_of(agency)]).removeprefix('<span lang="mi">').removesuffix("</span>") == "&lt;b&gt;&amp;"
