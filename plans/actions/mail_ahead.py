"""The emails of today and of the next days, before they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from plans.actions.daily_mail import gets_digest, gets_reminders, people_written_to, told_of_week
from plans.choices import MessageState
from plans.models import OutgoingMessage
from plans.summaries.digest import monday_of
from plans.summaries.owed_by_people import OwedInRound, owed_by_people
from plans.text import count_of


@dataclass(frozen=True)
class AheadOfPerson:
    """What one person gets on a day: `why`, and how far it has come; blank before it is made."""

    name: str
    why: str
    state: str = ""


@dataclass(frozen=True)
class MailDay:
    """The emails of a day as they stand now; `turned_off` are people who owe something and turned reminders off."""

    day: date
    people: list[AheadOfPerson]
    reminder_count: int
    digest_count: int
    turned_off: list[str]


def days_ahead(count: int = 8) -> list[date]:
    """Return today and the days after it."""
    today = timezone.localdate()
    return [today + timedelta(days=one) for one in range(count)]


def mail_ahead(days: Sequence[date]) -> list[MailDay]:
    """Return who gets which email on each of `days`, if nothing changes until then. Not more queries for more days.

    The first day is today: who has had theirs is told with what became of it.
    """
    people = list(people_written_to())
    owed = {one.pk: rounds for one, rounds in owed_by_people().items()}
    turned_off = [str(one) for one in people if one.pk in owed and not gets_reminders(one)]
    made = {one.person_id: one for one in OutgoingMessage.objects.filter(day=days[0])}
    had_digest = told_of_week(monday_of(days[0]))
    found, told = [], dict.fromkeys(owed, date.min)
    for day in days:
        rows, reminder_count, digest_count = [], 0, 0
        for person in people:
            message = made.get(person.pk) if day == days[0] else None
            rounds = owed.get(person.pk, [])
            is_due = gets_reminders(person) and any(one.is_to_be_told(day, told[person.pk]) for one in rounds)
            is_digest = day.weekday() == 0 and gets_digest(person) and person.pk not in had_digest
            if message and message.state != MessageState.WAITING:
                is_due = is_digest = False
            if is_due:
                told[person.pk] = day
            reminder_count, digest_count = reminder_count + is_due, digest_count + is_digest
            if is_due or is_digest or (message and message.state != MessageState.DROPPED):
                why = _why(rounds if is_due else [], is_digest=is_digest)
                rows.append(AheadOfPerson(str(person), why, message.get_state_display() if message else ""))
        found.append(MailDay(day, rows, reminder_count, digest_count, turned_off))
    return found


def _why(rounds: Sequence[OwedInRound], *, is_digest: bool) -> str:
    """Return what an email is about, in a line."""
    reminders = [
        f"{one.round.plan.short_name}, {one.round.name}: {count_of(len(one.activities), 'update,updates')} outstanding"
        for one in rounds
    ]
    return "; ".join([*reminders, *(["weekly digest"] if is_digest else [])])
