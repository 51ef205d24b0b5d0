"""A queryset in the words of a database, kept without the queryset: all that prepared queries use of Django's own.

Imported only after `plans.fast.switch` has seen that all of it is there.
"""

from functools import partial

import django
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Value
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable, get_related_populators

# From 6.1 on, Django asks how fields are fetched that a row was read without; ours have all that they need.
FETCH_MODE = ()
if django.VERSION >= (6, 1):
    from django.db.models import FETCH_ONE

    FETCH_MODE = (FETCH_ONE,)


class Statement:
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

    def ask(self, bound, part):
        """Return the rows, a slice of them unless `part` is None: objects, or tuples for `values_list()`.

        `bound(one, connection)` returns what the database is given for one of the parameters.
        """
        if self.sql is None:
            return []
        sql, connection = self.sql, connections[self.database]
        if part is not None:
            sql += f" {connection.ops.limit_offset_sql(part.start, part.stop)}"
        given = [bound(one, connection) for one in self.parameters]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Has the server put the values in, which then keeps how to go about the query, too: working that out
                # takes it longer than most of these queries do.
                cursor.cursor = _psycopg_cursor(connection.connection)
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


def _psycopg_cursor(connection):
    from psycopg import Cursor  # noqa: PLC0415 - not where SQLite is the database

    return Cursor(connection)


def _bare(column):
    """Return what converters are told of a column: of one that is worked out, its type alone."""
    return column if isinstance(column, Col) else Value(None, column.output_field)


def _related(related, make, row):
    found = make(row[related.cols_start : related.cols_end])
    for further in related.related_populators:
        further.populate(row, found)
    return found
