"""Whom to ask at an agency about a plan."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from plans.models.agency import Agency
from plans.models.plan import Plan


class AgencyContact(models.Model):
    """The contact of an agency for a plan: a role and a work email, which only people who are signed in may see.

    One that is no longer right can be removed; the history keeps it.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="contacts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=100, help_text="For example Programme lead. No names of people are needed.")
    email = models.EmailField("work email")

    history = HistoricalRecords()

    class Meta:
        ordering = ["plan", "agency__name_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "agency"],
                name="agencycontact_one_in_plan",
                violation_error_message="The agency has a contact in this plan already. Edit that one.",
            ),
            models.CheckConstraint(
                condition=~Q(role=""), name="agencycontact_has_role", violation_error_message="Enter the role."
            ),
            models.CheckConstraint(
                condition=~Q(email=""),
                name="agencycontact_has_email",
                violation_error_message="Enter the work email.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.agency}"
