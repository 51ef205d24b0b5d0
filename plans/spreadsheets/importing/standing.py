"""Activities as they stand, with their parts, for those who change many of them at once."""

from collections import defaultdict
from dataclasses import dataclass, field

from plans.actions.deferring import for_update
from plans.choices import Role
from plans.models import Activity, ActivityAgency, SubActivity

CELLS = {Role.LEAD: "leads", Role.SUPPORT: "supports"}
"""What the agencies of each role are called in `ImportRow.before` and `after`."""


@dataclass
class Standing:
    """Activities by id, whole rows, with their agencies' links and their sub-activities, withdrawn ones too, in order.

    Links and sub-activities are there for those activities only for which they were asked.
    """

    activities: dict[int, Activity]
    links: dict[int, list[ActivityAgency]] = field(default_factory=lambda: defaultdict(list))
    items: dict[int, list[SubActivity]] = field(default_factory=lambda: defaultdict(list))


def lock_activities(plan):
    """Keep others from changing the activities of a plan, or reporting on them, until the transaction ends.

    All at once and in one order, and before the open round: whoever reports on a page locks in that order, too.
    """
    list(for_update(Activity.objects.filter(plan=plan)).order_by("pk").values_list("pk"))


def load_standing(pks, *, with_links, with_items):
    """Answer the `Standing` of activities, and of the parts of those that are named. Three queries for up to 500."""
    standing = Standing(Activity.objects.in_bulk(pks))
    for link in ActivityAgency.objects.filter(activity__in=with_links) if with_links else ():
        standing.links[link.activity_id].append(link)
    for item in SubActivity.objects.filter(activity__in=with_items) if with_items else ():
        standing.items[item.activity_id].append(item)
    return standing


def linked(links, role):
    """Answer the links of one role as `ImportRow` keeps them: [[id of the agency, position]] in order."""
    rows = [(link.position, link.pk or 0, link.agency_id) for link in links if link.role == role]
    return [[agency_id, position] for position, _, agency_id in sorted(rows)]


def values_of_item(item):
    """Answer what an import may change of a sub-activity, as `ImportRow` keeps it."""
    withdrawn_on = item.withdrawn_on and item.withdrawn_on.isoformat()
    return {"text": item.text, "footnote": item.footnote, "position": item.position, "withdrawn_on": withdrawn_on}
