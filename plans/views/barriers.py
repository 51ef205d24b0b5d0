"""What stands in the way of a plan's activities: who raised it, since when, and what was done about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.fast.conditional_page import conditional_page
from plans.filters.barriers import BarrierFilter
from plans.forms.barriers import BarrierNoteForm
from plans.permissions import get_barrier_for_update, get_plan, updatable_activities
from plans.views.form_page import form_page, is_done
from plans.views.form_recovery import kept

BARRIERS_PER_PAGE = 50


@conditional_page
def barrier_list(request, plan_slug):
    """The barriers of a plan, open or resolved, of all agencies or of one."""
    plan = get_plan(request.user, plan_slug)
    filters = BarrierFilter(request.GET, plan=plan)
    page = Paginator(filters.barriers.for_list(), BARRIERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "section": "barriers", "filters": filters, "page": page}
    return render(request, "plans/barrier_list.html", {**context, "mine": _actionable(request.user, page)})


def _actionable(user, page):
    """Return the ids of the activities on the page whose barriers the person may do something about."""
    if not user.is_authenticated:
        return set()
    activities = {barrier.activity_id for barrier in page}
    return set(updatable_activities(user).filter(pk__in=activities).values_list("pk", flat=True))


@form_page
def escalate(request, plan_slug, pk):
    """Ask for help from above, with a note that says who is asked for what."""
    label = "Who do you need help from, and what do you need?"
    return _write(request, plan_slug, pk, action=escalate_barrier, verb="Escalate", label=label, done="escalated")


@form_page
def resolve(request, plan_slug, pk):
    """Resolve a barrier, with a note that says how."""
    label = "How was it resolved?"
    return _write(request, plan_slug, pk, action=resolve_barrier, verb="Resolve", label=label, done="resolved")


def _write(request, plan_slug, pk, *, action, verb, label, done):
    plan = get_plan(request.user, plan_slug)
    barrier = get_barrier_for_update(request.user, plan, pk)
    form = BarrierNoteForm(request.POST if request.method == "POST" else kept(request), label=label)
    if is_done(request, form, action, barrier=barrier):
        messages.success(request, f"The barrier on {barrier.activity} is {done}.")
        return redirect("plans:barrier_list", plan.slug)
    context = {"plan": plan, "section": "barriers", "barrier": barrier, "form": form, "verb": verb}
    return render(request, "plans/barrier_form.html", context)
