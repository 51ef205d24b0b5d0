"""Where a spreadsheet comes in: as a file, never larger than may be imported, or as a pasted table."""

from functools import wraps

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, load_handler
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from plans.choices import ImportScope
from plans.forms.barriers import PRIVACY
from plans.forms.idempotency import answer_once
from plans.models import Agency
from plans.permissions import agencies_of, get_plan_to_import, visible_imports
from plans.spreadsheets.importing import jobs, workflow
from plans.spreadsheets.importing.jobs import wait_a_moment
from plans.spreadsheets.importing.storage import NoRoom, used_bytes
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.views.form_recovery import kept, signed_in

MOST_PASTED = 1_000_000
"""Characters of a pasted table; a larger one comes as a file."""
PASTED = "Pasted table.txt"
CHOOSE_AGAIN = "Your file was not kept. Choose it again."
ONE_ONLY = "Choose one file at a time. You can import the others after it."
MOST_LISTED = 50
AROUND_BYTES = 100_000
"""As much as a form sends around its file, amply."""
PIECE_BYTES = 65_536


class BoundedUpload(FileUploadHandler):
    """Throws a file away that is larger than the limit, and all files of somebody who is not signed in.

    The fields of the form, such as the token, are kept. `request.is_upload_too_large` then says so.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.most_bytes, self.seen_bytes = Limits.from_settings().max_bytes, 0

    def receive_data_chunk(self, raw_data, start):
        """Pass a piece of the file on, or none of it any more."""
        self.seen_bytes += len(raw_data)
        if self.seen_bytes > self.most_bytes:
            self.request.is_upload_too_large = True
            raise SkipFile
        if not self.request.user.is_authenticated:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        """Return nothing: the handlers after this one keep the file."""


def bounded(view):
    """Let `view` take files, none of which is larger than what may be imported.

    What is announced as too large is read and thrown away piece by piece, since a browser shows no answer to what it
    could not send. `view` then finds nothing sent, and `request.is_upload_too_large`.
    """
    checked = csrf_protect(view)

    # The handlers have to be there before anything looks into the form; the check for its token would.
    @csrf_exempt
    @wraps(view)
    def receive(request, *args, **kwargs):
        if request.method != "POST":
            return checked(request, *args, **kwargs)
        request.is_upload_too_large = _is_hopeless(request)
        if request.is_upload_too_large:
            while request.read(PIECE_BYTES):
                pass
            # Without its fields it has no token, but then there is nothing that could be done with it, either.
            return view(request, *args, **kwargs)
        handlers = (load_handler(handler, request) for handler in settings.FILE_UPLOAD_HANDLERS)
        request.upload_handlers = [BoundedUpload(request), *handlers]
        return checked(request, *args, **kwargs)

    return receive


def _is_hopeless(request):
    length = request.META.get("CONTENT_LENGTH", "")
    return length.isdecimal() and int(length) > Limits.from_settings().max_bytes + AROUND_BYTES


def is_too_large(request):
    """Return whether a file of this request was too large, and thrown away; reads the request if nothing has."""
    return bool(request.FILES is not None and request.is_upload_too_large)


def content_of(file):
    """Return an uploaded file as (name, bytes)."""
    return file.name, file.read()


class OneFileInput(forms.FileInput):
    """A box that several files can be dropped on, since a box for one takes one of them and passes over the others."""

    allow_multiple_selected = True

    def __init__(self, attrs=None):
        super().__init__({"multiple": True, "data-one-only": ONE_ONLY, **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        """Return all files that were sent, as a list."""
        return files.getlist(name)


class OneFileField(forms.FileField):
    """One file. Several are refused, so that none is passed over in silence."""

    widget = OneFileInput

    def clean(self, data, initial=None):
        """Return the file."""
        if len(data) > 1:
            raise forms.ValidationError(ONE_ONLY)
        return super().clean(data[0] if data else None, initial)


class UploadForm(forms.Form):
    """A file to import. `limits` has `max_mb`, `max_bytes` and `check_size`, which raises `ValueError` in words.

    `is_too_large` says that the file was thrown away while it came in, as `bounded` does.
    """

    file = OneFileField(label="Spreadsheet", error_messages={"required": "Choose a file first."})

    def __init__(self, *args, limits, is_too_large=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.limits, self.is_too_large = limits, is_too_large
        self.fields["file"].widget.attrs["data-max"] = limits.max_bytes
        self.fields["file"].widget.attrs["data-too-large"] = self.too_large()

    def _clean_fields(self):
        # What was too large was thrown away while it came in, so that there is no file to say it of.
        if self.is_too_large:
            self.add_error("file", self.too_large())
        else:
            super()._clean_fields()

    def too_large(self):
        """Return what is said of a file that is too large."""
        try:
            self.limits.check_size(self.limits.max_bytes + 1)
        except UnreadableFile as refused:
            return str(refused)
        return ""


class PasteForm(forms.Form):
    """A table copied from a document or a spreadsheet, as tab-separated text."""

    text = forms.CharField(
        label="Table",
        max_length=MOST_PASTED,
        strip=False,
        widget=forms.Textarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=f"Copy it with its headings. {PRIVACY}",
        error_messages={
            "required": "Paste a table first.",
            "max_length": f"That is more than {MOST_PASTED:,} characters. Save it as a file and choose that.",
        },
    )

    def clean_text(self):
        """Return the table with its outer blanks, since a row may begin with a blank cell."""
        text = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text


@require_http_methods(["GET", "HEAD", "POST"])
@bounded
@never_cache
@signed_in
def import_list(request, plan_slug):
    """Return the box for a file and the earlier imports; a file that is sent is kept and checked, nothing changed."""
    plan, scope = get_plan_to_import(request.user, plan_slug)
    limits = Limits.from_settings()
    form, paste = UploadForm(limits=limits), PasteForm()
    if request.method == "POST":
        form, paste = _bound(request, limits)
        name, content = _received(form, paste)
        if content is not None:
            try:
                return _keep(request, plan, scope, name, content)
            except NoRoom as full:
                (paste if paste.is_bound else form).add_error("text" if paste.is_bound else "file", str(full))
    elif typed := kept(request):
        paste = PasteForm(typed) if typed.get("what") == "text" else paste
        if not paste.is_bound:
            messages.warning(request, CHOOSE_AGAIN)
    return _page(request, plan, scope, {"form": form, "paste": paste, "limits": limits})


def _keep(request, plan, scope, name, content):
    """Keep what came in and start its check, once; sent again, it leads to the page of the import that was made."""
    kept_files = []

    def keep():
        kept_files.append(workflow.keep_file(plan, content, name, by=request.user, scope=scope))
        return redirect("plans:import", plan.slug, kept_files[0].pk)

    response, _ = answer_once(request, keep)
    for source in kept_files:
        # Only now, since the job is a process of its own, which sees what is committed.
        jobs.start(source, "check")
        wait_a_moment(source)
    return response


def _bound(request, limits):
    """Return both forms, that one bound which was sent."""
    if request.POST.get("what") == "text":
        return UploadForm(limits=limits), PasteForm(request.POST)
    return UploadForm(request.POST, request.FILES, limits=limits, is_too_large=is_too_large(request)), PasteForm()


def _received(form, paste):
    """Return what came in, as (name, bytes); (name, None) when there is nothing, or it is refused."""
    if paste.is_bound:
        return PASTED, paste.cleaned_data["text"].encode() if paste.is_valid() else None
    if not form.is_valid():
        return "", None
    return content_of(form.cleaned_data["file"])


def _page(request, plan, scope, forms):
    is_of_updates = scope == ImportScope.UPDATES
    context = {
        "plan": plan,
        "section": "import",
        "is_of_updates": is_of_updates,
        "imports": visible_imports(request.user, plan).for_list()[:MOST_LISTED],
        "used_bytes": None if is_of_updates else used_bytes(plan),
        "quota_mb": settings.IMPORT_QUOTA_MB,
        "agencies": agencies_with_workbooks(request.user, plan, is_of_updates),
        **forms,
    }
    is_refused = any(form.is_bound for form in (forms["form"], forms["paste"])) and request.method == "POST"
    return render(request, "plans/import_list.html", context, status=400 if is_refused else 200)


def agencies_with_workbooks(user, plan, is_of_updates):
    """Return the agencies for which `user` can get a workbook to fill in: for an updater their own."""
    return agencies_of(user) if is_of_updates else Agency.objects.none()
