"""Sub-activities in a file: which one a wording means, and which of them the file says are done."""

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.utils.formats import date_format
from django.utils.text import Truncator

from plans.actions.reporting_rules import NOT_YET_DONE, ONLY_A_DAY
from plans.models import SubActivity
from plans.spreadsheets.columns import DONE, DONE_ON, ITEM, TICK_NUMBER, TICK_SHEET, YES
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.importing.numbering import in_words, number_written
from plans.spreadsheets.importing.outcome import CellChange, CellError
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.row_versions import ROW_VERSION, unseal_item
from plans.spreadsheets.widgets import read_day
from plans.text import fold

SAME_ITEM = 0.6
"""How alike two wordings are, from 0 to 1, from which on one is taken for an edit of the other."""
MOST_COMPARED = 4_000_000
"""How many pairs of characters are compared for one activity, so that no file can make it take minutes."""
ITEM_CHARACTERS = 60
MEANS_YES = {"yes", "y", "x", "true", "1", "done", "✓", "✔"}
MEANS_NO = {"", "no", "n", "false", "0", "not done"}
NEITHER = f"“{{}}” is neither {YES} nor blank. Choose {YES}, or clear it."
OTHER_NUMBER = "this sub-activity belongs to activity {0}, but its number is {1}. Enter {0}."
NOT_THERE = "activity {} has no such sub-activity. Clear the tick, or make the workbook anew."
WITHDRAWN = "this sub-activity has been withdrawn. Clear the tick."
TWICE = "row {} ticks the same sub-activity. Clear one of them."
NO_NUMBER = (
    f"Row {{}} of the sheet {TICK_SHEET} ticks something without saying the number of its activity. Write it there."
)
NO_ROW = (
    f"The sheet {TICK_SHEET} ticks activity {{}} in row {{}}, but the file has no row of that activity in its other "
    "sheet. Put its row back there, or clear the tick."
)


def match_items(existing, items):
    """Return {position from 1: existing row} for `items`, in which each row is found once at most.

    The same wording comes first, then the most alike; of equals the nearest.
    """
    found = _of_same_wording(existing, items)
    taken = {id(row) for row in found.values()}
    left = [row for row in existing if id(row) not in taken]
    open_items = [(position, item.text) for position, item in enumerate(items, start=1) if position not in found]
    for _, _, position, row in _alike(left, open_items):
        if position not in found and id(row) not in taken:
            found[position] = row
            taken.add(id(row))
    return found


def _of_same_wording(existing, items):
    by_text = {}
    for row in existing:
        by_text.setdefault(tidy(row.text), []).append(row)
    pairs = [
        (abs(row.position - position), position, row)
        for position, item in enumerate(items, start=1)
        for row in by_text.get(item.text, ())
    ]
    found, taken = {}, set()
    for _, position, row in sorted(pairs, key=lambda pair: pair[:2]):
        if position not in found and id(row) not in taken:
            found[position] = row
            taken.add(id(row))
    return found


def _alike(rows, items):
    """Return the pairs that are alike enough, best first: [(unlikeness, distance, position, row)].

    None where there is more to compare than anybody writes by hand: then the old ones go, and the new ones come.
    """
    if sum(len(row.text) for row in rows) * sum(len(text) for _, text in items) > MOST_COMPARED:
        return []
    pairs = []
    for row in rows:
        matcher = SequenceMatcher(None, b=tidy(row.text), autojunk=False)
        for position, text in items:
            matcher.set_seq1(text)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= SAME_ITEM:
                pairs.append((-matcher.ratio(), abs(row.position - position), position, row))
    return sorted((pair for pair in pairs if -pair[0] >= SAME_ITEM), key=lambda pair: pair[:3])


@dataclass(frozen=True, slots=True)
class Tick:
    """A sub-activity that the file says is done, and the plan does not yet. `row` is that of the sheet."""

    item_id: int
    text: str
    day: date
    row: int

    @property
    def change(self):
        """The tick as a change of a cell."""
        return CellChange(item_heading(self.text), "", date_format(self.day))

    @property
    def place(self):
        """Where it stands, as errors name it."""
        return _place(self.row, DONE)


def item_heading(text):
    """Return what the tick of a sub-activity is called among the columns of its activity."""
    return f"{DONE.heading}: {Truncator(' '.join(text.split())).chars(ITEM_CHARACTERS)}"


class Ticks:
    """The rows of the sheet that tick something. `numbers` are those of their activities."""

    def __init__(self, plan, table, on, activities, numbered):
        """`on` is today: what is ticked without a day was done then. One query, none where nothing is ticked.

        `activities` is {number: `Current`} of the plan, `numbered` the `NumberedRow`s of the file.
        """
        self.plan, self.on, self._of, self._lost = plan, on, {}, []
        self._by_pk = {one.pk: one for one in activities.values()} if table.ticks else {}
        self._written = {one.current.pk: one.written for one in numbered if one.current}
        self._number_of = {one.written: one.number for one in numbered if one.written}
        sheet = table.ticks
        self._unknown = sheet.errors if sheet else {}
        self._columns = dict(zip(sheet.headings, sheet.columns, strict=True)) if sheet else {}
        for row in sheet.rows if sheet else ():
            cells = dict(zip(sheet.headings, row.cells, strict=True))
            if fold(cells[DONE.heading]) not in MEANS_NO or cells.get(DONE_ON.heading):
                self._add(row.row, cells)
        self._items = self._load_items() if self._of else {}

    @property
    def numbers(self):
        """The numbers of the activities of which something is ticked."""
        return self._of.keys()

    def refuse_those_without_row(self, numbers):
        """Raise `UnreadableFile` for ticks of activities that are not among the `numbers` of the file's rows."""
        sentences = [NO_NUMBER.format(row) for row in self._lost]
        for number, rows in self._of.items():
            if number not in numbers:
                sentences.append(NO_ROW.format(number, in_words([row for row, *_ in rows])))
        if sentences:
            raise UnreadableFile(" ".join(sentences[:5]))

    def of(self, activity):
        """Return ([`Tick`], [`CellError`]) of a `Current`; what is done already is neither."""
        ticks, errors = {}, []
        for row, cells, version in self._of.get(activity.number, ()):
            try:
                tick = self._read(activity, row, cells, version)
            except _Wrong as wrong:
                errors.append(CellError(_place(row, wrong.column), wrong.sentence))
                continue
            if tick and tick.item_id in ticks:
                errors.append(CellError(tick.place, TWICE.format(ticks[tick.item_id].row)))
            elif tick:
                ticks[tick.item_id] = tick
        return list(ticks.values()), errors

    def _add(self, row, cells):
        version = unseal_item(cells.get(ROW_VERSION, ""))
        is_ours = version is not None and version.plan_id == self.plan.pk
        written = number_written(cells[TICK_NUMBER.heading], version if is_ours else None)
        current = self._by_pk.get(version.activity_id) if is_ours else None
        if written is None and (current is None or cells[TICK_NUMBER.heading]):
            self._lost.append(row)
        else:
            known = current and (None, version.number, current.number, self._written.get(current.pk))
            number = current.number if known and written in known else self._number_of.get(written, written)
            self._of.setdefault(number, []).append((row, cells, version if is_ours else None))

    def _load_items(self):
        rows = SubActivity.objects.filter(activity__plan=self.plan).order_by("activity_id", "position", "pk")
        found = {}
        for item in rows.values_list("pk", "activity_id", "text", "is_done", "withdrawn_on", named=True):
            found.setdefault(item.activity_id, {})[item.pk] = item
        return found

    def _read(self, activity, row, cells, version):
        """Return the `Tick` of a row; None when that is done already. Raises `_Wrong`."""
        for column in (TICK_NUMBER, ITEM, DONE, DONE_ON):
            if sentence := self._unknown.get((row, self._columns.get(column.heading))):
                raise _Wrong(column, sentence)
        item = self._item(activity, cells, version)
        if item.is_done:
            return None
        if item.withdrawn_on:
            raise _Wrong(DONE, WITHDRAWN)
        written, day = cells[DONE.heading], cells.get(DONE_ON.heading, "")
        if fold(written) in MEANS_NO:
            raise _Wrong(DONE, _lowered(ONLY_A_DAY))
        if fold(written) not in MEANS_YES:
            raise _Wrong(DONE, NEITHER.format(written[:60]))
        return Tick(item.pk, item.text, self._day(day) if day else self.on, row)

    def _item(self, activity, cells, version):
        """Return the sub-activity that the row was made from; without a genuine version, the one of its wording."""
        written = cells[ITEM.heading]
        if version and version.activity_id != activity.pk:
            self._refuse_other_number(activity, written, version)
        items = self._items.get(activity.pk, {})
        if version and version.activity_id == activity.pk and version.item_id in items:
            return items[version.item_id]
        alike = [one for one in items.values() if fold(one.text) == fold(written) and not one.withdrawn_on]
        if len(alike) != 1:
            raise _Wrong(ITEM, NOT_THERE.format(activity.number))
        return alike[0]

    def _refuse_other_number(self, activity, written, version):
        """Raise `_Wrong` for a row with the words of the activity that it was made from and the number of another."""
        item = self._items.get(version.activity_id, {}).get(version.item_id)
        if item and fold(item.text) == fold(written):
            of = self._by_pk[version.activity_id].number
            raise _Wrong(TICK_NUMBER, OTHER_NUMBER.format(of, activity.number))

    def _day(self, written):
        try:
            day = read_day(written)
        except ValueError as error:
            raise _Wrong(DONE_ON, str(error)) from None
        if day > self.on:
            raise _Wrong(DONE_ON, _lowered(NOT_YET_DONE))
        return day


class _Wrong(Exception):
    """What is wrong with a cell under `column`, in a sentence."""

    def __init__(self, column, sentence):
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


def _place(row, column):
    return f"{TICK_SHEET}, row {row}, {column.heading}"


def _lowered(sentence):
    return sentence[0].lower() + sentence[1:]
