"""The closed vocabularies of a plan. Each member knows its label, its shape and what it means."""

from django.db.models import TextChoices

PRINTED_HEADINGS = {
    "focus_area": "Strategic Focus Area",
    "priority_area": "Priority Action Area",
    "activity": "Activity",
    "description": "Description",
    "agency_lead": "Agency Lead",
    "support_agencies": "Support Agencies",
}
"""The six columns of the plan's published table, in printed order: {key of `as_printed`: heading}."""


NO_LEAD = "none"
"""What stands in the agency filter for activities that no agency leads; no agency may have this code."""


class ExplainedChoices(TextChoices):
    """Choices whose members carry a sentence, `meaning`, that says when to choose them."""

    def __new__(cls, value, meaning):
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class Status(TextChoices):
    """How an activity is going, in the order in which lists and charts show it.

    `shape` is the sign that stands beside the word, so that no one depends on colour;
    `is_open` is false where nothing more is owed.
    """

    NO_UPDATE = "no_update", "–", "Nobody has reported on this activity yet.", "No update yet"
    NOT_STARTED = "not_started", "○", "Work has not begun, and was not due to.", "Not started"
    ON_TRACK = "on_track", "●", "Going to plan, with nothing that threatens it.", "On track"
    AT_RISK = "at_risk", "▲", "Something may stop it, and the lead is dealing with it.", "At risk"
    OFF_TRACK = "off_track", "◆", "It will not be done as planned without help or a change.", "Off track"
    COMPLETE = "complete", "✓", "Everything in the description is done.", "Complete"
    PAUSED = "paused", "‖", "Stopped on purpose, to be taken up again.", "Paused"

    def __new__(cls, value, shape, meaning):
        member = str.__new__(cls, value)
        member._value_ = value
        member.shape = shape
        member.meaning = meaning
        return member

    @property
    def is_open(self):
        """Whether work is still to be done."""
        return self is not Status.COMPLETE


class Role(ExplainedChoices):
    """What an agency does on an activity."""

    LEAD = "lead", "Answers for the activity and reports on it. Joint leads are equal.", "Lead"
    SUPPORT = "support", "Helps the lead agencies deliver the activity.", "Support"


class DescriptionState(ExplainedChoices):
    """Whether the programme has agreed what an activity is."""

    TO_BE_FINALISED = "to_be_finalised", "The wording is not agreed yet.", "To be finalised"
    FINALISED = "finalised", "The wording is agreed.", "Finalised"


class AgencyKind(ExplainedChoices):
    """What sort of party leads or supports an activity."""

    AGENCY = "agency", "A department, ministry or Crown entity.", "Agency"
    CROSS_AGENCY_UNIT = "cross_agency_unit", "A unit that several agencies share.", "Cross-agency unit"
    UNIT = "unit", "An office inside one agency.", "Unit"
    PROGRAMME = "programme", "A programme or strategy with a team of its own.", "Programme"
    REGIONAL_STRUCTURE = "regional_structure", "A structure that joins agencies in the regions.", "Regional structure"
    GROUP = "group", "Several agencies named as one.", "Group"


class Marking(ExplainedChoices):
    """The protective marking of a plan (New Zealand Protective Security Requirements)."""

    UNCLASSIFIED = "unclassified", "May be read by anyone.", "UNCLASSIFIED"
    IN_CONFIDENCE = "in_confidence", "For the people who work on the plan.", "IN-CONFIDENCE"


class UpdateKind(ExplainedChoices):
    """What sort of update it is."""

    REPORT = "report", "A lead agency says how the activity is going.", "Update"
    NOTE = "note", "A supporting agency adds something; the status stays as it is.", "Note"
    SET = "set", "A programme admin sets the status and says why.", "Status set"


class Freshness(ExplainedChoices):
    """How old the latest report of a lead agency is, against the open reporting round."""

    NEVER = "never", "No lead agency has ever reported.", "Never reported"
    OVERDUE = "overdue", "The round's due date has passed without a report.", "Overdue"
    DUE = "due", "A report is still to come in this round.", "Due"
    CURRENT = "current", "Reported in this round, or nothing is owed.", "Current"


class RoundStatus(ExplainedChoices):
    """What has become of the update that an activity owes in a reporting round."""

    TO_COME = "to_come", "No lead agency has reported in the round yet.", "To come"
    RECEIVED = "received", "A lead agency has reported in the round.", "Received"
    NOTHING_OWED = "nothing_owed", "It is complete, so that no update was owed.", "Nothing owed"


class ImportScope(ExplainedChoices):
    """What an import may change."""

    PLAN = "plan", "Everything: a programme admin imports it.", "The plan"
    UPDATES = "updates", "Nothing but updates of the person's own agencies.", "Updates"


class ImportState(ExplainedChoices):
    """How far an import has come. Nothing of the plan is changed before it is applied."""

    WAITING = "waiting", "The file is kept, and will be read.", "Waiting"
    CHECKING = "checking", "The file is being read and compared with the plan.", "Checking"
    REFUSED = "refused", "The file cannot be read at all.", "Refused"
    CHECKED = "checked", "Every change is shown; none is made.", "Checked"
    APPLYING = "applying", "The changes are being made, all or none.", "Importing"
    APPLIED = "applied", "The changes are made.", "Imported"
    UNDOING = "undoing", "The changes are being taken back, all or none.", "Undoing"
    UNDONE = "undone", "The changes are taken back.", "Undone"
    DISCARDED = "discarded", "Somebody decided against it.", "Discarded"

    @property
    def is_busy(self):
        """Whether a job is at work on it, or about to be."""
        return self in (ImportState.WAITING, ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)


class RowKind(ExplainedChoices):
    """What becomes of a row of an imported file."""

    CREATED = "created", "The plan does not have this activity yet.", "New"
    UPDATED = "updated", "Something in it differs from the plan.", "Changed"
    UNCHANGED = "unchanged", "It says what the plan says.", "Unchanged"
    SKIPPED = "skipped", "It is no activity, such as headings that stand there again.", "Passed over"
    ERROR = "error", "Something in it has to be mended first.", "In error"
    MISSING = "missing", "The plan has this activity, the file does not; it stays as it is.", "Missing from the file"


class AuditKind(TextChoices):
    """What can happen about who may do what."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    INVITED = "invited", "Invited"
    LINK_GIVEN = "link_given", "Invitation link given"
    PASSWORD_LINK = "password_link", "Password link asked for"
    SESSIONS_ENDED = "sessions_ended", "Sessions ended"
    EMAIL_CHANGED = "email_changed", "Email changed"
    MEMBERSHIP_STARTED = "membership_started", "Joined an agency"
    MEMBERSHIP_ENDED = "membership_ended", "Left an agency"
    ROLE_GIVEN = "role_given", "Role given"
    ROLE_TAKEN = "role_taken", "Role taken away"
    ACCOUNT_CLOSED = "account_closed", "Account closed"
    ACCOUNT_OPENED = "account_opened", "Account opened"


class Sort(TextChoices):
    """The orders in which a list of activities can be asked for."""

    NUMBER = "number", "Number"
    TITLE = "title", "Title"
    STATUS = "status", "Status"
    UPDATED = "-updated", "Last update"


class Group(TextChoices):
    """What a list of activities can be grouped by."""

    FOCUS = "focus", "Focus area"
    PRIORITY = "priority", "Priority area"
    LEAD = "lead", "Lead agency"
    STATUS = "status", "Status"
    NONE = "none", "Nothing"


class View(TextChoices):
    """How a list of activities can be shown."""

    LIST = "list", "List"
    TABLE = "table", "Table"
