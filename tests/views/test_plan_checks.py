"""Plan checks: each fires where a plan does not add up, and nowhere else; an accepted one comes back after its day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from plans.actions import edit_activity
from plans.actions.accepted_checks import accept_check, withdraw_acceptance
from plans.choices import Ending, PlanCheck, Role, Status, UpdateKind
from plans.models import (
    AcceptedCheck,
    Activity,
    ActivityAgency,
    Agency,
    Barrier,
    EvidenceLink,
    Membership,
    ReportingRound,
    SubActivity,
    User,
)
from plans.querysets import ActivitySelection
from plans.querysets.plan_checks import CONDITIONS, checks_in
from plans.summaries.check_reasons import explain
from plans.summaries.plan_checks import read_findings
from tests.views.conftest import make_activity
from tests.views.page import Page, csv_rows, said, xlsx_rows

CHECKS = "/plans/year-two/checks/"
TODAY = date(2026, 12, 1)
PAST, COMING = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def plan(make_plan, police_updater):
    """One activity that fails no check: on track, due, and led by an agency for which someone reports."""
    plan = make_plan("year-two", 1, is_current=True)
    police = Agency.objects.get(code="police")
    Membership.objects.get_or_create(user=police_updater.user, agency=police)
    plan.activities.update(status=Status.ON_TRACK, due_on=COMING)
    return plan


@pytest.fixture
def world(plan, make_user, report):
    """What the cases below change."""
    return World(plan, make_user, report)


class World:
    """An activity, and what can become of it."""

    def __init__(self, plan, make_user, report):
        self.plan, self.make_user, self.report = plan, make_user, report
        self.admin = make_user("admin2@programme.example")

    @property
    def activity(self):
        return self.plan.activities.get(number=1)

    def set(self, **fields):
        Activity.objects.filter(pk=self.activity.pk).update(**fields)

    def complete(self, evidence=None, **fields):
        """Have the lead report that it is complete, with a link where `evidence` is what is to be said of one."""
        update = self.report(self.activity, Status.COMPLETE, **fields)
        if evidence is not None:
            said = {"update": update, "address": "https://www.police.govt.nz/", "author": self.admin, **evidence}
            EvidenceLink.objects.create(activity=self.activity, **said)

    def end(self, ending):
        self.set(ending=ending, ended_on=PAST, ending_note="Decided")

    def item(self, **fields):
        SubActivity.objects.filter(activity=self.activity).update(**fields)

    def rounds(self, count):
        """Make `count` rounds, one after the other, all but the last closed; returns them."""
        for place in range(count):
            month = date(2026, 1 + 2 * place, 1)
            ended = (
                {} if place == count - 1 else {"closed_at": _at(month + timedelta(days=40)), "closed_by": self.admin}
            )
            self.plan.rounds.create(name=f"Round {place}", opened_on=month, due_on=month + timedelta(days=30), **ended)
        return list(self.plan.rounds.order_by("due_on"))

    def say(self, *words, status=Status.ON_TRACK):
        """Have the lead report `words`, one in each round; None for no change, "" for no report in the round."""
        for one, spoken in zip(self.rounds(len(words)), words, strict=True):
            if spoken != "":
                told = {"is_no_change": True} if spoken is None else {"what_happened": spoken}
                self.report(self.activity, status, round=one, made_at=_at(one.opened_on), **told)

    def escalate(self, days, **fields):
        """Escalate a barrier so many days ago."""
        at = _at(TODAY - timedelta(days=days))
        update = self.report(self.activity, Status.ON_TRACK)
        told = {"is_escalated": True, "escalated_at": at, "escalated_by": self.admin, **fields}
        Barrier.objects.create(activity=self.activity, update=update, text="No funding", **told)

    def move(self, *days):
        """Set the due date to each of `days` from today, one after the other; None removes it."""
        Activity.history.filter(id=self.activity.pk).update(due_on=None)
        self.set(due_on=None)
        for ahead in days:
            activity = self.activity
            activity.due_on = None if ahead is None else TODAY + timedelta(days=ahead)
            edit_activity(activity=activity, by=self.admin, reason="Later", changed=["due_on"])

    def close_round(self):
        """Close a round after the activity was added."""
        later = timezone.now() + timedelta(hours=1)
        days = {"opened_on": PAST, "due_on": PAST}
        ReportingRound.objects.create(plan=self.plan, name="Over", closed_at=later, closed_by=self.admin, **days)


def _at(day):
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_memberships(world):
    Membership.objects.update(ended_at=timezone.now())


def lead_by_group(world):
    group = Agency.objects.create(code="all", name="All", kind="group")
    group.members.add(Agency.objects.get(code="police"))
    ActivityAgency.objects.filter(role=Role.LEAD).update(agency=group)


def resolve(world):
    world.escalate(31, resolved_at=timezone.now(), resolved_by=world.admin, resolution_note="Funded")


def set_by_admin(world):
    world.close_round()
    world.report(world.activity, kind=UpdateKind.SET)


# {check: what makes an activity fail it}, and what looks like it and does not.
FAILING = [
    ("past_due", lambda world: world.set(due_on=PAST)),
    ("past_due", lambda world: world.item(due_on=PAST)),
    ("undone", lambda world: world.set(status=Status.COMPLETE)),
    ("undone", lambda world: world.end(Ending.DELIVERED)),
    ("no_evidence", lambda world: world.set(status=Status.COMPLETE)),
    ("no_evidence", lambda world: world.end(Ending.DELIVERED)),
    (
        "no_evidence",
        lambda world: world.complete(evidence={"retracted_at": timezone.now(), "retracted_by": world.admin}),
    ),
    ("same_words", lambda world: world.say("We meet monthly", "We meet monthly", "We meet monthly")),
    ("same_words", lambda world: world.say("Other", "We meet monthly", "We meet monthly", "We meet monthly", "")),
    ("same_words", lambda world: world.say("We meet monthly", None, None)),
    ("same_words", lambda world: world.say(None, None, None, status=Status.AT_RISK)),
    ("no_due_date", lambda world: world.set(due_on=None)),
    ("leads_differ", lambda world: world.set(leads_differ=True)),
    ("ratings_differ", lambda world: world.set(programme_rating=Status.AT_RISK, programme_rating_reason="Late")),
    ("unanswered", lambda world: world.escalate(31)),
    ("moved", lambda world: world.move(10, 20, 30, 40)),
    ("moved", lambda world: world.move(10, None, 30, 40)),
    ("lead_gone", end_memberships),
    ("lead_gone", lambda world: Agency.objects.filter(code="police").update(ended_on=PAST)),
    ("lead_gone", lambda world: User.objects.filter(memberships__ended_at=None).update(is_active=False)),
    ("never_updated", lambda world: world.close_round()),
    ("never_updated", set_by_admin),
]
PASSING = [
    ("past_due", lambda world: world.set(due_on=TODAY)),
    ("past_due", lambda world: world.set(due_on=PAST, status=Status.AT_RISK)),
    ("past_due", lambda world: world.item(due_on=PAST, is_done=True, done_on=PAST)),
    ("past_due", lambda world: world.item(due_on=PAST, withdrawn_on=PAST)),
    ("undone", lambda world: (world.set(status=Status.COMPLETE), world.item(is_done=True, done_on=PAST))),
    ("undone", lambda world: (world.set(status=Status.COMPLETE), world.item(withdrawn_on=PAST))),
    ("no_evidence", lambda world: world.complete({})),
    ("no_evidence", lambda world: world.complete(no_evidence_reason="It is confidential")),
    ("same_words", lambda world: world.say("We meet monthly", "We meet monthly")),
    ("same_words", lambda world: world.say("We meet monthly", "We meet monthly", "We met twice")),
    ("same_words", lambda world: world.say(None, None, "We met twice")),
    ("same_words", lambda world: world.say("A", "B", "A")),
    ("same_words", lambda world: world.say(None, None, None, status=Status.NOT_STARTED)),
    ("no_due_date", lambda world: world.set(due_on=None, status=Status.COMPLETE)),
    ("leads_differ", lambda world: world.set(status=Status.OFF_TRACK)),
    ("ratings_differ", lambda world: world.set(programme_rating=Status.ON_TRACK, programme_rating_reason="So it is")),
    ("unanswered", lambda world: world.escalate(30)),
    ("unanswered", resolve),
    ("moved", lambda world: world.move(10, 20, 30)),
    ("moved", lambda world: (world.move(10, 20, 30, 40), world.set(status=Status.COMPLETE))),
    ("lead_gone", lead_by_group),
    ("lead_gone", lambda world: Agency.objects.filter(code="police").update(ended_on=TODAY)),
    ("never_updated", lambda world: world.rounds(1)),
    ("never_updated", lambda world: (world.close_round(), world.report(world.activity))),
    ("never_updated", lambda world: world.rounds(2)),
]


def failed(plan):
    [activity] = plan.activities.with_failed_checks(TODAY)
    return checks_in(activity.failed_checks)


def test_every_check_has_a_condition_words_and_a_case_of_each_kind(db):
    assert tuple(CONDITIONS) == tuple(PlanCheck)
    assert {check for check, _ in FAILING} == {check for check, _ in PASSING} == set(PlanCheck)
    assert all(check.label and check.meaning.endswith(".") and check.settle.endswith(".") for check in PlanCheck)


def test_activity_in_order_fails_no_check(plan):
    assert failed(plan) == ()


@pytest.mark.parametrize(("check", "make"), FAILING)
def test_check_fires(world, check, make):
    make(world)

    assert PlanCheck(check) in failed(world.plan)


@pytest.mark.parametrize(("check", "make"), PASSING)
def test_check_does_not_fire(world, check, make):
    make(world)

    assert PlanCheck(check) not in failed(world.plan)


@pytest.mark.parametrize(("check", "make"), FAILING[:-1])
def test_nothing_is_checked_of_what_has_ended_as_business_as_usual(world, check, make):
    make(world)
    world.end(Ending.BUSINESS_AS_USUAL)

    assert failed(world.plan) == ()


def fail(plan, check=PlanCheck.NO_DUE_DATE, on=TODAY):
    """The numbers of the activities that fail a check which nobody has accepted."""
    return [one.number for one in plan.activities.failing([check], on)]


@pytest.fixture
def accept(plan, programme_admin):
    """Accepts that the activity has no due date."""
    plan.activities.update(due_on=None)

    def answer(until=COMING, reason=" Agreed with the board ", on=TODAY, check=PlanCheck.NO_DUE_DATE):
        by = programme_admin.user
        return accept_check(
            activity=plan.activities.get(number=1), check=check, by=by, reason=reason, until=until, on=on
        )

    return answer


def test_accepted_check_comes_back_by_itself_after_its_day(plan, accept):
    assert fail(plan) == [1]
    accept()

    assert (fail(plan), fail(plan, on=COMING), fail(plan, on=COMING + timedelta(days=1))) == ([], [], [1])
    assert failed(plan) == (PlanCheck.NO_DUE_DATE,)


def test_check_is_accepted_on_its_activity_alone_and_no_other_check_is(plan, accept):
    other = make_activity(plan, 2, status=Status.ON_TRACK, due_on=PAST)
    plan.activities.filter(number=2).update(due_on=None)
    plan.activities.filter(number=1).update(status=Status.ON_TRACK)
    SubActivity.objects.update(due_on=PAST)
    accept()

    assert (fail(plan), fail(plan, PlanCheck.PAST_DUE)) == ([other.number], [1, 2])


def test_accepting_again_replaces_what_was_accepted_and_keeps_it_in_the_history(plan, accept, programme_admin):
    first = accept(until=TODAY)
    again = accept(until=COMING, reason="Another reason")

    assert first.pk == again.pk
    assert [(one.reason, one.until, one.history_user) for one in again.history.order_by("history_id")] == [
        ("Agreed with the board", TODAY, programme_admin.user),
        ("Another reason", COMING, programme_admin.user),
    ]


def test_acceptance_of_a_check_that_there_is_no_more_has_a_name_still(plan, accept):
    accepted = accept()
    assert str(accepted) == "1. Title 1: No due date"

    accepted.name = "dropped"
    assert str(accepted) == "1. Title 1: dropped"


def test_acceptance_can_be_withdrawn_and_given_again(plan, accept, programme_admin):
    accepted = accept()
    for _ in range(2):
        withdraw_acceptance(accepted=accepted, by=programme_admin.user)
    assert fail(plan) == [1]
    assert [one.history_change_reason for one in accepted.history.all()] == [
        "Acceptance withdrawn",
        "Agreed with the board",
    ]

    accept()
    assert fail(plan) == []


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"reason": " "}, "Enter the reason."),
        ({"until": PAST}, "Enter today or a later date."),
        ({"check": PlanCheck.UNDONE}, "This check needs no attention now, so there is nothing to accept."),
    ],
)
def test_acceptance_is_refused_in_words(plan, accept, told, sentence):
    with pytest.raises(ValidationError) as refused:
        accept(**told)

    assert refused.value.messages == [sentence]
    assert not AcceptedCheck.objects.exists()


def escalate_one(world):
    world.escalate(45)


def add_group(world):
    """Have a second lead that no one reports for, and a third that has ended."""
    for code, ended_on in (("moe", None), ("apa", PAST)):
        agency = Agency.objects.create(code=code, name=code.upper(), ended_on=ended_on)
        ActivityAgency.objects.create(activity=world.activity, agency=agency, role=Role.LEAD, position=5)


@pytest.mark.parametrize(
    ("check", "make", "reason"),
    [
        ("past_due", lambda world: world.set(due_on=PAST), "The status is on track, but it was due 30 November 2026."),
        (
            *("past_due", lambda world: world.item(due_on=PAST)),
            "The status is on track, but 1 sub-activity is past due, the first since 30 November 2026: “One step”.",
        ),
        ("unanswered", escalate_one, "A barrier was escalated 45 days ago and is not resolved: “No funding”."),
        ("lead_gone", add_group, "APA ended on 30 November 2026. No one can add updates for MOE."),
        (
            *("ratings_differ", lambda world: world.set(programme_rating="at_risk", programme_rating_reason="Late")),
            "The programme rates it “At risk”, and its status is “On track”.",
        ),
        ("no_due_date", lambda world: world.set(due_on=None), "No due date has been set."),
    ],
)
def test_reason_names_days_agencies_and_words(world, check, make, reason):
    make(world)
    [checked] = read_findings(world.plan, ActivitySelection(), TODAY)
    activities = Activity.objects.with_agencies().in_bulk()

    [explained] = explain([checked], activities, TODAY)
    assert [one.reason for one in explained.findings if one.check == check] == [reason]


# The page, its files, the menu and the activity


@pytest.fixture
def today(time_machine):
    """The day of the cases above."""
    time_machine.move_to("2026-12-01T12:00:00+13:00", tick=False)


@pytest.fixture
def shown(today, plan, make_activity_of_plan):
    """Three activities: in order, without a due date, and complete though not all is done, without evidence."""
    make_activity_of_plan(2, status=Status.ON_TRACK)
    make_activity_of_plan(3, status=Status.COMPLETE)
    return plan


@pytest.fixture
def make_activity_of_plan(plan):
    return lambda number, **fields: make_activity(plan, number, **fields)


def rows_of(client, query="", status=200):
    """What the page lists: [(number, [label of each finding])]."""
    page = Page(client.get(f"{CHECKS}{query}"), status)
    [listed] = [one for one in page.main.iter("ol") if one.get("class") == "need"] or [[]]
    return [(said(row[0]), [said(one) for one in row.iter("span") if "flag" in one.get("class", "")]) for row in listed]


def test_page_lists_each_activity_once_with_reasons_and_what_would_settle_them(shown, programme_admin, see):
    assert rows_of(programme_admin) == [
        ("2", ["No due date"]),
        ("3", ["Complete but not all done", "Complete without evidence"]),
    ]
    page = see(CHECKS, by=programme_admin)
    assert "3 checks on 2 activities" in page.text
    assert f"It is complete, but 1 sub-activity is not done. {PlanCheck.UNDONE.settle}" in page.text
    assert f"{PlanCheck.NO_EVIDENCE.meaning} {PlanCheck.NO_EVIDENCE.settle}" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?checks=undone", [("3", ["Complete but not all done"])]),
        ("?checks=any&status=on_track", [("2", ["No due date"])]),
        ("?q=title+2", [("2", ["No due date"])]),
        ("?agency=police&checks=no_due_date&checks=moved", [("2", ["No due date"])]),
        ("?state=accepted", []),
    ],
)
def test_page_takes_the_filters_of_the_list(shown, reader, query, expected):
    assert rows_of(reader, query) == expected


def test_plan_that_adds_up_says_so(today, plan, reader, see):
    page = see(CHECKS, by=reader)

    assert "No checks need attention The plan adds up today" in page.text


@pytest.mark.parametrize("query", ["?checks=colour", "?state=colour", "?sort=number"])
def test_unknown_filter_is_refused_in_words_and_shows_nothing(shown, reader, query):
    assert rows_of(reader, query) == []
    assert 'class="error"' in reader.get(f"{CHECKS}{query}").text
    assert reader.get(f"/plans/year-two/checks.csv{query}").status_code == 400


def test_checks_cost_as_many_queries_for_many_activities_as_for_one(
    plan, today, make_activity_of_plan, reader, django_assert_num_queries
):
    plan.activities.update(due_on=None)
    reader.get(CHECKS)
    with django_assert_num_queries(8):
        assert len(rows_of(reader)) == 1
    for number in (2, 3, 4):
        make_activity_of_plan(number, status=Status.COMPLETE)
    with django_assert_num_queries(9):
        assert len(rows_of(reader)) == 4


def test_files_have_a_row_for_each_finding(shown, reader):
    heading, *rows = csv_rows(reader.get("/plans/year-two/checks.csv?agency=police"))
    place = heading.index("Check")

    assert [(row[0], row[place]) for row in rows] == [
        ("2", "No due date"),
        ("3", "Complete but not all done"),
        ("3", "Complete without evidence"),
    ]
    heading, first, *_ = xlsx_rows(reader.get("/plans/year-two/checks.xlsx"))
    assert first[heading.index("Why")] == PlanCheck.NO_DUE_DATE.meaning


def test_programme_admin_accepts_a_check_from_the_page_and_withdraws_that(shown, programme_admin, reader, see):
    assert "/2/no_due_date/accept/" in programme_admin.get(CHECKS).text
    assert "/accept/" not in reader.get(CHECKS).text
    address = f"{CHECKS}2/no_due_date/"
    form = {"reason": "The board decides", "until": "2026-12-20"}
    assert programme_admin.post(f"{address}accept/", form)["Location"] == CHECKS

    assert rows_of(reader) == [("3", ["Complete but not all done", "Complete without evidence"])]
    assert rows_of(reader, "?state=accepted") == [("2", ["No due date: accepted"])]
    told = see(f"{CHECKS}?state=accepted", by=reader).text
    assert "Until 20 December 2026, by Programme admin: The board decides" in told

    assert programme_admin.post(f"{address}withdraw/")["Location"] == CHECKS
    assert rows_of(reader)[0] == ("2", ["No due date"])


def test_form_that_lacks_something_is_shown_again_with_what_was_typed(shown, programme_admin):
    answer = programme_admin.post(f"{CHECKS}2/no_due_date/accept/", {"reason": "Agreed", "until": "2026-11-30"})

    assert "Enter today or a later date." in answer.text
    assert 'value="Agreed"' in answer.text
    assert not AcceptedCheck.objects.exists()


def test_check_that_does_not_fail_cannot_be_accepted(shown, programme_admin, see):
    answer = programme_admin.post(f"{CHECKS}2/undone/accept/", {"reason": "Agreed", "until": "2026-12-30"}, follow=True)

    assert "Activity 2 does not fail this check now" in answer.text


def test_manage_counts_the_activities_that_need_attention(shown, accept, programme_admin):
    shown.activities.filter(number=1).update(due_on=COMING)

    assert '>Plan checks<span class="menu__count"> 2</span>' in programme_admin.get("/manage/").text
    # The header has no count: finding it takes longer than every page may.
    assert ">Plan checks</a>" in programme_admin.get("/plans/year-two/about/").text


def test_activity_shows_its_checks_to_people_who_are_signed_in(shown, visitor, open_reading, reader, see):
    address = "/plans/year-two/activities/2/"

    assert f"No due date {PlanCheck.NO_DUE_DATE.meaning} {PlanCheck.NO_DUE_DATE.settle}" in see(address, by=reader).text
    assert PlanCheck.NO_DUE_DATE.meaning not in see(address, by=visitor).text
    assert PlanCheck.NO_DUE_DATE.label not in see("/plans/year-two/activities/1/", by=reader).text
