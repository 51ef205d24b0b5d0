"""Sends reminders of outstanding updates, at most one for each person, round and day.

None of this is in a transaction that holds locks: an email takes as long as the mail server likes. A reminder is
claimed in the database first, which a unique constraint lets one sender do, and sent afterwards; so it can happen
that a reminder is lost where the machine stops in between, and never that a person gets two.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date

from plans.choices import AuditKind, ReminderState
from plans.mail_run import MailRun, NotSent
from plans.models import AuditEvent, Reminder, ReportingRound, User
from plans.outgoing import plain_text
from plans.permissions import can_administer
from plans.summaries.parties import Parties
from plans.summaries.reminders import Letter, Recipient, agencies_to_remind, letters_to
from plans.summaries.rounds import summarise_round


@dataclass
class SentCounts:
    """What became of the reminders of one run; `problem` is the first reason why one was not sent, as a sentence.

    `already_count` is how many people were left alone, since they had been reminded on the same day.
    """

    sent_count: int = 0
    failed_count: int = 0
    already_count: int = 0
    problem: str = ""


def send_reminders(*, reporting_round: ReportingRound, codes: Collection[str], by: User, link: str) -> SentCounts:
    """Remind the people of the lead agencies with these `codes` (in lower case) of what is outstanding now.

    Returns `SentCounts`. `link` leads to "My updates". Noted in the audit trail, once. Raises `ValidationError` for a
    closed round, `PermissionDenied` where `by` is no programme admin now.
    """
    if not can_administer(User.objects.get(pk=by.pk)):
        raise PermissionDenied("Only programme admins can send reminders.")
    current = ReportingRound.objects.select_related("plan").get(pk=reporting_round.pk)
    if not current.is_open:
        raise ValidationError(f"{current.name} is closed. No reminders were sent.")
    counts = SentCounts()
    agencies = agencies_to_remind(summarise_round(current), Parties(current.plan))
    letters = letters_to(agencies, codes)
    try:
        with MailRun() as run:
            for letter in letters:
                _send_letter(run, current, letter, by, link, counts)
    finally:
        if counts.sent_count or counts.failed_count:
            AuditEvent.objects.create(kind=AuditKind.REMINDERS_SENT, by=by, detail=_in_words(current, counts))
    return counts


def reminder_subject(reporting_round: ReportingRound) -> str:
    """Return the subject of reminders: nothing in it says to whom they go."""
    return f"{reporting_round.name}: updates due {format_date(reporting_round.due_on, 'j F Y')}"


def reminder_text(reporting_round: ReportingRound, letter: Letter, link: str, *, is_short: bool = False) -> str:
    """Return what a reminder says, in plain text; a short one says how many activities it is about, and not which."""
    context = {"round": reporting_round, "rows": letter.rows, "link": link, "is_short": is_short}
    return plain_text("plans/round_reminder.txt", context)


def _send_letter(
    run: MailRun, reporting_round: ReportingRound, letter: Letter, by: User, link: str, counts: SentCounts
) -> None:
    """Send a letter to each of its people whose reminder of today is ours to send."""
    subject, text = reminder_subject(reporting_round), reminder_text(reporting_round, letter, link)
    for person in letter.people:
        pk = _claim(reporting_round, letter, person, by)
        if pk is None:
            counts.already_count += 1
            continue
        reminder = Reminder.objects.filter(pk=pk)
        try:
            run.send(to=person.email, subject=subject, text=text)
        except NotSent as error:
            reminder.update(state=ReminderState.FAILED, problem=str(error))
            counts.failed_count += 1
            counts.problem = counts.problem or str(error)
        else:
            reminder.update(state=ReminderState.SENT, sent_at=timezone.now())
            counts.sent_count += 1


@transaction.atomic
def _claim(reporting_round: ReportingRound, letter: Letter, person: Recipient, by: User) -> int | None:
    """Return the id of the reminder of `person` for today, which only this caller sends; None where another one does.

    One that failed can be claimed again, once for each time that it failed.
    """
    now = timezone.now()
    values = {"by": by, "tried_at": now, "activity_count": len(letter.rows), "problem": ""}
    key = {"round": reporting_round, "person_id": person.pk, "day": timezone.localdate(now)}
    reminder, is_new = Reminder.objects.get_or_create(**key, defaults=values)
    if not is_new:
        failed = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.FAILED)
        if not failed.update(state=ReminderState.SENDING, **values):
            return None
    reminder.agencies.set(letter.agencies_of[person])
    return reminder.pk


def _in_words(reporting_round: ReportingRound, counts: SentCounts) -> str:
    failed = f", {counts.failed_count} not sent" if counts.failed_count else ""
    return f"{reporting_round.name}: {counts.sent_count} sent{failed}"
