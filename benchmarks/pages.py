"""What the pages of the Year Two plan take, beside the bare view."""

from dataclasses import dataclass

from benchmarks.client import Connection
from benchmarks.table import attempt
from benchmarks.timing import Effort, Pair, time_in_turn

PLAN = "/plans/year-two/"
PAGES = {
    "overview": PLAN,
    "activities": f"{PLAN}activities/",
    "activity": f"{PLAN}activities/3/",
    "agency": f"{PLAN}agencies/police/",
}
AT_ONCE = {"alone": 1, "crowded": 8}


@dataclass(frozen=True)
class Site:
    """A served site on a database, the bare view beside it, and how long to look at each."""

    address: str
    bare: str
    database: object
    effort: Effort


def measure_pages(figures, site):
    """Add to `figures` what each page takes a visitor and a reader, uncached and with the tag of an unchanged page."""
    for name, path in PAGES.items():
        for person, cookie in (("visitor", ""), ("signed in", site.database.cookies["reader"])):
            for how, make, most in (("", asking, 10), (", unchanged", asking_again, 3)):
                what = f"Year Two: {name}, {person}{how}"
                attempt(
                    figures, what, site.database.engine, f"≤ {most}", in_turn, site, make(site.address, path, cookie)
                )


def in_turn(site, make_ours):
    """Answer {"alone": Pair, "crowded": Pair} of what `make_ours` takes beside the bare view."""
    makers = [asking(site.bare, "/"), make_ours]
    return {name: Pair(*time_in_turn(makers, count, site.effort)) for name, count in AT_ONCE.items()}


def asking(address, path, cookie="", **headers):
    """Answer what makes callables that ask for a page, over a connection each, and expect to get it."""

    def make():
        connection = Connection(address, cookie)
        return lambda: expect(200, connection.get(path, **headers), path)

    return make


def asking_again(address, path, cookie=""):
    """Answer what makes callables that ask for a page as one who has it already, and expect to hear so."""

    def make():
        connection = Connection(address, cookie)
        tag = expect(200, connection.get(path), path).header("ETag")
        if tag is None:
            raise RuntimeError("the page has no ETag")
        return lambda: expect(304, connection.get(path, If_None_Match=tag), path)

    return make


def expect(status, answer, path):
    """Answer `answer`; raises `RuntimeError` when it has another status."""
    if answer.status != status:
        raise RuntimeError(f"{path} was answered with {answer.status}, not {status}")
    return answer
