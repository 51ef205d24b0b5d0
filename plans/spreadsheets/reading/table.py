"""A table out of what a file holds: its headings, and rows of text, each with the place where the file has it."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plans.activity_number import Label, number_in
from plans.spreadsheets import columns
from plans.spreadsheets.cell_text import unguard
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.published.printed_table import is_continuation, is_nothing
from plans.spreadsheets.reading.headings import NOT_SAID, join_heading_rows, match_headings, score, split_agencies
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.sandbox import Grid
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.spreadsheets.wrong_letters import with_signs_of_windows
from plans.text import first_named


def place_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls the cell in `row` and `column`, both from 1: "B2"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is not blank. `row` counts as the file does, from 1; `cells` are as wide as the headings.

    A cell is tidy text, as CSV would hold it: dates in ISO form, whole numbers without a point, blank as "".
    """

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as it stands in a file.

    `headings` are as written, from the row `heading_row`; `columns` are their places in the file, from 1, since
    hidden or blank columns may be left out; `sheet` is the name of the sheet, blank where there is none. `kind` is
    what the file was found to be, in words ("Excel workbook"); `notes` are sentences about how it was read.
    `ticks` is the sheet beside it that says which sub-activities are done, its headings spelt as ours; None where
    there is none. `sheets` are the names of all sheets of the file, in their order. `errors` is {(row, column of the
    file): sentence} of cells of which it is not known what they say, whether they are read or not. Where several sheets
    are read together, rows are counted through them, and `parts` are (rows before the first of a sheet, its name).
    `titles` are (first row, what stands above it): the name of a sheet, or the words above a Word table.
    """

    kind: str
    sheet: str
    heading_row: int
    headings: tuple[str, ...]
    columns: tuple[int, ...]
    rows: list[TableRow]
    notes: tuple[str, ...] = ()
    ticks: "Table | None" = None
    sheets: tuple[str, ...] = ()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    parts: tuple[tuple[int, str], ...] = ()
    titles: tuple[tuple[int, str], ...] = ()


_Row = tuple[int, list[str]]
"""A row of the file, from 1, and the texts of its cells."""

NUMBERED = re.compile(r"#?(?P<number>[1-9][0-9]{0,8})[.)](?:\s+(?P<title>.*))?", re.DOTALL)
NOTE = "There is no column Number. The numbers are those before the titles, for example “1. A title”."


def unprint(table: Table) -> Table:
    """Return the table with a column Number, if it is one of the printed shape; else as it is.

    The column stands behind the last one. Rules and rests that a page break left are taken out or joined, and blank
    focus areas are filled from the row above.
    """
    matched = {match.heading: index for index, match in enumerate(match_headings(table.headings, table.columns))}
    titles = matched.get(columns.TITLE.heading)
    if columns.NUMBER.heading in matched or titles is None or not _has_numbers(table.rows, titles):
        return table
    rows = _fill_down(_without_page_breaks(table.rows), matched.get(columns.FOCUS_AREA.heading))
    return replace(
        table,
        headings=(*table.headings, columns.NUMBER.heading),
        columns=(*table.columns, max(table.columns) + 1),
        rows=[_numbered(row, titles) for row in rows],
        notes=(*table.notes, NOTE),
    )


def _has_numbers(rows: Iterable[TableRow], titles: int) -> bool:
    """Return whether most titles begin with a number."""
    written = [row.cells[titles] for row in rows if row.cells[titles]]
    return sum(1 for text in written if NUMBERED.fullmatch(text)) * 2 > len(written)


def _without_page_breaks(rows: Iterable[TableRow]) -> list[TableRow]:
    """Leave out rules, and give the rest of a last cell back to the row that it was torn from."""
    kept: list[TableRow] = []
    for row in rows:
        if is_nothing([cell for cell in row.cells if cell]):
            continue
        if kept and is_continuation(_torn(row.cells)) and kept[-1].cells[-1].endswith(";"):
            rest = next(cell for cell in reversed(row.cells) if cell)
            kept[-1] = replace(kept[-1], cells=(*kept[-1].cells[:-1], f"{kept[-1].cells[-1]} {rest}"))
        else:
            kept.append(row)
    return kept


def _torn(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells without the blank one that was added behind, where a tab was lost."""
    return cells if cells[-1] else cells[:-1]


def _fill_down(rows: list[TableRow], column: int | None) -> list[TableRow]:
    """Fill blank cells of a column from the row above."""
    if column is None:
        return rows
    filled, above = [], ""
    for row in rows:
        above = row.cells[column] or above
        filled.append(TableRow(row.row, (*row.cells[:column], above, *row.cells[column + 1 :])))
    return filled


def _numbered(row: TableRow, titles: int) -> TableRow:
    found = NUMBERED.fullmatch(row.cells[titles])
    if not found:
        return TableRow(row.row, (*row.cells, ""))
    cells = (*row.cells[:titles], found["title"] or "", *row.cells[titles + 1 :])
    return TableRow(row.row, (*cells, found["number"]))


STRUCK_OUT = "Struck-out words are read like other words. Delete them if they no longer count: {}."
STATUS_HEADINGS = (columns.STATUS.heading, columns.UPDATE_STATUS.heading)
COLOURED = (
    "The cells under “{}” have colours and no words, so that no status is read. Type into each what its colour means, "
    "for example Green or On track, and send the file again."
)
TOP_ROWS = 60
MOST_NAMED = 5
LEAST_SCORE = 0.8
OWN_IN_EACH_ROW = (columns.NUMBER.heading, columns.TITLE.heading, ROW_VERSION)
SIGN_OF_LOSS = re.compile("[?\ufffdÄÅ]")
"""What one of stands in all that `LOST_LETTERS` finds; looking for those costs a hundred times as much."""

LOST_LETTERS = re.compile(
    # "M?ori", a sign that stands for a letter that could not be read, and "ā" taken for two letters.
    r"(?<![^\s(“‘;,])[A-Za-z]+\?[a-zāēīōū]+(?![^\s).,;:”’])"
    r"|\ufffd|(?<=[A-Za-z])[ÄÅ](?=[a-z])|Ä[€“’«ª]|Å[«ŒªŠ]"
)
LETTERS_AROUND = 30
NO_HEADINGS = (
    f"No row holds the headings. Above the activities one row should read: {', '.join(columns.HEADINGS[:9])}; not all "
    "of them are needed."
)


def make_table(grid: Grid) -> Table:
    """Return the `Table` that a `Grid` holds. Raises `UnreadableFile`."""
    heading_at = _join_heading_rows(grid)
    heading_row, headings = grid.rows[heading_at]
    headings = [_tidy(cell) for cell in headings]
    _refuse_surplus_cells(grid.rows[heading_at + 1 :], len(headings))
    rows = [(row, _padded(cells, len(headings))) for row, cells in grid.rows[heading_at + 1 :]]
    _show(rows, headings, grid)
    rows, joined = join_rows(rows, headings)
    rows = _fill_merged(rows, headings, grid)
    headings, rows, unsaid, together = split_agencies(headings, rows)
    errors = {(joined.get(row, row), column): text for (row, column), text in cell_errors(grid, heading_row).items()}
    errors |= {(row, place + grid.first_column): NOT_SAID for row, place in unsaid}
    ours = {match.place for match in match_headings(headings, range(len(headings))) if match.heading}
    uncertain = {row for row, column in errors if column - grid.first_column in ours}
    # A formula that no program worked out may be all that is in its row, which is blank then and left out until here.
    left_out = uncertain - {row for row, _ in rows}
    rows = sorted([*rows, *((row, [""] * len(headings)) for row in left_out)]) if left_out else rows
    kept = [index for index, heading in enumerate(headings) if heading or any(cells[index] for _, cells in rows)]
    table = Table(
        kind=grid.kind,
        sheet=grid.sheet,
        heading_row=heading_row,
        headings=tuple(headings[index] for index in kept),
        columns=tuple(index + grid.first_column for index in kept),
        rows=[
            TableRow(row, tuple(cells[index] for index in kept))
            for row, cells in rows
            if any(cells) or row in uncertain
        ],
        notes=(*grid.notes, *together, *([joined_in_words(joined)] if joined else [])),
        errors=errors,
        titles=tuple(grid.titles) or ((1, grid.title or grid.sheet),),
    )
    return unprint(_noted(_note_looks(_note_formulas(table, grid.formulas), grid)))


def take_table(grid: Grid, other: Grid) -> None:
    """Add to a grid the rows of `other`, which has headings of its own, in other columns or another order."""
    note_title(grid, other)
    at, other_at = _join_heading_rows(grid), _join_heading_rows(other)
    headings = [_tidy(cell) for cell in grid.rows[at][1]]
    written = [_tidy(cell) for cell in other.rows[other_at][1]]
    places = {name: place for place, name in enumerate(_names_of(headings)) if name}
    for name, text in zip(_names_of(written), written, strict=True):
        if name and name not in places:
            places[name] = len(headings)
            headings.append(text)
    grid.rows[at] = (grid.rows[at][0], headings)
    targets = [places.get(name) for name in _names_of(written)]
    rows: list[list[str]] = []
    for _, cells in other.rows[other_at + 1 :]:
        texts = [""] * len(headings)
        for target, text in zip(targets, cells, strict=False):
            if target is not None:
                texts[target] = text
        # Surplus cells stay behind the last, where they are refused.
        rows.append(texts + [text for text in cells[len(targets) :] if text.strip()])
    _take_places(grid, other, other_at, targets)
    grid.take(rows)


def _take_places(grid: Grid, other: Grid, other_at: int, targets: Sequence[int | None]) -> None:
    """Add to a grid what is known of cells of `other` below its headings; `targets` are the new places of columns."""
    shift = grid.first_row + len(grid.rows) - (other.first_row + other_at + 1)
    moved = {other.first_column + at: target for at, target in enumerate(targets) if target is not None}
    for first, last, column in other.merged:
        if column in moved and first > other.first_row + other_at:
            grid.merged.append([first + shift, last + shift, moved[column] + grid.first_column])
    for row, column, fill in other.filled:
        if column in moved and row > other.first_row + other_at:
            grid.filled.append([row + shift, moved[column] + grid.first_column, fill])


def note_title(grid: Grid, other: Grid) -> None:
    """Note the words above a table whose rows are added to a grid."""
    grid.titles = grid.titles or [(grid.first_row, grid.title)]
    if other.title:
        grid.titles.append((grid.first_row + len(grid.rows), other.title))


def _names_of(headings: Sequence[str]) -> list[str]:
    """Return what each of the headings means: one of ours, else what is written."""
    return [match.heading or match.written.casefold() for match in match_headings(headings, range(len(headings)))]


def heading_score(grid: Grid) -> float:
    """Return how much the likeliest row of a grid looks like headings; see `headings.score`."""
    return max((score(tuple(map(_tidy, cells))) for _, cells in grid.rows[:TOP_ROWS]), default=0)


def is_heading_row(row: TableRow, table: Table) -> bool:
    """Return whether a `TableRow` says the headings again, as tables that were printed do on each page."""
    said = [(cell, heading) for cell, heading in zip(row.cells, table.headings, strict=True) if cell]
    return len(said) >= min(2, len(table.headings)) and all(
        " ".join(cell.casefold().split()) == " ".join(heading.casefold().split()) for cell, heading in said
    )


def _join_heading_rows(grid: Grid) -> int:
    """Return the index of the row of headings, with those of two rows joined into one."""
    at = _heading_at(grid.rows)
    first = max(at - 1, 0)
    around = [(row, [_tidy(cell) for cell in cells]) for row, cells in grid.rows[first : at + 2]]
    joined, note = join_heading_rows(around, at - first)
    if not note:
        return at
    grid.rows[first : at + 2] = joined
    grid.notes = [*grid.notes, note]
    return _heading_at(grid.rows)


def _heading_at(rows: Sequence[_Row]) -> int:
    """Return the index of the row of headings. Raises `UnreadableFile` when there is none."""
    scores = [score(tuple(map(_tidy, cells))) for _, cells in rows[:TOP_ROWS]]
    if not scores or max(scores) < LEAST_SCORE:
        raise UnreadableFile(NO_HEADINGS)
    return scores.index(max(scores))


def _refuse_surplus_cells(rows: Iterable[_Row], width: int) -> None:
    """Refuse rows that are longer than the headings: one sign too many, and each cell behind it is another's."""
    longer = [row for row, cells in rows if len(cells) > width and any(map(str.strip, cells[width:]))]
    if longer:
        raise UnreadableFile(
            f"{_listed('Row', longer)} {'has' if len(longer) == 1 else 'have'} more cells than there are headings "
            f"({width}). A text that holds the sign between cells has to stand in quotation marks."
        )


def _padded(cells: list[str], width: int) -> list[str]:
    texts = cells[:width]
    written = "".join(texts)
    # Looked at once for the whole row, since most rows are plain words.
    is_plain = written.isascii() and written.isprintable() and "'" not in written
    tidied = [text.strip() for text in texts] if is_plain else [_tidy(text) for text in texts]
    return tidied + [""] * (width - len(texts))


def _fill_merged(rows: list[_Row], headings: Sequence[str], grid: Grid) -> list[_Row]:
    """Say what is said once in cells that were made one, in each of its rows, as people see it."""
    if not grid.merged:
        return rows
    at = {row: index for index, (row, _) in enumerate(rows)}
    matches = match_headings(headings, range(len(headings)))
    shared = {match.place for match in matches if match.heading and match.heading not in OWN_IN_EACH_ROW}
    reached: dict[int, int] = {}
    for first, last, column in sorted(grid.merged):
        place = column - grid.first_column
        # No program makes one over the other; going through all of them would take the square of the rows.
        if place not in shared or first not in at or first <= reached.get(place, 0):
            continue
        reached[place] = last
        text = rows[at[first]][1][place]
        for row in range(first + 1, min(last, rows[-1][0]) + 1):
            if row in at and any(rows[at[row]][1]) and not rows[at[row]][1][place]:
                rows[at[row]][1][place] = text
    return rows


VALUES = {column.heading for column in (*columns.COLUMNS, *columns.UPDATE_COLUMNS) if column.is_day or column.readonly}
"""Headings of columns in which numbers and days count for what they are; in all others for what they look like."""

HOLDS_FORMULA = "this cell holds a formula, and only its last result is known. Type the text itself over it."
UNKNOWN_FORMAT = (
    "it is not known what this cell shows, since its number format cannot be read. Type what it shows as text, with an "
    "apostrophe (') before it."
)


def _show(rows: list[_Row], headings: Sequence[str], grid: Grid) -> None:
    """Have cells of words say what they show, such as "45%" for 0.45, and numbers of activities "1.10" for 1.1."""
    if not grid.shown:
        return
    matches = match_headings(headings, range(len(headings)))
    values = {match.place for match in matches if match.heading in VALUES or match.heading == ROW_VERSION}
    numbers = {match.place for match in matches if match.heading == columns.NUMBER.heading}
    at = {row: index for index, (row, _) in enumerate(rows)}
    for (row, column), text in grid.shown.items():
        place = column - grid.first_column
        if row not in at or text is None or place in values or place >= len(headings):
            continue
        # 1,000 and 001 are ways to show the activity 1000 and 1; 1.10 is not 1.1.
        if place not in numbers or isinstance(number_in(text), Label):
            rows[at[row]][1][place] = _tidy(text)


def cell_errors(grid: Grid, heading_row: int) -> dict[tuple[int, int], str]:
    """Return {(row, column): sentence} of the cells under the headings of which it is not known what they say.

    What a formula last came to need not be what its author saw, and some programs keep nothing at all.
    """
    unknown = {place: UNKNOWN_FORMAT for place, text in grid.shown.items() if text is None and place[0] > heading_row}
    return unknown | {(row, column): HOLDS_FORMULA for row, column in grid.formulas if row > heading_row}


def _note_formulas(table: Table, formulas: Iterable[Sequence[int]]) -> Table:
    """Return the table with a note about formulas that do no harm."""
    matches = match_headings(table.headings, table.columns)
    read = {match.place for match in matches if match.heading and match.how != "ignored"}
    outside = sum(row <= table.heading_row or column not in read for row, column in formulas)
    if not outside:
        return table
    formulas_stand = "1 formula stands" if outside == 1 else f"{outside:,} formulas stand"
    return _with_note(table, f"{formulas_stand} outside the columns that are read.")


def _note_looks(table: Table, grid: Grid) -> Table:
    """Return the table with notes about words that are struck out, and about statuses that are colours alone."""
    if struck := sorted({row for row, _ in grid.struck if row > table.heading_row}):
        rows = f"row{'s' * (len(struck) > 1)} {first_named(struck)}"
        table = _with_note(table, STRUCK_OUT.format(rows))
    for match in match_headings(table.headings, table.columns):
        if match.heading in STATUS_HEADINGS and _is_coloured_alone(table, grid.filled, match.place):
            return _with_note(table, COLOURED.format(match.written))
    return table


def _is_coloured_alone(table: Table, filled: Iterable[Sequence[Any]], column: int) -> bool:
    """Return whether the cells of a column are all blank, and some differ in their colours."""
    at = table.columns.index(column)
    rows = {row.row for row in table.rows}
    colours = [fill for row, place, fill in filled if place == column and row in rows]
    is_blank = not any(row.cells[at] for row in table.rows)
    return is_blank and bool(colours) and (len(set(colours)) > 1 or len(colours) < len(rows))


def _noted(table: Table) -> Table:
    """Return the table with notes about what was passed over and what looks lost."""
    if not table.rows:
        table = _with_note(table, "There are no rows under the headings.")
    if table.heading_row > 1:
        table = _with_note(table, f"The headings were found in row {table.heading_row}; what stands above is not read.")
    signs = [(row.row, cell) for row in table.rows for cell in row.cells if SIGN_OF_LOSS.search(cell)]
    lost = [(row, found) for row, cell in signs if (found := LOST_LETTERS.search(cell))]
    if lost:
        row, example = lost[0][0], _word_around(lost[0][1])
        more = f", and in {len(lost) - 1:,} more" if len(lost) > 1 else ""
        return _with_note(
            table,
            f"Letters look lost in row {row} (“{example}”){more}. If macrons are missing, save the file as “CSV UTF-8” "
            "or .xlsx, and send that.",
        )
    return table


def _word_around(found: re.Match[str]) -> str:
    """Return the word in which something was found, of a long one the letters next to it."""
    before, after = found.string[: found.start()][-LETTERS_AROUND:], found.string[found.end() :][:LETTERS_AROUND]
    start = next((place for place in range(len(before), 0, -1) if not _is_in_word(before[place - 1])), 0)
    end = next((place for place, letter in enumerate(after) if not _is_in_word(letter)), len(after))
    return f"{before[start:]}{found[0]}{after[:end]}"


def _is_in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _with_note(table: Table, note: str) -> Table:
    return replace(table, notes=(*table.notes, note))


def _listed(noun: str, things: Sequence[object]) -> str:
    """Return "Row 3", "Rows 3 and 4", "Rows 1, 2, 3, 4, 5 and 17 more"."""
    named = [str(thing) for thing in things[:MOST_NAMED]]
    rest = len(things) - len(named)
    last = f"{rest:,} more" if rest else named.pop()
    return f"{noun}{'s' if len(things) > 1 else ''} {', '.join(named)}{' and ' if named else ''}{last}"


def _tidy(cell: str) -> str:
    """Return the text of a cell: without space around it, and without the apostrophes that guard it."""
    return unguard(tidy(with_signs_of_windows(cell)))


# An activity over several rows, as tables with merged cells have it.

WORDS = (columns.DESCRIPTION, columns.LEADS, columns.SUPPORTS, *columns.UPDATE_COLUMNS[2:])
MAY_GO_ON = frozenset(column.heading for column in WORDS)
"""Headings of columns whose cells can go on in the row below: words and lists."""


def join_rows(rows: list[_Row], headings: Sequence[str]) -> tuple[list[_Row], dict[int, int]]:
    """Join rows without number and title with the row above, whose description or agencies they go on with.

    `rows` are [(row, cells)]. Returns (rows, {row that was joined: row that it belongs to}). A row that says anything
    else stays by itself, and so does each where the table has no column of numbers.
    """
    places = {match.heading: match.place for match in match_headings(headings, range(len(headings))) if match.heading}
    number = places.get(columns.NUMBER.heading)
    if number is None or ROW_VERSION in places:
        return rows, {}
    going_on = {place for heading, place in places.items() if heading in MAY_GO_ON}
    own = {place for heading, place in places.items() if heading not in MAY_GO_ON}
    kept: list[_Row] = []
    joined: dict[int, int] = {}
    for row, cells in rows:
        said = {place for place in going_on if cells[place]}
        if not kept or not said or any(cells[place] for place in own) or not kept[-1][1][number]:
            kept.append((row, cells))
            continue
        first, above = kept[-1]
        for place in said:
            if cells[place] != above[place]:
                above[place] = f"{above[place]}\n{cells[place]}".strip()
        joined[row] = first
    return kept, joined


def joined_in_words(joined: Collection[int]) -> str:
    """Return a sentence about the rows that were joined."""
    rows = sorted(joined)
    if len(rows) == 1:
        return f"Row {rows[0]} has no number and goes on with the row above, so the two are read together."
    return f"Rows {first_named(rows)} have no number and go on with the row above, so they are read together with it."
