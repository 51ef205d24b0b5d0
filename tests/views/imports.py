"""Imports as they lie in the database after a check, made by hand."""

import hashlib

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
