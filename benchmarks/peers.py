"""What lists of large plans and an activity take, beside stock Django's admin over the same rows."""

import re

from benchmarks.client import Connection
from benchmarks.pages import asking, expect
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

FOCUS, AGENCY, WORD = "demand", "police", "whanau"
LISTS = {"filtered by focus, lead and a word": f"?focus={FOCUS}&agency={AGENCY}&role=lead&q={WORD}", "whole list": ""}
STOCK = {"with counts of five facets": "facets", "without counts": "plain"}
TARGET = "≤ 1"
COUNTED = re.compile(r'id="count"[^>]*>([\d,]+) of|([\d,]+) result|([\d,]+) activit')
"""How many there are, in the words of ours, and of stock's with and without a search."""


def measure_peers(figures, ours, stock, database, slug, activities, effort):
    """Add to `figures` what pages of that plan take at the address `ours`, beside the same at `stock`."""
    ids = _ids(database, slug)
    for name, query in LISTS.items():
        path = f"/plans/{slug}/activities/{query}"
        for how, site in STOCK.items():
            what = f"{activities:,} activities: {name}, beside stock {how}"
            peer = f"/{site}/plans/activity/?{_stock_query(ids, bool(query))}"
            attempt(figures, what, database.engine, TARGET, _lists_in_turn, (stock, peer), (ours, path), effort)
    path, peer = f"/plans/{slug}/activities/7/", f"/plain/plans/activity/{ids['activity']}/change/"
    what = f"{activities:,} activities: one activity, beside stock's form"
    attempt(figures, what, database.engine, TARGET, _in_turn, (stock, peer), (ours, path), effort)


def _ids(database, slug):
    """Return what stock's addresses call what ours call by name: {name: ids}. An agency comes with units and groups."""
    agency = f"(SELECT id FROM plans_agency WHERE lower(code) = '{AGENCY}')"
    statements = {
        "plan": f"SELECT id FROM plans_plan WHERE slug = '{slug}'",
        "focus": f"SELECT id FROM plans_focusarea WHERE lower(code) = '{FOCUS}'",
        "agencies": f"SELECT id FROM plans_agency WHERE id = {agency} OR parent_id = {agency}"
        f" UNION SELECT from_agency_id FROM plans_agency_members WHERE to_agency_id = {agency}",
        "activity": "SELECT activity.id FROM plans_activity activity JOIN plans_plan plan ON plan.id = plan_id"
        f" WHERE slug = '{slug}' AND number = '0000000007 7'",
    }
    return {name: ",".join(str(row[0]) for row in database.rows(said)) for name, said in statements.items()}


def _stock_query(ids, is_filtered):
    query = f"plan__id__exact={ids['plan']}&withdrawn_on__isnull=True"
    if is_filtered:
        query += f"&focus_area__id__exact={ids['focus']}"
        query += f"&agency_links__agency__in={ids['agencies']}&agency_links__role=lead&q={WORD}"
    return query


def _lists_in_turn(peer, ours, effort):
    counts = [_count(*one) for one in (peer, ours)]
    if len(set(counts)) > 1:
        raise RuntimeError(f"stock finds {counts[0]} activities where ours finds {counts[1]}")
    return _in_turn(peer, ours, effort)


def _in_turn(peer, ours, effort):
    return {"alone": Pair(*time_in_turn([asking(*peer), asking(*ours)], 1, effort))}


def _count(address, path):
    """Return how many activities the page of a list says there are."""
    text = expect(200, Connection(address).get(path), path).text
    # What comes first in the pattern says it best: facets of ours speak of activities, too.
    found = min(COUNTED.finditer(text), key=lambda one: one.lastindex)
    return int(found[found.lastindex].replace(",", ""))
