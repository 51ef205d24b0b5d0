"""`python -m benchmarks.fill PLANS ACTIVITIES [FIRST]`: fills the database of `DATABASE_URL` with made-up plans.

With 0 plans it makes only the people, and reports on the Year Two plan. Either way it prints, as JSON, the cookies of
two people who are signed in: {"reader": "name=value", "updater": "name=value"}.
"""

import json
import os
import sys

import django

from benchmarks.names import READER, UPDATERS


def main(arguments):
    """Fill the database as the command line says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
    django.setup()

    from django.db import connection  # noqa: PLC0415 - the models can be read from here on

    from benchmarks.datasets import DataSet, fill, report_on  # noqa: PLC0415
    from benchmarks.people import open_session  # noqa: PLC0415
    from plans.models import Plan  # noqa: PLC0415

    plans, activities, *first = map(int, arguments)
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            # The keys are right as they are made: looking each up again would take longer than making the rows.
            cursor.execute("SET session_replication_role = replica")
        if plans:
            fill(DataSet(plans, activities, *first))
        else:
            report_on(Plan.objects.get(slug="year-two"))
        # What a database learns by itself after a while, it should know from the start.
        cursor.execute("VACUUM ANALYZE" if is_postgresql else "ANALYZE")
    print(json.dumps({"reader": open_session(READER), "updater": open_session(UPDATERS[0])}))


if __name__ == "__main__":
    main(sys.argv[1:])
