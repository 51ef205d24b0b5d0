"""Word as its reader sees it with all changes accepted: nothing vanishes, stands twice, or leaks though hidden."""

import pytest

from plans.spreadsheets.descriptions import split_description
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.reading.makers import WORD, archive, docx, word_table

MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{}"/>'
    '<w:lvlText w:val="{}"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>'
    '<w:lvlText w:val="%2)"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def read_input(name):
    table = read_table(input_file(name), name)
    return cells_of(table), table.notes


def with_cell(xml, **parts):
    """The description that a Word file with this XML in its cell has, and the notes."""
    body = word_table([["Number", "Description"], ["1", "@"]]).replace("<w:p><w:r><w:t>@</w:t></w:r></w:p>", xml)
    document = WORD.replace("<w:document ", f'<w:document xmlns:mc="{MC}" ').format(body)
    table = read_table(archive({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **parts}), "")
    return [row["Description"] for row in cells_of(table)], table.notes


def listed(*items):
    return "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        for level, text in items
    )


def test_cases_d01_no_break_hyphens_are_hyphens():
    [row], _ = read_input("D01-no-break-hyphen.docx")
    assert (row["Activity"], row["Description"]) == ("Inter-agency hub", "Cover ages 16-24 in Te Tai-o-Test")


def test_cases_d02_moved_words_stand_where_they_were_moved_to():
    [row], _ = read_input("D02-tracked-move.docx")
    assert row["Description"] == "Set up the hub. Brief the hub by June."


def test_cases_d06_numbers_that_word_draws_are_read():
    rows, _ = read_input("D06-numbers-by-word.docx")
    assert [(row["Number"].rstrip("."), row["Activity"]) for row in rows] == [("1", "First"), ("2", "Second")]


def test_cases_d08_nested_lists_are_words_of_the_item_above():
    [row], _ = read_input("D08-nested-bullets.docx")
    description = split_description(row["Description"])
    assert description.text == "Do all of this:"
    assert [item.text for item in description.items] == [
        "Map the journey\n◦ in the north\n◦ in the south",
        "Train the staff",
    ]


def test_cases_d10_symbols_are_letters():
    [row], notes = read_input("D10-symbol-tick.docx")
    assert (row["Description"], notes) == ("Cost ≤ 5 million; ✓ approved", ())


def test_cases_symbol_that_is_not_known_is_told_of():
    [text], notes = with_cell('<w:p><w:r><w:t>a</w:t><w:sym w:font="Webdings" w:char="F041"/></w:r></w:p>')
    assert text == "a\ufffd"
    assert notes[0].startswith("Letters look lost in row 2")


def test_cases_d11_footnotes_are_named():
    [row], notes = read_input("D11-footnote.docx")
    assert row["Description"] == "Deliver training to staff"
    assert "A footnote is not read. Type what matters into the cells: row 2." in notes


def test_cases_d13_hidden_words_are_not_read_and_struck_out_ones_are_named():
    [row], notes = read_input("D13-struck-and-hidden.docx")
    assert "hidden note" not in row["Description"]
    assert "Struck-out words are read like other words. Delete them if they no longer count: row 2." in notes


@pytest.mark.parametrize("off", ['<w:vanish w:val="0"/>', '<w:vanish w:val="false"/>'])
def test_cases_words_that_are_not_hidden_are_read(off):
    assert with_cell(f"<w:p><w:r><w:rPr>{off}</w:rPr><w:t>seen</w:t></w:r></w:p>")[0] == ["seen"]


def test_cases_alternate_content_is_read_once():
    xml = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>once</w:t></mc:Choice>"
        "<mc:Fallback><w:t>once</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert with_cell(xml)[0] == ["once"]


def test_cases_text_boxes_are_named_and_not_mixed_in():
    box = "<w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict>"
    xml = f"<w:p><w:r><w:t>words</w:t>{box}</w:r></w:p>"
    texts, notes = with_cell(xml)
    assert texts == ["words"]
    assert "A text box is not read. Move the words into the table: row 2." in notes


def test_cases_deleted_words_breaks_and_rows_are_gone():
    deleted = "<w:del><w:r><w:delText>old</w:delText><w:br/></w:r></w:del>"
    assert with_cell(f"<w:p>{deleted}<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>")[0] == ["new"]
    table = word_table([["Number", "Activity"], ["1", "Kept"], ["2", "Gone"]])
    marked = "<w:tr><w:trPr><w:del/></w:trPr>".join(table.rsplit("<w:tr>", 1))
    assert [row["Activity"] for row in cells_of(read_table(docx(marked), ""))] == ["Kept"]


def test_cases_rows_that_begin_in_a_later_column_keep_their_columns():
    table = word_table([["Number", "Activity", "Description"], ["", "@", "words"]])
    first = "<w:tr><w:tc><w:tcPr></w:tcPr><w:p><w:r><w:t></w:t></w:r></w:p></w:tc>"
    shifted = table.replace(first, '<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>')
    assert shifted != table
    [row] = cells_of(read_table(docx(shifted), ""))
    assert (row["Number"], row["Activity"], row["Description"]) == ("", "@", "words")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("bullet", ""), ("decimal", "%1."), ("lowerLetter", "%1)"), ("upperRoman", "(%1)"), ("decimal", "%1)")],
)
@pytest.mark.parametrize("lead_in", ["<w:p><w:r><w:t>Do:</w:t></w:r></w:p>", ""])
def test_cases_drawn_lists_begin_items(kind, words, lead_in):
    numbering = {"word/numbering.xml": NUMBERING.format(kind, words)}
    [text], _ = with_cell(lead_in + listed((0, "one"), (0, "two")), **numbering)
    assert [item.text for item in split_description(text).items] == ["one", "two"]


def test_cases_drawn_lists_of_styles_begin_items():
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:styleId="Base">'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="ListBullet"><w:basedOn w:val="Base"/></w:style></w:styles>'
    )
    start = '<w:p><w:pPr><w:pStyle w:val="ListBullet"/></w:pPr><w:r><w:t>'
    xml = f"{start}one</w:t></w:r></w:p>{start}two</w:t></w:r></w:p>"
    parts = {"word/numbering.xml": NUMBERING.format("bullet", ""), "word/styles.xml": styles}
    assert [item.text for item in split_description(with_cell(xml, **parts)[0][0]).items] == ["one", "two"]


def test_cases_d12_table_for_each_focus_area_is_read_together():
    rows, notes = read_input("D12-table-per-area.docx")
    assert [row["Number"] for row in rows] == ["101", "102", "103"]
    assert rows[1]["Support Agencies"] == "MSD"
    assert (rows[0].get("Support Agencies"), notes) == ("", ())


def test_cases_other_tables_of_a_word_file_are_named():
    other = word_table([["Colour", "Shape", "Size"], ["red", "round", "large"]])
    table = read_table(docx(word_table([["Number", "Activity"], ["1", "One"]]) + other), "")
    assert [row["Activity"] for row in cells_of(table)] == ["One"]
    assert table.notes == ("Another table in the file is not read, since its headings are others.",)
