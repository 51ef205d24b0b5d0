"""What is different between two states of one row, in words. Rows and their historical records are treated alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plans.choices import DescriptionState, Ending, Role, Status
from plans.models import FocusArea, PriorityArea
from plans.summaries.record.words import day_in_words, differences

LONG_TEXT = 90


@dataclass(frozen=True)
class Change:
    """One thing that happened.

    `subject` is what it is about ("Title"), `phrase` what was done ("changed the title"), without its subject;
    `before` and `after` are the values as text, None where there is none to tell; `is_whole` says that the phrase
    tells them already. `about` names the agency or sub-activity, where the subject alone does not. `details` are
    further texts, [(label, text)].
    """

    subject: str
    phrase: str
    before: str | None = None
    after: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    is_whole: bool = False
    about: str = ""

    @property
    def sentence(self) -> str:
        """What was done, with its values: “changed the title from “A” to “B””; long texts are left out."""
        if self.is_whole or self.is_long or not (self.before or self.after):
            return self.phrase
        if self.before and self.after:
            return f"{self.phrase} from “{self.before}” to “{self.after}”"
        return f"{self.phrase} to “{self.after}”" if self.after else f"{self.phrase}, which was “{self.before}”"

    @property
    def is_long(self) -> bool:
        """Whether its texts are better compared word by word than quoted in a sentence."""
        if not (self.before and self.after) or self.is_whole:
            return False
        return max(len(self.before), len(self.after)) > LONG_TEXT

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """How the one text became the other, as `differences` answers it."""
        return differences(self.before or "", self.after or "")


@dataclass(frozen=True)
class Tracked:
    """A column of an activity, what a sentence calls it, and how its value is told."""

    name: str
    label: str
    tell: Callable[[Any], str] = str

    def change(self, before: Any, after: Any) -> Change | None:
        """Return the `Change` between two rows, or None."""
        if getattr(before, self.column) == getattr(after, self.column):
            return None
        was, now = self.tell(getattr(before, self.name)), self.tell(getattr(after, self.name))
        return Change(self.label.capitalize(), f"{_verb(was, now)} the {self.label}", was, now)

    @property
    def column(self) -> str:
        """The column in the row itself; for an area, its key."""
        return f"{self.name}_id" if self.name.endswith("_area") else self.name


def _area(area: FocusArea | PriorityArea | None) -> str:
    return area.label if area else "an area that is no longer there"


ACTIVITY = (
    Tracked("number", "number"),
    Tracked("title", "title"),
    Tracked("description", "description"),
    Tracked("description_state", "description state", lambda value: DescriptionState(value).label),
    Tracked("focus_area", "focus area", _area),
    Tracked("priority_area", "priority area", _area),
    Tracked("starts_on", "start date", day_in_words),
    Tracked("due_on", "due date", day_in_words),
    Tracked("status", "status", lambda value: Status(value).label),
    Tracked("programme_rating", "programme rating", lambda value: Status(value).label if value else ""),
    Tracked("programme_rating_reason", "reason for the programme rating"),
    Tracked("ending", "ending", lambda value: Ending(value).label if value else ""),
    Tracked("ended_on", "day on which it ended", day_in_words),
    Tracked("ending_note", "note on its ending"),
)
RESTORED = (
    *("title", "description", "description_state", "focus_area_id", "priority_area_id"),
    *("starts_on", "due_on", "withdrawn_on"),
    *("programme_rating", "programme_rating_reason"),
    *("ending", "ended_on", "ending_note"),
)
RESTORED_OF_ITEM = ("position", "text", "footnote", "agency_id", "due_on", "is_done", "done_on", "withdrawn_on")


def compare_activities(before: Any, after: Any) -> list[Change]:
    """Return the changes between two states of an activity, without its agencies and items, in the form's order."""
    changes = [change for one in ACTIVITY if (change := one.change(before, after))]
    return changes + _withdrawal(before, after, "activity", "")


def compare_links(before: Any, after: Any) -> list[Change]:
    """Return the changes between two states of an agency's link; None stands for there being none."""
    link = after or before
    subject, name = f"{Role(link.role).label} agency", _agency(link)
    if before is None:
        return [Change(subject, f"added {name} as {_part(link)}", "", name, is_whole=True)]
    if after is None:
        return [Change(subject, f"removed {name} as {_part(link)}", name, "", is_whole=True)]
    if before.role != after.role:
        was, now = (f"{name} ({Role(one.role).label})" for one in (before, after))
        return [Change("Agency", f"changed {name} from {_part(before)} to {_part(after)}", was, now, is_whole=True)]
    if before.position != after.position:
        place = f"place {before.position}", f"place {after.position}"
        return [Change(subject, f"moved {name} from {place[0]} to {place[1]}", *place, is_whole=True, about=name)]
    return []


def compare_items(before: Any, after: Any) -> list[Change]:
    """Return the changes between two states of a sub-activity; None stands for there being none."""
    if before is None:
        return [Change("Sub-activity", f"added the sub-activity “{after.text}”", "", after.text, is_whole=True)]
    name = f"“{_short(before.text)}”"
    changes = []
    if before.text != after.text:
        changes.append(Change("Sub-activity", "changed the wording of a sub-activity", before.text, after.text))
    if before.footnote != after.footnote:
        phrase = f"{_verb(before.footnote, after.footnote)} the footnote of the sub-activity {name}"
        changes.append(Change("Footnote", phrase, before.footnote, after.footnote, about=name))
    if before.agency_id != after.agency_id:
        was, now = (_agency(one) if one.agency_id else "" for one in (before, after))
        phrase = f"{_verb(was, now)} the agency responsible for the sub-activity {name}"
        changes.append(Change("Responsible agency", phrase, was, now, about=name))
    if before.due_on != after.due_on:
        was, now = day_in_words(before.due_on), day_in_words(after.due_on)
        changes.append(
            Change("Sub-activity due", f"{_verb(was, now)} when the sub-activity {name} is due", was, now, about=name)
        )
    if (before.is_done, before.done_on) != (after.is_done, after.done_on):
        changes.append(_doing(before, after, name))
    if before.position != after.position:
        place = f"place {before.position}", f"place {after.position}"
        phrase = f"moved the sub-activity {name} from {place[0]} to {place[1]}"
        changes.append(Change("Sub-activity", phrase, *place, is_whole=True, about=name))
    return changes + _withdrawal(before, after, "sub-activity", f" {name}")


def _doing(before: Any, after: Any, name: str) -> Change:
    was = f"Done on {day_in_words(before.done_on)}" if before.is_done else "Not done"
    now = f"Done on {day_in_words(after.done_on)}" if after.is_done else "Not done"
    phrase = f"marked the sub-activity {name} as {now[0].lower()}{now[1:]}"
    return Change("Sub-activity done", phrase, was, now, is_whole=True, about=name)


def _withdrawal(before: Any, after: Any, noun: str, name: str) -> list[Change]:
    if before.withdrawn_on == after.withdrawn_on:
        return []
    was, now = day_in_words(before.withdrawn_on), day_in_words(after.withdrawn_on)
    phrase = f"withdrew the {noun}{name} on {now}" if now else f"restored the {noun}{name}"
    return [Change(f"{noun.capitalize()} withdrawn", phrase, was, now, is_whole=True, about=name.strip())]


def _verb(was: str | None, now: str | None) -> str:
    return "changed" if was and now else "set" if now else "removed"


def _agency(link: Any) -> str:
    return link.agency.label if link.agency else "an agency that is no longer there"


def _part(link: Any) -> str:
    return "a lead agency" if link.role == Role.LEAD else "a support agency"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
