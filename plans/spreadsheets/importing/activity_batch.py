"""Up to 500 activities at once: loaded, changed, and saved in a few statements with what was there before."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Model, TextField, Value
from django.db.models.functions import Concat

from plans.actions.agency_links import LinkChanges
from plans.actions.bulk import ROWS_AT_A_TIME, Authorship, change_rows, insert_rows, remove_rows
from plans.actions.deferring import for_update, is_collecting
from plans.actions.updates import record_updates
from plans.choices import Role
from plans.models import Activity, ActivityAgency, EvidenceLink, Plan, StatusUpdate, SubActivity
from plans.models.agency_names import hold_agency_names
from plans.spreadsheets.columns import MERGED_COLUMNS

Links = list[list[int]]
"""Links as `ImportRow` keeps them: [[id of the agency, position]] in order."""

CELLS = {Role.LEAD: "leads", Role.SUPPORT: "supports"}
"""What the agencies of each role are called in `ImportRow.before` and `after`."""
OWN = (*(column.field for column in MERGED_COLUMNS if column.field), "withdrawn_on")
"""The columns of an activity that an import may change."""
UNTYPED = frozenset(
    {
        *("plan", "focus_area", "priority_area", "activity", "as_printed", "search_text", "description_state"),
        *("status", "programme_rating", "ending", "ended_on", "withdrawn_on", "agency", "due_on", "is_done", "done_on"),
    }
)
"""Columns that no file fills by itself: what stands there was found or chosen, or is computed, or stays."""


@dataclass
class ActivityBatch:
    """Activities by id, whole rows, with their agencies' links and their sub-activities, withdrawn ones too, in order.

    Links and sub-activities are there for those activities only for which they were asked.
    """

    activities: dict[int, Activity]
    links: dict[int, list[ActivityAgency]] = field(default_factory=lambda: defaultdict(list))
    items: dict[int, list[SubActivity]] = field(default_factory=lambda: defaultdict(list))


def lock_activities(plan: Plan | int) -> None:
    """Keep others from changing the activities of a plan, or reporting on them, until the transaction ends.

    All at once and in one order, and before the open round: whoever reports on a page locks in that order, too.
    """
    list(for_update(Activity.objects.filter(plan=plan)).order_by("pk").values_list("pk"))
    if not is_collecting():
        hold_agency_names()


def load_batch(pks: Collection[int], *, with_links: Collection[int], with_items: Collection[int]) -> ActivityBatch:
    """Return the `ActivityBatch` of activities, and of the parts of those that are named. Three queries."""
    batch = ActivityBatch(Activity.objects.in_bulk(pks))
    for link in ActivityAgency.objects.filter(activity__in=with_links) if with_links else ():
        batch.links[link.activity_id].append(link)
    for item in SubActivity.objects.filter(activity__in=with_items) if with_items else ():
        batch.items[item.activity_id].append(item)
    return batch


def linked(links: Iterable[ActivityAgency], role: str) -> Links:
    """Return the links of one role as `ImportRow` keeps them: [[id of the agency, position]] in order."""
    rows = [(link.position, link.pk or 0, link.agency_id) for link in links if link.role == role]
    return [[agency_id, position] for position, _, agency_id in sorted(rows)]


def values_of_item(item: SubActivity) -> dict[str, Any]:
    """Return what an import may change of a sub-activity, as `ImportRow` keeps it."""
    withdrawn_on = item.withdrawn_on and item.withdrawn_on.isoformat()
    return {"text": item.text, "footnote": item.footnote, "position": item.position, "withdrawn_on": withdrawn_on}


@dataclass
class Trace:
    """What became of one activity. Its ids are known once all is saved: ask for `before` and `after` then."""

    activity: Activity
    is_new: bool
    values: dict = field(default_factory=dict)
    links: dict = field(default_factory=dict)
    items: list[tuple[dict | None, SubActivity]] = field(default_factory=list)
    ticked: list[SubActivity] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)

    @property
    def before(self) -> dict[str, Any]:
        """What was there before, as `ImportRow.before` keeps it."""
        found = {name: plain(value) for name, value in self.values.items()}
        found |= {cell: before for cell, (before, _) in self.links.items()}
        items = {str(item.pk): before for before, item in self.items}
        found |= {"items": items} if items else {}
        return {**found, "ticks": {str(item.pk): None for item in self.ticked}} if self.ticked else found

    @property
    def after(self) -> dict[str, Any]:
        """What is there now, as `ImportRow.after` keeps it."""
        names = OWN if self.is_new else self.values
        found = {name: plain(getattr(self.activity, name)) for name in names}
        found |= {cell: after for cell, (_, after) in self.links.items()}
        items = {str(item.pk): values_of_item(item) for _, item in self.items}
        found |= {"items": items} if items else {}
        found |= {"ticks": {str(item.pk): plain(item.done_on) for item in self.ticked}} if self.ticked else {}
        found |= {"updates": [update.pk for update in self.updates]} if self.updates else {}
        return {**found, "is_new": True} if self.is_new else found


def plain(value: Any) -> Any:
    """Return a value of a column as JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def typed(name: str, value: Any) -> Any:
    """Return what JSON keeps of a column of an activity as the column has it; the inverse of `plain`."""
    return _column(name).to_python(value)


def unset(name: str) -> Any:
    """Return what JSON would keep of a column of an activity to which nobody gave a value."""
    return plain(_column(name).get_default())


def _column(name: str) -> Any:
    return Activity._meta.get_field(name)


class CannotWrite(ValidationError):
    """Something that may not be saved; its text is a sentence that names the activity."""


@dataclass
class Writes:
    """Rows to add, to change and to remove. A row that is changed is whole, and is given once for each change."""

    new_activities: list[Activity] = field(default_factory=list)
    new_links: list[ActivityAgency] = field(default_factory=list)
    new_items: list[SubActivity] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)
    links: list[EvidenceLink] = field(default_factory=list)
    gone_links: list[ActivityAgency] = field(default_factory=list)
    _changed: dict = field(default_factory=dict)
    _fields: dict = field(default_factory=dict)

    def change(self, row: Model, **values: Any) -> dict[str, Any]:
        """Put `values` on a row, and remember to save them. Returns what they were, those that differ alone."""
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        for name in before:
            setattr(row, name, values[name])
        if before and not row._state.adding:
            model = type(row)
            self._changed.setdefault(model, {})[row.pk] = row
            self._fields.setdefault(model, set()).update(before)
        return before

    def arrange(self, changes: LinkChanges) -> None:
        """Remember to make `changes`, a `LinkChanges`, to the links of an activity."""
        self.gone_links += changes.gone
        for link, role, position in changes.moved:
            self.change(link, role=role, position=position)
        self.new_links += changes.new

    def save(self, *, plan: Plan | int, author: Authorship) -> None:
        """Save it all, with `author` (an `Authorship`) in the history. Call it in a transaction, with the rows locked.

        Raises `CannotWrite` for what a form would refuse, and the database's errors. A constant number of queries
        for up to 500 activities.
        """
        self._refuse_nonsense()
        insert_rows(Activity, self.new_activities, author)
        self._save_changes(Activity, author)
        remove_rows(ActivityAgency, self.gone_links, author)
        self._save_changes(ActivityAgency, author)
        insert_rows(ActivityAgency, self.new_links, author)
        self._save_changes(SubActivity, author)
        insert_rows(SubActivity, self.new_items, author)
        record_updates(self.updates, plan=plan, links=self.links)

    def _save_changes(self, model: type[Model], author: Authorship) -> None:
        rows = list(self._changed.get(model, {}).values())
        change_rows(model, rows, self._fields.get(model, ()), author)

    def _refuse_nonsense(self) -> None:
        """Raise `CannotWrite` for what the columns cannot hold; the rest is for the database to refuse."""
        activities = [*self.new_activities, *self._changed.get(Activity, {}).values()]
        for row in (*activities, *self.new_items, *self._changed.get(SubActivity, {}).values()):
            try:
                row.clean_fields(exclude=UNTYPED)
            except ValidationError as error:
                about = row if isinstance(row, Activity) else row.activity
                raise CannotWrite(f"Activity {about.number}: {' '.join(error.messages)}") from None


def park_numbers(pks: Iterable[int]) -> None:
    """Give the activities of the ids `pks` numbers that nobody has or gets.

    Call it in a transaction with the plan locked; each has to get its number in the same one. No history is written.
    """
    pks = sorted(pks)
    parked = Concat(Value("~"), F("number"), output_field=TextField())
    for start in range(0, len(pks), ROWS_AT_A_TIME):
        Activity.objects.filter(pk__in=pks[start : start + ROWS_AT_A_TIME]).update(number=parked)
