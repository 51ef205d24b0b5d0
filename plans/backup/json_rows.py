"""Rows as lines of JSON and back: what was in the database, not what a model makes of it when it is saved.

No model's `save` and no signal has a part in it, so that no history is written and nothing is computed anew.
"""

import json
from base64 import b64encode
from datetime import date, time
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import BinaryField, JSONField

from plans.backup.tables import NAMED, columns, names_of

# Rows that are fetched and sent at once; a row that carries a file goes by itself.
AT_ONCE = 1000


def lines(model, names):
    """Give each row of a table as a line of JSON, in the order of its primary key. One query, in little memory.

    `names` is a `Names`, for what is pointed to by name.
    """
    fields = model._meta.concrete_fields
    pointing = [(place, names_of(field)) for place, field in enumerate(fields) if names_of(field)]
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    for row in rows.iterator(chunk_size=_at_once(fields)):
        cells = list(row)
        for place, target in pointing:
            cells[place] = names.name(target, cells[place])
        yield json.dumps(cells, default=_plain, separators=(",", ":"))


def put(model, lines, names):
    """Put lines of JSON into the table of a model, as they are; return how many. In little memory.

    Raises `ValueError` for a line that is not a row of this table, and the database's errors.
    """
    readers = [_reader(field, names) for field in model._meta.concrete_fields]
    rows = (_row(line, readers) for line in lines)
    write = _copy if connection.vendor == "postgresql" else _insert
    return write(model, rows)


class Names:
    """The names of content types and permissions by number, and their numbers by name. One query for each."""

    def __init__(self):
        rows = {model: model.objects.values_list("pk", *fields) for model, fields in NAMED.items()}
        self._names = {model: {pk: list(name) for pk, *name in found} for model, found in rows.items()}
        self._numbers = {model: {tuple(name): pk for pk, name in found.items()} for model, found in self._names.items()}

    def name(self, model, number):
        """Return the name of a row, as a list of words; None for None."""
        return None if number is None else self._names[model][number]

    def number(self, model, name):
        """Return the number of the row of that name; None for None. Raises `ValueError` when there is none."""
        if name is None:
            return None
        if tuple(name) not in self._numbers[model]:
            raise ValueError(f"there is no {model._meta.verbose_name} {'.'.join(name)} here")
        return self._numbers[model][tuple(name)]


def _at_once(fields):
    return 1 if any(isinstance(field, BinaryField) for field in fields) else AT_ONCE


def _plain(value):
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode("ascii")
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"A backup cannot hold a {type(value).__name__} yet: say here how.")


def _reader(field, names):
    """Return a function from what a line says of `field` to what the database takes."""
    target = names_of(field)
    if target:
        return lambda value: names.number(target, value)
    if isinstance(field, JSONField):
        # Where there has to be a value, none is JSON's own null.
        return lambda value: None if value is None and field.null else _json(value, field)
    return lambda value: field.get_db_prep_save(None if value is None else field.to_python(value), connection)


def _json(value, field):
    return connection.ops.adapt_json_value(value, field.encoder)


def _row(line, readers):
    cells = json.loads(line)
    return [read(cell) for read, cell in zip(readers, cells, strict=True)]


def _into(model):
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), ", ".join(map(quote, columns(model)))


def _copy(model, rows):
    table, names = _into(model)
    count = 0
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _insert(model, rows):
    table, names = _into(model)
    fields = model._meta.concrete_fields
    marks = ", ".join(["%s"] * len(fields))
    count = 0
    with connection.cursor() as cursor:
        while batch := list(islice(rows, _at_once(fields))):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)  # noqa: S608 - all ours
            count += len(batch)
    return count
