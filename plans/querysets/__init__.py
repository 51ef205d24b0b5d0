"""The vocabulary of the plan: adjectives filter, `with_…` annotates, `for_<page>` fetches.

Stands under the models: querysets use `self.model`, lookups by name, and choices.
"""

from plans.querysets.access_tokens import AccessTokenQuerySet
from plans.querysets.activities import ActivityAgencyQuerySet, ActivityQuerySet, SubActivityQuerySet, status_before
from plans.querysets.activity_selection import COLUMNS, ActivitySelection, words_in
from plans.querysets.agencies import AgencyAliasQuerySet, AgencyMergeQuerySet, AgencyQuerySet
from plans.querysets.agreements import AgreementQuerySet
from plans.querysets.calendar_feeds import CalendarFeedQuerySet
from plans.querysets.evidence import EvidenceLinkQuerySet
from plans.querysets.fetching import ask_of_plan, put_agencies_on, put_sub_activities_on
from plans.querysets.imports import ImportQuerySet, ImportRowQuerySet
from plans.querysets.json_list import JSONList
from plans.querysets.memberships import AuditEventQuerySet, MembershipQuerySet
from plans.querysets.outgoing_messages import OutgoingMessageQuerySet
from plans.querysets.packs import DecisionQuerySet, PackAskQuerySet, PackQuerySet
from plans.querysets.plan_checks import AcceptedCheckQuerySet
from plans.querysets.plans import CodedQuerySet, PlanQuerySet, ReadingNoteQuerySet
from plans.querysets.reminders import ReminderQuerySet
from plans.querysets.reporting import AppendOnlyQuerySet, BarrierQuerySet, ReportingRoundQuerySet, StatusUpdateQuerySet
from plans.querysets.update_links import UpdateLinkQuerySet

__all__ = [
    "COLUMNS",
    "AcceptedCheckQuerySet",
    "AccessTokenQuerySet",
    "ActivityAgencyQuerySet",
    "ActivityQuerySet",
    "ActivitySelection",
    "AgencyAliasQuerySet",
    "AgencyMergeQuerySet",
    "AgencyQuerySet",
    "AgreementQuerySet",
    "AppendOnlyQuerySet",
    "AuditEventQuerySet",
    "BarrierQuerySet",
    "CalendarFeedQuerySet",
    "CodedQuerySet",
    "DecisionQuerySet",
    "EvidenceLinkQuerySet",
    "ImportQuerySet",
    "ImportRowQuerySet",
    "JSONList",
    "MembershipQuerySet",
    "OutgoingMessageQuerySet",
    "PackAskQuerySet",
    "PackQuerySet",
    "PlanQuerySet",
    "ReadingNoteQuerySet",
    "ReminderQuerySet",
    "ReportingRoundQuerySet",
    "StatusUpdateQuerySet",
    "SubActivityQuerySet",
    "UpdateLinkQuerySet",
    "ask_of_plan",
    "put_agencies_on",
    "put_sub_activities_on",
    "status_before",
    "words_in",
]
