"""A correction of an update: the old one stays in the record, marked as replaced, and no longer counts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from plans.actions import NotCorrectable, correct_update, record_update
from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.actions.rounds import close_round
from plans.actions.updates import retract_updates
from plans.choices import RoundStatus, Status
from plans.forms.idempotency import FIELD
from plans.models import Activity, Agency, Barrier, Membership, ReportingRound, StatusUpdate, SubActivity
from plans.summaries.record import read_events
from plans.summaries.rounds import freeze_report, summarise_round
from tests.test_updates_at_once import at_once, leads, own_file  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page, said, workbook
from tests.views.test_cards import fields_of

ACTIVITY = "/plans/year-two/activities/1/"
MINE = "/plans/year-two/updates/"
KEY = "0123456789abcdefghijkl"


@pytest.fixture
def december(year_two):  # noqa: F811
    today = timezone.localdate()
    return ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=today, due_on=today)


@pytest.fixture
def police(december):
    return Agency.objects.get(code="police")


@pytest.fixture
def sent(police, police_updater):
    """The update that Police has just sent on activity 1, with a barrier."""
    return record_update(
        activity=Activity.objects.get(number=1),
        by=police_updater.user,
        agency=police,
        status=Status.OFF_TRACK,
        what_happened="Phase 3 has not begun.",
        whats_next="Ask for staff.",
        barrier="No staff.",
    )


def correct_at(update):
    return f"{ACTIVITY}updates/{update.pk}/correct/"


def correct(update, by, **parts):
    same = {"status": update.status, "agency": update.agency, "what_happened": update.what_happened}
    same |= {"whats_next": update.whats_next, "barrier": update.barrier}
    return correct_update(update=update, by=by, **{**same, **parts})


def barriers():
    return list(Barrier.objects.order_by("pk").values_list("text", "is_escalated", "resolution_note"))


# What it does


def test_correction_replaces_the_update_which_stays_and_counts_for_nothing(sent, police_updater, december):
    correction = correct(sent, police_updater.user, status=Status.AT_RISK, what_happened="Phase 3 begins in May.")

    sent.refresh_from_db()
    assert (sent.replaced_by, sent.retracted_at, sent.retracted_by) == (
        *(correction, correction.made_at, police_updater.user),
    )
    assert sent.what_happened == "Phase 3 has not begun."
    assert list(StatusUpdate.objects.reports()) == [correction]
    assert Activity.objects.get(number=1).status == Status.AT_RISK
    assert correction.round == december
    row = next(row for row in summarise_round(december).rows if row.number == 1)
    assert (row.round_status, row.status) == (RoundStatus.RECEIVED, Status.AT_RISK)


def test_barrier_stays_the_one_that_it_is_whatever_is_corrected_beside_it(sent, police_updater):
    correct(sent, police_updater.user, what_happened="Other words.")
    assert barriers() == [("No staff.", False, "")]


def test_barrier_in_other_words_is_the_same_barrier_since_the_same_day(sent, police_updater):
    correction = correct(sent, police_updater.user, barrier="No staff in two districts.")
    again = correct(correction, police_updater.user, barrier="No staff in three districts.")
    assert barriers() == [("No staff in three districts.", False, "")]
    assert Barrier.objects.get().update == sent
    correct(again, police_updater.user, barrier="")
    assert [one.resolved_by for one in Barrier.objects.all()] == [police_updater.user]


def test_barrier_that_the_correction_drops_is_taken_back(sent, police_updater):
    correct(sent, police_updater.user, barrier="")
    ((text, _, note),) = barriers()
    assert (text, note.startswith("Reversed: the update of ")) == ("No staff.", True)


def test_barrier_that_somebody_escalated_since_stays_though_the_correction_drops_it(sent, police_updater):
    escalate_barrier(barrier=Barrier.objects.get(), by=police_updater.user, note="The steering group")
    correct(sent, police_updater.user, barrier="")
    assert barriers() == [("No staff.", True, "")]


def test_barrier_that_was_resolved_since_is_not_opened_again_by_a_correction(sent, police_updater):
    resolve_barrier(barrier=Barrier.objects.get(), by=police_updater.user, note="Hired.")
    correct(sent, police_updater.user, what_happened="Other words.")
    assert barriers() == [("No staff.", False, "Hired.")]


def test_correction_can_escalate_and_name_a_barrier_where_there_was_none(police, police_updater):
    activity = Activity.objects.get(number=1)
    update = record_update(activity=activity, by=police_updater.user, agency=police, status=Status.ON_TRACK)
    correct(update, police_updater.user, barrier="No staff.", needs_escalation=True)
    assert barriers() == [("No staff.", True, "")]


def test_undoing_the_import_of_a_corrected_update_leaves_the_correction_and_its_barrier(sent, police_updater):
    correction = correct(sent, police_updater.user, what_happened="Other words.")
    retract_updates([sent.pk], by=police_updater.user, at=timezone.now(), note="Taken back: an import.")
    assert list(StatusUpdate.objects.reports()) == [correction]
    assert barriers() == [("No staff.", False, "")]
    sent.refresh_from_db()
    assert sent.replaced_by == correction


# When it is too late


def test_newer_update_or_a_closed_round_or_one_opened_since_is_too_late(sent, police, police_updater, december):
    newer = record_update(
        activity=sent.activity, by=police_updater.user, agency=police, status=Status.ON_TRACK, what_happened="Newer."
    )
    with pytest.raises(NotCorrectable, match="There is a newer update"):
        correct(sent, police_updater.user, what_happened="Other.")
    close_round(reporting_round=december, by=police_updater.user, report=freeze_report)
    with pytest.raises(NotCorrectable, match="Its reporting round is closed"):
        correct(newer, police_updater.user, what_happened="Other.")
    between = record_update(activity=sent.activity, by=police_updater.user, agency=police, status=Status.ON_TRACK)
    again = correct(between, police_updater.user, what_happened="Between rounds.")
    with pytest.raises(NotCorrectable, match="This update has already been corrected"):
        correct(between, police_updater.user, what_happened="Once more.")
    today = timezone.localdate()
    ReportingRound.objects.create(plan=december.plan, name="March quarter", opened_on=today, due_on=today)
    with pytest.raises(NotCorrectable, match="A reporting round has been opened since"):
        correct(again, police_updater.user, what_happened="Other.")
    assert StatusUpdate.objects.count() == 4


def test_closed_round_keeps_the_report_that_it_closed_with(sent, police_updater, december):
    close_round(reporting_round=december, by=police_updater.user, report=freeze_report)
    answer = police_updater.post(correct_at(sent), {"status": "on_track", "what_happened": "Too late, but typed."})
    page = Page(answer, status=409)
    assert "This update can no longer be corrected. Its reporting round is closed" in page.text
    assert fields_of(page)["what_happened"] == "Too late, but typed."
    assert answer.context["form"]["seen"].value() == sent.pk
    saved = police_updater.post("/plans/year-two/activities/1/update/", fields_of(page))
    assert saved.status_code == 302
    assert StatusUpdate.objects.get(replaced_by=None, what_happened="Too late, but typed.").round is None


# The page


def test_form_is_filled_in_with_the_update_and_saving_it_leads_back(sent, police_updater):
    page = Page(police_updater.get(f"{correct_at(sent)}?back=mine"))
    shown = fields_of(page)
    filled = {name: shown[name] for name in ("status", "what_happened", "whats_next", "barrier")}
    assert filled == {
        "status": "off_track",
        "what_happened": "Phase 3 has not begun.",
        "whats_next": "Ask for staff.",
        "barrier": "No staff.",
    }
    assert page.h1 == f"Correct the update of {sent.day}: {sent.activity.name}"
    assert "No change since" not in page.text
    answer = police_updater.post(correct_at(sent), {**shown, "what_happened": "Corrected.", "back": "mine"})
    assert answer["Location"] == MINE
    assert StatusUpdate.objects.first().what_happened == "Corrected."


def test_correction_that_changes_nothing_is_refused_in_words(sent, police_updater):
    shown = fields_of(Page(police_updater.get(correct_at(sent))))
    assert "Nothing has changed." in Page(police_updater.post(correct_at(sent), shown)).text
    assert StatusUpdate.objects.count() == 1


def test_correction_can_tick_what_the_update_forgot(sent, police_updater):
    item = SubActivity.objects.create(activity=sent.activity, text="Step", position=1)
    shown = fields_of(Page(police_updater.get(correct_at(sent))))
    police_updater.post(correct_at(sent), {**shown, f"done_{item.pk}": "on"})
    item.refresh_from_db()
    assert (item.is_done, StatusUpdate.objects.count()) == (True, 2)


def test_activity_page_marks_the_replaced_update_and_offers_to_correct_the_newest(sent, police_updater, reader):
    correction = correct(sent, police_updater.user, what_happened="Corrected.")
    page = Page(police_updater.get(ACTIVITY))
    assert "Replaced" not in said(page.section("Latest update"))
    assert f"Replaced by the update of {correction.day}" in said(page.section("Earlier updates"))
    assert page.link("Correct this update") == correct_at(correction)
    assert "Correct this update" not in Page(reader.get(ACTIVITY)).text


def test_my_updates_offers_to_correct_what_is_done_this_round(sent, police_updater):
    page = Page(police_updater.get(MINE))
    assert page.link(f"Correct the update on {sent.activity}") == f"{correct_at(sent)}?back=mine"


def test_history_tells_of_the_correction_by_whom_and_of_what(sent, police_updater):
    correct(sent, police_updater.user, status=Status.AT_RISK, what_happened="Corrected.")
    phrases = [event.change.phrase for event in read_events(sent.activity)]
    assert f"added the update “At risk” for Police, correcting the update “Off track” of {sent.day}" in phrases
    assert not [phrase for phrase in phrases if phrase.startswith("reversed")]


def test_record_file_says_which_update_was_replaced(sent, police_updater, client):
    correct(sent, police_updater.user, what_happened="Corrected.")
    sheet = workbook(police_updater.get(f"{ACTIVITY}record.xlsx"))["Updates"]
    heading, *rows = sheet.iter_rows(values_only=True)
    place = heading.index("Reason for reversal")
    assert [row[place] or "" for row in rows] == ["Replaced by a correction", ""]


# Who may


def test_author_same_agency_and_programme_admins_may_correct(sent, make_updater, programme_admin, other_updater):
    colleague = make_updater("second@police.example", "Second Police updater", "police")
    answers = [client.get(correct_at(sent)).status_code for client in (colleague, programme_admin, other_updater)]
    assert answers == [200, 200, 403]


def test_joint_lead_of_another_agency_may_not_correct(december, police, police_updater, make_updater):
    activity = Activity.objects.get(number=8)
    update = record_update(activity=activity, by=police_updater.user, agency=police, status=Status.ON_TRACK)
    joint = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    address = f"/plans/year-two/activities/8/updates/{update.pk}/correct/"
    assert [joint.get("/plans/year-two/activities/8/update/").status_code, joint.get(address).status_code] == [200, 403]
    assert joint.post(address, {"status": "at_risk", "what_happened": "No."}).status_code == 403
    assert "Correct this update" not in Page(joint.get("/plans/year-two/activities/8/")).text


def test_author_who_left_the_agency_may_not_correct(sent, police_updater):
    Membership.objects.update(ended_at=timezone.now() + timedelta(seconds=1))
    Membership.objects.all().delete()
    assert police_updater.get(correct_at(sent)).status_code == 403


def test_note_and_update_of_another_activity_are_not_found(sent, police_updater):
    assert police_updater.get(f"/plans/year-two/activities/5/updates/{sent.pk}/correct/").status_code == 404


# At once


def test_two_corrections_at_the_same_moment_are_one_and_the_other_is_told(leads):  # noqa: F811
    activity, police = Activity.objects.get(number=8), Agency.objects.get(code="police")
    author = Membership.objects.get(agency=police).user
    update = record_update(activity=activity, by=author, agency=police, status=Status.ON_TRACK, barrier="No staff.")
    address = f"/plans/year-two/activities/8/updates/{update.pk}/correct/"
    texts = [{"status": "at_risk", "what_happened": text, "barrier": "No staff."} for text in ("First.", "Second.")]

    answers = at_once(*(lambda data=data: leads[0].post(address, data) for data in texts))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert late.context["form"]["what_happened"].value() in ("First.", "Second.")
    assert (StatusUpdate.objects.reports().count(), Barrier.objects.count()) == (1, 1)


def test_correction_sent_twice_at_the_same_moment_is_one(leads):  # noqa: F811
    activity, police = Activity.objects.get(number=8), Agency.objects.get(code="police")
    author = Membership.objects.get(agency=police).user
    update = record_update(activity=activity, by=author, agency=police, status=Status.ON_TRACK)
    address = f"/plans/year-two/activities/8/updates/{update.pk}/correct/"
    data = {"status": "at_risk", "what_happened": "Corrected.", FIELD: KEY}

    answers = at_once(*[lambda: leads[0].post(address, data)] * 2)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert StatusUpdate.objects.count() == 2
