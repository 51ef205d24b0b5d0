"""A page of a list of activities, under the headings that it is grouped by."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator

from plans.choices import Group, Status
from plans.models import Activity, FocusArea
from plans.querysets import put_agencies_on, put_sub_activities_on
from plans.summaries import ActivityRow

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


def list_activities(activities, *, parties, codes, sort, group, page_number, count=None, with_items=False):
    """Answer the page of `activities` as a `Listing`. Two queries; one more grouped by lead, one `with_items`.

    `codes` are the agencies that were asked for, whose way onto an activity is said on its row; `count` is how
    many activities there are, where that is known.
    """
    paginator = Paginator(activities.sorted_by(sort, group).with_what_rows_show(), ROWS_PER_PAGE)
    if count is not None and group != Group.LEAD:
        paginator.count = count
    if page_number > paginator.num_pages:
        problem = f"There is no page {page_number}. The last page is {paginator.num_pages}."
        return Listing([], Paginator(Activity.objects.none(), ROWS_PER_PAGE).page(1), problem)
    page = paginator.page(page_number)
    rows = put_agencies_on(list(page.object_list))
    if with_items:
        put_sub_activities_on(rows)
    groups = groupby(rows, key=lambda activity: _subject(activity, group, parties))
    return Listing([_row_group(group, subject, found, parties, codes) for subject, found in groups], page)


def _row_group(group, subject, activities, parties, codes):
    rows = [ActivityRow(one, parties.involvements(one, codes)) for one in activities]
    return RowGroup(group, subject, rows)


def _subject(activity, group, parties):
    return {
        Group.FOCUS: lambda: activity.focus_area,
        Group.PRIORITY: lambda: activity.priority_area,
        Group.STATUS: lambda: Status(activity.status),
        Group.LEAD: lambda: parties.by_id.get(activity.lead_id),
        Group.NONE: lambda: None,
    }[group]()
