"""Writing what a file comes to: all of it in a few statements for each 500 rows, remembering what was there before."""

from functools import cache, partial

from django.utils import timezone
from django.utils.functional import cached_property

from plans.actions.agency_links import arrange_links, places_in_order
from plans.actions.bulk import ROWS_AT_A_TIME, Authorship, give_ids, insert_rows
from plans.actions.evidence import links_of
from plans.choices import Role, UpdateKind
from plans.models import Activity, Agency, StatusUpdate, SubActivity
from plans.models.activity import GOES_ON
from plans.spreadsheets.columns import MERGED_COLUMNS, STATUS
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.importing.activity_batch import (
    CELLS,
    Trace,
    Writes,
    linked,
    load_batch,
    lock_activities,
    park_numbers,
    values_of_item,
)
from plans.spreadsheets.importing.sub_activities import match_items
from plans.spreadsheets.names import NewAgency
from plans.summaries.lead_positions import OUTSIDE, ReportsOfLeads, read_period, report_to_be

WRITTEN = tuple(column for column in MERGED_COLUMNS if column.field and column is not STATUS)
"""The columns whose value is written to the activity itself; its status follows from updates."""

SAID = ("is_no_change", "what_happened", "whats_next", "barrier", "no_evidence_reason")
"""What a report says in words."""


def apply_check(check, *, plan, by, reason, on, source=None):
    """Write what `check` (a `Check`) comes to. Returns {row of the file: `Trace`} of those that wrote something.

    `reason` is in the history of everything, with `by`; sub-activities that a row leaves out are withdrawn from the
    day `on`. With `source`, an `Import`, its `findings` are told the agencies that were added.
    Call it in a transaction, right after checking under lock. Raises `CannotWrite` in words, and the database's
    errors; then nothing may be kept. A constant number of queries for each 500 rows.
    """
    agencies = _add_agencies(check.new_agencies, Authorship(by, reason, timezone.now()))
    drafted = [outcome for outcome in check.rows if outcome.draft is not None]
    lock_activities(plan)
    park_numbers([one.activity_id for one in drafted if one.draft.number is not None])
    # One query, for a file that reports.
    find_period = cache(partial(read_period, plan))
    traces = {}
    for start in range(0, len(drafted), ROWS_AT_A_TIME):
        author = Authorship(by, reason, timezone.now())
        traces |= _Part(plan, author, on, agencies, find_period).apply(drafted[start : start + ROWS_AT_A_TIME])
    if source is not None:
        source.findings["agencies_created"] = [agency.pk for agency in agencies.values()]
    return traces


def _add_agencies(wanted, author):
    """Add what a person chose to create; returns {code: agency}."""
    agencies = {one.code: Agency(code=one.code, name=one.name) for one in wanted}
    for agency in agencies.values():
        agency.clean_fields(exclude=["parent"])
    insert_rows(Agency, list(agencies.values()), author)
    return agencies


class _Part:
    """Up to 500 rows of a file, applied together."""

    def __init__(self, plan, author, on, agencies, find_period):
        """`find_period` returns the period of the updates that the rows come to."""
        self.plan, self.author, self.on, self.agencies = plan, author, on, agencies
        self.find_period = find_period
        self.writes = Writes()

    @cached_property
    def reported_at(self):
        """The moment of the updates that the rows come to. One query, for a file that reports."""
        return StatusUpdate.objects.filter(activity__plan=self.plan).next_moment()

    def apply(self, outcomes):
        """Write the rows, and return their traces by row."""
        pks = {outcome.activity_id: outcome.draft for outcome in outcomes if outcome.activity_id}
        self.batch = load_batch(
            pks,
            with_links=[pk for pk, draft in pks.items() if draft.leads is not None or draft.supports is not None],
            with_items=[pk for pk, draft in pks.items() if draft.description is not None or _ticked(draft)],
        )
        self.reports = ReportsOfLeads.load(
            {pk for pk, draft in pks.items() if draft.leads is not None},
            if_joint={pk for pk, draft in pks.items() if draft.report or draft.status is not None},
        )
        made = [Activity(plan=self.plan, number=one.number) for one in outcomes if one.activity_id is None]
        give_ids(Activity, made)
        self.writes.new_activities = made
        new = iter(made)
        for one in outcomes:
            if one.draft.number is not None:
                # Parked meanwhile, so that no two have the same number at any moment.
                self.batch.activities[one.activity_id].number = one.number
        traces = {
            one.row: self._apply_row(one, self.batch.activities.get(one.activity_id) or next(new)) for one in outcomes
        }
        self.writes.save(plan=self.plan, author=self.author)
        return traces

    def _apply_row(self, outcome, activity):
        draft = outcome.draft
        trace = Trace(activity, is_new=activity._state.adding or draft.is_brought_back)
        self._place_agencies(trace, {Role.LEAD: draft.leads, Role.SUPPORT: draft.supports})
        if draft.description is not None:
            self._place_items(trace, draft)
        self._set_values(trace, draft)
        return trace

    def _set_values(self, trace, draft):
        """Put the draft's own values on the activity, and the status through updates."""
        activity, given = trace.activity, _own_values(trace.activity, draft)
        status = draft.status
        if status is not None and status != activity.status:
            self._report(trace, kind=UpdateKind.SET.value, status=status.value, what_happened=self.author.reason)
        if report := draft.report:
            said = {name: getattr(report, name) for name in SAID}
            update = self._report(
                trace, kind=UpdateKind.REPORT.value, agency_id=report.agency.pk, status=report.status.value, **said
            )
            self.writes.links += links_of(update, report.evidence)
            self._tick(trace, dict(report.done))
        before = self.writes.change(activity, **given, **self._shown_status(trace))
        # No column of a file: undoing works it out anew.
        before.pop("leads_differ", None)
        trace.values = {} if activity._state.adding else before

    def _shown_status(self, trace):
        """Return {column: value} of the status that the activity shows, by what its leads say then."""
        activity, cell = trace.activity, CELLS[Role.LEAD]
        if not (trace.updates or cell in trace.links):
            return {}
        leads = [agency for agency, _ in trace.links[cell][1]] if cell in trace.links else None
        new = [report_to_be(one, self._period_of(one)) for one in trace.updates]
        positions = self.reports.positions(activity.pk, leads=leads, new=new)
        latest = trace.updates[-1].status if trace.updates else activity.status
        status = positions.status
        return {"status": status.value if status else latest, "leads_differ": positions.leads_differ}

    def _period_of(self, update):
        return self.find_period() if update.kind == UpdateKind.REPORT else OUTSIDE

    def _report(self, trace, **said):
        update = StatusUpdate(activity_id=trace.activity.pk, author=self.author.by, made_at=self.reported_at, **said)
        self.writes.updates.append(update)
        trace.updates.append(update)
        return update

    def _tick(self, trace, days):
        """Mark the sub-activities of `days` {id: day} as done, those that are not yet."""
        for item in self.batch.items.get(trace.activity.pk, ()) if days else ():
            if item.pk in days and not item.is_done:
                self.writes.change(item, is_done=True, done_on=days[item.pk])
                trace.ticked.append(item)

    def _place_agencies(self, trace, given):
        """Make the links of each role that is given what it says; a link that stays keeps its id."""
        activity, links = trace.activity, self.batch.links.get(trace.activity.pk, [])
        before = {role: linked(links, role) for role in Role}
        roles = [role for role, agencies in given.items() if agencies is not None]
        changes = arrange_links(activity.pk, links, self._places(given), roles=roles)
        self.writes.arrange(changes)
        kept = [link for link in links if link not in changes.gone]
        after = {role: linked([*kept, *changes.new], role) for role in Role}
        told = [role for role in Role if trace.is_new or before[role] != after[role]]
        trace.links = {CELLS[role]: (before[role], after[role]) for role in told}

    def _places(self, given):
        """Return {id of an agency: (role, position)} for the roles that are given."""
        return places_in_order({role.value: map(self._id_of, agencies or ()) for role, agencies in given.items()})

    def _id_of(self, agency):
        return self.agencies[agency.code].pk if isinstance(agency, NewAgency) else agency.pk

    def _place_items(self, trace, draft):
        """Keep the sub-activities that the row still has, edited or not; withdraw the others; add what is new."""
        known = self.batch.items.get(trace.activity.pk, [])
        # Those of an activity that is brought back were withdrawn with it.
        existing = [item for item in known if draft.is_brought_back or item.withdrawn_on is None]
        matched = match_items(existing, draft.description.items)
        for position, item in enumerate(draft.description.items, start=1):
            self._place_item(trace, matched.get(position), item, position)
        found = {row.pk for row in matched.values()}
        for row in existing:
            if row.pk not in found and row.withdrawn_on is None:
                self._change_item(trace, row, withdrawn_on=self.on)

    def _place_item(self, trace, row, item, position):
        values = {"text": item.text, "footnote": item.footnote, "position": position}
        if row is None:
            row = SubActivity(activity=trace.activity, **values)
            self.writes.new_items.append(row)
            trace.items.append((None, row))
        elif row.withdrawn_on or (tidy(row.text), tidy(row.footnote), row.position) != tuple(values.values()):
            self._change_item(trace, row, withdrawn_on=None, **values)

    def _change_item(self, trace, row, **values):
        before = values_of_item(row)
        self.writes.change(row, **values)
        trace.items.append((before, row))


def _ticked(draft):
    return draft.report is not None and draft.report.done


def _own_values(activity, draft):
    """Return {column: value} that the draft gives otherwise than the activity has it; spelling of spaces aside."""
    given = {"number": draft.number} if draft.number is not None else {}
    for column in WRITTEN:
        if (value := getattr(draft, column.attribute)) is not None:
            stored = column.store(value)
            if not isinstance(stored, str) or stored != tidy(getattr(activity, column.field)):
                given[column.field] = stored
    return {**GOES_ON, **given} if draft.is_brought_back else given
