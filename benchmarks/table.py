"""The one table: what was measured, beside its floor and its target."""

from dataclasses import dataclass

from benchmarks.timing import Pair

HEADINGS = ("what", "engine", "floor", "ours", "ratio", "floor ×8", "ours ×8", "ratio ×8", "target")


@dataclass(frozen=True)
class Figure:
    """One line of the table. `alone` and `crowded` were measured with one and with eight askers at once.

    A figure without a floor has it as 0. `why_not` says why it could not be measured.
    """

    what: str
    engine: str
    target: str
    alone: Pair | None = None
    crowded: Pair | None = None
    unit: str = "ms"
    why_not: str = ""

    @property
    def cells(self):
        """The texts of the line, as `HEADINGS` names them."""
        if self.why_not:
            return (self.what, self.engine, f"not measured: {self.why_not}", *[""] * 5, self.target)
        return (self.what, self.engine, *self._pair(self.alone), *self._pair(self.crowded), self.target)

    def _pair(self, pair):
        if pair is None:
            return ("", "", "")
        if not pair.floor:
            return ("", self._amount(pair.ours), "")
        return (self._amount(pair.floor), self._amount(pair.ours), f"{pair.ratio:.2f}")

    def _amount(self, number):
        digits = 0 if number == int(number) or number >= 100 else 1 if number >= 10 else 2
        return f"{number:,.{digits}f} {self.unit}".strip()


def attempt(figures, what, engine, target, measure, *arguments):
    """Add to `figures` the figure with what `measure(*arguments)` answers as its fields, or with why that failed."""
    try:
        figure = Figure(what, engine, target, **measure(*arguments))
    except Exception as problem:  # noqa: BLE001 - one figure that fails must not cost the others
        figure = Figure(what, engine, target, why_not=last_line(problem))
    figures.append(figure)


def last_line(problem):
    """Answer what an exception says, in one line: of a traceback, the last."""
    return (str(problem).strip() or repr(problem)).splitlines()[-1]


class Table:
    """The figures as they come. Each is in the file at once, so that nothing is lost when it ends before its time."""

    def __init__(self, path):
        self.figures = []
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    def append(self, figure):
        """Add a line."""
        self.figures.append(figure)
        lines = render(self.figures)
        with self._path.open("a", encoding="utf-8") as file:
            print(*(lines if len(self.figures) == 1 else lines[-1:]), sep="\n", file=file)

    def finish(self, *said):
        """Write all of it anew, with the lines of `said` above it, and answer that text."""
        text = "\n".join([*said, "", *render(self.figures)])
        self._path.write_text(f"{text}\n", encoding="utf-8")
        return text


def render(figures):
    """Answer the figures as the lines of a Markdown table, its columns aligned."""
    rows = [HEADINGS, *(figure.cells for figure in figures)]
    # What could not be measured says so across the columns.
    widths = [max(len(row[place]) for row in rows if "not measured" not in row[2]) for place in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def _line(row, widths):
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
