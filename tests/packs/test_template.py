"""A programme's own Word file gives packs its styles and its page, and nothing else of it gets through."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from plans.packs import copies
from plans.packs.copies import taken_of_template, write_copy
from plans.packs.outline import outline_of
from plans.packs.template import TemplateRefused, read_template
from plans.packs.word import write_word
from tests.packs.sample import sample_content

EXTERNAL = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    'Target="https://example.org/x.dotm" TargetMode="External"/></Relationships>'
)


def make_template() -> bytes:
    """Return a Word file with a style of its own, wide margins on a page across, and words of its own."""
    document = Document()
    document.styles["Heading 1"].font.size = Pt(33)
    document.styles.add_style("Ministry", WD_STYLE_TYPE.PARAGRAPH)
    section = document.sections[0]
    section.page_width, section.page_height, section.left_margin = Cm(29.7), Cm(21), Cm(5)
    document.add_paragraph("Secret words of the template")
    section.header.paragraphs[0].text = "Secret head"
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def changed(content: bytes, parts: dict[str, str | bytes]) -> bytes:
    """Return the file with some parts replaced or added."""
    written = BytesIO()
    with ZipFile(BytesIO(content)) as found, ZipFile(written, "w", ZIP_DEFLATED) as made:
        for name in found.namelist():
            if name not in parts:
                made.writestr(name, found.read(name))
        for name, text in parts.items():
            made.writestr(name, text)
    return written.getvalue()


@pytest.fixture(scope="module")
def template():
    """The bytes of a template."""
    return make_template()


def test_a_pack_has_the_styles_and_page_of_the_template(template):
    """Its headings as large, its page as wide; the pack says what it says without one, and no words of the template."""
    outline = outline_of(sample_content())
    content = write_word(outline, read_template(template))
    document, plain = Document(BytesIO(content)), Document(BytesIO(write_word(outline)))
    assert document.styles["Heading 1"].font.size == Pt(33)
    assert "Ministry" in [style.name for style in document.styles]
    section = document.sections[0]
    assert (section.page_width.cm, section.left_margin.cm) == (
        pytest.approx(29.7, abs=0.01),
        pytest.approx(5, abs=0.01),
    )
    assert [one.text for one in document.paragraphs] == [one.text for one in plain.paragraphs]
    assert section.header.paragraphs[0].text == "IN-CONFIDENCE"
    with ZipFile(BytesIO(content)) as found:
        assert not [name for name in found.namelist() if b"Secret" in found.read(name)]
    assert write_word(outline, read_template(template)) == content


def test_what_the_template_lacks_is_there_all_the_same(template):
    """A style that a pack needs, and the language; numbers of lists that it does not define are left out."""
    with ZipFile(BytesIO(template)) as found:
        styles = found.read("word/styles.xml").decode()
    bare = (
        styles[: styles.index("<w:docDefaults")]
        + '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="77"/>'
        "</w:numPr></w:pPr></w:style></w:styles>"
    )
    content = write_word(outline_of(sample_content()), read_template(changed(template, {"word/styles.xml": bare})))
    document = Document(BytesIO(content))
    names = {style.name for style in document.styles}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet", "Quote", "Table Grid"} <= names
    assert '"77"' not in document.styles.element.xml
    assert [one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))] == ["en-NZ"]
    assert document.paragraphs[0].style.name == "Title"


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"word/vbaProject.bin": b"x"}, "macros"),
        (
            {
                "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled'
                '.main+xml"/></Types>'
            },
            "macros",
        ),
        ({"word/_rels/settings.xml.rels": EXTERNAL}, "links to something outside it .https://example.org/x.dotm"),
        ({"word/styles.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}, "damaged"),
        ({"word/styles.xml": "<w:styles"}, "damaged"),
        ({"word/styles.xml": b"\xff\xfe\x00"}, "damaged"),
        ({"word/media/image1.png": b"0" * 21_000_000}, "too large"),
        ({"word/styles.xml": "<x>" + " " * 3_500_000 + "</x>"}, "too large"),
        ({"word/styles.xml": "<x>" + "y<z/>" * 1_000_000 + "</x>"}, "too large"),
    ],
    ids=["macro", "macro-type", "external", "entities", "cut off", "no text", "unpacked", "bomb", "long"],
)
def test_what_may_do_harm_is_refused(template, parts, problem):
    """In a sentence that says what to do."""
    with pytest.raises(TemplateRefused, match=problem):
        read_template(changed(template, parts))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"{\\rtf1}", changed(make_template(), {"word/styles.xml": ""})[:500]]
)
def test_what_is_no_word_file_is_refused(content):
    """Also one that was cut off on its way."""
    with pytest.raises(TemplateRefused, match="not a Word file"):
        read_template(content)


def test_a_workbook_is_no_template():
    """It is a packed file, but has no styles of Word."""
    written = BytesIO()
    with ZipFile(written, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(TemplateRefused, match="not a Word file"):
        read_template(written.getvalue())


def test_pictures_of_a_theme_are_left_out(template):
    """They would be named and missing, which Word calls damage."""
    theme = (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats'
        '.org/officeDocument/2006/relationships"><a:blip r:embed="rId1"/></a:theme>'
    )
    assert "theme" in read_template(template)
    assert "theme" not in read_template(changed(template, {"word/theme/theme1.xml": theme}))


def test_it_is_read_in_a_process_of_its_own(template):
    """As the copies are written; what it refuses comes back as a sentence."""
    taken = taken_of_template(template)
    assert taken == read_template(template)
    assert write_copy(sample_content(), "docx", taken).startswith(b"PK")
    with pytest.raises(TemplateRefused, match="macros"):
        taken_of_template(changed(template, {"word/vbaProject.bin": b"x"}))


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    """Nor handed on."""
    monkeypatch.setattr(copies, "MAX_TEMPLATE_MB", 0)
    with pytest.raises(TemplateRefused, match="larger than 0 MB"):
        taken_of_template(b"PK")
