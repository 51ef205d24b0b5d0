"""What the plan checks of a large plan take, beside its filtered list."""

from benchmarks.list_floor import QUERY
from benchmarks.pages import AT_ONCE, asking
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

TARGET = "≤ 2 (of the filtered list)"


def measure_checks(figures, site, slug, activities):
    """Add to `figures` what the checks of all activities of that plan take."""
    what = f"{activities:,} activities: plan checks of all, signed in"
    attempt(figures, what, site.database.engine, TARGET, _in_turn, site, slug)


def _in_turn(site, slug):
    # A visitor's list has no filter by checks, whose counts would be what they are compared with.
    listed = asking(site.address, f"/plans/{slug}/activities/?{QUERY}")
    makers = [listed, asking(site.address, f"/plans/{slug}/checks/", site.database.cookies["reader"])]
    return {name: Pair(*time_in_turn(makers, count, site.effort)) for name, count in AT_ONCE.items()}
