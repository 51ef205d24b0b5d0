"""What people choose of the activities of a plan, as one value for whatever lists, counts or exports them."""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, NamedTuple, Self

from django.db.models import TextField

from plans.activity_number import number_in, stored_between
from plans.fast.queries import Param, ParamList, ParamListOfOne
from plans.text import search_words

COLUMNS = {
    "focus_areas": "focus_area",
    "priority_areas": "priority_area",
    "statuses": "status",
    "descriptions": "description_state",
    "freshness": "freshness",
    "attention": "attention",
    "due": "due_state",
    "rating": "rating_state",
    "endings": "ending",
    "leads_differ": "leads_state",
}
"""What is chosen by the value of one column of an activity: {part of an `ActivitySelection`: column}."""

TEXTS = ("statuses", "descriptions", "freshness", "attention", "due", "rating", "endings", "leads_differ")
AMONG = {
    **{name: ParamList(name) for name in ("focus_areas", "priority_areas", "agencies")},
    **{name: ParamList(name, TextField()) for name in TEXTS},
}
ONE_AMONG = {name: ParamListOfOne(name, asked.output_field) for name, asked in AMONG.items()}


class Word(NamedTuple):
    """A folded word that is searched for.

    What is stored of the number of an activity that it may stand for lies from `first` to before `beyond`; None for a
    word that is no number.
    """

    text: str
    first: str | None = None
    beyond: str | None = None


def words_in(query: str) -> tuple[Word, ...]:
    """Return what a person typed into a search box as a tuple of `Word`."""
    return tuple(map(_word, search_words(query)))


def _word(text: str) -> Word:
    number = number_in(text)
    return Word(text) if number is None else Word(text, *stored_between(number))


@dataclass(frozen=True)
class ActivitySelection:
    """What somebody chose; a part that is left empty lets every activity through.

    Areas and agencies are ids. `agencies` have the `role` on an activity, any role when it is ""; without agencies,
    anybody at all has it. `or_nobody` adds activities on which nobody has it (without a role: that nobody leads).
    `checks` are values of `PlanCheck`, of which an activity fails any.
    """

    words: tuple[Word, ...] = ()
    focus_areas: tuple[int, ...] = ()
    priority_areas: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    freshness: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    rating: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    leads_differ: tuple[str, ...] = ()
    agencies: tuple[int, ...] = ()
    role: str = ""
    or_nobody: bool = False

    @property
    def by_column(self) -> dict[str, Any]:
        """The conditions on columns of an activity, as `filter()` takes them."""
        return {f"{column}__in": among for name, column in COLUMNS.items() if (among := getattr(self, name))}

    @property
    def is_of_agencies(self) -> bool:
        """Whether anything is chosen about agencies or their role."""
        return self.names_agencies or bool(self.role)

    @property
    def names_agencies(self) -> bool:
        """Whether it says which agencies, if only that it may be nobody."""
        return bool(self.agencies or self.or_nobody)

    @property
    def involvement(self) -> dict[str, Any]:
        """Who has to be on an activity, as `involving()` takes it."""
        return {
            "agencies": self.agencies if self.names_agencies else None,
            "role": self.role,
            "or_nobody": self.or_nobody,
        }

    @property
    def of_any_agency(self) -> Self:
        """The same with nothing chosen about agencies."""
        return replace(self, agencies=(), role="", or_nobody=False)

    @cached_property
    def outline(self) -> "ActivitySelection":
        """The same with a `Param` for each value: equal for all selections that are worded alike, for `@prepared`."""
        chosen = {name: len(getattr(self, name)) for name in AMONG}
        among: dict[str, Any] = {
            name: (ONE_AMONG if count == 1 else AMONG)[name] for name, count in chosen.items() if count
        }
        words = tuple(_word_of_params(place, word.first is not None) for place, word in enumerate(self.words))
        # Each check is a condition of its own, so that the wording follows which they are.
        return ActivitySelection(words=words, checks=self.checks, role=self.role, or_nobody=self.or_nobody, **among)

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the `outline` asks for: {name: value}."""
        among = {name: getattr(self, name) for name in AMONG}
        words = {
            f"{name}_{place}": getattr(word, name) for place, word in enumerate(self.words) for name in word._fields
        }
        return among | words


@cache
def _word_of_params(place: int, is_number: bool) -> Word:
    names = Word._fields if is_number else Word._fields[:1]
    params: list[Any] = [Param(f"{name}_{place}", TextField()) for name in names]
    return Word(*params)
