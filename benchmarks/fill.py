"""`python -m benchmarks.fill PLANS ACTIVITIES [FIRST]`: fills the database of `DATABASE_URL` with made-up plans.

With 0 plans it makes only the people, and reports on the Year Two plan. Either way it prints, as JSON, the cookies of
two people who are signed in: {"reader": "name=value", "updater": "name=value"}.
"""

import json
import os
import sys
from contextlib import contextmanager, nullcontext

import django

from benchmarks.names import READER, UPDATERS

# The keys are right as they are made, and looking each up again would take longer than making the rows; and a million
# activities are sorted and joined, which a server that serves pages is not given the memory for.
FILLING = ("session_replication_role = replica", "work_mem = '256MB'", "maintenance_work_mem = '512MB'")


def main(arguments):
    """Fill the database as the command line says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
    django.setup()

    from django.db import connection  # noqa: PLC0415 - the models can be read from here on

    from benchmarks.datasets import DataSet, fill, report_on  # noqa: PLC0415
    from benchmarks.people import open_session  # noqa: PLC0415
    from plans.models import Plan  # noqa: PLC0415

    plans, activities, *first = map(int, arguments)
    with _filling(connection):
        if plans:
            fill(DataSet(plans, activities, *first))
        else:
            report_on(Plan.objects.get(slug="year-two"))
    print(json.dumps({"reader": open_session(READER), "updater": open_session(UPDATERS[0])}))


@contextmanager
def _filling(connection):
    """Have the block fill the database quickly, all or nothing, and what is in it known and tidy afterwards."""
    from django.db import transaction  # noqa: PLC0415 - settings are known from here on

    from benchmarks.dataset_rows import TABLES  # noqa: PLC0415
    from benchmarks.indexes import indexes_later  # noqa: PLC0415

    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for setting in FILLING if is_postgresql else ():
            cursor.execute(f"SET {setting}")
        with transaction.atomic(), indexes_later(cursor, TABLES) if is_postgresql else nullcontext():
            yield
        # What a database learns by itself after a while, it should know from the start.
        cursor.execute("VACUUM ANALYZE" if is_postgresql else "ANALYZE")


if __name__ == "__main__":
    main(sys.argv[1:])
