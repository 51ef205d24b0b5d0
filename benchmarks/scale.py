"""What pages take among a thousand plans, beside the same pages of the same plan by itself."""

from benchmarks.list_floor import QUERY
from benchmarks.pages import AT_ONCE, asking
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

PAGES = {
    "overview": "",
    "activities": "activities/",
    "activities, filtered": f"activities/?{QUERY}",
    "activities, fourth page": "activities/?page=4",
    "activities by last update": "activities/?sort=-updated",
    "activity": "activities/101/",
    "history of an activity": "activities/101/history/",
    "focus area": "focus-areas/demand/",
    "priority area": "priority-areas/p4/",
    "agencies": "agencies/",
    "agency": "agencies/police/",
    "matrix": "matrix/",
    "barriers": "barriers/",
    "about": "about/",
}
SIGNED_IN = {"reporting rounds": "rounds/", "my updates": "updates/"}


def measure_scale(figures, small, large, place, plans):
    """Add to `figures` what each page of the plan at `place` takes in the `large` site beside the `small` one."""
    addresses = {name: (f"/plans/plan-{place}/{path}", "") for name, path in PAGES.items()}
    addresses |= {name: (f"/plans/plan-{place}/{path}", "updater") for name, path in SIGNED_IN.items()}
    addresses["list of plans"] = ("/plans/", "")
    for name, (path, person) in addresses.items():
        what = f"among {plans:,} plans: {name}"
        attempt(figures, what, small.database.engine, "≤ 1.2", _in_turn, small, large, path, person)


def _in_turn(small, large, path, person):
    makers = [asking(site.address, path, site.database.cookies.get(person, "")) for site in (small, large)]
    return {name: Pair(*time_in_turn(makers, count, small.effort)) for name, count in AT_ONCE.items()}
