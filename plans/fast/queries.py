"""Queries that are worked out once for each process, and asked again and again with other values.

Working a queryset out and wording it as SQL takes Django many times as long as the database takes to answer. Both
come to the same for every plan, so a page's own queries are `prepared`: written in the same vocabulary as any other,
with `Param("plan")` where a value will stand. Nothing that the database answers is kept.
"""

import json
from contextvars import ContextVar
from functools import lru_cache, wraps

from django.db import router
from django.db.models import BigIntegerField, Expression

from plans.fast.switch import PREPARED_QUERIES, is_on

_given = ContextVar("given", default=None)
"""The values {name: value} of a query that is asked without being prepared."""


class Param(Expression):
    """A value that is given when the query is asked, in place of one in a filter: `filter(plan=Param("plan"))`."""

    def __init__(self, name, output_field=None):
        super().__init__(output_field=output_field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler, connection):
        """Leave this itself where the value will stand."""
        return "%s", [self._value(connection)]

    def as_postgresql(self, compiler, connection):
        """Say its type, by which the server tells statements apart: small numbers have another than large ones."""
        return f"%s::{self.output_field.db_type(connection)}", [self._value(connection)]

    def _value(self, connection):
        """Return this itself, or what the database is given where it is known already."""
        values = _given.get()
        return self if values is None else self.bind(values, connection)

    def bind(self, values, connection):
        """Return what the database of `connection` is given, out of {name: value}."""
        return values[self.name]


class ParamList(Param):
    """Values that are given as a list when the query is asked: `filter(pk__in=ParamList("ids"))`.

    They are whole numbers; text, with `TextField()` as the output field.
    """

    def as_sqlite(self, compiler, connection):
        """Take the list as JSON, since SQLite has no lists."""
        return "(SELECT value FROM json_each(%s))", [self._value(connection)]

    def as_postgresql(self, compiler, connection):
        """Take the list as an array."""
        return f"(SELECT unnest(%s::{self.output_field.db_type(connection)}[]))", [self._value(connection)]

    def bind(self, values, connection):
        """Return the list as the engine takes it."""
        found = list(values[self.name])
        return found if connection.vendor == "postgresql" else json.dumps(found)


class ParamListOfOne(ParamList):
    """A list of one: databases find rows sooner by a single value, and in its order."""

    def as_sql(self, compiler, connection):
        """Leave this where the value will stand, in the brackets of a list."""
        return "(%s)", [self._value(connection)]

    as_sqlite = as_sql

    def as_postgresql(self, compiler, connection):
        """Say its type, as other values do."""
        return f"(%s::{self.output_field.db_type(connection)})", [self._value(connection)]

    def bind(self, values, connection):
        """Return the only value."""
        [only] = values[self.name]
        return only


def prepared(build):
    """Have `build` answer a queryset once for each set of its arguments; the function then answers its rows as a list.

    `build` takes what changes the wording of the query; the values of its `Param` are given by name. `part` is a slice
    of the rows, which is not worded. One query, of the database that the router names for reading at that moment.
    """

    @lru_cache(maxsize=64)
    def model_of(variant):
        return build(*variant).model

    @lru_cache(maxsize=64)
    def worked_out(variant, database):
        from plans.fast.statements import Statement  # noqa: PLC0415 - imports what may be gone after an upgrade

        return Statement(build(*variant), database)

    @wraps(build)
    def ask(*variant, part=None, **values):
        if not is_on(PREPARED_QUERIES):
            return _ask_plainly(build(*variant), values, part)
        statement = worked_out(variant, router.db_for_read(model_of(variant)))
        return statement.ask(lambda one, connection: _bound(one, values, connection), part)

    return ask


def _bound(one, values, connection):
    return one.bind(values, connection) if isinstance(one, Param) else one


def _ask_plainly(queryset, values, part):
    """Return the rows of a queryset, a slice of them unless `part` is None, with `values` for its `Param`."""
    before = _given.set(values)
    try:
        return list(queryset if part is None else queryset[part])
    finally:
        _given.reset(before)
