"""Reminders: who gets which email, at most once a day, sent by the site or opened in a mail program."""

import re
import smtplib
from datetime import date, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from plans.actions.daily_mail import plan_day
from plans.actions.outbox import LEASE, send_due
from plans.actions.reminders import SentCounts, send_reminders
from plans.actions.rounds import close_round
from plans.mail_run import NO_ANSWER, REFUSED_EMAIL
from plans.models import Activity, Agency, AuditEvent, Membership, OutgoingMessage, Reminder, ReportingRound, User
from plans.outgoing import LONGEST_LINK, mailto_links
from plans.summaries.rounds import freeze_report
from tests.mailing import mail_settings
from tests.test_updates_at_once import at_once, december, leads, own_file  # noqa: F401
from tests.views.conftest import open_reading, report, year_two  # noqa: F401
from tests.views.page import Page, said

SITE = "https://tracker.example.govt.nz"
LINK = f"{SITE}/accounts/login/?next=/plans/year-two/updates/"
OWED_BY_POLICE = [1, 5, 8, 10, 13]


@pytest.fixture
def reporting_round(year_two):  # noqa: F811
    """An open round of the Year Two plan, due in 11 days."""
    today = timezone.localdate()
    days = {"opened_on": today, "due_on": today + timedelta(days=11)}
    return ReportingRound.objects.create(plan=year_two, name="December quarter", **days)


@pytest.fixture
def address(reporting_round):
    return f"/plans/year-two/rounds/{reporting_round.pk}/"


@pytest.fixture
def site(settings):
    """The address of the site is set."""
    settings.SITE_URL = SITE


@pytest.fixture
def no_mail(settings):
    """No mail is set up: it would be printed."""
    for name, value in mail_settings("django.core.mail.backends.console.EmailBackend").items():
        setattr(settings, name, value)


class Failing(EmailBackend):
    """A mail server that fails for some addresses, or for all."""

    refused, is_away = set(), False
    error = smtplib.SMTPDataError(451, b"Try again later")
    seen_in_transaction = None

    def open(self):
        if type(self).is_away:
            raise ConnectionRefusedError("away")

    def send_messages(self, messages):
        type(self).seen_in_transaction = connection.in_atomic_block
        if set(messages[0].to) & self.refused:
            raise type(self).error
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    """The mail server, whose failures can be chosen."""
    monkeypatch.setattr(Failing, "refused", set())
    monkeypatch.setattr(Failing, "is_away", False)
    for name, value in mail_settings(f"{__name__}.Failing").items():
        setattr(settings, name, value)
    return Failing


@pytest.fixture
def send(reporting_round, programme_admin):
    """Sends reminders to the people of some agencies, by code."""

    def answer(*codes, by=programme_admin.user):
        return send_reminders(reporting_round=reporting_round, codes=codes, by=by, link=LINK)

    return answer


def numbers_in(text):
    return [int(number) for number in re.findall(r"^- (\d+)\.", text, re.MULTILINE)]


def sent():
    """{address: the activities that its email lists} of all emails."""
    assert len({one.to[0] for one in mail.outbox}) == len(mail.outbox)
    return {one.to[0]: numbers_in(one.body) for one in mail.outbox}


def reminders():
    rows = Reminder.objects.order_by("pk").values_list("person__email", "state", "activity_count", "problem")
    return list(rows)


# Who gets what


def test_each_person_gets_one_email_with_all_that_is_outstanding_from_them(send, police_updater, make_updater):
    both = make_updater("both@agency.example", "", "msd").user
    Membership.objects.create(user=both, agency=Agency.objects.get(code="police"))
    make_updater("far@agency.example", "Far updater", "moe")

    assert send("police") == SentCounts(sent_count=2)

    assert sent() == {"both@agency.example": [1, 2, 5, 8, 10, 12, 13], "updater@police.example": OWED_BY_POLICE}
    assert reminders() == [("both@agency.example", "sent", 7, ""), ("updater@police.example", "sent", 5, "")]


def test_email_lists_what_is_outstanding_when_it_is_sent(send, reporting_round, police_updater, report):  # noqa: F811
    for number in (5, 13):
        activity = Activity.objects.get(number=number)
        report(activity, agency=Agency.objects.get(code="police"), round=reporting_round)

    send("police")

    assert sent() == {"updater@police.example": [1, 8, 10]}


@pytest.mark.parametrize("kind", ["all received", "closed account", "left the agency", "another agency"])
def test_who_owes_nothing_or_cannot_sign_in_gets_no_email(send, reporting_round, police_updater, report, kind):  # noqa: F811
    person = User.objects.filter(pk=police_updater.user.pk)
    if kind == "all received":
        for number in OWED_BY_POLICE:
            report(Activity.objects.get(number=number), agency=Agency.objects.get(code="police"), round=reporting_round)
    elif kind == "closed account":
        person.update(is_active=False)
    elif kind == "left the agency":
        Membership.objects.update(ended_at=timezone.now())

    assert send("te-whatu-ora" if kind == "another agency" else "police") == SentCounts()

    assert (mail.outbox, reminders(), AuditEvent.objects.filter(kind="reminders_sent").count()) == ([], [], 0)


def test_what_a_reminder_says(send, reporting_round, police_updater, site, settings):
    settings.DEFAULT_FROM_EMAIL = "Tracker <tracker@example.govt.nz>"
    Activity.objects.filter(number=1).update(title="Whānau “Ōrite” <b>& co</b>")

    send("police")

    due = reporting_round.due_on
    (got,) = mail.outbox
    assert (got.subject, got.from_email, getattr(got, "alternatives", []), got.cc, got.bcc) == (
        *(f"December quarter: updates due {due:%-d %B %Y}", "Tracker <tracker@example.govt.nz>"),
        *([], [], []),
    )
    lines = got.body.splitlines()
    assert lines[:7] == [
        *("Kia ora", "", f"December quarter: updates due {due:%-d %B %Y} (in 11 days).", ""),
        *("You have 5 updates outstanding:", "", "- 1. Whānau “Ōrite” <b>& co</b>"),
    ]
    assert lines[8].endswith(" (joint leads: one update is enough)")
    assert lines[-3:] == [LINK, "", "Ngā mihi"]


def test_link_of_a_reminder_leads_through_signing_in_to_my_updates(visitor, make_user, police_updater):
    path = LINK.removeprefix(SITE)
    make_user("new@police.example", password="correct horse battery")

    assert 'name="next" value="/plans/year-two/updates/"' in visitor.get(path).content.decode()
    typed = {"login": "new@police.example", "password": "correct horse battery"}
    assert visitor.post(path, {**typed, "next": "/plans/year-two/updates/"})["Location"] == "/plans/year-two/updates/"
    assert police_updater.get(path)["Location"] == "/plans/year-two/updates/"


# Once a day


def test_second_reminder_of_the_day_is_not_sent_and_that_of_the_next_day_is(send, police_updater):
    with time_machine.travel("2026-12-03 10:00 +13:00", tick=False) as clock:
        answers = [send("police"), send("police", "rocc")]
        clock.shift(timedelta(hours=14))
        answers.append(send("police"))

    assert answers == [SentCounts(sent_count=1), SentCounts(already_count=1), SentCounts(sent_count=1)]
    assert list(Reminder.objects.order_by("day").values_list("day", flat=True)) == [
        date(2026, 12, 3),
        date(2026, 12, 4),
    ]
    assert len(mail.outbox) == 2


def test_person_is_reminded_of_one_round_a_day(send, reporting_round, police_updater, programme_admin):
    with time_machine.travel("2026-12-03 10:00 +13:00", tick=False) as clock:
        send("police")
        close_round(reporting_round=reporting_round, by=programme_admin.user, report=freeze_report)
        today = timezone.localdate()
        following = reporting_round.plan.rounds.create(name="March quarter", opened_on=today, due_on=today)
        about = {"reporting_round": following, "codes": ["police"], "by": programme_admin.user, "link": LINK}

        answers = [send_reminders(**about)]
        clock.shift(timedelta(days=1))
        answers.append(send_reminders(**about))

    assert answers == [SentCounts(already_count=1), SentCounts(sent_count=1)]
    assert len(mail.outbox) == 2


def test_reminder_sent_by_hand_is_the_email_of_the_day(send, reporting_round, police_updater, settings):
    settings.SITE_URL = SITE
    with time_machine.travel("2026-12-03 10:00 +13:00", tick=False):
        ReportingRound.objects.update(opened_on=timezone.localdate())
        assert plan_day() == 1
        assert send("police") == SentCounts(sent_count=1)
        plan_day()
        send_due()

    assert len(mail.outbox) == 1


def test_server_that_did_not_answer_may_have_sent_it_so_it_is_not_sent_again(send, server, police_updater, monkeypatch):
    monkeypatch.setattr(server, "error", TimeoutError("timed out"))
    server.refused = {"updater@police.example"}

    assert send("police") == SentCounts(failed_count=1, problem=NO_ANSWER)
    server.refused = set()
    assert send("police") == SentCounts(already_count=1)
    assert reminders() == [("updater@police.example", "sending", 5, NO_ANSWER)]


def test_failed_reminder_is_recorded_and_can_be_sent_again_once(send, server, police_updater, make_updater):
    make_updater("a@police.example", "A", "police")
    server.refused = {"updater@police.example"}

    first = send("police")
    recorded = reminders()
    server.refused = set()

    assert first == SentCounts(sent_count=1, failed_count=1, problem=REFUSED_EMAIL)
    assert recorded == [("a@police.example", "sent", 5, ""), ("updater@police.example", "failed", 5, REFUSED_EMAIL)]
    assert send("police") == SentCounts(sent_count=1, already_count=1)
    assert send("police") == SentCounts(already_count=2)
    assert [state for _, state, *_ in reminders()] == ["sent", "sent"]
    assert sorted(sent()) == ["a@police.example", "updater@police.example"]


def test_server_that_is_away_fails_all_and_loses_none(send, server, police_updater, make_updater):
    make_updater("a@police.example", "A", "police")
    server.is_away = True

    assert send("police") == SentCounts(failed_count=2, problem=NO_ANSWER)
    server.is_away = False
    assert send("police") == SentCounts(sent_count=2)


def test_reminder_that_was_broken_off_before_it_left_is_sent_after_the_lease(send, monkeypatch, police_updater):
    with time_machine.travel("2026-12-03 10:00 +13:00", tick=False) as clock:
        monkeypatch.setattr("plans.mail_run.MailRun.send", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send("police")
        monkeypatch.undo()

        assert send("police") == SentCounts(already_count=1)
        clock.shift(LEASE)
        assert send("police") == SentCounts(sent_count=1)


@pytest.mark.parametrize("is_retry", [False, True])
def test_of_two_admins_who_send_at_once_one_does(own_file, leads, december, settings, is_retry):  # noqa: F811
    admins = [User.objects.create_superuser(f"{name}@programme.example") for name in ("first", "second")]
    if is_retry:
        for person in User.objects.filter(is_superuser=False):
            failed = {"person": person, "day": timezone.localdate(), "state": "failed", "problem": NO_ANSWER}
            Reminder.objects.create(round=december, activity_count=1, by=admins[0], **failed)
            OutgoingMessage.objects.create(kind="daily", key=f"daily:{person.pk}", **failed)
    codes = ["police", "oranga-tamariki"]

    answers = at_once(
        *(lambda by=by: send_reminders(reporting_round=december, codes=codes, by=by, link=LINK) for by in admins)
    )

    assert sum(one.sent_count for one in answers) == sum(one.already_count for one in answers) == 2
    assert sorted(sent()) == ["updater@oranga-tamariki.example", "updater@police.example"]
    assert {state for _, state, *_ in reminders()} == {"sent"}


def test_email_is_sent_in_no_transaction(own_file, leads, december, server):  # noqa: F811
    admin = User.objects.create_superuser("admin@programme.example")

    send_reminders(reporting_round=december, codes=["police"], by=admin, link=LINK)

    assert server.seen_in_transaction is False


# Who may


def test_only_programme_admins_send(send, police_updater, programme_admin):
    for by in (police_updater.user, programme_admin.user):
        User.objects.filter(pk=programme_admin.user.pk).update(is_active=False)
        with pytest.raises(PermissionDenied):
            send("police", by=by)
    assert (mail.outbox, reminders()) == ([], [])


def test_nobody_is_reminded_of_a_closed_round(send, reporting_round, police_updater, programme_admin, address):
    close_round(reporting_round=reporting_round, by=programme_admin.user, report=freeze_report)

    with pytest.raises(ValidationError, match="December quarter is closed"):
        send("police")
    answer = programme_admin.post(f"{address}chase/", {"agency": "police"}, follow=True)

    assert Page(answer).text.count("December quarter is closed. No reminders were sent.") == 1
    assert mail.outbox == []


def test_reminders_are_noted_in_the_audit_trail(send, server, police_updater, make_updater, programme_admin):
    make_updater("a@police.example", "A", "police")
    server.refused = {"a@police.example"}
    send("police")
    send("te-whatu-ora")

    events = AuditEvent.objects.filter(kind="reminders_sent")
    assert [(one.by, one.about, one.detail) for one in events] == [
        (programme_admin.user, None, "December quarter: 1 sent, 1 not sent")
    ]


# The pages


def test_admin_ticks_previews_and_sends(programme_admin, police_updater, make_updater, address, site):
    make_updater("far@agency.example", "Far updater", "te-whatu-ora")
    shown = Page(programme_admin.get(address))
    ticks = {one.get("value"): one.get("checked") is not None for one in shown.controls("agency")}
    assert ticks == {"all": True, "police": True, "te-whatu-ora": True}

    preview = Page(programme_admin.get(f"{address}chase/?agency=police&chosen=yes"))

    assert "1 person gets one email with everything outstanding from them." in preview.text
    assert "Police updater (updater@police.example)" in preview.text
    assert "far@agency.example" not in preview.text
    assert mail.outbox == []
    assert [href for _, href in preview.links() if href.startswith("mailto:")] == []
    assert [one.get("value") for one in preview.controls("agency")] == ["police"]
    texts = ["".join(one.itertext()) for one in preview.root.iter("p") if one.get("class") == "letters__text"]
    answer = programme_admin.post(f"{address}chase/", {"agency": ["police"]}, follow=True)

    (got,) = mail.outbox
    assert [text.strip() for text in texts] == [got.body.strip()]
    assert got.subject in preview.text
    assert LINK in got.body
    assert answer.redirect_chain == [(address, 302)]
    page, today = Page(answer), timezone.localdate()
    assert "1 reminder sent." in page.text
    (table,) = (one for one in page.main.iter("table") if list(one.iter("input")))
    cells = [[said(cell) for cell in row.iter() if cell.tag in ("th", "td")] for row in table.iter("tr")]
    rows = {row[0]: row[-1] for row in cells}
    assert rows["Police"] == rows["All agencies"] == f"Reminded {today:%-d %b}"
    assert rows["Te Whatu Ora"] == ""
    assert {one.get("value"): one.get("checked") is not None for one in page.controls("agency")} == {
        **ticks,
        "police": False,
        "all": False,
    }
    (folded,) = (one for one in page.main.iter("details") if one.get("id") == "reminders")
    cells = [said(cell) for row in folded.iter("tr") for cell in row.iter() if cell.tag in ("th", "td")]
    assert cells == [
        *("Day", "Sent", "Not sent", "By"),
        *(f"{today:%-d %b %Y}", "1 emailPolice updater", "", "Programme admin"),
    ]


def test_preview_leaves_out_who_was_reminded_today(programme_admin, police_updater, make_updater, address, send):
    send("police")
    make_updater("a@police.example", "A", "police")

    page = Page(programme_admin.get(f"{address}chase/?agency=police"))

    assert "Reminded today already, so not again: Police updater (updater@police.example)." in page.text
    assert "Send 1 email" in page.text
    assert "To A (a@police.example)" in " ".join(page.text.split())


def test_people_with_the_same_list_share_a_preview(programme_admin, police_updater, make_updater, address):
    make_updater("a@police.example", "A", "police")

    page = Page(programme_admin.get(f"{address}chase/?agency=police"))

    assert "To A (a@police.example), Police updater (updater@police.example)" in " ".join(page.text.split())
    assert page.text.count("Kia ora") == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("chosen=yes", "Choose at least one agency."),
        ("agency=polcie", "There is no lead agency called “polcie” in this round."),
    ],
)
def test_preview_of_nothing_says_why(programme_admin, police_updater, address, query, sentence):
    page = Page(programme_admin.get(f"{address}chase/?{query}"))

    assert page.errors == [sentence]
    assert "There is no one to remind" in page.text


def test_sending_without_an_agency_or_without_mail_is_refused(programme_admin, police_updater, address, no_mail):
    told = []
    for data in ({}, {"agency": "police"}):
        answer = programme_admin.post(f"{address}chase/", data, follow=True)
        told += [str(one) for one in answer.context["messages"]]

    assert told == [
        "Choose at least one agency.",
        "This site does not send email. Open each email in your email app instead.",
    ]
    assert (mail.outbox, reminders()) == ([], [])


def test_page_says_what_was_not_sent(programme_admin, police_updater, address, server):
    server.is_away = True

    page = Page(programme_admin.post(f"{address}chase/", {"agency": "police"}, follow=True))

    assert f"1 reminder was not sent. {NO_ANSWER} You can send them again." in page.text
    assert [one.get("checked") is not None for one in page.controls("agency")] == [True, True]
    server.is_away = False
    again = Page(programme_admin.post(f"{address}chase/", {"agency": "police"}, follow=True))
    assert "1 reminder sent." in again.text
    third = Page(programme_admin.post(f"{address}chase/", {"agency": "police"}, follow=True))
    assert "1 person has already been reminded today." in third.text
    fourth = Page(programme_admin.post(f"{address}chase/", {"agency": "moe"}, follow=True))
    assert "No reminders were sent. Nothing is outstanding from these agencies any more." in fourth.text


def test_agencies_without_people_are_named_with_a_way_to_add_one(programme_admin, police_updater, address):
    for path in (address, f"{address}chase/"):
        page = Page(programme_admin.get(path))
        (notice,) = (one for one in page.main.iter("p") if one.get("class") == "notice")
        words = " ".join("".join(notice.itertext()).split())
        assert words.startswith(
            "No one can add updates for these agencies, so no one there gets a reminder. "
            "Add a person for ROCC, MSD, Oranga Tamariki,"
        )
        assert "Police" not in words
        assert "No lead agency" not in words
        assert page.links(notice)[0] == ("ROCC", "/people/invite/?agency=rocc")


def test_who_is_no_admin_sees_no_reminders(send, police_updater, reader, visitor, address):
    send("police")
    for client in (police_updater, reader, visitor):
        page = Page(client.get(address))
        assert page.controls("agency") == []
        assert "emind" not in page.text
        assert "updater@police.example" not in page.text


def test_nothing_is_ticked_where_that_is_asked_for(programme_admin, police_updater, address):
    page = Page(programme_admin.get(f"{address}?tick=none"))

    assert [one.get("checked") for one in page.controls("agency")] == [None, None]
    assert page.link("Tick all") == f"{address}?tick=all#agencies"


@pytest.mark.parametrize(
    ("code", "on_the_round", "on_my_updates"),
    [
        ("police", "4 and 1 shared", "4 updates outstanding and 1 shared"),
        ("msd", "2 and 2 shared", "2 updates outstanding and 2 shared"),
        ("te-whatu-ora", "1 and 1 shared", "1 update outstanding and 1 shared"),
    ],
)
def test_round_and_my_updates_count_alike(make_updater, reader, address, code, on_the_round, on_my_updates):
    mine = Page(make_updater("updater@agency.example", "Updater", code).get("/plans/year-two/updates/"))
    rows = [[said(cell) for cell in row] for row in Page(reader.get(address)).main.iter("tr")]

    assert on_the_round in [row[1] for row in rows if row[0] == str(Agency.objects.get(code=code))]
    assert f"{on_my_updates}, due " in mine.text


# Where no mail is set up


def test_without_mail_each_letter_opens_in_a_mail_program(
    programme_admin, police_updater, make_updater, address, no_mail
):
    make_updater("a@police.example", "A", "police")
    make_updater("b@msd.example", "B", "msd")

    page = Page(programme_admin.get(f"{address}chase/"))

    found = [urlsplit(href) for _, href in page.links() if href.startswith("mailto:")]
    assert [one.path for one in found] == ["a%40police.example;updater%40police.example", "b%40msd.example"]
    assert numbers_in(parse_qs(found[0].query)["body"][0].replace("\r\n", "\n")) == OWED_BY_POLICE
    assert "This site does not send email" in page.text
    assert [one for one in page.root.iter("button") if "Send" in "".join(one.itertext())] == []


def test_links_are_as_long_as_windows_takes_and_hold_everybody():
    addresses = [f"a.rather.long.name.{number}@agency.example.govt.nz" for number in range(100)]

    links = mailto_links(addresses, "December quarter", "x" * 1900, "You have 3 updates outstanding.")

    assert max(map(len, links)) <= LONGEST_LINK
    assert [one for link in links for one in unquote(urlsplit(link).path).split(";")] == addresses
    assert len(links) == 3
    assert {parse_qs(urlsplit(link).query)["body"][0] for link in links} == {"You have 3 updates outstanding."}
    assert mailto_links([], "December quarter", "Text", "Short") == []


# What it costs


@pytest.mark.parametrize("people", [1, 3])
def test_pages_cost_the_same_for_many_people(
    programme_admin, police_updater, make_updater, address, send, django_assert_num_queries, people
):
    for number in range(1, people):
        make_updater(f"{number}@police.example", "", "police")
    send("police")
    programme_admin.get("/plans/")

    with django_assert_num_queries(11):
        programme_admin.get(address)
    with django_assert_num_queries(10):
        programme_admin.get(f"{address}chase/")
