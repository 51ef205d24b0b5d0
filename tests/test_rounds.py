"""Reporting rounds: opened, watched and closed; and that what a closed one came to never changes."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from plans.actions.rounds import change_round, close_round, open_round
from plans.choices import RoundStatus, Status, UpdateKind
from plans.forms.rounds import suggest_round
from plans.models import Agency, Plan, ReportingRound, StatusUpdate
from plans.summaries.rounds import freeze_report, summarise_round
from tests.test_merging import own_file  # noqa: F401
from tests.views.conftest import (  # noqa: F401
    make_activity,
    make_plan,
    open_reading,
    report,
    see,
    year_two,
)
from tests.views.page import Page

ROUNDS = "/plans/year-two/rounds/"
OPENED, DUE = date(2026, 10, 1), date(2026, 11, 30)


@pytest.fixture
def person(make_user):
    return make_user("somebody@programme.example", name="Somebody")


@pytest.fixture
def reporting_round(year_two):  # noqa: F811
    """An open round of the Year Two plan."""
    return ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=OPENED, due_on=DUE)


@pytest.fixture
def tell(report):  # noqa: F811
    """Records a report on an activity of the Year Two plan into a round."""

    def record(reporting_round, number, code="police", **fields):
        agency = Agency.objects.get(code=code)
        activity = reporting_round.plan.activities.get(number=number)
        return report(activity, agency=agency, round=reporting_round, **fields)

    return record


@pytest.mark.parametrize(
    ("last", "due", "others", "following"),
    [
        ("December quarter", date(2026, 12, 11), [], {"name": "March quarter", "due_on": date(2027, 3, 11)}),
        ("December 2026 quarter", date(2026, 11, 30), [], {"name": "March 2027 quarter", "due_on": date(2027, 2, 28)}),
        ("June quarter", date(2026, 8, 31), [], {"name": "September quarter"}),
        (
            "March quarter",
            date(2027, 3, 31),
            ["June quarter"],
            {"name": "June quarter 2027", "due_on": date(2027, 6, 30)},
        ),
        ("Pilot", date(2026, 12, 11), [], {"due_on": date(2027, 3, 11)}),
    ],
)
def test_next_round_follows_the_last_one(year_two, person, last, due, others, following):  # noqa: F811
    rounds = {"plan": year_two, "opened_on": date(2025, 1, 1), "closed_at": timezone.now(), "closed_by": person}
    for name in others:
        ReportingRound.objects.create(name=name, due_on=date(2025, 6, 30), **rounds)
    ReportingRound.objects.create(name=last, due_on=due, **rounds)

    assert suggest_round(year_two, date(2026, 12, 1)) == following


def test_first_round_follows_none(year_two):  # noqa: F811
    assert suggest_round(year_two, date(2026, 12, 1)) == {}


def history(reporting_round):
    rows = reporting_round.history.values_list("history_user__email", "history_change_reason")
    return list(rows.order_by("history_id"))


def by_round_status(reporting_round):
    found = {}
    for row in summarise_round(reporting_round).rows:
        found.setdefault(row.round_status, []).append(row.number)
    return found


# What a round comes to


def test_every_activity_in_force_owes_an_update(reporting_round):
    reporting_round.plan.activities.filter(number=6).update(withdrawn_on=date(2026, 10, 2))

    assert by_round_status(reporting_round) == {RoundStatus.TO_COME: [1, 2, 3, 4, 5, *range(7, 16)]}


def test_reports_of_the_round_count_and_nothing_else_does(reporting_round, tell, report):  # noqa: F811
    activities = {one.number: one for one in reporting_round.plan.activities.all()}
    tell(reporting_round, 1)
    report(activities[2])
    tell(reporting_round, 4, kind=UpdateKind.SET)
    note = {
        "kind": UpdateKind.NOTE,
        "agency": Agency.objects.get(code="mbie"),
        "author": StatusUpdate.objects.first().author,
    }
    StatusUpdate.objects.create(activity=activities[3], round=reporting_round, **note)

    assert by_round_status(reporting_round) == {RoundStatus.RECEIVED: [1], RoundStatus.TO_COME: list(range(2, 16))}


def test_what_is_complete_owes_nothing_but_counts_when_it_reports(reporting_round, tell):
    reporting_round.plan.activities.filter(number__in=[1, 2]).update(status=Status.COMPLETE)
    tell(reporting_round, 1, status=Status.COMPLETE)

    came_to = summarise_round(reporting_round)

    assert by_round_status(reporting_round) == {
        RoundStatus.RECEIVED: [1],
        RoundStatus.NOTHING_OWED: [2],
        RoundStatus.TO_COME: list(range(3, 16)),
    }
    assert (came_to.received_count, came_to.owed_count, came_to.to_come_count) == (1, 14, 13)


def test_update_of_a_joint_lead_counts_for_all_of_them(reporting_round, tell):
    tell(reporting_round, 8, "oranga-tamariki")

    came = {one.lead.code: (one.received_count, one.owed_count) for one in summarise_round(reporting_round).leads}

    assert came == {
        "apa": (0, 1),
        "kainga-ora": (0, 1),
        "manatu-hauora": (1, 1),
        "moe": (1, 1),
        "moj": (1, 1),
        "msd": (1, 2),
        "msd-rps-policy-office": (0, 1),
        "none": (0, 1),
        "oranga-tamariki": (1, 2),
        "police": (1, 4),
        "rocc": (0, 3),
        "swa": (0, 1),
        "te-whatu-ora": (0, 1),
        "tnoc": (0, 1),
        "all": (0, 1),
    }


def test_agencies_that_owe_most_come_first_and_what_nobody_leads_last(reporting_round):
    names = [one.lead.name for one in summarise_round(reporting_round).leads]

    assert names[:4] == ["Police", "ROCC", "MSD", "Oranga Tamariki"]
    assert names[-1] == "No lead agency"


def test_row_says_who_reported_when_and_what(reporting_round, tell):
    at = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
    tell(reporting_round, 8, "oranga-tamariki", what_happened="First", made_at=at)
    tell(reporting_round, 8, "police", is_no_change=True, made_at=at + timedelta(hours=1))

    row = summarise_round(reporting_round).rows[7]

    # It is the next day already in New Zealand.
    assert (row.number, row.reported_by, row.day) == (8, ["Police", "Oranga Tamariki"], date(2026, 11, 21))
    assert (row.status, row.what_happened) == (Status.ON_TRACK, "No change")


# Opening and changing


def test_open_round_says_in_the_history_who(year_two, person):  # noqa: F811
    opened = open_round(plan=year_two, by=person, name="December quarter", opened_on=OPENED, due_on=DUE)

    assert history(opened) == [("somebody@programme.example", "Round opened")]
    assert Plan.objects.get().open_round == opened


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "Other"}, "A round is already open. Close it first."),
        ({}, "There is already a round with this name."),
        ({"name": "Other", "due_on": date(2026, 9, 30)}, "Updates cannot be due before the round opens."),
        ({"name": ""}, "This field cannot be blank."),
    ],
)
def test_open_round_refuses_in_words(reporting_round, person, fields, sentence):
    fields = {"name": "December quarter", "opened_on": OPENED, "due_on": DUE, **fields}

    with pytest.raises(ValidationError) as refused:
        open_round(plan=reporting_round.plan, by=person, **fields)

    assert sentence in refused.value.messages
    assert ReportingRound.objects.count() == 1


def test_change_round_gives_another_name_and_day(reporting_round, person):
    change_round(reporting_round=reporting_round, by=person, name="Last quarter", due_on=date(2026, 12, 4))

    reporting_round.refresh_from_db()
    assert (reporting_round.name, reporting_round.due_on) == ("Last quarter", date(2026, 12, 4))
    assert history(reporting_round)[-1] == ("somebody@programme.example", "Round changed")


def test_other_plans_may_have_a_round_open_of_the_same_name(reporting_round, person):
    other = Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three")

    opened = open_round(plan=other, by=person, name="December quarter", opened_on=OPENED, due_on=DUE)

    assert [reporting_round.plan.open_round, other.open_round] == [reporting_round, opened]


@pytest.mark.parametrize("is_open", [True, False])
def test_plan_is_fetched_with_its_open_round_in_one_query(reporting_round, person, django_assert_num_queries, is_open):
    if not is_open:
        close_round(reporting_round=reporting_round, by=person, report=freeze_report)

    with django_assert_num_queries(1):
        found = Plan.objects.with_open_round().get(slug="year-two").open_round

    assert found == (reporting_round if is_open else None)


# Closing


def test_closed_round_keeps_what_it_came_to_whatever_happens_to_the_plan(reporting_round, tell, person):
    tell(reporting_round, 1, what_happened="Phase three has begun")
    before = summarise_round(reporting_round)
    closed = close_round(reporting_round=reporting_round, by=person, report=freeze_report)

    plan = closed.plan
    plan.activities.filter(number=1).update(title="Renamed", status=Status.OFF_TRACK)
    plan.activities.filter(number=2).update(withdrawn_on=date(2026, 12, 1))
    plan.activities.get(number=3).agency_links.all().delete()
    Agency.objects.filter(code="police").update(name="Constabulary", name_key="constabulary")
    make_activity(plan, 16)
    tell(closed, 4)

    assert summarise_round(ReportingRound.objects.get()) == before
    assert before.received_count == 1
    assert history(closed)[1:] == [("somebody@programme.example", "Round closed")]


def test_closed_round_is_kept_in_the_words_of_every_version(reporting_round, tell, person):
    tell(reporting_round, 1)
    closed = close_round(reporting_round=reporting_round, by=person, report=freeze_report)

    first, second, *_ = ReportingRound.objects.get(pk=closed.pk).closing_report["rows"]
    # PostgreSQL keeps no order of names.
    assert set(first) == {
        *("number", "name", "leads", "receipt", "status", "reported_by", "reported_on", "what_happened", "positions"),
        "answers",
    }
    assert (first["receipt"], second["receipt"]) == ("received", "to_come")


@pytest.mark.parametrize(
    "change",
    [
        lambda one, person: close_round(reporting_round=one, by=person, report=lambda _: {"rows": []}),
        lambda one, person: change_round(reporting_round=one, by=person, name="Other", due_on=DUE),
    ],
)
def test_closed_round_is_neither_closed_again_nor_changed(reporting_round, person, change):
    closed = close_round(reporting_round=reporting_round, by=person, report=freeze_report)

    with pytest.raises(ValidationError, match="December quarter is already closed"):
        change(closed, person)

    kept = ReportingRound.objects.get()
    assert (kept.name, kept.closed_at, len(kept.closing_report["rows"])) == ("December quarter", closed.closed_at, 15)


def test_of_two_who_open_a_round_at_once_one_is_told(own_file, make_plan, make_user):  # noqa: F811
    plan, person = make_plan("year-two", 1), make_user("somebody@programme.example")
    answers, start = [], threading.Barrier(2)

    def attempt(name):
        start.wait(timeout=10)
        try:
            open_round(plan=plan, by=person, name=name, opened_on=OPENED, due_on=DUE)
            answers.append("opened")
        except ValidationError as refused:
            answers.extend(refused.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[name]) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answers) == ["A round is already open. Close it first.", "opened"]
    assert ReportingRound.objects.count() == 1


# Pages


def test_admin_opens_and_closes_a_round(year_two, programme_admin, tell):  # noqa: F811
    due = timezone.localdate() + timedelta(days=30)

    answer = programme_admin.post(f"{ROUNDS}open/", {"name": "December quarter", "due_on": due.isoformat()})
    opened = ReportingRound.objects.get()
    tell(opened, 1)
    asking = Page(programme_admin.get(f"{ROUNDS}{opened.pk}/close/"))
    closing = programme_admin.post(f"{ROUNDS}{opened.pk}/close/")
    closed = Page(programme_admin.get(closing["Location"]))

    assert answer["Location"] == closing["Location"] == f"{ROUNDS}{opened.pk}/"
    assert (opened.opened_on, opened.due_on) == (timezone.localdate(), due)
    assert "1 of 15 updates received. 14 will be recorded as not received." in asking.text
    assert "A closed round cannot be opened again." in asking.text
    assert "1 of 15 received" in closed.text
    assert "14 not received" in closed.text
    assert "closed" in closed.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "due_on": "2100-01-01"}, "Name: This field is required."),
        ({"name": "Next", "due_on": "soon"}, "Due date: Enter a valid date."),
        (
            {"name": "Next", "due_on": "2020-01-01"},
            "Due date: Enter today or a later date.",
        ),
        ({"name": "Next", "due_on": "2100-01-01"}, "A round is already open. Close it first."),
        ({"name": "December quarter", "due_on": "2100-01-01"}, "There is already a round with this name."),
    ],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(reporting_round, programme_admin, typed, sentence):
    page = Page(programme_admin.post(f"{ROUNDS}open/", typed))

    (alert,) = (one for one in page.main.iter() if one.get("role") == "alert")
    assert sentence in "".join(alert.itertext())
    assert {name: page.controls(name)[0].get("value", "") for name in typed} == typed
    assert ReportingRound.objects.count() == 1


def test_admin_changes_the_due_date_of_an_open_round(reporting_round, programme_admin):
    address = f"{ROUNDS}{reporting_round.pk}/change/"
    shown = Page(programme_admin.get(address))

    answer = programme_admin.post(address, {"name": "December quarter", "due_on": "2026-12-04"})

    assert shown.controls("due_on")[0].get("value") == "2026-11-30"
    assert answer["Location"] == f"{ROUNDS}{reporting_round.pk}/"
    assert ReportingRound.objects.get().due_on == date(2026, 12, 4)


def test_every_number_of_a_round_leads_to_exactly_its_list(reporting_round, tell, see):  # noqa: F811
    reporting_round.plan.activities.filter(number=10).update(status=Status.COMPLETE)
    tell(reporting_round, 8)
    tell(reporting_round, 1)
    page = see(f"{ROUNDS}{reporting_round.pk}/")

    numbers = [(words, href) for words, href in page.links() if "receipt=" in href]
    shown = [(words, len(see(href.partition("#")[0]).numbers)) for words, href in numbers]

    assert len(shown) > 15
    assert shown == [(words, int(words.split()[0])) for words, _ in numbers]
    assert ("2 of 14 received", 2) in shown
    assert ("1 complete or ended (no update needed)", 1) in shown


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("agency=polcie", "There is no lead agency called “polcie” in this round."),
        ("receipt=lost", "There is no “lost” here. Choose from: to_come, received, confirmed, nothing_owed."),
    ],
)
def test_unknown_value_is_an_error_without_rows(reporting_round, see, query, sentence):  # noqa: F811
    page = see(f"{ROUNDS}{reporting_round.pk}/?{query}")

    assert page.errors == [sentence]
    assert page.numbers == []


def test_list_has_the_rounds_of_this_plan_latest_first(reporting_round, person, see):  # noqa: F811
    close_round(reporting_round=reporting_round, by=person, report=freeze_report)
    open_round(plan=reporting_round.plan, by=person, name="March quarter", opened_on=DUE, due_on=date(2027, 3, 1))
    other = Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three")
    open_round(plan=other, by=person, name="Other", opened_on=OPENED, due_on=DUE)

    today = timezone.localdate()
    assert see(ROUNDS).table() == [
        ["Round", "Opened", "Updates due", "Closed", "Changes"],
        ["March quarter", "30 Nov 2026", "1 Mar 2027", "Open", "Compare March quarter with December quarter"],
        ["December quarter", "1 Oct 2026", "30 Nov 2026", f"{today:%-d %b %Y}", ""],
    ]


def test_plan_without_rounds_says_so(year_two, see):  # noqa: F811
    assert "No reporting rounds yet" in see(ROUNDS).text


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "updates due {} (today)"), (-1, "updates due {} (1 day ago)"), (5, "updates due {} (in 5 days)")],
)
def test_plan_bar_says_when_updates_are_due(year_two, see, days, words):  # noqa: F811
    due = timezone.localdate() + timedelta(days=days)
    ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=date(2020, 1, 1), due_on=due)

    assert f"December quarter: {words.format(f'{due:%-d %B %Y}')}" in see("/plans/year-two/activities/").text


# What it costs


@pytest.mark.parametrize(("count", "reports"), [(1, 1), (1, 40), (15, 1)])
def test_round_costs_the_same_for_many_activities_and_reports(
    make_plan,  # noqa: F811
    open_reading,  # noqa: F811
    client,
    programme_admin,
    report,  # noqa: F811
    django_assert_num_queries,
    count,
    reports,
):
    plan = make_plan("year-two", count)
    reporting_round = ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=OPENED, due_on=DUE)
    for activity in list(plan.activities.all())[: count // 2 + 1]:
        for _ in range(reports):
            report(activity, round=reporting_round)
    make_activity(plan, 99)
    assert StatusUpdate.objects.count() == (count // 2 + 1) * reports
    programme_admin.get("/plans/")

    with django_assert_num_queries(7):
        client.get(f"{ROUNDS}{reporting_round.pk}/")
    with django_assert_num_queries(3):
        client.get(ROUNDS)
