"""What agencies report."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from plans.actions.reporting_rules import NOT_YET_DONE, ONLY_A_DAY, report_problems
from plans.choices import Status

REPORTABLE = [(one.value, one) for one in Status if one is not Status.NO_UPDATE]


class Text(forms.Textarea):
    """A box for a few sentences."""

    def __init__(self):
        super().__init__({"rows": 3})


class UpdateForm(forms.Form):
    """A report on one activity. `no_change` says it with one click: the status is that of the `latest` update.

    `agencies` are those the person may report for; without any, a programme admin sets the status and says why.
    `latest` is the newest update with a status, or None; what the person saw of it travels as `seen`.
    """

    agency = forms.ChoiceField(label="Reporting for")
    status = forms.ChoiceField(label="Status now", choices=REPORTABLE, required=False)
    what_happened = forms.CharField(label="What has happened?", widget=Text, required=False)
    whats_next = forms.CharField(label="What is next?", widget=Text, required=False)
    barrier = forms.CharField(label="What stands in the way?", widget=Text, required=False)
    needs_escalation = forms.BooleanField(label="Needs escalation", required=False)
    no_change = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False)

    def __init__(self, data=None, *, activity, agencies, latest, may_set=False):
        super().__init__(data, auto_id=f"activity-{activity.number}-%s")
        self.activity, self.latest, self.agencies = activity, latest, {str(one.pk): one for one in agencies}
        choices = [(key, str(agency)) for key, agency in self.agencies.items()]
        if may_set:
            choices.append(("set", "Programme admin: set the status, and say why"))
        self.fields["agency"].choices = choices
        self.fields["agency"].required = len(choices) > 1
        self.items = [item for item in activity.sub_activities.all() if not (item.is_done or item.withdrawn_on)]
        self.initial = {"status": latest.status if latest else "", "seen": latest.pk if latest else None}
        for item in self.items:
            self.fields[f"done_{item.pk}"] = forms.BooleanField(label=item.text, required=False)
            self.fields[f"done_on_{item.pk}"] = forms.DateField(label="Done on", required=False)

    @property
    def ticks(self):
        """The fields that tick a sub-activity, as [(tick, day)]."""
        return [(self[f"done_{item.pk}"], self[f"done_on_{item.pk}"]) for item in self.items]

    @property
    def is_only_set(self):
        """Whether it can do nothing but set the status."""
        return [key for key, _ in self.fields["agency"].choices] == ["set"]

    @property
    def has_agency_choice(self):
        """Whether the person has to say for whom they report."""
        return len(self.fields["agency"].choices) > 1

    @property
    def first_agency(self):
        """The key of the agency that a single click reports for."""
        return next(iter(self.agencies), "")

    @property
    def is_more_open(self):
        """Whether something is written, or wrong, in the part of the form that is folded away."""
        return any(self[name].value() or self[name].errors for name in ("whats_next", "barrier", "needs_escalation"))

    @property
    def chosen_status(self):
        """The value of the status that the form shows as chosen: with "no change", that of the latest update."""
        if self.latest and self["no_change"].value():
            return self.latest.status
        return self["status"].value() or ""

    def clean_agency(self):
        """Answer the agency that reports; None for a programme admin who sets the status."""
        key = self.cleaned_data["agency"] or next(iter(dict(self.fields["agency"].choices)), "")
        return self.agencies.get(key)

    def clean(self):
        """Answer what is reported; a bad status without a word of why is refused."""
        cleaned = super().clean()
        is_no_change = cleaned.get("no_change", False)
        if is_no_change:
            self._repeat_latest(cleaned)
        parts = {name: cleaned.get(name) or "" for name in ("status", "what_happened", "barrier")}
        problems = report_problems(
            # An agency that cannot be chosen has its own error: it is not that of somebody who sets the status.
            agency=cleaned.get("agency", ""),
            needs_escalation=cleaned.get("needs_escalation", False),
            is_no_change=is_no_change,
            **parts,
        )
        for name, sentence in problems:
            self.add_error(name, sentence)
        self._check_days(cleaned)
        return cleaned

    def _repeat_latest(self, cleaned):
        if self.latest is None:
            raise ValidationError("There is no earlier update to repeat. Choose the status now.")
        cleaned["status"] = self.latest.status

    def _check_days(self, cleaned):
        today = timezone.localdate()
        for item in self.items:
            day = cleaned.get(f"done_on_{item.pk}")
            if day and day > today:
                self.add_error(f"done_on_{item.pk}", NOT_YET_DONE)
            elif day and not cleaned.get(f"done_{item.pk}"):
                self.add_error(f"done_{item.pk}", ONLY_A_DAY)

    @property
    def report(self):
        """The cleaned report as `record_update` takes it, without `activity` and `by`."""
        cleaned = self.cleaned_data
        words = {name: cleaned[name] for name in ("status", "agency", "what_happened", "whats_next", "barrier", "seen")}
        done = [(item.pk, cleaned[f"done_on_{item.pk}"]) for item in self.items if cleaned[f"done_{item.pk}"]]
        flags = {"needs_escalation": cleaned["needs_escalation"], "is_no_change": cleaned["no_change"]}
        return {**words, **flags, "done": done}


class NoteForm(forms.Form):
    """A note of a supporting agency. `agencies` are those the person may write it for."""

    agency = forms.ChoiceField(label="Writing for")
    text = forms.CharField(label="Note", widget=Text)

    def __init__(self, data=None, *, agencies):
        super().__init__(data)
        self.agencies = {str(one.pk): one for one in agencies}
        self.fields["agency"].choices = [(key, str(agency)) for key, agency in self.agencies.items()]

    def clean_agency(self):
        """Answer the agency that writes."""
        return self.agencies[self.cleaned_data["agency"]]
