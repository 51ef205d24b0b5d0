"""Room for uploads: how much the files of a plan may take up, and clearing away what was refused or discarded."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from plans.choices import ImportState
from plans.models import Import, ImportRow
from plans.spreadsheets.importing.rows import remove_uncounted_rows

MEGABYTE = 1_000_000
CLEARABLE = (ImportState.REFUSED, ImportState.DISCARDED)
NO_ROOM = (
    "There is no room for this file. The imported files of this plan may take up {most:,} MB, and {used:,} MB are in "
    "use. Discard files that are no longer needed, and ask the people who run this tracker to clear them."
)


class NoRoom(ValueError):
    """The files of a plan would take up more than they may; its text says so, and how to make room."""


def used_bytes(plan):
    """Return how many bytes the uploads of a plan take up that are not cleared. One query."""
    kept = Import.objects.filter(plan=plan, cleared_at=None)
    return kept.order_by().aggregate(total=Coalesce(Sum("size_bytes"), 0))["total"]


def require_room(plan, size_bytes):
    """Raise `NoRoom` when so many bytes more would be too many. One query."""
    used = used_bytes(plan)
    if used + size_bytes > settings.IMPORT_QUOTA_MB * MEGABYTE:
        raise NoRoom(NO_ROOM.format(most=settings.IMPORT_QUOTA_MB, used=round(used / MEGABYTE)))


def clearable(days):
    """Return the imports that were refused or discarded at least so many days ago, and not cleared yet."""
    # Whoever discards one leaves a sign of life; one that was refused has none.
    ended = Import.objects.annotate(ended_at=Coalesce("beat_at", "uploaded_at"))
    long_ago = now() - timedelta(days=days)
    return ended.filter(state__in=CLEARABLE, cleared_at=None, ended_at__lte=long_ago).without_file().order_by("pk")


def clear(source):
    """Remove the file and the rows of an import that was refused or discarded; return whether it still was.

    What remains is its name, size and checksum, who uploaded it and when, its counts, and why it was refused.
    """
    rows = Import.objects.filter(pk=source.pk, state__in=CLEARABLE, cleared_at=None)
    if not rows.update(content=b"", findings={}, cleared_at=now(), claim="", rows_attempt=source.rows_attempt + 1):
        return False
    source.refresh_from_db(fields=["rows_attempt", "cleared_at"])
    remove_uncounted_rows(source)
    return True


def clear_leftovers():
    """Remove the rows of cleared imports that are still there, since clearing was stopped half-way."""
    left = ImportRow.objects.filter(source__cleared_at__isnull=False).order_by().values_list("source", flat=True)
    for source in Import.objects.without_file().filter(pk__in=left.distinct()):
        remove_uncounted_rows(source)
