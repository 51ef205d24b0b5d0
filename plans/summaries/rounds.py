"""What a reporting round came to: who owes an update, who gave one."""

from dataclasses import asdict, dataclass, field
from datetime import date

from django.utils.timezone import get_default_timezone, localdate

from plans.choices import NO_LEAD, Receipt, Status
from plans.models import Activity, Agency
from plans.querysets import Asked, prepared

NAMED = ("code", "name", "name_mi", "name_en", "kind")
NOBODY = {"code": NO_LEAD, "name": "No lead yet"}


@dataclass(frozen=True)
class Lead:
    """An agency as it is written down in a report; `lang` is "mi" for a te reo name."""

    code: str
    name: str
    lang: str = ""


@dataclass(frozen=True)
class RoundRow:
    """An activity in a round: what has become of its update, by whom and on which day (ISO) it came."""

    number: int
    name: str
    leads: list[Lead]
    receipt: Receipt
    status: Status
    reported_by: list[str] = field(default_factory=list)
    reported_on: str = ""
    what_happened: str = ""

    def __post_init__(self):
        """Take rows back that were written down as JSON."""
        object.__setattr__(self, "receipt", Receipt(self.receipt))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "leads", [one if isinstance(one, Lead) else Lead(**one) for one in self.leads])

    @property
    def day(self):
        """The day on which the update came, as a date; None when none came."""
        return date.fromisoformat(self.reported_on) if self.reported_on else None


class Tally:
    """Counts what has become of the updates of some `rows` ([RoundRow])."""

    @property
    def received_count(self):
        """How many updates came."""
        return self._count(Receipt.RECEIVED)

    @property
    def to_come_count(self):
        """How many are still to come, or never came once the round is closed."""
        return self._count(Receipt.TO_COME)

    @property
    def nothing_owed_count(self):
        """How many activities owe none."""
        return self._count(Receipt.NOTHING_OWED)

    @property
    def owed_count(self):
        """How many updates came or are to come."""
        return self.received_count + self.to_come_count

    def _count(self, receipt):
        return sum(row.receipt == receipt for row in self.rows)


@dataclass(frozen=True)
class LeadTally(Tally):
    """What an agency owes in a round; an activity of joint leads stands under each of them."""

    lead: Lead
    rows: list[RoundRow]

    @property
    def to_come(self):
        """The activities whose update is still to come."""
        return [row for row in self.rows if row.receipt == Receipt.TO_COME]


@dataclass(frozen=True)
class RoundReport(Tally):
    """What a round comes to, by activity in number order."""

    rows: list[RoundRow]

    @property
    def leads(self):
        """The same by agency, as [LeadTally]: those that owe most first, then by name; what nobody leads last."""
        rows_of = {}
        for row in self.rows:
            for lead in row.leads or [Lead(**NOBODY)]:
                rows_of.setdefault(lead, []).append(row)
        tallies = [LeadTally(lead, rows) for lead, rows in rows_of.items()]
        return sorted(tallies, key=lambda one: (one.lead.code == NO_LEAD, -one.to_come_count, one.lead.name.lower()))

    @property
    def lead_count(self):
        """How many agencies lead anything."""
        return len({lead for row in self.rows for lead in row.leads})

    def narrowed(self, *, lead="", receipt=""):
        """The rows that an agency (by code) leads and of which that has become; blank for any. No query."""
        return [
            row
            for row in self.rows
            if (not receipt or row.receipt == receipt)
            and (not lead or lead in ([one.code for one in row.leads] or [NO_LEAD]))
        ]

    def at_a_glance(self):
        """The same in a few numbers, as `RoundProgress`."""
        leads = tuple((one.lead, count) for one in self.leads if (count := one.to_come_count))
        return RoundProgress(self.received_count, self.to_come_count, self.nothing_owed_count, leads)


@dataclass(frozen=True)
class RoundProgress:
    """How many updates of a round came, are to come, and are not owed; `leads` says who owes how many, most first."""

    received_count: int
    to_come_count: int
    nothing_owed_count: int
    leads: tuple[tuple[Lead, int], ...]

    @property
    def owed_count(self):
        """How many updates came or are to come."""
        return self.received_count + self.to_come_count


def summarise_round(reporting_round):
    """Answer what a round comes to, as a `RoundReport`; what was frozen for a closed one. Three queries while open."""
    if not reporting_round.is_open:
        return RoundReport([RoundRow(**row) for row in reporting_round.closing_report.get("rows", [])])
    activities = Activity.objects.filter(plan=reporting_round.plan_id).in_force().with_receipt(reporting_round)
    reports = reporting_round.updates.reports().select_related("agency")
    reports_of = {}
    for update in reports:
        reports_of.setdefault(update.activity_id, []).append(update)
    rows = activities.with_agencies().order_by("number")
    return RoundReport([_row(activity, reports_of.get(activity.pk, [])) for activity in rows])


def summarise_progress(reporting_round):
    """Answer what an open round came to so far, without who reported what. One query.

    A row comes once for each agency that leads it, and these are put together here.
    """
    rows, known = {}, {None: []}
    for number, receipt, status, *names in _progress(plan=reporting_round.plan_id, round=reporting_round.pk):
        if number not in rows:
            rows[number] = RoundRow(number, "", [], receipt, status)
        if names[0] not in known:
            known[names[0]] = [_lead(Agency(**dict(zip(NAMED, names, strict=True))))]
        rows[number].leads.extend(known[names[0]])
    return RoundReport(list(rows.values()))


@prepared
def _progress():
    activities = Activity.objects.filter(plan=Asked("plan")).in_force().with_receipt(Asked("round"))
    leads = activities.once_for_each_lead().order_by("number", "lead__position")
    return leads.values_list("number", "receipt", "status", *(f"lead__agency__{name}" for name in NAMED))


def freeze_report(reporting_round):
    """Answer what a round came to in a form that JSON keeps, for `closing_report`. Three queries."""
    return {"rows": [asdict(row) for row in summarise_round(reporting_round).rows]}


def _row(activity, reports):
    """Answer the row of an activity whose `reports` in the round are these, newest first."""
    latest = reports[0] if reports else None
    return RoundRow(
        number=activity.number,
        name=activity.name,
        leads=[_lead(link.agency) for link in activity.lead_links],
        receipt=activity.receipt,
        status=activity.status,
        reported_by=list(dict.fromkeys(update.agency.label for update in reports)),
        reported_on=localdate(latest.made_at, get_default_timezone()).isoformat() if latest else "",
        what_happened=_words(latest) if latest else "",
    )


def _lead(agency):
    return Lead(agency.code, agency.label, "mi" if agency.name_is_te_reo else "")


def _words(update):
    return update.what_happened or ("No change" if update.is_no_change else "")
