"""Who may do what: one function per permission, which lists and single objects share."""

from django.conf import settings
from django.http import Http404

from plans.models import Plan


def can_read(user):
    """Whether `user` may read published plans: signed in and active, or anybody where reading is open."""
    return bool(settings.ROCC_OPEN_READING or (user.is_authenticated and user.is_active))


def can_administer(user):
    """Whether `user` may edit plans, activities and agencies, and import: a programme admin or a superuser.

    The group "Programme admins" gives the permission. Two queries the first time, for a user's permissions.
    """
    return bool(user.is_authenticated and user.is_active and user.has_perm("plans.administer"))


def can_manage_people(user):
    """Whether `user` may add people and say what they may do: superusers only."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def visible_plans(user):
    """The plans that `user` may see, as a queryset: all for a programme admin, the published ones for a reader."""
    if can_administer(user):
        return Plan.objects.all()
    return Plan.objects.published() if can_read(user) else Plan.objects.none()


def get_plan(user, slug):
    """The plan of that slug, if `user` may see it; raises `Http404` otherwise, with a sentence that says why."""
    plan = visible_plans(user).filter(slug=slug).first()
    if plan is None:
        raise Http404(f"There is no plan called “{slug}”, or you may not see it.")
    return plan
