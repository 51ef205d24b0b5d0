"""The SELECTs that find the rows of a plan as they were at a moment, in words of either engine."""

from functools import cache
from typing import Any

from django.db import connection

from plans.as_at.kept import ByHistory, ByMoments
from plans.as_at.moment import AsAt
from plans.models import Activity, StatusUpdate
from plans.models.fields import FoldedTextField

FEW = 10_000
"""Up to so many changes of a model since the moment are looked up by their moment."""


@cache
def history_of(model: Any) -> Any:
    """Return the model of the history of a model."""
    return model.history.model


@cache
def links_of(model: Any) -> list[tuple[Any, Any]]:
    """Return the tables of the many-to-many fields of a model whose history is kept: [(table, its history)]."""
    fields = history_of(model)._history_m2m_fields  # noqa: SLF001 - simple-history has no public list
    return [(one.remote_field.through, getattr(history_of(model), one.name).model) for one in fields]


class RowsThen:
    """Words SELECTs of the rows of a plan as they were at a moment, and names the tables of today and those of then."""

    def __init__(self, plan: int, as_at: AsAt) -> None:
        self.quote = connection.ops.quote_name
        self.schema = _schema()
        self.values = {
            "plan": str(int(plan)),
            "moment": _worded(as_at),
            "activities": self.today(Activity),
            "updates": self.today(StatusUpdate),
        }

    def today(self, model: Any) -> str:
        """Return the name of the table of today of a model."""
        return f"{self.quote(self.schema)}.{self.quote(model._meta.db_table)}"

    def then(self, model: Any) -> str:
        """Return the name of the temporary table of a model, or of its temporary view."""
        return self._temporary(model._meta.db_table)

    def _temporary(self, table: str) -> str:
        return f"{'pg_temp' if connection.vendor == 'postgresql' else 'temp'}.{self.quote(table)}"

    def columns(self, names: Any) -> str:
        """Return names of columns as a list."""
        return ", ".join(self.quote(name) for name in names)

    def in_force(self, model: Any, kept: ByHistory, changed: int) -> list[str]:
        """Return SELECTs of all columns of a model, each of some of its rows, as its history says that they were.

        `changed` is how many entries its history has since, as `count_since` has it.
        """
        if changed > FEW or kept.worked_out or links_of(model):
            return [self._from_history(model, kept, self._ids(model, kept))]
        # Most rows are as they were. To take those as they are is less than to look each up in the history.
        is_changed = f"id IN (SELECT id FROM {self.today(history_of(model))} WHERE {self._is_later})"  # noqa: S608
        columns = self.columns(one.column for one in model._meta.concrete_fields)
        same = f"SELECT {columns} FROM {self.today(model)} WHERE NOT {is_changed}{_and(kept)}"  # noqa: S608
        others = self._ids(model, kept, is_changed, limit=f" LIMIT {FEW}")
        return [same.format_map(self.values), self._from_history(model, kept, others)]

    def _from_history(self, model: Any, kept: ByHistory, rows: str) -> str:
        """Return a SELECT of all columns of those `rows` of a model, a SELECT of ids, as its history has them."""
        columns = [self._column(one, kept) for one in model._meta.concrete_fields]
        needs_present = kept.worked_out or any(isinstance(one, FoldedTextField) for one in model._meta.concrete_fields)
        present = f" LEFT JOIN {self.today(model)} AS present ON present.id = past.id"
        return (
            f"SELECT {', '.join(columns)} FROM ({rows}) AS of_row"  # noqa: S608
            f" CROSS JOIN {self.today(history_of(model))} AS past{present if needs_present else ''}"
            f" WHERE past.history_id = ({self._newest(model)}) AND past.history_type <> '-'"
        )

    def links(self, through: Any, versions: Any, owner: Any, kept: ByHistory) -> str:
        """Return a SELECT of all columns of a many-to-many table, whose history is `versions`, of the model `owner`."""
        columns = self.columns(one.column for one in through._meta.concrete_fields)
        return (
            f"SELECT {columns} FROM {self.today(versions)} WHERE history_id IN"  # noqa: S608
            f" (SELECT ({self._newest(owner)}) FROM ({self._ids(owner, kept)}) AS of_row)"
        )

    def added(self, model: Any, kept: ByMoments) -> str:
        """Return a SELECT of all columns of a model whose rows are added once, without what was filled later."""
        filled = {column: (when, before) for when, some in kept.later.items() for column, before in some.items()}
        columns = []
        for field in model._meta.concrete_fields:
            column = f"present.{self.quote(field.column)}"
            if field.column in filled:
                when, before = filled[field.column]
                is_filled = f"present.{self.quote(when)} <= {{moment}}"
                column = f"CASE WHEN {is_filled} THEN {column} ELSE {before} END AS {self.quote(field.column)}"
            columns.append(column)
        found = f"SELECT {', '.join(columns)} FROM {self.today(model)} AS present"  # noqa: S608
        return f"{found} WHERE {kept.since} <= {{moment}}{_and(kept)}".format_map(self.values)

    def ended_history(self, history: Any) -> str:
        """Return a SELECT of a history that ends at the moment."""
        return f"SELECT * FROM {self.today(history)} WHERE history_date <= {self.values['moment']}"  # noqa: S608

    def count_since(self, model: Any) -> str:
        """Return an expression for how many entries a history has since, of whatever plan; it counts to `FEW` + 1."""
        some = f"SELECT 1 FROM {self.today(history_of(model))} WHERE {self._is_later} LIMIT {FEW + 1}"  # noqa: S608
        return f"(SELECT count(*) FROM ({some}) AS found)"  # noqa: S608

    @property
    def _is_later(self) -> str:
        return f"history_date > {self.values['moment']}"

    def _ids(self, model: Any, kept: ByHistory, condition: str = "true", limit: str = "") -> str:
        """Return a SELECT of the ids of rows, those that have been removed since included.

        A `limit` for the latter has databases find them by their moment, before they look for those of the plan.
        """
        rows = f"SELECT id FROM {self.today(model)} WHERE {condition}{_and(kept)}"  # noqa: S608
        if kept.is_removable:
            history = self.today(history_of(model))
            gone = f"SELECT * FROM {history} WHERE history_type = '-' AND {self._is_later}{limit}"  # noqa: S608
            rows += f" UNION SELECT id FROM ({gone}) AS gone WHERE true{_and(kept)}"  # noqa: S608
        return rows.format_map(self.values)

    def _newest(self, model: Any) -> str:
        """Return a SELECT of the id of the entry of history that was the latest of a row of `of_row`.

        A look into the index for each row is far less than looking through all versions.
        """
        return (
            f"SELECT version.history_id FROM {self.today(history_of(model))} AS version"  # noqa: S608
            f" WHERE version.id = of_row.id AND version.history_date <= {self.values['moment']}"
            " ORDER BY version.history_date DESC, version.history_id DESC LIMIT 1"
        )

    def _column(self, field: Any, kept: ByHistory) -> str:
        if field.column in kept.worked_out:
            return kept.worked_out[field.column].format_map(self.values)
        if isinstance(field, FoldedTextField):
            # What it was made of is mostly as it was.
            same = " AND ".join(f"past.{self.quote(one)} = present.{self.quote(one)}" for one in field.sources)
            return f"CASE WHEN {same} THEN present.{self.quote(field.column)} ELSE '' END"
        return f"past.{self.quote(field.column)}"


def _and(kept: ByHistory | ByMoments) -> str:
    return f" AND {kept.of_plan}" if kept.of_plan else ""


def _schema() -> str:
    if connection.vendor != "postgresql":
        return "main"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def _worded(as_at: AsAt) -> str:
    if connection.vendor == "postgresql":
        return f"'{as_at.moment.isoformat()}'::timestamptz"
    return f"'{connection.ops.adapt_datetimefield_value(as_at.moment)}'"
