"""What cells look like: statuses that are colours alone are named, and struck-out words are read and named."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color

from plans.spreadsheets.reading.looks import colour, struck_strings
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.reading.makers import docx, ods

NAMED = (
    "The cells under “Status” have colours and no words, so that no status is read. Type into each what its colour "
    "means, for example Green or On track, and send the file again."
)
STRUCK = "Struck-out words are read like other words. Delete them if they no longer count: {}."
GREEN, RED = "FF92D050", "FFFF0000"


def coloured(*fills, words=("", "", "")):
    """A workbook of three activities with a status of these words and fills."""
    book = Workbook()
    book.active.append(["Number", "Activity", "Status"])
    for number, (fill, text) in enumerate(zip(fills, words, strict=True), start=1):
        book.active.append([number, f"Title {number}", text or None])
        if fill:
            colours = Color(**fill) if isinstance(fill, dict) else Color(rgb=fill)
            book.active.cell(number + 1, 3).fill = PatternFill("solid", fgColor=colours)
    return saved(book)


def saved(book):
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_cases_x23_status_by_colour_is_named():
    assert read_table(input_file("X23-status-by-colour.xlsx"), "").notes == (NAMED,)


@pytest.mark.parametrize(
    ("fills", "words", "is_named"),
    [
        ((GREEN, RED, GREEN), ("", "", ""), True),
        ((GREEN, "", ""), ("", "", ""), True),
        (({"theme": 5}, {"theme": 9}, ""), ("", "", ""), True),
        (({"indexed": 10}, {"indexed": 11}, ""), ("", "", ""), True),
        # What has words is read; one colour for all, greys and white are no statuses.
        ((GREEN, RED, GREEN), ("", "On track", ""), False),
        ((GREEN, GREEN, GREEN), ("", "", ""), False),
        (("FFFFFFFF", "FFD9D9D9", {"theme": 0}), ("", "", ""), False),
        (("", "", ""), ("", "", ""), False),
    ],
)
def test_cases_status_by_colour_in_excel_is_named(fills, words, is_named):
    assert (NAMED in read_table(coloured(*fills, words=words), "").notes) == is_named


def ods_book(*rows):
    """A spreadsheet with a style for red cells, one for green ones, and two that are struck out."""
    styles = (
        '<style:style xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
        ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" style:name="{}">{}</style:style>'
    )
    looks = {
        "red": '<style:table-cell-properties fo:background-color="#ff0000"/>',
        "green": '<style:table-cell-properties fo:background-color="#92d050"/>',
        "struck": '<style:text-properties style:text-line-through-style="solid"/>',
        "T1": '<style:text-properties style:text-line-through-style="solid"/>',
        "T2": '<style:text-properties style:text-line-through-style="none"/>',
    }
    return with_styles(ods(*rows), "".join(styles.format(name, look) for name, look in looks.items()))


def with_styles(content, styles):
    """The spreadsheet with these styles before its body."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(file, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "content.xml":
                automatic = f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
                data = data.replace(b"<office:body>", automatic.encode())
            after.writestr(name, data)
    return file.getvalue()


def ods_cells(*cells):
    """A row of (text, style of the cell)."""
    drawn = (
        f'<table:table-cell table:style-name="{style}"'
        + (f' office:value-type="string"><text:p>{text}</text:p></table:table-cell>' if text else "/>")
        for text, style in cells
    )
    return f"<table:table-row>{''.join(drawn)}</table:table-row>"


ODS_HEADINGS = ods_cells(("Number", ""), ("Activity", ""), ("Status", ""))


def test_cases_status_by_colour_in_opendocument_is_named():
    rows = [
        ods_cells((str(at), ""), ("One", ""), ("", style)) for at, style in enumerate(("red", "green", ""), start=1)
    ]
    assert read_table(ods_book(ODS_HEADINGS, *rows), "").notes == (NAMED,)
    rows = [ods_cells(("1", ""), ("One", ""), ("On track", "red"))]
    assert read_table(ods_book(ODS_HEADINGS, *rows), "").notes == ()


def word_row(*cells):
    drawn = (
        f'<w:tc><w:tcPr><w:shd w:val="clear" w:fill="{fill}"/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'
        for text, fill in cells
    )
    return f"<w:tr>{''.join(drawn)}</w:tr>"


@pytest.mark.parametrize(("fills", "is_named"), [((GREEN[2:], RED[2:]), True), (("auto", "F2F2F2"), False)])
def test_cases_status_by_colour_in_word_is_named(fills, is_named):
    headings = word_row(("Number", "D9E2F3"), ("Activity", "D9E2F3"), ("Status", "D9E2F3"))
    rows = [word_row((str(at), "auto"), ("One", "auto"), ("", fill)) for at, fill in enumerate(fills, start=1)]
    table = read_table(docx(f"<w:tbl>{headings}{''.join(rows)}</w:tbl>"), "")
    assert table.notes == ((NAMED,) if is_named else ())


def test_cases_x15_struck_out_words_in_excel_are_read_and_named():
    table = read_table(input_file("X15-struck-out.xlsx"), "")
    assert STRUCK.format("rows 2, 3") in table.notes
    assert cells_of(table)[0]["Description"].startswith("Old plan dropped in March. ")


def test_cases_struck_out_words_in_line_are_named():
    book = Workbook()
    book.active.append(["Number", "Activity"])
    words = CellRichText(TextBlock(InlineFont(strike=True), "Old "), "New")
    kept = CellRichText(TextBlock(InlineFont(strike=False, b=True), "Old "), "New")
    for number, text in ((1, words), (2, kept), (3, "Plain")):
        book.active.append([number, text])
    book.active["B4"].font = Font(strike=True)
    assert read_table(saved(book), "").notes == (STRUCK.format("rows 2, 4"),)


def test_cases_struck_out_words_in_opendocument_are_read_and_named():
    span = '<text:span text:style-name="{}">Old</text:span> new'
    rows = [
        ods_cells(("1", ""), (span.format("T1"), ""), ("", "")),
        ods_cells(("2", ""), (span.format("T2"), ""), ("", "")),
        ods_cells(("3", ""), ("Old", "struck"), ("", "struck")),
    ]
    table = read_table(ods_book(ODS_HEADINGS, *rows), "")
    assert table.notes == (STRUCK.format("rows 2, 4"),)
    assert [row["Activity"] for row in cells_of(table)] == ["Old new", "Old new", "Old"]


@pytest.mark.parametrize(
    ("rgb", "found"),
    [
        ("FF92D050", "92d050"),
        ("#ff0000", "ff0000"),
        ("FFFFFF", ""),
        ("00000000", ""),
        ("auto", ""),
        (None, ""),
        ("808890", ""),
    ],
)
def test_cases_greys_are_no_colours(rgb, found):
    assert colour(rgb) == found


def test_cases_strings_that_are_struck_out_are_counted_as_the_file_does():
    data = (
        b'<sst><si><t>a</t></si><si><r><rPr><strike/></rPr></r></si><si><rPr><strike val="0"/></rPr></si><x:si/></sst>'
    )
    assert struck_strings(data) == {1}


def test_cases_schema_line_of_sharepoint_is_passed_over_and_said():
    line = 'ListSchema={""schemaXmlList"":[""<Field Name=\\""Title\\"" />""]}'
    table = read_table(f'"{line}"\nNumber,Activity\n1,New title\n'.encode(), "")
    assert [row["Activity"] for row in cells_of(table)] == ["New title"]
    assert table.notes == ("The headings were found in row 2; what stands above is not read.",)
