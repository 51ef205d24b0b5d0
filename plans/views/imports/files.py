"""The files of an import: as it came, and with its errors marked."""

from pathlib import PurePath

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.models import Import
from plans.permissions import get_import
from plans.spreadsheets.reading.processes import NoTurn
from plans.spreadsheets.writing.marking import write_marked
from plans.summaries.imports import ImportSummary
from plans.views.exports import XLSX
from plans.views.form_recovery import signed_in

TOO_BUSY = "Other people are having their workbooks marked at the moment. Try again in a minute."


@require_safe
@never_cache
@signed_in
def import_file(request, plan_slug, pk):
    """The file as it came in, byte for byte; never shown in the browser, whatever it holds."""
    plan, source = get_import(request.user, plan_slug, pk)
    if source.cleared_at:
        return _gone(request, plan, source)
    content = bytes(Import.objects.values_list("content", flat=True).get(pk=source.pk))
    return _download(content, "application/octet-stream", source.file_name)


@require_safe
@never_cache
@signed_in
def import_marked(request, plan_slug, pk):
    """The person's own workbook with the bad cells marked and a comment in each, to be mended and sent again."""
    plan, source = get_import(request.user, plan_slug, pk)
    if source.cleared_at:
        return _gone(request, plan, source)
    if not source.counts.get("errors"):
        raise Http404("Nothing in this file is in error.")
    try:
        marked = write_marked(source)
    except NoTurn:
        messages.warning(request, TOO_BUSY)
        return redirect("plans:import", plan.slug, source.pk)
    name = f"{PurePath(source.file_name).stem}-to-mend.xlsx"
    return FileResponse(marked, as_attachment=True, filename=name, content_type=XLSX)


def _gone(request, plan, source):
    """The answer to a link to a file that has been cleared: its page, with 410."""
    context = {"plan": plan, "section": "import", "source": source, "summary": ImportSummary(source)}
    return render(request, "plans/import.html", context, status=410)


def _download(content, content_type, name):
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
