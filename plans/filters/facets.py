"""What a page shows of its filters."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class FacetValue:
    """One value of a filter: what it is called and how many activities it would leave."""

    value: str
    label: str
    count: int
    is_chosen: bool
    lang: str = ""
    shape: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Facet:
    """A filter that is chosen from a list."""

    name: str
    legend: str
    values: tuple[FacetValue, ...]
    errors: tuple[str, ...]

    @property
    def explained(self):
        """The values whose labels need a sentence, `meaning`, to be understood."""
        return [one for one in self.values if one.meaning]

    @property
    def chosen(self):
        """The values that are chosen."""
        return [one.value for one in self.values if one.is_chosen]


class Arrangement(NamedTuple):
    """A way to arrange the list: what can be chosen, as ((value, label), …), and the value that is."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class Chip:
    """A chosen filter, and the query string that is left when it is taken off."""

    label: str
    query_without: str
