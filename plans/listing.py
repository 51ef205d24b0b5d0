"""A page of a list of activities, under the headings that it is grouped by."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count

from plans.choices import Group, Sort, Status
from plans.fast.queries import prepared
from plans.models import Activity, FocusArea
from plans.querysets import ask_of_plan, put_agencies_on, put_sub_activities_on
from plans.summaries import ActivityRow, row_of
from plans.summaries.lead_positions import put_positions_on

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading. `subject` is what they share: an area, an agency, a status, or None."""

    group: Group
    subject: object
    rows: list[ActivityRow]

    @property
    def title(self):
        """The heading in words; blank when the list is not grouped."""
        if self.group == Group.NONE:
            return ""
        return self.subject.label if self.subject else "No lead agency"

    @property
    def css(self):
        """The focus area that colours the group; blank for any other grouping."""
        return self.subject.slug if isinstance(self.subject, FocusArea) else ""


@dataclass(frozen=True)
class TableColumns:
    """Which of the columns that not every table needs this one has: none says what the headings of groups say.

    There is an update status where an update of any row is due, overdue or was never given, and a due date or a rating
    of the programme where any row has one.
    """

    has_status: bool = True
    has_focus_area: bool = True
    has_update_status: bool = True
    has_due: bool = True
    has_rating: bool = True

    @property
    def sorts(self):
        """The orders whose column it has."""
        has = {Sort.STATUS: self.has_status, Sort.DUE: self.has_due}
        return [one for one in Sort if has.get(one, True)]

    @property
    def count(self):
        """How many columns the table has."""
        optional = self.has_status, self.has_focus_area, self.has_update_status, self.has_due, self.has_rating
        return 5 + sum(optional)


@dataclass(frozen=True)
class Listing:
    """A page of a list: its rows under their headings, and where it stands among the pages.

    `problem` says why there are no rows when the page that was asked for does not exist.
    """

    groups: list[RowGroup]
    page: Page
    problem: str = ""

    @property
    def columns(self):
        """The `TableColumns` of it as a table."""
        grouping = self.groups[0].group if self.groups else Group.NONE
        return TableColumns(
            has_status=grouping != Group.STATUS,
            has_focus_area=grouping != Group.FOCUS,
            has_update_status=any(row.late or row.is_due for group in self.groups for row in group.rows),
            has_due=any(row.due_on for group in self.groups for row in group.rows),
            has_rating=any(row.rating for group in self.groups for row in group.rows),
        )


def list_activities(filters):
    """Return the page of activities that `filters` (an `ActivityFilter`) leave, as a `Listing`.

    Two queries; one more grouped by lead, one more with words, and up to three where leads differ.
    """
    paginator = Paginator((), ROWS_PER_PAGE)
    paginator.count = _count(filters) if filters.is_valid() else 0
    number = filters.chosen["page"] or 1
    if number > paginator.num_pages:
        problem = f"There is no page {number}. The last page is {paginator.num_pages}."
        return Listing([], paginator.page(1), problem)
    found = _fetch(filters, (number - 1) * ROWS_PER_PAGE) if paginator.count else []
    groups = groupby(found, key=lambda activity: _subject(activity, filters.grouping, filters.parties))
    return Listing(
        [RowGroup(filters.grouping, subject, [_row(one, filters) for one in rows]) for subject, rows in groups],
        Page(found, number, paginator),
    )


def _count(filters):
    """Return how many rows there are: by lead, an activity has one for each agency that leads it."""
    if filters.grouping != Group.LEAD:
        return filters.counts.matching
    return sum(count for (count,) in ask_of_plan(_count_by_lead, filters.plan, filters.on, filters.selection))


def _fetch(filters, first):
    """Fetch the activities of the page that begins with the row at place `first`."""
    order, part = (filters.order, filters.grouping), slice(first, first + ROWS_PER_PAGE)
    found = put_agencies_on(ask_of_plan(_rows, filters.plan, filters.on, filters.selection, *order, part=part))
    put_positions_on(found)
    return put_sub_activities_on(found) if filters.words else found


@prepared
def _rows(outline, is_open, is_late, order, group):
    activities = Activity.objects.of_asked_plan(is_open, is_late).left_by(outline)
    return activities.with_what_rows_show().sorted_by(order, group)


@prepared
def _count_by_lead(outline, is_open, is_late):
    activities = Activity.objects.of_asked_plan(is_open, is_late).left_by(outline).once_for_each_lead()
    return activities.order_by().values("plan").annotate(count=Count("*")).values_list("count")


def _row(activity, filters):
    involvements = filters.parties.involvements(activity, filters.chosen["agency"])
    current = filters.plan.open_round
    return row_of(activity, open_round=current, on=filters.on, involvements=involvements, words=filters.words)


def _subject(activity, group, parties):
    return {
        Group.FOCUS: lambda: activity.focus_area,
        Group.PRIORITY: lambda: activity.priority_area,
        Group.STATUS: lambda: Status(activity.status),
        Group.LEAD: lambda: parties.by_id.get(activity.lead_id),
        Group.NONE: lambda: None,
    }[group]()
