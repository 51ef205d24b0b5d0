"""Where a plan does not add up: the checks that its activities fail, and those that someone has accepted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from plans.choices import PlanCheck
from plans.fast.queries import Param, prepared
from plans.models import AcceptedCheck, Activity, Plan
from plans.querysets import ActivitySelection, ask_of_plan
from plans.querysets.due_dates import ASKED_DAY
from plans.querysets.plan_checks import checks_in


@dataclass(frozen=True)
class Finding:
    """A check that an activity fails; `accepted` says who accepted that, why and until when, None for no one.

    `reason` is why, in a sentence: what the check means, or what `check_reasons.explain` says of the activity.
    """

    check: PlanCheck
    accepted: AcceptedCheck | None = None
    reason: str = ""


@dataclass(frozen=True)
class CheckedActivity:
    """An activity that fails checks, which are in the order of `PlanCheck`."""

    activity_id: int
    findings: tuple[Finding, ...]


def read_findings(plan: Plan, selection: ActivitySelection, on: date) -> list[CheckedActivity]:
    """Return the activities of `plan` that `selection` leaves and that fail a check on the day `on`, by number.

    Two queries, however many activities and checks there are.
    """
    failed = [(pk, number) for pk, number in ask_of_plan(_failed, plan, on, selection) if number]
    accepted = _by_activity(_accepted_in_plan(plan=plan.pk, on=on)) if failed else {}
    return [CheckedActivity(pk, findings_of(number, accepted.get(pk, {}))) for pk, number in failed]


def count_failing(plan: Plan, on: date) -> int:
    """Return how many activities of `plan` fail a check on the day `on` that no one has accepted. One query."""
    return Activity.objects.in_force().filter(plan=plan).failing(tuple(PlanCheck), on).count()


def read_findings_of(activity: Any, on: date) -> tuple[Finding, ...]:
    """Return the checks that an activity fetched `with_failed_checks()` fails. One query, none where it fails none."""
    if not activity.failed_checks:
        return ()
    rows = _accepted_of_activity(activity=activity.pk, on=on)
    return findings_of(activity.failed_checks, _by_activity(rows).get(activity.pk, {}))


def find_finding(activity: Activity, check: PlanCheck, on: date) -> Finding | None:
    """Return that check of an activity as a finding; None where the activity is in order, or withdrawn. Two queries."""
    found = Activity.objects.in_force().filter(pk=activity.pk).with_failed_checks(on).first()
    findings = read_findings_of(found, on) if found else ()
    return next((one for one in findings if one.check == check), None)


def findings_of(failed_checks: int, accepted: dict[str, AcceptedCheck]) -> tuple[Finding, ...]:
    """Return what a number of `with_failed_checks()` says as findings, given what is accepted by check. No query."""
    return tuple(Finding(check, accepted.get(check), check.meaning) for check in checks_in(failed_checks))


@prepared
def _failed(outline: ActivitySelection, is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.of_asked_plan(is_open, is_late).left_by(outline)
    return activities.with_failed_checks(ASKED_DAY).order_by("number", "pk").values_list("pk", "failed_checks")


@prepared
def _accepted_in_plan() -> QuerySet[Any, Any]:
    return _accepted().filter(activity__plan=Param("plan"))


@prepared
def _accepted_of_activity() -> QuerySet[Any, Any]:
    return _accepted().filter(activity=Param("activity"))


def _accepted() -> QuerySet[Any, Any]:
    return AcceptedCheck.objects.in_force(ASKED_DAY).select_related("author")


def _by_activity(rows: Iterable[AcceptedCheck]) -> dict[int, dict[str, AcceptedCheck]]:
    found: dict[int, dict[str, AcceptedCheck]] = {}
    for row in rows:
        found.setdefault(row.activity_id, {})[row.name] = row
    return found
