"""The nouns of the tracker, one a file."""

from plans.models.accepted_check import AcceptedCheck
from plans.models.access_token import AccessToken
from plans.models.activity import Activity, ActivityAgency, SubActivity
from plans.models.agency import Agency, AgencyAlias
from plans.models.agency_merge import AgencyMerge
from plans.models.agreement import Agreement
from plans.models.calendar_feed import CalendarFeed
from plans.models.contact import AgencyContact
from plans.models.evidence import EvidenceLink
from plans.models.form_key import FormKey
from plans.models.import_word import ImportWord
from plans.models.imports import Import, ImportRow
from plans.models.lineage import Lineage, RollOver, RollOverChoice
from plans.models.membership import AuditEvent, Membership
from plans.models.note import ReadingNote
from plans.models.outgoing_message import OutgoingMessage
from plans.models.pack import Decision, Pack, PackAsk
from plans.models.pack_template import PackTemplate
from plans.models.plan import FocusArea, Plan, PriorityArea
from plans.models.reminder import Reminder
from plans.models.round import ReportingRound
from plans.models.session import Session
from plans.models.update import Barrier, StatusUpdate
from plans.models.update_link import UpdateLink
from plans.models.user import COMMAND_LINE_EMAIL, User
from plans.models.webhook import Webhook

__all__ = [
    "COMMAND_LINE_EMAIL",
    "AcceptedCheck",
    "AccessToken",
    "Activity",
    "ActivityAgency",
    "Agency",
    "AgencyAlias",
    "AgencyContact",
    "AgencyMerge",
    "Agreement",
    "AuditEvent",
    "Barrier",
    "CalendarFeed",
    "Decision",
    "EvidenceLink",
    "FocusArea",
    "FormKey",
    "Import",
    "ImportRow",
    "ImportWord",
    "Lineage",
    "Membership",
    "OutgoingMessage",
    "Pack",
    "PackAsk",
    "PackTemplate",
    "Plan",
    "PriorityArea",
    "ReadingNote",
    "Reminder",
    "ReportingRound",
    "RollOver",
    "RollOverChoice",
    "Session",
    "StatusUpdate",
    "SubActivity",
    "UpdateLink",
    "User",
    "Webhook",
]
