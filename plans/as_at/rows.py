"""The SELECTs that find the rows of a plan as they were at a moment, in words of either engine."""

from functools import cache
from typing import Any

from django.db import connection

from plans.as_at.kept import KEPT, ByHistory, ByMoments
from plans.as_at.moment import AsAt
from plans.models import Activity, StatusUpdate
from plans.models.fields import FoldedTextField


@cache
def history_of(model: Any) -> Any:
    """Return the model of the history of a model."""
    return model.history.model


@cache
def links_of(model: Any) -> list[tuple[Any, Any]]:
    """Return the tables of the many-to-many fields of a model whose history is kept: [(table, its history)]."""
    fields = history_of(model)._history_m2m_fields  # noqa: SLF001 - simple-history has no public list
    return [(one.remote_field.through, getattr(history_of(model), one.name).model) for one in fields]


def owner_of(through: Any) -> tuple[Any, ByHistory]:
    """Return the model whose many-to-many field a table is of, and how its rows are found."""
    found = ((model, kept) for model, kept in KEPT.items() if isinstance(kept, ByHistory))
    return next((model, kept) for model, kept in found if through in [table for table, _ in links_of(model)])


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
        return f"{'pg_temp' if connection.vendor == 'postgresql' else 'temp'}.{self.quote(model._meta.db_table)}"

    def columns(self, names: Any) -> str:
        """Return names of columns as a list."""
        return ", ".join(self.quote(name) for name in names)

    def in_force(self, model: Any, kept: ByHistory) -> str:
        """Return a SELECT of all columns of a model, as its history says that they were."""
        columns = [self._column(one, kept) for one in model._meta.concrete_fields]
        needs_present = kept.worked_out or any(isinstance(one, FoldedTextField) for one in model._meta.concrete_fields)
        present = f" LEFT JOIN {self.today(model)} AS present ON present.id = past.id"
        return (
            f"SELECT {', '.join(columns)} FROM {self.today(history_of(model))} AS past"  # noqa: S608
            f"{present if needs_present else ''} WHERE past.history_id IN ({self._versions(model, kept)})"
            " AND past.history_type <> '-'"
        )

    def links(self, through: Any, versions: Any, owner: Any, kept: ByHistory) -> str:
        """Return a SELECT of all columns of a many-to-many table, whose history is `versions`, of the model `owner`."""
        columns = self.columns(one.column for one in through._meta.concrete_fields)
        return (
            f"SELECT {columns} FROM {self.today(versions)}"  # noqa: S608
            f" WHERE history_id IN ({self._versions(owner, kept)})"
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
        condition = f" AND {kept.of_plan}" if kept.of_plan else ""
        found = f"SELECT {', '.join(columns)} FROM {self.today(model)} AS present"  # noqa: S608
        return f"{found} WHERE {kept.since} <= {{moment}}{condition}".format_map(self.values)

    def ended_history(self, history: Any) -> str:
        """Return a SELECT of a history that ends at the moment."""
        return f"SELECT * FROM {self.today(history)} WHERE history_date <= {self.values['moment']}"  # noqa: S608

    def has_later(self, model: Any) -> str:
        """Return an expression for whether any row of a model, of whatever plan, has changed since."""
        history = self.today(history_of(model))
        return f"EXISTS(SELECT 1 FROM {history} WHERE history_date > {self.values['moment']})"  # noqa: S608

    def _versions(self, model: Any, kept: ByHistory) -> str:
        """Return a SELECT of the ids of the history entries that were the latest, those that removed a row included."""
        present, history = self.today(model), self.today(history_of(model))
        condition = f" AND {kept.of_plan}" if kept.of_plan else ""
        rows = f"SELECT id FROM {present} WHERE true{condition}"  # noqa: S608 - names of ours, here and below
        if kept.is_removable:
            rows += f" UNION SELECT id FROM {history} WHERE history_type = '-'{condition}"  # noqa: S608
        # A look into the index for each row is far less than looking through all versions.
        newest = (
            f"SELECT (SELECT version.history_id FROM {history} AS version"  # noqa: S608
            " WHERE version.id = of_row.id AND version.history_date <= {moment}"
            f" ORDER BY version.history_date DESC, version.history_id DESC LIMIT 1) FROM ({rows}) AS of_row"
        )
        return newest.format_map(self.values)

    def _column(self, field: Any, kept: ByHistory) -> str:
        if field.column in kept.worked_out:
            return kept.worked_out[field.column].format_map(self.values)
        if isinstance(field, FoldedTextField):
            # What it was made of is mostly as it was.
            same = " AND ".join(f"past.{self.quote(one)} = present.{self.quote(one)}" for one in field.sources)
            return f"CASE WHEN {same} THEN present.{self.quote(field.column)} ELSE '' END"
        return f"past.{self.quote(field.column)}"


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
