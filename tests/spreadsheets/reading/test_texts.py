from pathlib import Path

import pytest

from plans.spreadsheets.reading.delimited_text import WINDOWS_NOTE
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import is_heading_row
from tests.spreadsheets.cases.reading import pasted
from tests.spreadsheets.reading.makers import docx, word_table

LINES = ["Number{0}Activity{0}Status", "1{0}Kāinga Ora{0}Paused", '2{0}"Two\r\nlines"{0}On track']
ROWS = [(2, ("1", "Kāinga Ora", "Paused")), (3, ("2", "Two\nlines", "On track"))]


def rows(table):
    return [(row.row, row.cells) for row in table.rows]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_is_read_in_each_encoding_with_each_sign(sign, encoding):
    text = "\r\n".join(LINES).format(sign)
    table = read_table(text.encode(encoding), "plan.csv")
    assert (table.headings, table.columns, table.heading_row) == (("Number", "Activity", "Status"), (1, 2, 3), 1)
    assert rows(table) == ROWS
    assert (table.kind, table.sheet, table.notes) == ("Tab-separated text" if sign == "\t" else "CSV", "", ())


def test_utf_16_with_the_other_order_of_bytes_is_read():
    content = b"\xfe\xff" + "\n".join(LINES).format(",").encode("utf-16-be")
    assert rows(read_table(content, "")) == ROWS


def test_windows_text_is_read_and_said():
    table = read_table("Number,Activity\n1,Café – “Paused”\n".encode("cp1252"), "")
    assert rows(table) == [(2, ("1", "Café – “Paused”"))]
    assert list(table.notes) == [WINDOWS_NOTE]


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("M?ori", "M?ori"),
        ("the M?ori word", "M?ori"),
        ("WhÄ\x81nau", "WhÄnau"),
        ("K\ufffdinga", "K\ufffdinga"),
        ("MÄ\x81ori and more", "MÄori"),
        ("MÄ€ORI", "MÄ€ORI"),
    ],
)
def test_letters_that_look_lost_are_pointed_out(text, example):
    notes = read_table(f"Number,Activity\n1,{text}\n2,{text}\n".encode(), "").notes
    assert [note.partition(". ")[0] for note in notes] == [f"Letters look lost in row 2 (“{example}”), and in 1 more"]


@pytest.mark.parametrize(
    "text", ["What is next?", "Why? Because", "see x.nz/page?id=1", "Māori", "Kāinga Ora?", "? and a"]
)
def test_letters_that_are_not_lost_are_left_alone(text):
    assert read_table(f"Number,Activity\n1,{text}\n".encode(), "").notes == ()


def test_notes_above_the_headings_and_blank_lines_and_columns_do_no_harm():
    text = "Year Two plan,,,\nAs sent, in June,,\n,,,\nNumber,,Status,\n,,,\n1,,Paused,\n,,,\n,,,\n"
    table = read_table(text.encode(), "")
    assert (table.headings, table.columns, table.heading_row) == (("Number", "Status"), (1, 3), 4)
    assert rows(table) == [(6, ("1", "Paused"))]
    assert table.notes == ("The headings were found in row 4; what stands above is not read.",)


def test_column_without_a_heading_is_kept_where_it_holds_something():
    table = read_table(b"Number,,Status\n1,x,Paused\n", "")
    assert (table.headings, table.columns, rows(table)) == (
        ("Number", "", "Status"),
        (1, 2, 3),
        [(2, ("1", "x", "Paused"))],
    )


def test_line_that_names_the_sign_is_no_row():
    table = read_table(b"sep=;\r\nNumber;Status\r\n1;a, b\r\n", "")
    assert (table.heading_row, rows(table)) == (2, [(3, ("1", "a, b"))])


def test_guard_before_a_formula_is_taken_off_and_a_formula_stays_text():
    table = read_table(b"Number,Activity\n1,'=1+1\n2,=1+1\n3,''=x\n", "")
    assert [row.cells[1] for row in table.rows] == ["=1+1", "=1+1", "'=x"]


def test_headings_that_stand_there_again_are_known():
    table = read_table(b"Number,Status\n1,Paused\nNUMBER,Status\n2,Status\nNumber,\n", "")
    assert [is_heading_row(row, table) for row in table.rows] == [False, True, False, False]


def test_text_without_headings_says_which_are_needed():
    with pytest.raises(
        UnreadableFile, match=r"^No row holds the headings\. Above the activities one row should read: Number"
    ):
        read_table(b"a,b\n1,2\n", "")


def test_rows_with_more_cells_than_headings_are_all_named():
    text = "Number,Activity\n" + "".join(f"{number},a, b\n" for number in range(1, 9))
    with pytest.raises(
        UnreadableFile, match=r"^Rows 2, 3, 4, 5, 6 and 3 more have more cells than there are headings \(2\)"
    ):
        read_table(text.encode(), "")


def test_progress_is_told_every_500_rows():
    told = []
    text = "Number,Status\n" + "".join(f"{number},x\n" for number in range(1, 1200))
    read_table(text.encode(), "", on_progress=lambda *progress: told.append(progress))
    assert told == [(500, None), (1000, None)]


def test_pasted_rows_whose_cells_were_broken_into_lines_are_joined():
    table = pasted(
        "Number\tActivity\tDescription\tAgency Lead\n"
        "1\tCobalt\tFirst line\nsecond line\tPolice\nMSD\n"
        '2\tOTAP\t"Quoted" words\tMSD\n'
    )
    assert rows(table) == [
        (2, ("1", "Cobalt", "First line\nsecond line", "Police\nMSD")),
        (5, ("2", "OTAP", '"Quoted" words', "MSD")),
    ]


def test_cells_pasted_from_excel_are_read_with_their_quotation_marks():
    table = pasted('Number\tActivity\r\n1\t"Two\nlines, ""quoted"""\r\n')
    assert rows(table) == [(2, ("1", 'Two\nlines, "quoted"'))]


def published():
    return Path(__file__).parents[3].joinpath("fixtures", "year-two-appendix.txt").read_text(encoding="utf-8")


def as_word(text):
    """The published table as a Word file whose focus areas are merged downwards, with its rest of a row joined."""
    lines = [line.split("\t") for line in text.splitlines()[2:]]
    lines = [cells for cells in lines if len(cells) == 6]
    lines[5][5] += " MSD; MBIE"
    merged = {
        (row, 0): "<w:vMerge/>" if row and not cells[0] else '<w:vMerge w:val="restart"/>'
        for row, cells in enumerate(lines)
    }
    return docx(f"<w:p><w:r><w:t>{text.splitlines()[0]}</w:t></w:r></w:p>" + word_table(lines, merged))


def test_published_appendix_is_fifteen_rows_with_numbers_and_areas():
    table = read_table(published().encode(), "appendix.txt")
    assert table.headings[-1] == "Number"
    assert [row.cells[-1] for row in table.rows] == [str(number) for number in range(1, 16)]
    assert [row.cells[2] for row in table.rows][:3] == [
        "Operation Cobalt",
        "Reintegration support for deportees",
        "Alignment of TNOC and ROCC",
    ]
    assert [row.cells[0].partition(":")[0] for row in table.rows] == (
        ["SUPPLY"] * 3 + ["DEMAND"] * 2 + ["RESILIENCE"] * 4 + ["ENABLE"] * 6
    )
    assert (table.rows[4].cells[5], table.rows[5].cells[2]) == ("APA; Te Whatu Ora; Kāinga Ora; TPK; MSD; MBIE", "")


def test_published_appendix_is_the_same_pasted_and_in_word():
    from_text = read_table(published().encode(), "")
    copied, word = pasted(published()), read_table(as_word(published()), "appendix.docx")
    assert (rows(copied), copied.headings) == (rows(from_text), from_text.headings)
    assert ([row.cells for row in word.rows], word.headings) == (
        [row.cells for row in from_text.rows],
        from_text.headings,
    )
    assert word.kind == "Word table (.docx)"
