"""`manage.py undo_import ID`: takes a whole import back."""

import json
import sys

from django.core.management.base import BaseCommand, CommandError

from plans.choices import ImportState
from plans.management.cli_user import find_cli_user, keep_cli_user
from plans.models import Import
from plans.spreadsheets.importing import workflow


class Command(BaseCommand):
    """Takes an import back for as far as its values stand, and names what was edited since, which stays."""

    help = "Undo an import: values that have not changed since are restored to what they were before."

    def add_arguments(self, parser):
        """Declare the import and who takes it back."""
        parser.add_argument("id", type=int, help="The number of the import; import_activities prints it.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="The programme admin who takes it back.")

    def handle(self, *, id, email, **options):  # noqa: A002 - as people call it
        """Take it back and say what that came to. Raises `CommandError` for an import that is not there or not made."""
        source = Import.objects.without_file().filter(pk=id).first()
        if source is None:
            raise CommandError(f"There is no import {id}.")
        if source.state != ImportState.APPLIED:
            raise CommandError(f"{source} cannot be undone: it is “{source.get_state_display().lower()}”.")
        workflow.run_undo(source, keep_cli_user(find_cli_user(email)))
        for line in [json.dumps(_as_json(source), ensure_ascii=False)] if options["json"] else _in_lines(source):
            self.stdout.write(line)
        if source.state != ImportState.UNDONE:
            sys.exit(1)


def _as_json(source):
    is_undone = source.state == ImportState.UNDONE
    return {"import": source.pk, "is_undone": is_undone, "problem": source.problem, **source.undo_report}


def _in_lines(source):
    if source.state != ImportState.UNDONE:
        yield source.problem
        return
    report = source.undo_report
    for one in report["kept"]:
        where = f"Activity {one['number']}, {one['column']}" if one["number"] else one["column"]
        yield f"Kept: {where}: “{one['imported']}” was imported; now it is “{one['now']}”."
    yield f"Restored: {report['taken_back']:,}. Edited since, and kept: {len(report['kept']):,}."
