"""Changes to what an activity is. Each is atomic, says who did it (`by`), and locks the row that it changes."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.actions.agency_links import arrange_links, places_in_order, refuse_merged
from plans.actions.row_changes import lock, put_values, remove_row, save_fields, save_row
from plans.actions.shown_status import follow_leads
from plans.choices import DescriptionState, Ending, Role
from plans.models import Activity, Agency, Plan, SubActivity, User
from plans.models.activity import GOES_ON


@transaction.atomic
def finalise_description(
    *, activity: Activity, by: User, description: str | None = None, reason: str = "Description finalised"
) -> None:
    """Mark the description of `activity` as agreed, with the new wording `description` if there is one.

    Raises `ValidationError`, naming the activity, for a blank one. Nothing is written when nothing changes.
    """
    locked = lock(activity)
    wording = locked.description if description is None else description
    if not wording.strip():
        raise ValidationError(f"{locked.name}: enter a description before you finalise it.")
    if locked.is_to_be_finalised or wording != locked.description:
        locked.description, locked.description_state = wording, DescriptionState.FINALISED
        save_fields(locked, by=by, reason=reason, fields=["description", "description_state", "search_text"])
    activity.description, activity.description_state = locked.description, locked.description_state


@transaction.atomic
def withdraw(*, activity: Activity, by: User, on: date, reason: str = "Withdrawn") -> None:
    """Take `activity` out of lists from the day `on`; its record stays. One that is withdrawn keeps its day."""
    locked = lock(activity)
    if locked.withdrawn_on is None:
        locked.withdrawn_on = on
        save_fields(locked, by=by, reason=reason, fields=["withdrawn_on"])
    activity.withdrawn_on = locked.withdrawn_on


@transaction.atomic
def bring_back(*, activity: Activity, by: User, reason: str) -> None:
    """Have `activity`, which was withdrawn or has ended, go on in lists and rounds. Nothing is written when it does."""
    locked = lock(activity)
    if put_values(locked, GOES_ON):
        save_fields(locked, by=by, reason=reason, fields=list(GOES_ON))
    put_values(activity, GOES_ON)


@transaction.atomic
def end_activity(*, activity: Activity, by: User, ending: Ending, ended_on: date, note: str, reason: str) -> None:
    """Write down how `activity` ended, on which day, with a sentence; also where it had ended otherwise.

    Raises `ValidationError` for what the database would refuse. Nothing is written when nothing changes.
    """
    locked = lock(activity)
    said = {"ending": ending.value, "ended_on": ended_on, "ending_note": note}
    if put_values(locked, said):
        locked.validate_constraints()
        save_fields(locked, by=by, reason=reason, fields=list(said))
    put_values(activity, said)


@transaction.atomic
def add_activity(
    *,
    activity: Activity,
    by: User,
    reason: str,
    agencies: dict[Role, Sequence[Agency]],
    items: Iterable[SubActivity] = (),
) -> Activity:
    """Save `activity`, which is new, with its agencies {Role: [Agency]} in order and its sub-activities; returns it.

    Of two people who add one at once, the second sees the first one's. Raises `ValidationError`, with nothing saved,
    for a number that is taken and for what the database would refuse.
    """
    Plan.objects.select_for_update().get(pk=activity.plan_id)
    activity.full_clean()
    save_row(activity, by=by, reason=reason)
    place_agencies(activity=activity, by=by, reason=reason, agencies=agencies)
    _save_items(activity, items, by=by, reason=reason)
    return activity


@transaction.atomic
def edit_activity(
    *,
    activity: Activity,
    by: User,
    reason: str,
    changed: Collection[str] = (),
    agencies: dict[Role, Sequence[Agency]] | None = None,
    items: Iterable[SubActivity] = (),
) -> None:
    """Save what a person edited on `activity`, with `reason` in the history of every row that changes.

    `changed` names the columns of `activity` whose new values it carries; `agencies` is {Role: [Agency]} in order,
    None to leave them; `items` are its sub-activities that changed or are new. Raises `ValidationError` for what
    the database would refuse; then nothing is saved.
    """
    locked = lock(activity)
    if changed:
        for name in changed:
            setattr(locked, name, getattr(activity, name))
        locked.validate_constraints()
        save_fields(locked, by=by, reason=reason, fields=[*changed, "search_text"])
    if agencies is not None:
        place_agencies(activity=locked, by=by, reason=reason, agencies=agencies)
    _save_items(locked, items, by=by, reason=reason)


def _save_items(activity: Activity, items: Iterable[SubActivity], *, by: User, reason: str) -> None:
    """Save sub-activities of a locked activity; raises `ValidationError` for an agency that was merged."""
    items = list(items)
    if responsible := [item.agency_id for item in items if item.agency_id]:
        refuse_merged(responsible)
    for item in items:
        item.activity = activity
        item.validate_constraints()
        save_row(item, by=by, reason=reason)


@transaction.atomic
def place_agencies(*, activity: Activity, by: User, reason: str, agencies: dict[Role, Sequence[Agency]]) -> None:
    """Make the links of `activity` what `agencies` says: {Role: [Agency]}, in order. The history keeps those that go.

    One query, one more where agencies are new to it, those of each link that changes, and those of `follow_leads` where
    others lead; a link that is as it should be is left alone. Raises `ValidationError` for an agency that was merged
    into another one.
    """
    places = places_in_order({role: [agency.pk for agency in parties] for role, parties in agencies.items()})
    links = list(activity.agency_links.order_by("pk"))
    led_by = {link.agency_id for link in links if link.role == Role.LEAD}
    changes = arrange_links(activity.pk, links, places)
    for link in changes.gone:
        remove_row(link, by=by, reason=reason)
    for link, role, position in changes.moved:
        link.role, link.position = role, position
        save_row(link, by=by, reason=reason)
    if changes.new:
        refuse_merged([link.agency_id for link in changes.new])
    for link in changes.new:
        save_row(link, by=by, reason=reason)
    if led_by != {pk for pk, (role, _) in places.items() if role == Role.LEAD}:
        follow_leads([activity.pk], by=by, reason=reason)
