"""What comparing a large plan at two moments takes, beside its CSV, which goes through all activities once as well."""

from benchmarks.pages import asking
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

TARGET = "≤ 6 (of its CSV)"
FROM = "2026-03-31"
"""After plans of benchmarks were made, and before now."""


def measure_comparison(figures, site, slug, activities):
    """Add to `figures` what the first page of changes of that plan takes."""
    what = f"{activities:,} activities: compared with {FROM}"
    attempt(figures, what, site.database.engine, TARGET, _in_turn, site, slug)


def _in_turn(site, slug):
    plain = {"Accept_Encoding": "identity"}
    paths = (f"/plans/{slug}/activities.csv", f"/plans/{slug}/compare/?from={FROM}")
    makers = [asking(site.address, path, **plain) for path in paths]
    # Alone: several at once would wait for each other for seconds.
    return {"alone": Pair(*time_in_turn(makers, 1, site.effort))}
