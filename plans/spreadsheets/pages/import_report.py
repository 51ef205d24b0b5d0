"""What a file comes to, as the command line tells it: in lines for people, or as one JSON object for programs."""

from plans.choices import ImportState
from plans.spreadsheets.importing.check_summary import group_errors
from plans.spreadsheets.importing.questions import question_in_words

COUNTED = ("created", "updated", "unchanged", "skipped", "errors", "conflicts", "missing")
LONGEST_QUOTE = 70
FLAGS = {
    "numbers": "Choose with --numbers file or --numbers plan.",
    "titles": "Check the numbers; to import it as it is, add --confirm-titles.",
    "items": "Choose with --confirm-removals or --keep-instead.",
    "agencies": "Choose with --confirm-removals or --keep-instead.",
}
"""{kind of question: how it is answered at the command line}"""


def as_json(check, source=None, problem=""):
    """Return {"counts", "changes", "conflicts", "questions", …} of a `Check`; without one, that of a file not read.

    `import` is the number of the import, `is_applied` whether it was made; both are there when it was asked for.
    """
    if check is None:
        errors = [{"row": None, "column": "", "message": problem}]
        nothing = {"changes": [], "conflicts": [], "questions": []}
        return {"counts": dict.fromkeys(("rows", *COUNTED), 0), **nothing, "errors": errors}
    told = {"counts": check.counts(), "changes": list(_changes(check)), "conflicts": list(_conflicts(check))}
    told["questions"] = [one.as_json() for one in check.questions]
    told["errors"] = [
        {"row": one.row, "column": error.column, "message": error.message} for one in check.rows for error in one.errors
    ]
    told |= {"ignored": list(check.ignored), "notes": list(check.notes), "is_acceptable": check.is_acceptable}
    if source:
        told |= {"import": source.pk, "is_applied": source.state == ImportState.APPLIED, "problem": source.problem}
    return told


def in_lines(check, source=None, *, name, plan, is_asked=False):
    """Yield what `as_json` tells, as sentences; the same error in many rows is one of them."""
    counts = check.counts()
    counted = ", ".join(f"{counts[kind]:,} {kind}" for kind in COUNTED)
    yield f"{name} against {plan}: {counts['rows']:,} row{'' if counts['rows'] == 1 else 's'}: {counted}."
    yield from check.notes
    if check.ignored:
        yield f"Not imported: {', '.join(check.ignored)}."
    for one in _changes(check):
        where = f"Row {one['row']}, activity {one['number']}, {one['column']}"
        yield f"{where}: {_quote(one['old'])} → {_quote(one['new'])}"
    for one in _conflicts(check):
        said = f"the file says {_quote(one['theirs'])}, the plan says {_quote(one['ours'])}"
        yield f"Conflict in row {one['row']}, {one['column']}: {said}. Choose with --theirs or --ours."
    yield from _questions(check)
    yield from check.problems or _errors(check)
    yield _ending(check, source, is_asked)


def _changes(check):
    for outcome in check.rows:
        for change in outcome.changes:
            if change.new != change.old and not (change.is_conflict and not change.taken):
                yield {
                    "row": outcome.row,
                    "number": outcome.number,
                    "column": change.column,
                    "old": change.old,
                    "new": change.new,
                }


def _conflicts(check):
    for outcome in check.rows:
        for change in outcome.changes:
            if change.is_conflict and not change.taken:
                yield {
                    "row": outcome.row,
                    "number": outcome.number,
                    "column": change.column,
                    "original": change.original,
                    "theirs": change.theirs,
                    "ours": change.old,
                }


def _questions(check):
    for one in check.open_questions:
        yield f"{question_in_words(one.kind, one.count, one.done, len(one.rows))} {FLAGS[one.kind]}"
        for row, number, _, about in one.rows:
            yield f"  Row {row}, activity {number}: {'; '.join(about)}"


def _errors(check):
    errors = ((one.row, error.column, error.message) for one in check.rows for error in one.errors)
    return [f"{line.where}: {line.message}" for line in group_errors(errors)]


def _ending(check, source, is_asked):
    if source and source.state == ImportState.APPLIED:
        return f"Imported. To take it back: manage.py undo_import {source.pk}"
    if source:
        return source.problem
    if not check.is_acceptable:
        return "Nothing was changed: it cannot be imported as it is."
    return "Nothing was changed." if is_asked else "Nothing was changed. To import it, add --apply."


def _quote(text):
    text = " / ".join(text.split("\n"))
    return f"“{text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + '…'}”"
