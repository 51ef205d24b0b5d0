"""Files that come in: never more of one than may be imported."""

from functools import wraps

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, load_handler
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from plans.spreadsheets.reading.site_limits import Limits

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
        """Answer nothing: the handlers after this one keep the file."""


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
    """Whether a file of this request was too large, so that it was thrown away; reads the request if nothing has."""
    return bool(request.FILES is not None and request.is_upload_too_large)


def content_of(file):
    """Answer an uploaded file as (name, bytes)."""
    return file.name, file.read()
