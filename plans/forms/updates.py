"""What agencies report."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from plans.actions.barriers import HOW_RESOLVED
from plans.actions.evidence import is_evidenced
from plans.actions.reporting_rules import (
    MOST_LINKS,
    NOT_YET_DONE,
    ONLY_A_DAY,
    TOO_MANY_LINKS,
    asks_for_evidence,
    evidence_problems,
    report_problems,
)
from plans.choices import REPORTABLE
from plans.text import fold
from plans.web_links import read_links

CORRECTED = ("what_happened", "whats_next", "barrier", "needs_escalation", "no_evidence_reason")
STATUS_CHOICES = [(one.value, one) for one in REPORTABLE]


STILL = [("open", "Still a barrier"), ("resolved", "Resolved")]
ONLY_HOW = "Choose Resolved as well, or clear this."
NO_CHANGE_WITH_WORDS = "You have written something below. Save it as an update, or clear it and choose No change."
NO_CHANGE_WITH_STATUS = (
    "You chose another status below. Save it as an update, or choose the earlier status and then No change."
)
OF_CARD = re.compile(r"(activity-[0-9A-Za-z._]{1,20})-(.+)")
HOW = re.compile(r"how_(\d+)")
ENTERED = re.compile(
    r"what_happened|whats_next|barrier|needs_escalation|evidence|no_evidence_reason|(done|done_on|how)_\d+"
)


def card_of(number):
    """Return the prefix of the names of fields of the activity of that number, where a page has several forms.

    What stands behind the next hyphen is the name of a field, so that those of the number are written otherwise.
    """
    return f"activity-{str(number).replace('-', '_')}"


def number_of_card(card):
    """Return the number of the activity of a card, as text; the inverse of `card_of`."""
    return card.removeprefix("activity-").replace("_", "-")


def cards_in(fields):
    """Return the fields of a page with several forms by form: {prefix: {name: values}}."""
    cards = {}
    for name, values in fields.lists():
        if found := OF_CARD.fullmatch(name):
            cards.setdefault(found[1], {})[found[2]] = values
    return cards


def is_entered(fields):
    """Return whether anything was written, ticked or resolved in {name: values} of a form, or the status changed."""
    named = {name: values[-1].strip() for name, values in fields.items() if values}
    is_resolved = any(value == "resolved" for name, value in named.items() if name.startswith("still_"))
    is_other_status = "was" in named and named.get("status", "") not in ("", named["was"])
    return is_resolved or is_other_status or any(value and ENTERED.fullmatch(name) for name, value in named.items())


def one_a_line(links):
    """Return links as the box of a form holds them; the line breaks are those that browsers send."""
    return "\r\n".join(f"{link.label} {link.address}".strip() for link in links)


class Text(forms.Textarea):
    """A box for a few sentences."""

    def __init__(self):
        super().__init__({"rows": 3})


class UpdateForm(forms.Form):
    """A report on one activity. `no_change` says it with one click: the status is that of the update it repeats.

    `agencies` are those the person may report for; without any, a programme admin sets the status and says why.
    `latest` is the newest update with a status, or None; what the person saw of it travels as `seen`. `own` is {id of
    an agency: its own update} where several lead: what its "no change" repeats, and its status at first. `barriers` are
    the open ones of the activity. On a page with the forms of several activities it `is_card`. `corrected` is the
    update that it corrects, None for a new one.
    """

    agency = forms.ChoiceField(label="Agency")
    status = forms.ChoiceField(label="Status now", choices=STATUS_CHOICES, required=False)
    what_happened = forms.CharField(label="What has happened?", widget=Text, required=False)
    whats_next = forms.CharField(label="Next steps", widget=Text, required=False)
    barrier = forms.CharField(label="Barriers", widget=Text, required=False)
    needs_escalation = forms.BooleanField(label="Escalate", required=False)
    evidence = forms.CharField(label="Links to evidence", widget=Text, required=False)
    no_evidence_reason = forms.CharField(label="No evidence available because", required=False)
    no_change = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False)

    def __init__(  # noqa: PLR0913 - each is a part of the form, given by name
        self,
        data=None,
        *,
        activity,
        agencies,
        latest,
        own=None,
        barriers=(),
        may_set=False,
        is_card=False,
        corrected=None,
    ):
        card = card_of(activity.number)
        # The same ids on both pages, each once.
        names = {"prefix": card, "auto_id": "%s"} if is_card else {"auto_id": f"{card}-%s"}
        super().__init__(data, **names)
        self.activity, self.latest, self.agencies = activity, latest, {str(one.pk): one for one in agencies}
        self.corrected, self.is_filled = corrected, False
        self._own = own or {}
        # With others to report for, no one knows yet whose position it is.
        self.repeated = (len(agencies) == 1 and not may_set and self.own_of(agencies[0])) or latest
        choices = [(key, str(agency)) for key, agency in self.agencies.items()]
        if may_set:
            choices.append(("set", "Programme admin (no agency)"))
        self.fields["agency"].choices = choices
        self.fields["agency"].required = len(choices) > 1
        self.items = [item for item in activity.sub_activities.all() if not (item.is_done or item.withdrawn_on)]
        self.initial = {"status": (latest and self.repeated.status) or "", "seen": latest.pk if latest else None}
        for item in self.items:
            self.fields[f"done_{item.pk}"] = forms.BooleanField(label=item.text, required=False)
            self.fields[f"done_on_{item.pk}"] = forms.DateField(label="Date done", required=False)
        named = fold(corrected.barrier) if corrected else None
        self.barriers = [barrier for barrier in barriers if fold(barrier.text) != named]
        for barrier in self.barriers:
            self.fields[f"still_{barrier.pk}"] = forms.ChoiceField(
                label=barrier.text, choices=STILL, widget=forms.RadioSelect, required=False, initial="open"
            )
            self.fields[f"how_{barrier.pk}"] = forms.CharField(label="How was it resolved?", required=False)
        if corrected:
            self.initial |= {name: getattr(corrected, name) for name in ("status", *CORRECTED)}
            self.initial["agency"] = str(corrected.agency_id or "set")
            self.initial["evidence"] = one_a_line(one.link for one in corrected.evidence.all())
            # Most corrections are of the words.
            self.fields["what_happened"].widget.attrs["autofocus"] = data is None

    def fill(self, typed):
        """Show what was typed earlier and not saved, without saying what is wrong with it."""
        self.is_filled = True
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(typed, {}, self.add_prefix(name))
            self.initial[name] = self.initial.get(name) if value is None else value

    @property
    def ticks(self):
        """The fields that tick a sub-activity, as [(tick, day)]."""
        return [(self[f"done_{item.pk}"], self[f"done_on_{item.pk}"]) for item in self.items]

    @property
    def open_barriers(self):
        """The barriers that are open, as [(barrier, whether it still is one, how it was resolved)]."""
        return [(one, self[f"still_{one.pk}"], self[f"how_{one.pk}"]) for one in self.barriers]

    @property
    def may_repeat(self):
        """Whether "no change" is offered: there is something to repeat, and nothing is being corrected."""
        return self.latest is not None and self.corrected is None

    @property
    def has_agency_choice(self):
        """Whether the person has to say for whom they report."""
        return len(self.fields["agency"].choices) > 1

    @property
    def is_more_open(self):
        """Whether something is written, or wrong, in the part of the form that is folded away."""
        return any(self[name].value() or self[name].errors for name in ("whats_next", "barrier", "needs_escalation"))

    @property
    def is_evidence_open(self):
        """Whether something is written, or wrong, in the part of the form about evidence."""
        return any(self[name].value() or self[name].errors for name in ("evidence", "no_evidence_reason"))

    @property
    def chosen_status(self):
        """The value of the status that the form shows as chosen: with "no change", that of the update it repeats."""
        if self.latest and self["no_change"].value() and not self["status"].value():
            return self.repeated.status
        return self["status"].value() or ""

    def clean_agency(self):
        """Return the agency that reports; None for a programme admin who sets the status."""
        key = self.cleaned_data["agency"] or next(iter(dict(self.fields["agency"].choices)), "")
        return self.agencies.get(key)

    def clean_evidence(self):
        """Return the links, [`Link`]."""
        try:
            links = read_links(self.cleaned_data["evidence"])
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if len(links) > MOST_LINKS:
            raise ValidationError(TOO_MANY_LINKS)
        return links

    def clean(self):
        """Return what is reported; a bad status without a word of why is refused."""
        cleaned = super().clean()
        is_no_change = cleaned.get("no_change", False)
        if is_no_change:
            self._refuse_to_drop_words(cleaned)
            self._repeat_latest(cleaned)
        parts = {name: cleaned.get(name) or "" for name in ("status", "what_happened", "barrier")}
        problems = report_problems(
            # An agency that cannot be chosen has its own error: it is not that of somebody who sets the status.
            agency=cleaned.get("agency", ""),
            needs_escalation=cleaned.get("needs_escalation", False),
            is_no_change=is_no_change,
            **parts,
        )
        problems += self._evidence_problems(cleaned)
        for name, sentence in problems:
            self.add_error(name, sentence)
        self._check_days(cleaned)
        self._check_barriers(cleaned)
        return cleaned

    def _evidence_problems(self, cleaned):
        """Return what is wrong with the evidence; one query, where a link is wanted and nothing stands there."""
        # A link that is wrong has its own error.
        if "evidence" not in cleaned:
            return []
        links, reason = cleaned["evidence"], cleaned.get("no_evidence_reason", "")
        is_asked = asks_for_evidence(
            cleaned.get("status", ""), cleaned.get("agency"), is_no_change=cleaned.get("no_change", False)
        )
        is_unsaid = is_asked and not (links or reason)
        return evidence_problems(
            is_asked=is_asked,
            has_link=bool(links),
            is_evidenced=is_unsaid and is_evidenced(self.activity, but_of=self.corrected),
            no_evidence_reason=reason,
        )

    def _refuse_to_drop_words(self, cleaned):
        """Refuse "no change" beside anything that was entered: neither of the two is what was meant for certain."""
        if is_entered({name: values for name, values in self._own_fields().items() if name != "was"}):
            raise ValidationError(NO_CHANGE_WITH_WORDS)
        is_latest_seen = self.latest is not None and cleaned.get("seen") == self.latest.pk
        if is_latest_seen and cleaned.get("status") not in ("", None, self.repeated.status):
            raise ValidationError(NO_CHANGE_WITH_STATUS)

    def _own_fields(self):
        """Return what was sent of this form, as {name: values}."""
        return cards_in(self.data).get(self.prefix, {}) if self.prefix else dict(self.data.lists())

    def _check_barriers(self, cleaned):
        for barrier in self.barriers:
            is_resolved = cleaned.get(f"still_{barrier.pk}") == "resolved"
            how = cleaned.get(f"how_{barrier.pk}")
            if is_resolved != bool(how):
                self.add_error(f"how_{barrier.pk}", HOW_RESOLVED if is_resolved else ONLY_HOW)
        open_now = {barrier.pk for barrier in self.barriers}
        for name, values in self._own_fields().items():
            found = HOW.fullmatch(name)
            if found and int(found[1]) not in open_now and values[-1].strip():
                sentence = f"The barrier was resolved by someone else. You wrote: “{values[-1].strip()}”. Save again."
                self.add_error(None, sentence)

    def _repeat_latest(self, cleaned):
        if self.latest is None:
            raise ValidationError("There is no earlier update to repeat. Choose a status.")
        cleaned["status"] = (self.own_of(cleaned.get("agency")) or self.latest).status

    def own_of(self, agency):
        """Return the update that is the position of an agency where several lead; None without any."""
        return self._own.get(agency.pk) if agency else None

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
        said = ("status", "agency", "what_happened", "whats_next", "barrier", "evidence", "no_evidence_reason", "seen")
        words = {name: cleaned[name] for name in said}
        done = [(item.pk, cleaned[f"done_on_{item.pk}"]) for item in self.items if cleaned[f"done_{item.pk}"]]
        resolved = [(one.pk, cleaned[f"how_{one.pk}"]) for one in self.barriers if cleaned[f"how_{one.pk}"]]
        flags = {"needs_escalation": cleaned["needs_escalation"], "is_no_change": cleaned.get("no_change", False)}
        return {**words, **flags, "done": done, "resolved": resolved}

    @property
    def is_changed(self):
        """Whether it says anything else than the update that it corrects."""
        return bool({name for name in self.changed_data if name != "agency" or self.has_agency_choice} - {"seen"})

    @property
    def correction(self):
        """The cleaned report as `correct_update` takes it, without `update` and `by`."""
        return {name: value for name, value in self.report.items() if name not in ("seen", "is_no_change")}


class LinkedUpdateForm(UpdateForm):
    """A report by a link, without signing in: nothing is chosen beforehand, and "no change" is not offered.

    It ticks and resolves nothing, so that all of it can be reversed.
    """

    no_change = None  # type: ignore[assignment]  # how Django's forms leave out a field of their base

    def __init__(self, data=None, *, barriers=(), **parts):
        """Leave `barriers` out; the other `parts` are those of `UpdateForm`."""
        super().__init__(data, **parts)
        for item in self.items:
            del self.fields[f"done_{item.pk}"], self.fields[f"done_on_{item.pk}"]
        self.items = []
        self.initial["status"] = ""

    @property
    def may_repeat(self):
        """Whether "no change" is offered: never."""
        return False

    @property
    def chosen_status(self):
        """The value of the status that was chosen, blank at first."""
        return self["status"].value() or ""


class NoteForm(forms.Form):
    """A note of a supporting agency. `agencies` are those the person may write it for."""

    agency = forms.ChoiceField(label="Agency")
    text = forms.CharField(label="Note", widget=Text)

    def __init__(self, data=None, *, agencies):
        super().__init__(data)
        self.agencies = {str(one.pk): one for one in agencies}
        self.fields["agency"].choices = [(key, str(agency)) for key, agency in self.agencies.items()]

    def clean_agency(self):
        """Return the agency that writes."""
        return self.agencies[self.cleaned_data["agency"]]
