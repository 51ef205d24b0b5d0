"""Activities as lines of text, which is what spreadsheets hold: one reading of them for every export and import."""

from collections import namedtuple
from functools import lru_cache

from plans.querysets.exporting import as_rows
from plans.spreadsheets.columns import COLUMNS
from plans.summaries.reference_names import Names, read_names

LINES_AT_A_TIME = 1_000
KNOWN_AT_A_TIME = 5_000
STORED = tuple(dict.fromkeys(name for column in COLUMNS for name in column.stored))
"""What the columns are loaded from, as `as_rows` knows it."""


class Line(namedtuple("Line", ["activity_id", *(column.attribute for column in COLUMNS), "last_update_id"])):  # type: ignore[misc]  # its fields follow from the columns
    """An activity as its columns show it: texts are tidy, agencies are joined as the plan joins them.

    `last_updated` is the day of the latest update with a status, where the programme is, and `last_update_id` its id;
    None when there is none.
    """

    __slots__ = ()


def read_lines(activities, names=None, *, with_update_ids=True):
    """Yield the `Line` of each of `activities` (`for_export()`), in their order.

    They are read as values, since 10,000 activities with their agencies make 100,000 objects; and as they go, so that
    memory does not grow with them. `names` are `read_names()`, if they are known. Without update ids, `last_update_id`
    is None in each `Line`, which saves looking for it. One query, and one for the names.
    """
    names = _names_that_grow(names or read_names())
    makers = [_maker(column, names) for column in COLUMNS]
    rows = as_rows(activities, STORED, with_update_ids=with_update_ids)
    for row in rows.iterator(chunk_size=LINES_AT_A_TIME):
        yield Line(row[0], *[make(row[place]) for place, make in makers], row[-1])


def line_of(activity):
    """Return the `Line` of an activity fetched with `for_export()`. No query."""
    return Line(activity.pk, *(column.export(activity) for column in COLUMNS), activity.last_update_id)


def _maker(column, names):
    """Return (where a row holds what a column is loaded from, side by side, and what makes the cell of that)."""
    first, render, load = STORED.index(column.stored[0]) + 1, column.widget.render, column.widget.load
    place = first if len(column.stored) == 1 else slice(first, first + len(column.stored))

    def make(stored):
        return render(load(stored, names))

    # Most rows say the same of areas, agencies and statuses, which is worked out once.
    return place, make if column.is_own else lru_cache(KNOWN_AT_A_TIME)(make)


def _names_that_grow(names):
    """Return `Names` which are read again when one is wanted that was added after they were read."""
    grown = Names(_Growing(), _Growing(), _Growing())
    for name, known in vars(grown).items():
        known.name = name
        known.update(getattr(names, name))
    return grown


class _Growing(dict):
    """Things of one kind by their ids."""

    name = ""

    def __missing__(self, pk):
        self.update(getattr(read_names(), self.name))
        return super().__getitem__(pk)
