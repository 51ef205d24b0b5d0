"""The file that somebody brought, with its errors marked in it, so that it can be fixed and sent again."""

from dataclasses import asdict, dataclass, field
from tempfile import TemporaryFile

from django.conf import settings
from django.utils.text import capfirst

from plans.choices import RowKind
from plans.spreadsheets.columns import NUMBER, TICK_SHEET
from plans.spreadsheets.reading.limits import Limits
from plans.spreadsheets.reading.sandbox import limited_process, take_turn

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
    def from_dict(cls, values):
        """Return the marks that `asdict` took apart."""
        return cls([Mark(**mark) for mark in values["listed"]], values["more_count"])

    def by_cell(self):
        """Return {(row, place): comment of the cell, blank when there are enough of them}."""
        sentences = {}
        for mark in self.listed:
            sentences.setdefault((mark.row, mark.place), []).append(mark.sentence)
        return {
            cell: "\n".join(said)[:LONGEST_COMMENT] if count < MOST_COMMENTS else ""
            for count, (cell, said) in enumerate(sentences.items())
        }

    def lines(self):
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


def read_marks(source):
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


def write_marked(source):
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


def _mark(request, content, file):
    """Have a process write the workbook; return whether it did."""
    with limited_process(MODULE, request, content, stdout=file, is_leader=True) as child:
        pass
    return child.returncode == 0
