"""How sizes and counts of an import are told."""

from django import template

from plans.spreadsheets.importing.outcome import rows_within
from plans.spreadsheets.pages.summary import ImportSummary

register = template.Library()
register.filter("rows_within", rows_within)

KILOBYTE, MEGABYTE = 1_000, 1_000_000


@register.filter
def size(count_bytes):
    """Return a number of bytes as people say it: "850 bytes", "12 kB", "1.4 MB"."""
    if count_bytes < KILOBYTE:
        return f"{count_bytes} bytes"
    if count_bytes < MEGABYTE:
        return f"{count_bytes / KILOBYTE:.0f} kB"
    return f"{count_bytes / MEGABYTE:.1f} MB"


@register.filter
def thousands(count):
    """Return a whole number with its thousands parted: "10,000"."""
    return f"{count:,}"


@register.filter
def changes_in_words(source):
    """Return what an import made and changed, in a few words: "2 new, 12 changed"; takes an `Import`."""
    summary = ImportSummary(source)
    created, updated = summary.count("created"), summary.count("updated")
    return ", ".join([*([f"{created:,} new"] if created else []), f"{updated:,} changed"])
