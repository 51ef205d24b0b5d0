"""The page of everything that programme admins do, which the menus of the header lead to as well."""

from django.core.validators import slug_re
from django.http import Http404
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.permissions import current_plan, get_plan
from plans.summaries import summarise_agencies
from plans.summaries.navigation import navigation_of
from plans.summaries.plan_checks import count_failing
from plans.views.people import for_programme_admins


@require_safe
@for_programme_admins
@never_cache
def manage(request):
    """Reporting and managing, for the plan that `plan` names in the address; without one, for the current plan."""
    slug = request.GET.get("plan", "")
    # PostgreSQL refuses to look for text with NUL in it.
    if slug and not slug_re.fullmatch(slug):
        raise Http404("The address names no plan. Choose one from the list of plans.")
    plan = get_plan(request.user, slug) if slug else current_plan(request.user)
    agencies, on = summarise_agencies(plan, with_contacts=True) if plan else (), localdate()
    menus = navigation_of(
        plan,
        is_admin=True,
        is_staff=request.user.is_staff,
        check_count=count_failing(plan, on) if plan else None,
        no_contact_count=sum(one.lacks_contact(on) for one in agencies),
    ).menus
    return render(request, "plans/manage.html", {"plan": plan, "section": "manage", "menus": menus})
