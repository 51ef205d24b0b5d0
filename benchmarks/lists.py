"""What a filtered list of a large plan takes, beside the bare view and the raw SQL of its rows and counts."""

from benchmarks.list_floor import QUERY, facets_statement, page_statement
from benchmarks.pages import AT_ONCE, asking
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

TARGET = "≤ 1 (of 10 × bare + 2 × SQL)"


def measure_list(figures, site, slug, activities):
    """Add to `figures` what the list of that plan takes, filtered by focus area, agency and words."""
    what = f"{activities:,} activities: filtered by focus, agency and words"
    attempt(figures, what, site.database.engine, TARGET, _in_turn, site, slug)


def _in_turn(site, slug):
    path = f"/plans/{slug}/activities/?{QUERY}"
    makers = [asking(site.bare, "/"), asking_database(site.database, slug), asking(site.address, path)]
    found = {}
    for name, count in AT_ONCE.items():
        bare, sql, ours = time_in_turn(makers, count, site.effort)
        found[name] = Pair(10 * bare + 2 * sql, ours)
    return found


def asking_database(database, slug):
    """Answer what makes callables that run the two statements, over a connection each."""
    statements = (page_statement(database.engine, slug), facets_statement(slug))

    def make():
        connection = database.connect()
        return lambda: [connection.execute(statement).fetchall() for statement in statements]

    return make
