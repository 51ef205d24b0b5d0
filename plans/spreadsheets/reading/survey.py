"""What is known about a sheet before its values are read."""

from dataclasses import dataclass, field

MOST_FORMULAS = 100_000


@dataclass
class Survey:
    """A sheet from outside. Places are (row, column), both from 1.

    `rows` and `columns` are where some cell far out holds something, `cells` how many hold something and `ranges` how
    many merged cells there are, 0 where that is not known yet. `formulas` are
    the cells that hold one, `errors` is {place: text such as "#REF!"}, `merged` are (first row, last row, column) of
    cells that were made one downwards.
    """

    rows: int = 0
    columns: int = 0
    cells: int = 0
    ranges: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
