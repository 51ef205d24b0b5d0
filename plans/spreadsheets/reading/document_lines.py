"""Lines of cells with tabs between, as they come out of a document: cells that were broken into lines are joined."""

import re

from plans.spreadsheets.reading.headings import score
from plans.spreadsheets.reading.limits import CellCount

OLD_LINE_END = re.compile("\r(?!\n)")
NUMBERED = re.compile(r"\s*[1-9][0-9]{0,3}\.(\s.*)?", re.DOTALL)
TOP_LINES = 60


def read_lines(lines, limits):
    """Answer [(line, from 1; cells)] of an open text or its lines, without blank ones. Raises `UnreadableFile`."""
    rows, count = [], CellCount(limits)
    for number, line in enumerate(_split(lines), start=1):
        limits.check_columns(line.count("\t") + 1 if line.strip() else 0)
        cells = line.rstrip("\r\n").split("\t")
        count.add(number, cells)
        if any(map(str.strip, cells)):
            rows.append((number, cells))
            limits.check_rows(len(rows) - 1)
    scores = [score(cells) for _, cells in rows[:TOP_LINES]]
    heading = scores.index(max(scores)) if scores else 0
    return rows[: heading + 1] + _joined(rows[heading + 1 :], len(rows[heading][1]) if rows else 0, limits)


def _split(lines):
    """Yield lines, whichever line ends they have."""
    for line in lines:
        yield from OLD_LINE_END.split(line) if "\r" in line else (line,)


def _joined(lines, width, limits):
    """Join the lines of a row whose cells held more than one line each."""
    rows = []
    for number, cells in lines:
        last = rows[-1][1] if rows else []
        if last and _goes_on(last, cells, width):
            last[-1:] = [f"{last[-1]}\n{cells[0]}", *cells[1:]]
            # Also keeps a cell of many lines from being copied whole for each of them.
            limits.check_text(max(map(len, last)), number)
        else:
            rows.append((number, list(cells)))
    return rows


def _goes_on(last, cells, width):
    """Whether a line is the rest of the row before it, in which there are cells to come or the last one goes on."""
    if width == 1 or not cells[0].strip() or not last[-1].strip() or any(NUMBERED.fullmatch(cell) for cell in cells):
        return False
    return len(last) + len(cells) - 1 <= width
