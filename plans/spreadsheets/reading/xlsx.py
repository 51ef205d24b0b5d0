"""Excel workbooks of today (.xlsx) from outside: what they hold beside values, and how far their sheets reach."""

import posixpath
import re
from itertools import islice

from defusedxml import ElementTree

from plans.spreadsheets.reading.limits import DAMAGED, UnreadableFile
from plans.spreadsheets.reading.looks import (
    PLACE,
    Styles,
    fill_of,
    filled_cells,
    is_struck,
    struck_cells,
    struck_strings,
)
from plans.spreadsheets.reading.number_formats import BUILT_IN, is_plain
from plans.spreadsheets.reading.protocol import MOST_FORMULAS, SheetInfo

MACROS = "The workbook holds macros. Save it as “Excel workbook (.xlsx)”, which has none, and send that."
LINKED = (
    "This workbook links to other workbooks. In Excel choose Data, Edit Links, Break Link, save it, and send it again."
)
BINARY = "The file is a binary Excel workbook (.xlsb). Save it as “Excel workbook (.xlsx)”, and send that."
# Each of these stops at the next tag and never goes back in it (`(?>…)`, `*+`), so that no XML, however odd, takes more
# than one pass.
ROW = re.compile(rb"<(?:\w++:)?row\b")
LAST_ROW = re.compile(rb"<(?:\w++:)?row\s(?>[^<>]*?\br=[\"']([0-9]{1,9})[\"'])")
# Searched for in all that a sheet says, so they begin with letters that stand for themselves, which is quick.
FAR_COLUMNS = {b'r="': re.compile(rb"r=\"[A-Z]{3}[0-9]"), b"r='": re.compile(rb"r='[A-Z]{3}[0-9]")}
FORMULA_SIGNS = (b"<f", b":f")
ERROR_SIGNS = (b't="e"', b"t='e'")
# What closes the value of a cell, with and without a prefix, and what opens a merged cell.
VALUE_SIGNS, MERGED_SIGN = (b"</v>", b":v></", b"</is>", b":is></"), re.compile(rb"<(?:\w++:)?mergeCell\s")
OPEN = rb"[^<>]*+(?<!/)>\s*+"
CELL = re.compile(PLACE + OPEN)
FORMULA = re.compile(PLACE + OPEN + rb"<(?:\w++:)?f[\s/>]")
ERROR = re.compile(
    PLACE
    + rb"(?=(?>[^<>]*?\st=[\"']e[\"']))"
    + OPEN
    + rb"(?:<(?:\w++:)?f\b[^<>]*+>(?:[^<]*+</(?:\w++:)?f>)?)?<(?:\w++:)?v>([^<]*+)"
)
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STYLE_LISTS = ("cellXfs", "fills", "fonts")
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def column_number(letters):
    """Return the number of a column from 1: 28 for "AB"."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def is_kept(name):
    """Return whether a part of the archive is needed to look at the workbook from outside."""
    return name.endswith((".xml", ".rels")) and "/media/" not in name


def refuse_what_is_no_plain_workbook(archive):
    """Raise `UnreadableFile` for macros, links to other workbooks, Excel's binary form, and XML that is not plain."""
    archive.check()
    kinds = archive.parts.get("[Content_Types].xml", b"")
    if b"macroEnabled" in kinds or any(name.lower().endswith("vbaproject.bin") for name in archive.names):
        raise UnreadableFile(MACROS)
    if any(name.startswith("xl/macrosheets/") for name in archive.names):
        raise UnreadableFile(MACROS)
    if "xl/workbook.bin" in archive.names:
        raise UnreadableFile(BINARY)
    if any(name.startswith("xl/externalLinks/") for name in archive.names):
        raise UnreadableFile(LINKED)


def sheet_parts(archive):
    """Return {name of a sheet: its part of the archive}. Raises `UnreadableFile` when the workbook does not say."""
    try:
        book_part = next(iter(_targets(archive, "", "_rels/.rels", "/officeDocument").values()))
        folder, _, name = book_part.rpartition("/")
        targets = _targets(archive, folder, f"{folder}/_rels/{name}.rels", "/worksheet")
        book = ElementTree.fromstring(archive.take(book_part))
    except (StopIteration, ElementTree.ParseError) as error:
        raise UnreadableFile(DAMAGED) from error
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    found = {each.get("name"): targets.get(each.get(RELATION) or each.get(STRICT_RELATION)) for each in sheets}
    return {name: part for name, part in found.items() if part}


def _targets(archive, folder, part, kind):
    """Return {id: part of the archive} of the relations of a `kind` that a part lists."""
    relations = ElementTree.fromstring(archive.take(part))
    return {
        each.get("Id"): posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        for each in relations
        if each.get("Type", "").endswith(kind)
    }


def read_styles(archive):
    """Return the `Styles` of a workbook: number formats that do not show values as they are, colours, struck-out."""
    part = next((name for name in archive.parts if name.endswith("/styles.xml")), None)
    if part is None:
        return Styles()
    try:
        styles = ElementTree.fromstring(archive.take(part))
    except ElementTree.ParseError as error:
        raise UnreadableFile(DAMAGED) from error
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter() if _is(each, "numFmt")}
    lists = {name: next((each for each in styles.iter() if _is(each, name)), ()) for name in STYLE_LISTS}
    fills = [fill_of(each) for each in lists["fills"]]
    struck = [is_struck(each) for each in lists["fonts"]]
    found, coloured, crossed = {}, {}, set()
    for place, look in enumerate(each for each in lists["cellXfs"] if _is(each, "xf")):
        style = str(place).encode()
        if fill := _at(fills, look.get("fillId")):
            coloured[style] = fill
        if _at(struck, look.get("fontId")):
            crossed.add(style)
        number = look.get("numFmtId") or "0"
        code = codes.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "")
        if not is_plain(code):
            found[style] = code
    return Styles(found, coloured, frozenset(crossed))


def _at(things, place):
    """Return the thing at a place that the XML says; None where there is none."""
    at = int(place) if place and place.isdecimal() and len(place) < 6 else -1
    return things[at] if 0 <= at < len(things) else None


def read_struck_strings(archive):
    """Return the numbers of the shared strings of a workbook that have struck-out words."""
    part = next((name for name in archive.parts if name.endswith("/sharedStrings.xml")), None)
    return struck_strings(archive.take(part)) if part else set()


def _is(element, name):
    return element.tag.rpartition("}")[2] == name


def _formatted(data, formats, most):
    """Return {place: number format} of the cells whose style has one; texts among them are left to the reader."""
    styles = b"|".join(sorted(formats))
    cells = re.compile(
        rb"<(?:\w++:)?c\s(?=(?>[^<>]*?\bs=[\"'](" + styles + rb")[\"']))"
        rb"(?=(?>[^<>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']))[^<>]*+(?<!/)>"
    )
    found = islice(cells.finditer(data), most)
    return {_place(*cell.groups()[1:]): formats[cell[1]] for cell in found}


def sheet_info(data, limits, styles=None, strings=()):
    """Return the `SheetInfo` of the XML of a sheet. Its size is that of the first cell beyond limits, if any.

    `styles` are those of the workbook, `strings` the numbers of shared strings that are struck out.
    """
    found = SheetInfo()
    found.cells = sum(data.count(sign) for sign in VALUE_SIGNS)
    found.ranges = len(MERGED_SIGN.findall(data)) if b"mergeCell" in data else 0
    last_row = max((int(row) for row in LAST_ROW.findall(data[max(data.rfind(b"row "), 1) - 20 :])), default=0)
    is_wide = any(start in data and sign.search(data) for start, sign in FAR_COLUMNS.items())
    if is_wide or last_row > limits.max_rows or _count(ROW, data) > limits.max_rows:
        places = (_place(*cell.groups()) for cell in CELL.finditer(data))
        beyond = ((row, column) for row, column in places if row > limits.max_rows or column > limits.max_columns)
        found.rows, found.columns = next(beyond, (0, 0))
    if any(sign in data for sign in FORMULA_SIGNS):
        formulas = (_place(*cell.groups()) for cell in FORMULA.finditer(data))
        found.formulas = list(islice(formulas, MOST_FORMULAS))
    if any(sign in data for sign in ERROR_SIGNS):
        errors = islice(ERROR.finditer(data), limits.max_cells)
        found.texts = {_place(*one.groups()[:2]): one[3].decode(errors="replace") for one in errors}
    styles = styles or Styles()
    if styles.formats:
        found.formats = _formatted(data, styles.formats, limits.max_cells)
    found.filled = [(*_place(*one[:2]), one[2]) for one in filled_cells(data, styles.fills)]
    found.struck = [_place(*one) for one in struck_cells(data, styles.struck, strings)]
    return found


def _count(sign, data):
    return data.count(b"<row") if b"<row" in data else len(sign.findall(data))


def _place(letters, row):
    return int(row), column_number(letters.decode())
