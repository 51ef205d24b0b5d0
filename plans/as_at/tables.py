"""The tables of a plan as they were, put before those of today for as long as a page is made.

Both engines look at temporary tables first. So within one transaction, which is always rolled back, temporary tables of
the same names hold the rows of then, and every query, the prepared ones included, finds those. Temporary views stand
for what needs no copy: the histories, which end at the moment, and updates. A table is filled when it is first asked
for, since few pages need all of them.

The transaction only reads: the database itself refuses any write to the tables of today.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.utils import InternalError

from plans.as_at.kept import KEPT, ByHistory, ByMoments
from plans.as_at.moment import AsAt, _current
from plans.as_at.rows import RowsThen, history_of, links_of, owner_of
from plans.models import Barrier, Plan, StatusUpdate
from plans.models.fields import FoldedTextField
from plans.text import fold

INDEXED = ("activity_id", "agency_id", "update_id", "from_agency_id", "to_agency_id")
"""Columns by which pages look rows up, besides the key; all rows are of one plan."""
WRITING = ("INSERT", "UPDATE", "DELETE", "TRUNCA", "MERGE ", "COPY ")
"""How statements begin that write."""
TABLE = re.compile(r'"(plans_[a-z_]{1,60})"')


class PlanNotThere(LookupError):
    """The plan could not be seen at the moment that was asked for; the text says how: "there", or "published"."""


@contextmanager
def plan_as_at(plan: int, as_at: AsAt, *, may_see_drafts: bool = False) -> Iterator[None]:
    """Have every query within find the rows of the plan of that id, and `today()` the day, as they were at `as_at`.

    Ask for the rows of that plan alone: of others there is what may be of today, or nothing. Nothing can be written.
    Whatever is read has to be read within: a queryset that is asked afterwards finds today's rows.

    Raises `PlanNotThere` for a moment before the plan was made, and for one at which it was a draft, as for a plan that
    is one now, unless `may_see_drafts`; it counts as published within.
    """
    with _transaction_that_is_rolled_back():
        past = _Past(plan, as_at)
        past.lay_over()
        with connection.execute_wrapper(past):
            then = Plan.objects.filter(pk=plan).first()
            if then is None:
                raise PlanNotThere("there")
            if not may_see_drafts and not then.is_published:
                raise PlanNotThere("published")
            past.count_as_published()
            token = _current.set(as_at)
            try:
                with _read_only():
                    yield
            finally:
                _current.reset(token)


@contextmanager
def _transaction_that_is_rolled_back() -> Iterator[None]:
    """Begin a transaction, a savepoint within another, of which nothing is left however it ends."""
    with _without_kept_statements(), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def _without_kept_statements() -> Iterator[None]:
    """Have neither a lock of a writer on SQLite, nor statements that PostgreSQL has kept for the tables of today."""
    if connection.vendor == "sqlite":
        database: Any = connections[DEFAULT_DB_ALIAS]
        mode, database.transaction_mode = database.transaction_mode, None
        try:
            yield
        finally:
            database.transaction_mode = mode
        return
    connection.ensure_connection()
    server = connection.connection
    # The server would go on reading the table that a statement was prepared for: a temporary one of the same name that
    # comes later is no reason for it to look again.
    kept, server.prepare_threshold = server.prepare_threshold, None
    try:
        yield
    finally:
        server.prepare_threshold = kept


@contextmanager
def _read_only() -> Iterator[None]:
    """Have the database refuse writes to the tables of today."""
    if connection.vendor == "postgresql":
        # It ends with the transaction, and spares temporary tables.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        yield
        return
    _let_sqlite_write(allowed=False)
    try:
        yield
    finally:
        _let_sqlite_write(allowed=True)


def _let_sqlite_write(*, allowed: bool) -> None:
    # Of the library itself, since Django asks nothing more once a query has failed.
    connection.connection.execute(f"PRAGMA query_only = {0 if allowed else 1}")


@lru_cache(maxsize=2_000)
def _tables_in(sql: str) -> tuple[str, ...]:
    """Return the names of our tables that a statement is about."""
    return tuple(dict.fromkeys(TABLE.findall(sql)))


class _Past:
    """Lays the tables of a plan as they were at a moment over those of today."""

    def __init__(self, plan: int, as_at: AsAt) -> None:
        self.quote = connection.ops.quote_name
        self.rows = RowsThen(plan, as_at)
        self.waiting: dict[str, Any] = {}
        self.is_making = False

    def lay_over(self) -> None:
        """Make the temporary tables, empty, and the temporary views."""
        histories = {model: kept for model, kept in KEPT.items() if isinstance(kept, ByHistory)}
        with self._making():
            changed = self._changed_since(histories)
            for model, kept in histories.items():
                # What has not changed since is as it was, and what is worked out may be otherwise all the same.
                if model in changed or kept.worked_out:
                    self._make(model)
                    for through, _ in links_of(model):
                        self._make(through)
                history = history_of(model)
                self._run(f"CREATE TEMPORARY VIEW {self.rows.then(history)} AS {self.rows.ended_history(history)}")
            for model, added in KEPT.items():
                if isinstance(added, ByMoments) and added.of_plan:
                    self._make(model)
                elif isinstance(added, ByMoments):
                    self._run(f"CREATE TEMPORARY VIEW {self.rows.then(model)} AS {self.rows.added(model, added)}")

    def _changed_since(self, models: Iterable[Any]) -> set[Any]:
        """Return those of `models` of which any row, of whatever plan, has changed since the moment. One query."""
        models = list(models)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(map(self.rows.has_later, models))}")
            return {model for model, is_changed in zip(models, cursor.fetchone(), strict=True) if is_changed}

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Fill the tables that a statement is about before it is executed; raises `InternalError` for one that writes.

        As Django's `execute_wrapper` calls it.
        """
        if not self.is_making:
            if str(sql).lstrip()[:6].upper() in WRITING:
                raise InternalError("A plan as it was at an earlier moment cannot be written to.")
            for table in _tables_in(str(sql)):
                if owner := self.waiting.get(table):
                    self._fill(owner)
        return execute(sql, params, many, context)

    def count_as_published(self) -> None:
        """Have the plan count as published."""
        with self._making():
            self._run(f"UPDATE {self.rows.then(Plan)} SET is_published = true WHERE id = {self.rows.values['plan']}")  # noqa: S608

    @contextmanager
    def _making(self) -> Iterator[None]:
        """Let the statements within make and fill tables."""
        self.is_making = True
        try:
            yield
        finally:
            self.is_making = False

    def _make(self, model: Any) -> None:
        """Make a temporary table like that of a model, to be filled when it is first asked for."""
        table = self.rows.then(model)
        if connection.vendor == "postgresql":
            # Types, collations and the rest are those of the table itself.
            self._run(
                f"CREATE TEMPORARY TABLE {table} (LIKE {self.rows.today(model)},"
                f" PRIMARY KEY ({self.quote(model._meta.pk.column)})) ON COMMIT DROP"
            )
            self._index(model)
        else:
            fields = model._meta.concrete_fields
            columns = [
                f"{self.quote(one.column)} {one.db_type(connection)}{' PRIMARY KEY' * one.primary_key}"
                for one in fields
            ]
            self._run(f"CREATE TEMPORARY TABLE {table} ({', '.join(columns)})")
        self.waiting[model._meta.db_table] = model

    def _index(self, model: Any) -> None:
        """Index the columns by which rows are looked up."""
        name = model._meta.db_table
        schema = "" if connection.vendor == "postgresql" else "temp."
        for column in [one.column for one in model._meta.concrete_fields if one.column in INDEXED]:
            index = self.quote(f"past_{name}_{column}")
            self._run(f"CREATE INDEX {schema}{index} ON {self.quote(name)} ({self.quote(column)})")

    def _fill(self, model: Any) -> None:
        """Fill the table of a model, and with it those of its many-to-many fields."""
        owner, kept = (model, KEPT[model]) if model in KEPT else owner_of(model)
        was_refusing = connection.vendor == "sqlite" and _current.get() is not None
        if was_refusing:
            _let_sqlite_write(allowed=True)
        try:
            with self._making():
                if isinstance(kept, ByMoments):
                    self._take(owner, self.rows.added(owner, kept))
                    self._take_rewording_back()
                    return
                self._take(owner, self.rows.in_force(owner, kept))
                self._fold(owner)
                for through, versions in links_of(owner):
                    self._take(through, self.rows.links(through, versions, owner, kept))
        finally:
            if was_refusing:
                _let_sqlite_write(allowed=False)

    def _take(self, model: Any, rows: str) -> None:
        """Put `rows`, a SELECT of all columns of a model in order, into its temporary table."""
        table, columns = self.rows.then(model), [one.column for one in model._meta.concrete_fields]
        del self.waiting[model._meta.db_table]
        self._run(f"INSERT INTO {table} ({self.rows.columns(columns)}) {rows}")
        if connection.vendor == "postgresql":
            self._run(f"ANALYZE {table}")
        else:
            self._index(model)

    def _fold(self, model: Any) -> None:
        """Work out the folded columns of rows that have changed since."""
        table, key = self.rows.then(model), self.quote(model._meta.pk.column)
        for field in model._meta.concrete_fields:
            if not isinstance(field, FoldedTextField):
                continue
            column, sources = self.quote(field.column), self.rows.columns(field.sources)
            filled = " OR ".join(f"{self.quote(one)} <> ''" for one in field.sources)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {key}, {sources} FROM {table} WHERE {column} = '' AND ({filled})")  # noqa: S608
                folded = [(fold(" ".join(words)), pk) for pk, *words in cursor.fetchall()]
                if folded:
                    cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", folded)  # noqa: S608

    def _take_rewording_back(self) -> None:
        """Give barriers the words that they had before a later correction of the update that opened them."""
        barriers, updates = self.rows.then(Barrier), self.rows.today(StatusUpdate)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT b.id, b.update_id FROM {barriers} b JOIN {updates} u ON u.id = b.update_id"  # noqa: S608
                " WHERE u.replaced_by_id IS NOT NULL"
            )
            for barrier, update in cursor.fetchall():
                if words := self._words_then(cursor, update):
                    cursor.execute(f"UPDATE {barriers} SET text = %s WHERE id = %s", [words, barrier])  # noqa: S608

    def _words_then(self, cursor: Any, update: int | None) -> str:
        """Return what a barrier was called at the moment by the update that opened it; blank if it is as it was."""
        updates, words, said, is_later = self.rows.today(StatusUpdate), "", "", False
        while update:
            cursor.execute(
                f"SELECT barrier, replaced_by_id, CASE WHEN made_at <= {self.rows.values['moment']} THEN 1 ELSE 0 END"  # noqa: S608
                f" FROM {updates} WHERE id = %s",
                [update],
            )
            [(barrier, update, was_there)] = cursor.fetchall()
            if not was_there:
                is_later = True
                break
            # As `plans.actions.barriers.carry_barrier` has it: other words reword the barrier that the update named.
            if barrier and fold(said) == fold(words):
                words = barrier if fold(barrier) != fold(words) else words
            said = barrier
        return words if is_later else ""

    def _run(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
