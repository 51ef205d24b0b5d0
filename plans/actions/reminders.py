"""Sends reminders of outstanding updates, at most one email for each person and day.

Each is the one email of its person and day, in the outbox as those that the site sends by itself: what waits there is
sent now instead, and who has had theirs gets no other. None of this is in a transaction that holds locks: an email
takes as long as the mail server likes. See `plans.actions.outbox` for what becomes of one whose sender is stopped.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.dateformat import format as format_date

from plans.actions.daily_mail import DAILY, daily_key, remember_told
from plans.actions.outbox import Email, claim_day, deliver_now
from plans.choices import AuditKind
from plans.mail_run import MailRun, NotSent
from plans.models import AuditEvent, ReportingRound, User
from plans.outgoing import plain_text
from plans.permissions import can_administer
from plans.summaries.owed_by_people import OwedInRound
from plans.summaries.parties import Parties
from plans.summaries.reminders import Letter, agencies_to_remind, letters_to
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
    """Send a letter to each of its people whose email of today is ours to send."""
    subject, text = reminder_subject(reporting_round), reminder_text(reporting_round, letter, link)
    day = timezone.localdate()
    for person in letter.people:
        key = daily_key(person.pk, day)
        message = claim_day(DAILY, key, person_id=person.pk, day=day, reporting_round=reporting_round)
        if message is None:
            counts.already_count += 1
            continue
        # What `settled` records: that they were reminded in this round, and by whom.
        owed = OwedInRound(reporting_round, letter.rows, letter.agencies_of[person])
        remember_told(message, [owed], by)
        try:
            deliver_now(run, message, Email(to=person.email, subject=subject, text=text))
        except NotSent as error:
            counts.failed_count += 1
            counts.problem = counts.problem or str(error)
        else:
            counts.sent_count += 1


def _in_words(reporting_round: ReportingRound, counts: SentCounts) -> str:
    failed = f", {counts.failed_count} not sent" if counts.failed_count else ""
    return f"{reporting_round.name}: {counts.sent_count} sent{failed}"
