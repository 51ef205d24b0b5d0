"""The forms with which programme admins open and change a reporting round; a new one follows the last one."""

import re
from calendar import monthrange
from datetime import date

from django import forms
from django.utils import timezone

QUARTERS = ("March", "June", "September", "December")
QUARTER = re.compile(rf"\b({'|'.join(QUARTERS)})\b")
YEAR = re.compile(r"\b(\d{4})\b")
MONTHS = 3
WRONG_DAY = "Enter a date, for example 30/6/2027."


class DayInput(forms.DateInput):
    """The browser's own calendar, which wants the year first whatever the site writes."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class RoundForm(forms.Form):
    """What a round is called, and until when its updates are due."""

    name = forms.CharField(label="Name", max_length=60, help_text="For example, December 2026 quarter.")
    due_on = forms.DateField(label="Due date", widget=DayInput, help_text="Updates after this date are overdue.")

    def refuse(self, error):
        """Show a `ValidationError` of an action at the fields that it names."""
        for name, problems in getattr(error, "error_dict", {"__all__": [error]}).items():
            self.add_error(name if name in self.fields else None, problems)


class NewRoundForm(RoundForm):
    """A new round. It counts updates from now on, so that a due date that has passed would make all of them late."""

    def clean_due_on(self):
        """Refuse a day that has passed."""
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("Enter today or a later date.")
        return day


def suggest_round(plan, on):
    """Return what to fill in for the round of `plan` after its last one, as {field: value}; {} for the first.

    "December quarter" is followed by "March quarter", due three months later; a day before `on` is left out. Two
    queries.
    """
    last = plan.rounds.first()
    if last is None:
        return {}
    due_on = _months_later(last.due_on)
    found = {} if due_on < on else {"due_on": due_on}
    following = _following_name(last.name)
    taken = {last.name, *plan.rounds.values_list("name", flat=True)}
    free = [name for name in (following, f"{following} {due_on.year}") if name not in taken]
    return found | {"name": free[0]} if free and following != last.name else found


def _following_name(name):
    found = QUARTER.search(name)
    if found is None:
        return name
    place = QUARTERS.index(found[1]) + 1
    following = QUARTER.sub(QUARTERS[place % len(QUARTERS)], name, count=1)
    return YEAR.sub(lambda year: str(int(year[1]) + 1), following) if place == len(QUARTERS) else following


def _months_later(day):
    year, month = divmod(day.month - 1 + MONTHS, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
