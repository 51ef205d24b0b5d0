"""The process of the sandbox that takes one file apart: a request and the file come in, lines of JSON go out.

    {"names": ["Activities"]}            the sheets, in their order
    {"kind": "Excel workbook", "sheet": "Activities", "first_row": 1, "rows_total": 15, …}
    [["1", "SUPPLY: …"], …]              rows of a sheet, some hundred at a time; then the next sheet, if any
    {"shown": [[2, 5, "45%"], …]}        what cells of these rows show, where that is not what they hold
    …                                    the tops of other sheets, if any
    {"is_beside": true, "sheet": …}      the sheet that is read along with the one of activities, then its rows
    {"refused_beside": "The sheet …"}    why that one cannot be read
    {"refused": "The file is damaged: …"}
    {"end": true}                        without it, the process was ended from outside

Whatever else goes wrong here (a crash, too much memory, too much time) ends this process, and no other.
"""

import gc
import sys
from contextlib import suppress
from io import BytesIO

from plans.spreadsheets.reading import docx, ods, xlsx
from plans.spreadsheets.reading.limits import DAMAGED, CellCount, Limits, UnreadableFile
from plans.spreadsheets.reading.protocol import (
    ALL_SHEETS,
    OUT_OF_MEMORY,
    SheetInfo,
    read_request,
    run_out_of_memory,
    say,
    say_rows,
    say_tables,
)
from plans.spreadsheets.reading.zip_archive import PASSWORD, Archive
from plans.text import first_named, fold

PREVIEW_ROWS = 60
MOST_PREVIEWS = 30
MOST_SHEETS = 1_000
OWN_LISTS = "Lists"
"""The hidden sheet of our own workbooks."""
OWN_SHEETS = ("About this export", "Barriers", "Errors to fix", "What to mend")
"""Visible ones that hold no activities."""


PACKED = b"PK"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
WORD_PART, ODS_PART = docx.PART, "content.xml"
UNKNOWN = "The file is neither a workbook nor a Word file. Send a spreadsheet (.xlsx, .xls, .ods, .csv) or a Word file."


def main():
    """Read a request from standard input, and return it on standard output."""
    # It lives for a moment, in which looking for what it could forget costs more than it frees.
    gc.disable()
    request, content = read_request()
    try:
        _answer(content, request)
    except UnreadableFile as refused:
        say({"refused": str(refused)})
    except BaseException as error:  # the library's panics are no `Exception`
        if run_out_of_memory(error):
            sys.exit(OUT_OF_MEMORY)
        raise
    say({"end": True})
    sys.stdout.flush()


def _answer(content, request):
    if not content.startswith(PACKED):
        # Loaded here, since few files need it.
        from plans.spreadsheets.reading import xls  # noqa: PLC0415

        sheet_infos = xls.sheet_infos(content, Limits.from_request(request))
        _read_workbook(content, request, "Excel workbook of before 2007 (.xls)", sheet_infos)
        return
    archive = Archive(content, Limits.from_request(request), _is_kept)
    if any(name.startswith("xl/") for name in archive.names):
        xlsx.refuse_what_is_no_plain_workbook(archive)
        sheets = _ExcelSheets(archive, request)
        _read_workbook(content, request, "Excel workbook (.xlsx)", sheets)
    elif WORD_PART in archive.names:
        beside = (archive.take(name) if name in archive.parts else b"" for name in (docx.NUMBERING, docx.STYLES))
        say_tables(*docx.read_tables(archive.take(WORD_PART), Limits.from_request(request), *beside))
    elif ODS_PART in archive.names and archive.parts.get("mimetype", ODS_TYPE).startswith(ODS_TYPE):
        ods.refuse_what_is_no_plain_spreadsheet(archive)
        sheets = ods.sheet_infos(archive.take(ODS_PART), Limits.from_request(request))
        _read_workbook(content, request, "OpenDocument spreadsheet (.ods)", sheets)
    else:
        raise UnreadableFile(UNKNOWN)


def _is_kept(name):
    return xlsx.is_kept(name) or docx.is_kept(name) or ods.is_kept(name)


class _ExcelSheets:
    """{name of a sheet: its `SheetInfo`}, made when it is asked for, since the XML of each sheet is long."""

    def __init__(self, archive, request):
        self.archive, self.limits = archive, Limits.from_request(request)
        self.parts, self.styles = xlsx.sheet_parts(archive), xlsx.read_styles(archive)
        self.struck = xlsx.read_struck_strings(archive)

    def get(self, name, default):
        # What cannot be looked at from outside is not read either; taking its part says so.
        return xlsx.sheet_info(self.archive.take(self.parts.get(name)), self.limits, self.styles, self.struck)


def _read_workbook(content, request, kind, sheet_infos):
    """Say the sheet that is asked for, else the one called "Activities" or the only one, else the tops of all."""
    # Loaded here, since only workbooks need it.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    noun = Limits.from_request(request).noun
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        # A hidden sheet is read only where there is no other, or where the person asks for it.
        visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
        hidden = [sheet.name for sheet in sheets if sheet.name not in visible]
        names = [*visible, *hidden]
        if len(names) > MOST_SHEETS:
            raise UnreadableFile(f"The workbook has more than {MOST_SHEETS:,} sheets. Keep only the one of {noun}.")
        say({"names": names})
        if not names:
            raise UnreadableFile(f"The workbook has no sheet with cells in it. Send the one that holds the {noun}.")
        chosen = _chosen(names, visible or names, request)
        count = CellCount(Limits.from_request(request))
        for name in chosen or (visible or names)[:MOST_PREVIEWS]:
            about = {"notes": _notes_on_hidden(hidden, name), "count": count if chosen else None}
            _say_sheet(book, name, kind, sheet_infos.get(name, SheetInfo()), request, **about)
        for name in _others(visible, chosen, request):
            with suppress(UnreadableFile):
                _say_sheet(book, name, kind, sheet_infos.get(name, SheetInfo()), request)
        beside = next((name for name in names if fold(name.strip()) == request["beside"]), "")
        if chosen and beside and beside not in chosen:
            _say_beside(book, beside, kind, sheet_infos.get(beside, SheetInfo()), request)
    except PasswordError as error:
        raise UnreadableFile(PASSWORD) from error
    except CalamineError as error:
        raise UnreadableFile(DAMAGED) from error


def _others(visible, chosen, request):
    """Return the names of sheets whose tops are said beside what was chosen by its name, so that they can be named."""
    if not chosen or request["sheet"] or request.get("sheets"):
        return []
    known = {*chosen, *OWN_SHEETS}
    return [name for name in visible if name not in known and fold(name.strip()) != request["beside"]][:MOST_PREVIEWS]


def _chosen(names, offered, request):
    """Return the names of the sheets to read as a whole; none where that follows from what the sheets hold."""
    wished = request["sheet"]
    if request.get("sheets") or wished == ALL_SHEETS:
        return request.get("sheets", [])
    if wished and wished not in names:
        raise UnreadableFile(f"The workbook has no sheet called “{wished}”. It has: {', '.join(names)}.")
    known = [name for name in offered if name.strip().casefold() == "activities"]
    return [wished] if wished else known[:1] or (offered if len(offered) == 1 else [])


def _notes_on_hidden(hidden, name):
    """Return sentences about the hidden sheets of a workbook whose sheet `name` is read."""
    if name in hidden:
        return [f"The sheet “{name}” is hidden in the workbook."]
    others = [f"“{one}”" for one in hidden if one != OWN_LISTS]
    if not others:
        return []
    sheets, are = ("sheet", "is") if len(others) == 1 else ("sheets", "are")
    return [f"The hidden {sheets} {first_named(others)} {are} not read."]


def _say_beside(book, name, kind, sheet_info, request):
    """Say the sheet that is read along. When it is refused, that is no word on the sheet that it stands beside."""
    try:
        count = CellCount(Limits.from_request(request))
        _say_sheet(book, name, kind, sheet_info, request, count=count, is_beside=True)
    except UnreadableFile as refused:
        say({"refused_beside": str(refused)})


def _say_sheet(book, name, kind, sheet_info, request, *, count=None, is_beside=False, notes=()):
    """Say a sheet as a whole, or without a `count` of cells its top.

    Raises `UnreadableFile` if it reaches too far, unless others may hold the activities.
    """
    limits, is_whole = Limits.from_request(request), count is not None
    try:
        _hold_to_limits(sheet_info, name, limits)
        sheet = book.get_sheet_by_name(name)
        _hold_to_limits(SheetInfo(*(place + 1 for place in sheet.end or (0, 0))), name, limits)
    except UnreadableFile:
        if is_whole:
            raise
        return
    ranges = sheet.merged_cell_ranges or []
    limits.check_ranges(max(len(ranges), len(sheet_info.merged)))
    merged = sheet_info.merged or [
        (first[0] + 1, last[0] + 1, first[1] + 1)
        for first, last in ranges
        if first[1] == last[1] and last[0] > first[0]
    ]
    # The library leaves out blank columns before the first cell, but not blank rows.
    start = sheet.start or (0, 0)
    say(
        {
            **({"is_beside": True} if is_beside else {}),
            "kind": kind,
            "sheet": name,
            "is_whole": is_whole,
            "rows_total": (sheet.end or (-1, 0))[0] + 1,
            "first_row": 1,
            "first_column": start[1] + 1,
            "merged": merged,
            "formulas": sheet_info.formulas,
            "filled": sheet_info.filled,
            "struck": sheet_info.struck,
            "notes": list(notes),
        }
    )
    say_rows(sheet.iter_rows(), sheet_info, start[1] + 1, None if is_whole else PREVIEW_ROWS, limits, count)


def _hold_to_limits(sheet_info, name, limits):
    if sheet_info.rows > limits.max_rows:
        raise UnreadableFile(
            f"The sheet “{name}” has something in row {sheet_info.rows:,}, and {limits.max_rows:,} rows can be "
            f"read. Delete what stands far below the {limits.noun}, or send them in parts."
        )
    if sheet_info.columns > limits.max_columns:
        raise UnreadableFile(
            f"The sheet “{name}” has something in column {sheet_info.columns:,}, and {limits.max_columns} columns "
            f"can be read. Delete what stands far to the right of the {limits.noun}."
        )
    limits.check_cells(sheet_info.cells)
    limits.check_ranges(sheet_info.ranges)


if __name__ == "__main__":
    main()
