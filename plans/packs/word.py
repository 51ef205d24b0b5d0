"""A pack as a Word file: headings, lists and tables that Word and screen readers know as such.

Imported by the process that writes it alone: python-docx takes 0.2 s and memory that no worker has to spare.
"""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from lxml.etree import Element

from plans.packs.blocks import LANGUAGE, Block, Heading, Outline, Run, Table

STYLES = {"": "Normal", "bullet": "List Bullet", "quote": "Quote"}
ALWAYS = (1980, 1, 1, 0, 0, 0)
"""When the parts of the file say that they were made: the same pack gives the same bytes."""
MARGIN_CM = 2
TABLE_POINTS = 9
PARAGRAPH_POINTS = 4
"""Between paragraphs."""
TWIP = 635
"""A twentieth of a point, in what python-docx measures by."""
BULLET = "list bullet"
NEEDED = {"normal", "title", "heading 1", "heading 2", BULLET, "quote", "table grid", "header", "footer"}
"""Styles that a pack is written in, as the format names them."""


def write_word(outline: Outline, template: Mapping[str, str] | None = None) -> bytes:
    """Return the pack as the bytes of a .docx file, the same for the same pack.

    `template` is what `read_template` made of the programme's own file: its styles and page are those of the pack.
    """
    document = docx.Document()
    parts = _take_styles(document, template) if template else _tighten(document)
    _set_up(document, outline)
    if template:
        _take_page(document, template)
    document.add_paragraph(outline.title, "Title")
    for line in outline.about:
        document.add_paragraph(line).paragraph_format.space_after = Pt(0)
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    # Not by python-docx, which looks through all styles for each paragraph, and through all cells for each cell.
    styles = {one.name: one.style_id for one in document.styles}
    end, page = document.element.body.sectPr, document.sections[0]
    width = ((page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)) // TWIP
    for block in outline.blocks:
        for element in _element_of(block, styles, width):
            end.addprevious(element)
    written = BytesIO()
    document.save(written)
    return _same_each_time(written.getvalue(), parts)


def _set_up(document: Document, outline: Outline) -> None:
    about = document.core_properties
    about.title, about.language, about.subject = outline.title, LANGUAGE, outline.name
    about.author, about.comments, about.last_modified_by, about.revision = "", "", "", 1
    about.created = about.modified = outline.at.replace(microsecond=0, tzinfo=None)
    _speak(document.styles.element)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    header.alignment = footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    header.add_run(outline.marking).bold = True
    footer.add_run(outline.marking).bold = True
    footer.add_run().add_break()
    footer.add_run(f"{outline.name}. Page ")
    _add_field(footer, "PAGE")
    footer.add_run(" of ")
    _add_field(footer, "NUMPAGES")


def _tighten(document: Document) -> dict[str, bytes]:
    """Have paragraphs stand nearer than python-docx has them, which replaces no part."""
    for name in STYLES.values():
        document.styles[name].paragraph_format.space_after = Pt(PARAGRAPH_POINTS)
    document.styles["Quote"].paragraph_format.left_indent = Cm(1)
    return {}


def _speak(styles: Any) -> None:
    """Say the language in all styles, and in what they all begin with."""
    defaults = styles.find(qn("w:docDefaults"))
    if defaults is None:
        defaults = _element("w:docDefaults")
        styles.insert(0, defaults)
    for tag in ("w:rPrDefault", "w:rPr", "w:lang"):
        if defaults.find(qn(tag)) is None:
            defaults.append(_element(tag))
        defaults = defaults.find(qn(tag))
    for spoken in styles.iter(qn("w:lang")):
        spoken.set(qn("w:val"), LANGUAGE)


def _take_styles(document: Document, template: Mapping[str, str]) -> dict[str, bytes]:
    """Put the styles of a template on the document, and return {name: bytes} of the parts that go with them.

    What a pack needs and the template lacks stays as it was. Without a list style of its own, the template's numbers
    are left out, since they would be those of other lists.
    """
    styles = document.styles.element
    own = list(styles)
    taken = parse_xml(template["styles"].encode())
    names = {_name_of(style) for style in taken.iter(qn("w:style"))}
    ids = {style.get(qn("w:styleId")) for style in taken.iter(qn("w:style"))}
    is_numbered = "numbering" in template and BULLET in names
    for element in own:
        styles.remove(element)
    styles.extend(list(taken))
    if not is_numbered:
        for numbers in list(styles.iter(qn("w:numPr"))):
            numbers.getparent().remove(numbers)
    for style in own:
        if _name_of(style) in NEEDED - names and style.get(qn("w:styleId")) not in ids:
            styles.append(deepcopy(style))
    parts = {"word/theme/theme1.xml": template.get("theme", "")}
    parts["word/numbering.xml"] = template["numbering"] if is_numbered else ""
    return {name: text.encode() for name, text in parts.items() if text}


def _name_of(style: Any) -> str:
    name = style.find(qn("w:name"))
    return "" if name is None else name.get(qn("w:val"), "").lower()


def _take_page(document: Document, template: Mapping[str, str]) -> None:
    for name, value in template.items():
        if name.startswith("page."):
            _, tag, attribute = name.split(".")
            document.element.body.sectPr.find(qn(f"w:{tag}")).set(qn(f"w:{attribute}"), value)


def _add_field(paragraph: Any, instruction: str) -> None:
    """Add what Word fills in by itself."""
    paragraph.paragraph_format.element.append(_element("w:fldSimple", {"w:instr": instruction}, _run(Run("1"))))


def _element_of(block: Block, styles: dict[str, str], width: int) -> list[Any]:
    """Return a block as XML; `styles` are the ids of styles by name. A table is followed by an empty paragraph."""
    if isinstance(block, Table):
        return [_table(block, width), _element("w:p")]
    runs = (Run(block.text),) if isinstance(block, Heading) else block.runs
    style = f"Heading {block.level}" if isinstance(block, Heading) else STYLES[block.style]
    named = _element("w:pPr", {}, _element("w:pStyle", {"w:val": styles[style]}))
    return [_element("w:p", {}, named, *map(_run, runs))]


def _table(table: Table, of_page: int) -> Any:
    """Return a table as XML. Its first row comes again on each page, and no row is torn by the end of one."""
    total = sum(table.widths)
    widths = [of_page * width // total for width in table.widths]
    properties = _element(
        "w:tblPr",
        {},
        _element("w:tblStyle", {"w:val": "TableGrid"}),
        _element("w:tblW", {"w:w": f"{sum(widths)}", "w:type": "dxa"}),
        _element("w:tblLayout", {"w:type": "fixed"}),
        _element("w:tblLook", {"w:val": "0020", "w:firstRow": "1", "w:noHBand": "1", "w:noVBand": "1"}),
    )
    grid = _element("w:tblGrid", {}, *(_element("w:gridCol", {"w:w": f"{width}"}) for width in widths))
    heads = _row(table.heads, widths, is_head=True)
    return _element("w:tbl", {}, properties, grid, heads, *(_row(row, widths) for row in table.rows))


def _row(cells: tuple[str, ...], widths: list[int], *, is_head: bool = False) -> Any:
    properties = _element("w:trPr", {}, _element("w:cantSplit"))
    if is_head:
        properties.append(_element("w:tblHeader"))
    return _element(
        "w:tr",
        {},
        properties,
        *(_cell(text, width, is_head=is_head) for text, width in zip(cells, widths, strict=True)),
    )


def _cell(text: str, width: int, *, is_head: bool) -> Any:
    properties = _element("w:tcPr", {}, _element("w:tcW", {"w:w": f"{width}", "w:type": "dxa"}))
    if is_head:
        properties.append(_element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": "E6E6E6"}))
    lines = (_element("w:p", {}, _run(Run(line, "strong" if is_head else ""), TABLE_POINTS)) for line in _lines(text))
    return _element("w:tc", {}, properties, *lines)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()] or [""]


def _run(run: Run, points: int = 0) -> Any:
    looks = {
        "strong": [_element("w:b")],
        "gone": [_element("w:strike"), _element("w:color", {"w:val": "8A1C1C"})],
        "new": [_element("w:color", {"w:val": "14532D"}), _element("w:u", {"w:val": "single"})],
    }.get(run.look, [])
    if points:
        size = _element("w:sz", {"w:val": f"{2 * points}"})
        # The order of these is part of the format: bold, struck, colour, size, underlined.
        looks = [*looks, size]
    text = _element("w:t", {"xml:space": "preserve"})
    text.text = run.text
    return _element("w:r", {}, *([_element("w:rPr", {}, *looks)] if looks else []), text)


def _element(tag: str, attributes: dict[str, str] | None = None, *inside: Any) -> Any:
    element = Element(_full(tag), {_full(name): value for name, value in (attributes or {}).items()})
    element.extend(inside)
    return element


@cache
def _full(name: str) -> str:
    """Return a name with its namespace as XML has it."""
    return qn(name)


def _same_each_time(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return the file with some `parts` replaced, and the same time said for each part."""
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as found, ZipFile(packed, "w", ZIP_DEFLATED) as kept:
        for name in found.namelist():
            part = ZipInfo(name, ALWAYS)
            part.compress_type = ZIP_DEFLATED
            kept.writestr(part, parts.get(name) or found.read(name))
    return packed.getvalue()
