"""A plan as tables over its focus areas."""

from collections import Counter
from dataclasses import dataclass

from plans.choices import Role, Status
from plans.models import Activity, ActivityAgency, Agency, FocusArea, Plan
from plans.summaries.parties import Parties
from plans.summaries.statuses import StatusCount, count_by_focus_area, count_statuses

ANYONE = None


@dataclass(frozen=True)
class MatrixCell:
    """How many activities of a focus area an agency leads and supports, by itself or as one of several.

    `focus_area` is None for all of them together.
    """

    focus_area: FocusArea | None
    lead_count: int
    support_count: int


@dataclass(frozen=True)
class MatrixRow:
    """An agency across the focus areas, in their order, and in all of them; None is for whoever it may be."""

    agency: Agency | None
    cells: list[MatrixCell]

    @property
    def total(self) -> MatrixCell:
        """The counts of all focus areas: an activity is in one of them only."""
        counts = [(one.lead_count, one.support_count) for one in self.cells]
        return MatrixCell(None, *map(sum, zip(*counts, strict=True)))


@dataclass(frozen=True)
class StatusRow:
    """A focus area across the statuses: all of them in `by_status`, those that occur in `bar`; None: all areas."""

    focus_area: FocusArea | None
    count: int
    by_status: list[StatusCount]
    bar: tuple[StatusCount, ...]


@dataclass(frozen=True)
class Matrix:
    """A plan as two tables over its focus areas.

    `agencies` have those of a `group` counted for them, too; `anyone` counts each activity once.
    """

    focus_areas: list[FocusArea]
    agencies: list[MatrixRow]
    groups: list[MatrixRow]
    anyone: MatrixRow
    statuses: list[StatusRow]
    all_statuses: StatusRow

    @property
    def columns(self) -> int:
        """How many columns the table of agencies has."""
        return 1 + 2 * (len(self.focus_areas) + 1)

    @property
    def most_of_agency(self) -> int:
        """The highest count that an agency has in a focus area."""
        cells = [cell for row in [*self.agencies, *self.groups] for cell in row.cells]
        return max((max(cell.lead_count, cell.support_count) for cell in cells), default=0)

    @property
    def most_of_status(self) -> int:
        """The highest count that a status has in a focus area."""
        return max((one.count for row in self.statuses for one in row.by_status), default=0)


def summarise_matrix(plan: Plan) -> Matrix:
    """Return the tables of `plan` as a `Matrix`. Five queries.

    Agencies are counted as the agency filter finds them: also through a unit or as one of a group.
    """
    parties = Parties(plan)
    links = ActivityAgency.objects.filter(activity__plan=plan, activity__withdrawn_on=None)
    found: dict[tuple[int | None, int, str], set[int]] = {}
    for activity, focus, agency, role in links.values_list("activity", "activity__focus_area", "agency", "role"):
        for one in (*parties.credited(agency), ANYONE):
            found.setdefault((one, focus, role), set()).add(activity)
    by_focus_area = count_by_focus_area(Activity.objects.filter(plan=plan).in_force())
    areas = list(FocusArea.objects.filter(pk__in=by_focus_area))

    def row(agency: Agency | None, key: int | None) -> MatrixRow:
        counts = ((area, *(len(found.get((key, area.pk, role), ())) for role in Role)) for area in areas)
        return MatrixRow(agency, [MatrixCell(*one) for one in counts])

    rows = [row(one, one.pk) for one in parties.ordered]
    return Matrix(
        focus_areas=areas,
        agencies=[one for one in rows if one.agency and not one.agency.is_group],
        groups=[one for one in rows if one.agency and one.agency.is_group],
        anyone=row(None, ANYONE),
        statuses=[_status_row(area, by_focus_area[area.pk]) for area in areas],
        all_statuses=_status_row(None, sum(by_focus_area.values(), Counter())),
    )


def _status_row(area: FocusArea | None, counts: Counter[str]) -> StatusRow:
    every = [StatusCount(status, counts[status]) for status in Status]
    return StatusRow(area, sum(counts.values()), every, count_statuses(counts))
