"""Small files of every kind, and hostile ones, made on the spot."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import xlwt
from xlsxwriter import Workbook

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
BOOK_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Activities" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
HEADINGS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Number</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Status</t></is></c></row>'
)
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>{}'
    "</office:spreadsheet></office:body></office:document-content>"
)
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'


def archive(parts, level=1):
    """A zip archive of {name: text or bytes}."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=level) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return file.getvalue()


def xlsx(sheet_data, **parts):
    """A workbook with the XML of one sheet's rows; other parts by their name."""
    return archive({**BOOK_PARTS, "xl/worksheets/sheet1.xml": SHEET.format(sheet_data), **parts})


def workbook(*sheets, fill=None):
    """An ordinary workbook of (name, rows); `fill` may do more to each sheet."""
    file = BytesIO()
    with Workbook(file) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)
            if fill:
                fill(book, sheet)
    return file.getvalue()


def xls(rows, formula=None):
    """A workbook as Excel wrote it before 2007."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Activities")
    for index, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(index, place, value)
    if formula:
        sheet.write(len(rows), 0, xlwt.Formula(formula))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def encrypted_package():
    """The container in which Office keeps a workbook with a password."""
    name, other = (text.encode("utf-16-le") for text in ("Workbook", "EncryptedPackage"))
    content = xls([["Number"]])
    at = content.index(name + b"\x00\x00")
    length = struct.pack("<H", len(other) + 2)
    return content[:at] + other.ljust(64, b"\x00") + length + content[at + 66 :]


def xls_with_password():
    """An old workbook with the record that says that what follows is encrypted."""
    content = xls([["Number"]])
    codepage = struct.pack("<HH", 0x42, 2)
    at = content.index(codepage, 512)
    return content[:at] + struct.pack("<HH", 0x2F, 2) + content[at + 4 :]


def ods(*rows, name="Activities"):
    """An OpenDocument spreadsheet of rows in XML."""
    table = f'<table:table table:name="{name}">{"".join(rows)}</table:table>'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": ODS.format(table),
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def ods_row(*texts, attributes=""):
    """A row of texts in an OpenDocument spreadsheet."""
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row {attributes}>{cells}</table:table-row>"


def docx(body):
    """A Word file with this XML in its body."""
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": WORD.format(body)})


def word_table(rows, properties=None):
    """The XML of a Word table; `properties` is {(row, column): XML} of single cells, counted from 0."""
    lines = [
        "".join(_word_cell(text, (properties or {}).get((row, column), "")) for column, text in enumerate(cells))
        for row, cells in enumerate(rows)
    ]
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def _word_cell(text, properties):
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.split("\n"))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>"


def lying_archive():
    """A workbook whose sheet claims to be small, with the checksum of so much of it, and is not."""
    claimed = 1000
    sheet = SHEET.format(HEADINGS).encode() + b" " * 160_000_000
    content = archive({**BOOK_PARTS, "xl/worksheets/sheet1.xml": sheet})
    for true, lie in ((len(sheet), claimed), (zlib.crc32(sheet), zlib.crc32(sheet[:claimed]))):
        content = content.replace(struct.pack("<I", true), struct.pack("<I", lie))
    return content


def column_letters(number):
    """What a spreadsheet calls a column: "AB" for 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
