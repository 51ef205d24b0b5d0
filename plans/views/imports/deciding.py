"""What somebody decides about an import: how it is read, to import it, to discard it, to undo it."""

from functools import wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions.imports import discard, read_again, start_applying, start_undoing
from plans.permissions import get_import, import_refusal
from plans.spreadsheets.importing import jobs, undo
from plans.spreadsheets.importing.jobs import wait_a_moment
from plans.summaries.imports import OF_TAB, ImportSummary
from plans.views.form_recovery import kept, signed_in
from plans.views.imports.asking import decisions_form

LOOK_AGAIN = "The file was checked again since you opened that page. This is what it comes to now; nothing was changed."
MOST_PREVIEWED = 1_000
"""Changed rows up to which the question whether to undo them also says what would be kept; more take seconds."""
NOT_YET = "Nothing was done yet, since you were signed out meanwhile. Look at it again, and go on here."
NOT_NOW = "That cannot be done any more: this is how far the import is now."


def step(view):
    """Let a form take a step with an import: `view` is called with the plan and the `Import` once it is sent.

    Signing in leads back to its address by GET, and from there to the page of the import.
    """

    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    @signed_in
    @wraps(view)
    def go(request, plan_slug, pk):
        plan, source = get_import(request.user, plan_slug, pk)
        if request.method == "POST":
            return view(request, plan, source)
        if kept(request) is not None:
            messages.warning(request, NOT_YET)
        return redirect("plans:import", plan.slug, source.pk)

    return go


@step
def import_options(request, plan, source):
    """Take over what somebody decided about the file, and check it again."""
    form = decisions_form(source, plan, request.user, request.POST)
    if not form.is_valid():
        messages.error(request, "One of the choices is not known any more. Look at them again; nothing was changed.")
    elif not _is_as_shown(source, request):
        messages.warning(request, LOOK_AGAIN)
    elif read_again(source=source, options=form.decided()):
        jobs.start(source, "check", by=request.user)
        wait_a_moment(source)
    else:
        messages.warning(request, NOT_NOW)
    return redirect(_page_of(source, plan, request.POST))


@step
def import_apply(request, plan, source):
    """Import what was shown, all of it or nothing; a second click finds it under way."""
    _require_right(request.user, source)
    if not _is_as_shown(source, request):
        messages.warning(request, LOOK_AGAIN)
    elif start_applying(source=source):
        jobs.start(source, "apply", by=request.user)
        wait_a_moment(source)
    return redirect("plans:import", plan.slug, source.pk)


@step
def import_discard(request, plan, source):
    """Decide against a file: it stays in the list, and nothing of it is imported."""
    if discard(source=source):
        messages.success(request, f"{source.file_name} is discarded. Nothing was changed.")
        return redirect("plans:import_list", plan.slug)
    messages.warning(request, NOT_NOW)
    return redirect("plans:import", plan.slug, source.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def import_undo(request, plan_slug, pk):
    """Ask, and take a whole import back; what was edited since is shown first, and kept."""
    plan, source = get_import(request.user, plan_slug, pk)
    _require_right(request.user, source)
    summary = ImportSummary(source)
    if request.method == "POST":
        if start_undoing(source=source):
            jobs.start(source, "undo", by=request.user)
            wait_a_moment(source)
        return redirect("plans:import", plan.slug, source.pk)
    is_quick = summary.change_count <= MOST_PREVIEWED or "preview" in request.GET
    preview = undo.preview(source) if summary.can_be_undone and is_quick else None
    context = {"plan": plan, "section": "import", "source": source, "summary": summary, "preview": preview}
    return render(request, "plans/import_undo.html", context)


def _require_right(user, source):
    """Raise `PermissionDenied` in words if `user` may not import or undo `source` now."""
    if refusal := import_refusal(user, source):
        raise PermissionDenied(refusal)


def _is_as_shown(source, request):
    return source.findings.get("fingerprint", "") == request.POST.get("fingerprint", "")


def _page_of(source, plan, shown):
    """Answer the address of the page that was shown: the same sort of rows, the same page of them."""
    address = reverse("plans:import", args=[plan.slug, source.pk])
    kind, page = shown.get("kind", ""), shown.get("page", "")
    query = {"kind": kind} if kind in OF_TAB else {}
    query |= {"page": page} if page.isdecimal() and page != "1" else {}
    return f"{address}?{urlencode(query)}" if query else address
