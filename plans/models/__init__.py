"""The nouns of the tracker, one a file."""

from plans.models.activity import Activity, ActivityAgency, SubActivity
from plans.models.agency import Agency, AgencyAlias
from plans.models.plan import FocusArea, Plan, PriorityArea
from plans.models.update import StatusUpdate
from plans.models.user import User

__all__ = [
    "Activity",
    "ActivityAgency",
    "Agency",
    "AgencyAlias",
    "FocusArea",
    "Plan",
    "PriorityArea",
    "StatusUpdate",
    "SubActivity",
    "User",
]
