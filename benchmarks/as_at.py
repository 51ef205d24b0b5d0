"""What pages and a file take as at an earlier day, beside the same of today, in a plan with a long history."""

from contextlib import closing

from benchmarks.databases import SQLITE
from benchmarks.list_floor import QUERY
from benchmarks.pages import AT_ONCE, asking
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

VERSIONS = 50
DAYS_APART = 22
"""Fifty versions in three years."""
DAY = "2026-11-15"
"""As at which it is asked for: after some twenty of the versions."""
SHARED = ("plans_historicalagency", "plans_historicalfocusarea", "plans_historicalpriorityarea")
CHANGED_SINCE = {
    "plans_historicalactivityagency": "id, activity_id, agency_id, role, position",
    "plans_historicalsubactivity": "id, activity_id, position, text, footnote, due_on, is_done, done_on, withdrawn_on",
}
PAGES = {
    "overview": "",
    "filtered list": f"activities/?{QUERY}",
    "CSV": "activities.csv",
}


def make_history(database):
    """Give each activity of `database` fifty versions in three years; every tenth had another title then."""
    with closing(database.connect()) as connection:
        found = connection.execute("SELECT * FROM plans_historicalactivity LIMIT 0").description
        columns = [name for name, *_ in found if not name.startswith("history_")]
        for statement in _statements(database.engine, columns):
            connection.execute(statement)


def _statements(engine, columns):
    was = {
        "title": "CASE WHEN old.id % 10 = 0 THEN old.title || ' then' ELSE old.title END",
        "status": "(SELECT status FROM plans_activity WHERE plans_activity.id = old.id)",
    }
    # What all plans share is loaded today, and was there before.
    yield from (f"UPDATE {table} SET history_date = '2025-06-30 00:00:00+00:00'" for table in SHARED)
    yield (
        f"WITH RECURSIVE version(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM version WHERE n < {VERSIONS})"
        f" INSERT INTO plans_historicalactivity ({', '.join(columns)}, history_type, history_date)"
        f" SELECT {', '.join(was.get(name, f'old.{name}') for name in columns)}, '~',"
        # Not all on one day.
        f" {_days_later(engine, f'version.n * {DAYS_APART} + old.id % {DAYS_APART}')}"
        " FROM plans_historicalactivity AS old, version WHERE old.history_type = '+'"
    )
    # Each of these changed since, so that none is taken for what it is today.
    for table, kept in CHANGED_SINCE.items():
        yield (
            f"INSERT INTO {table} ({kept}, history_type, history_date)"
            f" SELECT {kept}, '~', {_days_later(engine, '700')} FROM {table} AS old"
            " WHERE history_type = '+' AND id % 20 = 0"
        )
    yield "ANALYZE"


def _days_later(engine, days):
    if engine == SQLITE:
        return f"strftime('%Y-%m-%d %H:%M:%S', old.history_date, '+' || ({days}) || ' days')"
    return f"old.history_date + ({days}) * interval '1 day'"


def measure_as_at(figures, site, slug, activities, most):
    """Add to `figures` what pages of that plan take as at an earlier day, beside the same pages of today."""
    for name, path in PAGES.items():
        what = f"{activities:,} activities, {activities * VERSIONS:,} entries of history: {name} as at a day"
        attempt(figures, what, site.database.engine, f"≤ {most} (of today's)", _in_turn, site, f"/plans/{slug}/{path}")


def _in_turn(site, path):
    then = f"{path}{'&' if '?' in path else '?'}at={DAY}"
    plain = {"Accept_Encoding": "identity"}
    makers = [asking(site.address, path, **plain), asking(site.address, then, **plain)]
    return {name: Pair(*time_in_turn(makers, count, site.effort)) for name, count in AT_ONCE.items() if count == 1}
