"""The statements that make the rows of a data set, each for all plans of `bench_plan`, and alike on both engines.

They draw on temporary tables: `bench_plan` (id, place), `bench_number` (n, from 1 to the activities of a plan),
`bench_phrase` (kind, place, text, folded), `bench_moment` (round, place, moment), and agencies and areas as (place,
id). Places count from 0.
"""

from benchmarks.names import OPEN_ROUND, PREVIOUS_ROUND
from benchmarks.vocabulary import BEGINNINGS
from plans.models import Activity, ActivityAgency, Barrier, Plan, ReportingRound, StatusUpdate, SubActivity

LINKS_PER_ACTIVITY = 5
SEED = 17
PHRASES = len(BEGINNINGS)
CHANGED_AT = "2026-06-20 00:00:00"
_NUMBERED = "CREATE TEMPORARY TABLE bench_{} AS SELECT row_number() OVER (ORDER BY {}) - 1 AS place, id FROM plans_{}"
SCAFFOLDING = (
    "CREATE TEMPORARY TABLE bench_plan (id bigint PRIMARY KEY, place bigint)",
    "CREATE TEMPORARY TABLE bench_number (n bigint PRIMARY KEY)",
    "CREATE TEMPORARY TABLE bench_phrase (kind text, place bigint, text text, folded text, PRIMARY KEY (kind, place))",
    "CREATE TEMPORARY TABLE bench_moment (round text, place bigint, moment timestamptz, PRIMARY KEY (round, place))",
    _NUMBERED.format("focus", "position, code", "focusarea"),
    _NUMBERED.format("priority", "position, code", "priorityarea"),
    _NUMBERED.format("agency", "code", "agency"),
)
# Where most of the rows go; the history of an update is the update itself.
TABLES = [model._meta.db_table for model in (Activity, ActivityAgency, SubActivity, StatusUpdate, Barrier)]
TABLES += [model.history.model._meta.db_table for model in (Activity, ActivityAgency, SubActivity)]
TEMPORARY = ("plan", "number", "phrase", "moment", "focus", "priority", "agency")
# A number is kept as text that sorts naturally, "0000000007 7".
STORED = "substr(CAST(10000000000 + {0} AS text), 2) || ' ' || {0}"
WHOLE = "CAST(substr({}, 12) AS bigint)"
NUMBER = WHOLE.format("activity.number")
OF_PLANS = "plans_activity activity JOIN bench_plan plan ON plan.id = activity.plan_id"


def _hash(number):
    # Primes spread the numbers over the vocabulary, so that its parts do not go round together.
    return f"(({number} * 7919 + plan.place * 104729 + {SEED}) % 99991)"


def _status(number):
    return (
        f"CASE WHEN {number} % 4 = 0 THEN 'no_update' ELSE CASE {number} * 7 % 6 WHEN 0 THEN 'not_started'"
        " WHEN 1 THEN 'on_track' WHEN 2 THEN 'at_risk' WHEN 3 THEN 'off_track' WHEN 4 THEN 'complete'"
        " ELSE 'paused' END END"
    )


# SQLite takes the tables of a CROSS JOIN in the order in which they are written, which is the quick one.
ACTIVITIES = f"""
WITH line AS (
    SELECT plan.id AS plan_id, plan.place, number.n AS number, {_hash("number.n")} AS h
    FROM bench_plan plan CROSS JOIN bench_number number
)
INSERT INTO plans_activity (plan_id, number, title, description, focus_area_id, priority_area_id, description_state,
    status, leads_differ, ending, ending_note, programme_rating, programme_rating_reason, as_printed, search_text)
SELECT line.plan_id, {STORED.format("line.number")}, beginning.text || ' ' || ending.text,
    one.text || ' ' || two.text || ' ' || three.text, focus.id, priority.id,
    CASE WHEN line.number % 10 = 6 THEN 'to_be_finalised' ELSE 'finalised' END, {_status("line.number")},
    FALSE, '', '', '', '', '{{}}',
    beginning.folded || ' ' || ending.folded || ' ' || one.folded || ' ' || two.folded || ' ' || three.folded
FROM line
CROSS JOIN bench_phrase beginning CROSS JOIN bench_phrase ending
CROSS JOIN bench_phrase one CROSS JOIN bench_phrase two CROSS JOIN bench_phrase three
CROSS JOIN bench_focus focus CROSS JOIN bench_priority priority
WHERE beginning.kind = 'beginning' AND beginning.place = line.h % {PHRASES}
AND ending.kind = 'ending' AND ending.place = line.h / 16 % {PHRASES}
AND one.kind = 'sentence' AND one.place = line.h / 7 % {PHRASES}
AND two.kind = 'sentence' AND two.place = (line.h / 7 + 1 + line.h % 5) % {PHRASES}
AND three.kind = 'sentence' AND three.place = (line.h / 7 + 6 + line.h % 7) % {PHRASES}
AND focus.place = line.h / 11 % (SELECT count(*) FROM bench_focus)
AND priority.place = line.h / 13 % (SELECT count(*) FROM bench_priority)
ORDER BY line.place, line.number
"""
# Every seventh activity has joint leads. Steps of one to three never come back to an agency within five.
LINKS = f"""
INSERT INTO plans_activityagency (activity_id, agency_id, role, position)
SELECT line.id, agency.id, CASE WHEN k.n <= line.leads THEN 'lead' ELSE 'support' END,
    CASE WHEN k.n <= line.leads THEN k.n ELSE k.n - line.leads END
FROM (
    SELECT activity.id, {_hash(NUMBER)} AS h, CASE WHEN {NUMBER} % 7 = 0 THEN 2 ELSE 1 END AS leads
    FROM {OF_PLANS}
) line
JOIN bench_number k ON k.n <= {LINKS_PER_ACTIVITY}
JOIN bench_agency agency ON agency.place = (line.h + k.n * (1 + line.h % 3)) % (SELECT count(*) FROM bench_agency)
ORDER BY line.id, k.n
"""
# What comes next joins what has just been made, of which the database knows nothing yet.
LOOK_AGAIN = ("ANALYZE plans_activity", "ANALYZE plans_activityagency", "ANALYZE plans_reportinground")
SUB_ACTIVITIES = f"""
INSERT INTO plans_subactivity (activity_id, position, text, footnote, due_on, is_done, done_on, search_text)
SELECT activity.id, k.n, phrase.text, '', due.day, k.n = 1, CASE WHEN k.n = 1 THEN due.day END, phrase.folded
FROM {OF_PLANS}
JOIN bench_number k ON k.n <= 3
JOIN bench_phrase phrase ON phrase.kind = 'sentence' AND phrase.place = ({NUMBER} + k.n) % {PHRASES}
CROSS JOIN (SELECT ends_on AS day FROM plans_plan WHERE slug LIKE 'plan-%' LIMIT 1) due
WHERE {NUMBER} % 5 = 0 ORDER BY activity.id, k.n
"""
# One activity in four was never reported on, one in three not in the open round.
UPDATES = f"""
INSERT INTO plans_statusupdate (activity_id, kind, agency_id, author_id, round_id, status, is_no_change, what_happened,
    whats_next, no_evidence_reason, barrier, needs_escalation, made_at)
SELECT activity.id, 'report', link.agency_id, (SELECT max(id) FROM plans_user), round.id,
    CASE WHEN round.name = '{OPEN_ROUND}' OR {NUMBER} % 3 = 0 THEN {_status(NUMBER)}
        ELSE 'on_track' END,
    FALSE, happened.text, next.text, '',
    CASE WHEN round.name = '{OPEN_ROUND}' AND {NUMBER} % 20 = 1 THEN happened.text ELSE '' END,
    round.name = '{OPEN_ROUND}' AND {NUMBER} % 60 = 1, moment.moment
FROM {OF_PLANS}
JOIN plans_reportinground round ON round.plan_id = plan.id
JOIN plans_activityagency link ON link.activity_id = activity.id AND link.role = 'lead' AND link.position = 1
JOIN bench_phrase happened ON happened.kind = 'sentence' AND happened.place = {NUMBER} % {PHRASES}
JOIN bench_phrase next ON next.kind = 'sentence' AND next.place = ({NUMBER} + 5) % {PHRASES}
JOIN bench_moment moment ON moment.round = round.name AND moment.place = {NUMBER} % 60
WHERE {NUMBER} % 4 <> 0 AND (round.name = '{PREVIOUS_ROUND}' OR {NUMBER} % 3 <> 0)
ORDER BY plan.place, moment.moment, activity.id
"""
BARRIERS = f"""
INSERT INTO plans_barrier (activity_id, update_id, text, is_escalated, escalation_note, escalated_at, escalated_by_id,
    resolution_note)
SELECT activity.id, said.id, said.barrier, said.needs_escalation, '',
    CASE WHEN said.needs_escalation THEN said.made_at END, CASE WHEN said.needs_escalation THEN said.author_id END, ''
FROM {OF_PLANS} JOIN plans_statusupdate said ON said.activity_id = activity.id AND said.barrier <> '' ORDER BY said.id
"""
OWN_STATUS = f"""
UPDATE plans_activity SET status = {_status(WHOLE.format("number"))}
WHERE plan_id IN (SELECT id FROM bench_plan) AND id IN (SELECT activity_id FROM plans_statusupdate)
"""


def history_statements(made_at):
    """Yield statements that say that all was made at `made_at`, and each status changed by a report at `CHANGED_AT`."""
    activities = "SELECT id FROM plans_activity WHERE plan_id IN (SELECT id FROM bench_plan)"
    for model, which in (
        (Plan, "id IN (SELECT id FROM bench_plan)"),
        (ReportingRound, "plan_id IN (SELECT id FROM bench_plan)"),
        (Activity, f"id IN ({activities})"),
        (ActivityAgency, f"activity_id IN ({activities})"),
        (SubActivity, f"activity_id IN ({activities})"),
    ):
        yield _history(model, "+", which, made_at, {"status": "'no_update'"})
    yield _history(Activity, "~", f"id IN ({activities}) AND status <> 'no_update'", CHANGED_AT, {})


def _history(model, kind, which, moment, instead):
    history = model.history.model._meta
    columns = [field.column for field in history.concrete_fields if not field.name.startswith("history_")]
    values = ", ".join(instead.get(column, column) for column in columns)
    return (
        f"INSERT INTO {history.db_table} ({', '.join(columns)}, history_type, history_date)"
        f" SELECT {values}, '{kind}', '{moment}' FROM {model._meta.db_table} WHERE {which} ORDER BY id"
    )
