"""What a roll-over makes of the choices for a plan's activities, and what that changes in the draft. No query here.

What it makes of one or several activities is a `Result`. Its key stays the same however often it is made: the id of the
activity that it continues, of a merge that of the first one, with "/2" and so on for further parts of a split.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from plans.choices import DescriptionState, Role, RollOverDates, RollOverOutcome
from plans.models import Activity, RollOverChoice
from plans.three_way import Merged, merge

LONGEST_TITLE = 300
MOST_PARTS = 20
FEWEST_PARTS = 2
COLUMNS = (
    *("title", "description", "description_state", "focus_area_id", "priority_area_id", "starts_on", "due_on"),
    "withdrawn_on",
)
"""The columns of an activity that a roll-over fills."""
FIELD_LABELS = {
    "title": "Title",
    "description": "Description",
    "description_state": "Description state",
    "focus_area_id": "Focus area",
    "priority_area_id": "Priority area",
    "starts_on": "Start date",
    "due_on": "Due date",
    "withdrawn_on": "Withdrawn",
    "leads": "Lead agencies",
    "supports": "Support agencies",
    "items": "Sub-activities",
}

NOT_CHOSEN = "Choose what becomes of it."
NO_SENTENCE = "Enter a sentence: it becomes the note on how the activity ended."
NO_PARTS = f"Enter the titles of the new activities, one on each line: from {FEWEST_PARTS} to {MOST_PARTS}."
TITLE_TOO_LONG = f"A title has at most {LONGEST_TITLE} characters."
NO_PARTNER = "Enter the number of an activity to merge it with."
NO_TITLE = "Enter the title of the activity that they are merged into, for one of them."
TWO_TITLES = "Enter one title for the activity that they are merged into. Different ones are entered."

Choices = Mapping[int, RollOverChoice]
"""{id of an activity: what was chosen for it}."""


@dataclass(frozen=True)
class Result:
    """An activity of the next plan as the roll-over makes it: {field: value} of `FIELD_LABELS`."""

    key: str
    earlier: tuple[Activity, ...]
    values: Mapping[str, Any]

    @property
    def is_first_part(self) -> bool:
        """Whether it is no further part of a split."""
        return "/" not in self.key

    @property
    def name(self) -> str:
        """What the pages call it."""
        return self.values["title"] or self.earlier[0].name


@dataclass(frozen=True)
class Change:
    """What a repeat does to an activity of the draft: the fields that it takes, and those that people edited.

    Of `edited` the roll-over would make the same as before, so that they stay; of `crossed` it would make something
    else, so that someone has to choose.
    """

    activity: Activity
    result: Result
    taken: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()

    @property
    def crossed_labels(self) -> list[str]:
        """What the fields are called that someone has to choose about."""
        return [FIELD_LABELS[name].lower() for name in self.crossed]


@dataclass(frozen=True)
class Steps:
    """What making the draft does: new activities, changes, and activities that are not wanted any more.

    Of the latter, those that people edited are in `left` and stay unless they are to be overwritten.
    """

    new: list[Result] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    gone: list[tuple[str, Activity]] = field(default_factory=list)
    left: list[tuple[str, Activity]] = field(default_factory=list)

    @property
    def crossed(self) -> list[Change]:
        """The changes that someone has to choose about."""
        return [one for one in self.changes if one.crossed]

    @property
    def edited_count(self) -> int:
        """How many activities people edited since."""
        return sum(bool(one.edited or one.crossed) for one in self.changes) + len(self.left)

    @property
    def needs_choice(self) -> bool:
        """Whether something would be overwritten."""
        return bool(self.crossed or self.left)

    @property
    def fingerprint(self) -> str:
        """What would be overwritten, as a digest: a form that was opened for something else is shown again."""
        crossed = [
            (one.activity.pk, name, _current(one.activity)[name]) for one in self.crossed for name in one.crossed
        ]
        left = [(one.pk, _current(one)) for _, one in self.left]
        return digest_of((crossed, left))


def digest_of(value: Any) -> str:
    """Return what stands for a value that was made, to know whether it is still the same."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def problems_of(activities: Sequence[Activity], choices: Choices) -> dict[int, str]:
    """Return {id of an activity: why the draft cannot be made yet}, in order; empty when it can."""
    groups = _merged(activities, choices)
    found = {one.pk: _problem(choices.get(one.pk), groups.get(one.pk, [one]), choices) for one in activities}
    return {pk: problem for pk, problem in found.items() if problem}


def _problem(choice: RollOverChoice | None, group: Sequence[Activity], choices: Choices) -> str:
    if choice is None or not choice.outcome:
        return NOT_CHOSEN
    outcome = RollOverOutcome(choice.outcome)
    if not outcome.goes_on:
        return "" if choice.sentence else NO_SENTENCE
    titles = titles_in(choice.titles)
    if outcome == RollOverOutcome.SPLIT and not FEWEST_PARTS <= len(titles) <= MOST_PARTS:
        return NO_PARTS
    if outcome != RollOverOutcome.CONTINUE and any(len(title) > LONGEST_TITLE for title in titles):
        return TITLE_TOO_LONG
    return _problem_of_merge(choice, group, choices) if outcome == RollOverOutcome.MERGE else ""


def _problem_of_merge(choice: RollOverChoice, group: Sequence[Activity], choices: Choices) -> str:
    other = choice.merge_with_id and choices.get(choice.merge_with_id)
    if choice.merge_with_id and (not other or other.outcome != RollOverOutcome.MERGE):
        return f"Choose Merge for activity {choice.merge_with.number}, too."  # type: ignore[union-attr]  # it has one
    if len(group) < FEWEST_PARTS:
        return NO_PARTNER
    titles = _titles_of(group, choices)
    if len(titles) != 1:
        return TWO_TITLES if titles else NO_TITLE
    return ""


def titles_in(text: str) -> list[str]:
    """Return the titles that were entered one on each line."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _titles_of(group: Iterable[Activity], choices: Choices) -> list[str]:
    """Return the different titles that were entered for activities that are merged."""
    return list(dict.fromkeys(title for one in group for title in titles_in(choices[one.pk].titles)))


def _merged(activities: Sequence[Activity], choices: Choices) -> dict[int, list[Activity]]:
    """Return {id: the activities that become one with it, in order} of those to be merged."""
    merging = [
        one for one in activities if one.pk in choices and choices[one.pk].outcome == RollOverOutcome.MERGE.value
    ]
    groups = {one.pk: [one] for one in merging}
    for one in merging:
        other = choices[one.pk].merge_with_id
        if other in groups and groups[other] is not groups[one.pk]:
            joined = groups[one.pk] + groups[other]
            for member in joined:
                groups[member.pk] = joined
    place = {one.pk: place for place, one in enumerate(activities)}
    for group in groups.values():
        group.sort(key=lambda one: place[one.pk])
    return groups


def results_of(activities: Sequence[Activity], choices: Choices, dates: RollOverDates) -> list[Result]:
    """Return what the choices come to, in the order of the old plan; `problems_of` them are none.

    Ask for the activities with their agencies and sub-activities.
    """
    groups, found = _merged(activities, choices), []
    for one in activities:
        outcome = RollOverOutcome(choices[one.pk].outcome)
        if outcome == RollOverOutcome.CONTINUE:
            found.append(_result(str(one.pk), [one], None, dates))
        elif outcome == RollOverOutcome.SPLIT:
            for part, title in enumerate(titles_in(choices[one.pk].titles), start=1):
                key = str(one.pk) if part == 1 else f"{one.pk}/{part}"
                found.append(_result(key, [one], title, dates, has_items=part == 1))
        elif outcome == RollOverOutcome.MERGE and groups[one.pk][0] is one:
            [title] = _titles_of(groups[one.pk], choices)
            found.append(_result(str(one.pk), groups[one.pk], title, dates))
    return found


def _result(
    key: str, earlier: Sequence[Activity], title: str | None, dates: RollOverDates, *, has_items: bool = True
) -> Result:
    """Return what `earlier` become: one as it is, where `title` is None, or under a title that is new."""
    first = earlier[0]
    leads = _agencies(earlier, Role.LEAD)
    starts = [one.starts_on for one in earlier if one.starts_on]
    due = [one.due_on for one in earlier if one.due_on]
    values = {
        "title": first.title if title is None else title,
        "description": "\n\n".join(dict.fromkeys(one.description for one in earlier if one.description)),
        "description_state": first.description_state if title is None else DescriptionState.TO_BE_FINALISED.value,
        "focus_area_id": first.focus_area_id,
        "priority_area_id": first.priority_area_id,
        "starts_on": _moved(min(starts, default=None), dates),
        "due_on": _moved(max(due, default=None), dates),
        "withdrawn_on": None,
        "leads": leads,
        "supports": tuple(pk for pk in _agencies(earlier, Role.SUPPORT) if pk not in leads),
        "items": tuple(
            (item.text, item.footnote, item.agency_id, _moved(item.due_on, dates), False)
            for one in earlier
            for item in one.sub_activities.all()
            if has_items and not item.is_done and item.withdrawn_on is None
        ),
    }
    return Result(key, tuple(earlier), values)


def _agencies(activities: Iterable[Activity], role: Role) -> tuple[int, ...]:
    return tuple(
        dict.fromkeys(link.agency_id for one in activities for link in one.agency_links.all() if link.role == role)
    )


def _moved(day: date | None, dates: RollOverDates) -> date | None:
    if day is None or dates == RollOverDates.CLEARED:
        return None
    if dates == RollOverDates.KEPT:
        return day
    # The last day of February stays one.
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


def _current(activity: Activity) -> dict[str, Any]:
    """Return the fields of an activity of the draft as they are, as those of a `Result`."""
    return {
        **{name: getattr(activity, name) for name in COLUMNS},
        "leads": _agencies([activity], Role.LEAD),
        "supports": _agencies([activity], Role.SUPPORT),
        "items": tuple(
            (item.text, item.footnote, item.agency_id, item.due_on, item.is_done)
            for item in activity.sub_activities.all()
            if item.withdrawn_on is None
        ),
    }


def steps_to(results: Iterable[Result], made: Mapping[str, Any], draft: Mapping[int, Activity]) -> Steps:
    """Return what making `results` does to the draft, {id: activity with its agencies and sub-activities}.

    `made` is `RollOver.made`.
    """
    steps, wanted = Steps(), set()
    for result in results:
        wanted.add(result.key)
        activity = draft.get(made[result.key]["activity"]) if result.key in made else None
        if activity is None:
            steps.new.append(result)
        else:
            steps.changes.append(_change(activity, result, made[result.key]["digests"]))
    for key, one in made.items():
        activity = draft.get(one["activity"])
        if key not in wanted and activity and activity.withdrawn_on is None:
            (steps.left if _is_edited(activity, one["digests"]) else steps.gone).append((key, activity))
    return steps


def _change(activity: Activity, result: Result, digests: Mapping[str, str]) -> Change:
    found: dict[Merged, list[str]] = {}
    for name, value in _current(activity).items():

        def is_original(given: object, name: str = name) -> bool:
            return digest_of(given) == digests[name]

        found.setdefault(merge(result.values[name], value, is_original), []).append(name)
    taken, edited, crossed = (tuple(found.get(one, ())) for one in (Merged.TAKEN, Merged.KEPT, Merged.CONFLICT))
    return Change(activity, result, taken, edited, crossed)


def edited_of(made: Mapping[str, Any], draft: Mapping[int, Activity]) -> list[Activity]:
    """Return the activities that were made and that people have edited since, withdrawn ones left out."""
    activities = ((draft.get(one["activity"]), one["digests"]) for one in made.values())
    return [one for one, digests in activities if one and one.withdrawn_on is None and _is_edited(one, digests)]


def _is_edited(activity: Activity, digests: Mapping[str, str]) -> bool:
    return any(digest_of(value) != digests[name] for name, value in _current(activity).items())
