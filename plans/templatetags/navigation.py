"""Where templates find the menus of a page."""

from django import template
from django.contrib.auth.models import AnonymousUser

from plans.permissions import can_administer, current_plan, get_plan
from plans.summaries.navigation import navigation_of

register = template.Library()


@register.simple_tag(takes_context=True)
def plan_of_page(context):
    """Return the plan whose menus a page shows: its own, else the current one that the person sees; None without any.

    No query for a plan that came from `get_plan`; one for others, and for a page about none.
    """
    plan, user = context.get("plan"), context.get("user")
    if user is None:
        return None
    if plan is None:
        return current_plan(user)
    return plan if hasattr(plan, "barrier_count") else get_plan(user, plan.slug)


@register.simple_tag(takes_context=True)
def navigation(context, plan):
    """Return where the person can go from a page of `plan` (or of none), as a `Navigation`. No query."""
    # A page about an error may not know who is signed in.
    user = context.get("user") or AnonymousUser()
    return navigation_of(plan, is_admin=can_administer(user), is_staff=user.is_staff)
