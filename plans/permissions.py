"""Who may do what: one function per permission, which lists and single objects share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.http import Http404

from plans import responsibility
from plans.activity_number import Number
from plans.as_at import current
from plans.choices import ImportScope, UpdateKind
from plans.fast.queries import Param, prepared
from plans.models import (
    COMMAND_LINE_EMAIL,
    Activity,
    ActivityAgency,
    Agency,
    Barrier,
    Decision,
    EvidenceLink,
    Import,
    Plan,
    StatusUpdate,
    User,
)
from plans.querysets import ActivityQuerySet, AgencyQuerySet, ImportQuerySet, PlanQuerySet

AnyUser = User | AnonymousUser
"""Whoever asks: somebody with an account, or a visitor."""


def can_read(user: AnyUser) -> bool:
    """Return whether `user` may read published plans: signed in and active, or anybody where reading is open."""
    return bool(settings.ROCC_OPEN_READING or (user.is_authenticated and user.is_active))


def can_administer(user: AnyUser) -> bool:
    """Return whether `user` may edit plans, activities and agencies, and import: a programme admin or a superuser.

    The group "Programme admins" gives the permission. One query the first time.
    """
    return bool(user.is_authenticated and user.is_active and user.is_administrator)


def can_see_checks(user: AnyUser) -> bool:
    """Return whether `user`, who may see the plan, may see its checks too: anyone who is signed in.

    They are about how the work is kept track of, and about people; none of that is for the public.
    """
    return bool(user.is_authenticated and user.is_active)


def can_manage_people(user: AnyUser) -> bool:
    """Return whether `user` may add people and say what they may do: superusers only."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def readable_plans(user: AnyUser) -> QuerySet[Plan]:
    """Return the plans that `user` may see by reading alone, as a queryset: the published ones, or none."""
    return Plan.objects.published() if can_read(user) else Plan.objects.none()


def visible_plans(user: AnyUser) -> QuerySet[Plan]:
    """Return the plans that `user` may see, as a queryset: all for a programme admin, published ones for a reader."""
    return Plan.objects.all() if can_administer(user) else readable_plans(user)


def get_plan(user: AnyUser, slug: str) -> Plan:
    """Return the plan of that slug, if `user` may see it; raises `Http404` otherwise, with a sentence that says why.

    One query, with its open round and what the menus count for `user`.
    """
    is_admin = can_administer(user)
    for plan in _plan(user.is_authenticated, is_admin, slug=slug, user=user.pk):
        if (plan.is_published and can_read(user)) or is_admin:
            return plan
    raise Http404(f"There is no plan called “{slug}”, or you cannot see it.")


def current_plan(user: AnyUser) -> Plan | None:
    """Return the plan that `user` sees first, as `get_plan` does, for pages that are about none. One query at most."""
    is_admin = can_administer(user)
    if not (is_admin or can_read(user)):
        return None
    return next(iter(_current_plan(user.is_authenticated, is_admin, user=user.pk)), None)


@prepared
def _plan(is_signed_in: bool, is_admin: bool) -> QuerySet[Plan]:
    return _plans_with_menus(is_signed_in, is_admin).filter(slug=Param("slug", CharField()))


@prepared
def _current_plan(is_signed_in: bool, is_admin: bool) -> QuerySet[Plan]:
    plans = _plans_with_menus(is_signed_in, is_admin).current_first()
    return (plans if is_admin else plans.published())[:1]


def _plans_with_menus(is_signed_in: bool, is_admin: bool) -> PlanQuerySet:
    person = Param("user") if is_signed_in else None
    return Plan.objects.with_open_round().with_menu_counts(person, is_admin=is_admin)


def agencies_of(user: AnyUser) -> AgencyQuerySet:
    """Return the agencies that `user` belongs to now, as a queryset; none for a visitor or a closed account.

    None on a page of an earlier moment either: no one has a right today for having belonged to an agency then.
    """
    if current() or not (user.is_authenticated and user.is_active):
        return Agency.objects.none()
    return Agency.objects.of_member(user)


def can_see_decisions(user: AnyUser) -> bool:
    """Return whether `user`, who may see the plan, is shown what boards decided: anyone signed in, on a page of now."""
    return bool(current() is None and user.is_authenticated and user.is_active)


def finishable_decisions(user: AnyUser) -> QuerySet[Decision]:
    """Return the decisions of boards that `user` may say are done: all for a programme admin, else their agencies'.

    Those of an agency that was merged into one of theirs are theirs, too.
    """
    if can_administer(user):
        return Decision.objects.all()
    own = agencies_of(user).values("pk")
    return Decision.objects.of_agencies(own)


def updatable_activities(user: AnyUser) -> ActivityQuerySet:
    """Return the activities in force that `user` may report on, as a queryset; none on a page of an earlier moment.

    They are those that one of their agencies leads, also as a member of a group or as the parent of a unit; for a
    programme admin all of them. Nothing but a membership gives an updater this right.
    """
    activities = Activity.objects.in_force().filter(plan__in=visible_plans(user))
    if current():
        return activities.none()
    if can_administer(user):
        return activities
    return activities.reportable_by(agencies_of(user).values("pk"))


def can_update(user: AnyUser, activity: Activity) -> bool:
    """Return whether `user` may report on `activity` and tick its sub-activities."""
    return updatable_activities(user).filter(pk=activity.pk).exists()


def notable_activities(user: AnyUser) -> ActivityQuerySet:
    """Return the activities in force that `user` may add a note to, as a queryset: their agency supports them."""
    activities = Activity.objects.in_force().filter(plan__in=visible_plans(user))
    own = Agency.objects.all() if can_administer(user) else agencies_of(user)
    return activities.notable_by(own.values("pk"))


def can_note(user: AnyUser, activity: Activity) -> bool:
    """Return whether `user` may add a note to `activity`, which leaves its status alone."""
    return notable_activities(user).filter(pk=activity.pk).exists()


def reporting_agencies(user: AnyUser, activity: Activity) -> QuerySet[Agency]:
    """Return the agencies for which `user` may report on `activity`, those that it names first.

    They are those of the user's own that report on it; for a programme admin all that do, since admins bring in what
    agencies send them.
    """
    return _agencies_in_role(user, activity, responsibility.REPORTING)


def noting_agencies(user: AnyUser, activity: Activity) -> QuerySet[Agency]:
    """Return the agencies for which `user` may add a note to `activity`, as `reporting_agencies` does."""
    return _agencies_in_role(user, activity, responsibility.NOTING)


def _agencies_in_role(user: AnyUser, activity: Activity, roles: Sequence[str]) -> QuerySet[Agency]:
    agencies = Agency.objects.with_role(activity, roles)
    found = agencies if can_administer(user) else agencies.filter(pk__in=agencies_of(user))
    named = ActivityAgency.objects.filter(activity=activity, agency=OuterRef("pk"), **responsibility.in_role(roles))
    return found.annotate(is_named=Exists(named)).order_by("-is_named", "name_key")


def reporting_agencies_by_activity(user: AnyUser, plan: Plan | int) -> dict[int, list[Agency]]:
    """Return {activity id: [agencies for which `user` may report on it]}: `reporting_agencies`, for all of `plan`.

    One query for each agency that the person belongs to, and two more; three for a programme admin.
    """
    activities = Activity.objects.in_force().filter(plan=plan)
    if can_administer(user):
        return _all_reporting_agencies(activities)
    found: dict[int, list[Agency]] = {}
    for agency in agencies_of(user):
        for pk in activities.reportable_by([agency.pk]).values_list("pk", flat=True):
            found.setdefault(pk, []).append(agency)
    return found


def _all_reporting_agencies(activities: ActivityQuerySet) -> dict[int, list[Agency]]:
    """Return {activity id: [agencies that report on it]} of `activities`, a queryset. Two queries."""
    rows = list(Agency.objects.with_groups())
    found: dict[int, dict[int, None]] = {}
    agencies, counting = {agency.pk: agency for agency in rows}, responsibility.who_counts(rows)
    links = ActivityAgency.objects.filter(activity__in=activities, **responsibility.in_role(responsibility.REPORTING))
    for activity, agency in links.order_by("position", "pk").values_list("activity_id", "agency_id"):
        found.setdefault(activity, {}).update(counting[agency])
    return {activity: [agencies[agency] for agency in reporting] for activity, reporting in found.items()}


def own_activities(user: AnyUser, plan: Plan) -> ActivityQuerySet:
    """Return the activities in force of `plan` that agencies of `user` report on, also for a programme admin."""
    return Activity.objects.in_force().filter(plan=plan).reportable_by(agencies_of(user).values("pk"))


@dataclass(frozen=True)
class Rights:
    """What a person may do on the page of an activity."""

    may_update: bool = False
    may_note: bool = False
    may_edit: bool = False


def rights_on(user: AnyUser, activity: Activity) -> Rights:
    """Return the `Rights` of `user` on `activity`, as the functions above say. One query for an updater."""
    if current():
        return Rights()
    if not user.is_authenticated or activity.withdrawn_on:
        return Rights(may_edit=can_administer(user))
    if can_administer(user):
        return Rights(may_update=True, may_note=can_note(user, activity), may_edit=True)
    roles = {role for (role,) in _roles(activity=activity.pk, user=user.pk)} if user.is_active else set()
    return Rights(
        may_update=not roles.isdisjoint(responsibility.REPORTING), may_note=not roles.isdisjoint(responsibility.NOTING)
    )


@prepared
def _roles() -> QuerySet:
    return Agency.objects.roles_on(Param("activity"), Agency.objects.of_member(Param("user")))


def get_activity(user: AnyUser, plan: Plan, number: Number) -> Activity:
    """Return the activity of that number, if `user` may see it; raises `Http404` otherwise."""
    activity = Activity.objects.filter(plan=plan, plan__in=visible_plans(user), number=number).first()
    if activity is None:
        raise Http404(f"There is no activity {number} in {plan}.")
    return activity


def get_activity_for_update(user: AnyUser, plan: Plan, number: Number) -> Activity:
    """Return the activity of that number, if `user` may report on it.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and not report on it.
    """
    activity = get_activity(user, plan, number)
    if not can_update(user, activity):
        raise PermissionDenied("Your agencies do not lead this activity.")
    return activity


def can_correct(user: AnyUser, update: StatusUpdate) -> bool:
    """Return whether `user`, who may report on its activity, may correct `update`: their own or their agency's.

    One query at most, none for its author.
    """
    if update.author_id == user.pk or can_administer(user):
        return True
    return update.agency_id is not None and agencies_of(user).filter(pk=update.agency_id).exists()


def get_update_to_correct(user: AnyUser, plan: Plan, number: Number, pk: int) -> StatusUpdate:
    """Return the update of that id on the activity of that number, with its activity, if `user` may correct it.

    Whether it is too late is not asked here. Raises `Http404` when there is none, `PermissionDenied` for others.
    """
    activity = get_activity_for_update(user, plan, number)
    updates = activity.updates.exclude(kind=UpdateKind.NOTE).select_related("agency", "round")
    update = updates.filter(pk=pk).first()
    if update is None:
        raise Http404("There is no such update on this activity.")
    if not can_correct(user, update):
        raise PermissionDenied("Only its author, others in the same agency and programme admins can correct an update.")
    update.activity = activity
    return update


def get_evidence_to_remove(user: AnyUser, plan: Plan, number: Number, pk: int) -> EvidenceLink:
    """Return the standing link `pk` on the activity of that number, with its activity, if `user` may remove it.

    Who added it may, and programme admins. Raises `Http404` when there is none, `PermissionDenied` for others.
    """
    activity = get_activity(user, plan, number)
    link = EvidenceLink.objects.standing().filter(activity=activity, pk=pk).first()
    if link is None:
        raise Http404("There is no such link on this activity.")
    if link.author_id != user.pk and not can_administer(user):
        raise PermissionDenied("Only the person who added a link and programme admins can remove it.")
    link.activity = activity
    return link


def agreeing_agencies(user: AnyUser, activity: Activity, update: StatusUpdate) -> QuerySet[Agency]:
    """Return the agencies for which `user` may say to `update`, a report, that they agree or see it differently.

    They are those of the user's own that lead or support the activity, but for the house that reported: no one signs
    for others, not even a programme admin, nor their own report twice. Whether it is too late is not asked here.
    """
    if current() or activity.withdrawn_on or update.agency is None:
        return Agency.objects.none()
    signing = Agency.objects.with_role(activity, responsibility.SIGNING).filter(pk__in=agencies_of(user))
    return signing.exclude(responsibility.of_one_house(update.agency)).order_by("name_key")


def get_update_to_answer(user: AnyUser, plan: Plan, number: Number, pk: int) -> StatusUpdate:
    """Return the report of that id on the activity of that number, with its activity, if `user` may answer it.

    Whether it is too late is not asked here. Raises `Http404` when there is none, `PermissionDenied` for others.
    """
    activity = get_activity(user, plan, number)
    reports = activity.updates.filter(kind=UpdateKind.REPORT).select_related("agency", "round", "author")
    update = reports.filter(pk=pk).first()
    if update is None:
        raise Http404("There is no such update on this activity.")
    if not agreeing_agencies(user, activity, update).exists():
        raise PermissionDenied("Only other agencies that lead or support this activity can answer this update.")
    update.activity = activity
    return update


def get_activity_for_note(user: AnyUser, plan: Plan, number: Number) -> Activity:
    """Return the activity of that number, if `user` may add a note to it.

    Raises `Http404` when they may not see it, `PermissionDenied` when no agency of theirs supports it.
    """
    activity = get_activity(user, plan, number)
    if not can_note(user, activity):
        raise PermissionDenied("Your agencies do not support this activity.")
    return activity


def get_activity_to_edit(user: AnyUser, plan: Plan, number: Number) -> Activity:
    """Return the activity of that number, if `user` may edit what it is.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and are no programme admin.
    """
    activity = get_activity(user, plan, number)
    if not can_administer(user):
        raise PermissionDenied("Only programme admins can edit activities. You can add an update instead.")
    return activity


def check_still_administers(user: AnyUser) -> None:
    """Raise `PermissionDenied` unless `user`, as the database has them now, may administer plans.

    Asked once what is to be written is locked: the right may have gone while the form waited. Three queries.
    """
    now = User.objects.filter(pk=user.pk or 0).first()
    if now is None or not can_administer(now):
        raise PermissionDenied("Only programme admins can do this, and you are none any more.")


class PersonAction(StrEnum):
    """What somebody can do to the account of a person; each page, admin page and command that does it asks for it."""

    INVITE = "invite"
    GIVE_LINK = "give a link that sets the first password"
    CLOSE = "close the account"
    REOPEN = "open the account again"
    ADD_AGENCY = "let the person report for an agency"
    END_AGENCY = "end what the person reports for"
    END_SESSIONS = "sign the person out everywhere"
    END_LINKS = "end the links by which the person adds updates without signing in"
    END_TOKENS = "end the access tokens by which programs read for the person"
    END_SIGN_IN = "end the links by which the person signs in with a provider"
    REMOVE_SECOND_STEP = "remove the second step, for someone who has lost it"
    END_FEEDS = "end the calendar feeds of the person"
    EDIT = "edit name and email"
    SET_PASSWORD = "set the password for the person"  # noqa: S105 - not one
    CHANGE_ROLE = "make the person a programme admin, or end that"
    CHANGE_SUPERUSER = "make the person a superuser, or end that"


OF_PROGRAMME_ADMINS = frozenset(
    {
        PersonAction.INVITE,
        PersonAction.GIVE_LINK,
        PersonAction.CLOSE,
        PersonAction.REOPEN,
        PersonAction.ADD_AGENCY,
        PersonAction.END_AGENCY,
        PersonAction.END_SESSIONS,
        PersonAction.END_LINKS,
        PersonAction.END_TOKENS,
        PersonAction.END_SIGN_IN,
        PersonAction.REMOVE_SECOND_STEP,
        PersonAction.END_FEEDS,
    }
)
"""What programme admins may do to people who are no admins."""

TO_ONESELF = frozenset({PersonAction.EDIT, PersonAction.ADD_AGENCY, PersonAction.END_AGENCY})
"""What superusers may do to their own account on the pages about people. Password and sessions are on Your account."""


def can_act_on(actor: AnyUser, person: User | None, action: PersonAction) -> bool:
    """Return whether `actor` may do `action`, a `PersonAction`, to `person`; None stands for a new account.

    Superusers may do all of it to everybody else. Programme admins may do `OF_PROGRAMME_ADMINS` to people who have no
    rights of an admin themselves, closed accounts included. Nobody closes, promotes or signs out their own account
    here, and nobody touches the account that stands for the command line. Two queries, the first time.
    """
    if not can_administer(actor) or (person and person.email == COMMAND_LINE_EMAIL):
        return False
    if actor == person:
        return can_manage_people(actor) and action in TO_ONESELF
    return can_manage_people(actor) or (action in OF_PROGRAMME_ADMINS and not (person and person.has_admin_rights))


def check_can_act_on(actor: AnyUser, person: User | None, action: PersonAction) -> None:
    """Raise `PermissionDenied`, with a sentence, unless `actor` may do `action` to `person`."""
    if not can_act_on(actor, person, action):
        raise PermissionDenied("Only a superuser can change the account of an admin, and no one can change their own.")


def actions_on(actor: AnyUser, person: User | None) -> dict[str, bool]:
    """Return {name in lower case: whether `actor` may do it to `person`} of each `PersonAction`, for templates."""
    return {action.name.lower(): can_act_on(actor, person, action) for action in PersonAction}


def get_person_for(user: AnyUser, pk: int, action: PersonAction) -> User:
    """Return the person of that id, if `user` may do `action` to them.

    Raises `Http404` for those who do not see people and for an unknown id, `PermissionDenied` for the others.
    """
    person = User.objects.filter(pk=pk).first() if can_administer(user) else None
    if person is None:
        raise Http404("There is no such person.")
    check_can_act_on(user, person, action)
    return person


def get_plan_to_administer(user: AnyUser, slug: str, doing: str = "open and close reporting rounds") -> Plan:
    """Return the plan of that slug, if `user` may administer it; `doing` says what for in the refusal.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and are no programme admin.
    """
    plan = get_plan(user, slug)
    check_administers(user, doing)
    return plan


def check_administers(user: AnyUser, doing: str) -> None:
    """Raise `PermissionDenied`, which names what they were `doing`, unless `user` may administer plans."""
    if not can_administer(user):
        raise PermissionDenied(f"Only programme admins can {doing}.")


def can_see_contacts(user: AnyUser) -> bool:
    """Return whether `user` may see whom to ask at agencies: people who are signed in, never a visitor."""
    return bool(user.is_authenticated and user.is_active)


def can_edit_contact(user: AnyUser, agency: Agency) -> bool:
    """Return whether `user` may edit the contacts of `agency`: its own people and programme admins. One query."""
    return can_administer(user) or agencies_of(user).filter(pk=agency.pk).exists()


def check_edits_contact(user: AnyUser, agency: Agency) -> None:
    """Raise `PermissionDenied` unless `user` may edit the contacts of `agency`."""
    if not can_edit_contact(user, agency):
        raise PermissionDenied("Only people of the agency and programme admins can edit its contact.")


def get_plan_to_hand_out(user: AnyUser, slug: str) -> Plan:
    """Return the plan of that slug, if `user` may fetch the workbooks of all its agencies at once.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and are no programme admin:
    nothing in them is secret from readers, but making them all is work that only those who send them out ask for.
    """
    plan = get_plan(user, slug)
    if not can_administer(user):
        raise PermissionDenied(
            "Only programme admins can download all reporting workbooks. Each agency's page has its own."
        )
    return plan


def get_barrier_for_update(user: AnyUser, plan: Plan, pk: int) -> Barrier:
    """Return the barrier of that id on an activity of `plan`, if `user` may escalate and resolve it.

    Those who may report on the activity may. Raises `Http404` when there is none, `PermissionDenied` for others.
    """
    barrier = Barrier.objects.of_plan(plan).for_list().filter(pk=pk).first()
    if barrier is None:
        raise Http404("There is no such barrier in this plan.")
    if not can_update(user, barrier.activity):
        raise PermissionDenied("Your agencies do not lead the activity with this barrier.")
    return barrier


def import_scope(user: AnyUser, plan: Plan) -> ImportScope | None:
    """Return what a file that `user` imports into `plan` may change, as an `ImportScope`; None when nothing.

    All for a programme admin, updates for one whose agency leads an activity of the plan. Two queries at most.
    """
    if can_administer(user):
        return ImportScope.PLAN
    return ImportScope.UPDATES if own_activities(user, plan).exists() else None


def visible_imports(user: AnyUser, plan: Plan) -> ImportQuerySet:
    """Return the imports of `plan` that `user` may see, as a queryset: all for a programme admin, else their own."""
    imports = Import.objects.filter(plan=plan)
    return imports if can_administer(user) else imports.filter(uploaded_by=user, scope=ImportScope.UPDATES)


def get_plan_to_import(user: AnyUser, slug: str) -> tuple[Plan, ImportScope]:
    """Return the plan of that slug and what `user` may import into it, as (plan, `ImportScope`).

    Raises `Http404` when they may not see the plan, `PermissionDenied` when they may see it and import nothing.
    """
    plan = get_plan(user, slug)
    scope = import_scope(user, plan)
    if scope is None:
        raise PermissionDenied(
            "Only programme admins, and people whose agency leads an activity, can import spreadsheets."
        )
    return plan, scope


def get_import(user: AnyUser, slug: str, pk: int) -> tuple[Plan, Import]:
    """Return the plan of that slug and its import `pk`, without the bytes of its file, as (plan, import).

    Raises what `get_plan_to_import` raises, and `Http404` for an import that `user` may not see.
    """
    plan, _ = get_plan_to_import(user, slug)
    source = visible_imports(user, plan).for_list().filter(pk=pk).first()
    if source is None:
        raise Http404("There is no such import in this plan, or it is someone else's.")
    return plan, source


def import_refusal(user: AnyUser, source: Import) -> str:
    """Return why `user` may not import the file `source`, or undo its import, as a sentence; blank when they may.

    A programme admin may. Others may for updates that they sent in, if they may report now for each agency on each
    activity that the import has written an update of. One query for an admin at most.
    """
    if not user.is_authenticated or not user.is_active:
        return f"The account of {user} is closed."
    if can_administer(user):
        return ""
    if source.scope != ImportScope.UPDATES or source.uploaded_by_id != user.pk:
        return f"{user} is not a programme admin."
    may_report = reporting_agencies_by_activity(user, source.plan_id)
    if not may_report:
        return f"{user} is not a member of an agency that leads an activity of this plan."
    allowed = {(activity, agency.pk) for activity, agencies in may_report.items() for agency in agencies}
    for update in _standing_updates(source):
        if (update.activity_id, update.agency_id) not in allowed:
            who = update.agency or "a programme admin"
            return f"{user} cannot report for {who} on activity {update.activity.number} now. Ask a programme admin."
    return ""


def _standing_updates(source: Import) -> Iterator[StatusUpdate]:
    """Return the updates that the import `source` has written and that stand, with their activity and agency."""
    rows = source.rows.exclude(after={}).values_list("after", flat=True)
    pks = [pk for after in rows.iterator() for pk in after.get("updates", ())]
    updates = StatusUpdate.objects.filter(retracted_at=None).select_related("activity", "agency")
    for start in range(0, len(pks), 500):
        yield from updates.filter(pk__in=pks[start : start + 500])
