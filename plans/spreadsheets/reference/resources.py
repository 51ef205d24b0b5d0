"""The lists themselves as resources: agencies, with their names, what they are part of and members; and areas."""

from graphlib import CycleError, TopologicalSorter

from django.core.exceptions import ValidationError
from import_export.widgets import Widget

from plans.actions.agencies import earlier_name
from plans.choices import AgencyKind
from plans.models import Agency, AgencyAlias, FocusArea, PriorityArea
from plans.models.agency_names import lock_agency_names
from plans.spreadsheets.names import Names, names_of, names_of_agencies
from plans.spreadsheets.reference.reference_resource import (
    AddingColumn,
    ReferenceColumn,
    ReferenceResource,
    TextWidget,
    WholeNumberWidget,
)
from plans.spreadsheets.widgets import read_day
from plans.text import fold

SEPARATOR = "; "
NAMES = ("Code", "Name", "Te reo Māori name", "English name")
"""The headings of what a row is called by others."""


class TypeWidget(Widget):
    """The type of an agency, by its label."""

    def clean(self, value, row=None, **kwargs):
        """Return the `AgencyKind`. Raise `ValueError`, with a sentence."""
        return Names("type", [(one, one.label, [one.value, one.label]) for one in AgencyKind]).find(value)

    def render(self, value, obj=None, **kwargs):
        """Return the label."""
        return AgencyKind(value).label if value in AgencyKind.values else ""


class DateWidget(Widget):
    """A day."""

    def clean(self, value, row=None, **kwargs):
        """Return the date. Raise `ValueError`, with a sentence."""
        return read_day(value)

    def render(self, value, obj=None, **kwargs):
        """Return the day as 2026-11-30, which every spreadsheet reads."""
        return value.isoformat() if value else ""


class AgencyWidget(Widget):
    """An agency, by any of its names or its code; `names` are the `Names` of those that there are by then."""

    names = None

    def clean(self, value, row=None, **kwargs):
        """Return the agency. Raise `ValueError`, with a sentence."""
        return self.names.find(value)

    def render(self, value, obj=None, **kwargs):
        """Return the name."""
        return value.name if value else ""


class SeveralWidget(Widget):
    """Several things by their names, separated by semicolons."""

    def render(self, value, obj=None, **kwargs):
        """Return the names of the rows of a manager."""
        return SEPARATOR.join(map(str, value.all())) if value is not None and value.instance.pk else ""


class MembersColumn(AddingColumn):
    """The members of a group."""

    names = None

    def additions(self, instance, row):
        """Return the agencies that are named and no members yet. Raise `ValueError`, with a sentence."""
        if not self.is_said(instance, row):
            return []
        if not instance.is_group:
            raise ValueError("only a group has members. Set its type to Group, or clear this cell.")
        written = _parts(row[self.column_name])
        if {fold(name) for name in (instance.code, *instance.names)} & set(map(fold, written)):
            raise ValueError("a group cannot be a member of itself. Leave it out of its members.")
        named = dict.fromkeys(map(self.names.find, written))
        members = set(instance.members.all()) if instance.pk else set()
        return [one for one in named if one not in members]

    def add(self, instance, things):
        """Make them members."""
        instance.members.add(*things)


class AliasesColumn(AddingColumn):
    """The other names of an agency."""

    def additions(self, instance, row):
        """Return the names that it does not have yet, as unsaved rows. Raise `ValueError`, with a sentence."""
        if not self.is_said(instance, row):
            return []
        if instance.merged_into_id:
            raise ValueError(f"{instance} was merged into {instance.merged_into}. Add the other name there.")
        known = {fold(name) for name in (names_of(instance) if instance.pk else instance.names)}
        written = {fold(name): name for name in _parts(row[self.column_name])}
        found = [AgencyAlias(alias=name) for key, name in written.items() if key not in known]
        for one in found:
            try:
                one.full_clean(exclude=["agency"])
            except ValidationError as error:
                raise ValueError(f"'{one.alias}': {' '.join(error.messages)}") from error
        return found

    def add(self, instance, things):
        """Save them."""
        instance.aliases.add(*things, bulk=False)


class AgencyResource(ReferenceResource):
    """Agencies and the other parties of plans."""

    code = ReferenceColumn("code", "Code")
    name = ReferenceColumn("name", "Name", other_names=("Agency",))
    name_mi = ReferenceColumn("name_mi", "Te reo Māori name", other_names=("Māori name",))
    name_en = ReferenceColumn("name_en", "English name")
    kind = ReferenceColumn("kind", "Type", TypeWidget(), other_names=("Kind",))
    parent = ReferenceColumn("parent", "Part of", AgencyWidget(), other_names=("Parent",))
    members = MembersColumn("members", "Members", SeveralWidget())
    aliases = AliasesColumn("aliases", "Also known as", SeveralWidget(), other_names=("Other names", "Aliases"))
    ended_on = ReferenceColumn("ended_on", "Ended", DateWidget())
    note = ReferenceColumn("note", "Note")

    class Meta:
        model = Agency
        fields = (
            "code", "name", "name_mi", "name_en", "kind", "parent", "members", "aliases", "ended_on", "note",
        )  # fmt: skip

    def with_related(self, queryset):
        """Return the agencies with what the columns show of them. Two queries more."""
        return queryset.select_related("parent").prefetch_related("members", "aliases")

    def lock(self):
        """Keep others from changing names of agencies."""
        lock_agency_names()

    def load(self, rows):
        """Take the agencies that there are, by code and by every name."""
        super().load(rows)
        self.names = names_of_agencies(self.by_code.values())
        self.fields["parent"].widget.names = self.fields["members"].names = self.names

    def in_order(self, rows, places):
        """Return the order in which rows can be saved: new agencies before those that name them.

        Raise `ValidationError` when some that are new name each other.
        """
        own = {fold(row[name]): at for at, row in enumerate(rows) for name in NAMES if row.get(name)}
        before = {at: {own[key] for key in self._unknown(row) if key in own} - {at} for at, row in enumerate(rows)}
        try:
            return list(TopologicalSorter(before).static_order())
        except CycleError as error:
            round_about = sorted({places[at] for at in error.args[1]})
            listed = f"{', '.join(map(str, round_about[:-1]))} and {round_about[-1]}"
            raise ValidationError(
                f"Rows {listed} name each other in Part of or Members, so that none of these agencies can come first. "
                "An agency cannot be part of itself through others: take one of the names out."
            ) from error

    def _unknown(self, row):
        """Return the folded names of other agencies in the row that no agency has yet."""
        written = [row.get("Part of", ""), *_parts(row.get("Members", ""))]
        return [fold(name) for name in written if name and self.names.get(name) is None]

    def follow(self, instance):
        """Add the earlier name of an agency that the row renames to what it is also known as."""
        column = self.fields["aliases"]
        added = self.additions.get(column, [])
        earlier = earlier_name(instance, self.before[self.fields["name"].column_name])
        if earlier and earlier.key not in {one.key for one in added}:
            self.additions[column] = [*added, earlier]

    def after_save_instance(self, instance, row, **kwargs):
        """Add what the row adds, and know the agency by its names from now on."""
        super().after_save_instance(instance, row, **kwargs)
        new = [name for name in names_of(instance) if self.names.get(name) != instance]
        self.names.add(instance, instance.name, new)


def _parts(cell):
    return [part.strip() for part in cell.split(";") if part.strip()]


# Focus areas and priority areas.


class FocusAreaResource(ReferenceResource):
    """Strategic focus areas."""

    code = ReferenceColumn("code", "Code")
    statement = ReferenceColumn(
        "statement", "Statement", TextWidget(), other_names=("Strategic Focus Area", "Focus Area")
    )
    position = ReferenceColumn("position", "Position", WholeNumberWidget(), other_names=("Place", "Order"))

    class Meta:
        model = FocusArea
        fields = ("code", "statement", "position")


class PriorityAreaResource(ReferenceResource):
    """Priority action areas."""

    code = ReferenceColumn("code", "Code")
    name = ReferenceColumn("name", "Name", TextWidget(), other_names=("Priority Action Area", "Priority Area"))
    position = ReferenceColumn("position", "Position", WholeNumberWidget(), other_names=("Place", "Order"))

    class Meta:
        model = PriorityArea
        fields = ("code", "name", "position")
