"""Activities as lines of text, which is what spreadsheets hold: one reading of them for every export and import."""

from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Value
from django.utils.timezone import get_default_timezone, localdate

from plans.choices import DescriptionState, Freshness, Role, Status
from plans.exchange.descriptions import Description, Item, description_of, join_description, tidy
from plans.models import ActivityAgency, FocusArea, SubActivity

LINES_AT_A_TIME = 500
ITEM = "item"
FIELDS = (
    *("pk", "number", "focus_area__code", "focus_area__statement", "priority_area__name", "title", "description"),
    *("description_state", "status", "last_update_at", "freshness", "last_update_id"),
)
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


def read_lines(activities):
    """Yield the `Line` of each of `activities` (`for_export()`), in their order.

    They are read as values, since 10,000 activities with their agencies make 100,000 objects; and as they go, so that
    memory does not grow with them. Two queries for each 500, of which the first is one for all.
    """
    rows = activities.prefetch_related(None).values_list(*FIELDS).iterator(chunk_size=LINES_AT_A_TIME)
    while some := list(islice(rows, LINES_AT_A_TIME)):
        ids = {row[0] for row in some}
        agencies, items = _parts(ids)
        for pk, number, code, statement, priority_area, title, description, *others in some:
            yield _line(
                (pk, number, _focus_area(code, statement), _tidy_name(priority_area), tidy(title)),
                Description(tidy(description), items.get(pk, ())),
                [agencies[role].get(pk, ()) for role in (Role.LEAD, Role.SUPPORT)],
                others,
            )


def line_of(activity):
    """Answer the `Line` of an activity fetched with `for_export()`. No query."""
    areas = tidy(str(activity.focus_area)), tidy(activity.priority_area.name)
    roles = [[link.agency.name for link in links] for links in (activity.lead_links, activity.support_links)]
    others = (activity.description_state, activity.status, activity.last_update_at, activity.freshness)
    return _line(
        (activity.pk, activity.number, *areas, tidy(activity.title)),
        description_of(activity),
        roles,
        (*others, activity.last_update_id),
    )


def _line(first, description, roles, others):
    """Answer a `Line` of its first five texts, a `Description`, the names of leads and supports, and the rest raw."""
    state, status, last_update_at, freshness, last_update_id = others
    return Line(
        *first,
        join_description(description),
        *("; ".join(map(_tidy_name, names)) for names in roles),
        STATE_LABELS[state],
        STATUS_LABELS[status],
        _day(last_update_at),
        FRESHNESS_LABELS[freshness],
        last_update_id,
    )


def _parts(ids):
    """Answer {role: {activity: [names of agencies]}} and {activity: (Items in force)}, in printed order. One query."""
    links = ActivityAgency.objects.filter(activity__in=ids).order_by()
    items = SubActivity.objects.in_force().filter(activity__in=ids).order_by()
    parts = links.values_list("activity_id", "role", "position", "pk", "agency__name", Value("")).union(
        items.values_list("activity_id", Value(ITEM), "position", "pk", "text", "footnote"), all=True
    )
    agencies, found = {role: {} for role in Role}, {}
    for activity, part, _, _, text, footnote in sorted(parts, key=itemgetter(2, 3)):
        if part != ITEM:
            agencies[part].setdefault(activity, []).append(text)
        elif text := tidy(text):
            found[activity] = (*found.get(activity, ()), Item(text, tidy(footnote)))
    return agencies, found


@lru_cache(maxsize=1_000)
def _focus_area(code, statement):
    return tidy(str(FocusArea(code=code, statement=statement)))


@lru_cache(maxsize=10_000)
def _tidy_name(name):
    return tidy(name)


def _day(moment: datetime | None) -> date | None:
    return moment and localdate(moment, get_default_timezone())
