"""What a row of a file would take away from an activity: sub-activities, leads and supports that it leaves out."""

from dataclasses import dataclass

from plans.spreadsheets import columns
from plans.spreadsheets.importing.items import match_items

ITEMS, AGENCIES = "items", "agencies"
LEADS, SUPPORTS = columns.LEADS.heading, columns.SUPPORTS.heading
KEPT = "{}: left as the plan has it, since the file would take something away."


@dataclass(frozen=True, slots=True)
class Removal:
    """What a cell would take away: `kind` is `ITEMS` or `AGENCIES`, `names` are those that go, `done` those done."""

    kind: str
    column: str
    names: tuple[str, ...]
    done: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    """A sub-activity as `match_items` compares it."""

    text: str
    footnote: str
    position: int
    is_done: bool


def find_removals(draft, current):
    """Return the `Removal`s of what `draft` would write to the activity `current`, a `Current`."""
    return [one for one in (_items(draft, current), *_agencies(draft, current)) if one and one.names]


def keep_instead(draft, outcome, kinds):
    """Leave those cells of a row as the plan has them whose `outcome.removals` are of one of `kinds`."""
    columns_kept = {one.column for one in outcome.removals if one.kind in kinds}
    if columns_kept & {LEADS, SUPPORTS}:
        # An agency that stays in one cell must not be added by the other.
        columns_kept |= {LEADS, SUPPORTS}
    for column in sorted(columns_kept):
        _forget(draft, column)
        if any(change.column == column for change in outcome.changes):
            outcome.notes.append(KEPT.format(column))
    outcome.changes = [change for change in outcome.changes if change.column not in columns_kept]


def _items(draft, current):
    if draft.description is None or not current.items:
        return None
    existing = [_Item(*item) for item in current.items]
    stay = {id(row) for row in match_items(existing, draft.description.items).values()}
    gone = [item for item in existing if id(item) not in stay]
    names = tuple(" ".join(item.text.split()) for item in gone)
    return Removal(ITEMS, columns.DESCRIPTION.heading, names, sum(item.is_done for item in gone))


def _agencies(draft, current):
    leads = current.leads if draft.leads is None else draft.leads
    supports = current.supports if draft.supports is None else draft.supports
    yield Removal(AGENCIES, LEADS, tuple(one.name for one in current.leads if one not in leads))
    # One that comes to lead takes no less a part.
    yield Removal(AGENCIES, SUPPORTS, tuple(one.name for one in current.supports if one not in (*supports, *leads)))


def _forget(draft, column):
    names = {columns.DESCRIPTION.heading: "description", LEADS: "leads", SUPPORTS: "supports"}
    setattr(draft, names[column], None)
