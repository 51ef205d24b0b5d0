"""What a reporting round came to: which updates are outstanding, which were received."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.timezone import get_default_timezone, localdate

from plans.activity_number import Number
from plans.choices import NO_LEAD, RoundStatus, Status
from plans.fast.queries import Param, prepared
from plans.models import Activity, Agency, Agreement, ReportingRound, StatusUpdate
from plans.summaries.activity_row import AgencyName, SaidBy, by_status
from plans.summaries.lead_positions import JOINT, LeadPositions, ReportsOfLeads, report_of
from plans.summaries.parties import Parties

NAMED = ("code", "name", "name_mi", "name_en", "kind")
NOBODY = {"code": NO_LEAD, "name": "No lead agency"}
KEPT_STATUS = "receipt"
"""What reports of closed rounds call the `round_status` of a row: they are never written again."""


@dataclass(frozen=True)
class Lead:
    """An agency as it is written down in a report; `lang` is "mi" for a te reo name."""

    code: str
    name: str
    lang: str = ""


@dataclass(frozen=True)
class LeadReport:
    """A lead of a joint activity, and the value of the status that it reported last in a round; blank for none."""

    lead: Lead
    status: str = ""


@dataclass(frozen=True)
class RoundRow:
    """An activity in a round: what has become of its update, by whom and on which day (ISO) it came.

    `positions` are what the leads of a joint activity reported; none in what earlier versions have written down.
    """

    number: Number
    name: str
    leads: list[Lead]
    round_status: RoundStatus
    status: Status
    reported_by: list[str] = field(default_factory=list)
    reported_on: str = ""
    what_happened: str = ""
    answers: list[str] = field(default_factory=list)
    """What other agencies answered to the newest update, in words."""
    positions: list[LeadReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take rows back that were written down as JSON."""
        object.__setattr__(self, "round_status", RoundStatus(self.round_status))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "leads", [one if isinstance(one, Lead) else Lead(**one) for one in self.leads])
        positions = [
            one if isinstance(one, LeadReport) else LeadReport(Lead(**one["lead"]), one["status"])
            for one in self.positions
        ]
        object.__setattr__(self, "positions", positions)

    @property
    def day(self) -> date | None:
        """The day on which the update came, as a date; None when none came."""
        return date.fromisoformat(self.reported_on) if self.reported_on else None

    @property
    def silent(self) -> list[Lead]:
        """The leads of a joint activity that have not reported."""
        return [one.lead for one in self.positions if not one.status]

    @property
    def is_confirmed(self) -> bool:
        """Whether each lead of a joint activity has reported."""
        return bool(self.positions) and not self.silent

    @property
    def said(self) -> tuple[SaidBy, ...]:
        """Who says what, the most serious first, where its leads differ; else nothing."""
        reported = [one for one in self.positions if one.status]
        said = by_status((one.status, AgencyName(one.lead.name, one.lead.lang, one.lead.code)) for one in reported)
        return said if len(said) > 1 else ()


class Tally:
    """Counts what has become of the updates of some `rows`."""

    rows: list[RoundRow]

    @property
    def received_count(self) -> int:
        """How many updates came."""
        return self._count(RoundStatus.RECEIVED)

    @property
    def to_come_count(self) -> int:
        """How many are still to come, or never came once the round is closed."""
        return self._count(RoundStatus.TO_COME)

    @property
    def nothing_owed_count(self) -> int:
        """How many activities owe none."""
        return self._count(RoundStatus.NOTHING_OWED)

    @property
    def owed_count(self) -> int:
        """How many updates came or are to come."""
        return self.received_count + self.to_come_count

    @property
    def joint_count(self) -> int:
        """How many joint activities owe an update, or have it."""
        return sum(bool(row.positions) and row.round_status != RoundStatus.NOTHING_OWED for row in self.rows)

    @property
    def confirmed_count(self) -> int:
        """How many joint activities each of their leads has reported on."""
        return sum(row.is_confirmed for row in self.rows)

    def _count(self, round_status: RoundStatus) -> int:
        return sum(row.round_status == round_status for row in self.rows)


@dataclass(frozen=True)
class LeadTally(Tally):
    """What an agency owes in a round; an activity of joint leads stands under each of them."""

    lead: Lead
    rows: list[RoundRow]

    @property
    def to_come(self) -> list[RoundRow]:
        """The activities whose update is still to come."""
        return [row for row in self.rows if row.round_status == RoundStatus.TO_COME]


@dataclass(frozen=True)
class RoundReport(Tally):
    """What a round comes to, by activity in number order."""

    rows: list[RoundRow]

    @property
    def leads(self) -> list[LeadTally]:
        """The same by agency, as [LeadTally]: those that owe most first, then by name; what nobody leads last."""
        rows_of: dict[Lead, list[RoundRow]] = {}
        for row in self.rows:
            for lead in row.leads or [Lead(**NOBODY)]:
                rows_of.setdefault(lead, []).append(row)
        tallies = {lead: LeadTally(lead, rows) for lead, rows in rows_of.items()}
        return [tallies[lead] for lead in _most_first({lead: one.to_come_count for lead, one in tallies.items()})]

    def narrowed(self, *, lead: str = "", round_status: str = "") -> list[RoundRow]:
        """Return the rows that an agency (by code) leads and of which that has become; blank for any. No query."""
        return [
            row
            for row in self.rows
            if (not round_status or row.round_status == round_status or _is_confirmed(row, round_status))
            and (not lead or lead in ([one.code for one in row.leads] or [NO_LEAD]))
        ]


@dataclass(frozen=True)
class RoundProgress:
    """How many updates of a round came, are to come, and are not owed; `leads` says who owes how many, most first.

    `lead_count` is how many agencies lead anything.
    """

    received_count: int
    to_come_count: int
    nothing_owed_count: int
    leads: tuple[tuple[Lead, int], ...]
    lead_count: int

    @property
    def owed_count(self) -> int:
        """How many updates came or are to come."""
        return self.received_count + self.to_come_count


def summarise_round(reporting_round: ReportingRound) -> RoundReport:
    """Return what a round comes to, as a `RoundReport`; what was frozen for a closed one.

    Three queries while open, one more where agencies answered updates of others, and one where an agency reported on a
    joint activity that is not named as its lead.
    """
    if not reporting_round.is_open:
        return RoundReport([_kept_row(**row) for row in reporting_round.closing_report.get("rows", [])])
    activities = Activity.objects.filter(plan=reporting_round.plan_id).in_force().with_round_status(reporting_round)
    reports = reporting_round.updates.reports().select_related("agency").with_has_answers()
    reports_of: dict[int, list[StatusUpdate]] = {}
    for update in reports:
        reports_of.setdefault(update.activity_id, []).append(update)
    rows = list(activities.with_agencies().order_by("number"))
    answers = Agreement.objects.by_update(one.pk for one, *_ in reports_of.values() if one.has_answers)  # type: ignore[attr-defined]  # annotated by the query
    leads = {row.pk: [link.agency_id for link in row.lead_links] for row in rows}
    joint = {pk for pk, agencies in leads.items() if len(agencies) >= JOINT}
    found = ReportsOfLeads(leads, [report_of(one) for pk in joint for one in reports_of.get(pk, ())])
    positions = {pk: found.positions(pk) for pk in joint}
    return RoundReport([_row(row, reports_of.get(row.pk, []), answers, positions.get(row.pk)) for row in rows])


def count_shared(report: RoundReport, parties: Parties) -> dict[str, int]:
    """Return {code of a lead agency: how many outstanding activities it leads through a group or a unit}. No query.

    These are the ones that do not name it and that its people can add updates on: with those that do, they are what
    "My updates" lists. `report` is a `RoundReport`, `parties` are those of its plan.
    """
    shared = {}
    for one in report.leads:
        agency = parties.by_code.get(one.lead.code.lower())
        if agency is None:
            continue
        through = {each.lead for each in report.leads if _counts_for(parties, each.lead, agency)}
        shared[one.lead.code] = sum(
            row.round_status == RoundStatus.TO_COME and one.lead not in row.leads and not through.isdisjoint(row.leads)
            for row in report.rows
        )
    return shared


def summarise_progress(reporting_round: ReportingRound, by_round_status: Mapping[str, int]) -> RoundProgress:
    """Return what an open round came to so far, given how many activities have which `RoundStatus`. One query.

    An activity of joint leads counts for each of them, one that nobody leads for "No lead agency".
    """
    to_come: dict[Lead, int] = {}
    for round_status, *names, count in _leads(plan=reporting_round.plan_id, round=reporting_round.pk):
        lead = _lead(Agency(**dict(zip(NAMED, names, strict=True)))) if names[0] else Lead(**NOBODY)
        to_come[lead] = to_come.get(lead, 0) + (count if round_status == RoundStatus.TO_COME else 0)
    return RoundProgress(
        received_count=by_round_status.get(RoundStatus.RECEIVED, 0),
        to_come_count=by_round_status.get(RoundStatus.TO_COME, 0),
        nothing_owed_count=by_round_status.get(RoundStatus.NOTHING_OWED, 0),
        leads=tuple((lead, to_come[lead]) for lead in _most_first(to_come) if to_come[lead]),
        lead_count=len(to_come.keys() - {Lead(**NOBODY)}),
    )


def _most_first(to_come: dict[Lead, int]) -> list[Lead]:
    """Put the leads of {Lead: count to come} in order: what nobody leads last, equals by name."""
    return sorted(to_come, key=lambda lead: (lead.code == NO_LEAD, -to_come[lead], lead.name.lower()))


@prepared
def _leads() -> QuerySet[Any, Any]:
    activities = Activity.objects.filter(plan=Param("plan")).in_force().with_round_status(Param("round"))
    alike = activities.once_for_each_lead().order_by()
    return alike.values_list("round_status", *(f"lead__agency__{name}" for name in NAMED)).annotate(count=Count("pk"))


def freeze_report(reporting_round: ReportingRound) -> dict[str, Any]:
    """Return what a round came to in a form that JSON keeps, for `closing_report`. Three queries."""
    rows = summarise_round(reporting_round).rows
    counted = Counter(row.status for row in rows)
    return {"rows": [_keep_row(row) for row in rows], "statuses": dict(counted)}


def _keep_row(row: RoundRow) -> dict[str, Any]:
    return {KEPT_STATUS if name == "round_status" else name: value for name, value in asdict(row).items()}


def _kept_row(**values: Any) -> RoundRow:
    return RoundRow(round_status=values.pop(KEPT_STATUS), **values)


def _is_confirmed(row: RoundRow, round_status: str) -> bool:
    return round_status == RoundStatus.CONFIRMED and row.is_confirmed


def _row(
    activity: Any,
    reports: Sequence[StatusUpdate],
    answers: Mapping[int, Sequence[Agreement]],
    positions: LeadPositions | None,
) -> RoundRow:
    """Return the row of an activity whose `reports` in the round are these, newest first, with what was answered.

    `positions` are those of the leads of a joint activity.
    """
    latest = reports[0] if reports else None
    return RoundRow(
        number=activity.number,
        name=activity.name,
        leads=[_lead(link.agency) for link in activity.lead_links],
        round_status=activity.round_status,
        status=activity.status_choice,
        reported_by=list(dict.fromkeys(update.agency.label for update in reports if update.agency)),
        reported_on=localdate(latest.made_at, get_default_timezone()).isoformat() if latest else "",
        what_happened=_words(latest) if latest else "",
        answers=[one.sentence for one in answers.get(latest.pk, ())] if latest else [],
        positions=_lead_reports(activity, positions) if positions else [],
    )


def _lead_reports(activity: Any, positions: LeadPositions) -> list[LeadReport]:
    reports = [(link.agency, positions.by_lead[link.agency_id]) for link in activity.lead_links]
    return [LeadReport(_lead(agency), report.status if report else "") for agency, report in reports]


def _counts_for(parties: Parties, lead: Lead, agency: Agency) -> bool:
    """Return whether what `lead` leads counts for `agency`, too."""
    named = parties.by_code.get(lead.code.lower())
    return named is not None and agency.pk in parties.credited(named.pk)


def _lead(agency: Agency) -> Lead:
    return Lead(agency.code, agency.label, agency.lang)


def _words(update: StatusUpdate) -> str:
    return update.what_happened or ("No change" if update.is_no_change else "")
