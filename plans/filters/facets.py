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
    """A filter that is chosen from a list, of which `first_count` values stand before "Show all" (None: all do)."""

    name: str
    legend: str
    values: tuple[FacetValue, ...]
    errors: tuple[str, ...]
    is_folded: bool = False
    first_count: int | None = None

    @property
    def first(self) -> tuple[FacetValue, ...]:
        """The values that are always in sight."""
        return self.values[: self.first_count]

    @property
    def others(self) -> tuple[FacetValue, ...]:
        """The values that "Show all" brings."""
        return self.values[self.first_count :] if self.first_count is not None else ()

    @property
    def is_open(self) -> bool:
        """Whether all values have to be in sight: one of those that would not be is chosen, or something is wrong."""
        hidden = self.values if self.is_folded else self.others
        return bool(self.errors) or any(one.is_chosen for one in hidden)

    @property
    def explained(self) -> list[FacetValue]:
        """The values whose labels need a sentence, `meaning`, to be understood."""
        return [one for one in self.values if one.meaning]

    @property
    def chosen(self) -> list[str]:
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
