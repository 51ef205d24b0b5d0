"""What a person has to say before a file is imported, and what was explained for earlier files, which is asked once."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from django.db import IntegrityError, transaction

from plans.actions.row_changes import save_row
from plans.choices import NO_LEAD, RowKind, WordKind
from plans.models import ImportWord
from plans.models.import_word import MEANINGS
from plans.spreadsheets import columns
from plans.spreadsheets.importing.outcome import OURS, THEIRS
from plans.spreadsheets.importing.sub_activities import match_items
from plans.spreadsheets.names import letters_of
from plans.summaries.record.words import day_in_words
from plans.text import fold, listed

ITEMS, AGENCIES, DATES = "items", "agencies", "dates"
REMOVALS = (ITEMS, AGENCIES, DATES)
"""The kinds of what a cell would take away."""
LEADS, SUPPORTS, DUE = columns.LEADS.heading, columns.SUPPORTS.heading, columns.DUE.heading
KEPT = "{}: kept as in the plan, because the file would remove something."
NUMBERS, TITLES, LETTERS = "numbers", "titles", "letters"
KINDS = (LETTERS, NUMBERS, TITLES, *REMOVALS)
"""The kinds of questions, in the order in which they are asked."""
AS_IN_PLAN = (RowKind.UNCHANGED, RowKind.SKIPPED)
MOST_LISTED, MOST_NAMED, LONGEST_NAME = 100, 10, 120
"""How many rows are listed, how many things of each row, and how many characters of each thing."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a cell would take away: `kind` is one of `REMOVALS`, `names` are those that go, `done` those done."""

    kind: str
    column: str
    names: tuple[str, ...]
    done: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    """A sub-activity as `match_items` compares it."""

    text: str
    footnote: str
    position: int
    is_done: bool


def find_removals(draft, current):
    """Return the `Removal`s of what `draft` would write to the activity `current`, a `Current`."""
    found = (_items(draft, current), *_agencies(draft, current), _due_date(draft, current))
    return [one for one in found if one and one.names]


def keep_instead(draft, outcome, kinds):
    """Leave those cells of a row as the plan has them whose `outcome.removals` are of one of `kinds`."""
    columns_kept = {one.column for one in outcome.removals if one.kind in kinds}
    if columns_kept & {LEADS, SUPPORTS}:
        # An agency that stays in one cell must not be added by the other.
        columns_kept |= {LEADS, SUPPORTS}
    for column in sorted(columns_kept):
        _forget(draft, column)
        if any(change.column == column for change in outcome.changes):
            outcome.notes.append(KEPT.format(column))
    outcome.changes = [change for change in outcome.changes if change.column not in columns_kept]


def _items(draft, current):
    if draft.description is None or not current.items:
        return None
    existing = [_Item(*item) for item in current.items]
    stay = {id(row) for row in match_items(existing, draft.description.items).values()}
    gone = [item for item in existing if id(item) not in stay]
    names = tuple(" ".join(item.text.split()) for item in gone)
    return Removal(ITEMS, columns.DESCRIPTION.heading, names, sum(item.is_done for item in gone))


def _agencies(draft, current):
    leads = current.leads if draft.leads is None else draft.leads
    supports = current.supports if draft.supports is None else draft.supports
    yield Removal(AGENCIES, LEADS, tuple(one.name for one in current.leads if one not in leads))
    # One that comes to lead takes no less a part.
    yield Removal(AGENCIES, SUPPORTS, tuple(one.name for one in current.supports if one not in (*supports, *leads)))


def _due_date(draft, current):
    if draft.due_on is None or not current.due_on or draft.due_on == current.due_on:
        return None
    moved = f"{day_in_words(current.due_on)} → {day_in_words(draft.due_on) or 'no due date'}"
    return Removal(DATES, DUE, (moved,))


def _forget(draft, column):
    names = {columns.DESCRIPTION.heading: "description", LEADS: "leads", SUPPORTS: "supports", DUE: "due_on"}
    setattr(draft, names[column], None)


@dataclass(frozen=True)
class Question:
    """A question about several rows of a file at once.

    `rows` are [(row, number of the activity, kind of the row, [what it is about])]; `count` is how many things it is
    about, `done` how many of these are done. `answer` is `THEIRS`, `OURS`, or blank while nobody has answered. `seal`
    is another whenever something else is asked about: an answer for the file that names another seal does not count,
    nor does one that moves due dates without a reason.
    """

    kind: str
    rows: list
    count: int
    done: int
    seal: str
    answer: str

    def as_json(self):
        """Return it as `Import.findings` keeps it, as much of it as the page lists."""
        rows = [
            {"row": row, "number": number, "kind": kind, "about": [_short(one) for one in about[:MOST_NAMED]]}
            for row, number, kind, about in self.rows[:MOST_LISTED]
        ]
        own = {"kind": self.kind, "count": self.count, "done": self.done, "seal": self.seal, "answer": self.answer}
        return {**own, "rows": rows, "row_count": len(self.rows)}


def side_of(options, kind):
    """Return the side that a person took about a `kind` of question; blank if none. What is asked may be new."""
    side = options.answers.get(kind, "").partition(":")[0]
    return side if side in (THEIRS, OURS) else ""


def list_questions(outcomes, options, wrong_letters=None):
    """Return the `Question`s about the `RowOutcome`s of a file, in the order of `KINDS`.

    None is about rows in error but that of `wrong_letters`, {row: [what is wrong, in words]}, which may be the error.
    It is not asked where the plan says the same as the file.
    """
    found = {kind: [] for kind in KINDS}
    if wrong_letters and side_of(options, LETTERS) != OURS:
        is_wrong = any(one.row in wrong_letters and one.kind not in AS_IN_PLAN for one in outcomes)
        wrong_letters = wrong_letters if is_wrong else None
    for outcome in outcomes if wrong_letters else ():
        if about := wrong_letters.get(outcome.row):
            found[LETTERS].append((outcome, about, 0))
    for outcome in outcomes:
        for kind, about, done in _asked(outcome) if not outcome.errors else ():
            found[kind].append((outcome, about, done))
    # One title may well be that of another activity; two are rows that changed places.
    if len(found[TITLES]) < 2:
        found[TITLES] = []
    return [_question(kind, asked, options) for kind, asked in found.items() if asked]


def question_in_words(kind, count, done, row_count):
    """Return what is asked, as a sentence."""
    if kind == "letters":
        return f"Letters look wrong in {counted(count, 'place,places')} of {counted(row_count, 'row,rows')}."
    if kind == "numbers":
        return f"{counted(count, 'activity,activities')} would get another number."
    if kind == "titles":
        return f"{counted(count, 'row,rows')} would take the title of another activity."
    if kind == "agencies":
        of = counted(row_count, "activity,activities")
        return f"{counted(count, 'agency,agencies')} would no longer lead or support {of}."
    if kind == "dates":
        return f"{counted(count, 'due date,due dates')} would move."
    done_too = f", {done:,} of them done," if done else ""
    return f"{counted(count, 'sub-activity,sub-activities')}{done_too} would be withdrawn."


def counted(count, noun):
    """Return "1 row" or "2 rows" for a noun such as "row,rows"."""
    one, many = noun.split(",")
    return f"{count:,} {one if count == 1 else many}"


def _asked(outcome):
    """Yield (kind, [what it is about], how much of that is done) of a row."""
    if outcome.moved_to is not None:
        yield NUMBERS, [f"{outcome.number} → {outcome.moved_to}"], 0
    if outcome.title_of is not None:
        yield TITLES, [f"the title of activity {outcome.title_of}"], 0
    for kind in REMOVALS:
        removals = [one for one in outcome.removals if one.kind == kind]
        if removals:
            yield kind, [name for one in removals for name in one.names], sum(one.done for one in removals)


def _question(kind, asked, options):
    rows = [(outcome.row, outcome.number, outcome.kind.value, about) for outcome, about, _ in asked]
    seal = hashlib.sha256(repr([(row, number, about) for row, number, _, about in rows]).encode()).hexdigest()[:16]
    side, _, sealed = options.answers.get(kind, "").partition(":")
    is_answered = side == OURS or (side == THEIRS and sealed in ("", seal))
    if kind == DATES and side == THEIRS and not options.date_reason:
        is_answered = False
    count, done = sum(len(about) for _, about, _ in asked), sum(done for *_, done in asked)
    return Question(kind, rows, count, done, seal, side if is_answered else "")


def _short(text):
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


LONGEST_WORD = ImportWord._meta.get_field("word").max_length
MEANS = {
    WordKind.STATUS: {**dict(MEANINGS), NO_LEAD: "nothing"},
    WordKind.AGENCY: {NO_LEAD: "no agency yet"},
}
"""{kind: {code: what it is called in a sentence}}."""

RECALLED = "recalled"
"""What marks a decision, among `Options.names`, that was not made for this file."""


class RecalledWords:
    """What words mean by what was explained for earlier files. One query, once a file has a word that is unknown."""

    def __init__(self):
        self.names = {}
        """Those that were asked for, as `Options.names` has decisions."""

    def code(self, known, written):
        """Return the code of what `written` means among the `Names` `known`; None where no one explained it."""
        meaning = self._meanings.get((known.kind, known.key(written)))
        if meaning:
            self.names.setdefault(known.kind, {})[written] = {"use": meaning, RECALLED: "yes"}
        return meaning

    @cached_property
    def _meanings(self):
        keys = {WordKind.STATUS: letters_of, WordKind.AGENCY: fold}
        words = ImportWord.objects.exclude(meaning="").order_by("pk")
        return {(one.kind, keys[WordKind(one.kind)](one.word)): one.meaning for one in words}


def recalled_in_words(names):
    """Return the sentence that says which decisions were made for an earlier file; blank for none."""
    found = [
        f"“{written}” means {MEANS[kind].get(one['use'], one['use'])}"
        for kind in WordKind.values
        for written, one in names.get(kind, {}).items()
        if RECALLED in one
    ]
    return f"As explained for an earlier file: {listed(found)}." if found else ""


def remember_words(names, *, by, reason):
    """Keep what was explained for a file, given its `Options.names`, for the next one. Takes part in a transaction.

    No query where nothing was explained.
    """
    explained = [
        (kind, written, one["use"])
        for kind in WordKind.values
        for written, one in names.get(kind, {}).items()
        if RECALLED not in one and len(written) <= LONGEST_WORD and _is_meaning(kind, one.get("use", ""))
    ]
    for kind, written, meaning in explained:
        word = ImportWord.objects.filter(kind=kind, key=fold(written)).first() or ImportWord(kind=kind, word=written)
        if word.meaning == meaning:
            continue
        word.meaning = meaning
        # Another import may explain it at the same moment.
        with suppress(IntegrityError), transaction.atomic():
            save_row(word, by=by, reason=reason)


def _is_meaning(kind, use):
    return use == NO_LEAD or (kind == WordKind.STATUS and use in MEANS[kind])
