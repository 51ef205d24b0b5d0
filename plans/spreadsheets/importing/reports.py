"""What agencies report in the rows of a file, through the rules and permissions of the form."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils.timezone import now

from plans.actions.reporting_rules import asks_for_evidence, evidence_problems, report_problems
from plans.choices import ImportScope, Status
from plans.models import Activity, Agency, EvidenceLink, StatusUpdate
from plans.permissions import reporting_agencies_by_activity
from plans.spreadsheets import columns
from plans.spreadsheets.columns import (
    BARRIER,
    EVIDENCE_LINKS,
    NO_EVIDENCE_REASON,
    REPORTING_AGENCY,
    UPDATE_COLUMNS,
    UPDATE_STATUS,
    WHAT_HAPPENED,
    WHAT_IS_NEXT,
)
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.importing.outcome import OURS, THEIRS, CellChange, ReportDraft
from plans.summaries.lead_positions import JOINT, NEWEST, Period, ReportsOfLeads, read_period, report_to_be
from plans.summaries.update_outcomes import shown_in_words
from plans.text import listed
from plans.web_links import links_in_words

WORDS = (WHAT_HAPPENED, WHAT_IS_NEXT, BARRIER, NO_EVIDENCE_REASON)
STATUS_TOO = "choose the Update Status of activity {} as well."
NAMED = (REPORTING_AGENCY.heading, UPDATE_STATUS.heading)
"""Headings whose cells name something, or say that there is nothing to name."""

HEADING_OF = {column.attribute: column.heading for column in UPDATE_COLUMNS}
WORDS_KEPT = tuple(column.attribute for column in WORDS)
LATEST = ("activity_id", "pk", "agency_id", "agency__name", "status", *WORDS_KEPT)
SENT = ("activity_id", "agency_id", "pk", "round_id", "status", *WORDS_KEPT)


class Reports:
    """Reads what rows report. `rights` are those of one person on one plan."""

    def __init__(self, plan, by, comparison, oldest_seen, by_code):
        """`oldest_seen` is the lowest id of a latest update that a row's version knows, 0 if one knows of none.

        `by_code` is {code in lower case: agency}, of one that was merged the agency that it was merged into.

        Four queries, and those of `reporting_agencies_by_activity`; up to four more once a row reports on an activity
        that several agencies lead.
        """
        self.plan, self.comparison, self._by_code = plan, comparison, by_code
        self.agencies_of = reporting_agencies_by_activity(by, plan)
        self.round_id = plan.rounds.open().values_list("pk", flat=True).first()
        self.latest, self.sent = load_latest(plan), load_sent(plan, self.round_id, oldest_seen)

    def add(self, outcome, draft, cells, ticks, current, version):
        """Add what the `cells` {heading: text} of a row and its `ticks` ([`Tick`]) report to its outcome and draft."""
        nothing = [one for one in NAMED if one in cells and self.comparison.means_nothing(one, cells[one])]
        cells = {one: text for one, text in cells.items() if one not in nothing}
        # An agency alone says nothing.
        is_said = bool(cells.keys() - {REPORTING_AGENCY.heading})
        if not (is_said or ticks):
            return
        agency = self._agency(outcome, cells, ticks, current, version)
        latest = self.latest.get(current.pk)
        before = self._before(current, agency, latest)
        status = self._status(outcome, cells, ticks, before)
        if outcome.errors:
            return
        words = tuple(cells.get(column.heading, "") for column in WORDS)
        links = self._links(outcome, cells)
        if outcome.errors:
            return
        is_sent = is_said and self._is_sent(current, agency, status, words, links, version)
        if is_sent and not ticks:
            return
        # A tick alone contradicts nobody.
        is_news = is_said and not is_sent
        change = self._conflict(outcome, agency, status, words, latest, version) if is_news else None
        outcome.changes += [change] if change else []
        done = tuple((tick.item_id, tick.day) for tick in ticks)
        if is_sent or (change and change.taken == OURS and done):
            # The words are there already, or stay out; what was ticked stands beside them.
            report = ReportDraft(agency, Status(before), is_no_change=True, done=done)
            self._take(outcome, draft, report, change)
        elif change is None or change.taken == THEIRS:
            is_same = not any(words) and before == status
            is_no_change = is_same and not (done or links)
            report = ReportDraft(agency, status, is_no_change, *words, evidence=links, done=done)
            # A tick alone says nothing anew.
            problems = self._evidence_problems(report, current) if is_said else []
            self._take(outcome, draft, report, change, problems)
        self._tell_joint(outcome, draft, current, version)
        outcome.changes += [tick.change for tick in ticks]

    def _agency(self, outcome, cells, ticks, current, version):
        """Return the agency that reports; None when it is in error, which the outcome then says."""
        allowed = self.agencies_of.get(current.pk, [])
        written = cells.get(REPORTING_AGENCY.heading)
        if not allowed:
            self._refuse(outcome, next(iter(cells), "") or ticks[0].place, self._nobody(current))
        elif written:
            cell = self.comparison.read(outcome, REPORTING_AGENCY.heading, written)
            if cell and cell.value in allowed:
                return cell.value
            if cell:
                sentence = f"you cannot update activity {current.number} for {cell.value.name}. {_choose(allowed)}"
                self._refuse(outcome, REPORTING_AGENCY.heading, sentence)
        else:
            code = self._remaining(version.agency) if version else ""
            made_for = [agency for agency in allowed if agency.code == code]
            if made_for or len(allowed) == 1:
                return (made_for or allowed)[0]
            self._refuse(outcome, REPORTING_AGENCY.heading, f"enter the reporting agency. {_choose(allowed)}")
        return None

    def _remaining(self, code):
        """Return the code of the agency that a workbook was made for, or of the one that it was merged into since."""
        agency = self._by_code.get(code.lower())
        return agency.code if agency else ""

    def _nobody(self, current):
        if current.withdrawn_on:
            return f"activity {current.number} has been withdrawn. Clear its update."
        if self.comparison.scope == ImportScope.UPDATES:
            return f"your agency does not lead activity {current.number}. Clear its update."
        return f"no agency leads activity {current.number}. Add its lead agency first."

    @cached_property
    def _joint(self):
        """The reports on activities that several agencies lead. Two queries, for a file that reports on one."""
        return ReportsOfLeads.load((), if_joint=list(self.latest))

    @cached_property
    def _period(self):
        return Period(self.round_id, None) if self.round_id else read_period(self.plan)

    def _before(self, current, agency, latest):
        """Return the status that an agency does not change when it ticks or says no more: its own, if others lead too.

        None where no one has reported.
        """
        is_joint = agency and latest and len(current.leads) >= JOINT
        own = self._joint.own(current.pk, agency.pk) if is_joint else None
        return own.status if own else latest and latest.status

    def _tell_joint(self, outcome, draft, current, version):
        """Say in the outcome what a joint activity will show after the report of a row.

        And which leads have reported otherwise since the file was made, as far as the version of the row says when.
        """
        leads = current.leads if draft.leads is None else draft.leads
        if draft.report is None or outcome.errors or len(leads) < JOINT:
            return
        agency, status = draft.report.agency, draft.report.status
        said = StatusUpdate(activity_id=current.pk, agency_id=agency.pk, status=status, made_at=now())
        ids = [lead.pk for lead in leads if isinstance(lead, Agency)]
        positions = self._joint.positions(current.pk, leads=ids, new=[report_to_be(said, self._period)])
        names = {lead.pk: lead.label for lead in leads if isinstance(lead, Agency)}
        told = shown_in_words(status, positions, names, shows="will show")
        outcome.notes.append(f"{agency.label} reports {status.label.lower()}. The activity {told}.")
        seen = (version.latest_update_id or 0) if version else NEWEST
        since = [
            f"{names[lead]} reported {Status(one.status).label.lower()}"
            for lead, one in positions.by_lead.items()
            if one and seen < one.pk < NEWEST and one.status != status
        ]
        if since:
            outcome.notes.append(f"Since this file was made, {listed(since)}.")

    def _status(self, outcome, cells, ticks, before):
        """Return the status that a row says; with ticks and without one, that of `before`."""
        written = cells.get(UPDATE_STATUS.heading)
        if ticks and not written:
            if before:
                return Status(before)
            self._refuse(outcome, ticks[0].place, STATUS_TOO.format(outcome.number))
        cell = self.comparison.read(outcome, UPDATE_STATUS.heading, written) if written else None
        return cell.value if cell else ""

    def _links(self, outcome, cells):
        """Return the links to evidence that a row has; none for a cell in error, which the outcome then says."""
        written = cells.get(EVIDENCE_LINKS.heading)
        cell = self.comparison.read(outcome, EVIDENCE_LINKS.heading, written) if written else None
        return cell.value if cell else ()

    @cached_property
    def _addresses(self):
        """The addresses that stand on each activity of the plan, {activity id: {address}}. One query."""
        found = {}
        links = EvidenceLink.objects.standing().filter(activity__plan=self.plan).order_by()
        for activity_id, address in links.values_list("activity_id", "address"):
            found.setdefault(activity_id, set()).add(address)
        return found

    def _is_sent(self, current, agency, status, words, links, version):
        """Return whether the agency has said just that since the file was made; in this round, if that is unknown."""
        if links and not {link.address for link in links} <= self._addresses.get(current.pk, set()):
            return False
        for pk, round_id, *said in self.sent.get((current.pk, agency.pk), ()):
            is_since = round_id == self.round_id if version is None else pk > (version.latest_update_id or 0)
            if is_since and said == [status, words]:
                return True
        return False

    def _conflict(self, outcome, agency, status, words, latest, version):
        """Return the change of a report that meets one made since the file was; None where they get on.

        Two agencies that say the same status do: both are heard, and neither hides the other.
        """
        is_newer = version is not None and latest is not None and latest.pk > (version.latest_update_id or 0)
        if not is_newer or (latest.agency_id != agency.pk and latest.status == status):
            return None
        taken = self.comparison.choice(outcome.number, UPDATE_STATUS.heading)
        theirs = _in_words(status, agency.name, words)
        ours = _in_words(latest.status, latest.who, latest.words)
        return CellChange(
            *(UPDATE_STATUS.heading, ours, theirs if taken == THEIRS else ours),
            *(version.original(columns.STATUS.heading), True, theirs, taken),
        )

    def _evidence_problems(self, report, current):
        """Return what is wrong with the evidence, in files that have room for it: those of earlier versions do not."""
        if EVIDENCE_LINKS.heading not in self.comparison.sheet.places:
            return []
        is_asked = asks_for_evidence(report.status, report.agency, is_no_change=report.is_no_change)
        return evidence_problems(
            is_asked=is_asked,
            has_link=bool(report.evidence),
            is_evidenced=is_asked and current.pk in self._addresses,
            no_evidence_reason=report.no_evidence_reason,
        )

    def _take(self, outcome, draft, report, change, problems=()):
        """Add the report to the draft; `problems` are those of its evidence, [(part, sentence)]."""
        found = report_problems(
            status=report.status,
            agency=report.agency,
            what_happened=report.what_happened,
            barrier=report.barrier,
            is_no_change=report.is_no_change,
        )
        for name, sentence in [*found, *problems]:
            self._refuse(outcome, HEADING_OF[name], sentence[0].lower() + sentence[1:])
        if draft.status is not None and draft.status != report.status:
            sentence = "Status says something else. Clear one of the two cells."
            self._refuse(outcome, UPDATE_STATUS.heading, sentence)
        # The report sets it.
        draft.status, draft.report = None, report
        shown = [(REPORTING_AGENCY, report.agency.name)] + (
            [] if change else [(UPDATE_STATUS, report.status and report.status.label)]
        )
        shown += [(column, getattr(report, column.attribute)) for column in WORDS]
        shown += [(EVIDENCE_LINKS, links_in_words(report.evidence))]
        outcome.changes += [CellChange(column.heading, "", text) for column, text in shown if text]

    def _refuse(self, outcome, heading, sentence):
        outcome.errors.append(self.comparison.error(heading, sentence))


def _in_words(status, who, words):
    label = Status(status).label if status else "No status"
    *said, reason = words
    unevidenced = f"{NO_EVIDENCE_REASON.title} {reason}" if reason else ""
    return "\n".join([f"{label} ({who})", *filter(None, [*said, unevidenced])])


def _choose(agencies):
    return f"Choose from: {'; '.join(agency.name for agency in agencies)}."


@dataclass(frozen=True, slots=True)
class ExistingReport:
    """An update that is there already. `words` are those of the three columns, in their order."""

    pk: int
    agency_id: int | None
    who: str
    status: str
    words: tuple[str, ...]


def load_latest(plan):
    """Return {activity id: the latest update with a status, `ExistingReport`}. One query."""
    rows = StatusUpdate.objects.latest_of(Activity.objects.filter(plan=plan)).values_list(*LATEST)
    return {
        activity_id: ExistingReport(pk, agency_id, who or "Programme admin", status, tuple(map(tidy, words)))
        for activity_id, pk, agency_id, who, status, *words in rows
    }


def load_sent(plan, round_id, oldest_seen):
    """Return {(activity id, agency id): [(id, round id, status, words)]} of reports since, or in this round.

    One query.
    """
    reports = StatusUpdate.objects.reports().filter(Q(pk__gt=oldest_seen) | Q(round=round_id), activity__plan=plan)
    found = {}
    for activity_id, agency_id, pk, report_round, status, *words in reports.order_by().values_list(*SENT):
        found.setdefault((activity_id, agency_id), []).append((pk, report_round, status, tuple(map(tidy, words))))
    return found
