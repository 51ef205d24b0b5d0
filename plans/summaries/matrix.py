"""A plan as tables over its focus areas."""

from dataclasses import dataclass

from plans.choices import Role, Status
from plans.models import Activity, ActivityAgency, Agency, FocusArea
from plans.summaries.parties import Parties
from plans.summaries.statuses import StatusCount, count_by_focus_area, count_statuses


@dataclass(frozen=True)
class MatrixCell:
    """How many activities of a focus area an agency leads and supports, by itself or as one of several."""

    focus_area: FocusArea
    lead_count: int
    support_count: int


@dataclass(frozen=True)
class MatrixRow:
    """An agency across the focus areas, in their order."""

    agency: Agency
    cells: list[MatrixCell]


@dataclass(frozen=True)
class StatusRow:
    """A focus area across the statuses: all of them in `by_status`, those that occur in `bar`."""

    focus_area: FocusArea
    count: int
    by_status: list[StatusCount]
    bar: list[StatusCount]


@dataclass(frozen=True)
class Matrix:
    """A plan as two tables over its focus areas."""

    focus_areas: list[FocusArea]
    agencies: list[MatrixRow]
    statuses: list[StatusRow]


def summarise_matrix(plan):
    """Return the tables of `plan` as a `Matrix`. Five queries.

    Agencies are counted as the agency filter finds them: also through a unit or as one of a group.
    """
    parties = Parties(plan)
    links = ActivityAgency.objects.filter(activity__plan=plan, activity__withdrawn_on=None)
    found = {}
    for activity, focus, agency, role in links.values_list("activity", "activity__focus_area", "agency", "role"):
        for one in parties.credited(agency):
            found.setdefault((one, focus, role), set()).add(activity)
    by_focus_area = count_by_focus_area(Activity.objects.filter(plan=plan).in_force())
    areas = list(FocusArea.objects.filter(pk__in=by_focus_area))

    def cell(agency, area):
        return MatrixCell(area, *(len(found.get((agency.pk, area.pk, role), ())) for role in Role))

    return Matrix(
        focus_areas=areas,
        agencies=[MatrixRow(one, [cell(one, area) for area in areas]) for one in parties.ordered],
        statuses=[_status_row(area, by_focus_area[area.pk]) for area in areas],
    )


def _status_row(area, counts):
    every = [StatusCount(status, counts[status]) for status in Status]
    return StatusRow(area, sum(counts.values()), every, count_statuses(counts))
