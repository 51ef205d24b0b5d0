"""What a file was found to be like, as `Import.findings` keeps it for the page.

Each list in it is bounded, so that no page grows with what is wrong with a file.
"""

from plans.choices import RowKind
from plans.summaries.imports.errors import first_errors

MOST_NAMES = 500
MOST_ROWS_OF_A_NAME = 1_000
LONGEST_NAME = 500
"""Characters of a name that is asked about; a longer one has to be mended in the file."""

LONGEST_HEADING = 200


def findings_of(check, table, sheets=()):
    """Answer what `check` and its `table` say about the file; `sheets` are the names of all its sheets."""
    return {
        "kind": table.kind,
        "sheet": table.sheet,
        "sheets": list(sheets),
        "heading_row": table.heading_row,
        "headings": [
            {
                "place": match.place,
                "written": match.written[:LONGEST_HEADING],
                "heading": match.heading,
                "how": match.how,
            }
            for match in check.matches
        ],
        "notes": list(check.notes),
        "problems": list(check.problems),
        "unknown_names": _unknown_names(check),
        "ignored": [heading[:LONGEST_HEADING] for heading in check.ignored],
        "errors": _errors(check).as_json(),
        "clearable": list(check.clearable),
        "has_versions": check.has_versions,
        "questions": [one.as_json() for one in check.questions],
        "fingerprint": check.fingerprint(),
    }


def _heading(match):
    written = match.written[:LONGEST_HEADING]
    return {"place": match.place, "written": written, "heading": match.heading, "how": match.how}


def _unknown_names(check):
    short = [one for one in check.unknown_names if len(one.written) <= LONGEST_NAME]
    return [
        {
            "kind": one.kind,
            "written": one.written,
            "rows": list(one.rows[:MOST_ROWS_OF_A_NAME]),
            "suggestion": one.suggestion,
        }
        for one in short[:MOST_NAMES]
    ]


def _errors(check):
    bad = (outcome for outcome in check.rows if outcome.kind == RowKind.ERROR)
    return first_errors((outcome.row, error.column, error.message) for outcome in bad for error in outcome.errors)
