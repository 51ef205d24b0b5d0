"""What a file was found to be like, as `Import.findings` keeps it for the page."""


def findings_of(check, table, sheets=()):
    """Answer what `check` and its `table` say about the file; `sheets` are the names of all its sheets."""
    return {
        "kind": table.kind,
        "sheet": table.sheet,
        "sheets": list(sheets),
        "heading_row": table.heading_row,
        "headings": [
            {"place": match.place, "written": match.written, "heading": match.heading, "how": match.how}
            for match in check.matches
        ],
        "notes": list(check.notes),
        "problems": list(check.problems),
        "unknown_names": [
            {"kind": one.kind, "written": one.written, "rows": list(one.rows), "suggestion": one.suggestion}
            for one in check.unknown_names
        ],
        "ignored": list(check.ignored),
        "clearable": list(check.clearable),
        "has_versions": check.has_versions,
        "fingerprint": check.fingerprint(),
    }
