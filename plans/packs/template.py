"""What a programme's own Word file gives to those of packs: its styles and the set-up of its page, nothing else.

The file comes from outside, so it is read in the process that writes copies, which has limits of memory and time. Only
styles, their theme and their numbering are looked at, and kept as text: no words, pictures or links.
"""

import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

MOST_PARTS = 2_000
MOST_UNPACKED = 20_000_000
MOST_OF_A_PART = 3_000_000
MOST_RATIO = 200
"""Bytes that a part may have for each packed byte: styles pack well, and bombs better."""
STYLES, DOCUMENT = "word/styles.xml", "word/document.xml"
PARTS = {"styles": STYLES, "theme": "word/theme/theme1.xml", "numbering": "word/numbering.xml"}
TYPES = "[Content_Types].xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REACHING = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
"""What a part that names it draws from other parts, as a theme with a picture does: those are not kept."""
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
PAGE = {"pgSz": ("w", "h", "orient"), "pgMar": ("top", "right", "bottom", "left", "header", "footer", "gutter")}

NO_WORD_FILE = "This is not a Word file (.docx). Save your template as Word Document (.docx), and upload that."
MACROS = "This file has macros in it. Save it as Word Document (.docx), which leaves them out, and upload that."
LINKED = (
    "This file links to something outside it ({}). Word lists such links under File, Info, Edit Links to Files; "
    "a template that is attached stands under Developer, Document Template. Remove them, save, and upload it again."
)
TOO_LARGE = "This file is too large when it is unpacked. Delete its pictures and its text: only its styles are used."
DAMAGED = "This file is damaged. Open it in Word, save a new copy, and upload that."


class TemplateRefused(ValueError):
    """A file that gives no styles; the text is a sentence that says why, and what to do."""


def read_template(content: bytes) -> dict[str, str]:
    """Return {"styles": XML, "page": XML …} of a Word file. Raises `TemplateRefused`."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            _refuse_bombs(archive)
            _refuse_what_reaches_out(archive)
            names = set(archive.namelist())
            parts = {name: _text(archive, part) for name, part in PARTS.items() if part in names}
            kept = {name: text for name, text in parts.items() if name == "styles" or not _reaches_out(text)}
            page = _page(archive)
    except BadZipFile as error:
        raise TemplateRefused(NO_WORD_FILE) from error
    except (
        ParseError,
        DefusedXmlException,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as error:
        if isinstance(error, TemplateRefused):
            raise
        raise TemplateRefused(DAMAGED) from error
    return {**kept, **page}


def _refuse_bombs(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise TemplateRefused(TOO_LARGE)
    if len({one.filename for one in parts}) < len(parts):
        raise TemplateRefused(DAMAGED)
    if not {TYPES, STYLES, DOCUMENT} <= {one.filename for one in parts}:
        raise TemplateRefused(NO_WORD_FILE)


def _refuse_what_reaches_out(archive: ZipFile) -> None:
    """Raise `TemplateRefused` for macros, for what they hide in, and for links to other files and sites."""
    types = {one.get("ContentType", "").lower() for one in fromstring(_text(archive, TYPES), forbid_dtd=True)}
    names = [name.lower() for name in archive.namelist()]
    if any("macro" in one or "vba" in one for one in types) or any("vba" in name for name in names):
        raise TemplateRefused(MACROS)
    for name in archive.namelist():
        if name.endswith(".rels"):
            for one in fromstring(_text(archive, name), forbid_dtd=True).iter(RELATIONSHIP):
                if one.get("TargetMode", "").lower() == "external":
                    raise TemplateRefused(LINKED.format(one.get("Target", "")[:100]))


def _text(archive: ZipFile, name: str) -> str:
    """Return a part that is XML without definitions of its own, in UTF-8."""
    about = archive.getinfo(name)
    if about.file_size > MOST_OF_A_PART and about.file_size > MOST_RATIO * about.compress_size:
        raise TemplateRefused(TOO_LARGE)
    with archive.open(about) as part:
        content = part.read(MOST_OF_A_PART + 1)
    if len(content) > MOST_OF_A_PART:
        raise TemplateRefused(TOO_LARGE)
    text = content.decode("utf-8-sig")
    fromstring(text, forbid_dtd=True)
    return text


def _reaches_out(text: str) -> bool:
    return any(name.startswith(f"{{{REACHING}}}") for element in fromstring(text).iter() for name in element.attrib)


def _page(archive: ZipFile) -> dict[str, str]:
    """Return the size and margins of the last section, as numbers alone: {"page.pgSz.w": "11906"}."""
    found: Mapping[str, str] = {}
    root = fromstring(_text(archive, DOCUMENT), forbid_dtd=True)
    for section in root.iter(f"{WORD}sectPr"):
        found = {
            f"page.{tag}.{name}": value
            for tag, names in PAGE.items()
            for element in section.iter(f"{WORD}{tag}")
            for name in names
            if _is_measure(value := element.get(f"{WORD}{name}", ""))
        }
    return dict(found)


def _is_measure(value: str) -> bool:
    return value in ("landscape", "portrait") or (value.isascii() and value.isdigit() and len(value) < 6)
