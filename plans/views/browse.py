"""Pages for reading a plan."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from plans.as_at import current, today
from plans.choices import DescriptionState, Freshness, Role, Status
from plans.fast.conditional_page import conditional_page
from plans.filters import ActivityFilter
from plans.filters.since import read_since
from plans.listing import ROWS_PER_PAGE, list_activities
from plans.models import Activity, Agency, FocusArea, PriorityArea
from plans.outgoing import absolute_link
from plans.permissions import (
    agreeing_agencies,
    can_administer,
    can_correct,
    can_edit_contact,
    can_see_checks,
    can_see_contacts,
    can_see_decisions,
    get_plan,
    rights_on,
    visible_plans,
)
from plans.sessions import last_visit_before
from plans.summaries import (
    find_party,
    find_remaining,
    list_agency_activities,
    read_activity,
    read_related_agencies,
    row_of,
    summarise_agencies,
    summarise_matrix,
    summarise_plan,
    summarise_since,
    tally_statuses,
)
from plans.summaries.contacts import contact_of, is_contact_missing
from plans.summaries.decisions import read_decisions, read_duties
from plans.summaries.lead_positions import put_positions_on
from plans.summaries.lineage import read_relatives
from plans.summaries.responsibilities import read_responsibilities
from plans.text import fold

PLANS_PER_PAGE = 50


@require_safe
def home(request):
    """Go to the current plan, or to the list of plans when there is none."""
    plan = visible_plans(request.user).current()
    return redirect(plan or "plans:plan_list")


@conditional_page
def plan_list(request):
    """All plans that the person may see, a page at a time."""
    # Counted plan by plan, so that those of other pages are not.
    in_force = Activity.objects.in_force().filter(plan=OuterRef("pk")).order_by().values("plan")
    count = Coalesce(Subquery(in_force.annotate(count=Count("pk")).values("count")), 0)
    plans = Paginator(visible_plans(request.user).annotate(count=count), PLANS_PER_PAGE)
    context = {"section": "plans", "plans": plans.get_page(request.GET.get("page"))}
    return render(request, "plans/plan_list.html", context)


@conditional_page
def overview(request, plan_slug):
    """A plan on one page: what it holds, how it is going, what wants attention."""
    plan = get_plan(request.user, plan_slug)
    day = today()
    # No one has been at an earlier moment before.
    since = read_since(request.GET, last_visit=None if current() else last_visit_before(request), on=day)
    context = {
        "plan": plan,
        "section": "overview",
        "summary": summarise_plan(plan, day),
        "since": since,
        "changes": summarise_since(plan, since.day, is_visit=since.is_visit),
        "list_address": absolute_link(request, reverse("plans:activity_list", args=[plan.slug])),
        "is_whole_printed": request.GET.get("print") == "full",
    }
    return render(request, "plans/overview.html", context)


@conditional_page
def activity_list(request, plan_slug):
    """The activities of a plan, filtered as the address says; to htmx, the part of the page that filters change."""
    plan = get_plan(request.user, plan_slug)
    filters = ActivityFilter(request.GET, plan=plan, on=today(), has_checks=can_see_checks(request.user))
    listing = list_activities(filters)
    context = {"plan": plan, "section": "activities", "filters": filters, "listing": listing}
    if request.htmx and not request.htmx.history_restore_request:
        response = _say_address(request, render(request, "plans/_filtered.html", context), filters)
    else:
        response = render(request, "plans/activity_list.html", context)
    return response


def _say_address(request, response, filters):
    """Have the browser show the address of this list; typing on in the search box is no new step to go back to."""
    address = f"{request.path}?{filters.query_with_page}".removesuffix("?")
    shown = request.htmx.current_url_abs_path or ""
    is_typing = request.htmx.trigger == "q" and "q=" in shown
    return replace_url(response, address) if is_typing or address == shown else push_url(response, address)


@require_safe
def find(request, plan_slug=None):
    """Go from the search box to what it names: an activity by its number, else the activities with its words."""
    plan = get_plan(request.user, plan_slug) if plan_slug else visible_plans(request.user).current()
    if plan is None:
        return redirect("plans:plan_list")
    query = request.GET.get("q", "").strip()
    if found := Activity.objects.filter(plan=plan).numbered(fold(query)).first():
        return redirect("plans:activity", plan.slug, found.number)
    return redirect(f"{reverse('plans:activity_list', args=[plan.slug])}?{urlencode({'q': query})}")


@conditional_page
def matrix(request, plan_slug):
    """Who does what where: agencies by focus areas, and statuses by focus areas, as tables."""
    plan = get_plan(request.user, plan_slug)
    context = {"plan": plan, "section": "matrix", "statuses": Status, "roles": Role}
    return render(request, "plans/matrix.html", {**context, "matrix": summarise_matrix(plan)})


@conditional_page
def activity(request, plan_slug, number):
    """One activity: what it is, who does it, how it is going, and what the plan printed."""
    plan = get_plan(request.user, plan_slug)
    page = read_activity(plan, number, today(), with_checks=can_see_checks(request.user))
    if page is None:
        raise Http404(f"There is no activity {number} in {plan}.")
    rights = rights_on(request.user, page.activity)
    latest = page.latest if rights.may_update else None
    round_id = plan.open_round.pk if plan.open_round else None
    is_correctable = latest is not None and latest.round_id == round_id and can_correct(request.user, latest)
    context = {
        "plan": plan,
        "section": "activities",
        "activity": page.activity,
        "page": page,
        "description_state": DescriptionState(page.activity.description_state),
        "roles": tuple(Role),
        "rights": rights,
        "correctable": latest.pk if is_correctable else None,
        "own_id": request.user.pk,
        "relatives": read_relatives(page.activity, visible_plans(request.user)) if page.activity.has_lineage else None,
        "decisions": read_decisions(page.activity) if _may_see_decisions(request, page.activity) else (),
        "answering": _answering(request.user, page, rights, round_id),
    }
    return render(request, "plans/activity.html", context)


def _may_see_decisions(request, activity):
    """Return whether there are decisions of boards to show: to whoever may see packs, on a page of now."""
    return activity.has_decisions and can_see_decisions(request.user)


def _answering(user, page, rights, round_id):
    """Return the agencies for which the person can answer the latest update, a report in the open round; mostly none.

    One query for those who report on the activity or add notes to it, where there is such an update.
    """
    latest = page.latest
    may_sign = rights.may_update or rights.may_note
    if not (may_sign and latest and latest.is_report and latest.round_id and latest.round_id == round_id):
        return []
    return list(agreeing_agencies(user, page.activity, latest))


@conditional_page
def focus_area(request, plan_slug, code):
    """A focus area in a plan: its statement and its activities."""
    return _area(request, plan_slug, "focus", FocusArea, code)


@conditional_page
def priority_area(request, plan_slug, code):
    """A priority area in a plan: its activities, which may stand under several focus areas."""
    return _area(request, plan_slug, "priority", PriorityArea, code)


def _area(request, plan_slug, parameter, model, code):
    plan, day = get_plan(request.user, plan_slug), today()
    area = get_object_or_404(model.objects.coded(code))
    activities = area.activities.filter(plan=plan).in_force()
    if not (statuses := tally_statuses(activities)):
        raise Http404(f"No activity of this plan is under {area}.")
    shown = activities.for_list_page().with_freshness(plan.open_round, day).order_by("number")
    first = put_positions_on(list(shown[:ROWS_PER_PAGE]))
    rows = [row_of(one, open_round=plan.open_round, on=day) for one in first]
    context = {"plan": plan, "section": "activities", "area": area, "statuses": statuses, "rows": rows}
    return render(request, f"plans/{parameter}_area.html", {**context, "count": sum(one.count for one in statuses)})


@conditional_page
def about(request, plan_slug):
    """What the words of a plan mean, and how it was read where it could be read in more than one way."""
    plan = get_plan(request.user, plan_slug)
    context = {
        "plan": plan,
        "section": "about",
        "notes": plan.reading_notes.select_related("activity"),
        "vocabularies": [
            ("Statuses", Status),
            ("Roles", Role),
            ("Descriptions", DescriptionState),
            ("Update status", Freshness),
        ],
    }
    return render(request, "plans/about.html", context)


@conditional_page
def agency_list(request, plan_slug):
    """The parties of a plan and how much each leads and supports; with `role`, those that have it by name."""
    plan = get_plan(request.user, plan_slug)
    role = request.GET.get("role", "")
    problem = f"There is no role “{role}”. Choose from: {', '.join(Role.values)}." if role not in ("", *Role) else ""
    has_contacts = can_see_contacts(request.user)
    contact = request.GET.get("contact", "")
    problem = problem or _problem_of_contact(contact, has_contacts)
    found = [] if problem else summarise_agencies(plan, with_contacts=has_contacts)
    day = today()
    lacking = {one.agency.pk for one in found if has_contacts and one.lacks_contact(day)}
    agencies = [one for one in found if (not role or one.count_of(role)) and (not contact or one.agency.pk in lacking)]
    context = {"plan": plan, "section": "agencies", "agencies": agencies, "role": role, "problem": problem}
    context |= {"has_contacts": has_contacts, "contact": contact, "lacking": lacking}
    if can_administer(request.user):
        context["others"] = Agency.objects.unmerged().exclude(pk__in=Agency.objects.in_plan(plan).values("pk"))
    return render(request, "plans/agency_list.html", {**context, "roles": Role})


def _problem_of_contact(contact, has_contacts):
    """Return why the list cannot be narrowed to agencies without a contact, as a sentence; blank when it can."""
    if contact not in ("", "none"):
        return f"There is no choice “{contact}” of contacts. Choose from: none."
    return "" if has_contacts or not contact else "Sign in to see which agencies have no contact."


@conditional_page
def agency(request, plan_slug, code):
    """A party of a plan: what it leads, what it supports, what it shares, and its units or members."""
    plan = get_plan(request.user, plan_slug)
    found = find_party(plan, code)
    if found is None:
        if remaining := find_remaining(code):
            return redirect("plans:agency", plan.slug, remaining)
        raise Http404(f"There is no agency {code} in {plan}.")
    context = {
        "plan": plan,
        "section": "agencies",
        "agency": found,
        "sections": list_agency_activities(plan, found, today()),
        "related": read_related_agencies(found),
        "responsibilities": read_responsibilities(plan, found),
        "duties": read_duties(plan, today(), agencies=[found.pk]) if can_see_decisions(request.user) else (),
    }
    if can_see_contacts(request.user):
        contact, lead_count = contact_of(plan, found), context["sections"][0].count
        context |= {"contact": contact, "may_edit_contact": current() is None and can_edit_contact(request.user, found)}
        context |= {"is_contact_missing": is_contact_missing(found, lead_count, contact, today())}
        context["has_contacts"] = True
    return render(request, "plans/agency.html", context)
