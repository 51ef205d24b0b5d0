"""A page of a list of activities, under the headings that it is grouped by."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator

from plans.choices import Group, Status
from plans.models import Activity, FocusArea
from plans.querysets import put_agencies_on, put_sub_activities_on
from plans.summaries import ActivityRow, row_of

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
        return self.subject.label if self.subject else "No lead yet"

    @property
    def css(self):
        """The focus area that colours the group; blank for any other grouping."""
        return self.subject.slug if isinstance(self.subject, FocusArea) else ""


@dataclass(frozen=True)
class Listing:
    """A page of a list: its rows under their headings, and where it stands among the pages.

    `problem` says why there are no rows when the page that was asked for does not exist.
    """

    groups: list[RowGroup]
    page: Page
    problem: str = ""


def list_activities(filters):
    """Answer the page of activities that `filters` (an `ActivityFilter`) leave, as a `Listing`.

    Two queries; one more grouped by lead, and one more with words.
    """
    activities = filters.activities.sorted_by(filters.order, filters.grouping)
    paginator = Paginator(activities.with_what_rows_show(), ROWS_PER_PAGE)
    if filters.grouping != Group.LEAD:
        paginator.count = filters.counts.matching if filters.is_valid() else 0
    page_number = filters.chosen["page"] or 1
    if page_number > paginator.num_pages:
        problem = f"There is no page {page_number}. The last page is {paginator.num_pages}."
        return Listing([], Paginator(Activity.objects.none(), ROWS_PER_PAGE).page(1), problem)
    page = paginator.page(page_number)
    found = put_agencies_on(list(page.object_list))
    if filters.words:
        put_sub_activities_on(found)
    groups = groupby(found, key=lambda activity: _subject(activity, filters.grouping, filters.parties))
    return Listing(
        [RowGroup(filters.grouping, subject, [_row(one, filters) for one in rows]) for subject, rows in groups], page
    )


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
