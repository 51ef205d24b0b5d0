"""Why an activity fails a plan check, in a sentence about that activity: with its days, names and counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from plans.choices import PlanCheck, Status
from plans.fast.queries import ParamList, prepared
from plans.models import Agency, Barrier, SubActivity
from plans.querysets.due_dates import ASKED_ANSWER, ASKED_DAY, asked_days
from plans.summaries.plan_checks import CheckedActivity
from plans.summaries.record.words import day_in_words
from plans.text import count_of, listed

LONGEST = 80


@dataclass(frozen=True)
class Facts:
    """What sentences say besides the activity: {id of an activity: rows}, and {id of an agency: the agency}."""

    on: date
    items: dict[int, list[Any]] = field(default_factory=dict)
    barriers: dict[int, list[Any]] = field(default_factory=dict)
    gone: dict[int, Agency] = field(default_factory=dict)


def explain(checked: Iterable[CheckedActivity], activities: dict[int, Any], on: date) -> list[CheckedActivity]:
    """Return `checked` with the reason of each finding in its `reason`. Three queries at most.

    `activities` are {id: the activity, fetched with its agencies}; `on` is the day that they were checked for.
    """
    checked = list(checked)
    facts = _read_facts(checked, on)
    return [
        replace(
            one,
            findings=tuple(
                replace(finding, reason=_reason(finding.check, activities[one.activity_id], facts))
                for finding in one.findings
            ),
        )
        for one in checked
    ]


def _reason(check: PlanCheck, activity: Any, facts: Facts) -> str:
    say = SENTENCES.get(check)
    return (say and say(activity, facts)) or check.meaning


def _past_due(activity: Any, facts: Facts) -> str:
    if activity.due_on and activity.due_on < facts.on:
        return f"The status is on track, but it was due {day_in_words(activity.due_on)}."
    late = [item for item in facts.items.get(activity.pk, ()) if item.due_on and item.due_on < facts.on]
    if not late:
        return ""
    first = min(late, key=lambda item: item.due_on)
    return (
        f"The status is on track, but {count_of(len(late), 'sub-activity is,sub-activities are')} past due,"
        f" the first since {day_in_words(first.due_on)}: “{_short(first.text)}”."
    )


def _undone(activity: Any, facts: Facts) -> str:
    items = facts.items.get(activity.pk, ())
    return (
        f"It is complete, but {count_of(len(items), 'sub-activity is,sub-activities are')} not done." if items else ""
    )


def _ratings_differ(activity: Any, facts: Facts) -> str:
    rating, status = Status(activity.programme_rating).label, activity.status_choice.label
    return f"The programme rates it “{rating}”, and its status is “{status}”."


def _unanswered(activity: Any, facts: Facts) -> str:
    barriers = facts.barriers.get(activity.pk, ())
    if not barriers:
        return ""
    at = localtime(barriers[0].escalated_at).date()
    days = count_of((facts.on - at).days, "day,days")
    return f"A barrier was escalated {days} ago and is not resolved: “{_short(barriers[0].text)}”."


def _lead_gone(activity: Any, facts: Facts) -> str:
    gone = [facts.gone[link.agency_id] for link in activity.lead_links if link.agency_id in facts.gone]
    ended = [agency for agency in gone if agency.ended_on and agency.ended_on < facts.on]
    without = [agency.label for agency in gone if agency not in ended]
    told = [f"{agency.end_in_words}." for agency in ended]
    return " ".join([*told, *([f"No one can add updates for {listed(without)}."] if without else [])])


SENTENCES: dict[str, Callable[[Any, Facts], str]] = {
    PlanCheck.PAST_DUE: _past_due,
    PlanCheck.UNDONE: _undone,
    PlanCheck.RATINGS_DIFFER: _ratings_differ,
    PlanCheck.UNANSWERED: _unanswered,
    PlanCheck.LEAD_GONE: _lead_gone,
}
"""What is said of a check by more than its meaning."""


def _read_facts(checked: list[CheckedActivity], on: date) -> Facts:
    """Return what sentences about `checked` need. A query for each kind of fact that any of them does."""
    failing: dict[str, list[int]] = {}
    for one in checked:
        for finding in one.findings:
            failing.setdefault(finding.check, []).append(one.activity_id)
    with_items = [*failing.get(PlanCheck.PAST_DUE, ()), *failing.get(PlanCheck.UNDONE, ())]
    with_barriers = failing.get(PlanCheck.UNANSWERED, ())
    return Facts(
        on,
        items=_by_activity(_open_items(ids=with_items)) if with_items else {},
        barriers=_by_activity(_unanswered_barriers(ids=with_barriers, **asked_days(on))) if with_barriers else {},
        gone={agency.pk: agency for agency in _gone(on=on)} if PlanCheck.LEAD_GONE in failing else {},
    )


@prepared
def _open_items() -> QuerySet[Any, Any]:
    return SubActivity.objects.in_force().filter(activity__in=ParamList("ids"), is_done=False)


@prepared
def _unanswered_barriers() -> QuerySet[Any, Any]:
    return (
        Barrier.objects.open().unanswered(ASKED_ANSWER).filter(activity__in=ParamList("ids")).order_by("escalated_at")
    )


@prepared
def _gone() -> QuerySet[Any, Any]:
    return Agency.objects.gone(ASKED_DAY)


def _by_activity(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.activity_id, []).append(row)
    return found


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
