"""Which activity each row of a file is about, and what the row was made from."""

import re
from collections import Counter
from dataclasses import dataclass

from plans.activity_number import Label, Number, is_day, number_in, read_number
from plans.spreadsheets import columns
from plans.spreadsheets.importing.outcome import OURS, sheets_in_words
from plans.spreadsheets.importing.plan_state import Current
from plans.spreadsheets.reading.table import TableRow, is_heading_row
from plans.spreadsheets.row_versions import ROW_VERSION, RowVersion, unseal
from plans.text import listed, ranges_in

NUMBER, FOCUS_AREA = columns.NUMBER.heading, columns.FOCUS_AREA.heading
POINT_ZERO = re.compile(r"([0-9]{1,9})\.0{1,9}")
DECIMAL = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")
HEADINGS_AGAIN = "This is a repeated heading."
NOTHING_SAID = "This row is not about an activity."
ASIDE = "This row is a heading, a total or a note, and no activity."
BAND = re.compile(r"[^\W\d_]{3}")
"""What has a word in it."""

TOTAL = re.compile(
    r"(?:grand |sub-?\s?)?totals?(?: (?:number of )?(?:activities|actions|items|rows))?\s*[:=]?\s*[0-9]*", re.IGNORECASE
)
NOTE = re.compile(r"(?:notes?|sources?|key|legend|prepared by|last updated|status as at)\s*[:.–-]", re.IGNORECASE)
AREA_ALONE = "This row has only a focus area."
MISSING = "the hidden Row Version is missing"
TAMPERED = "the hidden Row Version column was changed"
OF_ANOTHER_PLAN = "the hidden Row Version is from another plan"
NO_LONGER_THERE = "the activity that this row was made from is no longer in the plan. Type it into an empty row."
COPIED = (
    "the hidden Row Versions of rows {1} all belong to activity {0}, so it is not clear which row is that activity. "
    "Keep one, and type new activities into empty rows."
)
UNTOLD = "{0}, and row {1} was made from the activity of this number. Take this row out, or type it into an empty row."
ADMINS_RENUMBER = (
    "this row was made for activity {0}, but its number is {1}. Only programme admins renumber activities. Enter {0}."
)
WITHDRAWN = "activity {0} has been withdrawn, so it cannot get another number. Enter {0}, or take the row out."
TAKEN = (
    "number {0} is not free: the plan or another row has it. This row was made from activity {1}. Enter {1}, or a "
    "number that is free."
)
SHORTENED = (
    "this row says {0} after {1}, where {2} would come: spreadsheets drop the 0 at the end. Format the column as Text "
    "and enter {2}. If it is {0}, move the row to its place."
)
NOT_FREE = "activity {0} has this number already. Give the new row another one."
NAMING = (columns.TITLE.heading, columns.DESCRIPTION.heading)
"""The cells by which people know an activity, the first that is not blank."""


@dataclass(slots=True)
class NumberedRow:
    """A row of a file and the activity that it is about.

    `number` is that of the activity in the plan, or that of a new one; None for a row that is passed over or in
    error. `written` is the number in the file, `current` the activity as it is now, None for a new one. `version` is
    what the row was made from, None when nothing genuine says so; `distrust` then says why, where the file has such a
    column. `moved_to` is the number that the file gives to the activity, None where that is the plan's. `note` says
    why it is passed over, `error` what is wrong with its number.
    """

    row: TableRow
    number: Number | None = None
    version: RowVersion | None = None
    distrust: str = ""
    note: str = ""
    error: str = ""
    written: Number | None = None
    current: Current | None = None
    moved_to: Number | None = None


def number_rows(plan, table, sheet, activities, *, side="", may_renumber=True):
    """Return a `NumberedRow` for each row of a table. `activities` is {number: `Current`}. No query.

    A row with a genuine version is about the activity that it was made from, whatever its number says. Where the file
    has given it another number, that is a move: the activity gets the number, unless the `side` taken is that of the
    plan; without `may_renumber` it is an error. A move that cannot be made is an error.
    """
    numbered = [_numbered(row, table, sheet, plan) for row in table.rows]
    told = [one for one in numbered if not (one.note or one.error)]
    _spell_alike(told, activities)
    _refuse_shortened(told)
    told = [one for one in told if not one.error]
    _find_activities(told, activities, sheet)
    _tell_copies_apart(told, activities)
    _find_moves(told, may_renumber)
    for one in told:
        one.number = one.current.number if one.current else one.written
    _refuse_numbers_given_twice(told, table.parts)
    if side == OURS:
        _refuse_new_rows_without_number(told, activities, set())
    else:
        _refuse_blocked_moves(told, activities)
    return numbered


def in_words(numbers, most=10):
    """Return whole numbers in order as people list them: "2–40, 55 and 70"; from `most` ranges on, "and 5 more"."""
    # Two are no range.
    ranges = [part for first, last in ranges_in(numbers) for part in _apart(first, last)]
    words = [f"{first}–{last}" if last > first else str(first) for first, last in ranges]
    if len(words) > most:
        rest = sum(last - first + 1 for first, last in ranges[most:])
        words = [*words[:most], f"{rest:,} more"]
    return listed(words)


def number_written(text, version=None):
    """Return the number of an activity that a cell says; None when it says none.

    In a row that was made from `version`, what spreadsheets make of its number by themselves is that number: 1.1 of
    1.10, and a date of 1-2.
    """
    sealed = version and version.number
    if isinstance(sealed, Label) and (text == _shortened(sealed) or is_day(text)):
        return sealed
    return number_in(_without_point_zero(text))


def _without_point_zero(text):
    found = POINT_ZERO.fullmatch(text)
    return found[1] if found else text


def _shortened(label):
    """Return what a spreadsheet shows of a label that it takes for a number with decimals; None for any other."""
    return label.rstrip("0").rstrip(".") if DECIMAL.fullmatch(label) else None


def _spell_alike(told, activities):
    """Have the same number in other letters be the same: as the plan spells it, else as the file does first."""
    spelled = {str(number).lower(): number for number in activities}
    for one in told:
        if one.written is not None:
            one.written = spelled.setdefault(str(one.written).lower(), one.written)


def _refuse_shortened(told):
    """Refuse numbers such as 1.1 between 1.9 and 1.11, which are most likely 1.10; a version would tell."""
    numbers = [one.written for one in told]
    for one, before, after in zip(told, [None, *numbers], [*numbers[1:], None], strict=False):
        if one.version is None and (meant := _meant(one.written, before, after)):
            one.error = SHORTENED.format(one.written, before, meant)


def _meant(number, before, after):
    """Return the number that `number` is meant to be between its neighbours, where it has lost zeros at its end."""
    parts = [DECIMAL.fullmatch(str(one)) for one in (number, before, after)]
    if not (parts[0] and parts[1]) or parts[0][1] != parts[1][1]:
        return None
    said, previous = int(parts[0][2]), int(parts[1][2])
    following = int(parts[2][2]) if parts[2] and parts[2][1] == parts[0][1] else None
    for zeros in (1, 2):
        whole = said * 10**zeros
        if said < previous < whole and (previous + 1 == whole or following == whole + 1):
            return f"{parts[0][1]}.{whole}"
    return None


def _apart(first, last):
    return [(first, first), (last, last)] if last == first + 1 else [(first, last)]


def _numbered(row, table, sheet, plan):
    if is_heading_row(row, table):
        return NumberedRow(row, note=HEADINGS_AGAIN)
    said = [heading for heading, text in (sheet.cells(row) | sheet.report_cells(row)).items() if text]
    written, seal = sheet.text(row, NUMBER), sheet.text(row, ROW_VERSION)
    if not (written or said):
        return NumberedRow(row, note=NOTHING_SAID)
    if not written and said == [FOCUS_AREA]:
        return NumberedRow(row, note=AREA_ALONE)
    if not seal and _is_aside(written, said, row):
        return NumberedRow(row, note=ASIDE)
    found = NumberedRow(row)
    version = unseal(seal) if seal else None
    if version is not None and version.plan_id == plan.pk:
        found.version = version
    elif sheet.has_versions:
        found.distrust = OF_ANOTHER_PLAN if version else TAMPERED if seal else MISSING
    if written or not found.version:
        found.written, found.error = _number(written, found.version)
    return found


def _is_aside(written, said, row):
    """Return whether a row has no number and is a band across the table, a total, a note or a source."""
    if number_written(written) is not None:
        return False
    first = next((cell for cell in row.cells if cell), "")
    is_band = written and not said and BAND.search(written)
    return bool(is_band or TOTAL.fullmatch(first) or (len(said) == 1 and NOTE.match(first)))


def _find_activities(told, activities, sheet):
    """Find the activity of each row: that of its version; without one, that of its number."""
    by_pk = {one.pk: one for one in activities.values()}
    versions = {one.version.activity_id: one.version for one in told if one.version}
    for one in told:
        holder = activities.get(one.written)
        if one.version is None:
            one.current, one.distrust = holder, one.distrust if holder else ""
            continue
        one.current = by_pk.get(one.version.activity_id)
        if one.current is None and (holder or one.written is None):
            one.error = NO_LONGER_THERE
        elif one.current is None:
            one.version = None
        elif holder and holder is not one.current and _is_left_behind(one, versions.get(holder.pk), sheet):
            one.current, one.version = holder, versions[holder.pk]


def _is_left_behind(one, of_number, sheet):
    """Return whether the hidden version stayed where it was when the cells beside it were sorted.

    The row then says what the activity of its number said, whose version `of_number` is in another row.
    """
    if of_number is None:
        return False
    cells = sheet.cells(one.row)
    for heading in NAMING:
        if text := cells.get(heading):
            return of_number.is_original(heading, text) and not one.version.is_original(heading, text)
    return False


def _tell_copies_apart(told, activities):
    """Of several rows about one activity, find those that are new; what cannot be told is an error."""
    for rows in _several([one for one in told if not one.error], lambda one: one.current and one.current.pk):
        number, sealed = rows[0].current.number, [one for one in rows if one.version]
        if len({one.written or number for one in rows}) == 1:
            # The same number in all: said below.
            continue
        if len(sealed) == 1:
            _take_for_new(sealed[0], [one for one in rows if one is not sealed[0]])
            continue
        # A copied row says the same of where it is from as the one that was copied.
        originals = [one for one in sealed if (one.written or number) == number]
        for one in rows:
            if len(originals) == 1 and one is not originals[0] and one.version and one.written not in activities:
                one.current = one.version = None
            elif len(originals) != 1 or one is not originals[0]:
                one.error = COPIED.format(number, in_words([other.row.row for other in rows]))


def _take_for_new(sealed, bare):
    """Take rows without a version for new ones, whose number is that of an activity that gets another in `sealed`."""
    for one in bare:
        if one.distrust and one.distrust != MISSING:
            one.error = UNTOLD.format(one.distrust, sealed.row.row)
        else:
            one.current, one.distrust = None, ""


def _find_moves(told, may_renumber):
    """Find the rows to which the file gives another number than they were made with, and than the plan has now."""
    for one in told:
        if one.error or not (one.current and one.version) or one.written is None:
            continue
        if one.written in (one.version.number, one.current.number):
            continue
        if not may_renumber:
            one.error = ADMINS_RENUMBER.format(one.current.number, one.written)
        elif one.current.withdrawn_on:
            one.error = WITHDRAWN.format(one.current.number)
        else:
            one.moved_to = one.written


def _refuse_numbers_given_twice(told, parts):
    for rows in _several([one for one in told if not one.error], _identity):
        numbers = [one.row.row for one in rows]
        places = sheets_in_words(numbers, parts) if parts else f"rows {in_words(numbers)}"
        for one in rows:
            one.error = f"activity {one.written or one.number} is in {places}. Keep only one."
            one.moved_to = None


def _identity(one):
    # An activity that gets another number leaves its own to a new one.
    return (one.current is None, one.current.pk if one.current else one.number)


def _refuse_blocked_moves(told, activities):
    holders = {number: one.pk for number, one in activities.items()}
    moves = {one.current.pk: one for one in told if one.moved_to is not None}
    newcomers = [one.number for one in told if one.current is None and not one.error]
    blocked = blocked_moves({pk: one.moved_to for pk, one in moves.items()}, holders, newcomers)
    for pk in blocked:
        one = moves.pop(pk)
        one.error = TAKEN.format(one.moved_to, one.number)
        one.moved_to = None
    _refuse_new_rows_without_number(told, activities, set(moves))


def blocked_moves(moves, holders, newcomers=()):
    """Return the ids of activities that cannot get the number that they would.

    `moves` is {id: number wanted}, `holders` {number: id} of all activities of the plan, `newcomers` numbers that new
    activities get. A move is blocked where the number is that of an activity that keeps it, or is wanted twice. What
    is blocked keeps its own number, which may block others.
    """
    left, blocked = dict(moves), set()
    while True:
        wanted = Counter(left.values()) + Counter(newcomers)
        found = {
            pk
            for pk, number in left.items()
            if wanted[number] > 1 or (number in holders and holders[number] not in left)
        }
        if not found:
            return blocked
        blocked |= found
        left = {pk: number for pk, number in left.items() if pk not in found}


def _refuse_new_rows_without_number(told, activities, movers):
    """Refuse new rows whose number is that of an activity which keeps it; `movers` are ids of those that do not."""
    for one in told:
        holder = activities.get(one.number) if one.current is None and not one.error else None
        if holder and holder.pk not in movers:
            one.error = NOT_FREE.format(one.number)


def _several(rows, key):
    """Return the lists of rows that have the same `key`, if that is not None and there are several."""
    found = {}
    for one in rows:
        if (value := key(one)) is not None:
            found.setdefault(value, []).append(one)
    return [same for same in found.values() if len(same) > 1]


def _number(written, version):
    """Return (number, "") of a cell, or (None, what is wrong with it)."""
    if not written:
        return None, "this row has no activity number. Add one, or delete the row."
    number = number_written(written, version)
    if number:
        return number, ""
    try:
        return read_number(_without_point_zero(written)), ""
    except ValueError as error:
        return None, str(error)
