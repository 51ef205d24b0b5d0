"""Imports of spreadsheets, and the rows of their files."""

from typing import Self

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast


class ImportQuerySet(QuerySet):
    """Imports, the latest first."""

    def without_file(self) -> Self:
        """Return imports without the bytes of their files, which only reading and downloading them needs."""
        return self.defer("content")

    def for_list(self) -> Self:
        """Return what a list says of an import: plan and people. No query more."""
        return self.without_file().select_related("plan", "uploaded_by", "applied_by", "undone_by")


class ImportRowQuerySet(QuerySet):
    """The rows of imported files, in the order of the file; what is missing from a file comes last."""

    def that_count(self) -> Self:
        """Return rows that a finished check or import has written, none of a job that is at work or was stopped."""
        return self.filter(attempt=F("source__rows_attempt"))

    def ever_in_conflict(self) -> Self:
        """Return rows in which two values met, whether or not somebody has chosen between them since."""
        said = self.annotate(said=Cast("changes", TextField()))
        return said.filter(Q(has_conflict=True) | Q(said__contains='"is_conflict": true'))

    def for_page(self) -> Self:
        """Return what a page says of a row: the name of its activity, too. No query more."""
        return self.select_related("activity").defer("before", "after")
