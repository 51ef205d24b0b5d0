"""The Year Two plan as tests have it: read from its fixture once in a run, and inserted by the same SQL after that.

`loaddata` takes half a second each time, which was half of the time of all tests. History that it records, of the
members of groups, has the moment of each loading, as `loaddata` has it.
"""

from functools import cache

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from plans.models import Plan


def load_year_two():
    """Put the Year Two plan into the database as `loaddata year_two` does, and return it."""
    statements, histories = _statements(connection.vendor)
    # In one transaction, at whose end references are checked: a unit may come before its parent.
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)
        for history in histories:
            history._base_manager.update(history_date=timezone.now())
    return Plan.objects.get(slug="year-two")


@cache
def _statements(vendor):
    """Return the SQL that inserts what the fixture puts into tables, [(statement, its values)], and its histories."""
    found = []

    def note(execute, sql, values, many, context):
        if not sql.startswith("SAVEPOINT"):
            found.append((sql, values))
        return execute(sql, values, many, context)

    with transaction.atomic():
        rows_by_model = _rows()
        with connection.execute_wrapper(note):
            for model, rows in rows_by_model:
                model._base_manager.bulk_create(rows)
            _move_sequences([model for model, _ in rows_by_model])
        transaction.set_rollback(True)
    return found, [model for model, _ in rows_by_model if hasattr(model, "history_date")]


def _move_sequences(models):
    """Have PostgreSQL number new rows after those that came with their numbers, wherever an earlier test left off."""
    if statements := connection.ops.sequence_reset_sql(no_style(), models):
        with connection.cursor() as cursor:
            cursor.execute(";".join(one.rstrip(";") for one in statements))


def _rows():
    """Return what the fixture puts into tables, [(model, rows)] in the order of their references."""
    models = list(apps.get_app_config("plans").get_models(include_auto_created=True))
    with transaction.atomic():
        before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in models}
        call_command("loaddata", "year_two", verbosity=0)
        rows = [(model, list(model._base_manager.exclude(pk__in=before[model]))) for model in models]
        transaction.set_rollback(True)
    return [(model, found) for model, found in rows if found]
