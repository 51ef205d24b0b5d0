"""An imported file as a page shows it: its columns, its rows cell by cell, and the questions that it asks."""

from dataclasses import dataclass
from functools import cached_property

from plans.activity_number import Number
from plans.choices import RowKind
from plans.spreadsheets.importing.outcome import CheckSummary
from plans.spreadsheets.importing.questions import counted, question_in_words
from plans.spreadsheets.reading.read import row_in_words
from plans.summaries.record.words import GONE, NEW, SAME, differences

NUMBER = "Number"
"""The heading without which no row can be told from another."""
WHYS = {
    "exact": "Exact match",
    "near": "Close match",
    "chosen": "Chosen by you",
    "ignored": "Not imported",
    "unknown": "Not recognised",
}
"""{how a heading was matched: the same in words}."""
LONG_TEXT = 90
MOST_COMPARED = 8_000
"""Characters of both texts together up to which they are compared word by word: a page may show fifty of them."""
AROUND = 70
"""How much of an unchanged passage is shown on each side of a change, in characters."""
ANSWERS = {
    "numbers": ("Renumber {} as in the file", "Keep the plan’s numbers"),
    "titles": ("Import these titles as they are in the file", ""),
    "items": ("Withdraw {}", "Keep these descriptions as the plan has them"),
    "agencies": ("Remove {}", "Keep the agencies of these activities as the plan has them"),
    "dates": ("Move {}", "Keep the due dates of these activities as the plan has them"),
    "letters": ("Import these words as they are in the file", "Correct them"),
}
"""{kind of question: (what the file says, what the plan says; blank where that is no answer)}"""
HINTS = {
    "numbers": (
        "Hidden row versions show which activity each row was made from. Its updates and history move with it. If a "
        "row is a new activity, type it into an empty row of the file instead."
    ),
    "titles": (
        "Updates, sub-activities and history stay with the number. If rows changed places in the file, discard it, "
        "correct the numbers and upload it again."
    ),
    "items": "Done sub-activities that are withdrawn no longer count. Sub-activities are lines that begin with •.",
    "agencies": "An agency that no longer leads an activity cannot update it.",
    "dates": "What was first planned is kept, and each move is listed under Due dates with its reason.",
    "letters": (
        "The text was probably saved in one encoding and opened in another, or lost its macrons on the way. One answer "
        "counts for the whole file."
    ),
}

NOUNS = {
    "numbers": "activity,activities",
    "titles": "row,rows",
    "items": "sub-activity,sub-activities",
    "agencies": "agency,agencies",
    "dates": "due date,due dates",
    "letters": "place,places",
}


@dataclass(frozen=True)
class ColumnShown:
    """A column of the file: its place from 1, its heading as written, what it is read as (blank for nothing), and why.

    `clears` says that a blank cell in it clears the value.
    """

    place: int
    written: str
    heading: str
    why: str
    clears: bool


def list_columns(source):
    """Return the columns of the file of an `Import`, as [`ColumnShown`]."""
    clears = source.options.get("clears", [])
    return [
        ColumnShown(one.place, one.written, one.heading, WHYS.get(one.how, ""), one.heading in clears)
        for one in CheckSummary.of_import(source).headings
    ]


def want_attention(source):
    """Return whether a heading means nothing, or none is the number, so that somebody had better look."""
    headings = CheckSummary.of_import(source).headings
    return any(one.how == "unknown" for one in headings) or lack_number(source)


def lack_number(source):
    """Return whether no column of the file is read as the number."""
    return all(one.heading != NUMBER for one in CheckSummary.of_import(source).headings)


@dataclass(frozen=True)
class CellShown:
    """A cell that differs: `old` in the plan, `new` once it is imported.

    In a conflict `original` is what the file was made from (None when that is not known) and `theirs` what the file
    says; `taken` is the side that was chosen, "theirs" or "ours", blank while nobody chose. `number` is the row's.
    """

    column: str
    old: str = ""
    new: str = ""
    original: str | None = None
    is_conflict: bool = False
    theirs: str = ""
    taken: str = ""
    number: Number | None = None

    @property
    def choice_name(self):
        """What the choice between both sides is called in a form."""
        return f"choice:{self.number}:{self.column}"

    @property
    def is_long(self):
        """Whether the texts are better compared word by word than shown one after the other."""
        return bool(self.old and self.new) and max(len(self.old), len(self.new)) > LONG_TEXT

    @cached_property
    def pieces(self):
        """How the old text becomes the new one, as `differences` has it, without what stays far from a change."""
        if len(self.old) + len(self.new) <= MOST_COMPARED:
            return _shortened(differences(self.old, self.new))
        start = _count_shared(self.old, self.new)
        end = _count_shared(self.old[start:][::-1], self.new[start:][::-1])
        gone, come = (text[start : len(text) - end] for text in (self.old, self.new))
        pieces = [(SAME, self.old[:start]), (GONE, gone), (NEW, come), (SAME, self.old[len(self.old) - end :])]
        return _shortened([(kind, text) for kind, text in pieces if text])


class RowShown:
    """A row of an import. Takes an `ImportRow` fetched with `for_page()`, and the `parts` of its file; no query."""

    def __init__(self, row, parts=()):
        self.row, self.number, self.kind = row.row, row.number, RowKind(row.kind)
        self.activity = row.activity
        self.place = row_in_words(row.row, parts) if row.row else ""
        self.errors = [(error["column"], error["message"]) for error in row.errors]
        self.notes = [change["note"] for change in row.changes if change.get("note")]
        self.cells = [_cell(change, row.number) for change in row.changes if "note" not in change]

    @property
    def conflicts(self):
        """The cells that both sides changed, whether or not somebody chose."""
        return [cell for cell in self.cells if cell.is_conflict]

    @property
    def changes(self):
        """The cells that are imported as they are shown."""
        return [cell for cell in self.cells if not cell.is_conflict]

    @property
    def is_new(self):
        """Whether the row makes an activity, so that every cell of it is new."""
        return self.kind is RowKind.CREATED


def _cell(change, number):
    known = {name: change[name] for name in CellShown.__dataclass_fields__ if name in change}
    return CellShown(**{**known, "number": number})


def _count_shared(one, other):
    """Count the characters with which both texts begin."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _shortened(pieces):
    return [
        (kind, _around_changes(text, place > 0, place < len(pieces) - 1) if kind == SAME else text)
        for place, (kind, text) in enumerate(pieces)
    ]


def _around_changes(text, has_before, has_after):
    """Return an unchanged passage without its middle; `has_before` and `has_after` say where changes are next to it."""
    if len(text) <= 2 * AROUND + 20:
        return text
    start = text[:AROUND].rpartition(" ")[0] if has_before else ""
    end = text[-AROUND:].partition(" ")[2] if has_after else ""
    return f"{start} … {end}"


@dataclass(frozen=True)
class RowAsked:
    """A row that a question is about: where it is, in words as `place`, its activity's number, what it is about."""

    row: int
    number: Number | None
    kind: str
    about: list[str]
    place: str = ""


@dataclass(frozen=True)
class QuestionShown:
    """A question in words. `choices` are [(value in the form, label)]; `more_count` rows are not listed."""

    kind: str
    sentence: str
    hint: str
    choices: list[tuple[str, str]]
    answer: str
    rows: list[RowAsked]
    more_count: int

    @property
    def field(self):
        """The name of its field in the form."""
        return f"answer_{self.kind}"

    @property
    def chosen(self):
        """The value of the choice that was made; blank while none was."""
        return next((value for value, _ in self.choices if value.partition(":")[0] == self.answer), "")


def list_questions(source):
    """Return the questions that an `Import` was found to ask, as [`QuestionShown`]. No query."""
    summary = CheckSummary.of_import(source)
    return [_shown(one, summary.parts) for one in summary.questions]


def _shown(one, parts):
    as_in_file, as_in_plan = ANSWERS[one["kind"]]
    things = counted(one["count"], NOUNS.get(one["kind"], ""))
    choices = [(f"theirs:{one['seal']}", as_in_file.format(things))]
    if as_in_plan:
        choices.append(("ours", as_in_plan))
    if one["kind"] == "letters":
        # What people want nearly always goes first.
        choices.reverse()
    return QuestionShown(
        kind=one["kind"],
        sentence=question_in_words(one["kind"], one["count"], one["done"], one["row_count"]),
        hint=HINTS[one["kind"]],
        choices=choices,
        answer=one["answer"],
        rows=[RowAsked(**row, place=row_in_words(row["row"], parts)) for row in one["rows"]],
        more_count=one["row_count"] - len(one["rows"]),
    )
