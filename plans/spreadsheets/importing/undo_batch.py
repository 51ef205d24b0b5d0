"""Undo of up to 500 rows of an import: worked out here, in words where a value is kept, and written by `undo`."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Max, Q
from django.utils.formats import date_format

from plans.actions.agency_links import arrange_links
from plans.activity_number import Number
from plans.choices import ImportState, Role, Status, UpdateKind
from plans.models import Activity, Agency, FocusArea, Import, ImportRow, PriorityArea, StatusUpdate, SubActivity
from plans.spreadsheets.columns import DESCRIPTION, LEADS, MERGED_COLUMNS, NUMBER, SUPPORTS
from plans.spreadsheets.importing.activity_batch import (
    CELLS,
    OWN,
    Links,
    Writes,
    linked,
    load_batch,
    plain,
    typed,
    unset,
    values_of_item,
)
from plans.spreadsheets.importing.sub_activities import item_heading
from plans.summaries.lead_positions import LeadPositions, ReportsOfLeads

if TYPE_CHECKING:
    from plans.spreadsheets.importing.undo import NumbersBack

ROLES = {cell: role for role, cell in CELLS.items()}
COLUMNS = {column.field or column.attribute: column for column in (NUMBER, *MERGED_COLUMNS)}
"""{what `ImportRow.before` and `after` call a value: its column}."""
TOGETHER = (("programme_rating", "programme_rating_reason"), ("ending", "ended_on", "ending_note"))
"""Values of which an activity has all or none."""
GONE = "(no longer there)"
NOT_DONE = "Not done"


@dataclass(frozen=True)
class KeptValue:
    """A value that an undo leaves since it was edited after the import, in words; a new agency has no number."""

    number: Number | None
    column: str
    imported: str
    now: str


class UndoBatch:
    """The rows of an import whose `after` is not blank, to be taken back together.

    `numbers` is the `NumbersBack` of the whole import. `writes` is what to write, `retracted` are the ids of updates
    to retract, `taken_back` is how many values go back, `kept` are those that stay, `withdrawn` the ids of
    activities that the import made and that go. `mended` are rows of later imports which replaced a value of this one:
    they go back to what this one replaced, so that imports can be undone in any order.
    """

    def __init__(
        self, source: Import, rows: list[ImportRow], *, words: "Words", on: date, numbers: "NumbersBack"
    ) -> None:
        self.source, self.words, self.on, self.numbers = source, words, on, numbers
        self.writes, self.taken_back = Writes(), 0
        self.retracted: list[int] = []
        self.kept: list[KeptValue] = []
        self.withdrawn: list[int] = []
        self._stale: dict[tuple[int, str, str | None], tuple[Any, Any]] = {}
        pks = [row.activity_id for row in rows if row.activity_id is not None]
        self.batch = load_batch(pks, with_links=pks, with_items=pks)
        for pk, activity in self.batch.activities.items():
            # Parked meanwhile, so that no two have the same number at any moment.
            activity.number = numbers.before.get(pk, activity.number)
        self.newest = self._newest_of_others(pks, [pk for row in rows for pk in row.after.get("updates", ())])
        self.reports = ReportsOfLeads.load([row.activity_id for row in rows if row.activity_id and _moves_status(row)])
        for row in rows:
            self._take_back(row)
        self.mended = self._mend_later_imports()

    def _newest_of_others(self, pks: list[int], own: list[int]) -> dict[int, tuple[int, int]]:
        """Return {activity: (id of its newest standing update, of the newest with a status)}; `own` do not count."""
        others = StatusUpdate.objects.filter(activity__in=pks, retracted_at=None).exclude(pk__in=own).order_by()
        with_status = Max("pk", filter=~Q(kind=UpdateKind.NOTE))
        return {
            pk: (newest, newest_with_status or 0)
            for pk, newest, newest_with_status in others.values("activity")
            .annotate(newest=Max("pk"), newest_with_status=with_status)
            .values_list("activity", "newest", "newest_with_status")
        }

    def _take_back(self, row: Any) -> None:
        activity = self.batch.activities[row.activity_id]
        if row.after.get("is_new") and not self._is_untouched(row, activity):
            self._keep(activity.number, "Activity", "New", "Kept, because it has changed since")
            return
        self.retracted += row.after.get("updates", ())
        if _moves_status(row):
            self.writes.change(activity, leads_differ=self._positions(row, activity).leads_differ)
        taken = self._values(row, activity) | self._agencies(row, activity) | self._items(row, activity)
        taken |= self._ticks(row, activity)
        if row.after.get("is_new"):
            number = self.numbers.given.get(activity.pk, activity.number)
            self.writes.change(activity, withdrawn_on=self.on, number=number)
            self.withdrawn.append(activity.pk)
            taken = {"is_new"}
        self.taken_back += len(taken) or bool(row.after.get("updates"))

    def _is_untouched(self, row: Any, activity: Activity) -> bool:
        """Return whether nobody added to an activity that the import made, nor changed it."""
        links, items = self.batch.links[activity.pk], self.batch.items[activity.pk]
        in_force = {str(item.pk): values_of_item(item) for item in items if item.withdrawn_on is None}
        after = row.after
        return (
            all(plain(getattr(activity, name)) == after.get(name, unset(name)) for name in OWN)
            and all(linked(links, role) == after.get(cell, linked(links, role)) for cell, role in ROLES.items())
            and in_force == {pk: values for pk, values in after.get("items", {}).items() if not values["withdrawn_on"]}
            and not any(map(_is_used, items))
            and activity.pk not in self.newest
        )

    def _values(self, row: Any, activity: Activity) -> set[str]:
        """Put the activity's own values back; returns the names of those that went back."""
        back = self._number(row, activity)
        for name in OWN:
            if name not in row.before or name == "withdrawn_on":
                continue
            now = plain(getattr(activity, name))
            if now != row.after[name]:
                self._keep_value(row, activity, name, now)
            elif name == "status" and self._is_reported_since(row, activity):
                left = self._positions(row, activity).status
                if left is None or left == now:
                    self._keep_value(row, activity, name, now, ", updated again since")
                else:
                    back[name] = left.value
            else:
                back[name] = typed(name, row.before[name])
        if row.after.get("is_new"):
            back.setdefault("status", Status.NO_UPDATE.value)
        self._mind_finalised(row, activity, back)
        for names in TOGETHER:
            self._mind_whole(row, activity, back, names)
        self.writes.change(activity, **back)
        return set(back)

    def _positions(self, row: Any, activity: Activity) -> LeadPositions:
        """Return where the leads of an activity stand once what the row reported is retracted. No query."""
        links = self.batch.links[activity.pk]
        is_back = "leads" in row.before and self._agencies_go_back(row, activity)
        leads = [pk for pk, _ in (row.before["leads"] if is_back else linked(links, Role.LEAD))]
        return self.reports.positions(activity.pk, leads=leads, without=row.after.get("updates", ()))

    def _number(self, row: Any, activity: Activity) -> dict[str, Any]:
        """Return the number that the activity had before the import, as {"number": it}, if it can have it again."""
        if "number" not in row.before:
            return {}
        if activity.pk in self.numbers.given:
            return {"number": self.numbers.given[activity.pk]}
        self._keep_value(row, activity, "number", activity.number)
        return {}

    def _is_reported_since(self, row: Any, activity: Activity) -> bool:
        _, newest = self.newest.get(activity.pk, (0, 0))
        return newest > max(row.after.get("updates", [0]))

    def _mind_finalised(self, row: Any, activity: Activity, back: dict[str, Any]) -> None:
        """Leave out of `back` what would make a blank description a finalised one."""
        for name in ("description", "description_state"):
            would_be = {one: back.get(one, getattr(activity, one)) for one in ("description", "description_state")}
            if would_be["description_state"] == "finalised" and not would_be["description"] and name in back:
                del back[name]
                self._keep_value(row, activity, name, plain(getattr(activity, name)))

    def _mind_whole(self, row: Any, activity: Activity, back: dict[str, Any], names: tuple[str, ...]) -> None:
        """Leave out of `back` what would put some of the values `names` without the others."""
        would_be = {bool(back.get(name, getattr(activity, name))) for name in names}
        for name in names if len(would_be) > 1 else ():
            if name in back:
                del back[name]
                self._keep_value(row, activity, name, plain(getattr(activity, name)))

    def _agencies(self, row: Any, activity: Activity) -> set[str]:
        """Put the links of the roles that the row changed back, all or none; returns the names of those cells."""
        cells = [cell for cell in ROLES if cell in row.before]
        links = self.batch.links[activity.pk]
        if not self._agencies_go_back(row, activity):
            for cell in cells:
                self._keep_value(row, activity, cell, linked(links, ROLES[cell]))
            return set()
        wanted = {pk: (ROLES[cell].value, position) for cell in cells for pk, position in row.before[cell]}
        self.writes.arrange(arrange_links(activity.pk, links, wanted, roles=[ROLES[cell] for cell in cells]))
        return set(cells)

    def _agencies_go_back(self, row: Any, activity: Activity) -> bool:
        """Return whether the links are as the row has written them, and can be what they were."""
        now = {cell: linked(self.batch.links[activity.pk], role) for cell, role in ROLES.items()}
        cells = [cell for cell in ROLES if cell in row.before]
        wanted = {pk for cell in cells for pk, _ in row.before[cell]}
        elsewhere = {pk for cell in ROLES if cell not in cells for pk, _ in now[cell]}
        is_as_written = all(_ids(now[cell]) == _ids(row.after[cell]) for cell in cells)
        return is_as_written and not elsewhere & wanted and wanted <= self.words.unmerged

    def _items(self, row: Any, activity: Activity) -> set[str]:
        """Put the sub-activities that the row changed back, each by itself; returns {"description"} if any did."""
        items = {str(item.pk): item for item in self.batch.items[activity.pk]}
        taken = set()
        for pk, after in row.after.get("items", {}).items():
            item, before = items[pk], row.before["items"][pk]
            if values_of_item(item) != after or (before is None and _is_used(item)):
                now = GONE if item.withdrawn_on else item.text
                self._keep(activity.number, DESCRIPTION.heading, after["text"], now)
                self._stale[row.activity_id, "items", pk] = (after, before)
                continue
            self.writes.change(item, **({"withdrawn_on": self.on} if before is None else _typed(before)))
            taken.add("description")
        return taken

    def _ticks(self, row: Any, activity: Activity) -> set[str]:
        """Untick what the row ticked, where it is done as the row said; returns the ids of what was unticked."""
        items = {str(item.pk): item for item in self.batch.items[activity.pk]}
        taken = set()
        for pk, day in row.after.get("ticks", {}).items():
            item, imported = items[pk], tell_day(date.fromisoformat(day))
            if plain(item.done_on) == day:
                self.writes.change(item, is_done=False, done_on=None)
                taken.add(pk)
            else:
                self._keep(activity.number, item_heading(item.text), imported, tell_day(item.done_on))
        return taken

    def _keep_value(self, row: Any, activity: Activity, name: str, now: Any, note: str = "") -> None:
        tell = self.words.tell
        self._keep(activity.number, COLUMNS[name].heading, tell(name, row.after[name]), tell(name, now) + note)
        self._stale[row.activity_id, name, None] = (row.after[name], row.before[name])

    def _keep(self, number: Number | None, column: str, imported: str, now: str) -> None:
        self.kept.append(KeptValue(number, column, imported, now))

    def _mend_later_imports(self) -> list[ImportRow]:
        """Return the rows of later imports that replaced a value of this one, as if this one had never been."""
        if not self._stale:
            return []
        later = (
            ImportRow.objects.that_count()
            .filter(
                activity__in={pk for pk, *_ in self._stale},
                source__applied_at__gt=self.source.applied_at,
                source__state__in=[ImportState.APPLIED, ImportState.UNDOING],
            )
            .exclude(before={})
        )
        return [row for row in later.order_by("source__applied_at", "pk") if self._mend(row)]

    def _mend(self, row: ImportRow) -> bool:
        """Put what this import replaced into the `before` of a later row, where that has what this one wrote."""
        is_mended = False
        for (pk, name, item), (after, before) in list(self._stale.items()):
            cells = row.before.get("items", {}) if item else row.before
            key = item or name
            if pk == row.activity_id and key in cells and cells[key] == after:
                cells[key] = before
                del self._stale[pk, name, item]
                is_mended = True
        return is_mended


def _moves_status(row: Any) -> bool:
    """Return whether a row has reported, or given an activity other leads."""
    return bool(row.after.get("updates")) or "leads" in row.before


def _is_used(item: SubActivity) -> bool:
    """Return whether a sub-activity is done, has a due date or an agency, so that it is more than its words."""
    return item.is_done or item.due_on is not None or item.agency_id is not None


def _ids(links: Links) -> list[int]:
    return [pk for pk, _ in links]


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a sub-activity as its columns have them."""
    withdrawn_on = values["withdrawn_on"] and date.fromisoformat(values["withdrawn_on"])
    return {**values, "withdrawn_on": withdrawn_on}


@dataclass(frozen=True)
class Words:
    """The names of what values point to, by id."""

    agencies: dict[int, str]
    unmerged: set[int]
    """The agencies that can be on an activity: those that were not merged into another one."""
    focus_areas: dict[int, FocusArea]
    priority_areas: dict[int, PriorityArea]

    @classmethod
    def load(cls) -> Self:
        """Return the names of all there is. Three queries."""
        agencies = list(Agency.objects.values_list("pk", "name", "merged_into"))
        return cls(
            {pk: name for pk, name, _ in agencies},
            {pk for pk, _, into in agencies if into is None},
            FocusArea.objects.in_bulk(),
            PriorityArea.objects.in_bulk(),
        )

    def tell(self, name: str, value: Any) -> str:
        """Return a value of `before` or `after` in words, as an export shows it; blank for an area that is gone."""
        column = COLUMNS[name]
        if column in (LEADS, SUPPORTS):
            return self._tell_agencies(value)
        if column is DESCRIPTION:
            return value
        try:
            return column.text(column.load(typed(name, value), self))
        except KeyError:
            return ""

    def _tell_agencies(self, links: Links) -> str:
        return "; ".join(self.agencies.get(agency_id, GONE) for agency_id, _ in links)


def tell_day(day: date | None) -> str:
    """Return the day on which a sub-activity was done in words; that it is not done for None."""
    return NOT_DONE if day is None else date_format(day)
