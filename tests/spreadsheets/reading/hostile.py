"""Hostile files of every kind by every trick, and what each costs.

`python -m tests.spreadsheets.reading.hostile` prints it.

Each file goes through both doors, reading it and marking its errors, in a process of its own that measures itself and
the processes that it starts: seconds of the processor, and peak memory. `READ` and `REFUSED` say what reading comes to.
"""

import json
import os
import resource
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import xlwt

from tests.spreadsheets.reading import makers

READ, REFUSED = "read", "refused"
MIB = 1024 * 1024
ALL = "A10:XFD1048576"
TEXT = "x" * 200_000
ROWS_XLSX = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Number</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Agency Lead</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>Polcie</t></is></c></row>'
)
ROWS_ODS = (makers.ods_row("Number", "Agency Lead"), makers.ods_row("1", "Polcie"))
ROWS = [["Number", "Agency Lead"], ["1", "Polcie"]]
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATION = f'<Relationship Id="{{}}" Type="{RELATIONS}/{{}}" Target="{{}}"/>'
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(rows=ROWS_XLSX, after="", before="", sheet_relations=(), **parts):
    """A workbook; `before` and `after` stand around the rows of its sheet."""
    sheet = makers.SHEET.replace("<worksheet ", f'<worksheet xmlns:r="{RELATIONS}" ').format(rows)
    sheet = sheet.replace("<sheetData>", f"{before}<sheetData>").replace("</sheetData>", f"</sheetData>{after}")
    related = "".join(RELATION.format(f"rId{at}", *one) for at, one in enumerate(sheet_relations, 1))
    relations = {"xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'}
    return makers.archive({**makers.BOOK_PARTS, "xl/worksheets/sheet1.xml": sheet, **relations, **parts}, level=6)


def with_part(kind, target, xml, content_type, rows=ROWS_XLSX):
    """A workbook with one more part beside its sheet, such as styles."""
    types = makers.BOOK_PARTS["[Content_Types].xml"].replace(
        "</Types>",
        f'<Override PartName="/xl/{target}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        f'{content_type}+xml"/></Types>',
    )
    relations = makers.BOOK_PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f"{RELATION.format('rId9', kind, target)}</Relationships>"
    )
    parts = {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": relations, f"xl/{target}": xml}
    return xlsx(rows, **parts)


def comments_xlsx(refs):
    said = "".join(f'<comment ref="{ref}" authorId="0"><text><t>x</t></text></comment>' for ref in refs)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<comments xmlns="{main}"><authors><author>x</author></authors><commentList>{said}</commentList></comments>'
    return xlsx(sheet_relations=[("comments", "../comments1.xml")], **{"xl/comments1.xml": xml})


def table_xlsx():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<table xmlns="{main}" id="1" name="T" displayName="T" ref="A1:XFD1048576" headerRowCount="1"></table>'
    after = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
    return xlsx(after=after, sheet_relations=[("table", "../tables/table1.xml")], **{"xl/tables/table1.xml": xml})


def names_xlsx(names):
    book = makers.BOOK_PARTS["xl/workbook.xml"].replace(
        "</workbook>", f"<definedNames>{names}</definedNames></workbook>"
    )
    return xlsx(**{"xl/workbook.xml": book})


def many_sheets_xlsx(count):
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(2, count + 1))
    book = makers.BOOK_PARTS["xl/workbook.xml"].replace("</sheets>", f"{sheets}</sheets>")
    related = "".join(RELATION.format(f"rId{n}", "worksheet", f"worksheets/s{n}.xml") for n in range(2, count + 1))
    relations = makers.BOOK_PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f"{related}</Relationships>"
    )
    parts = {f"xl/worksheets/s{n}.xml": makers.SHEET.format("") for n in range(2, count + 1)}
    return xlsx(**{"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relations, **parts})


def shared_xlsx(texts, rows):
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    xml = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'
    return with_part("sharedStrings", "sharedStrings.xml", xml, "sharedStrings", ROWS_XLSX + rows)


def styles_xlsx(count):
    xml = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts><font/></fonts><fills>'
        "<fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs>"
        + "".join(f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0"/>' for n in range(count))
        + "</cellXfs></styleSheet>"
    )
    return with_part("styles", "styles.xml", xml, "styles")


def numbered(count, template):
    return "".join(template.format(n=n) for n in range(3, count + 3))


def xls(fill=None, rows=ROWS):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Activities", cell_overwrite_ok=True)
    for index, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(index, place, value)
    if fill:
        fill(book, sheet)
    file = makers.BytesIO()
    book.save(file)
    return file.getvalue()


def ods(*rows, before="", after=""):
    content = makers.ods(*(rows or ROWS_ODS))
    if not before and not after:
        return content
    table = f'<table:table table:name="Activities">{"".join(rows or ROWS_ODS)}</table:table>'
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": makers.ODS.format(before + table + after),
        "META-INF/manifest.xml": "<manifest/>",
    }
    return makers.archive(parts)


def ods_cell(attributes="", inside="<text:p>x</text:p>"):
    return f'<table:table-cell office:value-type="string" {attributes}>{inside}</table:table-cell>'


def docx(rows=ROWS, properties=None, after=""):
    return makers.docx(makers.word_table(rows, properties) + after)


def text_of(sign, rows):
    return "".join(sign.join(row) + "\n" for row in [*ROWS, *rows]).encode()


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
RULE = '<cfRule type="expression" priority="{n}"><formula>1</formula></cfRule>'
VALIDATION = '<dataValidation type="whole" sqref="{}"><formula1>1</formula1></dataValidation>'
TITLES = '<definedName name="_xlnm.Print_{}" localSheetId="0">{}</definedName>'
SPANNED = 'table:number-rows-spanned="{}" table:number-columns-spanned="{}"'


def inside(tag, body):
    return f"<{tag}>{body}</{tag.split()[0]}>"


def xlsx_rows(numbers, letters, cell):
    return "".join(f'<row r="{n}">{"".join(cell.format(at=f"{one}{n}") for one in letters)}</row>' for n in numbers)


def ods_line(*cells, attributes=""):
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def formatted(ref, count=1):
    return "".join(inside(f'conditionalFormatting sqref="{ref}"', RULE.format(n=n)) for n in range(1, count + 1))


def styles_xls(_, sheet):
    for n in range(3_900):
        sheet.write(2, n % 200, "x", xlwt.easyxf(num_format_str="0." + "0" * (n % 40 + 1)))


XLSX = {
    "merged range of a whole sheet": (lambda: xlsx(after=inside("mergeCells", f'<mergeCell ref="{ALL}"/>')), READ),
    "200,000 merged ranges": (
        lambda: xlsx(after=inside("mergeCells", numbered(200_000, '<mergeCell ref="A{n}:B{n}"/>'))),
        REFUSED,
    ),
    "40,000 merged ranges, one over the other": (
        lambda: xlsx(
            ROWS_XLSX + xlsx_rows(range(3, 40_003), "A", '<c r="{at}"><v>1</v></c>'),
            after=inside("mergeCells", numbered(40_000, '<mergeCell ref="B2:B{n}"/>')),
        ),
        READ,
    ),
    "hyperlink on a whole sheet": (
        lambda: xlsx(after=inside("hyperlinks", f'<hyperlink ref="{ALL}" location="A1"/>')),
        READ,
    ),
    "100,000 hyperlinks": (
        lambda: xlsx(after=inside("hyperlinks", numbered(100_000, '<hyperlink ref="C{n}" location="A1"/>'))),
        READ,
    ),
    "validation on a whole sheet": (lambda: xlsx(after=inside("dataValidations", VALIDATION.format(ALL))), READ),
    "validation on 500,000 ranges": (
        lambda: xlsx(after=inside("dataValidations", VALIDATION.format(numbered(500_000, "C{n} ")))),
        READ,
    ),
    "conditional format on a whole sheet": (lambda: xlsx(after=formatted(ALL)), READ),
    "50,000 conditional formats": (lambda: xlsx(after=formatted("C3", 50_000)), READ),
    "100,000 defined names": (
        lambda: names_xlsx(numbered(100_000, f'<definedName name="n{{n}}">Activities!{ALL}</definedName>')),
        READ,
    ),
    "print area of a million rows, 20,000 times": (
        lambda: names_xlsx(
            TITLES.format("Titles", "Activities!$A:$XFD,Activities!$1:$1048576")
            + TITLES.format("Area", "Activities!$A$1:$XFD$1048576," * 20_000)
        ),
        READ,
    ),
    "dimension of a whole sheet": (lambda: xlsx(before='<dimension ref="A1:XFD1048576"/>'), READ),
    "table on a whole sheet": (table_xlsx, READ),
    "comment on a whole sheet": (lambda: comments_xlsx([ALL]), READ),
    "100,000 comments": (lambda: comments_xlsx(f"C{n}" for n in range(3, 100_003)), READ),
    "100,000 blank cells far out": (
        lambda: xlsx(ROWS_XLSX + xlsx_rows(range(4, 1_000_000, 10), ["XFD"], '<c r="{at}"/>')),
        READ,
    ),
    "200,000 styles": (lambda: styles_xlsx(200_000), READ),
    "40,000 cells that share a long text": (
        lambda: shared_xlsx(
            ["x" * 32_000], xlsx_rows(range(3, 4_003), LETTERS[2:12], '<c r="{at}" t="s"><v>0</v></c>')
        ),
        REFUSED,
    ),
    "1,000,000 shared texts": (lambda: shared_xlsx((f"t{n}" for n in range(1_000_000)), ""), READ),
    "4,000 sheets": (lambda: many_sheets_xlsx(4_000), REFUSED),
    "deep XML": (lambda: xlsx(after="<x>" * 100_000), None),
    "a long text": (
        lambda: xlsx(ROWS_XLSX + xlsx_rows([3], "A", f'<c r="{{at}}" t="inlineStr"><is><t>{TEXT}</t></is></c>')),
        REFUSED,
    ),
    "200,000 rows": (lambda: xlsx(ROWS_XLSX + xlsx_rows(range(3, 200_003), "A", '<c r="{at}"><v>1</v></c>')), REFUSED),
    "10,000 columns": (
        lambda: xlsx(
            ROWS_XLSX + xlsx_rows([3], map(makers.column_letters, range(1, 10_001)), '<c r="{at}"><v>1</v></c>')
        ),
        REFUSED,
    ),
    "1,200,000 cells": (
        lambda: xlsx(ROWS_XLSX + xlsx_rows(range(3, 49_000), LETTERS, '<c r="{at}"><v>1</v></c>')),
        REFUSED,
    ),
    "500,000 places in a tag": (
        lambda: xlsx(ROWS_XLSX + inside('row r="900000"', "<c " + 'r="A1" ' * 500_000 + "/>")),
        None,
    ),
}
XLS = {
    "merged range of 40,000 rows": (lambda: xls(lambda _, sheet: sheet.merge(9, 40_000, 2, 6)), READ),
    "60,000 merged ranges": (
        lambda: xls(lambda _, sheet: [sheet.merge(row, row, 2, 3) for row in range(2, 60_002)]),
        REFUSED,
    ),
    "3,900 cells with looks": (lambda: xls(styles_xls), READ),
    "1,100 sheets": (lambda: xls(lambda book, _: [book.add_sheet(f"S{n}") for n in range(1_100)]), REFUSED),
    "300 long texts": (lambda: xls(rows=[*ROWS, *([[str(n), f"{n}{'x' * 32_000}"] for n in range(300)])]), READ),
    "60,000 rows": (lambda: xls(rows=[*ROWS, *([["1"]] * 60_000)]), REFUSED),
    "256 columns": (lambda: xls(rows=[*ROWS, ["x"] * 256]), REFUSED),
}
ODS = {
    "merged range of a whole sheet": (
        lambda: ods(*ROWS_ODS, ods_line(ods_cell(SPANNED.format(1_048_576, 16_384)))),
        READ,
    ),
    "60,000 merged ranges": (
        lambda: ods(*ROWS_ODS, *[ods_line(*[ods_cell(SPANNED.format(2, 1))] * 20)] * 3_000),
        REFUSED,
    ),
    "100,000 hyperlinks": (
        lambda: ods(*ROWS_ODS, *[ods_line(*[ods_cell("", "<text:p><text:a>x</text:a></text:p>")] * 2)] * 50_000),
        REFUSED,
    ),
    "100,000 validations": (
        lambda: ods(
            before=inside(
                "table:content-validations", numbered(100_000, '<table:content-validation table:name="v{n}"/>')
            )
        ),
        READ,
    ),
    "100,000 conditional formats": (
        lambda: ods(
            *ROWS_ODS,
            inside(
                "table:conditional-formats",
                numbered(100_000, '<table:conditional-format table:target-range-address="A1:AMJ1048576"/>'),
            ),
        ),
        READ,
    ),
    "100,000 defined names": (
        lambda: ods(
            after=inside(
                "table:named-expressions",
                numbered(100_000, '<table:named-range table:name="n{n}" table:cell-range-address="A1:AMJ1048576"/>'),
            )
        ),
        READ,
    ),
    "rows that repeat": (
        lambda: ods(*ROWS_ODS, makers.ods_row("1", attributes='table:number-rows-repeated="2000000000"')),
        REFUSED,
    ),
    "cells that repeat": (
        lambda: ods(*ROWS_ODS, ods_line(ods_cell('table:number-columns-repeated="2000000000"'))),
        REFUSED,
    ),
    "rows and cells that repeat within their limits": (
        lambda: ods(
            *ROWS_ODS,
            ods_line(ods_cell('table:number-columns-repeated="190"'), attributes='table:number-rows-repeated="49000"'),
        ),
        REFUSED,
    ),
    "spaces that repeat": (
        lambda: ods(*ROWS_ODS, ods_line(ods_cell("", '<text:p><text:s text:c="2000000000"/></text:p>'))),
        None,
    ),
    "100,000 styles": (
        lambda: ods(before=inside("office:automatic-styles", numbered(100_000, '<text:s text:c="{n}"/>'))),
        READ,
    ),
    "20,000 sheets": (lambda: ods(after=numbered(20_000, '<table:table table:name="t{n}"/>')), REFUSED),
    "deep XML": (lambda: ods(*ROWS_ODS, "<table:table-row>" * 100_000), REFUSED),
    "a long text": (lambda: ods(*ROWS_ODS, makers.ods_row(TEXT)), REFUSED),
    "200,000 rows": (lambda: ods(*ROWS_ODS, *[makers.ods_row("1")] * 200_000), REFUSED),
    "10,000 columns": (lambda: ods(*ROWS_ODS, makers.ods_row(*["1"] * 10_000)), REFUSED),
    "80,000 comments": (
        lambda: ods(
            *ROWS_ODS,
            *[ods_line(*[ods_cell("", "<office:annotation><text:p>x</text:p></office:annotation>")] * 2)] * 40_000,
        ),
        READ,
    ),
}
DOCX = {
    "merged range of 2,000,000,000 columns": (
        lambda: docx(properties={(1, 1): '<w:gridSpan w:val="2000000000"/>'}),
        REFUSED,
    ),
    "60,000 merged ranges": (
        lambda: docx(
            [*ROWS, *[["1"] * 20] * 3_000], {(n, c): "<w:vMerge/>" for n in range(2, 3_002) for c in range(20)}
        ),
        REFUSED,
    ),
    "100,000 hyperlinks": (
        lambda: docx(after="<w:p><w:hyperlink><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>" * 100_000),
        READ,
    ),
    "100,000 names": (lambda: docx(after=numbered(100_000, '<w:bookmarkStart w:id="{n}" w:name="n{n}"/>')), READ),
    "tables in tables": (lambda: docx(after="<w:tbl><w:tr><w:tc>" * 60 + "</w:tc></w:tr></w:tbl>" * 60), READ),
    "tables too deep in tables": (lambda: docx(after="<w:tbl><w:tr><w:tc>" * 50_000), REFUSED),
    "20,000 tables": (
        lambda: docx(after="".join(makers.word_table([[f"h{n}", "x"], ["1", "x"]]) for n in range(20_000))),
        READ,
    ),
    "1,000,000 blank tables": (lambda: docx(after="<w:tbl/>" * 1_000_000), READ),
    "100,000 styles": (lambda: docx(after='<w:p><w:pPr><w:pStyle w:val="s"/></w:pPr></w:p>' * 100_000), READ),
    "a long text": (lambda: docx([*ROWS, ["1", TEXT]]), REFUSED),
    "a cell of 300,000 line breaks": (
        lambda: docx(after="<w:tbl><w:tr><w:tc>" + "<w:br/>" * 300_000 + "</w:tc></w:tr></w:tbl>"),
        REFUSED,
    ),
    "200,000 rows": (lambda: docx([*ROWS, *[["1", "x"]] * 200_000]), REFUSED),
    "600,000 rows in tables of three": (lambda: docx(after=makers.word_table([["1", "x"]] * 3) * 200_000), REFUSED),
    "10,000 columns": (lambda: docx([*ROWS, ["x"] * 10_000]), REFUSED),
    "2,000,000 cells": (lambda: docx([*ROWS, *[["x"] * 199] * 10_000]), REFUSED),
    "100,000 comments": (lambda: docx(after=numbered(100_000, '<w:commentReference w:id="{n}"/>')), READ),
}


def texts(sign):
    return {
        "a long text": (lambda: text_of(sign, [["1", TEXT]]), REFUSED),
        "a cell of 125,000 spaces": (lambda: text_of(sign, [["1", f"x{' ' * 125_000}y"]]), READ),
        "a cell of 130,000 marks": (lambda: text_of(sign, [["1", "\u0301\u0323" * 65_000]]), READ),
        "200,000 rows": (lambda: text_of(sign, [["1", "x"]] * 200_000), REFUSED),
        "10,000 columns": (lambda: text_of(sign, [["x"] * 10_000]), REFUSED),
        "2,000,000 cells": (lambda: text_of(sign, [["1"] * 190] * 10_500), REFUSED),
        "49,000 rows, each in error": (lambda: text_of(sign, [[str(n), "Polcie"] for n in range(2, 49_000)]), READ),
    }


FILES = {"xlsx": XLSX, "xls": XLS, "ods": ODS, "docx": DOCX, "csv": texts(","), "pasted": texts("\t")}
FILES["pasted"]["a cell of 49,000 lines"] = (
    lambda: b"Number\tAgency Lead\tDescription\n1\tx\ty\n2\tx\n" + (b"z" * 390 + b"\n") * 49_000,
    REFUSED,
)


@dataclass
class Source:
    """An import as marking knows it."""

    content: bytes
    findings: dict
    counts: dict


def measure(content):
    """Read and mark one file; return (what reading came to, its seconds and MB, those of marking, growth, sheets)."""
    from openpyxl import load_workbook  # noqa: PLC0415 - the script has set Django up by now

    from plans.spreadsheets.reading.limits import UnreadableFile  # noqa: PLC0415
    from plans.spreadsheets.reading.read import read_table  # noqa: PLC0415
    from plans.spreadsheets.writing import error_copy  # noqa: PLC0415
    from plans.spreadsheets.writing.error_copy import Mark, Marks  # noqa: PLC0415

    start, sheet = cpu_seconds(), "Activities"
    try:
        table = read_table(content, "x")
        said, sheet = f"{len(table.rows):,} rows", table.sheet
        del table
    except UnreadableFile as unreadable:
        said = str(unreadable)
    seconds, memory_mb = cpu_seconds() - start, peak_mb()
    error_copy.read_marks = lambda source: Marks([Mark(2, 2, "Agency Lead", "No agency is called 'Polcie'.")], 0)
    Path("/proc/self/clear_refs").write_text("5")
    before, start = own_mb("VmRSS"), cpu_seconds()
    file = error_copy.write_marked(Source(content, {"sheet": sheet}, {}))
    marked_seconds, growth_mb = cpu_seconds() - start, own_mb("VmHWM") - before
    children_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    with file:
        sheets = load_workbook(file, read_only=True).sheetnames
    return said, seconds, memory_mb, marked_seconds, children_mb, growth_mb, sheets


def cpu_seconds():
    """What this process and those that it started have taken of the processor, which other work does not stretch."""
    used = (resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def own_mb(name):
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0]) / 1024


def peak_mb():
    """The peak memory of this process and of the largest of those that it started."""
    return max(own_mb("VmHWM"), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def main():
    """Measure the files in a folder that are named; print a line of JSON for each."""
    import django  # noqa: PLC0415 - only where it is run

    django.setup()
    # Loaded once for all of the processes below.
    import_module("openpyxl")
    import_module("plans.spreadsheets.writing.error_copy")
    for path in sys.argv[2:]:
        content = Path(path).read_bytes()
        # A process for each, since what the largest of its own took cannot be set back.
        if not (pid := os.fork()):
            Path("/proc/self/clear_refs").write_text("5")
            print(json.dumps(measure(content)), flush=True)  # noqa: T201
            os._exit(0)
        del content
        os.waitpid(pid, 0)


def table():
    """Print what each file costs."""
    import subprocess  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    wanted = sys.argv[1:]
    heading = "| kind | trick | reading | s | MB | marking | s | MB | web + MB |\n|---|---|---|---|---|---|---|---|---|"
    print(heading)  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        for kind, tricks in FILES.items():
            for trick, (make, _) in tricks.items():
                if wanted and kind not in wanted:
                    continue
                path = Path(folder) / "file"
                path.write_bytes(make())
                done = subprocess.run(command(path), stdout=subprocess.PIPE, check=True, env=ENVIRONMENT)
                said, seconds, mb, marked_seconds, marked_mb, growth_mb, sheets = json.loads(done.stdout)
                way = way_of(sheets)
                print(  # noqa: T201
                    f"| {kind} | {trick} | {said[:60]} | {seconds:.1f} | {mb:.0f} | {way} | {marked_seconds:.1f} | "
                    f"{marked_mb:.0f} | {growth_mb:.0f} |",
                    flush=True,
                )


def way_of(sheets):
    """Return how a file was marked, by the sheets of what came of it."""
    return "list" if sheets == ["Errors to fix"] else f"{len(sheets)} sheets"


ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


def command(*paths):
    """Return the command that measures files."""
    return [sys.executable, "-m", "tests.spreadsheets.reading.hostile", "--measure", *map(str, paths)]


if __name__ == "__main__":
    main() if sys.argv[1:2] == ["--measure"] else table()
