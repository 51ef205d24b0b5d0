"""The file that somebody brought, with what has to be mended marked in it, so that it can be mended and sent again."""

from dataclasses import asdict
from tempfile import TemporaryFile

from django.conf import settings

from plans.spreadsheets.reading.processes import limited_process, take_turn
from plans.spreadsheets.reading.site_limits import Limits
from plans.spreadsheets.writing.marks import read_marks

MODULE = "plans.spreadsheets.writing.marking_child"
WAYS = {"original": 15, "copy": 60, "list": 15}
"""{how a file is marked: for how many seconds at most}; tried in this order until one succeeds."""

MOST_WAIT_SECONDS = 10


def write_marked(source):
    """Return an open file with an Excel workbook: the file of an `Import` that was checked, with its errors marked.

    An Excel workbook keeps its sheets and its looks, but formulas give way to their values. A very large one, and a
    file of another kind, comes as a plain table. A file that cannot be read within its limits any more comes as the
    list of its errors alone. Whatever is done with the bytes of the file, a limited process does it. Raises `NoTurn`
    while too many others have theirs marked. Two queries.
    """
    limits = Limits.from_settings()
    request = {**asdict(limits), "sheet": source.findings.get("sheet", ""), "marks": asdict(read_marks(source))}
    content = bytes(source.content)
    with take_turn("marking", places=settings.IMPORT_JOBS_AT_ONCE, wait_seconds=MOST_WAIT_SECONDS):
        for way, seconds in WAYS.items():
            file = TemporaryFile()  # noqa: SIM115 - whoever asked for it reads it
            about = {"way": way, "max_seconds": min(seconds, limits.max_seconds)}
            if _mark({**request, **about}, content if way != "list" else b"", file):
                file.seek(0)
                return file
            file.close()
    raise RuntimeError("Not even a list of errors could be written.")


def _mark(request, content, file):
    """Have a process write the workbook; return whether it did."""
    with limited_process(MODULE, request, content, stdout=file, is_leader=True) as child:
        pass
    return child.returncode == 0
