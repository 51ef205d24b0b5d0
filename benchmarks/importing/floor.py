"""The floor: the file read by python-calamine, and the same rows put into the same tables by plain `executemany`.

The rows are ready as tuples with their ids: no cell is understood, nothing is compared, nothing is checked, and no
receipt is kept. PostgreSQL takes them in pipelines, as psycopg does by itself.
"""

import json
import os
from contextlib import closing

import psycopg
from django.db import connection

from benchmarks.importing.made_up import read_alone
from plans.models import Activity, ActivityAgency, StatusUpdate, SubActivity

MODELS = (Activity, ActivityAgency, SubActivity, StatusUpdate)
RECORDED = (Activity, ActivityAgency, SubActivity)


class Floor:
    """The rows of a plan that was imported, ready to be inserted again under another plan."""

    def __init__(self, plan):
        """Take the rows of `plan`: activities, links, sub-activities, updates, and the history of the first three."""
        self.plan = plan
        self._tables = [_Table(model, model, plan) for model in MODELS]
        self._tables += [_Table(model.history.model, model, plan) for model in RECORDED]

    def rows_for(self, plan):
        """Answer [(statement, rows)] that give `plan` the same activities, with ids that are free."""
        shifts = {model: _highest_id(model) for model in MODELS}
        return [table.shifted(shifts, plan) for table in self._tables]

    @property
    def count(self):
        """How many rows it inserts."""
        return sum(len(table.rows) for table in self._tables)


def read_and_insert(content, statements):
    """Read the workbook and run the `statements` of `Floor.rows_for`, in one transaction."""
    read_alone(content)
    database = _connect()
    database.execute("BEGIN")
    insert(database, statements)
    database.execute("COMMIT")


def insert(database, statements):
    """Run `statements` over a connection of the engine's own library."""
    with closing(database.cursor()) as cursor:
        for statement, rows in statements:
            cursor.executemany(statement, rows)


def mend_sequences():
    """Let the database number on behind the ids that were given to it."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in MODELS:
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


class _Table:
    """The rows of one table that belong to a plan. `model` is what they are, or are the history of."""

    def __init__(self, table_model, model, plan):
        meta = table_model._meta
        self.model, self.table = model, meta.db_table
        self.columns = [field.column for field in meta.concrete_fields if field.column != "history_id"]
        of_activities = "activity_id IN (SELECT id FROM plans_activity WHERE plan_id = %s)"
        of_plan = "plan_id = %s" if model is Activity else of_activities
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(self.columns)} FROM {self.table} WHERE {of_plan} ORDER BY id", [plan.pk])
            self.rows = cursor.fetchall()

    def shifted(self, shifts, plan):
        """Answer (statement, rows) with ids moved behind those of `shifts` {model: highest id}, and for `plan`."""
        move = {"id": shifts[self.model], "activity_id": shifts[Activity]}
        moved = [(place, move[column]) for place, column in enumerate(self.columns) if column in move]
        plan_at = self.columns.index("plan_id") if "plan_id" in self.columns else None
        mark = "?" if connection.vendor == "sqlite" else "%s"
        names, marks = ", ".join(self.columns), ", ".join([mark] * len(self.columns))
        return f"INSERT INTO {self.table} ({names}) VALUES ({marks})", [
            _shift(row, moved, plan_at, plan) for row in self.rows
        ]


def _shift(row, moved, plan_at, plan):
    cells = [json.dumps(cell) if isinstance(cell, dict) else cell for cell in row]
    for place, by in moved:
        cells[place] += by
    if plan_at is not None:
        cells[plan_at] = plan.pk
    return cells


def _highest_id(model):
    newest = model.objects.order_by("-pk").first()
    return newest.pk if newest else 0


def _connect():
    """Answer a connection of the engine's own library, set as ours is."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return connection.connection
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
