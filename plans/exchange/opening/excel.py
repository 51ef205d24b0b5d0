"""Excel workbooks of today (.xlsx) from outside: what they hold beside values, and how far their sheets reach."""

import posixpath
import re

from defusedxml import ElementTree

from plans.exchange.opening.cells import column_number
from plans.exchange.opening.refusal import DAMAGED, Refused
from plans.exchange.opening.survey import MOST_FORMULAS, Survey

MACROS = "The workbook holds macros. Save it as “Excel workbook (.xlsx)”, which has none, and send that."
LINKED = (
    "The workbook takes values from other workbooks. In Excel choose Data, Edit Links, Break Link, save it, and send "
    "it again."
)
BINARY = "The file is a binary Excel workbook (.xlsb). Save it as “Excel workbook (.xlsx)”, and send that."
# Each of these stops at the next tag, so that no XML, however odd, takes more than one pass.
ROW = re.compile(rb"<(?:\w+:)?row\b")
LAST_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br=[\"']([0-9]{1,9})[\"']")
# Searched for in all that a sheet says, so they begin with letters that stand for themselves, which is quick.
FAR_COLUMNS = {b'r="': re.compile(rb"r=\"[A-Z]{3}[0-9]"), b"r='": re.compile(rb"r='[A-Z]{3}[0-9]")}
FORMULA_SIGNS = (b"<f", b":f")
ERROR_SIGNS = (b't="e"', b"t='e'")
PLACE = rb"<(?:\w+:)?c\s[^<>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']"
OPEN = rb"[^<>]*(?<!/)>\s*"
CELL = re.compile(PLACE + OPEN)
FORMULA = re.compile(PLACE + OPEN + rb"<(?:\w+:)?f[\s/>]")
ERROR = re.compile(
    PLACE
    + rb"(?=[^<>]*\st=[\"']e[\"'])"
    + OPEN
    + rb"(?:<(?:\w+:)?f\b[^<>]*>(?:[^<]*</(?:\w+:)?f>)?)?<(?:\w+:)?v>([^<]*)"
)
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def is_kept(name):
    """Whether a part of the archive is needed to look at the workbook from outside."""
    return name.endswith((".xml", ".rels")) and "/media/" not in name


def refuse_what_is_no_plain_workbook(archive):
    """Raise `Refused` for macros, links to other workbooks, Excel's binary form, and XML that is not plain."""
    archive.check()
    kinds = archive.parts.get("[Content_Types].xml", b"")
    if b"macroEnabled" in kinds or any(name.lower().endswith("vbaproject.bin") for name in archive.names):
        raise Refused(MACROS)
    if any(name.startswith("xl/macrosheets/") for name in archive.names):
        raise Refused(MACROS)
    if "xl/workbook.bin" in archive.names:
        raise Refused(BINARY)
    if any(name.startswith("xl/externalLinks/") for name in archive.names):
        raise Refused(LINKED)


def sheet_parts(archive):
    """Answer {name of a sheet: its part of the archive}. Raises `Refused` when the workbook does not say."""
    try:
        book_part = next(iter(_targets(archive, "", "_rels/.rels", "/officeDocument").values()))
        folder, _, name = book_part.rpartition("/")
        targets = _targets(archive, folder, f"{folder}/_rels/{name}.rels", "/worksheet")
        book = ElementTree.fromstring(archive.take(book_part))
    except (StopIteration, ElementTree.ParseError) as error:
        raise Refused(DAMAGED) from error
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    found = {each.get("name"): targets.get(each.get(RELATION) or each.get(STRICT_RELATION)) for each in sheets}
    return {name: part for name, part in found.items() if part}


def _targets(archive, folder, part, kind):
    """Answer {id: part of the archive} of the relations of a `kind` that a part lists."""
    relations = ElementTree.fromstring(archive.take(part))
    return {
        each.get("Id"): posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        for each in relations
        if each.get("Type", "").endswith(kind)
    }


def survey(data, max_rows, max_columns):
    """Answer the `Survey` of the XML of a sheet. Its size is that of the first cell beyond limits, if any."""
    found = Survey()
    last_row = max((int(row) for row in LAST_ROW.findall(data[max(data.rfind(b"row "), 1) - 20 :])), default=0)
    is_wide = any(start in data and sign.search(data) for start, sign in FAR_COLUMNS.items())
    if is_wide or last_row > max_rows or _count(ROW, data) > max_rows:
        places = (_place(*cell.groups()) for cell in CELL.finditer(data))
        beyond = ((row, column) for row, column in places if row > max_rows or column > max_columns)
        found.rows, found.columns = next(beyond, (0, 0))
    if any(sign in data for sign in FORMULA_SIGNS):
        found.formulas = [_place(*cell) for cell in FORMULA.findall(data)[:MOST_FORMULAS]]
    if any(sign in data for sign in ERROR_SIGNS):
        found.errors = {_place(*where): text.decode(errors="replace") for *where, text in ERROR.findall(data)}
    return found


def _count(sign, data):
    return data.count(b"<row") if b"<row" in data else len(sign.findall(data))


def _place(letters, row):
    return int(row), column_number(letters.decode())
