"""What the workbook holds that an agency fills in: the activities that it leads, as they are now."""

from dataclasses import dataclass

from plans.models import Activity, Agency, StatusUpdate, SubActivity
from plans.spreadsheets.activity_lines import Line, read_lines


@dataclass(frozen=True)
class FillIn:
    """An agency's part of a plan. `rows` are (`Line`, latest update with a status or None), by number.

    `reporters` are the names of those who may report in it: the agency, its units, and the members of a group.
    `items` are (`Line` of the activity, sub-activity that is not done), in their order.
    """

    agency: Agency
    reporters: list[str]
    rows: list[tuple[Line, StatusUpdate | None]]
    items: list[tuple[Line, SubActivity]]


def fill_in_of(agency, plan, on):
    """Answer the `FillIn` of an agency, fresh or not on the day `on`; without rows where it leads nothing.

    Eight queries.
    """
    [found] = _fill_ins(Agency.objects.filter(pk=agency.pk), plan, on)
    return found


def all_fill_ins(plan, on):
    """Yield the `FillIn` of each agency that leads anything and can report, by code. A query for each, and eight more.

    Left out are groups, since their members report, and agencies that have ended.
    """
    for found in _fill_ins(Agency.objects.in_plan(plan).order_by("code"), plan, on):
        has_ended = found.agency.ended_on is not None and found.agency.ended_on < on
        if found.rows and not (has_ended or found.agency.is_group):
            yield found


def _fill_ins(agencies, plan, on):
    in_force = Activity.objects.in_force().filter(plan=plan)
    led = in_force.reportable_by(agencies.order_by().values("pk"))
    lines = {line.activity_id: line for line in read_lines(led.order_by("number").for_export(on))}
    latest = {update.activity_id: update for update in StatusUpdate.objects.latest_of(led).select_related("agency")}
    items = _open_items(led)
    for agency in agencies.prefetch_related("units", "members"):
        own = set(in_force.reportable_by([agency.pk]).values_list("pk", flat=True))
        reporters = [one.name for one in (agency, *agency.units.all(), *agency.members.all())]
        rows = [(line, latest.get(pk)) for pk, line in lines.items() if pk in own]
        undone = [(line, item) for line, _ in rows for item in items.get(line.activity_id, ())]
        yield FillIn(agency, list(dict.fromkeys(reporters)), rows, undone)


def _open_items(activities):
    """Answer {activity: [its sub-activities in force that are not done]}. One query."""
    found = {}
    for item in SubActivity.objects.in_force().filter(activity__in=activities.values("pk"), is_done=False):
        found.setdefault(item.activity_id, []).append(item)
    return found
