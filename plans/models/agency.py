"""The parties of a plan: agencies, units, programmes and groups of them."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.formats import date_format
from simple_history.models import HistoricalRecords

from plans.choices import NO_LEAD, AgencyKind
from plans.models.fields import FoldedModel, FoldedTextField
from plans.querysets import AgencyAliasQuerySet, AgencyQuerySet
from plans.text import fold

NAME_FIELDS = ("name", "name_mi", "name_en")


class Agency(FoldedModel):
    """Any party that leads or supports an activity.

    A unit is part of one agency, its `parent`. A group stands for its `members` and is never expanded into them.
    One that was `merged_into` another is on no activity and cannot be chosen; what was written in its name stays.
    Its names and aliases are its own: no other agency can have one of them, see `plans.models.agency_names`.
    """

    code = models.SlugField(unique=True, help_text="Used in web addresses. Cannot be changed later.")
    name = models.CharField(max_length=200, help_text="Name shown in the plan, for example MSD.")
    name_mi = models.CharField("te reo Māori name", max_length=200, blank=True)
    name_en = models.CharField("English name", max_length=200, blank=True)
    kind = models.CharField(max_length=30, choices=AgencyKind.choices, default=AgencyKind.AGENCY)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
        verbose_name="part of",
        help_text="Choose the parent agency of a unit.",
    )
    members = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="groups", help_text="For a group, choose its members."
    )
    ended_on = models.DateField("ended", null=True, blank=True, help_text="The last day on which it existed.")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="absorbed"
    )
    note = models.CharField(max_length=300, blank=True, help_text="Note shown to readers.")
    name_key = FoldedTextField(sources=["name"])
    name_mi_key = FoldedTextField(sources=["name_mi"])
    name_en_key = FoldedTextField(sources=["name_en"])
    search_text = FoldedTextField(sources=["code", "name", "name_mi", "name_en"])

    history = HistoricalRecords(
        excluded_fields=["name_key", "name_mi_key", "name_en_key", "search_text"], m2m_fields=[members]
    )
    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]
        verbose_name_plural = "agencies"
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=Q(merged_into=None),
                name="agency_name_unique",
                violation_error_message="There is already an agency with this name (case and macrons do not matter).",
            ),
            models.UniqueConstraint(
                Lower("code"),
                name="agency_code_unique_without_case",
                violation_error_message="There is already an agency with this code (case does not matter).",
            ),
            models.CheckConstraint(
                condition=~Q(code=NO_LEAD),
                name="agency_code_not_reserved",
                violation_error_message=f"The code {NO_LEAD} means “no lead agency” in filters. Choose another.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AgencyKind.values),
                name="agency_kind_known",
                violation_error_message="Choose one of the types of agency.",
            ),
            models.CheckConstraint(
                condition=Q(kind=AgencyKind.UNIT, parent__isnull=False)
                | (~Q(kind=AgencyKind.UNIT) & Q(parent__isnull=True)),
                name="agency_unit_has_parent",
                violation_error_message="Choose the parent agency for a unit. Leave it blank for other types.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="agency_not_part_of_itself",
                violation_error_message="An agency cannot be part of itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        """Return the key that fixtures use."""
        return (self.code,)

    def clean(self) -> None:
        """Raise `ValidationError` for a name that no spreadsheet can hold or that is another agency's.

        Also when it would be part of itself. Two queries, and one for each agency above its parent.
        """
        super().clean()
        if ";" in self.name:
            raise ValidationError({"name": "Remove the semicolon. Semicolons separate agencies in spreadsheets."})
        # The names of an agency that was merged are those of the other one.
        if self.merged_into_id is None and (taken := self._names_of_others()):
            raise ValidationError(taken)
        # That it is not its own parent is a constraint.
        if self.pk and self.parent_id != self.pk and self.pk in self.all_above():
            raise ValidationError(
                {"parent": f"{self.parent} is part of {self} already, and an agency cannot be part of itself."}
            )

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise `ValidationError` for a constraint that the agency breaks.

        That of printed names asks whether it was merged, which no form shows and Django would therefore leave out.
        """
        super().validate_constraints(set(exclude or ()) - {"merged_into"})

    def _names_of_others(self) -> dict[str, str]:
        """Return {field: sentence} for each name of another agency; that printed names differ is a constraint."""
        keys = {field: fold(getattr(self, field)) for field in NAME_FIELDS if getattr(self, field)}
        others = Agency.objects.called(keys.values()).exclude(pk=self.pk).prefetch_related("aliases")
        found = {}
        for other in others:
            owned = {fold(name) for name in other.names}
            aliases = {alias.key: alias for alias in other.aliases.all()}
            for field, key in keys.items():
                if key in owned and not (field == "name" and key == other.name_key):
                    found[field] = f"“{getattr(self, field)}” is a name of {other}. Another agency cannot have it."
                elif key in aliases:
                    found[field] = f"{other} is also known as “{aliases[key]}”. Remove that there first."
        return found

    @property
    def names(self) -> list[str]:
        """What it is called: as printed, in te reo and in English; not its aliases."""
        return [name for name in (self.name, self.name_mi, self.name_en) if name]

    def all_above(self) -> set[int]:
        """Return the ids of the agencies that it is part of: its parent, the parent's parent and so on, as a set."""
        found, above = set(), self.parent_id
        while above and above not in found:
            found.add(above)
            above = Agency.objects.filter(pk=above).values_list("parent", flat=True).first()
        return found

    @property
    def label(self) -> str:
        """What a sentence calls it: the printed name, but "All agencies" for the group that is printed "All"."""
        return self.name_en if self.is_group and self.name_en else self.name

    @property
    def is_group(self) -> bool:
        """Whether it stands for several agencies."""
        return self.kind == AgencyKind.GROUP

    def has_ended(self, on: date) -> bool:
        """Return whether it no longer existed on the day `on`."""
        return self.ended_on is not None and self.ended_on < on

    @property
    def end_in_words(self) -> str:
        """When it ended: "Te Aka Whai Ora ended on 30 June 2024"; blank while it exists."""
        return f"{self.label} ended on {date_format(self.ended_on)}" if self.ended_on else ""

    @property
    def name_is_te_reo(self) -> bool:
        """Whether the printed name is te reo Māori, so that pages can say so to screen readers."""
        return bool(self.name_mi) and self.name == self.name_mi

    @property
    def lang(self) -> str:
        """What `lang` says of the printed name on a page: "mi" for te reo Māori, "" for the language of the page."""
        return "mi" if self.name_is_te_reo else ""


class AgencyAlias(FoldedModel):
    """Another name that people write for an agency. It means one agency only, see `plans.models.agency_names`."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=200)
    key = FoldedTextField(sources=["alias"])

    history = HistoricalRecords(excluded_fields=["key"])
    objects = AgencyAliasQuerySet.as_manager()

    class Meta:
        ordering = ["alias"]
        verbose_name_plural = "agency aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="agencyalias_unique",
                violation_error_message="An agency is already known by this name (case and macrons do not matter).",
            ),
            models.CheckConstraint(
                condition=~Q(key=""), name="agencyalias_not_blank", violation_error_message="Enter the other name."
            ),
        ]

    def __str__(self) -> str:
        return self.alias

    def natural_key(self) -> tuple[str]:
        """Return the key that fixtures use."""
        return (self.key,)

    def clean(self) -> None:
        """Raise `ValidationError` for a name of another agency, or one that no spreadsheet can hold. One query."""
        super().clean()
        if ";" in self.alias:
            raise ValidationError({"alias": "Remove the semicolon. Semicolons separate agencies in spreadsheets."})
        if self.agency_id and self.agency.merged_into_id:
            into = self.agency.merged_into
            raise ValidationError({"alias": f"{self.agency} was merged into {into}. Add the other name there."})
        key = fold(self.alias)
        others = Agency.objects.exclude(pk=self.agency_id)
        if other := (others.called([key]) | others.filter(code__iexact=key)).first():
            raise ValidationError({"alias": f"This is a name of {other}. Another agency cannot be known by it."})
