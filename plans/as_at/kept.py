"""How the rows of each table that were in force at a moment are found: one entry for each model of the tracker.

A model is in `KEPT`, or in `OF_TODAY` with the reason why a page of then shows it as it is now; a test sees to that.
In expressions, `past` is the row of the history, `present` the row as it is now, which may be gone, and `{moment}` the
moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plans.choices import Marking
from plans.models import (
    AcceptedCheck,
    AccessToken,
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    AgencyContact,
    AgencyMerge,
    Agreement,
    AuditEvent,
    Barrier,
    CalendarFeed,
    Decision,
    EvidenceLink,
    FocusArea,
    FormKey,
    Import,
    ImportRow,
    ImportWord,
    Lineage,
    Membership,
    OutgoingMessage,
    Pack,
    PackAsk,
    PackTemplate,
    Plan,
    PriorityArea,
    ReadingNote,
    Reminder,
    ReportingRound,
    RollOver,
    RollOverChoice,
    Session,
    StatusUpdate,
    SubActivity,
    UpdateLink,
    User,
    Webhook,
)

OF_PLAN = "plan_id = {plan}"
OF_ACTIVITY = "activity_id IN (SELECT id FROM {activities} WHERE plan_id = {plan})"

OF_LINEAGE = (
    "(earlier_id IN (SELECT id FROM {activities} WHERE plan_id = {plan})"
    " OR later_id IN (SELECT id FROM {activities} WHERE plan_id = {plan}))"
)

RETRACTED = {"retracted_at": "NULL", "retracted_by_id": "NULL"}


@dataclass(frozen=True)
class ByHistory:
    """Rows whose every version django-simple-history keeps: that of the latest entry until then, unless it removed it.

    `of_plan` is the condition on the history by which only rows of the plan are looked at; blank for what all plans
    share. `worked_out` are expressions for columns that the history does not have or that are not as they were then;
    folded columns are worked out by themselves. With `is_removable`, rows that are gone are looked for, too. A row
    without any history entry is missing, or as it is now.
    """

    of_plan: str = ""
    is_removable: bool = True
    worked_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ByMoments:
    """Rows that are added once and never edited, but for columns that are filled later.

    `since` is the expression for when a row was added; `later` is {column that says when others were filled: {column:
    what it held before}}. `of_plan` is as in `ByHistory`; blank for rows that are found by their activity alone, which
    are looked at where they are instead of being copied.
    """

    since: str
    later: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    of_plan: str = ""


def _rank(row: str) -> str:
    """Return the expression for how strictly the plan in `row` is marked."""
    cases = " ".join(f"WHEN '{marking}' THEN {place}" for place, marking in enumerate(Marking.values))
    return f"CASE {row}.marking {cases} ELSE -1 END"


KEPT: dict[Any, ByHistory | ByMoments] = {
    Plan: ByHistory(
        worked_out={
            # Today's permissions hold for old rows, and what was not published then is not published by asking later.
            "is_published": "past.is_published AND COALESCE(present.is_published, false)",
            # Nor is anything marked less strictly than it is today, or than it was then.
            "marking": f"CASE WHEN {_rank('present')} > {_rank('past')} THEN present.marking ELSE past.marking END",
        }
    ),
    FocusArea: ByHistory(),
    PriorityArea: ByHistory(),
    # With its members, whose history is kept with that of the group.
    Agency: ByHistory(),
    AgencyAlias: ByHistory(),
    AgencyContact: ByHistory(of_plan=OF_PLAN),
    # For the check of agencies that no one reports for. It gives no one a right: see `plans.permissions.agencies_of`.
    Membership: ByHistory(),
    # It is withdrawn, never deleted.
    Activity: ByHistory(of_plan=OF_PLAN, is_removable=False),
    ActivityAgency: ByHistory(of_plan=OF_ACTIVITY),
    SubActivity: ByHistory(of_plan=OF_ACTIVITY),
    AcceptedCheck: ByHistory(of_plan=OF_ACTIVITY),
    ReadingNote: ByHistory(of_plan=OF_PLAN),
    # The activities of the other plan are not copied: `plans.summaries.lineage` asks their history.
    Lineage: ByHistory(of_plan=OF_LINEAGE),
    ReportingRound: ByHistory(
        of_plan=OF_PLAN,
        # Written when the round is closed, and never changed.
        worked_out={"closing_report": "CASE WHEN past.closed_at IS NULL THEN '{{}}' ELSE present.closing_report END"},
    ),
    StatusUpdate: ByMoments(
        since="present.made_at",
        later={"retracted_at": {**RETRACTED, "replaced_by_id": "NULL"}},
    ),
    Agreement: ByMoments(since="present.made_at", later={"retracted_at": RETRACTED}),
    EvidenceLink: ByMoments(since="present.made_at", later={"retracted_at": RETRACTED}),
    # A correction may have reworded it since, which `tables.py` takes back.
    Barrier: ByMoments(
        since="(SELECT made_at FROM {updates} WHERE id = present.update_id)",
        later={
            "escalated_at": {
                "is_escalated": "false",
                "escalation_note": "''",
                "escalated_at": "NULL",
                "escalated_by_id": "NULL",
            },
            "resolved_at": {"resolution_note": "''", "resolved_at": "NULL", "resolved_by_id": "NULL"},
        },
        of_plan=OF_ACTIVITY,
    ),
}

OF_TODAY: dict[Any, str] = {
    User: "The names of people have no history, and who may see what is decided as of today.",
    AuditEvent: "It is on pages about people, which are about no plan.",
    Session: "Sessions are of people who use the site now.",
    FormKey: "No page shows it.",
    Import: "Pages of imports are tools of today, and list every import with its day.",
    ImportRow: "Pages of imports are tools of today.",
    ImportWord: "No page of a plan shows it.",
    AgencyMerge: "Its page is a tool of today. What it changed is in the history of what it changed.",
    Webhook: "Its page is a tool of today, and cards are about what happens now.",
    CalendarFeed: "Feeds are listed on the page of an account, and hold what is due as of today.",
    UpdateLink: "Links are ended and listed on pages of accounts, as of today.",
    RollOver: "Rolling a plan over is a tool of today.",
    RollOverChoice: "Rolling a plan over is a tool of today.",
    AccessToken: "Tokens are listed on pages of accounts, as of today.",
    Pack: "A pack says itself as at which moment it is.",
    PackAsk: "It is shown in its pack.",
    PackTemplate: "Word copies look as they do today.",
    Decision: "What was decided is followed up today.",
    OutgoingMessage: "It is about email that leaves today, and is shown to programme admins.",
    Reminder: "It is shown to programme admins who send reminders, which is done today.",
}
