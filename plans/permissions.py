"""Who may do what: one function per permission, which lists and single objects share."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from plans.choices import Role
from plans.models import Activity, Agency, Barrier, Plan


def can_read(user):
    """Whether `user` may read published plans: signed in and active, or anybody where reading is open."""
    return bool(settings.ROCC_OPEN_READING or (user.is_authenticated and user.is_active))


def can_administer(user):
    """Whether `user` may edit plans, activities and agencies, and import: a programme admin or a superuser.

    The group "Programme admins" gives the permission. One query the first time.
    """
    return bool(user.is_authenticated and user.is_active and user.is_administrator)


def can_manage_people(user):
    """Whether `user` may add people and say what they may do: superusers only."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def readable_plans(user):
    """The plans that `user` may see by reading alone, as a queryset: the published ones, or none."""
    return Plan.objects.published() if can_read(user) else Plan.objects.none()


def visible_plans(user):
    """The plans that `user` may see, as a queryset: all for a programme admin, the published ones for a reader."""
    return Plan.objects.all() if can_administer(user) else readable_plans(user)


def get_plan(user, slug):
    """The plan of that slug, if `user` may see it; raises `Http404` otherwise, with a sentence that says why.

    One query for a published plan, with its open round. What a user may administer is asked for other plans only,
    since it costs more.
    """
    found = (plans(user).with_open_round().filter(slug=slug).first() for plans in (readable_plans, visible_plans))
    plan = next(filter(None, found), None)
    if plan is None:
        raise Http404(f"There is no plan called “{slug}”, or you may not see it.")
    return plan


def agencies_of(user):
    """The agencies that `user` belongs to now, as a queryset; none for a visitor or a closed account."""
    if not (user.is_authenticated and user.is_active):
        return Agency.objects.none()
    return Agency.objects.of_member(user)


def updatable_activities(user):
    """The activities in force that `user` may report on, as a queryset.

    They are those that one of their agencies leads, also as a member of a group or as the parent of a unit; for a
    programme admin all of them. Nothing but a membership gives an updater this right.
    """
    activities = Activity.objects.in_force().filter(plan__in=visible_plans(user))
    if can_administer(user):
        return activities
    return activities.involving(agencies_of(user).values("pk"), role=Role.LEAD)


def can_update(user, activity):
    """Whether `user` may report on `activity` and tick its sub-activities."""
    return updatable_activities(user).filter(pk=activity.pk).exists()


def notable_activities(user):
    """The activities in force to which `user` may add a note: an agency of theirs supports them; as a queryset."""
    activities = Activity.objects.in_force().filter(plan__in=visible_plans(user))
    own = Agency.objects.all() if can_administer(user) else agencies_of(user)
    return activities.involving(own.values("pk"), role=Role.SUPPORT)


def can_note(user, activity):
    """Whether `user` may add a note to `activity`, which leaves its status alone."""
    return notable_activities(user).filter(pk=activity.pk).exists()


def reporting_agencies(user, activity, role=Role.LEAD):
    """The agencies for which `user` may report on `activity` (add a note to it, for the role of support).

    They are those of the user's own that have the role; for a programme admin also all that are named with it.
    """
    with_role = Agency.objects.with_role(activity, role)
    if can_administer(user):
        return with_role.filter(Q(pk__in=agencies_of(user)) | Q(activity_links__activity=activity)).distinct()
    return with_role.filter(pk__in=agencies_of(user))


def own_activities(user, plan):
    """The activities in force of `plan` that an agency of `user` leads, by itself, in a group or through a unit."""
    own = agencies_of(user).values("pk")
    return Activity.objects.in_force().filter(plan=plan).involving(own, role=Role.LEAD)


@dataclass(frozen=True)
class Rights:
    """What a person may do on the page of an activity."""

    may_update: bool = False
    may_note: bool = False
    may_edit: bool = False


def rights_on(user, activity):
    """What `user` may do with `activity`, as the functions above say. One query for an updater, none for a visitor."""
    if not user.is_authenticated or activity.withdrawn_on:
        return Rights(may_edit=can_administer(user))
    if can_administer(user):
        return Rights(may_update=True, may_note=can_note(user, activity), may_edit=True)
    roles = Agency.objects.roles_on(activity, agencies_of(user))
    return Rights(may_update=Role.LEAD in roles, may_note=Role.SUPPORT in roles)


def get_activity(user, plan, number):
    """The activity of that number, if `user` may see it; raises `Http404` otherwise."""
    activity = Activity.objects.filter(plan=plan, plan__in=visible_plans(user), number=number).first()
    if activity is None:
        raise Http404(f"There is no activity {number} in {plan}.")
    return activity


def get_activity_for_update(user, plan, number):
    """The activity of that number, if `user` may report on it.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and not report on it.
    """
    activity = get_activity(user, plan, number)
    if not can_update(user, activity):
        raise PermissionDenied("No agency of yours leads this activity.")
    return activity


def get_activity_for_note(user, plan, number):
    """The activity of that number, if `user` may add a note to it.

    Raises `Http404` when they may not see it, `PermissionDenied` when no agency of theirs supports it.
    """
    activity = get_activity(user, plan, number)
    if not can_note(user, activity):
        raise PermissionDenied("No agency of yours supports this activity.")
    return activity


def get_activity_to_edit(user, plan, number):
    """The activity of that number, if `user` may edit what it is.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and are no programme admin.
    """
    activity = get_activity(user, plan, number)
    if not can_administer(user):
        raise PermissionDenied("Programme admins edit activities. To report on one, write an update.")
    return activity


def can_manage_account(user, person):
    """Whether `user` may close or open the account of `person`, and make invitation links for it.

    Programme admins may for those who are not admins themselves, superusers for everybody; nobody for themselves.
    """
    if user == person or not can_administer(user):
        return False
    is_admin = person.is_staff or person.is_superuser or person.groups.exists()
    return can_manage_people(user) or not is_admin


def get_plan_to_administer(user, slug):
    """The plan of that slug, if `user` may open and close its rounds.

    Raises `Http404` when they may not see it, `PermissionDenied` when they may see it and are no programme admin.
    """
    plan = get_plan(user, slug)
    if not can_administer(user):
        raise PermissionDenied("Programme admins open and close reporting rounds.")
    return plan


def get_barrier_for_update(user, plan, pk):
    """The barrier of that id on an activity of `plan`, if `user` may escalate and resolve it.

    Those who may report on the activity may. Raises `Http404` when there is none, `PermissionDenied` for others.
    """
    barrier = Barrier.objects.of_plan(plan).for_list().filter(pk=pk).first()
    if barrier is None:
        raise Http404("There is no such barrier in this plan.")
    if not can_update(user, barrier.activity):
        raise PermissionDenied("No agency of yours leads the activity that this barrier is about.")
    return barrier
