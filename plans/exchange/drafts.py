"""What one row of a spreadsheet says an activity should be."""

from dataclasses import dataclass

from plans.choices import DescriptionState, Role, Status
from plans.exchange import columns, names
from plans.exchange.descriptions import Description, description_of, join_description, split_description, tidy
from plans.exchange.writing import CUT_NOTE
from plans.models import Activity, Agency, FocusArea, PriorityArea

TITLE_LENGTH = Activity._meta.get_field("title").max_length
ROLES = {Role.LEAD: columns.LEADS, Role.SUPPORT: columns.SUPPORTS}


@dataclass(frozen=True)
class NewAgency:
    """An agency that an import adds, since the person said so: `code` is free and valid, and no agency has `name`."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What an agency reports in a row: the parts of `record_update`."""

    agency: Agency
    status: Status
    is_no_change: bool = False
    what_happened: str = ""
    whats_next: str = ""
    barrier: str = ""


@dataclass(slots=True)
class Draft:
    """The values that a row gives; None where it gives none, so that the activity keeps its own.

    What clears a value is blank, not None: "", `Description("")` or []. `leads` and `supports` may hold a `NewAgency`,
    the same object wherever the file names it. `is_brought_back` says that the activity is there, withdrawn, since
    the import that made it was undone; its draft gives everything that the row says, changed or not.
    """

    focus_area: FocusArea | None = None
    priority_area: PriorityArea | None = None
    title: str | None = None
    description: Description | None = None
    leads: list[Agency | NewAgency] | None = None
    supports: list[Agency | NewAgency] | None = None
    description_state: DescriptionState | None = None
    status: Status | None = None
    report: ReportDraft | None = None
    is_brought_back: bool = False

    @property
    def is_blank(self):
        """Whether there is nothing to write."""
        return self == Draft()

    def texts(self):
        """Answer {heading: text as an export would show it} for the values that the row gives."""
        shown = {
            columns.FOCUS_AREA: self.focus_area and tidy(str(self.focus_area)),
            columns.PRIORITY_AREA: self.priority_area and tidy(self.priority_area.name),
            columns.TITLE: self.title,
            columns.DESCRIPTION: self.description and join_description(self.description),
            columns.LEADS: self.leads and _joined(self.leads),
            columns.SUPPORTS: self.supports and _joined(self.supports),
            columns.DESCRIPTION_STATE: self.description_state and self.description_state.label,
            columns.STATUS: self.status and self.status.label,
        }
        return {column.heading: text for column, text in shown.items() if text is not None}


class DraftReader:
    """Reads rows into drafts, with every name loaded once: four queries, and none for a row."""

    def __init__(self):
        """Load the names."""
        self.agencies = names.agency_names()
        self.readers = {
            columns.FOCUS_AREA: ("focus_area", names.focus_area_names().find),
            columns.PRIORITY_AREA: ("priority_area", names.priority_area_names().find),
            columns.TITLE: ("title", _title),
            columns.DESCRIPTION: ("description", _description),
            columns.LEADS: ("leads", self._agencies),
            columns.SUPPORTS: ("supports", self._agencies),
            columns.DESCRIPTION_STATE: ("description_state", names.description_state_names().find),
            columns.STATUS: ("status", names.status_names().find),
        }

    def read(self, cells, activity):
        """Answer the `Draft` that the row {heading: text} makes for `activity`, and its problems.

        Problems are [(heading, sentence)]. `activity` is fetched with `for_export()`, or not saved yet.
        """
        draft, problems = Draft(), []
        for column, (attribute, reader) in self.readers.items():
            text = cells.get(column.heading)
            if not text:
                continue
            try:
                setattr(draft, attribute, reader(text))
            except ValueError as error:
                problems.append((column.heading, str(error)))
        return draft, problems or list(_contradictions(draft, activity))

    def _agencies(self, text):
        found = [self.agencies.find(name) for name in map(str.strip, text.split(";")) if name]
        if not found:
            raise ValueError("no agency is named. Leave the cell blank to keep the agencies as they are.")
        for agency in found:
            if found.count(agency) > 1:
                raise ValueError(f"{agency.name} is named twice. Keep one.")
        return found


def _joined(agencies):
    return "; ".join(tidy(agency.name) for agency in agencies)


def _title(text):
    if len(text) > TITLE_LENGTH:
        raise ValueError(f"a title has at most {TITLE_LENGTH} characters; this one has {len(text)}.")
    return text


def _description(text):
    if CUT_NOTE in text:
        raise ValueError(
            "the text was cut when it was exported to Excel. Leave the cell blank to keep the description as it is."
        )
    description = split_description(text)
    if not (description.text or description.items):
        raise ValueError("there are no words. Leave the cell blank to keep the description as it is.")
    return description


def _contradictions(draft, activity):
    """Yield the problems of values that are right alone but not together or not for this activity."""
    is_new = activity.pk is None
    if is_new:
        if draft.focus_area is None:
            yield columns.FOCUS_AREA.heading, "a new activity needs one."
        if draft.priority_area is None:
            yield columns.PRIORITY_AREA.heading, "a new activity needs one."
    if draft.status == Status.NO_UPDATE != activity.status:
        yield columns.STATUS.heading, f"“{Status.NO_UPDATE.label}” is how an activity begins. Choose another status."
    description = draft.description or (Description("") if is_new else description_of(activity))
    state = draft.description_state or activity.description_state
    if state == DescriptionState.FINALISED and not description.text:
        yield columns.DESCRIPTION_STATE.heading, "a blank description cannot be finalised. Write it first."
    yield from _double_roles(draft, activity)


def _double_roles(draft, activity):
    given = {Role.LEAD: draft.leads, Role.SUPPORT: draft.supports}
    linked = {role: given[role] if given[role] is not None else _linked(activity, role) for role in Role}
    for agency in linked[Role.LEAD]:
        if agency in linked[Role.SUPPORT]:
            role = Role.LEAD if given[Role.LEAD] is not None else Role.SUPPORT
            yield ROLES[role].heading, f"{agency.name} cannot both lead and support. Name it in one column only."


def _linked(activity, role):
    if activity.pk is None:
        return []
    return [link.agency for link in activity.agency_links.all() if link.role == role]
