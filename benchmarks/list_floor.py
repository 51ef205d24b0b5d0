"""The floor for lists: the raw SQL of a filtered page, and of the counts behind its filters, in one statement each.

Both say what the page says, by the same rules: words are looked for in activities, their sub-activities and the names
of their agencies; a unit counts for its parent and a group for its members; freshness goes by the open round.
"""

from django.utils.timezone import localdate

from benchmarks.databases import POSTGRESQL
from benchmarks.names import OPEN_ROUND
from plans.querysets.due_dates import SOON

FOCUS, AGENCY, WORDS = "demand", "police", ("whanau", "plan")
QUERY = f"focus={FOCUS}&agency={AGENCY}&q={'+'.join(WORDS)}"
ROWS = 50

_STANDING = """standing (named, credited) AS (
    SELECT id, id FROM plans_agency
    UNION SELECT id, parent_id FROM plans_agency WHERE parent_id IS NOT NULL
    UNION SELECT from_agency_id, to_agency_id FROM plans_agency_members
)"""
_LINKS = "plans_activityagency link JOIN standing ON standing.named = link.agency_id"
_AGENCY = f"(SELECT id FROM plans_agency WHERE code = '{AGENCY}')"
_FOCUS = f"(SELECT id FROM plans_focusarea WHERE lower(code) = '{FOCUS}')"
_INVOLVED = f"EXISTS (SELECT 1 FROM {_LINKS} WHERE link.activity_id = activity.id AND standing.credited = {_AGENCY})"
_REPORTS = (
    "SELECT 1 FROM plans_statusupdate said WHERE said.activity_id = activity.id AND said.kind = 'report'"
    " AND said.retracted_at IS NULL"
)


def _has_word(word):
    found = f"LIKE '%{word}%'"
    return f"""(activity.search_text {found}
    OR EXISTS (SELECT 1 FROM plans_subactivity item
        WHERE item.activity_id = activity.id AND item.withdrawn_on IS NULL AND item.search_text {found})
    OR EXISTS (SELECT 1 FROM plans_activityagency link JOIN plans_agency agency ON agency.id = link.agency_id
        WHERE link.activity_id = activity.id AND (agency.search_text {found}
            OR agency.id IN (SELECT agency_id FROM plans_agencyalias WHERE key {found}))))"""


def _searched(slug):
    words = " AND ".join(map(_has_word, WORDS))
    return (
        f"activity.plan_id = (SELECT id FROM plans_plan WHERE slug = '{slug}') AND activity.withdrawn_on IS NULL"
        f" AND {words}"
    )


def _due_state():
    today, soon = localdate(), localdate() + SOON
    return (
        "CASE WHEN due_on IS NULL THEN 'none' WHEN status = 'complete' OR ending <> '' THEN ''"
        f" WHEN due_on < '{today}' THEN 'late' WHEN due_on <= '{soon}' THEN 'soon' ELSE 'later' END"
    )


def page_statement(engine, slug):
    """The statement for the first `ROWS` activities of a plan that the filters leave, with all that their rows show."""
    joined = "string_agg" if engine == POSTGRESQL else "group_concat"
    return f"""
WITH {_STANDING}
SELECT CAST(substr(activity.number, 12) AS bigint), activity.title, activity.status, activity.description_state,
    focus.statement, priority.name,
    (SELECT {joined}(agency.name || ' ' || link.role, '; ') FROM plans_activityagency link
        JOIN plans_agency agency ON agency.id = link.agency_id WHERE link.activity_id = activity.id),
    (SELECT max(said.made_at) FROM plans_statusupdate said WHERE said.activity_id = activity.id
        AND said.kind <> 'note' AND said.retracted_at IS NULL)
FROM plans_activity activity
JOIN plans_focusarea focus ON focus.id = activity.focus_area_id
JOIN plans_priorityarea priority ON priority.id = activity.priority_area_id
WHERE {_searched(slug)} AND activity.focus_area_id = {_FOCUS} AND {_INVOLVED}
ORDER BY focus.position, focus.code, activity.number LIMIT {ROWS}
"""


def facets_statement(slug):
    """The statement for the counts behind the filters, given the others: rows of (filter, value, count).

    Values are ids of areas and agencies as text, and values of statuses, states, freshness, due dates, ratings,
    endings, roles, and whether leads differ; "all" is how many activities there are.
    """
    return f"""
WITH {_STANDING},
searched AS MATERIALIZED (
    SELECT activity.id, focus_area_id, priority_area_id, status, ending, description_state, {_due_state()} AS due,
        CASE WHEN leads_differ THEN 'yes' ELSE '' END AS leads,
        CASE WHEN programme_rating = '' THEN 'none' WHEN programme_rating = status THEN 'same' ELSE 'differs' END
            AS rating,
        CASE WHEN status = 'complete' OR ending <> '' OR EXISTS ({_REPORTS} AND said.round_id =
                (SELECT id FROM plans_reportinground WHERE plan_id = activity.plan_id AND name = '{OPEN_ROUND}'))
            THEN 'current' WHEN EXISTS ({_REPORTS}) THEN 'overdue' ELSE 'never' END AS freshness,
        focus_area_id = {_FOCUS} AS in_focus, {_INVOLVED} AS in_agency
    FROM plans_activity activity WHERE {_searched(slug)}
),
found AS MATERIALIZED (
    SELECT searched.*, CASE WHEN ending = '' AND (status = 'off_track' OR due = 'late' OR freshness <> 'current'
        OR description_state = 'to_be_finalised'
        OR EXISTS (SELECT 1 FROM plans_barrier barrier
            WHERE barrier.activity_id = searched.id AND barrier.is_escalated AND barrier.resolved_at IS NULL)
        OR NOT EXISTS (SELECT 1 FROM plans_activityagency link
            WHERE link.activity_id = searched.id AND link.role = 'lead'))
        THEN 'any' ELSE '' END AS attention
    FROM searched WHERE in_focus AND in_agency
),
linked AS MATERIALIZED (
    SELECT searched.id, link.role, standing.credited FROM {_LINKS}
    JOIN searched ON searched.id = link.activity_id
    WHERE in_focus
)
SELECT 'all', '', count(*) FROM found
UNION ALL SELECT 'focus', CAST(focus_area_id AS text), count(*) FROM searched WHERE in_agency GROUP BY 2
UNION ALL SELECT 'priority', CAST(priority_area_id AS text), count(*) FROM found GROUP BY 2
UNION ALL SELECT 'status', status, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'description', description_state, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'freshness', freshness, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'attention', attention, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'due', due, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'rating', rating, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'ending', ending, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'leads_differ', leads, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'agency', CAST(credited AS text), count(DISTINCT id) FROM linked GROUP BY 2
UNION ALL SELECT 'role', role, count(DISTINCT id) FROM linked WHERE credited = {_AGENCY} GROUP BY 2
"""
