"""How far the numbers of a table have been given out, so that a number is never given to a second row.

A row that was deleted lives on in the history under its number: who got that number next would inherit it.
"""

from django.db import connection
from django.db.models import Max


def last_number(model):
    """Return the highest number that a table's rows ever had; 0 when none had any. Up to two queries."""
    field = model._meta.auto_field
    if field is None:
        return 0
    highest = model._base_manager.aggregate(highest=Max("pk"))["highest"] or 0
    return max(highest, _given_out(model._meta.db_table, field.column))


def go_on_after(model, number):
    """Have the next row of the table get a number above `number`, and above those that were given out before.

    Numbers never go back, so that a restore that fails afterwards has done no harm: PostgreSQL does not undo this.
    """
    field = model._meta.auto_field
    if field is None or number == 0:
        return
    table = model._meta.db_table
    number = max(number, _given_out(table, field.column))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = [connection.ops.quote_name(table), field.column]
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [*sequence, number])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [number, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _given_out(table, column):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quoted = connection.ops.quote_name(table)
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s))", [quoted, column])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    return (found[0] if found else None) or 0
