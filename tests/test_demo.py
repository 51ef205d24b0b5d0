"""The demo: made up whole, in a database that holds nothing else, and said to be so on each page."""

from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.timezone import localdate

from plans.choices import ImportState, PlanCheck, Status
from plans.management.demo import rounds_until
from plans.models import AcceptedCheck, Activity, Agreement, Barrier, Import, Plan, ReportingRound, StatusUpdate, User
from plans.querysets.plan_checks import checks_in
from tests.year_two import load_year_two

BAND = "Every update, barrier and person on this site is made up."
CAST = ["Police updater", "Te Whatu Ora updater", "Reader", "Programme admin"]


@pytest.fixture
def demo_site(settings, db):
    """A site of which the environment says that it is a demo."""
    settings.ROCC_DEMO = True


def run():
    printed = StringIO()
    call_command("demo", stdout=printed)
    return printed.getvalue().splitlines()


def counts():
    return [model.objects.count() for model in (Activity, StatusUpdate, Barrier, ReportingRound, Import, User)]


def test_demo_is_a_year_of_rounds_with_updates_barriers_a_correction_and_an_import(demo_site):
    lines = run()

    plan = Plan.objects.get()
    rounds = ReportingRound.objects.order_by("due_on")
    assert [one.is_open for one in rounds] == [False, False, False, True]
    assert all(one.closing_report for one in rounds if not one.is_open)
    assert {one.status for one in plan.activities.all()} == set(Status)
    assert StatusUpdate.objects.filter(replaced_by__isnull=False).count() == 1
    assert [(one.number, one.status) for one in plan.activities.filter(leads_differ=True)] == [(3, Status.OFF_TRACK)]
    checked = plan.activities.with_open_checks(localdate()).order_by("number")
    failed = {check for one in checked for check in checks_in(one.open_checks)}
    assert failed >= {PlanCheck.PAST_DUE, PlanCheck.NO_DUE_DATE, PlanCheck.MOVED, PlanCheck.LEAD_GONE}
    assert [one.activity.number for one in AcceptedCheck.objects.order_by("activity__number")] == [10, 14]
    assert [barrier.activity.number for barrier in Barrier.objects.open().filter(is_escalated=True)] == [5]
    assert Barrier.objects.exclude(resolved_at=None).exists()
    rated = plan.activities.exclude(programme_rating="").order_by("number")
    assert [(one.number, one.is_rating_different) for one in rated] == [(1, False), (5, True)]
    answers = Agreement.objects.standing().order_by("update__activity__number")
    assert [(one.update.activity.number, one.agrees) for one in answers] == [(3, True), (5, False)]
    source = Import.objects.get()
    assert (source.state, source.counts["updated"], source.counts["errors"]) == (ImportState.CHECKED, 1, 1)
    assert [line.partition(":")[0] for line in lines if "with the password" in line] == CAST


def test_what_is_made_up_is_dated_when_it_would_have_been_written(demo_site):
    run()

    for one in StatusUpdate.objects.select_related("round"):
        assert one.round.opened_on <= one.made_at.date() <= one.round.due_on
    first_round = ReportingRound.objects.earliest("opened_on")
    assert Activity.history.earliest("history_date").history_date.date() < first_round.opened_on


def test_second_start_changes_nothing_but_the_passwords(demo_site):
    first = run()
    before, when = counts(), list(StatusUpdate.objects.values_list("pk", "made_at"))

    second = run()

    assert (counts(), list(StatusUpdate.objects.values_list("pk", "made_at"))) == (before, when)
    assert set(first) & {line for line in second if "with the password" in line} == set()


def test_site_that_is_no_demo_is_left_alone(db):
    with pytest.raises(CommandError, match="This is no demo"):
        run()

    assert counts() == [0] * 6


def test_database_with_a_plan_that_people_use_is_left_alone(demo_site):
    load_year_two()
    before = counts()

    with pytest.raises(CommandError, match="holds a plan that is no demo"):
        run()

    assert counts() == before


@pytest.mark.parametrize("address", [reverse("plans:plan_list"), "/missing/", "/accounts/login/", "/admin/login/"])
@pytest.mark.parametrize("is_demo", [True, False])
def test_each_page_of_a_demo_says_that_it_is_made_up(db, client, settings, address, is_demo):
    settings.ROCC_DEMO = is_demo

    assert (BAND in client.get(address, follow=True).text) == is_demo


@pytest.mark.parametrize("today", [date(2026, 11, 30), date(2027, 1, 1), date(2028, 2, 18), date(2027, 8, 20)])
def test_rounds_follow_each_other_and_have_names_of_their_own(today):
    rounds = rounds_until(today)

    assert len({one.name for one in rounds}) == 4
    for earlier, later in pairwise(rounds):
        assert earlier.opened_on < earlier.due_on < later.opened_on
    assert rounds[-1].opened_on <= today < rounds[-1].due_on
