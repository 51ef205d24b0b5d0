"""The closed vocabularies of a plan. Each member knows its label, its shape and what it means."""

from collections.abc import Iterable
from typing import Self

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

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class Status(TextChoices):
    """How an activity is going, in the order in which lists and charts show it.

    `shape` is the sign that stands beside the word, so that no one depends on colour;
    `is_open` is false where nothing more is owed.
    """

    shape: str
    meaning: str

    NO_UPDATE = "no_update", "–", "No update has been given yet.", "No update yet"
    NOT_STARTED = "not_started", "○", "Work is not due to start yet.", "Not started"
    ON_TRACK = "on_track", "●", "On schedule. No known risks.", "On track"
    AT_RISK = "at_risk", "▲", "There is a risk to delivery. The lead agency is managing it.", "At risk"
    OFF_TRACK = "off_track", "◆", "Will not be delivered as planned without help or a change to the plan.", "Off track"
    COMPLETE = "complete", "✓", "Everything in the description is done.", "Complete"
    PAUSED = "paused", "‖", "Work has stopped for now and will restart.", "Paused"

    def __new__(cls, value: str, shape: str = "", meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.shape = shape
        member.meaning = meaning
        return member

    @property
    def is_open(self) -> bool:
        """Whether work is still to be done."""
        return self is not Status.COMPLETE

    def is_worse_than(self, other: "Status") -> bool:
        """Return whether it is the more serious of two statuses; no update yet is neither better nor worse."""
        both = {self, other}
        return both <= set(BY_SERIOUSNESS) and BY_SERIOUSNESS.index(self) < BY_SERIOUSNESS.index(other)


REPORTABLE = tuple(status for status in Status if status is not Status.NO_UPDATE)
"""The statuses that can be given to an activity."""

BY_URGENCY = (
    *(Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.COMPLETE),
    *(Status.NOT_STARTED, Status.PAUSED, Status.NO_UPDATE),
)
"""The order of statuses in bars and counts: what a reader has to know first comes first."""

BY_SERIOUSNESS = (
    *(Status.OFF_TRACK, Status.AT_RISK, Status.PAUSED),
    *(Status.NOT_STARTED, Status.ON_TRACK, Status.COMPLETE),
)
"""The order of statuses from worst to best."""


def most_serious(statuses: Iterable[str]) -> Status | None:
    """Return the most serious of some values of `Status`; None when there are none."""
    return min(map(Status, statuses), key=BY_SERIOUSNESS.index, default=None)


class Role(ExplainedChoices):
    """What an agency does on an activity."""

    LEAD = "lead", "Accountable for the activity and reports on it. Joint leads share this equally.", "Lead"
    SUPPORT = "support", "Helps the lead agency deliver the activity.", "Support"


class DescriptionState(ExplainedChoices):
    """Whether the programme has agreed what an activity is."""

    TO_BE_FINALISED = "to_be_finalised", "The wording is not agreed yet.", "To be finalised"
    FINALISED = "finalised", "The wording is agreed.", "Finalised"


class Ending(ExplainedChoices):
    """How an activity ended, as the programme decided; "" in the database while it goes on."""

    DELIVERED = "delivered", "Everything in it is done.", "Delivered"
    BUSINESS_AS_USUAL = (
        *("business_as_usual", "The work goes on as everyday business of the agencies, outside the plan."),
        "Business as usual",
    )
    STOPPED = "stopped", "The work will not go on.", "Stopped"
    CARRIED_ON = "carried_on", "The work goes on in another plan.", "Carried into another plan"


NOT_ENDED = "open"
"""What stands in the filter by endings for activities that have none."""


class RollOverOutcome(ExplainedChoices):
    """What becomes of an activity when its plan is rolled over to the next one."""

    CONTINUE = "continue", "It goes on in the next plan.", "Continue"
    BUSINESS_AS_USUAL = (
        *("business_as_usual", "It goes on as everyday business of the agencies. It is not in the next plan."),
        "Continue as business as usual",
    )
    DELIVERED = "delivered", "Everything in it is done. It is not in the next plan.", "Delivered"
    STOPPED = "stopped", "It will not go on.", "Stopped"
    SPLIT = "split", "It goes on in the next plan as several activities.", "Split"
    MERGE = "merge", "It goes on in the next plan together with others, as one activity.", "Merge"

    @property
    def goes_on(self) -> bool:
        """Whether something in the next plan continues it."""
        return self in (RollOverOutcome.CONTINUE, RollOverOutcome.SPLIT, RollOverOutcome.MERGE)

    @property
    def ending(self) -> Ending:
        """How an activity of which that was chosen ends in the old plan."""
        return Ending.CARRIED_ON if self.goes_on else Ending(self.value)


class RollOverDates(ExplainedChoices):
    """What becomes of the start and due dates in the next plan."""

    MOVED = "moved", "Each date a year later.", "Move by a year"
    KEPT = "kept", "The same dates as now.", "Keep"
    CLEARED = "cleared", "No dates, to be entered again.", "Clear"


class AgencyKind(ExplainedChoices):
    """What sort of party leads or supports an activity."""

    AGENCY = "agency", "A department, ministry or Crown entity.", "Agency"
    CROSS_AGENCY_UNIT = "cross_agency_unit", "A unit shared by several agencies.", "Cross-agency unit"
    UNIT = "unit", "A team or office within one agency.", "Unit"
    PROGRAMME = "programme", "A programme or strategy with its own team.", "Programme"
    REGIONAL_STRUCTURE = "regional_structure", "A regional body that brings agencies together.", "Regional structure"
    GROUP = "group", "A group of agencies named together.", "Group"


class Marking(ExplainedChoices):
    """The protective marking of a plan (New Zealand Protective Security Requirements)."""

    UNCLASSIFIED = "unclassified", "Anyone can read this.", "UNCLASSIFIED"
    IN_CONFIDENCE = "in_confidence", "Only for people working on the plan.", "IN-CONFIDENCE"


class UpdateKind(ExplainedChoices):
    """What sort of update it is."""

    REPORT = "report", "An update from a lead agency.", "Update"
    NOTE = "note", "A note from a support agency. It does not change the status.", "Note"
    SET = "set", "A programme admin changed the status and gave a reason.", "Status set"


class Freshness(ExplainedChoices):
    """How old the latest report of a lead agency is, against the open reporting round."""

    NEVER = "never", "No update has ever been given.", "Never updated"
    OVERDUE = "overdue", "The due date has passed and no update has been received.", "Overdue"
    DUE = "due", "An update is due in this round.", "Due"
    CURRENT = "current", "Updated in this round, or no update needed.", "Up to date"


class Due(ExplainedChoices):
    """How near the due date of an activity is, which says nothing of its updates."""

    LATE = "late", "The due date has passed and the activity is not complete, nor has it ended.", "Past its due date"
    SOON = "soon", "Due in the next 30 days.", "Due soon"
    LATER = "later", "Due in more than 30 days.", "Due later"
    NONE = "none", "No due date has been set.", "No due date"


class DueOf(TextChoices):
    """What a due date is of."""

    ACTIVITIES = "activities", "Activities"
    SUB_ACTIVITIES = "sub-activities", "Sub-activities"


class Rating(ExplainedChoices):
    """How the programme's own rating of an activity compares with its status."""

    DIFFERS = "differs", "The programme rates it otherwise than its status says.", "Differs from the status"
    SAME = "same", "The programme rates it as its status says.", "Same as the status"
    NONE = "none", "The programme has not rated it.", "Not rated"


class LeadsDiffer(ExplainedChoices):
    """Whether the agencies that lead an activity together report different statuses of it."""

    YES = "yes", "Lead agencies reported different statuses. The most serious one is shown.", "Leads differ"


class WordKind(TextChoices):
    """What a word stands for in a spreadsheet that was explained."""

    STATUS = "status", "Status"
    AGENCY = "agency", "Agency"


class Attention(ExplainedChoices):
    """Whether an activity needs attention, for whatever reason."""

    ANY = (
        *(
            "any",
            "Off track, past its due date, update overdue, barrier escalated, no lead, or description to finalise.",
        ),
        "Needs attention",
    )


ANY_CHECK = "any"
"""What stands in the filter by checks for activities that fail any of them."""


class PlanCheck(TextChoices):
    """Where a plan does not add up, in the order in which pages show it.

    `meaning` is the reason in a sentence, `settle` what would settle it.
    """

    meaning: str
    settle: str

    PAST_DUE = (
        *("past_due", "The status is on track, but the due date of the activity or of a sub-activity has passed."),
        *(
            "Add an update with the status of today, tick what is done, or agree a new due date.",
            "On track but past due",
        ),
    )
    UNDONE = (
        *("undone", "It is complete or delivered, but not all of its sub-activities are done."),
        *("Tick the sub-activities that are done, or add an update with another status.", "Complete but not all done"),
    )
    NO_EVIDENCE = (
        *(
            "no_evidence",
            "It is complete or delivered, but there is no link to evidence, and no reason why not.",
        ),
        *("Add a link to evidence, or an update that says why there is none.", "Complete without evidence"),
    )
    SAME_WORDS = (
        *("same_words", "The updates of three rounds in a row say the same, or no change."),
        *("Say in the next update what has changed, or why nothing has.", "Same words in three rounds"),
    )
    NO_DUE_DATE = (
        *("no_due_date", "No due date has been set."),
        *("Agree a due date with the lead agencies, and set it.", "No due date"),
    )
    LEADS_DIFFER = (
        *("leads_differ", "The lead agencies report different statuses; the most serious one is shown."),
        *("Ask the lead agencies to agree on one status, and to report it.", "Lead agencies differ"),
    )
    RATINGS_DIFFER = (
        *("ratings_differ", "The programme rates it otherwise than the agencies report it."),
        *("Agree on one with the lead agencies: change the rating, or add an update.", "Programme and agencies differ"),
    )
    UNANSWERED = (
        *("unanswered", "A barrier was escalated more than 30 days ago and is not resolved."),
        *("Resolve the barrier, and say how.", "Escalation not answered"),
    )
    MOVED = (
        *("moved", "The due date has been moved three times or more."),
        *("Agree a due date that will hold, then accept this check until then.", "Due date keeps moving"),
    )
    LEAD_GONE = (
        *("lead_gone", "A lead agency has ended, or no one can add updates for it."),
        *("Choose the agency that leads now, or add a person for the lead agency.", "Lead ended or has no people"),
    )
    NEVER_UPDATED = (
        *("never_updated", "A reporting round has closed, and no update has ever been given."),
        *("Ask the lead agency for an update.", "Never updated in a closed round"),
    )

    def __new__(cls, value: str, meaning: str = "", settle: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning, member.settle = meaning, settle
        return member


class RoundStatus(ExplainedChoices):
    """Whether the update of an activity in a reporting round was received, is outstanding or is not needed."""

    TO_COME = "to_come", "No update has been received in this round yet.", "Outstanding"
    RECEIVED = "received", "A lead agency has given its update for this round.", "Received"
    CONFIRMED = (
        "confirmed",
        "Each of its lead agencies has given its update for this round.",
        "Confirmed by all leads",
    )
    NOTHING_OWED = "nothing_owed", "The activity is complete or has ended, so no update is needed.", "Not needed"


class ReminderState(ExplainedChoices):
    """How far the email of a reminder has come."""

    SENDING = "sending", "It was handed to the email server, which has not answered.", "Sending"
    SENT = "sent", "The email server has taken it.", "Sent"
    FAILED = "failed", "It did not leave. It can be sent again.", "Not sent"


class PackState(TextChoices):
    """How far a board pack has come."""

    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    DISCARDED = "discarded", "Discarded"


class MessageState(ExplainedChoices):
    """How far a message of the outbox has come. The last four are ends."""

    WAITING = "waiting", "It goes out when it is due, or is tried again.", "Waiting"
    CLAIMED = "claimed", "It is being written, or handed over; nothing of it has left for good.", "Being written"
    HANDING_OVER = "handing_over", "The server has all of it and is being told that this was the end.", "Sending"
    SENT = "sent", "The server has taken it.", "Sent"
    IN_DOUBT = "in_doubt", "The site was stopped while the server took it. It may have left.", "Not known"
    FAILED = "failed", "It did not leave, and is not tried again by itself.", "Not sent"
    DROPPED = "dropped", "There was nothing to say any more when it was due.", "Not needed"

    @property
    def is_end(self) -> bool:
        """Whether the site does nothing more about it by itself."""
        return self in (MessageState.SENT, MessageState.IN_DOUBT, MessageState.FAILED, MessageState.DROPPED)


class ImportScope(ExplainedChoices):
    """What an import may change."""

    PLAN = "plan", "Everything. Only programme admins can import it.", "The plan"
    UPDATES = "updates", "Only updates for this person's own agencies.", "Updates"


class ImportState(ExplainedChoices):
    """How far an import has come. Nothing of the plan is changed before it is applied."""

    WAITING = "waiting", "Your file is in the queue.", "Waiting"
    CHECKING = "checking", "Your file is being compared with the plan.", "Checking"
    REFUSED = "refused", "The file could not be read.", "Refused"
    CHECKED = "checked", "Ready to review. Nothing has changed yet.", "Checked"
    APPLYING = "applying", "Importing. If anything fails, nothing is changed.", "Importing"
    APPLIED = "applied", "The changes have been made.", "Imported"
    UNDOING = "undoing", "The import is being undone. If anything fails, nothing is changed.", "Undoing"
    UNDONE = "undone", "The import has been undone.", "Undone"
    DISCARDED = "discarded", "Discarded. Nothing was imported.", "Discarded"

    @property
    def is_busy(self) -> bool:
        """Whether a job is at work on it, or about to be."""
        return self in (ImportState.WAITING, ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)


class RowKind(ExplainedChoices):
    """What becomes of a row of an imported file."""

    CREATED = "created", "The plan does not have this activity yet.", "New"
    UPDATED = "updated", "Different from the plan.", "Changed"
    UNCHANGED = "unchanged", "Same as the plan.", "Unchanged"
    SKIPPED = "skipped", "Not an activity row, for example a repeated heading.", "Skipped"
    ERROR = "error", "Needs fixing before it can be imported.", "With errors"
    MISSING = "missing", "In the plan but not in your file. It will not change.", "Not in your file"


class AuditKind(TextChoices):
    """What can happen about who may do what, and what no history tells."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    INVITED = "invited", "Invited"
    LINK_GIVEN = "link_given", "Invitation link given"
    PASSWORD_LINK = "password_link", "Password link requested"
    SESSIONS_ENDED = "sessions_ended", "Sessions ended"
    EMAIL_CHANGED = "email_changed", "Email changed"
    MEMBERSHIP_STARTED = "membership_started", "Joined an agency"
    MEMBERSHIP_ENDED = "membership_ended", "Left an agency"
    ROLE_GIVEN = "role_given", "Role given"
    ROLE_TAKEN = "role_taken", "Role removed"
    ACCOUNT_CLOSED = "account_closed", "Account closed"
    ACCOUNT_OPENED = "account_opened", "Account opened"
    REMINDERS_SENT = "reminders_sent", "Reminders sent"
    UPDATED_BY_LINK = "updated_by_link", "Updates by link"
    UPDATE_LINK_ENDED = "update_link_ended", "Update link ended"
    NOT_THEIR_UPDATES = "not_their_updates", "“This was not me”"
    TOKEN_MADE = "token_made", "Access token made"
    TOKEN_ENDED = "token_ended", "Access token ended"
    TEMPLATE_UPLOADED = "template_uploaded", "Word template uploaded"
    TEMPLATE_REMOVED = "template_removed", "Word template removed"
    SIGN_IN_LINKED = "sign_in_linked", "Single sign-on linked"
    SIGN_IN_UNLINKED = "sign_in_unlinked", "Single sign-on ended"
    BREAK_GLASS = "break_glass", "Emergency sign-in"
    SECOND_STEP_SET_UP = "second_step_set_up", "Second step set up"
    SECOND_STEP_REMOVED = "second_step_removed", "Second step removed"
    RECOVERY_CODES_MADE = "recovery_codes_made", "Recovery codes made"
    RECOVERY_CODE_USED = "recovery_code_used", "Recovery code used"
    FEED_MADE = "feed_made", "Calendar feed made"
    FEED_ENDED = "feed_ended", "Calendar feed ended"
    CARDS_SAVED = "cards_saved", "Cards to Teams saved"
    CARDS_REMOVED = "cards_removed", "Cards to Teams removed"


class Sort(TextChoices):
    """The orders in which a list of activities can be asked for."""

    NUMBER = "number", "Number"
    TITLE = "title", "Title"
    STATUS = "status", "Status"
    UPDATED = "-updated", "Last update"
    DUE = "due", "Due date"


class DateSort(TextChoices):
    """The orders in which due dates can be asked for."""

    DUE = "due", "Due"
    NUMBER = "number", "Number"
    FIRST = "first", "First planned for"
    MOVES = "-moves", "Times moved"
    DAYS = "-days", "Days moved"


class CardEvent(TextChoices):
    """What a card tells a channel."""

    OFF_TRACK = "off_track", "Off track"
    ESCALATED = "escalated", "Barrier escalated"
    ROUND_OPENED = "round_opened", "Round opened"
    ROUND_CLOSED = "round_closed", "Round closed"
    TEST = "test", "Test"


class FeedKind(TextChoices):
    """Whose dates a calendar feed holds."""

    MINE = "mine", "My agencies"
    AGENCY = "agency", "An agency"
    VIEW = "view", "A filtered list"


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


class Compared(ExplainedChoices):
    """What became of an activity between two moments, by what a reader looks for; the first that fits."""

    NEW = "new", "It was added to the plan.", "New"
    BACK = "back", "It had been withdrawn.", "Brought back"
    WITHDRAWN = "withdrawn", "It was taken out of the plan.", "Withdrawn"
    ENDED = "ended", "The programme said how it ended.", "Ended"
    ENTERED = "entered", "It matches the filters now, and did not before.", "Moved into the filter"
    LEFT = "left", "It matched the filters before, and no longer does.", "Moved out of the filter"
    CHANGED = "changed", "Something in it is different.", "Changed"
