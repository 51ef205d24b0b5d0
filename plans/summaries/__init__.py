"""What a plan adds up to: counts per status, area and agency, ready to be shown."""

from plans.summaries.activity import ActivityPage, read_activity
from plans.summaries.activity_row import ActivityRow, AgencyName, row_of, say_ended, say_late
from plans.summaries.agencies import AgencySection, AgencySummary, list_agency_activities, summarise_agencies
from plans.summaries.facets import FacetCounts, count_facets
from plans.summaries.matrix import Matrix, summarise_matrix
from plans.summaries.overview import PlanOverview, summarise_plan
from plans.summaries.parties import Involvement, Parties
from plans.summaries.related_agencies import RelatedAgencies, find_party, find_remaining, read_related_agencies
from plans.summaries.since import SinceSummary, summarise_since
from plans.summaries.statuses import StatusCount, tally_statuses

__all__ = [
    "ActivityPage",
    "ActivityRow",
    "AgencyName",
    "AgencySection",
    "AgencySummary",
    "FacetCounts",
    "Involvement",
    "Matrix",
    "Parties",
    "PlanOverview",
    "RelatedAgencies",
    "SinceSummary",
    "StatusCount",
    "count_facets",
    "find_party",
    "find_remaining",
    "list_agency_activities",
    "read_activity",
    "read_related_agencies",
    "row_of",
    "say_ended",
    "say_late",
    "summarise_agencies",
    "summarise_matrix",
    "summarise_plan",
    "summarise_since",
    "tally_statuses",
]
