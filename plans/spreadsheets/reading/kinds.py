"""What a file is, by what it holds: its name says nothing that can be relied on."""

from plans.spreadsheets.reading.table import UnreadableFile

PACKED = (b"PK\x03\x04", b"PK\x05\x06")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WHAT_TO_SEND = "Send a spreadsheet (.xlsx, .xls, .ods or .csv) or a Word table (.docx)."
OTHERS = (
    (
        b"%PDF",
        "The file is a PDF. Copy its table and paste it into the box, or send what it was made of.",
    ),
    (b"\x89PNG", f"This file is an image. {WHAT_TO_SEND}"),
    (b"\xff\xd8\xff", f"This file is an image. {WHAT_TO_SEND}"),
    (b"GIF8", f"This file is an image. {WHAT_TO_SEND}"),
    (b"{\\rtf", "The file is rich text (.rtf). Save it in Word as “Word document (.docx)”, and send that."),
    (b"\x1f\x8b", f"This file is compressed. Unzip it first. {WHAT_TO_SEND}"),
    (b"7z\xbc\xaf", f"This file is compressed (7z). Unpack it first. {WHAT_TO_SEND}"),
    (b"Rar!", f"This file is compressed (rar). Unpack it first. {WHAT_TO_SEND}"),
    (b"SQLite format 3", f"The file is a database. {WHAT_TO_SEND}"),
)
WEB_PAGE = "The file is a web page, whatever its name says. Open it in Excel, save it as .xlsx, and send that."
XML = "The file is XML. Open it in Excel or LibreOffice, save it as .xlsx, and send that."
EMPTY = "The file is empty. Send one that has headings in a row and activities under them."


def is_packed(content):
    """Whether the bytes are a workbook or a Word file, rather than text. Raises `UnreadableFile` for others."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(EMPTY)
    for sign, sentence in OTHERS:
        if content.startswith(sign):
            raise UnreadableFile(sentence)
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        raise UnreadableFile(WEB_PAGE)
    if start.startswith(b"<?xml"):
        raise UnreadableFile(XML)
    return content.startswith((*PACKED, OLD_OFFICE))
