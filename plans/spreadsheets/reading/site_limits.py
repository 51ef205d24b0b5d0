"""How large a file may be that somebody brings: what the settings say."""

from typing import ClassVar

from django.conf import settings

from plans.spreadsheets.reading import limits as opening
from plans.spreadsheets.reading.limits import MEBIBYTE
from plans.spreadsheets.reading.table import UnreadableFile

__all__ = ["MEBIBYTE", "Limits", "read_limited"]


class Limits(opening.Limits):
    """The limits of this site. Each check raises `UnreadableFile` with a sentence."""

    refusal: ClassVar[type[Exception]] = UnreadableFile

    @classmethod
    def from_settings(cls):
        """Answer the limits of this site."""
        return cls(**settings.IMPORT_LIMITS)


def read_limited(file):
    """Answer the bytes of an open file. Raises `UnreadableFile` when it is too large, before all of it is read."""
    limits = Limits.from_settings()
    content = file.read(limits.max_bytes + 1)
    limits.check_size(len(content))
    return content
