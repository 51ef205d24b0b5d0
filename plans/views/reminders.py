"""The page on which programme admins see who is reminded of what, and send it."""

from dataclasses import dataclass
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions.reminders import SentCounts, reminder_subject, reminder_text, send_reminders
from plans.models import OutgoingMessage
from plans.outgoing import absolute_link, is_mail_sent, mailto_links
from plans.summaries.parties import Parties
from plans.summaries.reminders import Letter, agencies_to_remind, letters_to
from plans.summaries.rounds import summarise_round
from plans.text import count_of
from plans.views.form_recovery import signed_in
from plans.views.rounds import get_round_to_administer

NONE_CHOSEN = "Choose at least one agency."
NO_MAIL = "This site does not send email. Open each email in your email app instead."


@dataclass(frozen=True)
class Preview:
    """A letter as its readers get it, and the links that open it in a mail program."""

    letter: Letter
    text: str
    links: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def round_reminders(request, plan_slug, pk):
    """Who gets which email about what is outstanding; sent by POST, or opened in a mail program where none is set up.

    `agency` names the lead agencies, all of them unless the page of the round says that some were `chosen`. Sending is
    in no transaction, and needs no one-time key: the database takes one reminder for each person and day.
    """
    plan, reporting_round = get_round_to_administer(request, plan_slug, pk)
    asked = request.POST if request.method == "POST" else request.GET
    codes = [code.strip().lower() for code in asked.getlist("agency")]
    link = absolute_link(request, _address_by_signing_in(plan))
    if request.method == "POST":
        return _send(request, plan, reporting_round, codes, link)
    report = summarise_round(reporting_round)
    agencies = agencies_to_remind(report, Parties(plan)) if reporting_round.is_open else []
    by_code = {one.lead.code.lower(): one for one in agencies}
    problems = [f"There is no lead agency called “{code}” in this round." for code in codes if code not in by_code]
    if "chosen" in asked and not codes:
        problems = [NONE_CHOSEN]
    chosen = set(codes or by_code)
    letters = [] if problems else letters_to(agencies, chosen)
    is_mail = is_mail_sent()
    already = OutgoingMessage.objects.people_settled(timezone.localdate()) if is_mail else set()
    previews, left_alone = _previews(reporting_round, letters, link, already, with_links=not is_mail)
    context = {
        "plan": plan,
        "section": "reminders",
        "round": reporting_round,
        "report": report,
        "problems": problems,
        "chosen": [one for code, one in by_code.items() if code in chosen and one.is_remindable],
        "without_people": [one.lead for one in agencies if one.is_without_people],
        "previews": previews,
        "left_alone": left_alone,
        "email_count": sum(len(one.letter.people) for one in previews),
        "subject": reminder_subject(reporting_round),
        "is_mail_sent": is_mail,
    }
    return render(request, "plans/round_reminders.html", context)


def _address_by_signing_in(plan):
    """Return the address of "My updates" of `plan`, by way of the sign-in page, which people go through unasked."""
    return f"{reverse('account_login')}?next={quote(reverse('plans:my_updates', args=[plan.slug]))}"


def _previews(reporting_round, letters, link, already, *, with_links):
    """Return ([Preview] of the `letters` to those who are not `already` reminded, by id; the others)."""
    previews, left_alone = [], []
    for letter in letters:
        left_alone += [person for person in letter.people if person.pk in already]
        to = {person: ids for person, ids in letter.agencies_of.items() if person.pk not in already}
        if not to:
            continue
        text = reminder_text(reporting_round, letter, link)
        short = reminder_text(reporting_round, letter, link, is_short=True) if with_links else ""
        addresses = [person.email for person in to] if with_links else []
        links = mailto_links(addresses, reminder_subject(reporting_round), text, short)
        previews.append(Preview(Letter(letter.rows, to), text, links))
    return previews, left_alone


def _send(request, plan, reporting_round, codes, link):
    """Send what is chosen, and go back to the round, which says what became of it."""
    back = redirect("plans:round", plan.slug, reporting_round.pk)
    if not codes or not is_mail_sent():
        messages.error(request, NO_MAIL if codes else NONE_CHOSEN)
        return back
    try:
        counts = send_reminders(reporting_round=reporting_round, codes=set(codes), by=request.user, link=link)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return back
    if counts.sent_count:
        messages.success(request, f"{count_of(counts.sent_count, 'reminder,reminders')} sent.")
    if counts.failed_count:
        many = count_of(counts.failed_count, "reminder was,reminders were")
        messages.error(request, f"{many} not sent. {counts.problem} You can send them again.")
    if counts.already_count:
        many = count_of(counts.already_count, "person has,people have")
        messages.info(request, f"{many} already been reminded today.")
    if counts == SentCounts():
        messages.info(request, "No reminders were sent. Nothing is outstanding from these agencies any more.")
    return back
