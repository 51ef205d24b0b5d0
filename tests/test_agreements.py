"""The second signature: other agencies of an activity agree with the latest update, or see it differently."""

import re

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from plans.actions import correct_update, record_update
from plans.actions.agreements import NotAnswerable, answer_update, take_answer_back
from plans.actions.rounds import close_round
from plans.actions.updates import retract_updates
from plans.models import Activity, ActivityAgency, Agency, Agreement, Membership, ReportingRound, StatusUpdate
from plans.permissions import agreeing_agencies
from plans.summaries.record import read_events
from plans.summaries.rounds import freeze_report, summarise_round
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page

NUMBER = 1
ACTIVITY = f"/plans/year-two/activities/{NUMBER}/"
HOW = "Two regions are behind"


@pytest.fixture
def december(year_two):  # noqa: F811
    today = timezone.localdate()
    return ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=today, due_on=today)


@pytest.fixture
def activity(december):
    """An activity that Police and MSD lead, and MBIE supports."""
    activity = Activity.objects.get(number=NUMBER)
    activity.agency_links.all().delete()
    for position, (code, role) in enumerate([("police", "lead"), ("msd", "lead"), ("mbie", "support")]):
        ActivityAgency.objects.create(
            activity=activity, agency=Agency.objects.get(code=code), role=role, position=position
        )
    return activity


@pytest.fixture
def sent(activity, police_updater):
    """The update that Police has just sent."""
    return send(activity, police_updater)


@pytest.fixture
def supporter(activity, make_updater):
    return make_updater("updater@mbie.example", "MBIE updater", "mbie")


@pytest.fixture
def lead(activity, make_updater):
    return make_updater("updater@msd.example", "MSD updater", "msd")


def send(activity, client, code="police", status="at_risk"):
    agency = Agency.objects.get(code=code)
    return record_update(activity=activity, by=client.user, agency=agency, status=status, what_happened="Slow")


def at(update):
    return f"{ACTIVITY}updates/{update.pk}/agreement/"


def answer(client, update, how="agree", words="", **more):
    return client.post(at(update), {"answer": how, "words": words, **more})


def standing(update):
    return [(one.agency.code, one.agrees, one.words) for one in Agreement.objects.standing().filter(update=update)]


def told(response):
    return [str(one) for one in get_messages(response.wsgi_request)]


# One press, and what it shows


def test_other_lead_agrees_with_one_press_from_the_activity(sent, lead, client):
    page = Page(lead.get(ACTIVITY))
    assert "We agree with this update, for MSD" in page.text
    response = answer(lead, sent)
    assert (response.status_code, response["Location"]) == (302, ACTIVITY)
    day = timezone.localdate().strftime("%-d %B %Y")
    assert told(response) == [f"Saved: MSD agrees with the update of Police of {day}. The status stays At risk."]
    assert standing(sent) == [("msd", True, "")]
    page = Page(lead.get(ACTIVITY))
    assert f"MSD agrees {day}" in page.text
    assert page.link("Agree, or see it differently") == at(sent)
    visitor = Page(client.get(ACTIVITY)).text
    assert ("MSD agrees" in visitor, "We agree" in visitor) == (True, False)


def test_seeing_it_differently_asks_how(sent, supporter):
    response = answer(supporter, sent, "differ")
    assert (response.status_code, response.context["form"].errors["words"]) == (
        *(200, ["Enter in a sentence how your agency sees it."]),
    )
    assert standing(sent) == []
    assert told(answer(supporter, sent, "differ", HOW))[-1].startswith("Saved: MBIE sees the update of Police")
    assert standing(sent) == [("mbie", False, HOW)]
    assert f"MBIE sees it differently: {HOW}" in Page(supporter.get(ACTIVITY)).text


def test_press_of_no_button_is_asked_about(sent, supporter):
    response = supporter.post(at(sent), {"words": HOW})
    errors = response.context["form"].errors["answer"]
    assert (response.status_code, errors) == (200, ["Choose “We agree” or “We see it differently”."])
    assert HOW in response.content.decode()


def test_looking_changes_nothing(sent, supporter):
    assert supporter.get(at(sent)).status_code == 200
    assert Agreement.objects.count() == 0


def test_double_press_is_saved_once(sent, supporter):
    key = {"form_key": "0123456789abcdefghijkl"}
    for more in (key, key, {}):
        assert answer(supporter, sent, "differ", HOW, **more).status_code == 302
    assert Agreement.objects.count() == 1


def test_mind_can_be_changed_and_the_answer_taken_back(sent, supporter):
    answer(supporter, sent)
    answer(supporter, sent, "differ", HOW)
    assert standing(sent) == [("mbie", False, HOW)]
    assert "Take our answer back" in Page(supporter.get(at(sent))).text
    assert told(answer(supporter, sent, "take_back"))[-1].startswith("Withdrawn: the answer of MBIE to ")
    assert (standing(sent), Agreement.objects.count()) == ([], 2)
    response = answer(supporter, sent, "take_back")
    assert (response.status_code, Agreement.objects.count()) == (200, 2)
    assert [one.change.sentence for one in read_events(sent.activity)][-4:] == [
        "agreed with the update “At risk” of Police, for MBIE",
        "withdrew the answer of MBIE to the update “At risk” of Police",
        "saw the update “At risk” of Police differently, for MBIE",
        "withdrew the answer of MBIE to the update “At risk” of Police",
    ]


def test_answers_are_in_the_round_in_its_report_and_in_my_updates(sent, supporter, lead, police_updater):
    answer(supporter, sent, "differ", HOW)
    answer(lead, sent)
    said = [f"MBIE sees it differently: “{HOW}”", "MSD agrees"]
    [row] = [one for one in summarise_round(sent.round).rows if one.number == NUMBER]
    assert row.answers == said
    [kept] = [one for one in freeze_report(sent.round)["rows"] if one["number"] == NUMBER]
    assert kept["answers"] == said
    for address in (f"/plans/year-two/rounds/{sent.round_id}/", "/plans/year-two/updates/"):
        text = Page(police_updater.get(address)).text
        assert all(one in text for one in said)


def waiting(client):
    """Which updates wait for an answer on My updates, as addresses."""
    return Page(client.get("/plans/year-two/updates/")).hrefs(re.compile("(.*/agreement/)$"))


def test_my_updates_list_what_waits_for_an_answer_of_a_joint_lead(sent, activity, lead, supporter, police_updater):
    assert waiting(lead) == [at(sent)]
    # Whoever reported it, and who only supports the activity, is not waited for.
    assert (waiting(police_updater), waiting(supporter)) == ([], [])

    answer(lead, sent)
    assert waiting(lead) == []


def test_lead_that_has_reported_itself_has_nothing_to_answer(activity, lead, police_updater):
    send(activity, lead, "msd", "on_track")
    send(activity, police_updater)

    assert waiting(lead) == []


def test_reports_that_were_frozen_before_have_no_answers(december):
    rows = [
        {name: value for name, value in row.items() if name != "answers"} for row in freeze_report(december)["rows"]
    ]
    december.closed_at, december.closing_report = timezone.now(), {"rows": rows}
    assert {tuple(row.answers) for row in summarise_round(december).rows} == {()}


# Who may


def agencies(client, update):
    return [one.code for one in agreeing_agencies(client.user, update.activity, update)]


def test_only_other_agencies_of_the_activity_answer(sent, lead, supporter, police_updater, programme_admin, reader):
    clients = (lead, supporter, police_updater, programme_admin, reader)
    assert [agencies(one, sent) for one in clients] == [["msd"], ["mbie"], [], [], []]
    assert [one.get(at(sent)).status_code for one in clients] == [200, 200, 403, 403, 403]
    assert [answer(one, sent).status_code for one in clients[2:]] == [403, 403, 403]
    texts = [Page(one.get(ACTIVITY)).text for one in clients]
    assert ["We see it differently" in text for text in texts] == [True, True, False, False, False]


def test_unit_and_agency_of_one_house_do_not_sign_for_each_other(activity, police_updater, make_updater):
    unit = Agency.objects.create(code="nocc", name="NOCC", kind="unit", parent=Agency.objects.get(code="police"))
    ActivityAgency.objects.create(activity=activity, agency=unit, role="support", position=9)
    of_unit = make_updater("updater@nocc.example", "NOCC updater", "nocc")
    assert agencies(of_unit, send(activity, police_updater)) == []
    assert agencies(of_unit, send(activity, police_updater, "msd")) == ["nocc"]


def test_member_of_a_group_that_supports_answers(activity, police_updater, make_updater):
    group = Agency.objects.create(code="four", name="Four agencies", kind="group")
    group.members.add(Agency.objects.get(code="swa"))
    ActivityAgency.objects.create(activity=activity, agency=group, role="support", position=9)
    swa = make_updater("updater@swa.example", "SWA updater", "swa")
    assert agencies(swa, send(activity, police_updater)) == ["swa"]


def test_person_of_two_agencies_says_for_which(sent, lead):
    Membership.objects.create(user=lead.user, agency=Agency.objects.get(code="mbie"))
    assert Page(lead.get(ACTIVITY)).link("Agree, or see it differently") == at(sent)
    assert answer(lead, sent).status_code == 200
    answer(lead, sent, agency=Agency.objects.get(code="mbie").pk)
    assert standing(sent) == [("mbie", True, "")]
    assert answer(lead, sent, agency=Agency.objects.get(code="police").pk).status_code == 200


def test_right_is_asked_again_where_it_is_written(sent, supporter):
    mbie = Agency.objects.get(code="mbie")
    sent.activity.agency_links.filter(agency=mbie).delete()
    with pytest.raises(NotAnswerable, match="no longer leads or supports"):
        answer_update(update=sent, by=supporter.user, agency=mbie, agrees=True)
    assert Agreement.objects.count() == 0


# When it falls


def test_answer_falls_with_a_newer_report_and_stays_in_the_record(sent, supporter, lead):
    answer(supporter, sent, "differ", HOW)
    send(sent.activity, lead, "msd", "on_track")
    text = Page(supporter.get(ACTIVITY)).text
    assert ("MBIE sees it differently" in text, Agreement.objects.filter(retracted_at=None).count()) == (
        False,
        1,
    )
    response = answer(supporter, sent, "differ", "Still behind")
    assert response.status_code == 409
    page = Page(response, status=409)
    assert "There is a newer update" in page.text
    assert "Still behind" in response.content.decode()
    history = Page(supporter.get(f"{ACTIVITY}history/")).text
    assert "saw the update “At risk” of Police differently, for MBIE" in history


def test_answer_falls_when_the_report_is_corrected_or_taken_back(sent, supporter, police_updater):
    answer(supporter, sent)
    parts = {"status": "off_track", "agency": sent.agency, "what_happened": "Worse"}
    correction = correct_update(update=sent, by=police_updater.user, **parts)
    assert (standing(sent), standing(correction)) == ([], [])
    assert answer(supporter, sent).status_code == 409
    answer(supporter, correction)
    retract_updates([correction.pk], by=police_updater.user, at=timezone.now(), note="Undone")
    assert standing(correction) == []
    assert "MBIE agrees" not in Page(police_updater.get(ACTIVITY)).text
    assert "corrected or reversed" in Page(answer(supporter, correction), status=409).text


def close(reporting_round, client):
    close_round(reporting_round=reporting_round, by=client.user, report=freeze_report)


def test_nothing_is_answered_in_a_closed_round(sent, supporter, programme_admin):
    answer(supporter, sent)
    close(sent.round, programme_admin)
    supporter.get("/plans/")
    text = Page(supporter.get(ACTIVITY)).text
    assert ("MBIE agrees" in text, "see it differently" in text) == (True, False)
    response = answer(supporter, sent, "take_back")
    assert "Its reporting round is closed" in Page(response, status=409).text
    assert standing(sent) == [("mbie", True, "")]


def test_what_is_no_report_is_not_answered(activity, supporter, programme_admin):
    update = record_update(activity=activity, by=programme_admin.user, status="paused", what_happened="No money")
    assert supporter.get(at(update)).status_code == 404
    close(ReportingRound.objects.get(), programme_admin)
    outside = send(activity, programme_admin, "msd")
    assert "not part of an open reporting round" in Page(supporter.get(at(outside)), status=409).text


# The rows


def test_answers_are_never_edited(sent, supporter):
    mbie = Agency.objects.get(code="mbie")
    given = answer_update(update=sent, by=supporter.user, agency=mbie, agrees=True)
    with pytest.raises(TypeError):
        given.save()
    with pytest.raises(TypeError):
        Agreement.objects.update(words="Other")
    with pytest.raises(TypeError):
        Agreement.objects.all().delete()
    with pytest.raises(ValidationError):
        answer_update(update=sent, by=supporter.user, agency=mbie, agrees=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(update=sent, agency=mbie, agrees=True, author=supporter.user)
    assert take_answer_back(update=sent, by=supporter.user, agency=mbie)
    assert not take_answer_back(update=sent, by=supporter.user, agency=mbie)


def test_page_costs_one_query_more_where_there_are_answers(sent, supporter, reader, django_assert_num_queries):
    reader.get(ACTIVITY)
    with django_assert_num_queries(9):
        reader.get(f"{ACTIVITY}?again=1")
    answer(supporter, sent)
    with django_assert_num_queries(10):
        reader.get(f"{ACTIVITY}?again=2")
    assert StatusUpdate.objects.count() == 1
