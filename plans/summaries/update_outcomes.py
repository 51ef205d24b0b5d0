"""What a report did to the status of an activity that several agencies lead, in a sentence for whoever reported."""

from collections.abc import Collection, Mapping

from plans.choices import Status
from plans.models import Activity, Agency
from plans.summaries.lead_positions import LeadPositions, ReportsOfLeads
from plans.text import listed


def shown_in_words(reported: str, positions: LeadPositions, names: Mapping[int, str], *, shows: str = "shows") -> str:
    """Return what a joint activity shows after a report: "shows at risk, because MSD reported at risk". No query.

    `names` are those of agencies by id.
    """
    shown = positions.status or Status(reported)
    if shown == reported:
        return f"{shows} {shown.label.lower()}"
    who = listed([names[lead] for lead in positions.decisive])
    return f"{shows} {shown.label.lower()}, because {who} reported {shown.label.lower()}"


def say_outcome(activity: Activity, reported: str) -> str:
    """Return what a report of `reported` on a joint activity did; blank where one agency leads. Up to four queries."""
    found = _read([activity.pk])
    if activity.pk not in found:
        return ""
    positions, names = found[activity.pk]
    told = shown_in_words(reported, positions, names)
    return f" You reported {Status(reported).label.lower()}. The activity {told}."


def say_other_outcomes(reported: Mapping[Activity, str]) -> str:
    """Return of which activities the status is another than was reported, and why; blank for none. Four queries."""
    found = _read([activity.pk for activity in reported])
    told = [
        f" Activity {activity.number} {shown_in_words(status, *found[activity.pk])}."
        for activity, status in reported.items()
        if activity.pk in found and found[activity.pk][0].status not in (None, status)
    ]
    return "".join(told)


def _read(activities: Collection[int]) -> dict[int, tuple[LeadPositions, dict[int, str]]]:
    """Return the positions on the joint ones of the `activities` (ids), each with the names of its leads."""
    leads = ReportsOfLeads.load((), if_joint=activities)
    named = {agency for agencies in leads.leads.values() for agency in agencies}
    names = {one.pk: one.label for one in Agency.objects.filter(pk__in=named)} if named else {}
    return {pk: (leads.positions(pk), names) for pk in leads.leads}
