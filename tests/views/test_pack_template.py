"""The page of the Word template of packs: what is taken, what is refused, and what Word copies have of it."""

from io import BytesIO

import pytest
from docx import Document
from docx.shared import Pt

from plans.models import AuditEvent, PackTemplate
from plans.packs import copies
from plans.packs.copies import write_copy
from tests.packs.sample import sample_content
from tests.packs.test_template import EXTERNAL, changed, make_template
from tests.test_addresses import make_packs
from tests.views.page import Page

PAGE = "/plans/year-two/packs/template/"
WORD = "/plans/year-two/packs/1.docx"


def send(client, content, name="Ministry.docx"):
    file = BytesIO(content)
    file.name = name
    return client.post(PAGE, {"what": "file", "file": file})


def heading_size(client):
    return Document(BytesIO(client.get(WORD).content)).styles["Heading 1"].font.size


def test_word_copies_have_the_styles_of_the_template_until_it_is_removed(year_two, programme_admin, reader):
    make_packs(year_two, programme_admin.user)
    before = heading_size(reader)
    for name in ("Ministry.docx", "Ministry 2.docx"):
        assert send(programme_admin, make_template(), name).status_code == 302
    shown = Page(programme_admin.get(PAGE)).text
    assert "In use Ministry 2.docx Uploaded by Programme admin on" in shown
    assert PackTemplate.objects.get().taken.keys() >= {"styles", "page.pgSz.w"}
    assert heading_size(reader) == Pt(33)
    assert reader.get("/plans/year-two/packs/1.pdf").content.startswith(b"%PDF")

    for _ in range(2):
        assert programme_admin.post(PAGE, {"what": "remove"}).status_code == 302
    assert "In use" not in Page(programme_admin.get(PAGE)).text
    assert heading_size(reader) == before
    told = (
        AuditEvent.objects.filter(kind__startswith="template").order_by("pk").values_list("kind", "by__name", "detail")
    )
    assert [*told] == [
        ("template_uploaded", "Programme admin", "Year Two: Ministry.docx"),
        ("template_uploaded", "Programme admin", "Year Two: Ministry 2.docx"),
        ("template_removed", "Programme admin", "Year Two: Ministry 2.docx"),
    ]


TITLE_OF_TABLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:style w:type="table" w:styleId="Title"><w:name w:val="Title"/></w:style></w:styles>'
)
REFUSED = {
    "macros": ({"word/vbaProject.bin": b"x"}, "This file has macros in it."),
    "a link": ({"word/_rels/settings.xml.rels": EXTERNAL}, "This file links to something outside it"),
    "styles that are none": (
        {"word/styles.xml": TITLE_OF_TABLES},
        "No pack can be written in the styles of this file.",
    ),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_refused_says_why_and_the_template_stays(year_two, programme_admin, case):
    send(programme_admin, make_template())
    parts, words = REFUSED[case]
    response = send(programme_admin, changed(make_template(), parts), "Other.docx")

    page = Page(response, 400)
    assert words in page.text
    assert "In use Ministry.docx" in page.text
    assert AuditEvent.objects.filter(kind="template_uploaded").count() == 1


@pytest.mark.sqlite_only
def test_what_is_no_word_file_too_large_or_missing_is_refused(year_two, programme_admin, monkeypatch):
    assert "This is not a Word file (.docx)." in Page(send(programme_admin, b"%PDF-1.7"), 400).text
    assert "Choose a file first." in Page(programme_admin.post(PAGE, {"what": "file"}), 400).text
    monkeypatch.setattr(copies, "MAX_TEMPLATE_MB", 0)
    assert "The file is larger than 0 MB." in Page(send(programme_admin, make_template()), 400).text
    assert not PackTemplate.objects.exists()


def test_a_pack_can_be_written_in_each_template_that_is_taken():
    """What is tried when a template is uploaded is written like a pack."""
    taken = copies.taken_of_template(make_template())
    assert write_copy(sample_content(), "docx", taken).startswith(b"PK")
