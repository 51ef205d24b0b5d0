"""How near the due dates of activities are: as conditions and columns of queries, and of a date."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, Lag

from plans.choices import Due
from plans.fast.queries import Param
from plans.querysets.endings import OWES_UPDATES

SOON = timedelta(days=30)
ANSWER = timedelta(days=30)
"""How long a barrier that was escalated may wait for an answer."""
NEVER = date(1, 1, 1)
"""What stands for no date where dates are compared: a null is neither the same as another nor different."""
Day = date | Param
ASKED_DAY, ASKED_SOON = Param("on", DateField()), Param("soon", DateField())
ASKED_ANSWER = Param("answer", DateField())


def asked_days(on: date) -> dict[str, date]:
    """Return the values of `ASKED_DAY`, `ASKED_SOON` and `ASKED_ANSWER` for the day `on`, for a prepared query."""
    return {"on": on, "soon": on + SOON, "answer": on - ANSWER}


def changes_of_due_date(records: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return those of `records`, entries of a history, whose due date differs from before, which is `then`.

    Setting the first one is among them; `then` is `NEVER` there.
    """
    # By id: an activity is locked while a record of it is written, and clocks may be set back.
    never = Value(NEVER, DateField())
    before = Window(Lag("due_on"), partition_by="id", order_by="history_id")
    return records.annotate(now=Coalesce("due_on", never), then=Coalesce(before, never)).exclude(then=F("now"))


def is_past_due(on: Day) -> Q:
    """Return the condition that an activity was due before the day `on`, and is neither complete nor has it ended."""
    return Q(due_on__lt=on) & OWES_UPDATES


def due_state(on: Day) -> Case:
    """Return the column that says how near the due date is on the day `on`, a value of `Due`.

    It is "" for what is complete or has ended: it is neither late nor still to come.
    """
    soon = on + SOON if isinstance(on, date) else ASKED_SOON
    return Case(
        When(due_on=None, then=Value(Due.NONE)),
        When(~OWES_UPDATES, then=Value("")),
        When(due_on__lt=on, then=Value(Due.LATE)),
        When(due_on__lte=soon, then=Value(Due.SOON)),
        default=Value(Due.LATER),
    )


def how_near(due_on: date | None, on: date) -> Due:
    """Return how near a due date is on the day `on`: what `due_state` says of what owes updates. No query."""
    if due_on is None:
        return Due.NONE
    if due_on < on:
        return Due.LATE
    return Due.SOON if due_on <= on + SOON else Due.LATER
