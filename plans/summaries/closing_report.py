"""How the activities of a plan ended: delivered, ongoing as business as usual, stopped, carried on, or not yet."""

from dataclasses import dataclass

from django.db.models import QuerySet

from plans.choices import Ending
from plans.models import Activity, Plan
from plans.summaries.lineage import Relatives, read_relatives_of

ENDINGS = {
    Ending.DELIVERED: "Delivered",
    Ending.BUSINESS_AS_USUAL: "Ongoing as business as usual",
    Ending.STOPPED: "Stopped",
    Ending.CARRIED_ON: "Carried on in another plan",
}
OPEN = "Not ended yet"


@dataclass(frozen=True)
class ClosedActivity:
    """A row of the report: an activity, with what continues it."""

    activity: Activity
    relatives: Relatives

    @property
    def outcome(self) -> str:
        """How it ended, in words."""
        return ENDINGS[Ending(self.activity.ending)] if self.activity.ending else OPEN

    @property
    def leads(self) -> str:
        """The lead agencies, as files join them."""
        return "; ".join(link.agency.label for link in self.activity.lead_links)

    @property
    def continued_by(self) -> str:
        """What continues it, as files say it."""
        return "; ".join(f"{one.number} of {one.plan_name}" for one in self.relatives.later)


@dataclass(frozen=True)
class Outcome:
    """The activities that ended in one way."""

    label: str
    rows: tuple[ClosedActivity, ...]


def read_closing_report(plan: Plan, plans: QuerySet[Plan]) -> list[ClosedActivity]:
    """Return the activities in force of `plan`, by number; `plans` are those that the person sees. Four queries."""
    activities = list(Activity.objects.in_force().filter(plan=plan).with_agencies().order_by("number"))
    relatives = read_relatives_of([one.pk for one in activities], plans)
    return [ClosedActivity(one, relatives.get(one.pk, Relatives())) for one in activities]


def by_outcome(rows: list[ClosedActivity]) -> list[Outcome]:
    """Return all outcomes with their rows, in the order of the report; "not ended yet" only where there are any."""
    groups = [Outcome(label, tuple(row for row in rows if row.outcome == label)) for label in (*ENDINGS.values(), OPEN)]
    return [one for one in groups if one.rows or one.label != OPEN]
