"""What is to be written to up to 500 activities, collected first and then saved in a few statements."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from plans.actions.bulk import change_rows, insert_rows, remove_rows
from plans.actions.bulk_updates import record_updates
from plans.models import Activity, ActivityAgency, StatusUpdate, SubActivity

UNTYPED = frozenset(
    {
        *("plan", "focus_area", "priority_area", "activity", "as_printed", "search_text", "description_state"),
        *("status", "withdrawn_on", "due_on", "is_done", "done_on"),
    }
)
"""Columns that no file fills by itself: what stands there was found or chosen, or is computed, or stays."""


class CannotWrite(ValidationError):
    """Something that may not be saved; its text is a sentence that names the activity."""


@dataclass
class Writes:
    """Rows to add, to change and to remove. A row that is changed is whole, and is given once for each change."""

    new_activities: list[Activity] = field(default_factory=list)
    new_links: list[ActivityAgency] = field(default_factory=list)
    new_items: list[SubActivity] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)
    gone_links: list[ActivityAgency] = field(default_factory=list)
    _changed: dict = field(default_factory=dict)
    _fields: dict = field(default_factory=dict)

    def change(self, row, **values):
        """Put `values` on a row, and remember to save them. Answers what they were, those that differ alone."""
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        for name in before:
            setattr(row, name, values[name])
        if before and not row._state.adding:
            model = type(row)
            self._changed.setdefault(model, {})[row.pk] = row
            self._fields.setdefault(model, set()).update(before)
        return before

    def save(self, *, plan, author):
        """Save it all, with `author` (an `Authorship`) in the history. Call it in a transaction, with the rows locked.

        Raises `CannotWrite` for what a form would refuse, and the database's errors. A constant number of queries
        for up to 500 activities.
        """
        self._refuse_nonsense()
        insert_rows(Activity, self.new_activities, author)
        self._save_changes(Activity, author)
        remove_rows(ActivityAgency, self.gone_links, author)
        self._save_changes(ActivityAgency, author)
        insert_rows(ActivityAgency, self.new_links, author)
        self._save_changes(SubActivity, author)
        insert_rows(SubActivity, self.new_items, author)
        record_updates(self.updates, plan=plan)

    def _save_changes(self, model, author):
        rows = list(self._changed.get(model, {}).values())
        change_rows(model, rows, self._fields.get(model, ()), author)

    def _refuse_nonsense(self):
        """Raise `CannotWrite` for what the columns cannot hold; the rest is for the database to refuse."""
        activities = [*self.new_activities, *self._changed.get(Activity, {}).values()]
        for row in (*activities, *self.new_items, *self._changed.get(SubActivity, {}).values()):
            try:
                row.clean_fields(exclude=UNTYPED)
            except ValidationError as error:
                about = row if isinstance(row, Activity) else row.activity
                raise CannotWrite(f"Activity {about.number}: {' '.join(error.messages)}") from None
