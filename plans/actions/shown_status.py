"""Giving activities the status that they show, by what their leads report: see `plans.summaries.lead_positions`."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from plans.actions.bulk import Authorship, change_rows
from plans.actions.row_changes import put_values, save_fields
from plans.models import Activity, StatusUpdate, User
from plans.summaries.lead_positions import LeadPositions, ReportsOfLeads, read_positions

SHOWN = ("status", "leads_differ")
"""The columns of an activity that follow from what its leads report."""


def take_positions(activity: Activity, positions: LeadPositions) -> list[str]:
    """Put the status that follows from `positions` on `activity`, and return the names of the columns that changed."""
    status = positions.status.value if positions.status else activity.status
    return put_values(activity, {"status": status, "leads_differ": positions.leads_differ})


def follow_update(activity: Activity, update: StatusUpdate, *, reason: str) -> None:
    """Give the locked `activity` the status that follows from its newest `update`. One query, one or two more if joint.

    And those of saving it. With one lead at most the status is the update's own, as it is where the update speaks for
    none of the leads and these have said nothing.
    """
    found, before = ReportsOfLeads.load((), if_joint=[activity.pk]), {one: getattr(activity, one) for one in SHOWN}
    activity.status, positions = update.status, found.positions(activity.pk)
    take_positions(activity, positions)
    if changed := [name for name, value in before.items() if getattr(activity, name) != value]:
        save_fields(activity, by=update.author, reason=reason, fields=changed)


def follow_leads(activities: Collection[int], *, by: User, reason: str) -> None:
    """Give the locked `activities` (ids) the status that follows now that their leads are others. Up to six queries.

    One whose leads have said nothing yet keeps its own.
    """
    author, found = Authorship(by, reason, timezone.now()), read_positions(activities)
    rows: list[Any] = list(Activity.objects.filter(pk__in=activities).order_by("pk"))
    if changed := [one for one in rows if take_positions(one, found[one.pk])]:
        change_rows(Activity, changed, SHOWN, author)
