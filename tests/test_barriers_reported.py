"""A barrier that is reported again is the one that is open; the update form resolves those that are none any more."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from plans.actions import record_update
from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.actions.updates import record_updates
from plans.choices import Status
from plans.models import Activity, Agency, Barrier, Plan, StatusUpdate
from plans.summaries.overview import summarise_plan
from plans.summaries.record import read_events
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page, said
from tests.views.test_cards import fields_of

UPDATE = "/plans/year-two/activities/8/update/"


@pytest.fixture
def activity(year_two):  # noqa: F811
    return Activity.objects.get(number=8)


@pytest.fixture
def reported(activity, police_updater):
    """Records an update of Police on activity 8: `reported("No staff.", needs_escalation=True)`."""

    def record(barrier, **parts):
        police = Agency.objects.get(code="police")
        return record_update(
            activity=activity, by=police_updater.user, agency=police, status=Status.AT_RISK, barrier=barrier, **parts
        )

    return record


def open_barriers():
    return list(Barrier.objects.open().order_by("pk").values_list("text", "is_escalated"))


@pytest.mark.parametrize("again", ["No staff in Whangārei.", " no  STAFF in Whangarei. "])
def test_barrier_in_the_same_words_is_the_open_one(reported, again):
    first = reported("No staff in Whangārei.")
    reported(again)
    assert open_barriers() == [("No staff in Whangārei.", False)]
    assert Barrier.objects.get().update == first
    assert StatusUpdate.objects.count() == 2


def test_barrier_in_other_words_is_another(reported):
    reported("No staff.")
    reported("No staff and no money.")
    assert open_barriers() == [("No staff.", False), ("No staff and no money.", False)]


def test_barrier_of_another_activity_is_another(reported, year_two, police_updater):  # noqa: F811
    reported("No staff.")
    police = Agency.objects.get(code="police")
    other = Activity.objects.get(number=5)
    record_update(activity=other, by=police_updater.user, agency=police, status=Status.AT_RISK, barrier="No staff.")
    assert Barrier.objects.count() == 2


def test_barrier_that_was_resolved_is_opened_anew(reported, police_updater):
    reported("No staff.")
    resolve_barrier(barrier=Barrier.objects.get(), by=police_updater.user, note="Hired.")
    reported("No staff.")
    assert open_barriers() == [("No staff.", False)]
    assert Barrier.objects.count() == 2


def test_barrier_reported_again_as_needing_escalation_is_escalated_once(reported, police_updater):
    reported("No staff.")
    again = reported("No staff.", needs_escalation=True)
    barrier = Barrier.objects.get()
    assert (barrier.is_escalated, barrier.escalated_by, barrier.escalated_at) == (
        *(True, police_updater.user, again.made_at),
    )
    reported("no staff.", needs_escalation=True, what_happened="Again.")
    barrier.refresh_from_db()
    assert barrier.escalated_at == again.made_at


def test_escalation_with_a_note_is_not_overwritten(reported, police_updater):
    reported("No staff.")
    escalate_barrier(barrier=Barrier.objects.get(), by=police_updater.user, note="The steering group")
    reported("No staff.", needs_escalation=True)
    assert Barrier.objects.get().escalation_note == "The steering group"


def test_many_updates_at_once_follow_the_same_rule(reported, activity, year_two, police_updater):  # noqa: F811
    reported("No staff.")
    police, other = Agency.objects.get(code="police"), Activity.objects.get(number=5)
    said_of = [(activity, "NO staff.", True), (activity, "no staff.", False), (other, "No staff.", False)]
    updates = [
        StatusUpdate(
            activity=one,
            agency=police,
            author=police_updater.user,
            status="at_risk",
            barrier=text,
            needs_escalation=is_urgent,
        )
        for one, text, is_urgent in said_of
    ]
    with transaction.atomic():
        record_updates(updates, plan=year_two)
    found = Barrier.objects.order_by("pk").values_list("activity__number", "text", "is_escalated")
    assert list(found) == [(8, "No staff.", True), (5, "No staff.", False)]


def test_needs_attention_names_an_activity_with_its_barrier_once(reported, year_two):  # noqa: F811
    reported("No staff.", needs_escalation=True)
    reported("No staff.", needs_escalation=True, what_happened="Again.")
    attention = summarise_plan(Plan.objects.with_open_round().get(), localdate()).attention
    named = [(one.activity.number, one.barrier) for one in attention.rows if one.barrier]
    assert named == [(8, "No staff.")]
    assert (attention.barrier_count, attention.escalated_count) == (1, 1)


# The update form


def test_form_shows_each_open_barrier_as_still_one(reported, police_updater):
    reported("No staff.")
    barrier = Barrier.objects.get()
    page = Page(police_updater.get(UPDATE))
    (group,) = [one for one in page.main.iter("fieldset") if said(one).startswith("No staff.")]
    assert said(group) == "No staff. Still a barrier Resolved How was it resolved?"
    assert fields_of(page)[f"still_{barrier.pk}"] == "open"


def test_form_resolves_a_barrier_with_how_and_by_whom(reported, activity, police_updater):
    reported("No staff.")
    barrier = Barrier.objects.get()
    data = fields_of(Page(police_updater.get(UPDATE)))
    resolved = {"status": "on_track", f"still_{barrier.pk}": "resolved", f"how_{barrier.pk}": "Two hired."}
    assert police_updater.post(UPDATE, {**data, **resolved}).status_code == 302
    barrier.refresh_from_db()
    assert (barrier.resolution_note, barrier.resolved_by) == ("Two hired.", police_updater.user)
    (event,) = [one for one in read_events(activity) if "resolved the barrier" in one.change.phrase]
    assert (event.by, event.change.details) == (police_updater.user, (("How", "Two hired."),))


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"still": "resolved"}, "Enter how it was resolved."),
        ({"how": "Two hired."}, "Choose Resolved as well, or clear this."),
    ],
)
def test_form_asks_for_both_that_it_is_resolved_and_how(reported, police_updater, entered, sentence):
    reported("No staff.")
    pk = Barrier.objects.get().pk
    data = fields_of(Page(police_updater.get(UPDATE))) | {f"{name}_{pk}": value for name, value in entered.items()}
    page = Page(police_updater.post(UPDATE, {**data, "what_happened": "Typed."}))
    assert page.errors == [sentence]
    assert (StatusUpdate.objects.count(), len(open_barriers())) == (1, 1)


def test_words_on_a_barrier_that_somebody_else_resolved_meanwhile_are_shown_once_more(reported, police_updater):
    reported("No staff.")
    barrier = Barrier.objects.get()
    data = fields_of(Page(police_updater.get(UPDATE))) | {"status": "on_track"}
    data |= {f"still_{barrier.pk}": "resolved", f"how_{barrier.pk}": "Two hired."}
    resolve_barrier(barrier=barrier, by=police_updater.user, note="Seconded.")
    page = Page(police_updater.post(UPDATE, data))
    assert "The barrier was resolved by someone else. You wrote: “Two hired.”" in page.text
    assert police_updater.post(UPDATE, fields_of(page)).status_code == 302
    barrier.refresh_from_db()
    assert barrier.resolution_note == "Seconded."


def test_form_cannot_resolve_the_barrier_of_another_activity(reported, year_two, police_updater):  # noqa: F811
    reported("No staff.")
    pk = Barrier.objects.get().pk
    data = {"status": "on_track", f"still_{pk}": "resolved", f"how_{pk}": "Two hired."}
    police_updater.post("/plans/year-two/activities/5/update/", data)
    assert len(open_barriers()) == 1


def test_resolved_barrier_needs_a_word_of_how_also_from_code(reported):
    reported("No staff.")
    with pytest.raises(ValidationError, match=r"Enter how it was resolved\."):
        reported("", resolved=[(Barrier.objects.get().pk, " ")])
    assert (len(open_barriers()), StatusUpdate.objects.count()) == (1, 1)
