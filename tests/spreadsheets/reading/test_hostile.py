"""Files that mean harm, or are far too large: each is refused in one sentence, or read, in bounded memory and time.

All are read by one process, which measures itself and the processes that it starts.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.spreadsheets.reading import hostile, makers

MOST_SECONDS = 20
MOST_MEMORY_MB = 320
MOST_GROWTH_MB = 40
"""Of the web process while a file is marked: twice the largest file."""

ROOT = Path(__file__).resolve().parents[3]
BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL_DTD = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
MACRO_TYPE = '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
LONG_TEXT = "x" * 32_000


def _rows(count):
    return makers.HEADINGS + "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, count + 2))


def _wide_row(count):
    return '<row r="1">' + "".join(f'<c r="{_letters(n)}1"><v>1</v></c>' for n in range(1, count + 1)) + "</row>"


def _letters(number):
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shared(*texts):
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'


def _sharing_rows(count):
    cells = "".join(f'<c r="{letter}%d" t="s"><v>0</v></c>' for letter in "ABCDEFGHIJ")
    return "".join(f'<row r="{n}">{cells % ((n,) * 10)}</row>' for n in range(1, count + 1))


def _with_shared(sheet, *texts):
    relations = makers.BOOK_PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    return makers.xlsx(sheet, **{"xl/sharedStrings.xml": _shared(*texts), "xl/_rels/workbook.xml.rels": relations})


def _formula(inside='<f>HYPERLINK("http://x.example","y")</f><v>7</v>'):
    return makers.HEADINGS + f'<row r="2"><c r="A2">{inside}</c></row>'


GOOD = makers.xlsx(_rows(3))
UNPACKS = "The file unpacks to more than 150 MB."
DAMAGED = "This file is damaged. Open it, save a new copy, and upload that."
MEMORY = "The file needs more than 300 MB of memory to open."
PASSWORD = "This file has a password."
ENTITIES = "The file defines XML entities, which no office program writes."
MACROS = "The workbook holds macros."
ROWS = "The file has more than 50,000 rows."
NO_TEXT = "The file is no text: it holds bytes that no letters have."

REFUSED = {
    "zip bomb": (
        lambda: makers.archive({**makers.BOOK_PARTS, "xl/worksheets/sheet1.xml": bytes(160_000_000)}),
        UNPACKS,
    ),
    "zip bomb that lies about its size": (makers.lying_archive, UNPACKS),
    "zip in a zip": (lambda: makers.archive({"inner.zip": GOOD}), "The file is neither a workbook nor a Word file."),
    "zip of many parts": (
        lambda: makers.archive({**makers.BOOK_PARTS, **{f"x{n}.xml": "" for n in range(5_000)}}),
        "The file is packed out of more than 5,000 parts",
    ),
    "one huge shared text": (
        lambda: _with_shared('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "x" * 60_000_000),
        # Where the library's version needs less memory, it comes so far as to count.
        (MEMORY, "A cell in row 1 holds 60,000,000 characters"),
    ),
    "a large shared text": (
        lambda: _with_shared('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "x" * 1_000_000),
        "A cell in row 1 holds 1,000,000 characters",
    ),
    "a long text that 40,000 cells share": (lambda: _with_shared(_sharing_rows(4_000), LONG_TEXT), MEMORY),
    "1,000,000 rows": (lambda: makers.xlsx(_rows(1_000_000)), "The sheet “Activities” has something in row 50,001"),
    "1,000,000 rows of CSV": (lambda: b"Number,Status\n" + b"1,x\n" * 1_000_000, ROWS),
    "1,000,000 lines of a document": (lambda: b"Number\tStatus\n" + b"1\tx\n" * 1_000_000, ROWS),
    "16,000 columns": (lambda: makers.xlsx(_wide_row(16_000)), "The sheet “Activities” has something in column 201"),
    "300 columns": (lambda: makers.xlsx(_wide_row(300)), "The sheet “Activities” has something in column 300"),
    "16,000 columns of CSV": (lambda: b"Number" + b",x" * 16_000, "The file has more than 200 columns."),
    "a line of nothing but commas": (lambda: b"," * 19_000_000, "The file has more than 200 columns."),
    "a cell in the last corner": (
        lambda: makers.xlsx(makers.HEADINGS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "The sheet “Activities” has something in row 1,048,576",
    ),
    "a cell far down, rows out of order": (
        lambda: makers.xlsx('<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>' + makers.HEADINGS),
        MEMORY,
    ),
    "links to other workbooks": (
        lambda: makers.xlsx(_rows(1), **{"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
        "This workbook links to other workbooks.",
    ),
    "macros": (lambda: makers.xlsx(_rows(1), **{"xl/vbaProject.bin": b"x"}), MACROS),
    "macros by type only": (lambda: makers.xlsx(_rows(1), **{"[Content_Types].xml": MACRO_TYPE}), MACROS),
    "a binary workbook": (lambda: makers.archive({"xl/workbook.bin": b"x"}), "The file is a binary Excel workbook"),
    "XML entities": (
        lambda: makers.archive({**makers.BOOK_PARTS, "xl/worksheets/sheet1.xml": BILLION_LAUGHS + makers.SHEET}),
        ENTITIES,
    ),
    "XML entities in shared texts": (
        lambda: makers.xlsx(_rows(1), **{"xl/sharedStrings.xml": BILLION_LAUGHS + _shared("&b;")}),
        ENTITIES,
    ),
    "XML entities in Word": (lambda: makers.archive({"word/document.xml": BILLION_LAUGHS + makers.WORD}), ENTITIES),
    "an external DTD": (lambda: makers.archive({"word/document.xml": EXTERNAL_DTD + makers.WORD}), ENTITIES),
    "XML entities in UTF-16": (
        lambda: makers.archive({"word/document.xml": (BILLION_LAUGHS + makers.WORD).encode("utf-16")}),
        DAMAGED,
    ),
    "a Word bomb": (lambda: makers.archive({"word/document.xml": b"<w:p/>" * 28_000_000}), UNPACKS),
    "deep XML in Word": (lambda: makers.docx("<w:tbl>" * 100_000), DAMAGED),
    "deep XML in OpenDocument": (lambda: makers.ods("<table:table-row>" * 100_000), DAMAGED),
    "a Word table of 16,000 columns": (
        lambda: makers.docx(makers.word_table([["x"] * 16_000])),
        "The file has more than 200 columns.",
    ),
    "a Word table of 200,000 rows": (
        lambda: makers.docx(makers.word_table([["Number", "Status"], *([["1", "x"]] * 200_000)])),
        "The file has more than 50,000 rows.",
    ),
    "OpenDocument rows that repeat": (
        lambda: makers.ods(
            makers.ods_row("Number"), makers.ods_row("1", attributes='table:number-rows-repeated="1000000"')
        ),
        "The sheet “Activities” has something in row 1,000,001",
    ),
    "OpenDocument cells that repeat": (
        lambda: makers.ods(
            '<table:table-row><table:table-cell table:number-columns-repeated="2000000000" office:value-type="string">'
            "<text:p>x</text:p></table:table-cell></table:table-row>"
        ),
        "The sheet “Activities” has something in column 2,000,000,000",
    ),
    "a truncated workbook": (lambda: GOOD[: len(GOOD) // 2], DAMAGED),
    "a truncated old workbook": (lambda: makers.xls([["Number"], [1]])[:1500], DAMAGED),
    "nothing but the first bytes of an archive": (lambda: b"PK\x03\x04", DAMAGED),
    "an encrypted workbook": (makers.encrypted_package, PASSWORD),
    "an encrypted old workbook": (makers.xls_with_password, PASSWORD),
    "an encrypted OpenDocument spreadsheet": (
        lambda: makers.archive(
            {
                "content.xml": bytes(99),
                "META-INF/manifest.xml": "<manifest:manifest><manifest:encryption-data/></manifest>",
            }
        ),
        PASSWORD,
    ),
    "a picture called .xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "This file is an image"),
    "NUL bytes": (lambda: b"Number,Status\n1,a\x00b\n", NO_TEXT),
    "NUL in UTF-16": (lambda: "Number,Status\n1,a\x00b\n".encode("utf-16"), "The file holds NUL characters"),
    "bytes that are no letters": (lambda: b"Number,Status\n1,\x81\x02\xff\n", NO_TEXT),
    "UTF-8 with a broken letter": (
        lambda: "Number,Status\n1,Kāinga\n2,Manatū\n".encode() + b"3,\xff\n",
        "A letter in line 4 is broken",
    ),
    "half a letter of UTF-16": (lambda: "Number".encode("utf-16") + b"x", "The file ends in the middle of a letter"),
    "a 200 MB CSV": (200 * 1024 * 1024, "The file is larger than 20 MB."),
    "one huge cell": (
        lambda: b'Number,Status\n1,"' + b"x" * 10_000_000 + b'"\n',
        "A cell that begins in line 3 or above",
    ),
    "an unclosed quotation mark": (lambda: b'Number,Status\n1,"x\n2,y\n', "Line 3 is not CSV"),
    "more cells than headings": (
        lambda: b"Number,Status\n1,a, b\n2,c\n",
        "Row 2 has more cells than there are headings",
    ),
    "an empty file": (lambda: b"", "The file is empty."),
    "a blank file": (lambda: b"\xef\xbb\xbf \r\n\r\n", "The file is empty."),
    "a web page called .xls": (lambda: b"<html><table></table></html>", "The file is a web page"),
    "tags without end": (lambda: makers.xlsx("<c " * 3_000_000), DAMAGED),
}
READ = {
    "an absurd size of a sheet": (
        lambda: makers.archive(
            {
                **makers.BOOK_PARTS,
                "xl/worksheets/sheet1.xml": makers.SHEET.format(_rows(2)).replace(
                    "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
                ),
            }
        ),
        2,
    ),
    "a million rows of nothing but colour": (
        lambda: makers.xlsx(
            _rows(2) + "".join(f'<row r="{n}"><c r="XFD{n}" s="1"/></row>' for n in range(4, 1_000_000, 10))
        ),
        2,
    ),
    "OpenDocument with a million blank rows": (
        lambda: makers.ods(
            makers.ods_row("Number"),
            makers.ods_row("1"),
            '<table:table-row table:number-rows-repeated="1048574"><table:table-cell '
            'table:number-columns-repeated="16384"/></table:table-row>',
        ),
        1,
    ),
    "a formula": (lambda: makers.xlsx(_formula()), 1),
    "a formula that nobody worked out": (lambda: makers.xlsx(_formula("<f>1+1</f>")), 1),
    "a formula that starts a program": (
        lambda: makers.xlsx(_formula("<f>cmd|' /C calc'!A0</f><v>0</v>")),
        1,
    ),
    "a formula in an old workbook": (lambda: makers.xls([["Number"], [1]], "1+1"), 2),
    "a formula in OpenDocument": (
        lambda: makers.ods(
            makers.ods_row("Number"),
            '<table:table-row><table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>'
            "</table:table-row>",
        ),
        1,
    ),
    "line ends of old Macs": (lambda: b"Number,Status\r1,x\r2,y\r", 2),
    "only headings": (lambda: b"Number,Status\n", 0),
    "text that looks like a formula": (lambda: b"Number,Activity\n1,=HYPERLINK(1)\n", 1),
}

MEASURE = """
import json, os, resource, sys
from pathlib import Path
import django
django.setup()
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.limits import Limits
for path in sys.argv[1:]:
    Path("/proc/self/clear_refs").write_text("5")
    start = sum(os.times()[:4])
    try:
        with open(path, "rb") as file:
            said = len(read_table(Limits.from_settings().read(file), path).rows)
    except UnreadableFile as error:
        said = str(error)
    seconds = sum(os.times()[:4]) - start
    status = Path("/proc/self/status").read_text()
    own = int(status.partition("VmHWM:")[2].split()[0])
    peak = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(json.dumps([said, seconds, peak / 1024]), flush=True)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """{name: (sentence or number of rows, seconds of the processor, peak memory in MB)} of each file."""
    folder = tmp_path_factory.mktemp("hostile")
    cases = {**REFUSED, **READ}
    for index, (make, _) in enumerate(cases.values()):
        with (folder / str(index)).open("wb") as file:
            if callable(make):
                file.write(make())
            else:
                file.truncate(make)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *(str(folder / str(index)) for index in range(len(cases)))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(cases, found, strict=False))


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused_in_one_sentence(measured, name):
    sentence, seconds, memory_mb = measured[name]
    assert str(sentence).startswith(REFUSED[name][1])
    assert "\n" not in sentence
    assert (seconds < MOST_SECONDS, memory_mb < MOST_MEMORY_MB) == (True, True), (seconds, memory_mb)


@pytest.mark.parametrize("name", READ)
def test_odd_file_is_read(measured, name):
    rows, seconds, memory_mb = measured[name]
    assert rows == READ[name][1]
    assert (seconds < MOST_SECONDS, memory_mb < MOST_MEMORY_MB) == (True, True), (seconds, memory_mb)


@pytest.fixture(scope="module")
def costs_of_kind(tmp_path_factory):
    """Answers {trick: what `hostile.measure` says of it} of a kind, whose files one process measures, one by one."""

    @cache
    def measured_of(kind):
        folder, tricks = tmp_path_factory.mktemp("kind"), hostile.FILES[kind]
        paths = [folder / str(index) for index in range(len(tricks))]
        for path, (make, _) in zip(paths, tricks.values(), strict=True):
            path.write_bytes(make())
        done = subprocess.run(
            hostile.command(*paths), cwd=ROOT, stdout=subprocess.PIPE, env=hostile.ENVIRONMENT, check=True
        )
        return dict(zip(tricks, map(json.loads, done.stdout.splitlines()), strict=True))

    return measured_of


TRICKS = [(kind, trick) for kind, tricks in hostile.FILES.items() for trick in tricks]


@pytest.mark.parametrize(("kind", "trick"), TRICKS)
def test_hostile_file_passes_neither_door_at_a_cost(costs_of_kind, kind, trick):
    expected = hostile.FILES[kind][trick][1]
    said, seconds, memory_mb, marked_seconds, marked_mb, growth_mb, sheets = costs_of_kind(kind)[trick]

    outcome = hostile.READ if said.endswith(" rows") else hostile.REFUSED
    assert outcome == (expected or outcome), said
    assert "\n" not in said
    assert sheets[-1] == "Errors to fix"
    # What could be read is handed out with its cells marked, not only as a list.
    assert (len(sheets) > 1) >= (outcome == hostile.READ)
    costs = {"reading": (seconds, memory_mb), "marking": (marked_seconds, marked_mb)}
    assert {door: cost for door, cost in costs.items() if cost[0] >= MOST_SECONDS or cost[1] >= MOST_MEMORY_MB} == {}, (
        costs
    )
    assert growth_mb < MOST_GROWTH_MB
