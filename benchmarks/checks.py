"""What the plan checks of a large plan take, beside its filtered list, to somebody who is signed in."""

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
    reader = site.database.cookies["reader"]
    paths = (f"/plans/{slug}/activities/?{QUERY}", f"/plans/{slug}/checks/")
    makers = [asking(site.address, path, reader) for path in paths]
    return {name: Pair(*time_in_turn(makers, count, site.effort)) for name, count in AT_ONCE.items()}
