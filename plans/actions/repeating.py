"""Several activities on which nothing changed, reported at once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from plans.actions.row_changes import lock
from plans.actions.updates import NewerUpdate, record_update
from plans.activity_number import Number
from plans.models import Activity, User
from plans.permissions import can_update, reporting_agencies

NOT_LED = "Your agencies do not lead this activity any more."
NEWER = "Someone has added an update since you opened this page. Read it, then choose again."


class NotRepeated(Exception):
    """Nothing was saved. `reasons` says why, for each activity at fault: {its number: a sentence}."""

    def __init__(self, reasons: Mapping[Number, str]):
        super().__init__(", ".join(map(str, reasons)))
        self.reasons = dict(reasons)


@transaction.atomic
def repeat_updates(*, reports: Mapping[Activity, Mapping[str, Any]], by: User) -> None:
    """Record that nothing changed on several activities, an update on each; either on all of them or on none.

    `reports` are {activity: what `record_update` takes of it}. The activities are locked in the order of their ids, and
    the right of `by` to report on each is asked again then. About twelve queries for each. Raises `NotRepeated`.
    """
    reasons = {}
    for activity in sorted(reports, key=lambda one: one.pk):
        report, locked = reports[activity], lock(activity)
        if not (can_update(by, locked) and reporting_agencies(by, locked).filter(pk=report["agency"].pk).exists()):
            reasons[activity.number] = NOT_LED
            continue
        try:
            record_update(activity=activity, by=by, **report)
        except NewerUpdate:
            reasons[activity.number] = NEWER
    if reasons:
        raise NotRepeated(reasons)
