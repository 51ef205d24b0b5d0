"""Activities as lines of text, which is what spreadsheets hold: one reading of them for every export and import."""

import json
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from django.utils.timezone import get_default_timezone

from plans.choices import DescriptionState, Freshness, Status
from plans.querysets.exporting import as_rows
from plans.spreadsheets.descriptions import Description, Item, description_of, join_description, tidy, tidy_title
from plans.summaries.names import read_names

LINES_AT_A_TIME = 1_000
KNOWN_AT_A_TIME = 5_000
STATUS_LABELS, STATE_LABELS, FRESHNESS_LABELS = (
    {one.value: one.label for one in choices} for choices in (Status, DescriptionState, Freshness)
)


class Line(NamedTuple):
    """An activity as its columns show it: texts are tidy, agencies are joined as the plan joins them.

    `last_updated` is the day of the latest update with a status, where the programme is, and `last_update_id` its id;
    None when there is none.
    """

    activity_id: int
    number: int
    focus_area: str
    priority_area: str
    title: str
    description: str
    leads: str
    supports: str
    description_state: str
    status: str
    last_updated: date | None
    freshness: str
    last_update_id: int | None


def read_lines(activities, names=None, *, with_update_ids=True):
    """Yield the `Line` of each of `activities` (`for_export()`), in their order.

    They are read as values, since 10,000 activities with their agencies make 100,000 objects; and as they go, so that
    memory does not grow with them. `names` are `read_names()`, if they are known. Without update ids, `last_update_id`
    is None in each `Line`, which saves looking for it. One query, and one for the names.
    """
    said = _Said(names or read_names())
    rows = as_rows(activities, with_update_ids=with_update_ids).iterator(chunk_size=LINES_AT_A_TIME)
    for pk, number, focus, priority, title, text, state, status, at, freshness, update_id, agencies, items in rows:
        leads, supports = said.agencies(agencies)
        yield Line(
            pk,
            number,
            said.focus_area(focus),
            said.priority_area(priority),
            tidy_title(title),
            join_description(Description(tidy(text), _items(items) if items else ())),
            leads,
            supports,
            STATE_LABELS[state],
            STATUS_LABELS[status],
            at and _day(at),
            FRESHNESS_LABELS[freshness],
            update_id,
        )


def line_of(activity):
    """Answer the `Line` of an activity fetched with `for_export()`. No query."""
    return Line(
        activity.pk,
        activity.number,
        tidy(str(activity.focus_area)),
        tidy(activity.priority_area.name),
        tidy_title(activity.title),
        join_description(description_of(activity)),
        *(_joined(link.agency for link in links) for links in (activity.lead_links, activity.support_links)),
        STATE_LABELS[activity.description_state],
        STATUS_LABELS[activity.status],
        activity.last_update_at and _day(activity.last_update_at),
        FRESHNESS_LABELS[activity.freshness],
        activity.last_update_id,
    )


class _Said:
    """What rows say of areas and agencies, in words; most of them say the same, which is worked out once."""

    def __init__(self, names):
        self.names = names
        self.focus_area = lru_cache(KNOWN_AT_A_TIME)(lambda pk: tidy(str(self._one("focus_areas", pk))))
        self.priority_area = lru_cache(KNOWN_AT_A_TIME)(lambda pk: tidy(self._one("priority_areas", pk).name))
        self.agencies = lru_cache(KNOWN_AT_A_TIME)(self._agencies)

    def _agencies(self, in_order):
        """Answer those that lead and those that support, each joined."""
        ids = json.loads(f"[{in_order or ''}]")
        leads, supports = [pk for pk in ids if pk > 0], [-pk for pk in ids if pk < 0]
        return tuple(_joined(self._one("agencies", pk) for pk in some) for some in (leads, supports))

    def _one(self, kind, pk):
        if pk not in getattr(self.names, kind):
            # It was added after the names were read.
            self.names = read_names()
        return getattr(self.names, kind)[pk]


def _joined(agencies):
    return "; ".join(tidy(agency.name) for agency in agencies)


def _items(in_order):
    """Answer the `Item`s of a description."""
    found = [Item(tidy(text), tidy(footnote)) for text, footnote in json.loads(f"[{in_order}]")]
    return tuple([item for item in found if item.text])


def _day(moment: datetime) -> date:
    return moment.astimezone(get_default_timezone()).date()
