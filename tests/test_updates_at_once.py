"""Two who report on the same activity at the same moment: real sessions, real transactions, and both texts survive."""

from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from plans.actions.rounds import close_round
from plans.actions.update_links import end_own_link, link_for, update_token
from plans.choices import RoundStatus
from plans.models import Activity, Agency, Membership, OutgoingMessage, Plan, ReportingRound, StatusUpdate, User
from plans.summaries.rounds import freeze_report, summarise_round
from tests.test_merging import own_file  # noqa: F401
from tests.year_two import load_year_two

UPDATE = "/plans/year-two/activities/8/update/"


@pytest.fixture
def leads(own_file, django_user_model):  # noqa: F811
    """Two joint leads of activity 8, Police and Oranga Tamariki, each signed in with a session of their own."""
    load_year_two()
    clients = []
    for code in ("police", "oranga-tamariki"):
        person = django_user_model.objects.create_user(f"updater@{code}.example", name=f"{code} updater")
        Membership.objects.create(user=person, agency=Agency.objects.get(code=code))
        client = Client()
        client.force_login(person)
        clients.append(client)
    return clients


@pytest.fixture
def december(own_file, leads):  # noqa: F811
    """An open round of the plan."""
    today = timezone.localdate()
    plan = Plan.objects.get(slug="year-two")
    return ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=today, due_on=today)


def at_once(*actions):
    """Do each from a thread and connection of its own, all at the same moment; answer what they answered, in order."""
    start, answers = Barrier(len(actions)), {}

    def act(place, action):
        start.wait(timeout=10)
        try:
            answers[place] = action()
        finally:
            connections.close_all()

    threads = [Thread(target=act, args=one) for one in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [answers[place] for place in range(len(actions))]


def said():
    """What was reported, oldest first, as [(agency, status, what happened)]."""
    return list(StatusUpdate.objects.order_by("pk").values_list("agency__code", "status", "what_happened"))


def test_of_two_reports_at_once_one_is_saved_and_the_other_shown_beside_it_and_both_survive(leads, december):
    words = [
        {"status": "on_track", "what_happened": "Police wrote this.", "whats_next": "Next of Police.", "seen": ""},
        {"status": "at_risk", "what_happened": "Oranga Tamariki wrote this.", "whats_next": "Their next.", "seen": ""},
    ]

    answers = at_once(*(lambda one=one: one[0].post(UPDATE, one[1]) for one in zip(leads, words, strict=True)))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
    saved, unsaved = words[1 - late], words[late]
    assert [text for _, _, text in said()] == [saved["what_happened"]]
    form = answers[late].context["form"]
    assert {name: form[name].value() for name in unsaved if name != "seen"} == {
        name: text for name, text in unsaved.items() if name != "seen"
    }
    assert saved["what_happened"] in answers[late].content.decode()

    again = leads[late].post(UPDATE, {**unsaved, "seen": form["seen"].value()})

    assert again.status_code == 302
    assert [(status, text) for _, status, text in said()] == [
        (one["status"], one["what_happened"]) for one in (saved, unsaved)
    ]
    # Whichever came first, the more serious is shown.
    assert Activity.objects.get(number=8).status == "at_risk"


def test_two_who_tick_different_sub_activities_at_once_keep_both_ticks(leads, december):
    activity = Activity.objects.get(number=8)
    items = [activity.sub_activities.create(text=f"Step {place}", position=place) for place in (1, 2)]
    forms = [{"status": "on_track", f"done_{item.pk}": "on", "seen": ""} for item in items]

    answers = at_once(*(lambda one=one: one[0].post(UPDATE, one[1]) for one in zip(leads, forms, strict=True)))
    late = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
    assert [item.is_done for item in activity.sub_activities.order_by("position")] == [
        place != late for place in (0, 1)
    ]
    again = {**forms[late], "seen": answers[late].context["form"]["seen"].value()}
    leads[late].post(UPDATE, again)

    assert [item.is_done for item in activity.sub_activities.order_by("position")] == [True, True]


def test_same_form_of_an_update_link_sent_twice_at_once_is_saved_once_with_one_receipt(leads, december):
    link = link_for(User.objects.get(email="updater@police.example"), december)
    form = {"activity-8-status": "on_track", "activity-8-what_happened": "Once.", "activity-8-seen": ""}

    answers = at_once(*2 * [lambda: Client().post(f"/u/{update_token(link)}/", form)])

    assert [answer.status_code for answer in answers] == [302, 302]
    assert said() == [("police", "on_track", "Once.")]
    assert OutgoingMessage.objects.count() == 1


def test_link_that_is_ended_while_its_form_is_sent_reports_before_that_or_not_at_all(leads, december):
    person = User.objects.get(email="updater@police.example")
    link = link_for(person, december)
    form = {"activity-8-status": "on_track", "activity-8-what_happened": "Words.", "activity-8-seen": ""}

    answer, is_ended = at_once(
        lambda: Client().post(f"/u/{update_token(link)}/", form), lambda: end_own_link(person=person, pk=link.pk)
    )

    assert is_ended
    assert (answer.status_code, len(said())) in ((302, 1), (410, 0))


def test_report_that_comes_while_its_round_is_closed_waits_and_counts_for_no_round(leads, december, django_user_model):
    admin = django_user_model.objects.create_user("admin@programme.example", name="Programme admin")
    answers = []

    def report():
        try:
            answers.append(leads[0].post(UPDATE, {"status": "on_track", "seen": ""}).status_code)
        finally:
            connections.close_all()

    reporting = Thread(target=report)

    def freeze_and_dawdle(reporting_round):
        frozen = freeze_report(reporting_round)
        reporting.start()
        reporting.join(timeout=1)
        return frozen

    close_round(reporting_round=december, by=admin, report=freeze_and_dawdle)
    reporting.join(timeout=30)

    assert answers == [302]
    assert StatusUpdate.objects.get().round is None
    december.refresh_from_db()
    assert next(row.round_status for row in summarise_round(december).rows if row.number == 8) == RoundStatus.TO_COME
