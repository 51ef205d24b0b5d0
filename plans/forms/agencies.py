"""The form with which programme admins add and edit an agency."""

from django import forms
from django.core.exceptions import ValidationError

from plans.forms.agency_choice import rows_to_tick
from plans.forms.codes import CodeField
from plans.forms.merging import ReasonedForm
from plans.forms.people import AgenciesField
from plans.forms.rounds import DayInput
from plans.models import Agency, AgencyAlias
from plans.text import fold, one_line


class AgencyForm(ReasonedForm):
    """An agency, its members, and what it is also known as, a name a line."""

    aliases = forms.CharField(
        label="Also known as",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Other names in spreadsheets, one a line. A name that you change is kept here.",
    )
    members = AgenciesField(
        label="Members",
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only a group has members.",
    )

    class Meta:
        model = Agency
        fields = ("name", "name_mi", "name_en", "code", "aliases", "kind", "parent", "members", "ended_on", "note")
        field_classes = {"code": CodeField}
        labels = {
            "code": "Address",
            "kind": "Type",
            "parent": "Part of",
            "ended_on": "Ended",
            "note": "Note for readers",
        }
        help_texts = {
            "code": "The agency’s part of web addresses, for example police. Leave blank to use the name. "
            "Cannot be changed later.",
        }
        widgets = {"kind": forms.RadioSelect, "ended_on": DayInput}
        error_messages = {"name": {"required": "Enter the name that the plan uses."}}

    field_order = (*Meta.fields, "reason", "version")

    def __init__(self, *args, **kwargs):
        """Offer all other agencies as what it is part of, and as members."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]
        else:
            self.fields["code"].required = False
        others = Agency.objects.unmerged().exclude(pk=self.instance.pk)
        self.fields["members"].queryset = self.fields["parent"].queryset = others
        self.fields["parent"].empty_label = "None"
        known = self.instance.aliases.all() if self.instance.pk else ()
        self.initial["aliases"] = "\n".join(alias.alias for alias in known)

    def clean_name(self):
        """Return the name on one line."""
        return one_line(self.cleaned_data["name"])

    def clean_aliases(self):
        """Return the names, one a line; raises `ValidationError` for one that another agency goes by."""
        names = {fold(name): name for name in map(one_line, self.cleaned_data["aliases"].splitlines()) if name}
        problems = []
        for name in names.values():
            # Its own row, where it has one, is not another.
            row = self._own(name) or AgencyAlias(agency_id=self.instance.pk)
            row.alias = name
            try:
                row.full_clean(exclude=["agency"])
            except ValidationError as error:
                problems += [f"“{name}”: {message}" for message in error.messages]
        if problems:
            raise ValidationError(problems)
        return "\n".join(names.values())

    def clean(self):
        """Return the values; only a group has members."""
        cleaned = super().clean()
        if cleaned.get("members") and cleaned.get("kind") and not Agency(kind=cleaned["kind"]).is_group:
            self.add_error("members", "Only a group has members. Choose the type Group, or untick the members.")
        return cleaned

    def records_about(self, name):
        """Return the historical records that tell of a field; those of other names are records of their own."""
        if name != "aliases":
            return super().records_about(name)
        return AgencyAlias.history.select_related("history_user").filter(agency=self.instance.pk)

    @property
    def member_rows(self):
        """The agencies that can be members, as [(agency, whether it is chosen)], those first that are."""
        return rows_to_tick(self["members"])

    @property
    def writes(self):
        """What of a valid form `save_agency` is to write; None for what stays."""
        own = {fold(name) for name in self.instance.names}
        aliases = [name for name in self.cleaned_data["aliases"].splitlines() if fold(name) not in own]
        members = list(self.cleaned_data["members"]) if "members" in self.changed_data else None
        columns = set(self.changed_data) - {"aliases", "members", *self.unmerged}
        is_new = self.instance.pk is None
        return {
            "is_changed": is_new or bool(columns),
            "members": members,
            "aliases": aliases if "aliases" in self.changed_data or "name" in self.changed_data else None,
        }

    def _own(self, name):
        return self.instance.aliases.filter(key=fold(name)).first() if self.instance.pk else None
