"""The file that somebody brought, with its errors marked in it, so that it can be fixed and sent again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Self

from django.conf import settings
from django.utils.text import capfirst
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from plans.choices import RowKind
from plans.limited_process import limited_process, take_turn
from plans.models import Import
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import NUMBER, TICK_SHEET
from plans.spreadsheets.reading.limits import Limits
from plans.spreadsheets.reading.protocol import NOT_THIS_WAY
from plans.spreadsheets.reading.table import Table
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.spreadsheets.writing.workbook import HEADING, OPTIONS, TEXT, PlainWorkbook

ELSEWHERE = f"{TICK_SHEET}, row "
MOST_LISTED = 10_000
MOST_COMMENTS = 1_000
LONGEST_COMMENT = 1_000
AUTHOR = "Action plan tracker"
"""Who writes the comments, by which they are known when the file comes again."""

SHEET = "Errors to fix"
EARLIER_SHEET = "What to mend"
"""What the sheet was called before, in files that come again."""
HEADINGS = ("Where", "Under", "Error to fix")
EXPLANATION = (
    "Fix the highlighted cells and upload the file again. You can leave this sheet and the highlights in place."
)


@dataclass(frozen=True)
class Mark:
    """A thing to mend. `row` and `place` are those of the cell in the file, from 1; `under` its heading, as written."""

    row: int
    place: int
    under: str
    sentence: str


@dataclass
class Marks:
    """The first things to mend in a file, in its order, and how many more rows are in error."""

    listed: list[Mark] = field(default_factory=list)
    more_count: int = 0

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the marks that `asdict` took apart."""
        return cls([Mark(**mark) for mark in values["listed"]], values["more_count"])

    def by_cell(self) -> dict[tuple[int, int], str]:
        """Return {(row, place): comment of the cell, blank when there are enough of them}."""
        sentences: dict[tuple[int, int], list[str]] = {}
        for mark in self.listed:
            sentences.setdefault((mark.row, mark.place), []).append(mark.sentence)
        return {
            cell: "\n".join(said)[:LONGEST_COMMENT] if count < MOST_COMMENTS else ""
            for count, (cell, said) in enumerate(sentences.items())
        }

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Yield the rows of the sheet that lists them, as three texts each, headings first."""
        yield HEADINGS
        for mark in self.listed:
            yield f"Row {mark.row}", mark.under or "The whole row", mark.sentence
        if self.more_count:
            rows = "row has errors" if self.more_count == 1 else "rows have errors"
            yield (
                "And",
                "",
                f"{self.more_count:,} more {rows}. Fix these first. The next check lists what is left.",
            )


def read_marks(source: Import) -> Marks:
    """Return the `Marks` of an `Import` that was checked. One query, for as many rows as are listed."""
    headings = source.findings.get("headings", [])
    places = {one["written"]: one["place"] for one in headings}
    places |= {one["heading"]: one["place"] for one in headings if one["heading"]}
    written = {one["place"]: one["written"] for one in headings}
    # What is wrong with a whole row is said where its number stands.
    first = places.get(NUMBER.heading, min(written, default=1))
    marks = Marks()
    rows = source.rows.filter(kind=RowKind.ERROR, row__isnull=False).order_by("row", "pk")
    found = rows.values_list("row", "errors")[:MOST_LISTED]
    row: Any
    for row, errors in found.iterator():
        for error in errors[: MOST_LISTED - len(marks.listed)]:
            place = places.get(error["column"], first)
            is_elsewhere = error["column"].startswith(ELSEWHERE)
            under = written.get(place, error["column"]) if error["column"] else ""
            # Only the sheet of activities is marked: there, a cell of the other sheet has to be named.
            sentence = f"{error['column']}: {error['message']}" if is_elsewhere else capfirst(error["message"])
            marks.listed.append(Mark(row, place, under, sentence[:LONGEST_COMMENT]))
        if len(marks.listed) == MOST_LISTED:
            break
    seen = len({mark.row for mark in marks.listed})
    marks.more_count = max(0, source.counts.get("errors", 0) - seen) if len(marks.listed) == MOST_LISTED else 0
    return marks


MODULE = "plans.spreadsheets.writing.error_copy_child"
WAYS = {"original": 15, "copy": 60, "list": 15}
"""{how a file is marked: for how many seconds at most}; tried in this order until one succeeds."""

MOST_WAIT_SECONDS = 10


def write_marked(source: Import) -> IO[bytes]:
    """Return an open file with an Excel workbook: the file of an `Import` that was checked, with its errors marked.

    An Excel workbook keeps its sheets and its looks, but formulas give way to their values. A very large one, and a
    file of another kind, comes as a plain table. A file that cannot be read within its limits any more comes as the
    list of its errors alone. Whatever is done with the bytes of the file, a limited process does it. Raises `NoTurn`
    while too many others have theirs marked. Two queries.
    """
    limits = Limits.from_settings()
    request = {**asdict(limits), "sheet": source.findings.get("sheet", ""), "marks": asdict(read_marks(source))}
    content = bytes(source.content)
    with take_turn("marking", places=settings.IMPORT_JOBS_AT_ONCE, wait_seconds=MOST_WAIT_SECONDS):
        for way, seconds in WAYS.items():
            file = TemporaryFile()  # noqa: SIM115 - whoever asked for it reads it
            about = {"way": way, "max_seconds": min(seconds, limits.max_seconds)}
            if _mark({**request, **about}, content if way != "list" else b"", file):
                file.seek(0)
                return file
            file.close()
    raise RuntimeError("Not even a list of errors could be written.")


def _mark(request: dict[str, Any], content: bytes, file: IO[bytes]) -> bool:
    """Have a process write the workbook; return whether it did."""
    with limited_process(MODULE, request, content, stdout=file, is_leader=True, expected=(0, NOT_THIS_WAY)) as child:
        pass
    return child.returncode == 0


# What its process writes where the file is no Excel workbook, or too large a one: a plain table, or the list alone.

NAME = "Activities"
MARK = {**TEXT, "bg_color": "#F8CBAD"}
LOOKS = {"heading": HEADING, "text": TEXT, "mark": MARK, "hidden": {"text_wrap": False}}
WIDTH = 24


def write_copy(table: Table, marks: Marks) -> bytes:
    """Return the bytes of a workbook that holds a `Table` where its file had it, with its `Marks`."""
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        _write_table(book.add_worksheet(NAME), table, marks.by_cell(), looks)
        if table.ticks:
            _write_table(book.add_worksheet(TICK_SHEET), table.ticks, {}, looks)
        _write_list(book, marks, looks, has_links=True)
    return file.getvalue()


def write_list(marks: Marks) -> bytes:
    """Return the bytes of a workbook of nothing but the list of `Marks`."""
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        _write_list(book, marks, {name: book.add_format(look) for name, look in LOOKS.items()}, has_links=False)
    return file.getvalue()


def _write_table(sheet: Worksheet, table: Table, comments: dict[tuple[int, int], str], looks: dict[str, Any]) -> None:
    for place, heading in zip(table.columns, table.headings, strict=True):
        is_hidden = heading == ROW_VERSION
        sheet.set_column(place - 1, place - 1, WIDTH, None, {"hidden": is_hidden})
        sheet.write_string(table.heading_row - 1, place - 1, excel_text(heading), looks["heading"])
    for row in sorted(table.rows, key=lambda one: one.row):
        for place, heading, cell in zip(table.columns, table.headings, row.cells, strict=True):
            comment = comments.get((row.row, place))
            look = looks["mark" if comment is not None else "hidden" if heading == ROW_VERSION else "text"]
            _write_cell(sheet, (row.row - 1, place - 1), heading, cell, look)
            if comment:
                # With the cell: XlsxWriter does not go back to a row that it has left.
                sheet.write_comment(row.row - 1, place - 1, comment, {"author": AUTHOR, "x_scale": 2})
    sheet.freeze_panes(table.heading_row, 0)


def _write_cell(sheet: Worksheet, where: tuple[int, int], heading: str, cell: str, look: Any) -> None:
    if heading == NUMBER.heading and cell.isascii() and cell.isdigit() and len(cell) < 10:
        sheet.write_number(*where, int(cell), look)
    else:
        sheet.write_string(*where, excel_text(cell), look)


def _write_list(book: PlainWorkbook, marks: Marks, looks: dict[str, Any], *, has_links: bool) -> None:
    """Write the sheet that lists what to fix; with links, its first rows lead to the cells that they are about."""
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 100)
    sheet.write_string(0, 0, EXPLANATION)
    for row, line in enumerate(marks.lines(), start=1):
        for place, text in enumerate(line):
            sheet.write_string(row, place, excel_text(text), looks["heading" if row == 1 else "text"])
        if has_links and 1 < row <= MOST_COMMENTS and row - 2 < len(marks.listed):
            mark = marks.listed[row - 2]
            target = f"{quote_sheetname(NAME)}!{xl_rowcol_to_cell(mark.row - 1, mark.place - 1)}"
            sheet.write_url(row, 0, f"internal:{target}", string=line[0])
    sheet.freeze_panes(2, 0)
