"""The one email a day that a person gets at most: a reminder of what they owe, the weekly digest, or both in one.

`plan_day` asks the outbox for an email to everyone who has something to be told; what it says is decided once more
when it is sent, so that who has done everything by then gets none. Whether a reminder is due follows from when the
person was last told (see `plans.summaries.owed_by_people`), so nothing has to happen on one day exactly: what could
not be sent, or of which it is not known, is made up for on the next day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from plans.actions.mail_choices import MailPart, stop_token
from plans.actions.outbox import Email, Kind, put_all, register
from plans.actions.update_links import link_for, update_token
from plans.choices import MessageState, ReminderState
from plans.models import OutgoingMessage, Plan, Reminder, ReportingRound, UpdateLink, User
from plans.models.user import with_administrators
from plans.outgoing import plain_text
from plans.summaries.digest import DigestLine, PlanWeek, monday_of, weeks_before
from plans.summaries.owed_by_people import OwedActivity, OwedInRound, owed_by_people

DAILY = "daily"
FIRST_HOUR, LAST_HOUR = 7, 19
"""The hours of the day, in the time zone of the programme, from and until which people are written to."""
DIGEST_DAYS = 3
"""On how many days from Monday on the digest is sent, where it could not be sent on Monday."""


@dataclass(frozen=True)
class DayPart:
    """What one person is told on one day: what they owe, and the weeks of plans."""

    person_pk: int
    name: str
    owed: list[OwedInRound]
    weeks: list[PlanWeek]

    @property
    def parts(self) -> list[MailPart]:
        """What is in it."""
        return [*([MailPart.REMINDERS] if self.owed else []), *([MailPart.DIGEST] if self.weeks else [])]


@dataclass(frozen=True)
class EmailRound:
    """What the email says of a round; `update_link` is blank where links are turned off."""

    plan: Plan
    round: ReportingRound
    activities: Sequence[OwedActivity]
    update_link: str
    sign_in_link: str


@dataclass(frozen=True)
class EmailWeek:
    """What the email says of the week of a plan, and where all of it is."""

    week: PlanWeek
    link: str

    @property
    def parts(self) -> list[tuple[str, Sequence[DigestLine]]]:
        """The lists that are not empty, each with its heading."""
        week = self.week
        named = (
            ("Newly off track", week.off_track),
            ("Barriers escalated", week.escalated),
            ("Barriers resolved", week.resolved),
            ("Due dates moved", week.moved),
        )
        return [(heading, lines) for heading, lines in named if lines]


def daily_key(person_pk: int, day: date) -> str:
    """Return the key of the email of a person and day."""
    return f"daily:{person_pk}:{day:%Y-%m-%d}"


def plan_day() -> int:
    """Ask the outbox for the emails of today, unless it is too early or too late; returns how many people there are.

    Safe to call as often as one likes. Its queries do not depend on how many people there are.
    """
    now = timezone.localtime()
    if not FIRST_HOUR <= now.hour < LAST_HOUR:
        return 0
    day = now.date()
    told = {one.person_pk for one in parts_of_day(day) if one.parts}
    put_all(OutgoingMessage(kind=DAILY, key=daily_key(pk, day), person_id=pk, day=day) for pk in sorted(told))
    # Who had nothing to be told this morning may have something now.
    again = OutgoingMessage.objects.filter(kind=DAILY, day=day, state=MessageState.DROPPED, person__in=told)
    again.update(state=MessageState.WAITING, next_try_at=timezone.now())
    return len(told)


def parts_of_day(day: date, asked: Mapping[int, set[int]] | None = None) -> list[DayPart]:
    """Return what each person is told on `day`, as it stands now, by address.

    `asked` narrows it to people by id, with the rounds of which an admin had them reminded, due or not.
    """
    people = list(people_written_to(asked))
    owed = {one.pk: rounds for one, rounds in owed_by_people(set(asked) if asked is not None else None).items()}
    monday = monday_of(day)
    is_digest_day = (day - monday).days < DIGEST_DAYS
    wanting = {one.pk for one in people if gets_digest(one)} if is_digest_day else set()
    wanting -= told_of_week(monday) if wanting else set()
    weeks = weeks_before(monday) if wanting else []
    return [
        DayPart(
            person.pk,
            str(person),
            _to_tell(person, owed.get(person.pk, []), day, (asked or {}).get(person.pk, set())),
            weeks if person.pk in wanting else [],
        )
        for person in people
    ]


def gets_reminders(person: User) -> bool:
    """Return whether `person` is reminded by the site itself: unless they turned it off."""
    return person.gets_reminders is not False


def gets_digest(person: User) -> bool:
    """Return whether `person` gets the weekly digest: as they chose; else programme admins do."""
    return person.is_administrator if person.gets_digest is None else person.gets_digest


def people_written_to(asked: Mapping[int, set[int]] | None = None) -> Iterable[User]:
    """Return those whose accounts are open, by address, or those `asked` for, with `is_administrator`. One query."""
    people = with_administrators(User.objects.filter(is_active=True)).order_by("email")
    return people if asked is None else people.filter(pk__in=asked)


def _to_tell(person: User, owed: list[OwedInRound], day: date, asked: set[int]) -> list[OwedInRound]:
    """Return all that `person` owes if they are to be reminded of any of it on `day`, else nothing."""
    if any(one.round.pk in asked for one in owed):
        return owed
    is_due = gets_reminders(person) and any(one.is_to_be_told(day) for one in owed)
    return owed if is_due else []


def told_of_week(monday: date) -> set[int]:
    """Return the ids of people who have had the digest of a week. One query."""
    sent = OutgoingMessage.objects.filter(digest_on=monday, state=MessageState.SENT)
    return set(sent.values_list("person", flat=True))


def write_daily(messages: Sequence[OutgoingMessage]) -> Mapping[int, Email]:
    """Return what each of these emails says now; nothing for those of an earlier day, and for who has nothing to do."""
    today = timezone.localdate()
    of_today = {one.person_id: one for one in messages if one.day == today and one.person_id}
    if not of_today:
        return {}
    asked = {pk: {one.round_id} if one.round_id else set() for pk, one in of_today.items()}
    parts = [one for one in parts_of_day(today, asked) if one.parts]
    links = _live_links(parts)
    written = {}
    for part in parts:
        message = of_today[part.person_pk]
        remember_told(message, part.owed)
        message.digest_on = monday_of(today) if part.weeks else None
        written[message.pk] = _email(message.person, part, links)
    _keep_digest_days(of_today.values())
    return written


def _keep_digest_days(messages: Iterable[OutgoingMessage]) -> None:
    OutgoingMessage.objects.bulk_update(messages, ["digest_on"])


def _live_links(parts: Iterable[DayPart]) -> dict[tuple[int, int], UpdateLink]:
    """Return {(id of a person, id of a round): the link that there is already}. One query."""
    if not settings.ROCC_UPDATE_LINKS:
        return {}
    live = UpdateLink.objects.filter(person__in=[one.person_pk for one in parts], revoked_at=None)
    return {(one.person_id, one.round_id): one for one in live.select_related("person")}


def update_link_for(person: User, reporting_round: ReportingRound, links: Mapping[tuple[int, int], UpdateLink]) -> str:
    """Return the address at which `person` adds the updates of a round without signing in; blank without such links.

    `links` are those that there are already; a new one is made where there is none.
    """
    link = links.get((person.pk, reporting_round.pk)) or link_for(person, reporting_round)
    return _site(reverse("plans:update_link", args=[update_token(link)])) if link else ""


def _email(person: User | None, part: DayPart, links: Mapping[tuple[int, int], UpdateLink]) -> Email:
    """Return the email of a day to one person."""
    assert person is not None  # noqa: S101 - the database has none of a day without a person
    rounds = [
        EmailRound(one.round.plan, one.round, one.activities, update_link_for(person, one.round, links), _sign_in(one))
        for one in part.owed
    ]
    weeks = [EmailWeek(one, _compare(one)) for one in part.weeks]
    stop_link = _site(reverse("plans:stop_mail", args=[stop_token(person.pk, part.parts)]))
    subject = subject_of(part)
    context = {
        "subject": subject,
        "rounds": rounds,
        "weeks": weeks,
        "account_link": _site(reverse("account")),
        "stop_words": f"Stop {' and '.join(one.words for one in part.parts)}",
        "stop_link": stop_link,
    }
    return Email(
        to=person.email,
        subject=subject,
        text=plain_text("mail/daily.txt", context),
        html=render_to_string("mail/daily.html", context),
        headers={"List-Unsubscribe": f"<{stop_link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def subject_of(part: DayPart) -> str:
    """Return the subject, which says nothing of who gets it."""
    week = f"changes in the week to {format_date(part.weeks[0].last, 'j F Y')}" if part.weeks else ""
    if not part.owed:
        return f"Action plans: {week}"
    first = part.owed[0].round
    due = f"updates due {format_date(first.due_on, 'j F Y')}"
    reminder = f"{first.name}: {due}" if len(part.owed) == 1 else f"{len(part.owed)} reporting rounds: {due}"
    return f"{reminder}; {week}" if week else reminder


def _sign_in(owed: OwedInRound) -> str:
    after = reverse("plans:my_updates", args=[owed.round.plan.slug])
    return _site(f"{reverse('account_login')}?next={quote(after)}")


def _compare(week: PlanWeek) -> str:
    return _site(f"{reverse('plans:compare', args=[week.plan.slug])}?{week.query}")


def _site(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def remember_told(message: OutgoingMessage, told: Sequence[OwedInRound], by: User | None = None) -> None:
    """Put on a message, for as long as it is being sent, what it reminds its person of, and who sends it by hand."""
    message.told, message.told_by = told, by  # type: ignore[attr-defined]  # no columns: it is what `settled` records


def record_reminders(message: OutgoingMessage) -> None:
    """Record in which rounds the person of a message was reminded, or was not, in the transaction that ends it."""
    told: Sequence[OwedInRound] = getattr(message, "told", [])
    states = {
        MessageState.SENT: ReminderState.SENT,
        MessageState.FAILED: ReminderState.FAILED,
        MessageState.IN_DOUBT: ReminderState.SENDING,
    }
    state = states.get(MessageState(message.state))
    if not told or state is None or message.person_id is None or message.day is None:
        return
    keep_reminders(message, told, state, getattr(message, "told_by", None))


def keep_reminders(
    message: OutgoingMessage, told: Sequence[OwedInRound], state: ReminderState, by: User | None = None
) -> None:
    """Keep a reminder for each round that a message was about. Three queries."""
    values: dict[str, Any] = {"person_id": message.person_id, "day": message.day, "state": state, "by": by}
    values |= {"problem": message.problem, "sent_at": message.sent_at, "tried_at": timezone.now()}
    rows = [Reminder(round=one.round, activity_count=len(one.activities), **values) for one in told]
    changed = ["state", "by", "sent_at", "tried_at", "problem", "activity_count"]
    Reminder.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["round", "person", "day"], update_fields=changed
    )
    in_rounds = Reminder.objects.filter(round__in=[one.round for one in told])
    found = in_rounds.filter(person=values["person_id"], day=values["day"])
    pks = dict(found.values_list("round", "pk"))
    through = Reminder.agencies.through
    links = [through(reminder_id=pks[one.round.pk], agency_id=agency) for one in told for agency in one.agency_ids]
    through.objects.bulk_create(links, ignore_conflicts=True)


register(Kind(name=DAILY, label="Reminder or weekly digest", write=write_daily, settled=record_reminders))
