"""The forms with which programme admins make and word a board pack, and record what was decided on it."""

from django import forms

from plans.as_at import MomentRefused, read_moment
from plans.forms.endings import IN_THE_FUTURE, is_in_the_future
from plans.forms.rounds import WRONG_DAY, DayInput
from plans.models import Agency
from plans.packs.content import Section, SectionShown

NEW_ASKS = 2
"""Blank asks that a page offers, beside those that are there."""


def numbers_to(last):
    """Return the choices 1 to `last`."""
    return [(str(place), str(place)) for place in range(1, last + 1)]


def in_places(moves):
    """Return things in the order that was chosen, of [(thing, place before, place chosen)] in the order of before.

    What was moved up stands before what has that place, and what was moved down after it.
    """

    def key(move):
        _, before, chosen = move
        return chosen, (chosen > before) - (chosen < before)

    return [thing for thing, _, _ in sorted(moves, key=key)]


def asks_in_order(rows):
    """Return {id of an ask: its fields} of [(ask, its valid form)], with the positions that were chosen."""
    chosen = {ask.pk: {**row.cleaned_data} for ask, row in rows}
    moves = [(pk, before, int(fields["position"])) for before, (pk, fields) in enumerate(chosen.items(), start=1)]
    for position, pk in enumerate(in_places(moves), start=1):
        chosen[pk]["position"] = position
    return chosen


class MakePackForm(forms.Form):
    """What the pack is called, and the day as at which it tells the plan."""

    title = forms.CharField(
        max_length=200,
        help_text="For example, Board pack, March 2027.",
        error_messages={"required": "Enter what the pack is called."},
    )
    at = forms.DateField(
        label="As at",
        required=False,
        widget=DayInput,
        help_text="A day means its end. Leave blank for now.",
        error_messages={"invalid": WRONG_DAY},
    )

    def clean_at(self):
        """Return the moment as at which the plan is told; None for now."""
        try:
            return read_moment(self.cleaned_data["at"].isoformat()) if self.cleaned_data["at"] else None
        except MomentRefused as refused:
            raise forms.ValidationError(str(refused)) from None


class WordPackForm(forms.Form):
    """Title, covering note, and for each section whether it is shown and in which place."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    title = forms.CharField(max_length=200, error_messages={"required": "Enter what the pack is called."})
    covering_note = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}), help_text="It stands first."
    )

    def __init__(self, *args, content, **kwargs):
        super().__init__(*args, **kwargs)
        shown = [one.section for one in content.sections]
        hidden = [one.value for one in Section if one.value not in shown]
        self.sections = [Section(value) for value in (*shown, *hidden)]
        for place, section in enumerate(self.sections, start=1):
            self.fields[f"show_{section}"] = forms.BooleanField(
                label=section.label, required=False, initial=section.value in shown
            )
            self.fields[f"place_{section}"] = forms.ChoiceField(
                label=f"Place of {section.label}", choices=numbers_to(len(Section)), initial=str(place)
            )

    @property
    def rows(self):
        """The sections, as [(whether it is shown, its place)] of fields."""
        return [(self[f"show_{section}"], self[f"place_{section}"]) for section in self.sections]

    @property
    def chosen(self):
        """The sections that a valid form shows, in their order; equals as they were."""
        chosen = [int(self.cleaned_data[f"place_{one}"]) for one in self.sections]
        in_order = in_places(list(zip(self.sections, range(1, len(Section) + 1), chosen, strict=True)))
        return [SectionShown(one.value, one.label) for one in in_order if self.cleaned_data[f"show_{one}"]]


class NewAskForm(forms.Form):
    """An ask that no barrier makes: what, of whom, by when; a blank one is none."""

    # As long as the words of a barrier may be, which an ask begins with.
    text = forms.CharField(label="What we ask", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    of_whom = forms.CharField(label="Of whom", max_length=200, required=False)
    due_on = forms.DateField(label="By when", required=False, widget=DayInput, error_messages={"invalid": WRONG_DAY})

    def clean(self):
        """Refuse what says of whom or by when, and not what."""
        cleaned = super().clean()
        if not cleaned.get("text") and (cleaned.get("of_whom") or cleaned.get("due_on")):
            self.add_error("text", "Enter what is asked, or clear this ask.")
        return cleaned


class AskForm(NewAskForm):
    """An ask that is there: it can be worded, moved and left out, not made blank. `places` is how many there are."""

    position = forms.ChoiceField(label="Place")
    is_left_out = forms.BooleanField(label="Leave this ask out", required=False)

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["position"].choices = numbers_to(places)

    def clean(self):
        """Refuse an ask without words."""
        cleaned = super().clean()
        if not cleaned.get("text") and not self.errors:
            self.add_error("text", "Enter what is asked, or leave this ask out.")
        return cleaned


class DecisionForm(forms.Form):
    """What was decided on an ask, which agency does it, and by when."""

    words = forms.CharField(
        label="What was decided",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what was decided."},
    )
    agency = forms.ModelChoiceField(
        Agency.objects.none(), empty_label="Choose an agency", error_messages={"required": "Choose an agency."}
    )
    due_on = forms.DateField(
        label="Due", widget=DayInput, error_messages={"required": "Enter the due date.", "invalid": WRONG_DAY}
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = Agency.objects.filter(merged_into=None)


class DoneForm(forms.Form):
    """When a decision was done, and what was done; blank for one that is open again."""

    done_on = forms.DateField(label="Done on", required=False, widget=DayInput, error_messages={"invalid": WRONG_DAY})
    note = forms.CharField(
        label="What was done", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self):
        """Refuse a day that is to come, and one without what was done."""
        cleaned = super().clean()
        day = cleaned.get("done_on")
        if is_in_the_future(day):
            self.add_error("done_on", IN_THE_FUTURE)
        if day and not cleaned.get("note"):
            self.add_error("note", "Enter what was done.")
        return cleaned
