"""What an undo says of values that it keeps."""

from dataclasses import dataclass

from django.utils.formats import date_format

from plans.choices import DescriptionState, Status
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets import columns
from plans.spreadsheets.descriptions import tidy

HEADINGS = {
    "number": columns.NUMBER.heading,
    "focus_area_id": columns.FOCUS_AREA.heading,
    "priority_area_id": columns.PRIORITY_AREA.heading,
    "title": columns.TITLE.heading,
    "description": columns.DESCRIPTION.heading,
    "description_state": columns.DESCRIPTION_STATE.heading,
    "status": columns.STATUS.heading,
    "leads": columns.LEADS.heading,
    "supports": columns.SUPPORTS.heading,
}
GONE = "(no longer there)"
NOT_DONE = "Not done"


@dataclass(frozen=True)
class Words:
    """The names of what values point to, by id."""

    agencies: dict[int, str]
    focus_areas: dict[int, str]
    priority_areas: dict[int, str]

    @classmethod
    def load(cls):
        """Answer the names of all there is. Three queries."""
        return cls(
            dict(Agency.objects.values_list("pk", "name")),
            {area.pk: tidy(str(area)) for area in FocusArea.objects.all()},
            dict(PriorityArea.objects.values_list("pk", "name")),
        )

    def tell(self, name, value):
        """Answer a value of `before` or `after` in words, as an export shows it."""
        tellers = {
            "focus_area_id": self.focus_areas.get,
            "priority_area_id": self.priority_areas.get,
            "description_state": lambda state: DescriptionState(state).label,
            "status": lambda status: Status(status).label,
            "leads": self._tell_agencies,
            "supports": self._tell_agencies,
        }
        return tellers.get(name, str)(value) or ""

    def _tell_agencies(self, links):
        return "; ".join(self.agencies.get(agency_id, GONE) for agency_id, _ in links)


def tell_day(day):
    """Answer the day on which a sub-activity was done in words; that it is not done for None."""
    return NOT_DONE if day is None else date_format(day)
