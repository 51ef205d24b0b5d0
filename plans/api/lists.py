"""The lists of a plan that programs can read: what may be asked of each, its columns, and its rows in a fixed order.

Columns are those of the files (`plans.spreadsheets`), filters those of the pages (`plans.filters`): a new one of either
is here by itself.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict

from plans.activity_number import number_in
from plans.api.problems import not_found, wrong_parameters
from plans.as_at import PARAMETER, today
from plans.filters.activities import ARRANGEMENT
from plans.filters.barriers import BarrierFilter, BarrierFilterForm
from plans.filters.comparison import ComparedActivityFilter, ComparisonFilter
from plans.filters.due_dates import DueDateFilter
from plans.filters.exports import ExportFilter
from plans.models import Plan, StatusUpdate
from plans.permissions import can_administer, can_see_checks
from plans.spreadsheets.columns import COLUMNS, NUMBER, Column, cells_of
from plans.spreadsheets.writing import lists
from plans.spreadsheets.writing.export import read_lines, write_csv
from plans.summaries.reference_names import read_names
from plans.summaries.slip_ledger import with_activities

PAGE, MOST = 500, 1_000
"""Rows of an answer in JSON, unless another `limit` is asked for, and at most."""
PAGING = ("limit", "after")
WRONG_AFTER = "Take “after” from “next” of the answer before."
POSITION = re.compile(r"[0-9]{1,18}")
NO_KEY = re.compile(r"[^a-z0-9]{1,20}")


@dataclass(frozen=True)
class Part:
    """Some rows, in order; `after` asks for those that follow, and is blank at the end."""

    rows: Sequence[Sequence[Any]]
    after: str = ""


@dataclass(frozen=True)
class ApiList:
    """A list by address. `name` is the last part of it, `about` a sentence about its rows.

    `bind(data, plan, person)` returns its filters, `fields` is {parameter: its field or filter}, `take(filters, after,
    limit)` returns a `Part`, and `csv(filters)` yields all of it in bytes. `renamed` is {what the filters call a
    parameter: what programs call it}. A list that `takes_moment` is shown as at an earlier one.
    """

    name: str
    about: str
    columns: Sequence[Column]
    bind: Callable[[QueryDict, Plan, Any], Any]
    fields: dict[str, Any]
    take: Callable[[Any, str, int], Part]
    csv: Callable[[Any], Iterator[bytes]]
    renamed: dict[str, str]
    takes_moment: bool = True

    def filters(self, asked: QueryDict, plan: Plan, person: Any) -> Any:
        """Return the filters of what was asked for. Raises `Refused` for whatever is unknown."""
        theirs = {name: own for own, name in self.renamed.items()}
        wrong = {name: [f"There is no “{name}” here."] for name in (*ARRANGEMENT, *self.renamed) if name in asked}
        if wrong:
            raise wrong_parameters(wrong)
        data = QueryDict(mutable=True)
        for name, values in asked.lists():
            if name not in (*PAGING, PARAMETER):
                data.setlist(theirs.get(name, name), values)
        filters = self.bind(data, plan, person)
        if not filters.is_valid():
            errors = filters.form.errors.items()
            raise wrong_parameters({self._name_of(name): list(found) for name, found in errors})
        return filters

    def _name_of(self, name: str) -> str:
        return "" if name == "__all__" else self.renamed.get(name, name)


def key_of(column: Column) -> str:
    """Return what JSON calls a column: its heading in small letters, "agency_lead"."""
    return NO_KEY.sub("_", column.heading.lower()).strip("_")


def in_json(column: Column, cell: Any) -> Any:
    """Return a cell as JSON has it: a day as 2026-10-31, a whole number, text; null for a day or number that is not."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if column.is_count:
        return cell if isinstance(cell, int) else None
    if column.is_day:
        return cell or None
    return "" if cell is None else str(cell)


def rows_in_json(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows of cells as objects."""
    keyed = [(key_of(column), column) for column in columns]
    return [{key: in_json(column, cell) for (key, column), cell in zip(keyed, row, strict=True)} for row in rows]


def get_list(name: str) -> ApiList:
    """Return the list of that name. Raises `Refused`."""
    if name not in LISTS:
        raise not_found(f"There is no list called “{name}”. Choose from: {', '.join(LISTS)}.")
    return LISTS[name]


def cells_in(table: lists.ListTable, rows: Iterable[Any]) -> list[list[Any]]:
    """Return the cells of the rows of a table."""
    return [[column.export(row) for column in table.columns] for row in rows]


def _position(after: str) -> int:
    if after and not POSITION.fullmatch(after):
        raise wrong_parameters({"after": [WRONG_AFTER]})
    return int(after or 0)


def _by_position(table: lists.ListTable, listed: Any, after: str, limit: int) -> Part:
    """Return the rows that follow as many as `after` says, of a list that is worked out as a whole."""
    first = _position(after)
    rows = list(table.rows_of(listed))
    return Part(cells_in(table, rows[first : first + limit]), str(first + limit) if len(rows) > first + limit else "")


def _by_id(table: lists.ListTable, found: Any, after: str, limit: int) -> Part:
    """Return the rows of a queryset whose ids come after that one, in the order in which they were added."""
    rows = list(found.order_by("pk").filter(pk__gt=_position(after))[: limit + 1])
    more = len(rows) > limit
    return Part(cells_in(table, rows[:limit]), str(rows[limit - 1].pk) if more else "")


def _activities(filters: ExportFilter, after: str, limit: int) -> Part:
    found = filters.activities
    if after:
        number = number_in(after)
        if number is None:
            raise wrong_parameters({"after": [WRONG_AFTER]})
        found = found.filter(number__gt=number)
    lines = list(read_lines(found[: limit + 1], filters.names, with_update_ids=False))
    more = len(lines) > limit
    last = str(getattr(lines[limit - 1], NUMBER.attribute)) if more else ""
    return Part([cells_of(line) for line in lines[:limit]], last)


def _updates(filters: ExportFilter) -> Any:
    of_plan = StatusUpdate.objects.of_plan(filters.plan).select_related("round")
    return of_plan.filter(activity__in=filters.activities.order_by().values("pk"))


def _bind_activities(data: QueryDict, plan: Plan, person: Any) -> ExportFilter:
    return ExportFilter(data, plan=plan, on=today(), names=read_names(), has_checks=can_see_checks(person))


def _bind_changes(data: QueryDict, plan: Plan, person: Any) -> ComparisonFilter:
    return ComparisonFilter(data, plan=plan, on=today(), may_see_drafts=can_administer(person))


def _works(filters: DueDateFilter) -> list[Any]:
    return with_activities(sorted(filters.works, key=lambda one: (one.activity_id, one.item or "")))


LISTS = {
    one.name: one
    for one in (
        ApiList(
            "activities",
            "The activities of a plan, one row each, by number.",
            COLUMNS,
            _bind_activities,
            ExportFilter.base_filters,
            _activities,
            lambda filters: write_csv(filters.activities, filters.names),
            {},
        ),
        ApiList(
            "updates",
            "What agencies reported on the activities that the filters leave, in the order in which it came. Updates "
            "that were reversed or corrected are left out.",
            lists.UPDATES.columns,
            _bind_activities,
            ExportFilter.base_filters,
            lambda filters, after, limit: _by_id(lists.UPDATES, _updates(filters), after, limit),
            lambda filters: lists.UPDATES.write_csv(_updates(filters).order_by("pk")),
            {},
        ),
        ApiList(
            "barriers",
            "Barriers, open ones unless others are asked for, in the order in which they were raised.",
            lists.BARRIERS.columns,
            lambda data, plan, person: BarrierFilter(data, plan=plan),
            BarrierFilterForm.base_fields,
            lambda filters, after, limit: _by_id(lists.BARRIERS, filters.barriers.for_export(), after, limit),
            lambda filters: lists.BARRIERS.write_csv(filters.barriers.for_export()),
            {},
        ),
        ApiList(
            "dates",
            "Due dates of activities and sub-activities, one row for each time that one was moved.",
            lists.DUE_DATES.columns,
            lambda data, plan, person: DueDateFilter(data, plan=plan, on=today(), has_checks=can_see_checks(person)),
            DueDateFilter.base_filters,
            lambda filters, after, limit: _by_position(lists.DUE_DATES, _works(filters), after, limit),
            lambda filters: lists.DUE_DATES.write_csv(_works(filters)),
            {},
        ),
        ApiList(
            "changes",
            "What changed in activities between two days, one row for each difference: since the last round was "
            "closed, unless another day is asked for.",
            lists.COMPARISON.columns,
            _bind_changes,
            {name: one for name, one in ComparedActivityFilter.base_filters.items() if name != "checks"},
            lambda filters, after, limit: _by_position(lists.COMPARISON, filters.activities, after, limit),
            lambda filters: lists.COMPARISON.write_csv(filters.activities),
            {"from": "since", "to": "until"},
            takes_moment=False,
        ),
    )
}
