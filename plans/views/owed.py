"""What the agencies of a person have to report on a plan, with a form for each: for every page that lists it."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from plans.choices import Freshness
from plans.forms.updates import UpdateForm
from plans.models import Activity, Agency, Agreement, Barrier, StatusUpdate
from plans.permissions import agencies_of, own_activities
from plans.summaries import Parties
from plans.summaries.activity_row import SaidBy, say_positions
from plans.summaries.lead_positions import ReportsOfLeads, read_own_updates

FORMS_IN_PLACE = 20
FIELDS_IN_PLACE = 800
"""How many fields the forms of a page may have together: Django refuses to read more than 1,000."""
URGENCY = {Freshness.OVERDUE: 0, Freshness.NEVER: 1, Freshness.DUE: 2, Freshness.CURRENT: 3}


@dataclass(frozen=True)
class Owed:
    """An activity that needs an update, the form for it, the update before it, and the number of the one after it.

    `said` is who says what of it where its leads differ.
    """

    activity: Activity
    form: UpdateForm
    latest: StatusUpdate | None
    then: int | None
    said: tuple[SaidBy, ...] = ()


class Own(NamedTuple):
    """What the agencies of a person have to report: the overdue first, and the latest update on each by its id.

    Each of these has its `answers`, those of other agencies.
    """

    agencies: list[Agency]
    activities: list[Activity]
    latest: dict[int, StatusUpdate]
    leads: ReportsOfLeads


def read_own(user, plan):
    """Return what the agencies of `user` have to report on `plan`, as `Own`."""
    own = own_activities(user, plan).with_freshness(plan.open_round, timezone.localdate())
    activities = sorted(own.for_list_page().with_sub_activities(), key=lambda one: (URGENCY[one.freshness], one.number))
    latest = list(StatusUpdate.objects.latest_of(own).select_related("agency").with_has_answers())
    answers = Agreement.objects.by_update(one.pk for one in latest if one.is_report and one.has_answers)
    for one in latest:
        one.answers = answers.get(one.pk, ())
    by_activity = {update.activity_id: update for update in latest}
    return Own(list(agencies_of(user)), activities, by_activity, ReportsOfLeads.of(activities))


def that_fit(first, owed):
    """Return (the activities of `owed` whose forms one page can have, the others); those that come `first` do first."""
    chosen, fields = set(), 0
    for activity in first:
        if activity.pk not in chosen:
            fields += len(UpdateForm.base_fields) + 2 * len(activity.sub_activities.all())
            if len(chosen) == FORMS_IN_PLACE or (chosen and fields > FIELDS_IN_PLACE):
                break
            chosen.add(activity.pk)
    return [one for one in owed if one.pk in chosen], [one for one in owed if one.pk not in chosen]


def with_forms(plan, activities, own, data=None, form_class=UpdateForm):
    """Return the activities as [Owed], each with a form, of `data`, for its reporting agencies.

    Three queries, up to two more where several agencies lead one.
    """
    parties, barriers = Parties(plan), {}
    for barrier in Barrier.objects.open().filter(activity__in=[one.pk for one in activities]).order_by("pk"):
        barriers.setdefault(barrier.activity_id, []).append(barrier)
    reporting = {one.pk: parties.reporting_on(one) for one in activities}
    agencies = {pk: [agency for agency in own.agencies if agency.pk in may] for pk, may in reporting.items()}
    updates, forms = read_own_updates(own.leads, agencies), []
    # After each card the next one opens, after the last the first.
    for activity, then in zip(activities, [*activities[1:], *activities[:1]], strict=True):
        parts = {"latest": own.latest.get(activity.pk), "own": updates.get(activity.pk), "is_card": True}
        parts |= {"agencies": agencies[activity.pk], "barriers": barriers.get(activity.pk, ())}
        form, following = form_class(data, activity=activity, **parts), then.number if then != activity else None
        forms.append(Owed(activity, form, form.repeated, following, say_who(activity, own)))
    return forms


def say_who(activity, own):
    """Return who says what of an activity where its leads differ, as (SaidBy)."""
    return say_positions(activity, own.leads.positions(activity.pk)) if activity.leads_differ else ()
