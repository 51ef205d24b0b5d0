"""The page on which programme admins upload the Word template of a plan's packs, replace it or remove it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions.pack_template import remove_template, save_template
from plans.forms.idempotency import answer_once
from plans.models import PackTemplate
from plans.packs.copies import MAX_TEMPLATE_MB, TEMPLATE_TOO_LARGE, taken_of_template
from plans.packs.template import TemplateRefused
from plans.permissions import check_still_administers, get_plan_to_administer
from plans.spreadsheets.pages.upload import CHOOSE_AGAIN, UploadForm, bounded, content_of, is_too_large
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.views.form_recovery import kept, signed_in

DOING = "upload the Word template of board packs"


class TemplateLimits:
    """How large a template may be, as `UploadForm` asks."""

    max_mb = MAX_TEMPLATE_MB
    max_bytes = MAX_TEMPLATE_MB * 1024 * 1024

    def check_size(self, size):
        """Raise `UnreadableFile`, with a sentence, for a file that is larger."""
        if size > self.max_bytes:
            raise UnreadableFile(TEMPLATE_TOO_LARGE.format(self.max_mb))


@require_http_methods(["GET", "HEAD", "POST"])
@bounded
@never_cache
@signed_in
def pack_template(request, plan_slug):
    """The template that there is, and the box for another one. Nothing of a file is kept but its styles and page."""
    plan = get_plan_to_administer(request.user, plan_slug, DOING)
    form = _form()
    if request.method == "POST":
        check_still_administers(request.user)
        if request.POST.get("what") == "remove":
            return answer_once(request, lambda: _remove(request, plan))[0]
        form = _form(request.POST, request.FILES, is_too_large=is_too_large(request))
        if form.is_valid() and (taken := _taken(form)) is not None:
            return answer_once(request, lambda: _save(request, plan, form, taken))[0]
    elif kept(request):
        messages.warning(request, CHOOSE_AGAIN)
    template = PackTemplate.objects.filter(plan=plan).select_related("uploaded_by").defer("taken").first()
    context = {"plan": plan, "section": "packs", "form": form, "template": template, "max_mb": MAX_TEMPLATE_MB}
    return render(request, "plans/pack_template.html", context, status=400 if form.errors else 200)


def _form(*sent, is_too_large=False):
    form = UploadForm(*sent, limits=TemplateLimits(), is_too_large=is_too_large)
    form.fields["file"].label = "Word file"
    form.fields["file"].widget.attrs["accept"] = ".docx,.dotx"
    return form


def _taken(form):
    """Return what is taken of the file of a valid form; None where it is refused, which the form says then."""
    try:
        return taken_of_template(content_of(form.cleaned_data["file"])[1])
    except TemplateRefused as refused:
        form.add_error("file", str(refused))
        return None


def _save(request, plan, form, taken):
    template = save_template(plan=plan, by=request.user, file_name=form.cleaned_data["file"].name, taken=taken)
    messages.success(request, f"Word copies of packs have the styles of {template} now.")
    return redirect("plans:pack_template", plan.slug)


def _remove(request, plan):
    if remove_template(plan=plan, by=request.user):
        messages.success(request, "Template removed. Word copies of packs have the styles of the tracker again.")
    return redirect("plans:pack_template", plan.slug)
