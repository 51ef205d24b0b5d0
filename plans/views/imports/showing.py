"""The page of an import: how far it is, what it comes to, what it came to."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.choices import ImportState
from plans.permissions import get_import, import_refusal
from plans.spreadsheets.importing import jobs
from plans.summaries.imports import CONFLICT, OF_TAB, ImportSummary, RowShown, list_errors
from plans.views.form_recovery import signed_in
from plans.views.imports.asking import decisions_form

ROWS_PER_PAGE = 50
TO_DECIDE = {ImportState.CHECKED, ImportState.REFUSED}


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
    """Answer the import; whoever looks at one whose job has died puts it right."""
    if source.state_choice.is_busy and jobs.is_stalled(source):
        source.refresh_from_db()
    return source


def _rows(request, source, summary):
    """Answer one page of the rows of the sort that the address names, or the one `row` of it. Two queries."""
    kind = request.GET.get("kind") or summary.first_kind
    if kind not in OF_TAB:
        raise Http404(f"There are no rows called “{kind}”. Choose from: {', '.join(OF_TAB)}.")
    rows = source.rows.for_page()
    rows = rows.ever_in_conflict() if kind == CONFLICT else rows.filter(kind=kind)
    row = request.GET.get("row", "")
    only_row = int(row) if row.isdecimal() and len(row) < 10 else None
    rows = rows.filter(row=only_row) if only_row else rows
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return {"kind": kind, "page": page, "only_row": only_row, "rows": [RowShown(row) for row in page]}
