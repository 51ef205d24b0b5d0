"""The columns of an activity in a spreadsheet: one definition for every export and import."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import get_default_timezone, localdate

from plans.choices import Freshness
from plans.exchange.descriptions import description_of, join_description, tidy
from plans.models import Activity


@dataclass(frozen=True)
class Column:
    """A column: its heading, what stands in it for an activity, and its width in characters.

    `value` answers text, a whole number, a date or None. It takes an activity fetched with `for_export()`
    and costs no query.
    """

    heading: str
    value: Callable[[Activity], str | int | date | None]
    width: int


def agency_names(links):
    """The printed names of linked agencies, joined as the plan joins them."""
    return "; ".join(tidy(link.agency.name) for link in links)


def last_updated_on(activity):
    """The day of the latest update where the programme is; None when there is none."""
    moment = activity.last_update_at
    return moment and localdate(moment, get_default_timezone())


NUMBER = Column("Number", lambda activity: activity.number, 8)
FOCUS_AREA = Column("Strategic Focus Area", lambda activity: tidy(str(activity.focus_area)), 30)
PRIORITY_AREA = Column("Priority Action Area", lambda activity: tidy(activity.priority_area.name), 30)
TITLE = Column("Activity", lambda activity: tidy(activity.title), 30)
DESCRIPTION = Column("Description", lambda activity: join_description(description_of(activity)), 70)
LEADS = Column("Agency Lead", lambda activity: agency_names(activity.lead_links), 20)
SUPPORTS = Column("Support Agencies", lambda activity: agency_names(activity.support_links), 24)
DESCRIPTION_STATE = Column("Description State", lambda activity: activity.get_description_state_display(), 16)
STATUS = Column("Status", lambda activity: activity.get_status_display(), 15)
LAST_UPDATED = Column("Last Updated", last_updated_on, 18)
FRESHNESS = Column("Freshness", lambda activity: Freshness(activity.freshness).label, 15)

COLUMNS = (
    NUMBER,
    FOCUS_AREA,
    PRIORITY_AREA,
    TITLE,
    DESCRIPTION,
    LEADS,
    SUPPORTS,
    DESCRIPTION_STATE,
    STATUS,
    LAST_UPDATED,
    FRESHNESS,
)
"""Every column in its order."""

HEADINGS = tuple(column.heading for column in COLUMNS)
"""The first row of every spreadsheet."""
