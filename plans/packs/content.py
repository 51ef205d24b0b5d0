"""What a pack says, as plain values: the one thing that its page, its Word file and its PDF are made of.

Whatever a reader sees of an issued pack stands in here in words (names, labels, headings), so that it still says the
same after an agency, the plan or this code has changed. Nothing in here is asked of the database.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from django.db.models import TextChoices

VERSION = 1
"""Of the shape of the JSON. A new field with a default needs no new version; what a reader cannot skip does."""


class Section(TextChoices):
    """The sections of a pack, in the order in which they stand unless another is chosen."""

    ASKS = "asks", "What we ask of you"
    ANSWERS = "answers", "Answers to earlier packs"
    STATE = "state", "The state of the plan"
    CHANGES = "changes", "What has changed"
    EXCEPTIONS = "exceptions", "What needs attention"
    SLIPPED = "slipped", "Dates that have slipped"
    ACTIVITIES = "activities", "All activities"
    CORRECTIONS = "corrections", "Corrections"


class UnreadableContent(ValueError):
    """Raised for JSON that is no content of a pack, or of a version that this code does not know."""


@dataclass(frozen=True)
class SectionShown:
    """A section that the pack has: a value of `Section`, and the heading that it was given."""

    section: str
    heading: str


@dataclass(frozen=True)
class ActivityNamed:
    """An activity as it is called: its number ("5", "12a") and title."""

    number: str
    title: str


@dataclass(frozen=True)
class StatusShown:
    """A status: a value of `plans.choices.Status`, its label, and the sign that stands beside it."""

    value: str
    label: str
    shape: str = ""


@dataclass(frozen=True)
class Ask:
    """What is asked of someone. `reference` names it ("3.1" in pack 3); `barrier` is in the words of an agency."""

    reference: str
    text: str
    of_whom: str
    due_on: date | None = None
    activity: ActivityNamed | None = None
    barrier: str = ""
    raised_by: str = ""
    escalated_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """What became of an ask of an earlier pack. `decision` is blank while nothing was decided."""

    pack_number: int
    reference: str
    ask: str
    of_whom: str
    activity: ActivityNamed | None = None
    decision: str = ""
    agency: str = ""
    due_on: date | None = None
    done_on: date | None = None
    note: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class AreaCounts:
    """How many activities of a focus area have each status, in the order of `State.statuses`."""

    area: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class State:
    """How many activities there are by status, and by focus area. `facts` are sentences that count the rest."""

    statuses: tuple[StatusShown, ...] = ()
    counts: tuple[int, ...] = ()
    total: int = 0
    areas: tuple[AreaCounts, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A piece of words that were compared: the same in both, gone from the earlier ones, or new in the later ones."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One thing that changed: what it is of ("Status"), which one where there are several, and what became of it."""

    subject: str
    parts: tuple[Part, ...] = ()
    about: str = ""
    note: str = ""


@dataclass(frozen=True)
class ChangedActivity:
    """An activity that is not as it was. `kind` says in a word what became of it ("New", "Ended", "Changed")."""

    activity: ActivityNamed
    kind: str
    leads: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Counted:
    """How many there are of something."""

    label: str
    count: int


@dataclass(frozen=True)
class Changes:
    """What changed since an earlier moment; `since` says in words which ("pack 2, 1 August 2026")."""

    since: str = ""
    counts: tuple[Counted, ...] = ()
    activities: tuple[ChangedActivity, ...] = ()


@dataclass(frozen=True)
class AgencyWords:
    """What an agency itself said, and when; `status` is the label of the status that it reported, blank for none."""

    agency: str
    day: date
    words: str
    status: str = ""


@dataclass(frozen=True)
class ActivityException:
    """An activity that needs attention, why it does, and what its agencies say."""

    activity: ActivityNamed
    status: StatusShown
    leads: str = ""
    reasons: tuple[str, ...] = ()
    due_on: date | None = None
    words: tuple[AgencyWords, ...] = ()
    barriers: tuple[str, ...] = ()


@dataclass(frozen=True)
class SlippedDate:
    """A due date that is later than first planned; `item` is the sub-activity that it is of, blank for the activity."""

    activity: ActivityNamed
    first_on: date
    due_on: date | None = None
    item: str = ""
    days: int | None = None
    moves: int = 1
    reason: str = ""


@dataclass(frozen=True)
class ActivityLine:
    """An activity in the list of all of them."""

    activity: ActivityNamed
    status: StatusShown
    leads: str = ""
    supports: str = ""
    due_on: date | None = None
    updated_on: date | None = None
    area: str = ""


@dataclass(frozen=True)
class Correction:
    """What was put right after a round closed or a pack was issued; `corrects` says which ("round September").

    By its `moment` later packs know that it was told; None in packs of earlier versions.
    """

    activity: ActivityNamed
    corrects: str
    agency: str
    day: date
    words: str
    status: str = ""
    moment: datetime | None = None


@dataclass(frozen=True)
class PackContent:
    """What a pack says. `number` is None for a draft; `sections` are those that it has, in their order.

    `marking` and `filters` are words as they are shown; `at` is the moment as at which the plan was read, and
    `answers_at` the one up to which decisions were, None in packs of earlier versions.
    """

    plan: str
    marking: str
    title: str
    at: datetime
    programme: str = ""
    number: int | None = None
    issued_on: date | None = None
    filters: str = ""
    covering_note: str = ""
    sections: tuple[SectionShown, ...] = tuple(SectionShown(one.value, one.label) for one in Section)
    asks: tuple[Ask, ...] = ()
    answers: tuple[Answer, ...] = ()
    state: State = State()
    changes: Changes = Changes()
    exceptions: tuple[ActivityException, ...] = ()
    slipped: tuple[SlippedDate, ...] = ()
    activities: tuple[ActivityLine, ...] = ()
    corrections: tuple[Correction, ...] = ()
    answers_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it. The same content gives the same JSON in every process."""
        return {"version": VERSION, **_encoded(self)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Return what `to_json` made `found` of. Raises `UnreadableContent`."""
        if not isinstance(found, Mapping) or found.get("version") != VERSION:
            raise UnreadableContent("This is not the content of a pack, or a newer version of the tracker made it.")
        try:
            return _decoded(cls, {name: value for name, value in found.items() if name != "version"})
        except (AttributeError, TypeError, ValueError) as error:
            raise UnreadableContent(f"This is not the content of a pack: {error}") from error

    def as_shown(self) -> Self:
        """Return it without what stands in sections that it does not have: so an issued pack holds what it shows."""
        shown = {one.section for one in self.sections}
        return replace(self, **{name: empty for section, name, empty in _OF_SECTIONS if section not in shown})

    def checksum(self) -> str:
        """Return the SHA-256 of its canonical JSON, as hex."""
        return checksum_of(self.to_json())


_OF_SECTIONS: tuple[tuple[Section, str, Any], ...] = (
    (Section.ASKS, "asks", ()),
    (Section.ANSWERS, "answers", ()),
    (Section.STATE, "state", State()),
    (Section.CHANGES, "changes", Changes()),
    (Section.EXCEPTIONS, "exceptions", ()),
    (Section.SLIPPED, "slipped", ()),
    (Section.ACTIVITIES, "activities", ()),
    (Section.CORRECTIONS, "corrections", ()),
)


def canonical_json(found: Mapping[str, Any]) -> bytes:
    """Return JSON as bytes in the one way that is hashed: keys sorted, no spaces, UTF-8."""
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def checksum_of(found: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON as it is kept, as hex: what was written by another version is hashed as it stands."""
    return hashlib.sha256(canonical_json(found)).hexdigest()


def _encoded(value: Any) -> Any:
    """Return a value of a field as JSON; moments in UTC, so that one moment has one spelling."""
    if is_dataclass(value):
        return {one.name: _encoded(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_encoded(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # What is more than a word, as a value of choices or a lazy label, is that word.
    return value if value is None or isinstance(value, bool | int) else str(value)


@cache
def _types(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def _decoded(shape: Any, value: Any) -> Any:
    """Return the value of a field out of JSON; raise `TypeError` or `ValueError` for what does not fit its type."""
    if get_origin(shape) is UnionType:
        return None if value is None else _decoded(next(one for one in get_args(shape) if one is not NoneType), value)
    if get_origin(shape) is tuple:
        return tuple(_decoded(get_args(shape)[0], one) for one in _of_type(list, value))
    if get_origin(shape) is Literal:
        if value not in get_args(shape):
            raise ValueError(f"“{value}” is none of {', '.join(get_args(shape))}")
        return value
    if shape in (date, datetime):
        return shape.fromisoformat(_of_type(str, value))
    if is_dataclass(shape):
        return _decoded_fields(shape, _of_type(dict, value))
    return _of_type(shape, value)


def _decoded_fields(shape: Any, found: Mapping[str, Any]) -> Any:
    types = _types(shape)
    if unknown := sorted(set(found) - set(types)):
        raise ValueError(f"{shape.__name__} has no {', '.join(unknown)}")
    if missing := [one.name for one in _required(shape) if one.name not in found]:
        raise ValueError(f"{shape.__name__} lacks {', '.join(missing)}")
    return shape(**{name: _decoded(types[name], value) for name, value in found.items()})


def _required(shape: Any) -> Sequence[Any]:
    return [one for one in fields(shape) if one.default is MISSING]


def _of_type(shape: type, value: Any) -> Any:
    # True is a whole number for Python.
    if not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
        raise TypeError(f"{value!r} is no {shape.__name__}")
    return value
