"""What applying a row of a file replaced and wrote: `ImportRow.before` and `after`, by which it can be taken back.

Both are {name of a column of the activity: value}, for values that changed; `after` has all but the number for one
that was made or brought back, and says `is_new` of it. Beside them stand, in both: `leads` and `supports`, [[id of the
agency, position]] in order, for roles that changed; `items`, {id of the sub-activity: its values, None for "not
there"}; `ticks`, {id of the sub-activity: the day on which it was done, None for "not done"}; in `after` alone
`updates`, the ids of the updates that came with the row.
"""

from dataclasses import dataclass, field

from plans.models import Activity, StatusUpdate, SubActivity
from plans.spreadsheets.importing.standing import values_of_item

OWN = ("focus_area_id", "priority_area_id", "title", "description", "description_state", "status", "withdrawn_on")
"""The columns of an activity that an import may change."""


@dataclass
class Trace:
    """What became of one activity. Its ids are known once all is saved: ask for `before` and `after` then."""

    activity: Activity
    is_new: bool
    values: dict = field(default_factory=dict)
    links: dict = field(default_factory=dict)
    items: list[tuple[dict | None, SubActivity]] = field(default_factory=list)
    ticked: list[SubActivity] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)

    @property
    def before(self):
        """What was there before, as `ImportRow.before` keeps it."""
        found = {name: plain(value) for name, value in self.values.items()}
        found |= {cell: before for cell, (before, _) in self.links.items()}
        items = {str(item.pk): before for before, item in self.items}
        found |= {"items": items} if items else {}
        return {**found, "ticks": {str(item.pk): None for item in self.ticked}} if self.ticked else found

    @property
    def after(self):
        """What is there now, as `ImportRow.after` keeps it."""
        names = OWN if self.is_new else self.values
        found = {name: plain(getattr(self.activity, name)) for name in names}
        found |= {cell: after for cell, (_, after) in self.links.items()}
        items = {str(item.pk): values_of_item(item) for _, item in self.items}
        found |= {"items": items} if items else {}
        found |= {"ticks": {str(item.pk): plain(item.done_on) for item in self.ticked}} if self.ticked else {}
        found |= {"updates": [update.pk for update in self.updates]} if self.updates else {}
        return {**found, "is_new": True} if self.is_new else found


def plain(value):
    """Answer a value of a column as JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
