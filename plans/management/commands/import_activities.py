"""`manage.py import_activities FILE`: what a spreadsheet comes to against a plan, and importing it."""

import json
import sys
from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import get_default_timezone, localdate

from plans.choices import NO_LEAD, ImportScope, ImportState, Status
from plans.management.cli_user import find_cli_user, keep_cli_user
from plans.models import Plan
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.outcome import OURS, THEIRS, Options
from plans.spreadsheets.importing.questions import AGENCIES, DATES, ITEMS, LETTERS, NUMBERS, TITLES
from plans.spreadsheets.importing.storage import NoRoom
from plans.spreadsheets.names import (
    AGENCY,
    STATUS,
    UnmatchedName,
    agency_names,
    code_of,
    is_no_agency,
    letters_of,
    names_of_choices,
)
from plans.spreadsheets.pages.import_report import ImportReport, refusal_as_json
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.read import read_table

NONE = {"none", "nobody", "nothing"}
"""What `--means` calls no agency and no status."""


class Command(BaseCommand):
    """Checks a file, and with `--apply` imports it: all of it or nothing. Exits with 1 when it is not acceptable."""

    help = "Say what a spreadsheet would change in a plan; with --apply, import it, all or nothing."

    def add_arguments(self, parser):
        """Declare the file, the plan and what is decided about the file."""
        parser.add_argument("file", type=Path, help="A spreadsheet: .xlsx, .xls, .ods, .csv, or the published text.")
        parser.add_argument("--plan", required=True, metavar="SLUG", help="The plan's address, for example year-two.")
        parser.add_argument("--apply", action="store_true", help="Import it; without this nothing is changed.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object: counts, changes, errors.")
        parser.add_argument(
            "--sheet", default="", help="The sheet to read, * for all that are alike. Default: the one that fits best."
        )
        sides = parser.add_mutually_exclusive_group()
        sides.add_argument("--theirs", action="store_true", help="In a conflict, use the value in the file.")
        sides.add_argument("--ours", action="store_true", help="In a conflict, keep the value in the plan.")
        parser.add_argument(
            "--clear", action="append", default=[], metavar="HEADING", help="Let blank cells of a column clear values."
        )
        removals = parser.add_mutually_exclusive_group()
        removals.add_argument(
            "--confirm-removals",
            action="store_true",
            help="Withdraw sub-activities, and remove agencies, that the file leaves out.",
        )
        removals.add_argument(
            "--keep-instead",
            action="store_true",
            help="Leave a cell as the plan has it where it leaves out sub-activities or agencies, or moves a due date.",
        )
        parser.add_argument(
            "--date-reason", default="", metavar="WORDS", help="Why due dates that were set move, as the history says."
        )
        parser.add_argument(
            "--numbers", choices=["file", "plan"], help="Whose numbers count where rows of an export were renumbered."
        )
        parser.add_argument(
            "--confirm-titles", action="store_true", help="Import titles that other activities have, as after a swap."
        )
        parser.add_argument(
            "--letters", choices=["correct", "file"], help="What to do with letters that look wrong, as in “M?ori”."
        )
        parser.add_argument("--create-agencies", action="store_true", help="Add agencies that nothing is called by.")
        parser.add_argument(
            "--means",
            action="append",
            default=[],
            type=_meaning,
            metavar="WORD=MEANING",
            help="What a word of the file means: “Green=On track”, “Plice=Police”, “TBC=none”, “N/A=none”.",
        )
        parser.add_argument("--leave-out-errors", action="store_true", help="Import the other rows if some are wrong.")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="The programme admin whose import it is.")

    def handle(self, *, file, plan, email, apply, **options):
        """Check, print, and import if asked to. Raises `CommandError` when there is no such plan, file or person."""
        self.plan = Plan.objects.filter(slug=plan).first()
        if self.plan is None:
            known = ", ".join(Plan.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no plan {plan}. There are: {known}.")
        self.person, self.name, self.is_json = find_cli_user(email), file.name, options["json"]
        try:
            with file.open("rb") as opened:
                content = Limits.from_settings().read(opened)
            table = read_table(content, self.name, sheet=options["sheet"])
            check = self._check(table, self._options(table, options))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except UnreadableFile as error:
            self._refuse(str(error))
        try:
            source = self._apply(content, check, table) if apply and check.is_acceptable else None
        except NoRoom as full:
            raise CommandError(str(full)) from None
        self._print(check, source, asked=apply)
        if not check.is_acceptable or (source and source.state != ImportState.APPLIED):
            sys.exit(1)

    def _options(self, table, given):
        """Return the `Options`; names that nothing is called by are to be created if that was asked for."""
        sides = {"theirs": given["theirs"], "ours": given["ours"]}
        options = {
            "sheet": given["sheet"],
            "clears": frozenset(given["clear"]),
            "all_conflicts": next((side for side, is_chosen in sides.items() if is_chosen), ""),
            "leave_out_errors": given["leave_out_errors"],
            "answers": _answers(given),
            "date_reason": given["date_reason"].strip(),
        }
        if given["create_agencies"] or given["means"]:
            unknown = self._check(table, Options(**options)).unknown_names
            options["names"] = _explain(unknown, given["means"], create=given["create_agencies"])
        return Options(**options)

    def _check(self, table, options):
        today = localdate(timezone=get_default_timezone())
        return check_table(self.plan, table, by=self.person, scope=ImportScope.PLAN, options=options, on=today)

    def _apply(self, content, check, table):
        """Keep the file with what it was found to be, and import it; returns the `Import`."""
        person = keep_cli_user(self.person)
        about = {"by": person, "scope": ImportScope.PLAN, "options": check.options}
        source = workflow.keep_file(self.plan, content, self.name, **about)
        workflow.keep_check(source, check, table)
        workflow.run_apply(source, person)
        return source

    def _print(self, check, source, *, asked):
        report = ImportReport(check, source)
        if self.is_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for line in report.lines(name=self.name, plan=self.plan, is_asked=asked):
            self.stdout.write(line)

    def _refuse(self, sentence):
        """Say why the file cannot be read at all, and end."""
        if not self.is_json:
            raise CommandError(sentence)
        self.stdout.write(json.dumps(refusal_as_json(sentence), ensure_ascii=False))
        sys.exit(1)


def _meaning(text):
    """Return (word, meaning) of "word=meaning"."""
    word, sign, meaning = map(str.strip, text.rpartition("="))
    if not (word and sign and meaning):
        raise ArgumentTypeError(f"“{text}” has to be a word of the file, “=” and what it means")
    return word, meaning


def _explain(unknown, means, *, create):
    """Return the decisions, as `Options.names`, about `unknown` names; agencies are created if `create` says so."""
    meanings, names = {letters_of(word): meaning for word, meaning in means}, {}
    known = {AGENCY: agency_names, STATUS: lambda: names_of_choices(Status)}
    for one in unknown:
        meaning = meanings.get(letters_of(one.written))
        if meaning and one.kind in known:
            decision = {"use": _find_code(known[one.kind](), meaning)}
        elif create and one.kind == AGENCY and not is_no_agency(one.written):
            decision = {"create": one.written}
        else:
            continue
        names.setdefault(one.kind, {})[one.written] = decision
    return names


def _find_code(known, meaning):
    """Return the code of what is called `meaning`. Raises `CommandError`."""
    if letters_of(meaning) in NONE:
        return NO_LEAD
    try:
        return code_of(known.find(meaning))
    except UnmatchedName as problem:
        raise CommandError(f"--means: {problem}") from None


def _answers(given):
    """Return what the arguments say to the questions of a check, as `Options.answers`."""
    removals = THEIRS if given["confirm_removals"] else OURS if given["keep_instead"] else ""
    numbers = {"file": THEIRS, "plan": OURS}.get(given["numbers"], "")
    titles = THEIRS if given["confirm_titles"] else ""
    letters = {"file": THEIRS, "correct": OURS}.get(given["letters"], "")
    answers = {ITEMS: removals, AGENCIES: removals, NUMBERS: numbers, TITLES: titles, LETTERS: letters}
    answers[DATES] = THEIRS if given["date_reason"].strip() else OURS if given["keep_instead"] else ""
    return {kind: side for kind, side in answers.items() if side}
