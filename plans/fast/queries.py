"""Queries that are worked out once for each process, and asked again and again with other values.

Working a queryset out and wording it as SQL takes Django many times as long as the database takes to answer. Both
come to the same for every plan, so a page's own queries are `prepared`: written in the same vocabulary as any other,
with `Param("plan")` where a value will stand. Nothing that the database answers is kept.
"""

import json
from contextvars import ContextVar
from functools import lru_cache, partial, wraps

import django
from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import BigIntegerField, Expression, Value
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable, get_related_populators

from plans.fast.switch import PREPARED_QUERIES, is_on

# From 6.1 on, Django asks how fields are fetched that a row was read without; ours have all that they need.
FETCH_MODE = ()
if django.VERSION >= (6, 1):
    from django.db.models import FETCH_ONE

    FETCH_MODE = (FETCH_ONE,)

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
        return _Statement(build(*variant), database)

    @wraps(build)
    def ask(*variant, part=None, **values):
        if not is_on(PREPARED_QUERIES):
            return _ask_plainly(build(*variant), values, part)
        return worked_out(variant, router.db_for_read(model_of(variant))).ask(values, part)

    return ask


def _ask_plainly(queryset, values, part):
    """Return the rows of a queryset, a slice of them unless `part` is None, with `values` for its `Param`."""
    before = _given.set(values)
    try:
        return list(queryset if part is None else queryset[part])
    finally:
        _given.reset(before)


class _Statement:
    """A queryset in the words of a database, and how its rows become objects, as Django's own iterables do it.

    It holds on to nothing of the queryset, which takes a hundred times the memory of the words.
    """

    def __init__(self, queryset, database):
        self.database = database
        compiler = queryset.query.get_compiler(using=self.database)
        try:
            self.sql, self.parameters = compiler.as_sql()
        except EmptyResultSet:
            self.sql = None
            return
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        self.converters = {place: (found, _bare(column)) for place, (found, column) in converters.items()}
        self.compiler = queryset.model._base_manager.none().query.get_compiler(using=self.database)
        self.is_of_objects = queryset._iterable_class is ModelIterable  # noqa: SLF001 - says what rows become
        if self.is_of_objects:
            self._prepare_objects(compiler)

    def _prepare_objects(self, compiler):
        about = compiler.klass_info
        fields = about["select_fields"]
        self.place = slice(fields[0], fields[-1] + 1)
        names = [column.target.attname for column, *_ in compiler.select[self.place]]
        self.make = partial(about["model"].from_db, self.database, names)
        self.related = [
            (one, partial(one.model_cls.from_db, self.database, one.init_list))
            for one in get_related_populators(about, compiler.select, self.database, *FETCH_MODE)
        ]
        self.annotations = list(compiler.annotation_col_map.items())

    def ask(self, values, part):
        """Return the rows, a slice of them unless `part` is None: objects, or tuples for `values_list()`."""
        if self.sql is None:
            return []
        sql, connection = self.sql, connections[self.database]
        if part is not None:
            sql += f" {connection.ops.limit_offset_sql(part.start, part.stop)}"
        given = [one.bind(values, connection) if isinstance(one, Param) else one for one in self.parameters]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Has the server put the values in, which then keeps how to go about the query, too: working that out
                # takes it longer than most of these queries do.
                cursor.cursor = connection.Database.Cursor(connection.connection)
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        shared = {}
        return [self._object(row, shared) for row in rows] if self.is_of_objects else [tuple(row) for row in rows]

    def _object(self, row, shared):
        found = self.make(row[self.place])
        for related, make in self.related:
            key = related, row[related.cols_start + related.pk_idx]
            if key not in shared:
                shared[key] = _related(related, make, row) if key[1] is not None else None
            related.local_setter(found, shared[key])
            if shared[key] is not None:
                related.remote_setter(shared[key], found)
        for name, place in self.annotations:
            setattr(found, name, row[place])
        return found


def _bare(column):
    """Return what converters are told of a column: of one that is worked out, its type alone."""
    return column if isinstance(column, Col) else Value(None, column.output_field)


def _related(related, make, row):
    found = make(row[related.cols_start : related.cols_end])
    for further in related.related_populators:
        further.populate(row, found)
    return found
