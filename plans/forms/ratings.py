"""The form in which a programme admin rates an activity, beside the status that agencies report."""

from django import forms

from plans.choices import REPORTABLE
from plans.forms.activities import PRIVACY
from plans.forms.merging import MergingForm
from plans.models import Activity
from plans.text import one_line

NO_RATING = "No rating"
WHY = "Enter why, in a sentence."
WHY_NOW = "Enter why the rating changes. This sentence is about the earlier rating."
CHOOSE = "Choose a rating, or clear the sentence."
CHOOSE_ONE = "Choose a rating."


class RatingForm(MergingForm):
    """The programme's rating of an activity, and the sentence that goes with it; each new rating has a sentence anew.

    Without a rating nothing is kept of the sentence but in the history, where `why` says why the rating went.
    """

    why = "Programme rating"

    class Meta:
        model = Activity
        fields = ("programme_rating", "programme_rating_reason")
        widgets = {
            "programme_rating": forms.RadioSelect,
            "programme_rating_reason": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"programme_rating": "Rating", "programme_rating_reason": "Why, in a sentence"}

    def __init__(self, *args, **kwargs):
        """Offer every status that can be reported, and none."""
        super().__init__(*args, **kwargs)
        choices = [*((one.value, one.label) for one in REPORTABLE), ("", NO_RATING)]
        self.fields["programme_rating"].choices = choices
        self.fields["programme_rating_reason"].help_text = f"Shown beside the rating. {PRIVACY}"

    def clean_programme_rating_reason(self):
        """Return the sentence as it is kept."""
        return one_line(self.cleaned_data["programme_rating_reason"])

    def clean(self):
        """Return the values, if the rating has its sentence."""
        cleaned = super().clean()
        if not self.errors:
            self._check_sentence(cleaned)
        return cleaned

    def _check_sentence(self, cleaned):
        changed, rating = set(self.changed_data), cleaned["programme_rating"]
        sentence = cleaned["programme_rating_reason"]
        if not changed and not rating:
            self.add_error("programme_rating", CHOOSE_ONE)
        elif not changed:
            return
        elif not sentence:
            self.add_error("programme_rating_reason", WHY)
        elif "programme_rating" in changed and "programme_rating_reason" not in changed:
            self.add_error("programme_rating_reason", WHY_NOW)
        elif not rating and "programme_rating" not in changed:
            self.add_error("programme_rating", CHOOSE)
        elif not rating:
            self.why, cleaned["programme_rating_reason"] = sentence, ""

    @property
    def changed_columns(self):
        """The names of the columns that saving changes."""
        return list(self.Meta.fields) if self.changed_data else []


def refuse_half_a_rating(form, cleaned):
    """Add an error to the form of an activity with a rating without its sentence, or a sentence without a rating."""
    rating, sentence = cleaned.get("programme_rating"), (cleaned.get("programme_rating_reason") or "").strip()
    if rating and not sentence:
        form.add_error("programme_rating_reason", WHY)
    elif sentence and not rating:
        form.add_error("programme_rating", CHOOSE)
