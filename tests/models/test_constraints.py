"""Every constraint: one row that the database accepts, one that it refuses by itself, and what people are told.

Rows are saved in bulk, which validates nothing, so that it is the database that refuses.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, UniqueConstraint

from plans.choices import AuditKind
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

pytestmark = pytest.mark.django_db

JULY, AUGUST = date(2024, 7, 1), date(2024, 8, 1)
BEFORE, THEN = datetime(2024, 7, 1, tzinfo=UTC), datetime(2024, 7, 2, tzinfo=UTC)


@dataclass
class World:
    """What stands in the database already."""

    plan: Plan
    activity: Activity
    agency: Agency
    user: User

    def new_plan(self, **fields):
        return Plan(**{"slug": "new", "name": "New", "short_name": "New", **fields})

    def other_plan(self):
        return Plan.objects.create(slug="other", name="Other", short_name="Other")

    def new_activity(self, **fields):
        here = self.activity
        areas = {"focus_area": here.focus_area, "priority_area": here.priority_area}
        return Activity(**{"plan": self.plan, "number": 2, **areas, **fields})

    def new_agency(self, **fields):
        return Agency(**{"code": "new", "name": "New", **fields})

    def new_item(self, **fields):
        return SubActivity(**{"activity": self.activity, "position": 1, "text": "Do it", **fields})

    def new_update(self, **fields):
        reported = {"activity": self.activity, "agency": self.agency, "author": self.user, "status": "on_track"}
        return StatusUpdate(**{**reported, **fields})

    def saved_update(self):
        update = self.new_update()
        update.save()
        return update

    @property
    def taken_back(self):
        return {"retracted_at": THEN, "retracted_by": self.user}

    def correction(self):
        """An update that replaces another one already."""
        correction = self.new_update()
        correction.save()
        self.new_update(replaced_by=correction, **self.taken_back).save()
        return correction

    def new_barrier(self, **fields):
        update = self.new_update(barrier="No funding")
        update.save()
        return Barrier(**{"activity": self.activity, "update": update, "text": "No funding", **fields})

    def new_link(self, **fields):
        said = {"activity": self.activity, "author": self.user, "address": "https://www.police.govt.nz/report"}
        return EvidenceLink(**{**said, **fields})

    def new_answer(self, **fields):
        said = {"update": self.saved_update(), "agency": self.agency, "author": self.user, "agrees": True}
        return Agreement(**{**said, **fields})

    def second_answer(self, **fields):
        first = self.new_answer()
        first.save()
        return self.new_answer(update=first.update, **fields)

    def new_acceptance(self, **fields):
        said = {"activity": self.activity, "name": "moved", "reason": "Agreed", "until": JULY, "author": self.user}
        return AcceptedCheck(**{**said, **fields})

    def with_acceptance(self):
        """The activity, one check of which is accepted."""
        self.new_acceptance().save()
        return self.activity

    def next_activity(self):
        activity = self.new_activity(plan=self.other_plan())
        activity.save()
        return activity

    def new_lineage(self, **fields):
        later = fields.pop("later", None) or self.next_activity()
        return Lineage(earlier=self.activity, later=later, **fields)

    def with_lineage(self):
        """An activity that continues the activity already."""
        found = self.new_lineage()
        found.save()
        return found.later

    def new_roll_over(self, **fields):
        return RollOver(**{"old_plan": self.plan, **fields})

    def new_roll_over_choice(self, **fields):
        roll_over = self.new_roll_over()
        roll_over.save()
        return RollOverChoice(**{"roll_over": roll_over, "activity": self.activity, "outcome": "stopped", **fields})

    def with_roll_over_choice(self):
        """The roll-over of the plan, with a choice for the activity."""
        choice = self.new_roll_over_choice()
        choice.save()
        return choice.roll_over

    def rolled_into(self):
        """Another plan that the plan is rolled over into."""
        draft = Plan.objects.create(slug="draft", name="Draft", short_name="Draft")
        self.new_roll_over(new_plan=draft).save()
        return draft

    def new_contact(self, **fields):
        said = {"plan": self.plan, "agency": self.agency, "role": "Programme lead", "email": "lead@police.example"}
        return AgencyContact(**{**said, **fields})

    def with_contact(self):
        """The agency, which has a contact in the plan."""
        self.new_contact().save()
        return self.agency

    def new_key(self, **fields):
        sent = {"user": self.user, "key": "0" * 22, "digest": "0"}
        FormKey.objects.get_or_create(**sent)
        return FormKey(**{**sent, **fields})

    def new_import(self, **fields):
        kept = {"file_name": "plan.xlsx", "content": b"-", "size_bytes": 1, "sha256": "0" * 64}
        return Import(**{"plan": self.plan, "uploaded_by": self.user, **kept, **fields})

    def new_word(self, **fields):
        ImportWord.objects.get_or_create(kind="status", word="Green", meaning="on_track")
        return ImportWord(**{"kind": "status", "word": "Red", "meaning": "off_track", **fields})

    def new_import_row(self, **fields):
        source = self.new_import()
        source.save()
        return ImportRow(**{"source": source, "row": 2, "kind": "created", **fields})

    def new_round(self, **fields):
        return ReportingRound(**{"plan": self.plan, "name": "March", "opened_on": JULY, "due_on": AUGUST, **fields})

    def new_reminder(self, **fields):
        """A reminder of August; there is one of July."""
        reporting_round = ReportingRound.objects.get()
        told = {"round": reporting_round, "person": self.user, "activity_count": 1}
        Reminder.objects.get_or_create(**told, day=JULY)
        return Reminder(**{**told, "day": AUGUST, **fields})

    def new_update_link(self, **fields):
        """A link for the round."""
        return UpdateLink(**{"round": ReportingRound.objects.get(), "person": self.user, "public_id": "new", **fields})

    def second_update_link(self, **fields):
        """A link for the round; there is a live one."""
        UpdateLink.objects.get_or_create(round=ReportingRound.objects.get(), person=self.user, public_id="live")
        return self.new_update_link(**fields)

    def new_message(self, **fields):
        """An email of August to the person; there is one of July."""
        OutgoingMessage.objects.get_or_create(kind="daily", key="july", person=self.user, day=JULY)
        return OutgoingMessage(**{"kind": "daily", "key": "august", "person": self.user, "day": AUGUST, **fields})

    def new_token(self, **fields):
        return AccessToken(
            **{
                "person": self.user,
                "name": "Report",
                "public_id": "token",
                "secret_hash": "-",
                "ends_on": JULY,
                **fields,
            }
        )

    def second_token(self):
        self.new_token().save()
        return self.new_token(name="Another")

    def new_webhook(self, **fields):
        return Webhook(
            **{"plan": self.plan, "host": "cards.example", "sealed_address": "x", "saved_by": self.user, **fields}
        )

    def second_webhook(self):
        self.new_webhook().save()
        return self.new_webhook()

    def new_pack(self, **fields):
        values = {"plan": self.plan, "title": "Pack", "at": THEN, "marking": "in_confidence", "made_by": self.user}
        return Pack(**{**values, **fields})

    def issued(self, **fields):
        values = {"state": "issued", "number": 1, "checksum": "-", "issued_at": THEN, "issued_by": self.user}
        return self.new_pack(**{**values, **fields})

    def second_issued(self, **fields):
        self.issued().save()
        return self.issued(**fields)

    def new_ask(self, **fields):
        pack = self.new_pack()
        pack.save()
        return PackAsk(**{"pack": pack, "position": 1, "text": "Agree.", **fields})

    def new_decision(self, **fields):
        ask = self.new_ask()
        ask.save()
        values = {"ask": ask, "words": "Agreed.", "agency": self.agency, "due_on": JULY, "made_by": self.user}
        return Decision(**{**values, **fields})

    def second_decision(self):
        first = self.new_decision()
        first.save()
        return self.new_decision(ask=first.ask)

    def new_template(self, **fields):
        values = {"plan": self.plan, "file_name": "Ministry.docx", "taken": {}, "uploaded_by": self.user}
        return PackTemplate(**{**values, **fields})

    def second_template(self):
        self.new_template().save()
        return self.new_template()

    def new_feed(self, **fields):
        return CalendarFeed(**{"person": self.user, "name": "Mine", "kind": "mine", "public_id": "feed", **fields})

    def second_feed(self):
        self.new_feed().save()
        return self.new_feed(name="Another")

    def new_membership(self, **fields):
        return Membership(**{"user": self.user, "agency": self.agency, **fields})

    def new_merge(self, **fields):
        return AgencyMerge(**{"on": JULY, "reason": "Disestablished", "by": self.user, **fields})

    def merged_agency(self):
        """An agency that is merged into the one there is."""
        merged = Agency.objects.create(code="gone", name="Gone")
        self.new_merge(merged=merged, into=self.agency).save()
        return merged

    def new_note(self, **fields):
        return ReadingNote(**{"plan": self.plan, "position": 2, "text": "Kept as printed", **fields})


@pytest.fixture(scope="module")
def world_of_module(rows_of_module):
    plan = Plan.objects.create(slug="old", name="Old", short_name="Old", is_current=True, is_published=True)
    focus_area = FocusArea.objects.create(code="SUPPLY", statement="Target supply")
    priority_area = PriorityArea.objects.create(code="P1", name="Enforce")
    activity = Activity.objects.create(plan=plan, number=1, focus_area=focus_area, priority_area=priority_area)
    agency = Agency.objects.create(code="police", name="Police")
    AgencyAlias.objects.create(agency=agency, alias="Ngā Pirihimana")
    ActivityAgency.objects.create(activity=activity, agency=agency, role="lead")
    user = User.objects.create(email="updater@police.example")
    Membership.objects.create(user=user, agency=agency)
    ReportingRound.objects.create(plan=plan, name="December", opened_on=JULY, due_on=AUGUST)
    ReadingNote.objects.create(plan=plan, position=1, text="Kept as printed")
    return World(plan, activity, agency, user)


@pytest.fixture
def world(db, world_of_module):
    """A current plan with one activity, led by Police."""
    return deepcopy(world_of_module)


# name of the constraint: (a row to accept, a row to refuse, what people are told)
CASES = {
    "plan_ends_after_start": (
        lambda w: w.new_plan(starts_on=JULY, ends_on=JULY),
        lambda w: w.new_plan(starts_on=AUGUST, ends_on=JULY),
        "A plan cannot end before it starts.",
    ),
    "plan_one_current": (
        lambda w: w.new_plan(is_published=True),
        lambda w: w.new_plan(is_published=True, is_current=True),
        "Only one plan can be current. Untick the other plan first.",
    ),
    "plan_current_is_published": (
        lambda w: w.new_plan(),
        lambda w: Plan.objects.update(is_current=False) and w.new_plan(is_current=True),
        "Publish the current plan.",
    ),
    "plan_marking_known": (
        lambda w: w.new_plan(marking="unclassified"),
        lambda w: w.new_plan(marking="secret"),
        "Choose one of the protective markings.",
    ),
    "focusarea_code_unique_without_case": (
        lambda w: FocusArea(code="DEMAND", statement="Reduce demand"),
        lambda w: FocusArea(code="supply", statement="Reduce demand"),
        "There is already one with this code.",
    ),
    "priorityarea_code_unique_without_case": (
        lambda w: PriorityArea(code="P2", name="Enforce"),
        lambda w: PriorityArea(code="p1", name="Prevent"),
        "There is already one with this code.",
    ),
    "agency_code_unique_without_case": (
        lambda w: w.new_agency(code="new"),
        lambda w: w.new_agency(code="Police"),
        "There is already an agency with this code (case does not matter).",
    ),
    "agency_name_unique": (
        lambda w: w.new_agency(name="Police 2"),
        lambda w: w.new_agency(name="PŌLICE"),
        "There is already an agency with this name (case and macrons do not matter).",
    ),
    "agency_code_not_reserved": (
        lambda w: w.new_agency(code="nobody"),
        lambda w: w.new_agency(code="none"),
        "The code none means “no lead agency” in filters. Choose another.",
    ),
    "agency_kind_known": (
        lambda w: w.new_agency(kind="group"),
        lambda w: w.new_agency(kind="gang"),
        "Choose one of the types of agency.",
    ),
    "agency_unit_has_parent": (
        lambda w: w.new_agency(kind="unit", parent=w.agency),
        lambda w: w.new_agency(kind="unit"),
        "Choose the parent agency for a unit. Leave it blank for other types.",
    ),
    "agency_not_part_of_itself": (
        lambda w: w.new_agency(pk=99, kind="unit", parent=w.agency),
        lambda w: w.new_agency(pk=99, kind="unit", parent_id=99),
        "An agency cannot be part of itself.",
    ),
    "agencyalias_unique": (
        lambda w: AgencyAlias(agency=w.agency, alias="NZP"),
        lambda w: AgencyAlias(agency=w.agency, alias="nga PIRIHIMANA"),
        "An agency is already known by this name (case and macrons do not matter).",
    ),
    "importword_unique": (
        lambda w: w.new_word(word="Amber"),
        lambda w: w.new_word(word="GREEN"),
        "This word is in the list already. Change its meaning there.",
    ),
    "importword_kind_known": (
        lambda w: w.new_word(word="TBC", kind="agency", meaning="none"),
        lambda w: w.new_word(word="TBC", kind="area", meaning="none"),
        "Choose what the word is used for.",
    ),
    "importword_meaning_fits": (
        lambda w: w.new_word(word="TBC", kind="agency", meaning=""),
        lambda w: w.new_word(word="TBC", kind="agency", meaning="on_track"),
        "A word in an agency column can only mean “no agency yet”.",
    ),
    "agencyalias_not_blank": (
        lambda w: AgencyAlias(agency=w.agency, alias="NZP"),
        lambda w: AgencyAlias(agency=w.agency, alias=" "),
        "Enter the other name.",
    ),
    "agencymerge_once_at_a_time": (
        lambda w: w.new_merge(merged=Agency.objects.create(code="x", name="X"), into=w.agency),
        lambda w: w.new_merge(merged=w.merged_agency(), into=Agency.objects.create(code="x", name="X")),
        "This agency has already been merged.",
    ),
    "agencymerge_into_another": (
        lambda w: w.new_merge(merged=Agency.objects.create(code="x", name="X"), into=w.agency),
        lambda w: w.new_merge(merged=w.agency, into=w.agency),
        "An agency cannot be merged into itself.",
    ),
    "agencymerge_undone_by_somebody": (
        lambda w: w.new_merge(merged=w.merged_agency(), into=w.agency, undone_at=THEN, undone_by=w.user),
        lambda w: w.new_merge(merged=w.merged_agency(), into=w.agency, undone_at=THEN),
        "A merge that was undone says by whom and when.",
    ),
    "acceptedcheck_once": (
        lambda w: w.new_acceptance(activity=w.with_acceptance(), name="undone"),
        lambda w: w.new_acceptance(activity=w.with_acceptance()),
        "This check has been accepted already.",
    ),
    "acceptedcheck_has_reason": (
        lambda w: w.new_acceptance(),
        lambda w: w.new_acceptance(reason=""),
        "Enter the reason.",
    ),
    "acceptedcheck_retracted_by_somebody": (
        lambda w: w.new_acceptance(retracted_at=THEN, retracted_by=w.user),
        lambda w: w.new_acceptance(retracted_at=THEN),
        "An acceptance that was withdrawn says by whom and when.",
    ),
    "lineage_once": (
        lambda w: w.new_lineage(),
        lambda w: w.new_lineage(later=w.with_lineage()),
        "The one continues the other already.",
    ),
    "lineage_of_another": (
        lambda w: w.new_lineage(),
        lambda w: w.new_lineage(later=w.activity),
        "An activity cannot continue itself.",
    ),
    "rollover_into_another": (
        lambda w: w.new_roll_over(new_plan=w.other_plan()),
        lambda w: w.new_roll_over(new_plan=w.plan),
        "A plan cannot be rolled over into itself.",
    ),
    "rollover_dates_known": (
        lambda w: w.new_roll_over(dates="cleared"),
        lambda w: w.new_roll_over(dates="some"),
        "Choose what happens to dates.",
    ),
    "rollover_made_by_somebody": (
        lambda w: w.new_roll_over(made_at=THEN, made_by=w.user),
        lambda w: w.new_roll_over(made_at=THEN),
        "A roll-over that was made says by whom and when.",
    ),
    "rollover_undone_by_somebody": (
        lambda w: w.new_roll_over(undone_at=THEN, undone_by=w.user),
        lambda w: w.new_roll_over(undone_at=THEN),
        "A roll-over that was undone says by whom and when.",
    ),
    "rolloverchoice_outcome_known": (
        lambda w: w.new_roll_over_choice(),
        lambda w: w.new_roll_over_choice(outcome="forgotten"),
        "Choose one of the outcomes.",
    ),
    "rolloverchoice_merge_with_another": (
        lambda w: w.new_roll_over_choice(),
        lambda w: w.new_roll_over_choice(merge_with=w.activity),
        "An activity cannot be merged with itself.",
    ),
    "agencycontact_one_in_plan": (
        lambda w: w.new_contact(agency=w.with_contact(), plan=w.other_plan()),
        lambda w: w.new_contact(agency=w.with_contact()),
        "The agency has a contact in this plan already. Edit that one.",
    ),
    "agencycontact_has_role": (
        lambda w: w.new_contact(),
        lambda w: w.new_contact(role=""),
        "Enter the role.",
    ),
    "agencycontact_has_email": (
        lambda w: w.new_contact(),
        lambda w: w.new_contact(email=""),
        "Enter the work email.",
    ),
    "agreement_one_of_agency": (
        lambda w: w.second_answer(**w.taken_back),
        lambda w: w.second_answer(),
        "The agency has answered this update already.",
    ),
    "agreement_differs_in_words": (
        lambda w: w.new_answer(agrees=False, words="Two regions are behind"),
        lambda w: w.new_answer(agrees=False),
        "Enter in a sentence how your agency sees it.",
    ),
    "agreement_retracted_by_somebody": (
        lambda w: w.new_answer(**w.taken_back),
        lambda w: w.new_answer(retracted_at=THEN),
        "An answer that was withdrawn says by whom and when.",
    ),
    "evidencelink_https": (
        lambda w: w.new_link(),
        lambda w: w.new_link(address="http://www.police.govt.nz/"),
        "Enter an address that begins with https://.",
    ),
    "evidencelink_removed_by_somebody": (
        lambda w: w.new_link(**w.taken_back),
        lambda w: w.new_link(retracted_at=THEN),
        "A link that was removed says by whom and when.",
    ),
    "activity_number_unique_in_plan": (
        lambda w: w.new_activity(number=2),
        lambda w: w.new_activity(number=1),
        "There is already an activity with this number.",
    ),
    "activity_number_from_one": (
        lambda w: w.new_activity(number=2),
        lambda w: w.new_activity(number=0),
        "Activities are numbered from 1.",
    ),
    "activity_status_known": (
        lambda w: w.new_activity(status="paused"),
        lambda w: w.new_activity(status="Paused"),
        "Choose one of the statuses.",
    ),
    "activity_description_state_known": (
        lambda w: w.new_activity(description="Text", description_state="finalised"),
        lambda w: w.new_activity(description="Text", description_state="final"),
        "A description is finalised or to be finalised.",
    ),
    "activity_programme_rating_known": (
        lambda w: w.new_activity(programme_rating="paused", programme_rating_reason="Why"),
        lambda w: w.new_activity(programme_rating="no_update", programme_rating_reason="Why"),
        "Choose one of the statuses as the rating.",
    ),
    "activity_programme_rating_with_reason": (
        lambda w: w.new_activity(programme_rating="paused", programme_rating_reason="Why"),
        lambda w: w.new_activity(programme_rating="paused"),
        "A programme rating comes with its reason, and a reason with its rating.",
    ),
    "activity_finalised_has_description": (
        lambda w: w.new_activity(description="", description_state="to_be_finalised"),
        lambda w: w.new_activity(description="", description_state="finalised"),
        "Enter a description before you finalise it.",
    ),
    "activity_ending_known": (
        lambda w: w.new_activity(ending="stopped", ended_on=JULY, ending_note="Not funded"),
        lambda w: w.new_activity(ending="ended", ended_on=JULY, ending_note="Not funded"),
        "Choose one of the endings.",
    ),
    "activity_ended_with_day_and_note": (
        lambda w: w.new_activity(ending="delivered", ended_on=JULY, ending_note="All of it is done"),
        lambda w: w.new_activity(ending="delivered", ended_on=JULY),
        "Enter how it ended, the day and a sentence about it. Leave all three blank if it has not ended.",
    ),
    "activityagency_unique": (
        lambda w: ActivityAgency(
            activity=w.activity, agency=Agency.objects.create(code="apa", name="APA"), role="support"
        ),
        lambda w: ActivityAgency(activity=w.activity, agency=w.agency, role="support"),
        "The agency is already on this activity. It can lead or support, not both.",
    ),
    "activityagency_role_known": (
        lambda w: ActivityAgency(activity=w.activity, agency=Agency.objects.create(code="b", name="B"), role="lead"),
        lambda w: ActivityAgency(activity=w.activity, agency=Agency.objects.create(code="b", name="B"), role="owner"),
        "An agency leads or supports.",
    ),
    "subactivity_done_with_date": (
        lambda w: w.new_item(is_done=True, done_on=JULY),
        lambda w: w.new_item(is_done=True),
        "Enter the date done, or untick Done.",
    ),
    "subactivity_not_blank": (
        lambda w: w.new_item(text="Do it"),
        lambda w: w.new_item(text=""),
        "Enter the sub-activity.",
    ),
    "formkey_sent_once": (
        lambda w: w.new_key(digest="1"),
        lambda w: w.new_key(digest="0"),
        "Form key with this User, Key and Digest already exists.",
    ),
    "statusupdate_replaced_no_longer_counts": (
        lambda w: w.new_update(replaced_by=w.saved_update(), **w.taken_back),
        lambda w: w.new_update(replaced_by=w.saved_update()),
        "An update that was replaced no longer counts.",
    ),
    "statusupdate_kind_known": (
        lambda w: w.new_update(kind="set"),
        lambda w: w.new_update(kind="rumour"),
        "Choose the type of update.",
    ),
    "statusupdate_status_known": (
        lambda w: w.new_update(status="paused"),
        lambda w: w.new_update(status="fine"),
        "Choose one of the statuses. A note has no status.",
    ),
    "statusupdate_of_agency": (
        lambda w: w.new_update(kind="set", agency=None),
        lambda w: w.new_update(kind="report", agency=None),
        "Enter the reporting agency.",
    ),
    "statusupdate_escalates_barrier": (
        lambda w: w.new_update(needs_escalation=True, barrier="No funding"),
        lambda w: w.new_update(needs_escalation=True),
        "Describe the barrier you want to escalate.",
    ),
    "statusupdate_retracted_by_somebody": (
        lambda w: w.new_update(retracted_at=THEN, retracted_by=w.user),
        lambda w: w.new_update(retracted_at=THEN),
        "A reversed update says by whom and when.",
    ),
    "import_scope_known": (
        lambda w: w.new_import(scope="updates"),
        lambda w: w.new_import(scope="all"),
        "Choose what the import may change.",
    ),
    "import_state_known": (
        lambda w: w.new_import(state="checked"),
        lambda w: w.new_import(state="done"),
        "Choose one of the known states.",
    ),
    "import_applied_by_somebody": (
        lambda w: w.new_import(applied_at=THEN, applied_by=w.user),
        lambda w: w.new_import(applied_at=THEN),
        "An import says who made it, and when.",
    ),
    "import_undone_by_somebody": (
        lambda w: w.new_import(applied_at=THEN, applied_by=w.user, undone_at=THEN, undone_by=w.user),
        lambda w: w.new_import(undone_at=THEN, undone_by=w.user),
        "Only what was imported can be undone, and it says by whom and when.",
    ),
    "import_cleared_unused": (
        lambda w: w.new_import(state="discarded", cleared_at=THEN),
        lambda w: w.new_import(state="checked", cleared_at=THEN),
        "Only a file that was refused or discarded can be cleared.",
    ),
    "importrow_kind_known": (
        lambda w: w.new_import_row(kind="missing"),
        lambda w: w.new_import_row(kind="lost"),
        "A row of an import comes to one of the known ends.",
    ),
    "barrier_not_blank": (
        lambda w: w.new_barrier(text="No funding"),
        lambda w: w.new_barrier(text=""),
        "Enter the barrier.",
    ),
    "barrier_escalated_by_somebody": (
        lambda w: w.new_barrier(is_escalated=True, escalated_at=THEN, escalated_by=w.user),
        lambda w: w.new_barrier(is_escalated=True, escalated_at=THEN),
        "An escalated barrier says who escalated it, and when.",
    ),
    "barrier_resolved_with_note": (
        lambda w: w.new_barrier(resolved_at=THEN, resolved_by=w.user, resolution_note="Funded"),
        lambda w: w.new_barrier(resolved_at=THEN, resolved_by=w.user),
        "A resolved barrier says how it was resolved, by whom and when.",
    ),
    "reportinground_name_unique": (
        lambda w: w.new_round(closed_at=THEN, closed_by=w.user),
        lambda w: w.new_round(name="December", closed_at=THEN, closed_by=w.user),
        "There is already a round with this name.",
    ),
    "reportinground_one_open": (
        lambda w: w.new_round(closed_at=THEN, closed_by=w.user),
        lambda w: w.new_round(),
        "A round is already open. Close it first.",
    ),
    "reportinground_due_after_opening": (
        lambda w: w.new_round(closed_at=THEN, closed_by=w.user, opened_on=JULY, due_on=JULY),
        lambda w: w.new_round(closed_at=THEN, closed_by=w.user, opened_on=AUGUST, due_on=JULY),
        "Updates cannot be due before the round opens.",
    ),
    "reportinground_closed_by_somebody": (
        lambda w: w.new_round(closed_at=THEN, closed_by=w.user),
        lambda w: w.new_round(closed_at=THEN),
        "A closed round says who closed it.",
    ),
    "outgoingmessage_one_a_day": (
        lambda w: w.new_message(),
        lambda w: w.new_message(day=JULY),
        "This person already gets an email on this day.",
    ),
    "outgoingmessage_state_known": (
        lambda w: w.new_message(state="in_doubt"),
        lambda w: w.new_message(state="lost"),
        "Choose how far the message has come.",
    ),
    "outgoingmessage_day_of_a_person": (
        lambda w: w.new_message(person=None, day=None),
        lambda w: w.new_message(person=None),
        "An email of a day goes to a person.",
    ),
    "outgoingmessage_sent_at_a_time": (
        lambda w: w.new_message(state="sent", sent_at=THEN),
        lambda w: w.new_message(state="sent"),
        "A message that was sent says when.",
    ),
    "reminder_once_a_day": (
        lambda w: w.new_reminder(),
        lambda w: w.new_reminder(day=JULY, state="failed"),
        "This person has already been reminded today.",
    ),
    "reminder_state_known": (
        lambda w: w.new_reminder(state="failed", problem="No answer."),
        lambda w: w.new_reminder(state="lost"),
        "Choose whether the reminder was sent.",
    ),
    "reminder_sent_at_a_time": (
        lambda w: w.new_reminder(state="sent", sent_at=THEN),
        lambda w: w.new_reminder(state="sent"),
        "A reminder that was sent says when.",
    ),
    "updatelink_one_at_a_time": (
        lambda w: w.second_update_link(revoked_at=THEN),
        lambda w: w.second_update_link(),
        "This person already has a link for the round.",
    ),
    "updatelink_revoked_at_a_time": (
        lambda w: w.new_update_link(revoked_at=THEN, revoked_by=w.user),
        lambda w: w.new_update_link(revoked_by=w.user),
        "A link that someone ended says when.",
    ),
    "accesstoken_has_a_name": (
        lambda w: w.new_token(),
        lambda w: w.new_token(name=""),
        "Enter what the token is for.",
    ),
    "accesstoken_revoked_at_a_time": (
        lambda w: w.new_token(revoked_at=THEN, revoked_by=w.user),
        lambda w: w.new_token(revoked_by=w.user),
        "A token that someone ended says when.",
    ),
    "webhook_has_address": (
        lambda w: w.new_webhook(),
        lambda w: w.new_webhook(sealed_address=""),
        "Enter the address that cards go to.",
    ),
    "pack_number_once": (
        lambda w: w.second_issued(number=2),
        lambda w: w.second_issued(),
        "There is a pack of this number already.",
    ),
    "pack_state_known": (
        lambda w: w.new_pack(state="discarded"),
        lambda w: w.new_pack(state="lost"),
        "A pack is a draft, issued or discarded.",
    ),
    "pack_issued_has_number": (
        lambda w: w.issued(),
        lambda w: w.issued(checksum=""),
        "An issued pack has a number and a checksum.",
    ),
    "pack_marking_known": (
        lambda w: w.new_pack(),
        lambda w: w.new_pack(marking="secret sauce"),
        "Choose one of the protective markings.",
    ),
    "pack_issued_by_somebody": (
        lambda w: w.issued(),
        lambda w: w.issued(issued_by=None),
        "A pack that was issued says by whom and when.",
    ),
    "packask_not_blank": (lambda w: w.new_ask(), lambda w: w.new_ask(text=""), "Enter what is asked."),
    "decision_not_blank": (lambda w: w.new_decision(), lambda w: w.new_decision(words=""), "Enter what was decided."),
    "decision_done_says_what": (
        lambda w: w.new_decision(done_on=JULY, note="Paid."),
        lambda w: w.new_decision(done_on=JULY),
        "Enter what was done.",
    ),
    "packtemplate_has_name": (
        lambda w: w.new_template(),
        lambda w: w.new_template(file_name=""),
        "Enter the name of the file.",
    ),
    "calendarfeed_has_name": (
        lambda w: w.new_feed(),
        lambda w: w.new_feed(name=""),
        "Enter a name for the feed.",
    ),
    "calendarfeed_says_of_what": (
        lambda w: w.new_feed(kind="agency", plan=w.plan, query="agency=police"),
        lambda w: w.new_feed(kind="agency", query="agency=police"),
        "A feed is of one's own dates, an agency's in a plan, or a list's in a plan.",
    ),
    "membership_once_at_a_time": (
        lambda w: w.new_membership(started_at=THEN, ended_at=THEN),
        lambda w: w.new_membership(),
        "This person already belongs to the agency.",
    ),
    "membership_ends_after_start": (
        lambda w: w.new_membership(started_at=THEN, ended_at=THEN),
        lambda w: w.new_membership(started_at=THEN, ended_at=BEFORE),
        "A membership cannot end before it starts.",
    ),
    "auditevent_kind_known": (
        lambda w: AuditEvent(kind=AuditKind.values[0]),
        lambda w: AuditEvent(kind="gossip"),
        "Choose what happened.",
    ),
    "session_of_a_person_has_a_start": (
        lambda w: Session(session_key="one", expire_date=THEN, user=w.user, signed_in_at=BEFORE),
        lambda w: Session(session_key="two", expire_date=THEN, user=w.user),
        "A session of someone who signed in says since when.",
    ),
    "readingnote_position_unique": (
        lambda w: w.new_note(position=2),
        lambda w: w.new_note(position=1),
        "There is already a note at this place.",
    ),
    "readingnote_not_blank": (
        lambda w: w.new_note(text="Kept"),
        lambda w: w.new_note(text=""),
        "Enter the note.",
    ),
    "readingnote_cell_of_activity": (
        lambda w: w.new_note(activity=w.activity, cell="agency_lead"),
        lambda w: w.new_note(activity=w.activity),
        "Choose both the activity and the published cell, or neither.",
    ),
    "user_email_unique_without_case": (
        lambda w: User(email="updater@apa.example"),
        lambda w: User(email="Updater@POLICE.example"),
        "Someone already has this email address.",
    ),
}

# More rows that a constraint refuses: the other side of what it says.
ALSO_REFUSED = {
    "agency_unit_has_parent": lambda w: w.new_agency(kind="agency", parent=w.agency),
    "subactivity_done_with_date": lambda w: w.new_item(done_on=JULY),
    "statusupdate_status_known": lambda w: w.new_update(kind="note", status="on_track"),
    "barrier_escalated_by_somebody": lambda w: w.new_barrier(escalated_by=w.user),
    "barrier_resolved_with_note": lambda w: w.new_barrier(resolution_note="Funded"),
    "reportinground_closed_by_somebody": lambda w: w.new_round(name="June", plan=w.other_plan(), closed_by=w.user),
    "readingnote_cell_of_activity": lambda w: w.new_note(cell="agency_lead"),
}

# Columns that are unique by themselves: a row whose value is taken.
UNIQUE_COLUMNS = {
    "rollover.old_plan": lambda w: RollOver(old_plan=w.new_roll_over_choice().roll_over.old_plan),
    "rollover.new_plan": lambda w: RollOver(old_plan=w.other_plan(), new_plan=w.rolled_into()),
    "rolloverchoice.activity": lambda w: RollOverChoice(roll_over=w.with_roll_over_choice(), activity=w.activity),
    "plan.slug": lambda w: w.new_plan(slug="old"),
    "focusarea.code": lambda w: FocusArea(code="SUPPLY", statement="Other"),
    "priorityarea.code": lambda w: PriorityArea(code="P1", name="Other"),
    "agency.code": lambda w: w.new_agency(code="police"),
    "user.email": lambda w: User(email="updater@police.example"),
    "updatelink.public_id": lambda w: w.second_update_link(public_id="live", revoked_at=THEN),
    "accesstoken.public_id": lambda w: w.second_token(),
    "outgoingmessage.key": lambda w: w.new_message(key="july"),
    "webhook.plan": lambda w: w.second_webhook(),
    "decision.ask": lambda w: w.second_decision(),
    "packtemplate.plan": lambda w: w.second_template(),
    "calendarfeed.public_id": lambda w: w.second_feed(),
    "statusupdate.replaced_by": lambda w: w.new_update(replaced_by=w.correction(), **w.taken_back),
}


def our_models():
    return [model for model in apps.get_app_config("plans").get_models() if not model.__name__.startswith("Historical")]


def save(row):
    type(row).objects.bulk_create([row])


def refused(row):
    """The words with which the database refuses a row."""
    before = type(row).objects.count()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        save(row)
    assert type(row).objects.count() == before
    return str(refusal.value)


def columns_in_sqlite(name):
    """What SQLite calls a plain unique constraint: its columns. Other constraints go by their names everywhere."""
    model, found = next((m, each) for m in our_models() for each in m._meta.constraints if each.name == name)
    if not isinstance(found, UniqueConstraint) or found.expressions:
        return name
    return ", ".join(f"{model._meta.db_table}.{model._meta.get_field(field).column}" for field in found.fields)


def test_cases_are_all_the_constraints_there_are():
    assert sorted(CASES) == sorted(each.name for model in our_models() for each in model._meta.constraints)


def test_unique_columns_are_all_there_are():
    unique = {
        f"{model._meta.model_name}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    assert set(UNIQUE_COLUMNS) == unique


@pytest.mark.parametrize("name", CASES)
def test_constraint_accepts(world, name):
    row = CASES[name][0](world)
    save(row)
    assert type(row).objects.filter(pk=row.pk).count() == 1


@pytest.mark.parametrize("name", CASES)
def test_constraint_is_enforced_by_the_database(world, name):
    words = refused(CASES[name][1](world))
    assert name in words or columns_in_sqlite(name) in words


@pytest.mark.parametrize("name", CASES)
def test_constraint_tells_people_what_is_wrong(world, name):
    row = CASES[name][1](world)
    with pytest.raises(ValidationError) as told:
        row.validate_constraints()
    with pytest.raises(ValidationError):
        row.full_clean()
    assert told.value.messages == [CASES[name][2]]


@pytest.mark.parametrize("name", ALSO_REFUSED)
def test_constraint_refuses_the_other_side_as_well(world, name):
    assert name in refused(ALSO_REFUSED[name](world))


@pytest.mark.parametrize("column", UNIQUE_COLUMNS)
def test_unique_column_is_enforced_by_the_database(world, column):
    assert column.split(".")[1] in refused(UNIQUE_COLUMNS[column](world))


@pytest.mark.parametrize("related", ["plan", "focus_area", "priority_area"])
def test_what_activities_stand_on_cannot_be_deleted(world, related):
    with pytest.raises(ProtectedError):
        getattr(world.activity, related).delete()


def test_what_an_activity_holds_keeps_it_from_being_deleted(world):
    with pytest.raises(ProtectedError):
        world.activity.delete()
    with pytest.raises(ProtectedError):
        world.agency.delete()
