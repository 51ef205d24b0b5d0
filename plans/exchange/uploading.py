"""Files that come in: never more of one than may be imported."""

from functools import wraps

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, load_handler
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from plans.exchange.files.limits import Limits


class BoundedUpload(FileUploadHandler):
    """Stops a file that is larger than the limit, and all files of somebody who is not signed in.

    What is left of it is read and thrown away, since a browser shows no answer to what it could not send.
    `request.is_upload_too_large` then says so. The fields before the file, such as the token, are kept.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.most_bytes, self.seen_bytes = Limits.from_settings().max_bytes, 0

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 - Django's name
        """Take the length that the browser announces at its word, if it is too large."""
        # Around the file there are the fields of the form: a few hundred bytes.
        self.is_hopeless = content_length > self.most_bytes + 100_000

    def receive_data_chunk(self, raw_data, start):
        """Pass a piece of the file on, or stop."""
        self.seen_bytes += len(raw_data)
        if self.is_hopeless or self.seen_bytes > self.most_bytes:
            self.request.is_upload_too_large = True
            raise StopUpload(connection_reset=False)
        if not self.request.user.is_authenticated:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size):
        """Answer nothing: the handlers after this one keep the file."""


def bounded(view):
    """Let `view` take files, none of which is larger than what may be imported."""
    checked = csrf_protect(view)

    # The handlers have to be there before anything looks into the form; the check for its token would.
    @csrf_exempt
    @wraps(view)
    def receive(request, *args, **kwargs):
        if request.method == "POST":
            request.is_upload_too_large = False
            request.upload_handlers = [
                BoundedUpload(request),
                *(load_handler(handler, request) for handler in settings.FILE_UPLOAD_HANDLERS),
            ]
        return checked(request, *args, **kwargs)

    return receive


def is_too_large(request):
    """Whether a file of this request was too large, so that it was thrown away; reads the request if nothing has."""
    return bool(request.FILES is not None and request.is_upload_too_large)


def content_of(file):
    """Answer an uploaded file as (name, bytes)."""
    return file.name, file.read()
