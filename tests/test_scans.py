"""On PostgreSQL, what a page of one plan costs does not grow with the other plans: no query looks at all activities."""

import json
import re
from itertools import count

import pytest
from django.db import connection
from django.utils.timezone import localdate

from plans.models import Agency, FocusArea, Plan, PriorityArea

pytestmark = pytest.mark.postgresql_only
PLAN = "/plans/plan-7/"
PAGES = [
    PLAN,
    f"{PLAN}activities/",
    f"{PLAN}activities/?focus=supply&agency=police&q=word",
    f"{PLAN}activities/?sort=-updated&group=lead",
    f"{PLAN}activities/?freshness=never&role=lead&page=2",
    f"{PLAN}activities/12/",
    f"{PLAN}activities/12/history/",
    f"{PLAN}activities.csv?agency=msd",
    f"{PLAN}agencies/",
    f"{PLAN}agencies/police/",
    f"{PLAN}focus-areas/supply/",
    f"{PLAN}priority-areas/p1/",
    f"{PLAN}matrix/",
    f"{PLAN}about/",
    f"{PLAN}rounds/",
    f"{PLAN}barriers/",
    f"{PLAN}barriers/?agency=police",
    f"{PLAN}barriers.csv?agency=police",
    f"{PLAN}dates/?agency=police&due=late&sort=-days",
    f"{PLAN}dates.csv",
]
OF_UPDATERS = [
    PLAN,
    f"{PLAN}updates/",
    f"{PLAN}activities/12/update/",
    f"{PLAN}import/",
]
OF_ADMINS = [
    f"{PLAN}checks/?agency=police&q=word",
    f"{PLAN}checks.csv",
    f"{PLAN}activities/?checks=any&agency=police",
    f"{PLAN}activities/12/",
    f"{PLAN}activities/12/edit/",
    f"{PLAN}activities/12/history/",
    f"{PLAN}rounds/1/",
    f"{PLAN}rounds/1/chase/",
    f"{PLAN}agencies/police/fill-in.xlsx",
    f"{PLAN}import/",
]
WHOLE = {
    "plans_activity",
    "plans_activityagency",
    "plans_barrier",
    "plans_historicalactivity",
    "plans_statusupdate",
    "plans_subactivity",
}
PLANS, EACH = 1000, 100
WHOLE_NUMBER = "substr(number, 12)::integer"
COPIED = (
    "id, number, title, description, description_state, status, leads_differ, ending, ending_note, programme_rating,"
    " programme_rating_reason, as_printed, plan_id, focus_area_id, priority_area_id"
)
# Without looking up each key, which takes most of the time; the tables are as full as they would be.
FILL = f"""
SET LOCAL session_replication_role = replica;
INSERT INTO plans_plan (slug, name, short_name, programme, source, marking, is_published, is_current)
SELECT 'plan-' || n, 'Plan ' || n, 'Plan ' || n, '', '', 'unclassified', true, false FROM generate_series(1, {PLANS}) n;
INSERT INTO plans_activity (plan_id, number, title, description, focus_area_id, priority_area_id, description_state,
                            status, leads_differ, ending, ending_note, programme_rating, programme_rating_reason,
                            as_printed, search_text)
SELECT plan.id, lpad(n::text, 10, '0') || ' ' || n,
       'Title ' || n, 'Word', focus.id, priority.id, 'finalised', 'no_update', false, '', '', '', '', '{{}}',
       'title word'
FROM plans_plan plan, generate_series(1, {EACH}) n, plans_focusarea focus, plans_priorityarea priority
ORDER BY plan.id, n;
INSERT INTO plans_activityagency (activity_id, agency_id, role, position)
SELECT activity.id, agency.id, CASE agency.code WHEN 'police' THEN 'lead' ELSE 'support' END, 0
FROM plans_activity activity JOIN plans_agency agency ON (agency.code = 'police') = ({WHOLE_NUMBER} % 2 = 0)
ORDER BY activity.id;
INSERT INTO plans_subactivity (activity_id, position, text, footnote, is_done, search_text)
SELECT id, 0, 'Step', '', false, 'step' FROM plans_activity WHERE {WHOLE_NUMBER} % 4 = 0;
INSERT INTO plans_statusupdate (activity_id, kind, agency_id, author_id, status, is_no_change, what_happened,
                                whats_next, no_evidence_reason, barrier, needs_escalation, made_at)
SELECT id, 'report', 1, 1, 'on_track', false, 'Words', '', '', 'Money', false,
       now() - {WHOLE_NUMBER} * interval '1 minute'
FROM plans_activity WHERE {WHOLE_NUMBER} % 4 = 0;
INSERT INTO plans_barrier (activity_id, update_id, text, is_escalated, escalation_note, resolution_note)
SELECT activity_id, id, repeat('Money ', 60), false, '', '' FROM plans_statusupdate;
INSERT INTO plans_historicalactivity ({COPIED}, history_date, history_type)
SELECT {COPIED}, now() - {WHOLE_NUMBER} * interval '1 minute', '+'
FROM plans_activity WHERE {WHOLE_NUMBER} % 4 = 0;
SET LOCAL session_replication_role = origin;
ANALYZE plans_plan, {", ".join(sorted(WHOLE))};
"""


@pytest.fixture
def hundred_thousand(db, settings):
    """100,000 activities in 1,000 plans, an agency on each; on a fourth a sub-activity, a report and what follows."""
    settings.ROCC_OPEN_READING = True
    FocusArea.objects.create(code="SUPPLY", statement="Supply")
    PriorityArea.objects.create(code="P1", name="Enforcement")
    for code in ("police", "msd"):
        Agency.objects.create(code=code, name=code)
    with connection.cursor() as cursor:
        cursor.execute(FILL)


@pytest.fixture
def asked(hundred_thousand, visitor, make_updater, programme_admin):
    """[(who asks, address)], with an open round to ask about."""
    today = localdate()
    plan = Plan.objects.get(slug="plan-7")
    plan.rounds.create(pk=1, name="June quarter", opened_on=today, due_on=today)
    updater = make_updater("updater@police.example", "Police updater", "police")
    return [
        *((visitor, address) for address in PAGES),
        *((updater, address) for address in OF_UPDATERS),
        *((programme_admin, address) for address in OF_ADMINS),
    ]


def steps(plan):
    yield plan
    for one in plan.get("Plans", []):
        yield from steps(one)


def scans(query, values=None, *, is_kept=False):
    """The tables that a query reads from end to end, of those that grow with the plans.

    Where the server keeps how it goes about a query, it is looked at for any values.
    """
    if is_kept:
        numbers = count(1)
        query, values = re.sub("%s", lambda _: f"${next(numbers)}", query).replace("%%", "%"), None
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON{', GENERIC_PLAN' if is_kept else ''}) {query}", values)
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    found = steps(plan[0]["Plan"])
    return {one["Relation Name"] for one in found if one["Node Type"].endswith("Seq Scan")} & WHOLE


def selects(client, address):
    """What a page asks the database for: {query: (its values, whether the server keeps how it goes about it)}."""
    found = {}

    def note(execute, query, values, many, context):
        if query.startswith(("SELECT", "WITH")):
            found[query] = values, type(context["cursor"].cursor) is connection.Database.Cursor
        return execute(query, values, many, context)

    with connection.execute_wrapper(note):
        response = client.get(address)
        b"".join(response.streaming_content) if response.streaming else response.content
    assert (address, response.status_code) == (address, 200)
    return found


def test_no_page_of_a_plan_scans_all_activities(asked):
    found, kept, counted = set(), 0, 0
    for client, address in asked:
        for query, (values, is_kept) in selects(client, address).items():
            counted, kept = counted + 1, kept + is_kept
            if scanned := scans(query, values, is_kept=is_kept):
                found.add((address, query, *scanned))

    assert (counted > 150, kept > 70) == (True, True)
    assert found == set()
    # It would be told if one did.
    assert scans("SELECT count(*) FROM plans_activity WHERE title LIKE '%word%'") == {"plans_activity"}
