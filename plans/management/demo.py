"""What `make demo` shows: a year of rounds, updates, barriers and an import on the Year Two plan, all of it made up."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from unittest import mock

from django.contrib.auth import get_user_model
from django.utils import timezone

from plans.actions import correct_update, edit_activity, end_activity, record_update
from plans.actions.accepted_checks import accept_check
from plans.actions.agreements import answer_update
from plans.actions.barriers import resolve_barrier
from plans.actions.contacts import save_contact
from plans.actions.rounds import close_round, open_round
from plans.choices import Ending, ImportScope, PlanCheck, Status
from plans.models import Agency, AgencyContact, Barrier, Import, Membership
from plans.spreadsheets.importing.workflow import keep_file, run_check
from plans.summaries.rounds import freeze_report
from plans.web_links import Link

DAYS_TO_REPORT = 30
DUE_IN_DAYS = 11
CLOSED_ROUNDS = 3
QUARTER_NAMES = ("March", "June", "September", "December")
ON, RISK, OFF = Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK
NOT_STARTED, PAUSED, COMPLETE = Status.NOT_STARTED, Status.PAUSED, Status.COMPLETE
STORY = {
    1: (
        "police",
        (ON, "The first phase has begun in two districts."),
        (ON, "Three districts take part now."),
        (ON, "The second phase is under way."),
        (ON, "Every district has a named lead."),
    ),
    2: (
        "apa",
        (NOT_STARTED, ""),
        (ON, "A provider was chosen."),
        (ON, "The first forty people were supported on arrival."),
        (RISK, "Fewer places are available than planned."),
    ),
    3: (
        "rocc",
        (NOT_STARTED, ""),
        (ON, "The two programmes share one work plan."),
        (ON, "The first training sessions were held."),
        (OFF, "The supplier of the website withdrew. A new tender takes four months."),
    ),
    4: ("te-whatu-ora", (NOT_STARTED, ""), (NOT_STARTED, ""), (ON, "A coordinator has started."), None),
    5: (
        "police",
        (ON, "Two regions have a site."),
        (ON, "A third region has agreed."),
        (RISK, "Recruitment is slower than planned."),
        (RISK, "Four of six navigators are in place."),
    ),
    7: (
        "kainga-ora",
        (ON, "The referral form is agreed."),
        (ON, "Referrals are made in four regions."),
        (ON, "Referrals are made in all regions."),
        (COMPLETE, "The process was handed over to the regions."),
    ),
    8: (
        "oranga-tamariki",
        (ON, "The six agencies meet monthly."),
        (ON, "The joint work plan was agreed."),
        (ON, "Half of the actions are done."),
        None,
    ),
    9: (
        "oranga-tamariki",
        (ON, "Providers were contracted."),
        (ON, "Two programmes run."),
        (ON, "Three programmes run."),
        (ON, "An evaluation was commissioned."),
    ),
    10: ("moj", (NOT_STARTED, ""), (NOT_STARTED, ""), (NOT_STARTED, ""), (NOT_STARTED, "")),
    11: (
        "swa",
        None,
        (ON, "The first data set is shared."),
        (ON, "Two agencies use the insights."),
        (ON, "The insights go to every region each quarter."),
    ),
    12: (
        "msd",
        (ON, "Regions were asked what they need."),
        (ON, "A toolkit was drafted."),
        (ON, "The toolkit is being tried in one region."),
        (PAUSED, "Paused until the regional commissioners have met in February."),
    ),
    13: ("police", (NOT_STARTED, ""), (ON, "A first draft was shared."), (ON, "Agencies gave feedback."), None),
    14: ("rocc", None, None, (NOT_STARTED, ""), None),
}
"""{number: (agency that reports, (status, what happened) in each round, None where it gave no update)}."""
OTHER_LEADS = {(3, 3): ("tnoc", (ON, "The training goes on as planned."))}
"""{(number, index of the round): what another lead of the activity reports, as in `STORY`}: leads that differ."""
BARRIERS = {
    (2, 2): "The contract waits for a signature.",
    (5, 2): "No suitable candidates for two navigator roles.",
    (5, 3): "Funding for two navigators ends in June.",
}
"""{(number, index of the round): barrier}."""
EVIDENCE = {
    (7, 3): Link("https://www.example.govt.nz/referrals/process.pdf", "Referral process as handed over"),
    (9, 3): Link("https://www.example.govt.nz/evaluation/brief", ""),
}
"""{(number, index of the round): link to evidence}."""
CONTACTS = {"police": "Programme lead", "msd": "Policy lead", "te-whatu-ora": "Programme office"}
"""{agency: the role of its contact}; the other lead agencies have none yet."""
ESCALATED = (5, 3)
RESOLVED = (2, 2), "The contract was signed."
CORRECTED = 2, ON, "Forty places are available, as planned."
DATES = {
    1: (60,),
    2: (-20,),
    4: (20,),
    5: (-60, 30, 80, 120),
    8: (-5,),
    9: (200,),
    11: (120, 90),
    12: (75, 165),
}
"""{number: due dates, in days from today, as they were set one after the other}."""
WHY_MOVED = (
    *("Agreed with the lead agencies", "Waiting for a decision on funding"),
    *("Two regions need more time", "The new sites open in autumn"),
)
RATED = {
    1: (ON, "Every district gave its figures."),
    5: (OFF, "Two navigators have no funding after June."),
}
"""{number: the programme's own rating, and its sentence}."""
ANSWERED = {
    3: ("police", True, ""),
    5: ("kainga-ora", False, "Homes for families in two regions are not agreed yet."),
}
"""{number: agency that answers the latest update of another one, whether it agrees, in a sentence}."""
ENDED = {9: (Ending.BUSINESS_AS_USUAL, "The programmes go on as everyday work of their providers.")}
"""{number: how it ended, and the sentence about it}."""
ENDED_DAYS_AGO = 3
ACCEPTED = {
    10: "Its due date follows the review of the first year.",
    14: "It is set when the first phase has begun.",
}
"""{number: why it may be without a due date}."""
ACCEPTED_FOR_DAYS = 60
FILE_NAME = "changes-from-agencies.csv"
FILE = """Number,Activity,Agency Lead
1,Operation Cobalt,Police
4,Coordination of meth harm reduction,Te Whatu Ora
6,Community-led prevention,Polcie
"""
"""A file to look at: one title that changes, one lead that is misspelt."""


@dataclass(frozen=True)
class _Round:
    name: str
    opened_on: date
    due_on: date


def fill(plan, admin, today):
    """Write the made-up rounds, updates and barriers into `plan`, as if by their agencies, up to `today`."""
    rounds = rounds_until(today)
    reporting = [story[0] for story in (*STORY.values(), *OTHER_LEADS.values())]
    updaters = {code: _updater(code) for code in dict.fromkeys(reporting)}
    for index, one in enumerate(rounds):
        with clock_at(one.opened_on):
            opened = open_round(plan=plan, by=admin, name=one.name, opened_on=one.opened_on, due_on=one.due_on)
        is_last = index == CLOSED_ROUNDS
        last_day = (today - one.opened_on).days if is_last else DAYS_TO_REPORT
        # In the order of its days, as a plan is written, so that it can be seen as at any of them.
        _set_due_dates(plan, admin, today, one.opened_on, index)
        _report(plan, updaters, index, one.opened_on, last_day)
        if not is_last:
            with clock_at(one.due_on + timedelta(days=3)):
                close_round(reporting_round=opened, by=admin, report=freeze_report)
    _accept_checks(plan, admin, today)
    _end_activities(plan, admin, today - timedelta(days=ENDED_DAYS_AGO))
    for code, role in CONTACTS.items():
        contact = AgencyContact(plan=plan, agency=Agency.objects.get(code=code), role=role)
        contact.email = f"{code}-programme@example.govt.nz"
        save_contact(contact=contact, by=admin)
    with clock_at(today - timedelta(days=1)):
        _rate(plan, admin)
        _answer(plan, updaters)
    number, status, words = CORRECTED
    update = plan.activities.get(number=number).updates.with_status().first()
    with clock_at(today - timedelta(days=1)):
        correct_update(update=update, by=update.author, status=status, agency=update.agency, what_happened=words)


def _set_due_dates(plan, admin, today, day, index):
    """Set the due dates that are set for the time `index`, on `day`."""
    for number, dates in DATES.items():
        if index < min(len(dates), len(WHY_MOVED)):
            activity = plan.activities.get(number=number)
            activity.due_on = today + timedelta(days=dates[index])
            with clock_at(day):
                edit_activity(activity=activity, by=admin, reason=WHY_MOVED[index], changed=["due_on"])


def _rate(plan, admin):
    for number, (rating, reason) in RATED.items():
        activity = plan.activities.get(number=number)
        activity.programme_rating, activity.programme_rating_reason = rating, reason
        changed = ["programme_rating", "programme_rating_reason"]
        edit_activity(activity=activity, by=admin, reason="Programme rating", changed=changed)


def _answer(plan, updaters):
    for number, (code, agrees, words) in ANSWERED.items():
        update = plan.activities.get(number=number).updates.with_status().select_related("activity").first()
        agency = Agency.objects.get(code=code)
        answer_update(update=update, by=updaters[code], agency=agency, agrees=agrees, words=words)


def _end_activities(plan, admin, day):
    for number, (ending, note) in ENDED.items():
        activity = plan.activities.get(number=number)
        with clock_at(day):
            end_activity(activity=activity, by=admin, ending=ending, ended_on=day, note=note, reason="Activity ended")


def _accept_checks(plan, admin, today):
    until = today + timedelta(days=ACCEPTED_FOR_DAYS)
    for number, reason in ACCEPTED.items():
        activity = plan.activities.get(number=number)
        with clock_at(today - timedelta(days=2)):
            accept_check(activity=activity, check=PlanCheck.NO_DUE_DATE, by=admin, reason=reason, until=until, on=today)


def rounds_until(today):
    """Return the rounds, the first first: three that are over, three months apart, and the one that is open `today`."""
    last = today + timedelta(days=DUE_IN_DAYS)
    found = []
    for back in range(CLOSED_ROUNDS, -1, -1):
        months = last.year * 12 + last.month - 1 - 3 * back
        due_on = date(months // 12, months % 12 + 1, min(last.day, 28))
        name = f"{QUARTER_NAMES[(due_on.month - 1) // 3]} quarter"
        found.append(_Round(name, due_on - timedelta(days=DAYS_TO_REPORT), due_on))
    return found


def add_import(plan, admin):
    """Upload a small file with a change and a mistake, and check it; nothing of it is imported."""
    if not Import.objects.filter(plan=plan).exists():
        source = keep_file(plan, FILE.encode(), FILE_NAME, by=admin, scope=ImportScope.PLAN)
        run_check(source, admin)


def add_updater(name, email, code):
    """Return a person without a password who reports for the agency `code`."""
    person = get_user_model().objects.create_user(email, name=name)
    Membership.objects.create(user=person, agency=Agency.objects.get(code=code))
    return person


@contextmanager
def clock_at(day):
    """Have what is written meanwhile be dated at noon of `day`: a demo needs a past, and the actions date their own."""
    moment = timezone.make_aware(datetime.combine(day, time(12)))
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def _updater(code):
    agency = Agency.objects.get(code=code)
    found = Membership.objects.filter(agency=agency).select_related("user").first()
    return (found and found.user) or add_updater(f"{agency.name} updater", f"{code}-updater@example.govt.nz", code)


def _report(plan, updaters, index, opened_on, last_day):
    """Write the updates of the round `index`, spread over its first `last_day` days."""
    told = [(number, story[0], story[index + 1]) for number, story in STORY.items() if story[index + 1]]
    told += [(number, *said) for (number, at), said in OTHER_LEADS.items() if at == index]
    for position, (number, code, (status, words)) in enumerate(told):
        day = opened_on + timedelta(days=max(1, last_day * position // len(told)))
        activity, agency = plan.activities.get(number=number), Agency.objects.get(code=code)
        key = (number, index)
        with clock_at(day):
            record_update(
                activity=activity,
                by=updaters[code],
                agency=agency,
                status=status,
                what_happened=words,
                is_no_change=not words,
                barrier=BARRIERS.get(key, ""),
                needs_escalation=key == ESCALATED,
                evidence=[EVIDENCE[key]] if key in EVIDENCE else [],
            )
        if key == RESOLVED[0]:
            with clock_at(day + timedelta(days=10)):
                barrier = Barrier.objects.get(activity=activity, resolved_at=None)
                resolve_barrier(barrier=barrier, by=updaters[code], note=RESOLVED[1])
