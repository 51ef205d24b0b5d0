"""Who may report is said once: every part of the tracker follows when `plans.responsibility` says otherwise."""

from datetime import date

import pytest

from plans import responsibility
from plans.choices import ImportScope, Role
from plans.models import Activity, Agency, Plan
from plans.permissions import (
    own_activities,
    reporting_agencies,
    reporting_agencies_by_activity,
    rights_on,
    updatable_activities,
)
from plans.responsibility import AGENCY, GROUP, PARENT, WAYS
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.outcome import Options
from plans.summaries import Parties
from plans.summaries.reminders import agencies_to_remind, letters_to
from plans.summaries.rounds import summarise_round
from tests.spreadsheets.checking.tables import make_table
from tests.views.conftest import open_reading, year_two  # noqa: F401 - fixtures
from tests.views.page import Page, xlsx_rows

PLAN = "/plans/year-two/"
ON = date(2024, 7, 1)
FOR_UNITS = (*WAYS, (PARENT, AGENCY))
WITHOUT_GROUPS = tuple(way for way in WAYS if GROUP not in way)
BOTH_ROLES = (Role.LEAD, Role.SUPPORT)

RULES = [
    # ways, reporting roles, the agency of a person, the numbers of the activities that it reports on
    pytest.param(WAYS, (Role.LEAD,), "police", [1, 5, 8, 10, 13], id="as it is: itself and in a group"),
    pytest.param(WAYS, (Role.LEAD,), "msd", [2, 8, 10, 12], id="as it is: itself, through a unit and in a group"),
    pytest.param(FOR_UNITS, (Role.LEAD,), "msd-rps-policy-office", [2, 8, 12], id="units report for their parent"),
    pytest.param(WITHOUT_GROUPS, (Role.LEAD,), "police", [1, 5, 8, 13], id="groups report for none of their members"),
    pytest.param(WAYS, BOTH_ROLES, "police", [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15], id="supporters report too"),
]


@pytest.fixture
def rules(monkeypatch, settings):
    """Sets the rules of `plans.responsibility` for a test, with no query prepared by the usual ones."""
    settings.ROCC_FAST = False

    def set_rules(ways, reporting):
        monkeypatch.setattr(responsibility, "WAYS", ways)
        monkeypatch.setattr(responsibility, "REPORTING", reporting)

    return set_rules


def numbers(activities):
    return sorted(one.number for one in activities)


def form_of(number):
    return f"{PLAN}activities/{number}/update/"


def leads_to_form(client, number):
    page = Page(client.get(f"{PLAN}activities/{number}/"))
    return form_of(number) in [href for _, href in page.links()]


def numbers_of_import(plan, by):
    """The activities of which a spreadsheet of that person reports without an error."""
    rows = [(str(one.number), "on track", "Under way.") for one in plan.activities.order_by("number")]
    table = make_table("Number,Update Status,What Happened", *rows)
    checked = check_table(plan, table, by=by, on=ON, scope=ImportScope.UPDATES, options=Options())
    return sorted(one.number for one in checked.rows if not one.errors)


@pytest.mark.parametrize(("ways", "reporting", "code", "expected"), RULES)
def test_everything_follows_the_rule_of_who_may_report(year_two, make_updater, rules, ways, reporting, code, expected):  # noqa: F811
    rules(ways, reporting)
    client, plan = make_updater("updater@agency.example", "Updater", code), Plan.objects.get()
    agency = Agency.objects.get(code=code)
    activities = list(Activity.objects.with_agencies())
    owed = client.get(f"{PLAN}updates/").context["owed"]
    by_activity = reporting_agencies_by_activity(client.user, plan)
    role = f"&role={reporting[0]}" if len(reporting) == 1 else ""

    found = {
        "permission": numbers(updatable_activities(client.user)),
        "rights on a page": numbers(one for one in activities if rights_on(client.user, one).may_update),
        "link on a page": [one.number for one in activities if leads_to_form(client, one.number)],
        "form": [one.number for one in activities if client.get(form_of(one.number)).status_code == 200],
        "for whom": numbers(one for one in activities if agency in reporting_agencies(client.user, one)),
        "for whom, of all": numbers(one for one in activities if agency in by_activity.get(one.pk, ())),
        "my updates": sorted(one.activity.number for one in owed if agency in one.form.agencies.values()),
        "own": numbers(own_activities(client.user, plan)),
        "list": Page(client.get(f"{PLAN}activities/?agency={code}{role}")).numbers,
        "summaries": numbers(one for one in activities if agency.pk in Parties(plan).reporting_on(one)),
        "workbook": [row[0] for row in xlsx_rows(client.get(f"{PLAN}agencies/{code}/fill-in.xlsx"))[1:]],
        "import": numbers_of_import(plan, client.user),
    }

    assert found == dict.fromkeys(found, expected)


@pytest.mark.parametrize(("ways", "reporting", "code", "expected"), RULES[:-1])
def test_reminders_go_to_those_who_may_report(year_two, make_updater, rules, ways, reporting, code, expected):  # noqa: F811
    rules(ways, reporting)
    make_updater("updater@agency.example", "Updater", code)
    plan = Plan.objects.get()
    opened = plan.rounds.create(name="Quarter", opened_on=ON, due_on=date(2026, 12, 11))

    agencies = agencies_to_remind(summarise_round(opened), Parties(plan))
    letters = letters_to(agencies, {one.lead.code for one in agencies})

    assert [row.number for one in letters for row in one.rows] == expected
    assert {person.email for one in letters for person in one.people} <= {"updater@agency.example"}


@pytest.mark.parametrize(
    "ways", [WAYS, FOR_UNITS, WITHOUT_GROUPS, ((GROUP, PARENT), *WAYS), ((PARENT, GROUP), (AGENCY, GROUP))]
)
def test_each_form_of_the_rule_says_the_same(year_two, rules, ways):  # noqa: F811
    rules(ways, (Role.LEAD,))
    parties = list(Agency.objects.with_groups())
    counting = responsibility.who_counts(parties)
    ids = {one.pk for one in parties}
    fetched = {(named, counted) for named in counting for counted in counting[named] if named != counted}

    def pairs(condition, is_named_given):
        found = {(one, other.pk) for one in ids for other in Agency.objects.filter(condition([one])) if one != other.pk}
        return found if is_named_given else {(named, counted) for counted, named in found}

    assert pairs(responsibility.counted_for, is_named_given=True) == fetched
    assert pairs(responsibility.standing_for, is_named_given=False) == fetched
    assert len(fetched) > 0
