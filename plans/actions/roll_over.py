"""Rolling a plan over: what is chosen, the draft of the next plan, and undoing it. Each is atomic, with `by`.

The draft is an unpublished plan. Nothing in it is deleted: what a roll-over no longer makes is withdrawn, and comes
back when it is made again. Once the next plan has been published, the roll-over is over.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.activities import end_activity, place_agencies
from plans.actions.agency_links import arrange_links, places_in_order, refuse_merged
from plans.actions.bulk import Authorship, change_rows, insert_rows, remove_rows
from plans.actions.plans import add_plan
from plans.actions.row_changes import lock, put_values, remove_row, save_fields, save_row
from plans.activity_number import Number
from plans.choices import DescriptionState, Role, RollOverDates, RollOverOutcome
from plans.models import Activity, ActivityAgency, Agency, Lineage, Plan, RollOver, RollOverChoice, SubActivity, User
from plans.summaries.roll_over import COLUMNS, Change, Result, Steps, digest_of, problems_of, results_of, steps_to

PUBLISHED = "The next plan has been published, so that this roll-over is over. Edit its activities there."
INCOMPLETE = "Some activities need a choice first."
CHANGED = "Someone changed the draft after you opened this page. Check again what would be overwritten."
GOES_ON = "Goes on in the next plan."
"""The note of an ending without a sentence. Readers see it while the next plan is a draft, so it does not name that."""
CHOSEN = "Roll-over chosen"
LOOKED_UP = ("plan", "focus_area", "priority_area")


@transaction.atomic
def choose(*, plan: Plan, choices: Mapping[Activity, Mapping[str, Any]], by: User) -> None:
    """Write down what was chosen for activities of `plan`: {activity: {column of its choice: value}}.

    Five queries for each that changes. Raises `ValidationError` once the next plan has been published.
    """
    roll_over = _begin(plan, by=by)
    rows = {one.activity_id: one for one in roll_over.choices.filter(activity__in=list(choices))}
    for activity, values in choices.items():
        row = rows.get(activity.pk) or RollOverChoice(roll_over=roll_over, activity=activity)
        if put_values(row, values):
            save_row(row, by=by, reason=CHOSEN)


def _begin(plan: Plan, *, by: User) -> RollOver:
    """Return the roll-over of `plan`, locked; a new one where there is none."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    if not RollOver.objects.filter(old_plan=plan).exists():
        save_row(RollOver(old_plan=plan), by=by, reason="Roll-over begun")
    return _locked(plan)


def _locked(plan: Plan) -> RollOver:
    found = RollOver.objects.select_for_update().get(old_plan=plan)
    if found.new_plan_id and Plan.objects.select_for_update().get(pk=found.new_plan_id).is_published:
        raise ValidationError(PUBLISHED)
    return found


def read_old(plan: Plan) -> list[Activity]:
    """Return the activities in force of the old plan, with their agencies and sub-activities. Three queries."""
    activities = Activity.objects.in_force().filter(plan=plan).order_by("number")
    return list(activities.with_agencies().prefetch_related("sub_activities"))


def read_draft(roll_over: RollOver) -> dict[int, Activity]:
    """Return {id: activity with agencies and sub-activities} of what was made, withdrawn ones too. Three queries."""
    ids = [one["activity"] for one in roll_over.made.values()]
    activities = Activity.objects.filter(plan=roll_over.new_plan_id, pk__in=ids) if ids else Activity.objects.none()
    return {one.pk: one for one in activities.with_agencies().prefetch_related("sub_activities")}


def read_steps(roll_over: RollOver, dates: RollOverDates) -> Steps:
    """Return what making the draft would do, or raise `ValidationError` where choices lack something. Eight queries."""
    activities = read_old(roll_over.old_plan)
    choices = {one.activity_id: one for one in roll_over.choices.select_related("merge_with")}
    if problems_of(activities, choices):
        raise ValidationError(INCOMPLETE)
    return steps_to(results_of(activities, choices, dates), roll_over.made, read_draft(roll_over))


@transaction.atomic
def make_draft(
    *,
    plan: Plan,
    by: User,
    dates: RollOverDates,
    new_plan: Plan | None = None,
    is_renumbered: bool = False,
    is_overwriting: bool = False,
    seen: str = "",
) -> RollOver:
    """Make what was chosen for `plan`, as a draft; `new_plan`, which is not saved, is the plan to make the first time.

    Repeated, it changes what has to be otherwise and was not edited since; edited fields are overwritten only where
    `is_overwriting`, and `seen` is then the fingerprint of what the person was shown. A constant number of queries for
    each 500 activities that are new, five for each that changes. Raises `ValidationError`, with nothing saved.
    """
    roll_over = _begin(plan, by=by)
    steps = read_steps(roll_over, dates)
    if is_overwriting and steps.fingerprint != seen:
        raise ValidationError(CHANGED)
    reason = f"Rolled over from {plan.short_name}"
    if roll_over.new_plan_id is None:
        if new_plan is None:
            raise ValidationError("Enter the name and address of the next plan.")
        new_plan.is_published = new_plan.is_current = False
        roll_over.new_plan = add_plan(plan=new_plan, by=by)
        roll_over.is_renumbered = is_renumbered
    maker = _Maker(roll_over, by, reason, is_overwriting=is_overwriting)
    maker.run(steps)
    roll_over.dates, roll_over.made_at, roll_over.made_by = dates.value, timezone.now(), by
    roll_over.undone_at = roll_over.undone_by = None
    save_row(roll_over, by=by, reason="Draft made")
    return roll_over


class _Maker:
    """Writes the steps of a roll-over into its draft, and into `made` what it wrote."""

    def __init__(self, roll_over: RollOver, by: User, reason: str, *, is_overwriting: bool) -> None:
        self.roll_over, self.plan, self.is_overwriting = roll_over, roll_over.new_plan, is_overwriting
        self.why: dict[str, Any] = {"by": by, "reason": reason}
        self.author = Authorship(by, reason, timezone.now())
        self.agencies = Agency.objects.in_bulk()

    def run(self, steps: Steps) -> None:
        """Write all steps, and make the lineage what it is then."""
        today = timezone.localdate()
        for key, activity in [*steps.gone, *(steps.left if self.is_overwriting else [])]:
            self._withdraw(key, activity, today)
        for change in steps.changes:
            self._change(change)
        if steps.new:
            self._add(steps.new)
        left = [] if self.is_overwriting else [activity.pk for _, activity in steps.left]
        self._link([*steps.new, *(one.result for one in steps.changes)], left)

    def _withdraw(self, key: str, activity: Activity, on: date) -> None:
        locked = lock(activity)
        locked.withdrawn_on = on
        save_fields(locked, fields=["withdrawn_on"], **self.why)
        self.roll_over.made[key]["digests"]["withdrawn_on"] = digest_of(on)

    def _add(self, results: Sequence[Result]) -> None:
        """Make the activities that are new, all at once."""
        numbers = _Numbers(self.roll_over)
        activities = [
            Activity(plan=self.plan, number=numbers.next_for(one), **{name: one.values[name] for name in COLUMNS})
            for one in results
        ]
        for activity in activities:
            # What is looked up in the database for that is as it is in the old plan, or made here.
            activity.full_clean(exclude=LOOKED_UP, validate_unique=False, validate_constraints=False)
        insert_rows(Activity, activities, self.author)
        made = list(zip(activities, results, strict=True))
        links = [link for activity, one in made for link in arrange_links(activity.pk, [], _places_of(one)).new]
        refuse_merged({link.agency_id for link in links})
        insert_rows(ActivityAgency, links, self.author)
        items = [item for activity, one in made for item in _items_of(activity, one)]
        insert_rows(SubActivity, items, self.author)
        for activity, one in made:
            digests = {name: digest_of(value) for name, value in one.values.items()}
            self.roll_over.made[one.key] = {"activity": activity.pk, "digests": digests}

    def _change(self, change: Change) -> None:
        names = [*change.taken, *(change.crossed if self.is_overwriting else ())]
        digests = self.roll_over.made[change.result.key]["digests"]
        for name in set(change.result.values) - {*change.edited, *change.crossed} | set(names):
            digests[name] = digest_of(change.result.values[name])
        if not names:
            return
        locked = lock(change.activity)
        columns = [name for name in names if name in COLUMNS]
        if columns:
            put_values(locked, {name: change.result.values[name] for name in columns})
            if not locked.description:
                locked.description_state = DescriptionState.TO_BE_FINALISED.value
            locked.full_clean()
            save_fields(locked, fields=[*columns, "description_state", "search_text"], **self.why)
        if {"leads", "supports"} & set(names):
            self._place(locked, change.result)
        if "items" in names:
            self._put_items(locked, change.result, list(locked.sub_activities.all()))

    def _place(self, activity: Activity, result: Result) -> None:
        leads, supports = result.values["leads"], result.values["supports"]
        agencies: dict[Role, Sequence[Agency]] = {
            Role.LEAD: [self.agencies[pk] for pk in leads],
            Role.SUPPORT: [self.agencies[pk] for pk in supports],
        }
        place_agencies(activity=activity, agencies=agencies, **self.why)

    def _put_items(self, activity: Activity, result: Result, there: list[SubActivity]) -> None:
        """Make the sub-activities what they are to be: those that stand as they are stay, others are withdrawn."""
        standing = [one for one in there if one.withdrawn_on is None]
        for position, (text, footnote, agency, due_on, _) in enumerate(result.values["items"], start=1):
            same = next((one for one in standing if one.text == text and not one.is_done), None)
            item = same or SubActivity(activity=activity, text=text)
            if same:
                standing.remove(same)
            values = {"position": position, "footnote": footnote, "agency_id": agency, "due_on": due_on}
            if put_values(item, values) or not same:
                save_row(item, **self.why)
        for item in standing:
            item.withdrawn_on = timezone.localdate()
            save_row(item, **self.why)

    def _link(self, results: Iterable[Result], left: Iterable[int]) -> None:
        """Make the lineage from the old plan what the results say; that of activities that were `left` stays."""
        made = self.roll_over.made
        wanted = {(one.pk, made[result.key]["activity"]) for result in results for one in result.earlier}
        there = {(one.earlier_id, one.later_id): one for one in _lineage(self.roll_over)}
        kept = set(left)
        for pair, link in there.items():
            if pair not in wanted and link.later_id not in kept:
                remove_row(link, **self.why)
        new = [Lineage(earlier_id=earlier, later_id=later) for earlier, later in sorted(wanted - set(there))]
        insert_rows(Lineage, new, self.author)


class _Numbers:
    """The numbers of the draft's activities: those of the old plan where they are free, or counted from 1."""

    def __init__(self, roll_over: RollOver) -> None:
        """Two queries."""
        self.is_renumbered = roll_over.is_renumbered
        taken = list(Activity.objects.filter(plan=roll_over.new_plan_id).values_list("number", flat=True))
        old = list(Activity.objects.filter(plan=roll_over.old_plan_id).values_list("number", flat=True))
        # 4a and 4A are one.
        self.taken = {str(one).lower() for one in taken}
        whole = [one for one in [*taken, *old] if isinstance(one, int)]
        self.highest = 0 if self.is_renumbered else max(whole, default=0)

    def next_for(self, result: Result) -> Number:
        """Return the number of a new activity, which is taken then."""
        number: Number = result.earlier[0].number
        if self.is_renumbered or not result.is_first_part or str(number).lower() in self.taken:
            self.highest += 1
            while str(self.highest) in self.taken:
                self.highest += 1
            number = self.highest
        self.taken.add(str(number).lower())
        return number


def _places_of(result: Result) -> dict[int, tuple[Role, int]]:
    """Return where the agencies of an activity that is new stand: {id: (role, position)}."""
    return places_in_order({Role.LEAD: result.values["leads"], Role.SUPPORT: result.values["supports"]})


def _items_of(activity: Activity, result: Result) -> list[SubActivity]:
    """Return the sub-activities of one that is new."""
    return [
        SubActivity(activity=activity, position=position, text=text, footnote=footnote, agency_id=agency, due_on=due_on)
        for position, (text, footnote, agency, due_on, _) in enumerate(result.values["items"], start=1)
    ]


def _lineage(roll_over: RollOver) -> list[Lineage]:
    """Return the lineage of what was made, from the old plan. One query."""
    made = [one["activity"] for one in roll_over.made.values()]
    return list(Lineage.objects.filter(earlier__plan=roll_over.old_plan_id, later__in=made))


@transaction.atomic
def undo_roll_over(*, plan: Plan, by: User, reason: str, on: date) -> None:
    """Withdraw what the roll-over of `plan` made, on the day `on`; the plan and what people added to it stay.

    What people edited in it comes back as they left it when the draft is made again. A constant number of queries
    for each 500 activities. Raises `ValidationError` once the next plan has been published.
    """
    roll_over = _locked(plan)
    if not roll_over.is_in_draft:
        raise ValidationError("There is nothing to undo.")
    author = Authorship(by, f"Roll-over from {plan.short_name} undone: {reason}", timezone.now())
    remove_rows(Lineage, _lineage(roll_over), author)
    made = {one["activity"]: one["digests"] for one in roll_over.made.values()}
    standing = Activity.objects.filter(plan=roll_over.new_plan_id, pk__in=made, withdrawn_on=None).order_by("pk")
    activities = list(standing.select_for_update())
    for activity in activities:
        activity.withdrawn_on = on
        made[activity.pk]["withdrawn_on"] = digest_of(on)
    change_rows(Activity, activities, ["withdrawn_on"], author)
    roll_over.undone_at, roll_over.undone_by = timezone.now(), by
    save_row(roll_over, by=by, reason=reason)


@transaction.atomic
def end_old_activities(*, plan: Plan, by: User, on: date) -> int:
    """Write down how the activities of the old plan ended, as chosen, on the day `on`; return how many.

    Those that have ended already stay as they are. Also once the next plan has been published. Three queries for each.
    Raises `ValidationError` before the draft was made, and for a choice that lacks its sentence.
    """
    locked = RollOver.objects.select_for_update(of=("self",))
    roll_over = locked.filter(old_plan=plan).select_related("new_plan").first()
    if roll_over is None or not roll_over.is_in_draft or roll_over.new_plan is None:
        raise ValidationError("Make the draft of the next plan first.")
    chosen = roll_over.choices.filter(activity__ending="", activity__withdrawn_on=None).exclude(outcome="")
    count = 0
    for choice in chosen.select_related("activity").order_by("activity_id"):
        outcome = RollOverOutcome(choice.outcome)
        note = choice.sentence or (GOES_ON if outcome.goes_on else "")
        if not note:
            raise ValidationError(f"{choice.activity.name}: enter a sentence about how it ended.")
        said: dict[str, Any] = {"ending": outcome.ending, "ended_on": on, "note": note}
        end_activity(activity=choice.activity, by=by, reason="Ended with the roll-over", **said)
        count += 1
    return count
