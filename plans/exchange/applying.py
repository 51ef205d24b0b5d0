"""Writing a draft into an activity, with its agencies and sub-activities, so that the history says who and why."""

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from plans.actions import record_update
from plans.choices import Role
from plans.exchange.descriptions import tidy
from plans.models import ActivityAgency, SubActivity, User

SAME_ITEM = 0.6
"""How alike two wordings are, from 0 to 1, from which on one is taken for an edit of the other."""


@dataclass(frozen=True)
class Author:
    """Who writes, why, and on which day."""

    by: User
    reason: str
    on: date

    def save(self, row):
        """Save a row of a model with history."""
        row._history_user, row._change_reason = self.by, self.reason
        row.save()

    def delete(self, row):
        """Delete a row whose history is kept."""
        row._history_user, row._change_reason = self.by, self.reason
        row.delete()


def apply_draft(activity, draft, author):
    """Write `draft` into `activity` (fetched with `for_export()`, or not saved yet). Call it in a transaction."""
    is_new = activity.pk is None
    items = [] if is_new else list(activity.sub_activities.all())
    links = [] if is_new else list(activity.agency_links.all())
    if _take_over(activity, draft) or is_new:
        author.save(activity)
    if draft.description is not None:
        _apply_items(activity, items, draft.description.items, author)
    _apply_links(activity, links, {Role.LEAD: draft.leads, Role.SUPPORT: draft.supports}, author)
    if draft.status is not None and draft.status != activity.status:
        record_update(activity=activity, by=author.by, status=draft.status, what_happened=author.reason)


def _take_over(activity, draft):
    """Put the draft's own values on the activity, and answer whether that changed it."""
    given = {name: getattr(draft, name) for name in ("focus_area", "priority_area", "title", "description_state")}
    if draft.description is not None and draft.description.text != tidy(activity.description):
        given["description"] = draft.description.text
    changed = {name: value for name, value in given.items() if value not in (None, getattr(activity, name, None))}
    for name, value in changed.items():
        setattr(activity, name, value)
    return bool(changed)


def _apply_links(activity, links, given, author):
    """Make the links of each role that is given what it says; the history keeps those that go."""
    wanted = {
        agency: (role, position)
        for role, agencies in given.items()
        if agencies is not None
        for position, agency in enumerate(agencies, start=1)
    }
    for link in links:
        if link.agency in wanted:
            _place_link(link, *wanted.pop(link.agency), author)
        elif given[link.role] is not None:
            author.delete(link)
    for agency, (role, position) in wanted.items():
        author.save(ActivityAgency(activity=activity, agency=agency, role=role, position=position))


def _place_link(link, role, position, author):
    if (link.role, link.position) != (role, position):
        link.role, link.position = role, position
        author.save(link)


def _apply_items(activity, existing, items, author):
    """Keep the sub-activities that the row still has, edited or not; withdraw the others; add what is new."""
    matched = _matched(existing, items)
    for position, item in enumerate(items, start=1):
        row = matched.get(position) or SubActivity(activity=activity)
        if (tidy(row.text), tidy(row.footnote), row.position) != (item.text, item.footnote, position):
            row.text, row.footnote, row.position = item.text, item.footnote, position
            author.save(row)
    for row in existing:
        if row not in matched.values():
            row.withdrawn_on = author.on
            author.save(row)


def _matched(existing, items):
    """Answer {position: existing row}: the same wording first, then the most alike."""
    pairs = sorted(
        (
            (-_likeness(tidy(row.text), item.text), abs(row.position - position), position, row)
            for row in existing
            for position, item in enumerate(items, start=1)
        ),
        key=lambda pair: pair[:3],
    )
    found = {}
    for unlikeness, _, position, row in pairs:
        if -unlikeness >= SAME_ITEM and position not in found and row not in found.values():
            found[position] = row
    return found


def _likeness(one, other):
    return 1.0 if one == other else min(SequenceMatcher(None, one, other).ratio(), 0.99)
