"""On PostgreSQL, what a page of one plan costs does not grow with the other plans: no query looks at all activities."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.models import Agency, FocusArea, PriorityArea

pytestmark = pytest.mark.postgresql_only
PLAN = "/plans/plan-7/"
PAGES = [
    PLAN,
    f"{PLAN}activities/",
    f"{PLAN}activities/?focus=supply&agency=police&q=word",
    f"{PLAN}activities/?sort=-updated&group=lead",
    f"{PLAN}activities/?freshness=never&role=lead&page=2",
    f"{PLAN}activities/12/",
    f"{PLAN}activities.csv?agency=msd",
    f"{PLAN}agencies/",
    f"{PLAN}agencies/police/",
    f"{PLAN}focus-areas/supply/",
    f"{PLAN}priority-areas/p1/",
    f"{PLAN}matrix/",
    f"{PLAN}about/",
    f"{PLAN}rounds/",
    f"{PLAN}barriers/",
]
WHOLE = {"plans_activity", "plans_activityagency", "plans_subactivity"}
PLANS, EACH = 200, 500
# Without looking up each key, which takes most of the time; the tables are as full as they would be.
FILL = f"""
SET LOCAL session_replication_role = replica;
INSERT INTO plans_plan (slug, name, short_name, programme, source, marking, is_published, is_current)
SELECT 'plan-' || n, 'Plan ' || n, 'Plan ' || n, '', '', 'unclassified', true, false FROM generate_series(1, {PLANS}) n;
INSERT INTO plans_activity (plan_id, number, title, description, focus_area_id, priority_area_id, description_state,
                            status, as_printed, search_text)
SELECT plan.id, n, 'Title ' || n, 'Word', focus.id, priority.id, 'finalised', 'no_update', '{{}}', 'title word'
FROM plans_plan plan, generate_series(1, {EACH}) n, plans_focusarea focus, plans_priorityarea priority
ORDER BY plan.id, n;
INSERT INTO plans_activityagency (activity_id, agency_id, role, position)
SELECT activity.id, agency.id, CASE agency.code WHEN 'police' THEN 'lead' ELSE 'support' END, 0
FROM plans_activity activity, plans_agency agency ORDER BY activity.id;
INSERT INTO plans_subactivity (activity_id, position, text, footnote, is_done, search_text)
SELECT id, 0, 'Step', '', false, 'step' FROM plans_activity;
SET LOCAL session_replication_role = origin;
ANALYZE plans_plan; ANALYZE plans_activity; ANALYZE plans_activityagency; ANALYZE plans_subactivity;
"""


@pytest.fixture
def hundred_thousand(db, settings):
    """100,000 activities in 200 plans, two agencies and a sub-activity on each."""
    settings.ROCC_OPEN_READING = True
    FocusArea.objects.create(code="SUPPLY", statement="Supply")
    PriorityArea.objects.create(code="P1", name="Enforcement")
    for code in ("police", "msd"):
        Agency.objects.create(code=code, name=code)
    with connection.cursor() as cursor:
        cursor.execute(FILL)


def steps(plan):
    yield plan
    for one in plan.get("Plans", []):
        yield from steps(one)


def scans(query):
    """The tables that a query reads from end to end, of those that grow with the plans."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    found = steps(plan[0]["Plan"])
    return {one["Relation Name"] for one in found if one["Node Type"].endswith("Seq Scan")} & WHOLE


def test_no_page_of_a_plan_scans_all_activities(hundred_thousand, client):
    found, asked = {}, 0
    for address in PAGES:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
            b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200
        selects = [one["sql"] for one in queries if one["sql"].startswith("SELECT")]
        asked += len(selects)
        found |= {(address, sql): scanned for sql in selects if (scanned := scans(sql))}

    assert asked > 60
    assert found == {}
    # It would be told if one did.
    assert scans("SELECT count(*) FROM plans_activity WHERE title LIKE '%word%'") == {"plans_activity"}
