"""The Word file and the PDF of a pack say what the pack says, in the forms that readers and screen readers know."""

import json
import re
from functools import partial
from io import BytesIO

import pikepdf
import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from plans.limited_process import take_turn
from plans.packs import copies
from plans.packs.blocks import Heading, Outline, Paragraph, Table, outline_from_json
from plans.packs.content import Section
from plans.packs.copies import CopyFailed, write_copy
from plans.packs.outline import outline_of
from plans.packs.pdf import NOTE, write_pdf
from plans.packs.word import write_word
from tests.packs.sample import sample_content

HOSTILE = (
    '#panic("x") #{1+1} #include "/etc/passwd" #image("x.png")',
    "*bold* _slanted_ `code` $x^2$ @ref <label> [content] {code} ~ ^ | = heading - list + list / term",
    r"back\slash \u{41} \n \* C:\temp\\ // line /* block */ https://example.govt.nz/a?b=c&d",
    "\"quotes\" 'single' “curly” it's -- --- ...",
    "<b>bold</b> &amp; ]]> <!-- x --> <?xml?> %s {{ x }} {% now %}",
    "W" * 300,
    "ngā kaimahi o Aotearoa, Ōtāhuhu",
    "שלום עולם and مرحبا",
)


def _lines(outline: Outline) -> list[str]:
    """Return all the text of a pack, as a list of its paragraphs in order."""
    lines = [outline.title, *outline.about]
    for block in outline.blocks:
        if isinstance(block, Heading):
            lines.append(block.text)
        elif isinstance(block, Paragraph):
            lines.append("".join(run.text for run in block.runs))
        else:
            lines += [line for row in (block.heads, *block.rows) for cell in row for line in cell.split("\n")]
    return lines


def _word_lines(content: bytes) -> list[str]:
    paragraphs = Document(BytesIO(content)).element.body.iter(qn("w:p"))
    lines = ("".join(text.text or "" for text in paragraph.iter(qn("w:t"))) for paragraph in paragraphs)
    return [line for line in lines if line]


def _squeezed(text: str) -> str:
    """Return text without what a PDF says by places on the page: spaces and the ends of lines."""
    return re.sub(r"[\s\u200b]+", "", text)


def _pdf_text(content: bytes) -> str:
    """Return the text of a PDF from page to page, without what stands at the head and foot of each."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return _squeezed("".join(pages))


@pytest.fixture(scope="module")
def outline():
    """The text of the sample pack."""
    return outline_of(sample_content())


@pytest.fixture(scope="module")
def word(outline):
    """The Word file of it."""
    return write_word(outline)


@pytest.fixture(scope="module")
def pdf(outline):
    """The PDF of it."""
    return write_pdf(outline)


def test_both_say_the_same(outline, word, pdf):
    """Each line of the pack, in its order; the PDF has the heads and feet of its pages between."""
    lines = _lines(outline)
    assert _word_lines(word) == lines
    text, place = _pdf_text(pdf), 0
    for line in lines:
        place = text.find(_squeezed(line), place)
        assert place >= 0, line


def test_the_pack_has_all_its_sections(outline):
    """In the order that was chosen, with the headings that it was given; what is left out is not there."""
    assert [block.text for block in outline.blocks if isinstance(block, Heading) and block.level == 1] == Section.labels
    shown = sample_content().sections
    chosen = outline_of(sample_content(sections=(shown[4], shown[0])))
    found = [block.text for block in chosen.blocks if isinstance(block, Heading) and block.level == 1]
    assert found == ["What needs attention", "What we ask of you"]


def test_what_is_struck_out_and_what_is_new_are_apart(outline):
    """Without colour and without the line through it, the words still do not run into each other."""
    assert "Title: Joint visits patrols at the border" in _lines(outline)


def test_the_same_pack_gives_the_same_files(outline, word, pdf):
    """Whenever they are made: nothing in them tells of the hour."""
    assert write_word(outline) == word
    assert write_pdf(outline) == pdf


def test_the_text_goes_to_the_process_and_comes_back_whole(outline):
    """As JSON."""
    assert outline_from_json(json.loads(json.dumps(outline.to_json()))) == outline


def test_the_word_file_is_one_for_screen_readers(word):
    """Headings by level, heads of tables that come again on each page, a language, a title."""
    document = Document(BytesIO(word))
    assert document.core_properties.title == "Board pack, October 2026"
    assert document.core_properties.language == "en-NZ"
    spoken = {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))}
    assert spoken == {"en-NZ"}
    headings = [one.style.name for one in document.paragraphs if one.style.name.startswith(("Title", "Heading"))]
    assert headings[0] == "Title"
    assert headings.count("Heading 1") == len(Section)
    assert headings.count("Heading 2") == 3
    assert len(document.tables) == 6
    for table in document.tables:
        marked = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
        assert marked == [True] + [False] * (len(marked) - 1)


def test_the_word_file_says_its_marking_number_and_pages_on_each_page(word):
    """A page that lies alone on a desk."""
    section = Document(BytesIO(word)).sections[0]
    checksum = sample_content().checksum()
    assert section.header.paragraphs[0].text == "IN-CONFIDENCE"
    foot = section.footer.paragraphs[0]
    assert foot.text.startswith("IN-CONFIDENCE\nPack 3 of Year Two ROCC Action Plan, checksum " + checksum[:12])
    fields = [one.get(qn("w:instr")) for one in foot._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert f"Checksum (SHA-256): {checksum}" in _word_lines(word)


def test_the_pdf_is_tagged(pdf):
    """PDF/UA-1: tags, language, title, bookmarks, heads of tables."""
    with pikepdf.open(BytesIO(pdf)) as found:
        assert found.Root.MarkInfo.Marked
        assert str(found.Root.Lang) == "en-NZ"
        assert found.Root.ViewerPreferences.DisplayDocTitle
        with found.open_metadata() as about:
            assert about["dc:title"] == "Board pack, October 2026"
            assert about["pdfuaid:part"] == "1"
        with found.open_outline() as bookmarks:
            assert [one.title for one in bookmarks.root] == Section.labels
            assert [len(one.children) for one in bookmarks.root] == [0, 0, 0, 2, 1, 0, 0, 0]
        tags = [str(one.S) for one in found.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one]
    assert tags.count("/Table") == tags.count("/THead") == 6
    assert tags.count("/TH") == 4 + 6 + 4 + 6 + 7 + 5
    assert tags.count("/H1") == len(Section)
    assert tags.count("/H2") == 3


def test_each_page_of_the_pdf_says_its_marking_and_number(pdf):
    """As in Word."""
    pages = PdfReader(BytesIO(pdf)).pages
    for place, page in enumerate(pages, start=1):
        text = " ".join(page.extract_text().split())
        assert text.count("IN-CONFIDENCE") == 2
        checksum = sample_content().checksum()[:12]
        assert f"Pack 3 of Year Two ROCC Action Plan, checksum {checksum}. Page {place} of {len(pages)}" in text


def test_a_draft_says_so_and_has_no_checksum():
    """Nothing of it is fixed yet."""
    lines = _lines(outline_of(sample_content(number=None, issued_on=None)))
    assert "Draft, not issued" in lines
    assert not [line for line in lines if "Checksum" in line]


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:12])
def test_words_are_words(words):
    """Whatever they look like to Typst, XML or a template: they come out as they went in."""
    pack = sample_content(title=words[:100], covering_note=words, sections=())
    outline = outline_of(pack)
    assert _word_lines(write_word(outline)) == _lines(outline)
    with pikepdf.open(BytesIO(write_pdf(outline))) as found, found.open_metadata() as about:
        assert about["dc:title"] == words[:100]
    assert words in _lines(outline)


@pytest.mark.parametrize("words", [one for one in HOSTILE if one.isascii()], ids=lambda words: words[:12])
def test_words_in_the_pdf_are_what_was_typed(words):
    """Sign for sign, in paragraphs and in cells of tables; letters from right to left are read in another order."""
    ask = sample_content().asks[0]
    pack = sample_content(
        covering_note=words, asks=(type(ask)("3.1", words, "Board"),), sections=sample_content().sections[:1]
    )
    assert _pdf_text(write_pdf(outline_of(pack))).count(_squeezed(words)) == 2


def test_signs_that_no_font_has_are_named():
    """PDF/UA allows no empty boxes."""
    pack = sample_content(covering_note="Done 👍🏽 \U0001f389 漢字 and ✓ ◆", sections=())
    text = _pdf_text(write_pdf(outline_of(pack)))
    assert "Done[thumbsupsign][partypopper]▯▯and✓◆" in text
    assert _squeezed(NOTE) in text
    assert "👍🏽" in "".join(_word_lines(write_word(outline_of(pack))))


def test_what_no_page_can_show_is_left_out():
    """Control characters, and marks that turn the direction of the words after them."""
    pack = sample_content(covering_note="a\x00\x07b\x1bc\x7fd\u202ee\ufffff\tg\r\nh", sections=())
    lines = _lines(outline_of(pack))
    assert lines[-2:] == ["abcdef g", "h"]
    assert _word_lines(write_word(outline_of(pack)))[-2:] == lines[-2:]
    assert _pdf_text(write_pdf(outline_of(pack))).count("abcdefgh") == 1


def test_empty_sections_say_so():
    """A reader sees that there is nothing, not that something was forgotten."""
    empty = outline_of(type(sample_content())("Plan", "UNCLASSIFIED", "Pack", sample_content().at, number=1))
    tables = [block for block in empty.blocks if isinstance(block, Table)]
    assert len(tables) == 1
    assert len([block for block in empty.blocks if isinstance(block, Paragraph)]) == len(Section) - 1
    assert write_pdf(empty).startswith(b"%PDF")


def test_a_process_of_its_own_writes_the_copy(word):
    """With the words as its input."""
    assert write_copy(sample_content(), "docx") == word


def test_a_copy_that_takes_too_much_memory_is_refused(monkeypatch):
    """In a sentence, and nothing of it is sent."""
    monkeypatch.setattr(copies, "MAX_MEMORY_MB", 20)
    with pytest.raises(CopyFailed, match=r"The PDF of this pack could not be made.*download the Word file instead"):
        write_copy(sample_content(), "pdf")


def test_a_copy_that_takes_too_long_is_refused(monkeypatch):
    """The process is ended by then."""
    monkeypatch.setattr(copies, "MAX_SECONDS", 0.05)
    with pytest.raises(CopyFailed, match=r"longer than 0\.05 seconds"):
        write_copy(sample_content(), "docx")


def test_only_so_many_copies_are_written_at_once(monkeypatch, tmp_path):
    """Whoever comes then is told to come again."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(copies, "MOST_WAIT_SECONDS", 0)
    turn = partial(take_turn, "packs", places=2, wait_seconds=0)
    with turn(), turn(), pytest.raises(CopyFailed, match=r"too many are being made now\. Wait a minute"):
        write_copy(sample_content(), "docx")
