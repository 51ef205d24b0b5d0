"""Work that reads much and writes much, done before the lock is taken: its writes wait, and its reads are checked.

A large import takes minutes to work out and seconds to write. SQLite lets one connection write at a time, so whoever
saves something meanwhile would have to wait for all of it. `DeferredWrites` runs the work with no transaction at all:
its SELECT statements are answered, and what they answered is remembered; its INSERT, UPDATE and DELETE statements are
kept back. In a short transaction each SELECT is then asked once more, and when every answer is the same the kept
statements are run: exactly what doing all of it in that transaction would have come to.

The work must not read what it has just written, and asks in single statements: `executemany` and WITH are refused.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

from django.db import connection
from django.db.models import QuerySet

WRITES = ("INSERT", "UPDATE", "DELETE")
_current: "ContextVar[DeferredWrites | None]" = ContextVar("deferred_writes", default=None)

Rows = TypeVar("Rows", bound=QuerySet)


class DeferredWrites:
    """The statements of one piece of work: see the module. `reads` and `writes` are in the order in which they came."""

    def __init__(self) -> None:
        self.reads: list[Any] = []
        self.writes: list[Any] = []

    @contextmanager
    def collect(self) -> Iterator[Self]:
        """Answer the reads and keep back the writes of the block."""
        token = _current.set(self)
        try:
            with connection.execute_wrapper(self._intercept):
                yield self
        finally:
            _current.reset(token)

    def is_current(self) -> bool:
        """Return whether every read would be answered the same now. Call it with the rows locked. As many queries."""
        with connection.cursor() as cursor:
            for sql, params, answer in self.reads:
                cursor.execute(sql, params)
                if _digest(cursor.fetchall()) != answer:
                    return False
        return True

    def write(self) -> None:
        """Run the kept statements. Call it in a transaction, right after `is_current`."""
        with connection.cursor() as cursor:
            for sql, params, rows in self.writes:
                if rows is None:
                    cursor.execute(sql, params)
                else:
                    _copy(cursor, sql, rows)

    def _intercept(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        verb = sql.split(None, 1)[0].upper() if sql else ""
        if _current.get() is self and (verb == "WITH" or (many and verb in WRITES)):
            raise RuntimeError(f"This statement can be neither checked nor kept back: {sql[:80]}")
        if verb in WRITES and _current.get() is self:
            if " RETURNING " in sql:
                raise RuntimeError("A write that is kept back has no answer yet. Use insert_rows, which knows its ids.")
            self.writes.append((sql, params, None))
            return None
        result = execute(sql, params, many, context)
        if verb == "SELECT" and _current.get() is self:
            wrapper = context["cursor"]
            rows = wrapper.cursor.fetchall()
            self.reads.append((sql, params, _digest(rows)))
            wrapper.cursor = _Answered(wrapper.cursor, rows)
        return result


class _Answered:
    """A cursor whose rows have been fetched: it gives them out, and is the cursor `inner` in all else."""

    def __init__(self, inner: Any, rows: Iterable[Any]) -> None:
        self._inner, self._rows = inner, iter(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run another statement, whose rows come after those that are left."""
        self._rows = self._inner
        return self._inner.execute(*args, **kwargs)

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Return the next rows, up to `size`."""
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        return list(self._rows)


@contextmanager
def at_once() -> Iterator[None]:
    """Have the statements of the block run now, also while others are collected; nobody checks their answers."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def is_collecting() -> bool:
    """Return whether writes are kept back now."""
    return _current.get() is not None


def for_update(rows: Rows) -> Rows:
    """Return the queryset locked; while writes are collected as it is, since it is locked when they are run."""
    return rows if is_collecting() else rows.select_for_update()


def copy_rows(sql: str, rows: Sequence[Any]) -> None:
    """Run a COPY statement of PostgreSQL with so many rows of values, or keep it back."""
    if deferred := _current.get():
        deferred.writes.append((sql, None, rows))
        return
    with connection.cursor() as cursor:
        _copy(cursor, sql, rows)


def _copy(cursor: Any, sql: str, rows: Sequence[Any]) -> None:
    with connection.wrap_database_errors, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def _digest(rows: Sequence[Any]) -> tuple[int, int]:
    """Return what is the same only for the same rows in the same order, within this process."""
    try:
        return len(rows), hash(tuple(rows))
    except TypeError:
        # PostgreSQL can answer lists.
        return len(rows), hash(repr(rows))
