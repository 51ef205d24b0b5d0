"""The forms of a plan: a new one is filled in from the plan before it, and one that is edited is merged."""

import re
from datetime import date

from django import forms

from plans.forms.codes import CodeField, MadeCodeMixin
from plans.forms.merging import ReasonedForm
from plans.forms.rounds import DayInput
from plans.models import Plan

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBER = re.compile(rf"\b({'|'.join(NUMBERS[:-1])})\b", re.IGNORECASE)
YEAR = re.compile(r"\d+")
MOST_YEARS = 20


class AboutPlan:
    """How the fields of a plan are worded and entered."""

    labels = {
        "slug": "Address",
        "source": "Published as",
        "starts_on": "Starts",
        "ends_on": "Ends",
        "marking": "Protective marking",
        "is_published": "Published",
    }
    help_texts = {
        "slug": "The plan’s part of web addresses, for example year-three. Leave blank to use the short name. "
        "Cannot be changed later.",
        "source": "The document that the plan was published in, for example Appendix 8.",
        "starts_on": "Leave blank while it is not known.",
        "ends_on": "Leave blank while it is not known.",
        "is_published": "Readers can see the plan. While this is not ticked, only programme admins can.",
    }
    field_classes = {"slug": CodeField}
    widgets = {"starts_on": DayInput, "ends_on": DayInput, "marking": forms.RadioSelect}
    error_messages = {
        "name": {"required": "Enter the name of the plan."},
        "short_name": {"required": "Enter a short name, for example Year Three."},
        "slug": {
            "unique": "There is already a plan with this address. Choose another.",
        },
    }


class NewPlanForm(MadeCodeMixin, forms.ModelForm):
    """A plan that is added; it has nothing in it yet."""

    code_name, made_of = "slug", "short_name"

    is_made_current = forms.BooleanField(
        label="Make this the current plan now",
        required=False,
        help_text="Readers then see it, and the home page shows it instead of the current plan.",
    )

    class Meta(AboutPlan):
        model = Plan
        fields = ("name", "short_name", "slug", "programme", "starts_on", "ends_on", "marking", "is_published")


class PlanForm(ReasonedForm):
    """A plan that is edited; its address stays, since people have shared it."""

    class Meta(AboutPlan):
        model = Plan
        fields = ("name", "short_name", "programme", "source", "starts_on", "ends_on", "marking", "is_published")

    field_order = (*Meta.fields, "reason", "version")

    def clean(self):
        """Return the merged values; the current plan is not hidden."""
        cleaned = super().clean()
        if self.instance.is_current and not cleaned.get("is_published", True):
            sentence = "The home page shows this plan. Make another plan current, then hide this one."
            self.add_error("is_published", sentence)
        return cleaned

    @property
    def columns(self):
        """The names of the columns that saving a valid form would change."""
        return [name for name in self.changed_data if name not in self.unmerged]


def suggest_plan(plans):
    """Return what to fill in for the plan after the newest of `plans`, as {field: value}; {} where there is none.

    Its names are counted on from year to year until no plan has its address. Two queries.
    """
    values = (
        plans.order_by("-is_current", "-pk")
        .values(*("name", "short_name", "slug", "programme", "marking"), *("starts_on", "ends_on"))
        .first()
    )
    taken = set(Plan.objects.values_list("slug", flat=True))
    for _ in range(MOST_YEARS if values else 0):
        following = {name: _count_on(value) for name, value in values.items()}
        if following["slug"] == values["slug"]:
            break
        if following["slug"] not in taken:
            return following
        values = following
    return {name: values[name] for name in ("programme", "marking")} if values else {}


def _count_on(value):
    """Return a value of the next year's plan: dates a year later, "Two" to "Three", "2026/27" to "2027/28"."""
    if isinstance(value, date):
        return date(value.year + 1, value.month, min(value.day, 28) if value.month == 2 else value.day)
    if not isinstance(value, str):
        return value
    counted = NUMBER.sub(_next_word, value)
    return counted if counted != value else YEAR.sub(_next_year, value)


def _next_word(found):
    word = NUMBERS[NUMBERS.index(found[0].lower()) + 1]
    return word.capitalize() if found[0][0].isupper() else word


def _next_year(found):
    return f"{int(found[0]) + 1:0{len(found[0])}}"
