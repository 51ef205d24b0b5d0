"""The process that marks the errors of one file: a request and the file come in, the bytes of a workbook go out.

It ends with 0 when the workbook is whole, and with something else when the file cannot be marked in this way.
"""

import gc
import sys
from dataclasses import replace

from django.apps import apps
from django.conf import settings

from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.protocol import NOT_THIS_WAY, OUT_OF_MEMORY, read_request, run_out_of_memory
from plans.spreadsheets.reading.xlsx import is_kept, refuse_what_is_no_plain_workbook
from plans.spreadsheets.reading.zip_archive import Archive

WORKBOOK_PART = "xl/workbook.xml"
PACKED = b"PK"
LARGEST_ORIGINAL_MB = 12
"""Unpacked: with the looks of its cells, a workbook of many small ones takes some twenty times as much memory."""

MODELS = {
    "SECRET_KEY": "none",
    "INSTALLED_APPS": [
        "plans.apps.ModelsConfig",
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "simple_history",
    ],
    "AUTH_USER_MODEL": "plans.User",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
}
"""As much of the settings as it takes to know the headings of a plan; no database, and none of the site's secrets."""


def main():
    """Read a request from standard input, and write the workbook to standard output."""
    gc.disable()
    request, content = read_request()
    try:
        workbook = WAYS[request["way"]](content, request)
    except UnreadableFile as refused:
        sys.exit(_because(refused))
    except BaseException as error:  # the library's panics are no `Exception`
        if run_out_of_memory(error):
            sys.exit(OUT_OF_MEMORY)
        raise
    sys.stdout.buffer.write(workbook)
    sys.stdout.flush()


def _because(error):
    """Say why the file is not marked in this way, and return how to end."""
    sys.stderr.write(f"{error}\n")
    return NOT_THIS_WAY


def _original(content, request):
    """Return the workbook as it looks, with its marks. Raise `UnreadableFile` for what is none, or too large a one."""
    limits = Limits.from_request(request)
    if not content.startswith(PACKED):
        raise UnreadableFile("It is no Excel workbook.")
    narrow = replace(limits, max_unpacked_mb=min(LARGEST_ORIGINAL_MB, limits.max_unpacked_mb))
    archive = Archive(content, narrow, is_kept)
    if WORKBOOK_PART not in archive.names:
        raise UnreadableFile("It is no Excel workbook.")
    refuse_what_is_no_plain_workbook(archive)
    del archive
    _know_the_plan()
    from plans.spreadsheets.writing.error_copy import Marks  # noqa: PLC0415
    from plans.spreadsheets.writing.error_copy_original import mark_original  # noqa: PLC0415 - once the models are known

    return mark_original(content, request["sheet"], Marks.from_dict(request["marks"]), limits)


def _copy(content, request):
    """Return a plain table of what the file says. Raises `UnreadableFile` when it cannot be read any more."""
    _know_the_plan()
    from plans.spreadsheets.reading.read import read_table  # noqa: PLC0415
    from plans.spreadsheets.writing.error_copy import Marks, write_copy  # noqa: PLC0415

    table = read_table(content, "", sheet=request["sheet"], limits=Limits.from_request(request))
    return write_copy(table, Marks.from_dict(request["marks"]))


def _list(content, request):
    """Return a workbook of nothing but the list of errors."""
    _know_the_plan()
    from plans.spreadsheets.writing.error_copy import Marks, write_list  # noqa: PLC0415

    return write_list(Marks.from_dict(request["marks"]))


WAYS = {"original": _original, "copy": _copy, "list": _list}


def _know_the_plan():
    if not settings.configured:
        settings.configure(**MODELS)
        apps.populate(settings.INSTALLED_APPS)
