"""Whether the tricks for speed are on: the one place that each of them asks."""

from django.conf import settings

PREPARED_QUERIES = "prepared queries"
CACHED_FRAGMENTS = "cached fragments"
CONDITIONAL_PAGES = "conditional pages"
EXCEL_LINES = "lines of Excel"


def is_on(trick):
    """Return whether to use a trick. With `ROCC_FAST=off` none is used: every answer is the same, only slower."""
    return settings.ROCC_FAST
