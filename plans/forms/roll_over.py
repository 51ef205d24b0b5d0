"""The forms of a roll-over: what becomes of each activity, and how the draft is made."""

import hashlib

from django import forms

from plans.activity_number import read_number
from plans.choices import Ending, RollOverDates, RollOverOutcome, Status
from plans.forms.activities import PRIVACY
from plans.forms.codes import MadeCodeMixin
from plans.forms.endings import IN_THE_FUTURE, is_in_the_future
from plans.forms.plans import AboutPlan
from plans.forms.rounds import DayInput
from plans.models import Plan
from plans.text import one_line

CHANGED = "Someone changed this choice after you opened the page, to “{}”. Check yours, and save again."
OF_ENDINGS = {ending.value: RollOverOutcome(ending.value) for ending in Ending if ending != Ending.CARRIED_ON}


class ChoiceForm(forms.Form):
    """What becomes of one activity. `seen` is what was saved when the page was opened.

    Nothing has to be complete: what the draft still lacks is said beside it, and everything typed is kept.
    """

    outcome = forms.ChoiceField(label="What becomes of it", required=False)
    sentence = forms.CharField(
        label="In a sentence", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    titles = forms.CharField(
        label="New titles",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="To split: one on each line. To merge: the one title, for any of them.",
    )
    merge_with = forms.CharField(label="Merge with activity", required=False, max_length=40)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, activity, choice, numbers, problem="", **kwargs):
        """Begin with the saved `choice`, or with what is likely. `numbers` are {number in lower case: activity}."""
        self.activity, self.choice, self.numbers, self.problem = activity, choice, numbers, problem
        self.is_changed = self.is_crossed = False
        stored = _stored(choice)
        likely = {} if choice else {"outcome": _likely(activity)}
        initial = {**stored, **likely, "seen": _digest(stored)}
        super().__init__(*args, initial=initial, prefix=prefix_of(activity), **kwargs)
        self.fields["outcome"].choices = [("", "Choose"), *((one.value, one.label) for one in RollOverOutcome)]

    def clean_sentence(self):
        """Return the sentence on one line, as it is kept."""
        return one_line(self.cleaned_data["sentence"])

    def clean_merge_with(self):
        """Return the number of the other activity as it is kept; blank for none. Raises `ValidationError`."""
        typed = self.cleaned_data["merge_with"].strip()
        if not typed:
            return ""
        try:
            number = str(read_number(typed))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        other = self.numbers.get(number.lower())
        if other is None:
            raise forms.ValidationError(f"There is no activity {number} in this plan.")
        if other.pk == self.activity.pk:
            raise forms.ValidationError("Enter the number of another activity.")
        return str(other.number)

    def clean(self):
        """Return the values. Of two people who change the same choice, the second one is told."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        typed, stored = {name: cleaned[name] for name in _stored(None)}, _stored(self.choice)
        seen = cleaned["seen"]
        if typed == stored or seen == _digest(typed):
            return cleaned
        if seen != _digest(stored):
            self.is_crossed, self.data = True, self.data.copy()
            self.data[self.add_prefix("seen")] = _digest(stored)
            label = self.choice.get_outcome_display() if self.choice else "Choose"
            raise forms.ValidationError(CHANGED.format(" – ".join(filter(None, [label, stored["sentence"]]))))
        self.is_changed = True
        return cleaned

    @property
    def is_unfolded(self):
        """Whether the fields for splitting and merging are in sight: they are filled in, asked for or refused."""
        refused = bool(self.is_bound and ("titles" in self.errors or "merge_with" in self.errors))
        is_filled = any(self[name].value() for name in ("titles", "merge_with"))
        return refused or is_filled or self["outcome"].value() in (RollOverOutcome.SPLIT, RollOverOutcome.MERGE)

    @property
    def values(self):
        """The columns of the choice as they are to be saved."""
        other = self.cleaned_data["merge_with"]
        values = {name: self.cleaned_data[name] for name in ("outcome", "sentence", "titles")}
        return {**values, "merge_with": self.numbers[other.lower()] if other else None}


def prefix_of(activity):
    """Return what the fields of an activity are called by."""
    return f"activity-{activity.number}"


def _stored(choice):
    """Return what is saved, as the form shows it."""
    if choice is None:
        return {"outcome": "", "sentence": "", "titles": "", "merge_with": ""}
    other = str(choice.merge_with.number) if choice.merge_with else ""
    return {
        "outcome": choice.outcome,
        "sentence": choice.sentence,
        # As browsers send it, trimmed as Django does.
        "titles": choice.titles,
        "merge_with": other,
    }


def _digest(values):
    said = {name: value.replace("\r\n", "\n") for name, value in values.items()}
    return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()[:16]


def _likely(activity):
    """Return the outcome that is likely for an activity for which nothing has been chosen yet."""
    if activity.ending:
        return OF_ENDINGS.get(activity.ending, RollOverOutcome.CONTINUE).value
    return (RollOverOutcome.DELIVERED if activity.status == Status.COMPLETE else RollOverOutcome.CONTINUE).value


class DraftForm(forms.Form):
    """How the draft is made. What people edited in it stays unless `is_overwriting`."""

    dates = forms.ChoiceField(
        label="Start and due dates",
        choices=[(one.value, f"{one.label}. {one.meaning}") for one in RollOverDates],
        widget=forms.RadioSelect,
    )
    is_renumbered = forms.BooleanField(
        label="Number the activities from 1",
        required=False,
        help_text="Otherwise they keep their numbers, and further parts of a split get the next free ones. "
        "Numbers stay once the draft has been made.",
    )
    is_overwriting = forms.BooleanField(
        label="Overwrite what was edited in the draft",
        required=False,
        help_text="What stands there now stays in the history of each activity.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NextPlanForm(MadeCodeMixin, forms.ModelForm):
    """The next plan, which is made as a draft."""

    code_name, made_of = "slug", "short_name"

    class Meta(AboutPlan):
        model = Plan
        fields = ("name", "short_name", "slug", "programme", "starts_on", "ends_on", "marking")


class EndOldForm(forms.Form):
    """The day on which the activities of the old plan ended."""

    on = forms.DateField(label="Last day", widget=DayInput, error_messages={"required": "Enter the last day."})

    def clean_on(self):
        """Return the day. Raises `ValidationError` for one in the future."""
        if is_in_the_future(self.cleaned_data["on"]):
            raise forms.ValidationError(IN_THE_FUTURE)
        return self.cleaned_data["on"]


class UndoRollOverForm(forms.Form):
    """Why a roll-over is undone."""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text=f"Shown in the history of the draft’s activities. {PRIVACY}",
        error_messages={"required": "Enter the reason."},
    )
