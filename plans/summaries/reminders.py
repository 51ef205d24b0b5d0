"""Reminders: whose updates of a round are outstanding, and who gets which email about it."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date

from plans.activity_number import Number
from plans.choices import NO_LEAD, ReminderState
from plans.models import Membership, Reminder, ReportingRound
from plans.summaries.parties import Parties
from plans.summaries.rounds import Lead, LeadTally, RoundReport, RoundRow


@dataclass(frozen=True, order=True)
class Recipient:
    """Someone who can add updates for an agency."""

    email: str
    name: str
    pk: int

    def __str__(self) -> str:
        """Return the address, after the name where there is one."""
        return f"{self.name} ({self.email})" if self.name else self.email


@dataclass(frozen=True)
class AgencyToRemind:
    """A lead agency in a round, the people who can add its updates, and when one of them was last reminded of it."""

    tally: LeadTally
    agency_id: int | None
    people: list[Recipient]
    reminded_on: date | None = None

    @property
    def lead(self) -> Lead:
        """The agency, as the report of the round names it."""
        return self.tally.lead

    @property
    def is_remindable(self) -> bool:
        """Whether it has outstanding updates and someone who can add them."""
        return bool(self.people and self.tally.to_come_count)

    @property
    def is_without_people(self) -> bool:
        """Whether it has outstanding updates and no one who can add them; false of "No lead agency"."""
        return bool(self.tally.to_come_count and not self.people and self.lead.code != NO_LEAD)


@dataclass(frozen=True)
class Letter:
    """A reminder that several people get alike, each in an email of their own: `rows` are the activities that it lists.

    `agencies_of` is {Recipient: ids of the lead agencies whose updates they can add}.
    """

    rows: list[RoundRow]
    agencies_of: dict[Recipient, list[int]] = field(default_factory=dict)

    @property
    def people(self) -> list[Recipient]:
        """Those who get it, by address."""
        return list(self.agencies_of)


@dataclass
class ReminderRun:
    """The reminders that one person sent on one day: who got one, who did not, and of whom it is not known."""

    day: date
    by: str
    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def agencies_to_remind(
    report: RoundReport, parties: Parties, reminded: dict[int, date] | None = None
) -> list[AgencyToRemind]:
    """Return the lead agencies of a `report` (RoundReport), in the order of `report.leads`, as [AgencyToRemind].

    `parties` are those of the plan, `reminded` is what `Reminder.objects.latest_by_agency` says. One query.

    Those who can add updates for an agency belong to it, to its parent, or to one of its members.
    """
    people_of = _people_by_agency()
    return [_agency_to_remind(one, parties, people_of, reminded or {}) for one in report.leads]


def letters_to(agencies: Iterable[AgencyToRemind], chosen: Container[str]) -> list[Letter]:
    """Return the emails to the people of those `agencies` ([AgencyToRemind]) that are `chosen`, as [Letter].

    `chosen` are codes in lower case. Each person is in one of them, with everything that is outstanding from them, also
    for agencies that were not chosen. People with the same list share a letter; by the first address of each. No query.
    """
    agencies_of: dict[Recipient, list[AgencyToRemind]] = {}
    for one in agencies:
        for person in one.people if one.is_remindable else ():
            agencies_of.setdefault(person, []).append(one)
    letters: dict[tuple[Number, ...], Letter] = {}
    for person in sorted(agencies_of):
        theirs = agencies_of[person]
        if not any(one.lead.code.lower() in chosen for one in theirs):
            continue
        rows = {row.number: row for one in theirs for row in one.tally.to_come}
        numbers = tuple(sorted(rows))
        letter = letters.setdefault(numbers, Letter([rows[number] for number in numbers]))
        letter.agencies_of[person] = [one.agency_id for one in theirs if one.agency_id is not None]
    return list(letters.values())


def list_runs(reporting_round: ReportingRound) -> list[ReminderRun]:
    """Return who was reminded in a round, when and by whom, as [ReminderRun], the latest day first. One query."""
    runs: dict[tuple[date, str], ReminderRun] = {}
    places = {ReminderState.SENT: "sent", ReminderState.FAILED: "failed", ReminderState.SENDING: "unknown"}
    for one in Reminder.objects.for_history(reporting_round):
        by = str(one.by) if one.by else "the site"
        run = runs.setdefault((one.day, by), ReminderRun(one.day, by))
        getattr(run, places[ReminderState(one.state)]).append(str(one.person))
    return list(runs.values())


def _people_by_agency() -> dict[int, list[Recipient]]:
    """Return {id of an agency: its people whose accounts are open, as [Recipient]}. One query."""
    people_of: dict[int, list[Recipient]] = {}
    memberships = Membership.objects.active().filter(user__is_active=True).order_by("user__email")
    for agency_id, *person in memberships.values_list("agency", "user__email", "user__name", "user"):
        people_of.setdefault(agency_id, []).append(Recipient(*person))
    return people_of


def _agency_to_remind(
    tally: LeadTally, parties: Parties, people_of: dict[int, list[Recipient]], reminded: dict[int, date]
) -> AgencyToRemind:
    agency = parties.by_code.get(tally.lead.code.lower())
    if agency is None:
        return AgencyToRemind(tally, None, [])
    people = {person for one in parties.credited(agency.pk) for person in people_of.get(one, [])}
    return AgencyToRemind(tally, agency.pk, sorted(people), reminded.get(agency.pk))
