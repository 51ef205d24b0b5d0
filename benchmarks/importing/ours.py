"""Importing and exporting as the tracker does it."""

from django.db import transaction
from django.utils.timezone import localdate, now

from plans.choices import ImportScope, ImportState
from plans.models import Activity
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.writing.export import write_csv, write_xlsx

NAME = "plan.xlsx"


def keep(content, plan, person):
    """Answer a new `Import` of the workbook `content`."""
    return workflow.keep_file(plan, content, NAME, by=person, scope=ImportScope.PLAN)


def check(source):
    """Check it, as the page has it checked: with its rows kept to be looked at. Raises `RuntimeError` if refused."""
    workflow.run_check(source)
    _expect(source, ImportState.CHECKED)


def apply(source, person):
    """Import it, as the page has it imported: checked once more under lock, with its receipt and its way back."""
    workflow.run_apply(source, person)
    _expect(source, ImportState.APPLIED)


def check_bare(content, plan, person):
    """Answer the `Check` of a workbook, with nothing kept."""
    return check_table(plan, read_table(content, NAME), by=person, on=localdate())


def apply_bare(found, plan, person):
    """Write what a `Check` comes to, with its history, and without a receipt."""
    with transaction.atomic():
        apply_check(found, plan=plan, by=person, reason="Measured", on=localdate())


def csv_of(plan):
    """Yield a plan as CSV in bytes."""
    return write_csv(_activities(plan))


def export_csv(plan):
    """Write a plan as CSV, and keep none of it."""
    for _ in csv_of(plan):
        pass


def export_xlsx(plan):
    """Answer a plan as an Excel workbook."""
    return write_xlsx(_activities(plan), plan, [], "http://127.0.0.1/", now())


def _activities(plan):
    return Activity.objects.filter(plan=plan).for_export(localdate())


def _expect(source, state):
    if source.state != state:
        raise RuntimeError(f"the import is {source.state}: {source.problem}")
