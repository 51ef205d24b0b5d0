"""The pages of an import: what it comes to, what somebody decides about it, and its files."""

from functools import wraps
from pathlib import PurePath
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions.imports import discard, read_again, start_applying, start_undoing
from plans.choices import ImportState
from plans.limited_process import NoTurn
from plans.models import Import
from plans.permissions import get_import, import_refusal
from plans.spreadsheets.importing import jobs, undo
from plans.spreadsheets.importing.jobs import wait_a_moment
from plans.spreadsheets.importing.outcome import CheckSummary, list_errors
from plans.spreadsheets.pages.decisions import decisions_form
from plans.spreadsheets.pages.rows import RowShown
from plans.spreadsheets.pages.summary import CONFLICT, OF_TAB, ImportSummary
from plans.spreadsheets.writing.error_copy import write_marked
from plans.text import INTEGER_DIGITS, whole_number
from plans.views.exports import XLSX
from plans.views.form_recovery import kept, signed_in

LOOK_AGAIN = "This file was checked again after you opened the page. Review the new result. Nothing has changed."
MOST_PREVIEWED = 1_000
"""Changed rows up to which the question whether to undo them also says what would be kept; more take seconds."""
NOT_YET = "You were signed out, so nothing was done. Review it again, then continue."
NOT_NOW = "That is no longer possible. Here is the current state of the import."
ROWS_PER_PAGE = 50
TO_DECIDE = {ImportState.CHECKED, ImportState.REFUSED}
TOO_BUSY = "Other people are downloading files with errors highlighted. Try again in a minute."


@require_safe
@never_cache
@signed_in
def import_detail(request, plan_slug, pk):
    """One import: its progress while a job is at work on it, else its counts, its rows, and what can be decided."""
    plan, source = get_import(request.user, plan_slug, pk)
    source = _seen_to(source)
    summary = ImportSummary(source)
    context = {"plan": plan, "section": "import", "source": source, "summary": summary}
    if summary.can_be_undone:
        context["may_undo"] = not import_refusal(request.user, source)
    if summary.state in TO_DECIDE and not source.cleared_at:
        context["form"] = decisions_form(source, plan, request.user)
    if not summary.state.is_busy and not summary.is_refused and not source.cleared_at:
        context |= _rows(request, source, summary) | {"errors": list_errors(source)}
    return render(request, "plans/import.html", context)


@require_safe
@never_cache
@signed_in
def import_progress(request, plan_slug, pk):
    """How far the job on an import has come: the part of its page that asks again and again."""
    plan, source = get_import(request.user, plan_slug, pk)
    source = _seen_to(source)
    context = {"plan": plan, "source": source, "summary": ImportSummary(source)}
    return render(request, "plans/_import_progress.html", context)


def _seen_to(source):
    """Return the import; whoever looks at one whose job has died puts it right."""
    if source.state_choice.is_busy and jobs.is_stalled(source):
        source.refresh_from_db()
    return source


def _rows(request, source, summary):
    """Return one page of the rows of the sort that the address names, or the one `row` of it. Two queries."""
    kind = request.GET.get("kind") or summary.first_kind
    if kind not in OF_TAB:
        raise Http404(f"There are no rows called “{kind}”. Choose from: {', '.join(OF_TAB)}.")
    rows = source.rows.for_page()
    rows = rows.ever_in_conflict() if kind == CONFLICT else rows.filter(kind=kind)
    only_row = whole_number(request.GET.get("row", ""), INTEGER_DIGITS)
    rows = rows.filter(row=only_row) if only_row else rows
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    parts = CheckSummary.of_import(source).parts
    return {"kind": kind, "page": page, "only_row": only_row, "rows": [RowShown(row, parts) for row in page]}


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
        messages.error(request, "One of the choices is no longer available. Check them again. Nothing was changed.")
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
        messages.success(request, f"{source.file_name} was discarded. Nothing was changed.")
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
    """Return the address of the page that was shown: the same sort of rows, the same page of them."""
    address = reverse("plans:import", args=[plan.slug, source.pk])
    kind, page = shown.get("kind", ""), shown.get("page", "")
    query = {"kind": kind} if kind in OF_TAB else {}
    query |= {"page": page} if page.isdecimal() and page != "1" else {}
    return f"{address}?{urlencode(query)}" if query else address


@require_safe
@never_cache
@signed_in
def import_file(request, plan_slug, pk):
    """Return the file as it came in, byte for byte; never shown in the browser, whatever it holds."""
    plan, source = get_import(request.user, plan_slug, pk)
    if source.cleared_at:
        return _gone(request, plan, source)
    content = bytes(Import.objects.values_list("content", flat=True).get(pk=source.pk))
    return _download(content, "application/octet-stream", source.file_name)


@require_safe
@never_cache
@signed_in
def import_marked(request, plan_slug, pk):
    """Return the person's own workbook with the bad cells marked and a comment in each, to be fixed and sent again."""
    plan, source = get_import(request.user, plan_slug, pk)
    if source.cleared_at:
        return _gone(request, plan, source)
    if not source.counts.get("errors"):
        raise Http404("This file has no errors.")
    try:
        marked = write_marked(source)
    except NoTurn:
        messages.warning(request, TOO_BUSY)
        return redirect("plans:import", plan.slug, source.pk)
    name = f"{PurePath(source.file_name).stem}-errors.xlsx"
    return FileResponse(marked, as_attachment=True, filename=name, content_type=XLSX)


def _gone(request, plan, source):
    """Return the answer to a link to a file that has been cleared: its page, with 410."""
    context = {"plan": plan, "section": "import", "source": source, "summary": ImportSummary(source)}
    return render(request, "plans/import.html", context, status=410)


def _download(content, content_type, name):
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
