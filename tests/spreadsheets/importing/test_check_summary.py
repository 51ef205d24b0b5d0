"""What a file was found to be like, as an import keeps it."""

from plans.models import Import
from plans.spreadsheets.importing.outcome import CheckSummary, ErrorLine, ErrorList, UnknownName
from plans.spreadsheets.reading.headings import HeadingMatch

SUMMARY = CheckSummary(
    kind="Excel",
    sheet="Activities",
    sheets=["Activities", "About"],
    heading_row=5,
    headings=[HeadingMatch(1, "No.", "Number", "near")],
    notes=["A note."],
    unknown_names=[UnknownName("agency", "Polcie", [2, 3], "police")],
    ignored=["Colour"],
    errors=ErrorList([ErrorLine("Row 2, Agency Lead", "no agency is called 'Polcie'.", 1)], 4),
    clearable=["Description"],
    has_versions=True,
    questions=[{"kind": "items", "rows": []}],
    fingerprint="abc",
)


def test_summary_that_an_import_keeps_is_read_back_whole():
    assert CheckSummary.of_import(Import(findings=SUMMARY.as_json())) == SUMMARY


def test_summary_of_an_import_that_was_not_checked_is_blank():
    assert CheckSummary.of_import(Import()) == CheckSummary()


def test_summary_of_an_earlier_version_lacks_what_that_did_not_keep():
    kept = {name: value for name, value in SUMMARY.as_json().items() if name not in ("errors", "questions")}
    found = CheckSummary.of_import(Import(findings={**kept, "starts": 1, "agencies_created": [7]}))
    assert (found.errors, found.questions, found.headings) == (None, [], SUMMARY.headings)
