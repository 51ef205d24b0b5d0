"""Workbooks in Excel's form of before 2007 (.xls), and other files in the same container, from outside.

A workbook is a run of records, [kind, length, content]; a few of them say what has to be known here.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import olefile

from plans.spreadsheets.reading.limits import DAMAGED, Limits, UnreadableFile
from plans.spreadsheets.reading.number_formats import BUILT_IN, is_plain
from plans.spreadsheets.reading.protocol import MOST_FORMULAS, SheetInfo
from plans.spreadsheets.reading.xlsx import LINKED, MACROS
from plans.spreadsheets.reading.zip_archive import PASSWORD

WORD = "The file is an old Word document (.doc). Save it as “Word document (.docx)”, and send that."
NO_WORKBOOK = "The file is no workbook. Send a spreadsheet (.xlsx, .xls, .ods or .csv) or a Word table (.docx)."
FILE_PASS, BOUND_SHEET, BEGIN, SUPPORTING_BOOK, FORMULA = 0x2F, 0x85, 0x809, 0x1AE, 0x06
FORMAT, LOOK, NUMBER, SHORT_NUMBER, SHORT_NUMBERS, YES_OR_ERROR = 0x41E, 0xE0, 0x203, 0x27E, 0xBD, 0x205
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
EXCEL_97 = 0x0600
CELLS = {0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E}
MERGED_CELLS = 0xE5
ERROR_RESULT = 2
OWN_SHEETS, ADD_IN = 0x0401, 0x3A01


def sheet_infos(content: bytes, limits: Limits) -> dict[str, SheetInfo]:
    """Return {name of a sheet: its `SheetInfo`}. Raises `UnreadableFile` for what is no plain workbook."""
    try:
        with olefile.OleFileIO(BytesIO(content)) as file:
            return _sheet_infos(_workbook(file), limits)
    except (OSError, IndexError, ValueError, struct.error, RecursionError) as error:
        raise UnreadableFile(DAMAGED) from error


def _workbook(file: Any) -> bytes:
    """Return the bytes of the workbook in the container. Raises `UnreadableFile`."""
    if file.exists("EncryptedPackage"):
        raise UnreadableFile(PASSWORD)
    if file.exists("WordDocument"):
        raise UnreadableFile(WORD)
    if file.exists("_VBA_PROJECT_CUR"):
        raise UnreadableFile(MACROS)
    for name in ("Workbook", "Book"):
        if file.exists(name):
            return file.openstream(name).read()
    raise UnreadableFile(NO_WORKBOOK)


def _sheet_infos(data: bytes, limits: Limits) -> dict[str, SheetInfo]:
    starts: dict[int, str] = {}
    found: dict[str, SheetInfo] = {}
    looks = _Looks()
    sheet = SheetInfo()
    for offset, kind, start, length in _records(data):
        if kind == FILE_PASS:
            raise UnreadableFile(PASSWORD)
        if kind == SUPPORTING_BOOK and struct.unpack_from("<H", data, start + 2)[0] not in (OWN_SHEETS, ADD_IN):
            raise UnreadableFile(LINKED)
        if kind == BOUND_SHEET:
            starts[struct.unpack_from("<I", data, start)[0]] = _sheet_name(data[start : start + length])
        looks.add(kind, data[start : start + length])
        if kind == BEGIN:
            sheet = found.setdefault(starts.get(offset, ""), SheetInfo())
        elif kind == MERGED_CELLS:
            sheet.ranges += struct.unpack_from("<H", data, start)[0]
            limits.check_ranges(sheet.ranges)
        elif kind in CELLS:
            _note(sheet, kind, *struct.unpack_from("<HH", data, start))
            _note_look(sheet, kind, data[start : start + length], looks)
    return {name: sheet_info for name, sheet_info in found.items() if name}


def _records(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield (offset, kind, start of the content, its length) of each record."""
    offset = 0
    while offset + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, offset)
        yield offset, kind, offset + 4, length
        offset += 4 + length


def _note(sheet: SheetInfo, kind: int, row: int, column: int) -> None:
    sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, column + 1)
    if kind == FORMULA and len(sheet.formulas) < MOST_FORMULAS:
        sheet.formulas.append((row + 1, column + 1))


def _note_look(sheet: SheetInfo, kind: int, record: bytes, looks: "_Looks") -> None:
    """Note the number formats and the errors of a record of cells."""
    row, column, look = struct.unpack_from("<HHH", record)
    if kind == SHORT_NUMBERS:
        for place in range((len(record) - 6) // 6):
            _note_format(sheet, row, column + place, struct.unpack_from("<H", record, 4 + 6 * place)[0], looks)
    elif kind in (NUMBER, SHORT_NUMBER, FORMULA):
        _note_format(sheet, row, column, look, looks)
    if kind == YES_OR_ERROR and record[7]:
        sheet.texts[row + 1, column + 1] = ERRORS.get(record[6], "#N/A")
    if kind == FORMULA and record[12:14] == b"\xff\xff" and record[6] == ERROR_RESULT:
        sheet.texts[row + 1, column + 1] = ERRORS.get(record[8], "#N/A")


def _note_format(sheet: SheetInfo, row: int, column: int, look: int, looks: "_Looks") -> None:
    if code := looks.code(look):
        sheet.formats[row + 1, column + 1] = code


class _Looks:
    """The number formats of a workbook, by the looks of its cells."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.looks: list[int] = []
        self.is_known = True

    def add(self, kind: int, record: bytes) -> None:
        """Take in a record, if it is one of a format or of a look."""
        if kind == BEGIN:
            self.is_known = struct.unpack_from("<H", record)[0] == EXCEL_97
        elif kind == LOOK:
            self.looks.append(struct.unpack_from("<H", record, 2)[0])
        elif kind == FORMAT and self.is_known:
            number, length = struct.unpack_from("<HH", record)
            is_wide = record[4] & 1
            text = record[5 : 5 + length * (1 + is_wide)]
            self.codes[number] = text.decode("utf-16-le" if is_wide else "latin-1", "replace")

    def code(self, look: int) -> str:
        """Return the format of a look; blank where values show as they are."""
        number = self.looks[look] if look < len(self.looks) else 0
        code = self.codes.get(number) or BUILT_IN.get(number, "")
        return "" if is_plain(code) else code


def _sheet_name(record: bytes) -> str:
    """Return the name in a record of a sheet: after its offset and two flags, a length and a width of letters."""
    length, is_wide = record[6], record[7] & 1
    return record[8 : 8 + length * (1 + is_wide)].decode("utf-16-le" if is_wide else "latin-1")
