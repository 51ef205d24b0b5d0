"""Imports as they lie in the database after a check, made by hand."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from plans.choices import ImportScope, ImportState, RowKind
from plans.models import Import, ImportRow

CONTENT = b"Number,Status\n1,On track\n"
HEADINGS = [
    {"place": 1, "written": "No.", "heading": "Number", "how": "near"},
    {"place": 2, "written": "Status", "heading": "Status", "how": "exact"},
    {"place": 3, "written": "Description", "heading": "Description", "how": "exact"},
    {"place": 4, "written": "Colour", "heading": "", "how": "unknown"},
]
FINDINGS = {
    "kind": "CSV",
    "sheet": "",
    "sheets": [],
    "heading_row": 1,
    "headings": HEADINGS,
    "notes": ["The file is in Windows-1252."],
    "unknown_names": [],
    "ignored": ["Colour"],
    "clearable": ["Description"],
    "has_versions": False,
    "fingerprint": "abc",
}
PLURAL = {"error": "errors"}


def make_import(plan, by, rows=(), *, state=ImportState.CHECKED, findings=None, **fields):
    """Make an import of `plan` by a person; `rows` are [dict of `ImportRow`], from which the counts follow."""
    rows = list(rows)
    counts = {PLURAL.get(kind, kind): 0 for kind in RowKind.values} | {"conflicts": 0}
    for row in rows:
        counts[PLURAL.get(row["kind"], row["kind"])] += 1
        counts["conflicts"] += sum(
            1 for one in row.get("changes", []) if one.get("is_conflict") and not one.get("taken")
        )
    counts["rows"] = len(rows) - counts["missing"]
    if state in (ImportState.APPLIED, ImportState.UNDONE):
        fields = {"applied_at": timezone.now(), "applied_by": by, **fields}
    if state == ImportState.UNDONE:
        fields = {"undone_at": timezone.now(), "undone_by": by, **fields}
    fields = {"file_name": "plan.csv", "scope": ImportScope.PLAN, "counts": counts, **fields}
    content = fields.pop("content", CONTENT)
    source = Import.objects.create(
        plan=plan,
        uploaded_by=by,
        state=state,
        content=content,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        findings={**FINDINGS, **(findings or {})},
        **fields,
    )
    ImportRow.objects.bulk_create(ImportRow(source=source, **row) for row in rows)
    return source


def change(column, old="", new="", **more):
    """A cell as `ImportRow.changes` keeps it."""
    return {"column": column, "old": old, "new": new, "original": None, "is_conflict": False, "theirs": "", **more}


def conflict(column, original, theirs, ours, taken=""):
    """A cell that both sides changed."""
    new = theirs if taken == "theirs" else ours
    return change(column, ours, new, original=original, is_conflict=True, theirs=theirs, taken=taken)


def make_every_sort(plan, by, pk):
    """Make an import in each state that looks different, from `pk` on: bad, good, applied, undone, at work, refused."""
    activities = {one.number: one for one in plan.activities.all()}
    text = activities[5].description
    good = [
        row(2, activities[1], "updated", [change("Status", "No update yet", "On track")]),
        row(6, activities[5], "updated", [change("Description", text, f"{text} And a sentence."), {"note": "A note."}]),
        row(9, None, "created", [change("Activity", "", "A new one")]),
        row(None, activities[12], "missing"),
    ]
    met = [conflict("Activity", "", "In the file", "In the plan"), conflict("Status", "", "Paused", "At risk", "ours")]
    errors = [{"column": "Agency Lead", "message": "no agency is called 'Polcie'. Did you mean Police?"}]
    bad = [
        {**row(7, activities[6], "updated", met), "has_conflict": True},
        {**row(8, activities[7], "error"), "errors": errors},
    ]
    name = {"kind": "agency", "written": "Polcie", "rows": [8], "suggestion": "police"}
    gone = {"row": 7, "number": 6, "kind": "updated", "about": ["Deportee journey mapping", "Delivery of training"]}
    asked = {"kind": "items", "count": 2, "done": 1, "seal": "a1", "answer": "", "rows": [gone], "row_count": 1}
    odd = {"questions": [asked], "unknown_names": [name], "sheets": ["Activities", "Old"], "sheet": "Activities"}
    kept = [{"number": 1, "column": "Status", "imported": "On track", "now": "At risk"}]
    busy = {"rows_read": 40, "rows_total": 100, "beat_at": timezone.now() + timedelta(hours=1)}
    make_import(plan, by, [*good, *bad], pk=pk, file_name="bad.xlsx", findings=odd)
    make_import(plan, by, good, pk=pk + 1, file_name="good.xlsx")
    make_import(plan, by, good, pk=pk + 2, file_name="applied.xlsx", state=ImportState.APPLIED)
    report = {"taken_back": 3, "kept": kept}
    make_import(plan, by, good, pk=pk + 3, file_name="undone.xlsx", state=ImportState.UNDONE, undo_report=report)
    make_import(plan, by, pk=pk + 4, file_name="at-work.xlsx", state=ImportState.CHECKING, **busy)
    refused = {"state": ImportState.REFUSED, "problem": "This is a picture. Choose the workbook itself."}
    make_import(plan, by, pk=pk + 5, file_name="refused.xlsx", findings=odd, **refused)


def row(place, activity, kind, changes=()):
    """A row of an import, as a dict of `ImportRow`."""
    number = activity.number if activity else 99
    return {"row": place, "number": number, "kind": kind, "activity": activity, "changes": list(changes)}
