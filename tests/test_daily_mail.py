"""The one email a day: who gets it when, what it says, and that it stops when there is nothing to do."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plans.actions import daily_mail
from plans.actions.daily_mail import parts_of_day, plan_day
from plans.actions.mail_ahead import days_ahead, mail_ahead
from plans.actions.mail_choices import MailPart, stop_token
from plans.actions.outbox import send_due
from plans.models import Activity, Agency, Membership, OutgoingMessage, Reminder, ReportingRound, User
from plans.summaries.digest import DigestLine, PlanWeek
from plans.summaries.owed_by_people import last_occasion
from tests.mailing import mail_settings
from tests.views.conftest import open_reading, report, year_two  # noqa: F401
from tests.views.page import Page

SITE = "https://tracker.example.govt.nz"
OPENED, DUE = date(2026, 11, 4), date(2026, 12, 2)
"""Both are Wednesdays."""


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


@pytest.fixture
def reporting_round(year_two):  # noqa: F811
    return ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=OPENED, due_on=DUE)


def run(day, hour=9):
    """Run the sender on a day; returns {address: subject} of what it sent."""
    mail.outbox.clear()
    with time_machine.travel(f"{day:%Y-%m-%d} {hour:02}:00 +13:00", tick=False):
        plan_day()
        send_due()
    return {one.to[0]: one.subject for one in mail.outbox}


@pytest.mark.parametrize(
    ("day", "occasion"),
    [
        (OPENED - timedelta(days=1), None),
        (OPENED, OPENED),
        (DUE - timedelta(days=8), OPENED),
        (DUE - timedelta(days=7), DUE - timedelta(days=7)),
        (DUE - timedelta(days=1), DUE - timedelta(days=7)),
        (DUE, DUE),
        (DUE + timedelta(days=6), DUE),
        (DUE + timedelta(days=7), DUE + timedelta(days=7)),
        (DUE + timedelta(days=20), DUE + timedelta(days=14)),
    ],
)
def test_occasions_are_opening_a_week_before_the_due_date_and_weekly(day, occasion):
    assert last_occasion(OPENED, DUE, day) == occasion


def test_round_that_is_due_within_the_week_has_no_occasion_before_it_opens():
    assert last_occasion(OPENED, OPENED + timedelta(days=3), OPENED + timedelta(days=1)) == OPENED


def test_person_is_told_on_each_occasion_once(reporting_round, police_updater):
    days = [OPENED + timedelta(days=one) for one in range(46)]

    told = [day for day in days if run(day)]

    assert told == [OPENED, DUE - timedelta(days=7), DUE, DUE + timedelta(days=7), DUE + timedelta(days=14)]
    first = Reminder.objects.earliest("day")
    assert (first.day, first.state, first.by, first.activity_count) == (OPENED, "sent", None, 5)


def test_day_on_which_nothing_could_be_sent_is_made_up_for(reporting_round, police_updater):
    assert run(OPENED + timedelta(days=2)) != {}
    assert run(OPENED + timedelta(days=3)) == {}


def test_email_whose_sending_is_not_known_is_made_up_for_on_the_next_day(reporting_round, police_updater):
    run(OPENED)
    OutgoingMessage.objects.update(state="in_doubt", sent_at=None)
    Reminder.objects.all().delete()

    assert run(OPENED, hour=12) == {}
    assert run(OPENED + timedelta(days=1)) != {}


def test_it_stops_when_all_is_done_also_between_planning_and_sending(reporting_round, police_updater, report):  # noqa: F811
    police = Agency.objects.get(code="police")
    with time_machine.travel(f"{OPENED:%Y-%m-%d} 09:00 +13:00", tick=False):
        assert plan_day() == 1
        for number in (1, 5, 8, 10, 13):
            report(Activity.objects.get(number=number), agency=police, round=reporting_round)
        assert send_due().dropped == 1

    assert (mail.outbox, run(DUE)) == ([], {})


def test_no_one_is_written_to_at_night_or_about_a_draft(reporting_round, police_updater):
    assert run(OPENED, hour=6) == run(OPENED, hour=19) == {}
    reporting_round.plan.is_current = reporting_round.plan.is_published = False
    reporting_round.plan.save()
    assert run(OPENED) == {}


def test_email_lists_all_that_is_owed_to_all_rounds_with_status_and_date(
    reporting_round,
    year_two,  # noqa: F811
    police_updater,
    report,  # noqa: F811
):
    activity = Activity.objects.get(number=5)
    activity.title = "Whānau “Ōrite” <b>& co</b>"
    activity.save()
    report(
        activity,
        agency=Agency.objects.get(code="police"),
        status="at_risk",
        made_at=timezone.now() - timedelta(days=99),
    )
    Membership.objects.create(user=police_updater.user, agency=Agency.objects.get(code="msd"))

    run(OPENED)

    (got,) = mail.outbox
    text, (html,) = got.body, [one.content for one in got.alternatives]
    assert got.subject == "December quarter: updates due 2 December 2026"
    assert "You have 7 updates outstanding:" in text
    assert "- 5. Whānau “Ōrite” <b>& co</b>" in text
    assert "  At risk, last update " in text
    assert "Whānau “Ōrite” &lt;b&gt;&amp; co&lt;/b&gt;" in html
    assert f"{SITE}/u/" in text
    assert f"{SITE}/accounts/login/?next=/plans/year-two/updates/" in text
    assert got.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Police" not in got.subject
    raw = got.message().as_bytes()
    assert b"Content-Transfer-Encoding: quoted-printable" in raw
    assert b"Wh=C4=81nau" in raw


def test_person_who_turned_reminders_off_gets_none(reporting_round, police_updater):
    User.objects.filter(pk=police_updater.user.pk).update(gets_reminders=False)

    assert run(OPENED) == {}


MONDAY = date(2026, 11, 9)


def test_monday_digest_says_what_changed_to_those_who_want_it(
    year_two,  # noqa: F811
    programme_admin,
    police_updater,
    monkeypatch,
):
    weeks = _weeks(year_two)
    monkeypatch.setattr(daily_mail, "weeks_before", lambda monday: weeks)

    assert list(run(MONDAY)) == [programme_admin.user.email]
    (got,) = mail.outbox
    assert got.subject == "Action plans: changes in the week to 8 November 2026"
    assert "Newly off track:\n- 3. Website" in got.body
    assert f"{SITE}/plans/year-two/compare/?from=2026-11-01&to=2026-11-08" in got.body
    assert run(MONDAY + timedelta(days=1)) == {}

    User.objects.filter(pk=programme_admin.user.pk).update(gets_digest=False)
    User.objects.filter(pk=police_updater.user.pk).update(gets_digest=True)
    assert list(run(MONDAY + timedelta(days=7))) == [police_updater.user.email]


def test_monday_with_a_reminder_and_a_digest_is_one_email(reporting_round, year_two, police_updater, monkeypatch):  # noqa: F811
    ReportingRound.objects.update(opened_on=MONDAY)
    User.objects.filter(pk=police_updater.user.pk).update(gets_digest=True)
    weeks = _weeks(year_two)
    monkeypatch.setattr(daily_mail, "weeks_before", lambda monday: weeks)

    both = "December quarter: updates due 2 December 2026; changes in the week to 8 November 2026"
    assert run(MONDAY) == {police_updater.user.email: both}


def test_quiet_week_is_no_email(year_two, programme_admin, monkeypatch):  # noqa: F811
    monkeypatch.setattr(daily_mail, "weeks_before", lambda monday: [])

    assert run(MONDAY) == {}


def _weeks(plan):
    off = (DigestLine(3, "Website"),)
    return [PlanWeek(plan, date(2026, 11, 1), date(2026, 11, 8), off, (), (), (), 2)]


def test_queries_do_not_grow_with_people(reporting_round, police_updater, make_updater):
    with CaptureQueriesContext(connection) as few:
        parts_of_day(OPENED)
    for number in range(5):
        make_updater(f"p{number}@police.example", "", "police")
    with CaptureQueriesContext(connection) as many:
        assert sum(bool(one.parts) for one in parts_of_day(OPENED)) == 6

    assert len(many) == len(few) <= 12


@pytest.mark.parametrize("name", ["SITE_URL", "EMAIL"])
def test_command_refuses_without_mail(settings, name):
    if name == "SITE_URL":
        settings.SITE_URL = ""
    else:
        for key, value in mail_settings("django.core.mail.backends.console.EmailBackend").items():
            setattr(settings, key, value)
    with pytest.raises(CommandError, match="Nothing was sent"):
        call_command("send_mail")


# What people choose, and the page of programme admins


def test_link_in_an_email_turns_off_nothing_before_it_is_asked_to(police_updater, visitor):
    person = police_updater.user
    address = f"/unsubscribe/{stop_token(person.pk, list(MailPart))}/"

    page = visitor.get(address)
    visitor.post(address, {})
    person.refresh_from_db()
    assert (page.status_code, person.gets_reminders, person.gets_digest) == (200, None, None)
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "no-store" in page["Cache-Control"]

    visitor.post(address, {"stop": "digest"})
    person.refresh_from_db()
    assert (person.gets_reminders, person.gets_digest) == (None, False)


def test_one_click_turns_off_what_was_in_the_email(police_updater):
    """As mail programs send it: without cookies, and with one field (RFC 8058)."""
    person = police_updater.user
    address = f"/unsubscribe/{stop_token(person.pk, [MailPart.REMINDERS])}/"

    answer = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})

    person.refresh_from_db()
    assert (answer.status_code, person.gets_reminders, person.gets_digest) == (200, False, None)


@pytest.mark.parametrize("token", ["x", "1-digest.x", "1-digest", "." * 300])
def test_link_that_is_not_ours_opens_nothing(visitor, db, token):
    assert visitor.get(f"/unsubscribe/{token}/").status_code == 404


def test_account_page_keeps_which_emails_one_wants(police_updater, programme_admin):
    page = programme_admin.get("/account/").text
    assert ('value="reminders" checked' in page, 'value="digest" checked' in page) == (True, True)
    assert 'value="digest" checked' not in police_updater.get("/account/").text

    police_updater.post("/account/emails/", {"mail": ["digest"]})

    page = police_updater.get("/account/").text
    assert ('value="reminders" checked' in page, 'value="digest" checked' in page) == (False, True)


def test_page_shows_who_gets_what_before_it_goes(reporting_round, police_updater, programme_admin):
    with time_machine.travel("2026-11-23 06:00 +13:00", tick=False):
        Reminder.objects.create(
            round=reporting_round,
            person=police_updater.user,
            day=OPENED,
            activity_count=5,
            state="sent",
            sent_at=timezone.now(),
        )
        ahead = mail_ahead(days_ahead())
        assert [(one.reminder_count, one.digest_count) for one in ahead] == [
            *((0, 1), (0, 0), (1, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 1)),
        ]
        page = Page(programme_admin.get("/manage/email/?day=2026-11-25"))
    assert "December quarter: 5 updates outstanding" in page.text
    assert str(police_updater.user) in page.text


def test_page_shows_what_went_and_tries_again(reporting_round, police_updater, programme_admin):
    run(OPENED)
    assert "Sent" in Page(programme_admin.get("/manage/email/")).text
    OutgoingMessage.objects.update(state="failed", sent_at=None, problem="The email server refused the email.")
    Reminder.objects.all().delete()
    page = programme_admin.get("/manage/email/?state=failed")
    assert "The email server refused the email." in Page(page).text

    message = OutgoingMessage.objects.get()
    programme_admin.post(f"/manage/email/{message.pk}/try-again/")
    programme_admin.post(f"/manage/email/{message.pk}/try-again/")

    assert OutgoingMessage.objects.get().state == "waiting"
    OutgoingMessage.objects.update(next_try_at=message.next_try_at)
    assert run(OPENED, hour=12) != {}


def test_page_costs_the_same_for_many_people(reporting_round, programme_admin, make_updater):
    make_updater("p@police.example", "", "police")
    with CaptureQueriesContext(connection) as few:
        programme_admin.get("/manage/email/")
    for number in range(5):
        make_updater(f"p{number}@police.example", "", "police")
    with CaptureQueriesContext(connection) as many:
        programme_admin.get("/manage/email/")

    assert len(many) == len(few) <= 20
