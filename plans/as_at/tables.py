"""The tables of a plan as they were, put before those of today for as long as a page is made.

Both engines look at temporary tables first. So within one transaction, which is always rolled back, temporary tables of
the same names hold the rows of then, and every query, the prepared ones included, finds those. Temporary views stand
for what needs no copy: the histories, which end at the moment, and updates. Each is made when a statement first asks
for it, since few pages need all of them.

Within, statements that write are refused, on SQLite by the database itself, too.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.utils import InternalError

from plans.as_at.kept import KEPT, ByHistory, ByMoments
from plans.as_at.moment import AsAt, _current
from plans.as_at.rows import RowsThen, history_of, links_of
from plans.models import Barrier, Plan, StatusUpdate
from plans.models.fields import FoldedTextField
from plans.text import fold

INDEXED = (
    *(("activity_id", "agency_id"), ("activity_id",), ("agency_id",), ("update_id",)),
    *(("from_agency_id",), ("to_agency_id",), ("focus_area_id", "number")),
)
"""Columns by which pages look rows up, besides the key; all rows are of one plan. A column is in one index of a table.

Links have none by their agency: it takes as long to make as going through all of them a few times, and without
statistics SQLite takes it where it is the slower one.
"""
SAMPLED = 10
"""Of how many values the statistics of a temporary table on PostgreSQL are, which take as long as filling it by 100."""
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
    """Have SQLite refuse writes. On PostgreSQL a transaction that only reads could make no temporary table."""
    if connection.vendor == "postgresql":
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
        self.waiting: dict[str, Callable[[], None]] = {}
        """{name of a table: what lays that of then over it}, of those that nothing has asked for yet."""
        self.is_making = False

    def lay_over(self) -> None:
        """Find out which tables are otherwise than today; each is made when it is first asked for."""
        histories = {model: kept for model, kept in KEPT.items() if isinstance(kept, ByHistory)}
        counts = self._count_changes(histories)
        for model, kept in histories.items():
            if counts[model]:
                self._wait(partial(self._make_view, history_of(model), self.rows.ended_history), history_of(model))
            # What has not changed since is as it was, and what is worked out may be otherwise all the same.
            if counts[model] or kept.worked_out:
                make = partial(self._make_by_history, model, kept, counts[model])
                self._wait(make, model, *(one for one, _ in links_of(model)))
        for model, added in KEPT.items():
            if isinstance(added, ByMoments) and added.of_plan:
                self._wait(partial(self._make_by_moments, model, added), model)
            elif isinstance(added, ByMoments):
                self._wait(partial(self._make_view, model, partial(self.rows.added, kept=added)), model)

    def _wait(self, make: Callable[[], None], *models: Any) -> None:
        self.waiting |= {model._meta.db_table: make for model in models}

    def _count_changes(self, models: Iterable[Any]) -> dict[Any, int]:
        """Return {model: how many changes it has had since the moment, of whatever plan, or many}. One query."""
        models = list(models)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(map(self.rows.count_since, models))}")
            return dict(zip(models, cursor.fetchone(), strict=True))

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Make the tables that a statement is about before it is executed; raises `InternalError` for one that writes.

        As Django's `execute_wrapper` calls it.
        """
        if not self.is_making:
            if str(sql).lstrip()[:6].upper() in WRITING:
                raise InternalError("A plan as it was at an earlier moment cannot be written to.")
            for table in _tables_in(str(sql)):
                if make := self.waiting.get(table):
                    with self._making():
                        make()
        return execute(sql, params, many, context)

    def count_as_published(self) -> None:
        """Have the plan count as published."""
        with self._making():
            self._run(f"UPDATE {self.rows.then(Plan)} SET is_published = true WHERE id = {self.rows.values['plan']}")  # noqa: S608

    @contextmanager
    def _making(self) -> Iterator[None]:
        """Let the statements within make and fill tables."""
        was_refusing = connection.vendor == "sqlite" and _current.get() is not None
        if was_refusing:
            _let_sqlite_write(allowed=True)
        self.is_making = True
        try:
            yield
        finally:
            self.is_making = False
            if was_refusing:
                _let_sqlite_write(allowed=False)

    def _make_view(self, model: Any, rows: Callable[[Any], str]) -> None:
        """Make a temporary view of what `rows` words for a model."""
        del self.waiting[model._meta.db_table]
        self._run(f"CREATE TEMPORARY VIEW {self.rows.then(model)} AS {rows(model)}")

    def _make_by_history(self, model: Any, kept: ByHistory, changed: int) -> None:
        """Make the table of a model, and with it those of its many-to-many fields."""
        self._make(model, self.rows.in_force(model, kept, changed))
        for through, versions in links_of(model):
            self._make(through, [self.rows.links(through, versions, model, kept)])

    def _make_by_moments(self, model: Any, kept: ByMoments) -> None:
        """Make the table of a model whose rows are added once."""
        self._make(model, [self.rows.added(model, kept)])
        if model is Barrier:
            self._take_rewording_back()

    def _make(self, model: Any, rows: Iterable[str]) -> None:
        """Make a temporary table like that of a model, of `rows`: SELECTs of all of its columns in order."""
        del self.waiting[model._meta.db_table]
        table, fields = self.rows.then(model), model._meta.concrete_fields
        key = self.quote(model._meta.pk.column)
        if connection.vendor == "postgresql":
            # Types, collations and the rest are those of the table itself.
            self._run(f"CREATE TEMPORARY TABLE {table} (LIKE {self.rows.today(model)}) ON COMMIT DROP")
        else:
            keys = {model._meta.pk: " PRIMARY KEY"}
            columns = [f"{self.quote(one.column)} {one.db_type(connection)}{keys.get(one, '')}" for one in fields]
            self._run(f"CREATE TEMPORARY TABLE {table} ({', '.join(columns)})")
        statements = [
            f"INSERT INTO {table} ({self.rows.columns(one.column for one in fields)}) {some}" for some in rows
        ]
        if connection.vendor == "postgresql":
            # It would read a whole history to find the few entries that are asked for by their keys.
            statements.insert(len(statements) - 1, "SET LOCAL enable_hashjoin = off")
            statements += ["SET LOCAL enable_hashjoin TO DEFAULT", f"ALTER TABLE {table} ADD PRIMARY KEY ({key})"]
        self._run(*statements)
        self._fold(model)
        self._index(model)
        if connection.vendor == "postgresql":
            self._run(f"SET LOCAL default_statistics_target = {SAMPLED}", f"ANALYZE {table}")

    def _index(self, model: Any) -> None:
        """Index the columns by which rows are looked up."""
        name = model._meta.db_table
        left = {one.column for one in model._meta.concrete_fields}
        schema = "" if connection.vendor == "postgresql" else "temp."
        for columns in INDEXED:
            if left.issuperset(columns):
                left.difference_update(columns)
                index = self.quote(f"past_{name}_{columns[0]}")
                self._run(f"CREATE INDEX {schema}{index} ON {self.quote(name)} ({self.rows.columns(columns)})")

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

    def _run(self, *statements: str) -> None:
        """Run statements without parameters, which PostgreSQL takes together."""
        together = ["; ".join(statements)] if connection.vendor == "postgresql" else statements
        with connection.cursor() as cursor:
            for statement in together:
                cursor.execute(statement)
