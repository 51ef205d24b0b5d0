from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from plans.actions import add_note, finalise_description, record_update, withdraw
from plans.models import Activity, Agency, StatusUpdate
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity():
    load_year_two()
    return Activity.objects.get(number=1)


@pytest.fixture
def person(make_user):
    return make_user("admin@programme.example")


def history(activity):
    return list(activity.history.values_list("history_user__email", "history_change_reason", "status"))


def test_record_update_adds_an_update_and_takes_its_status(activity, person):
    record_update(activity=activity, by=person, status="at_risk", what_happened="Short of staff")
    updates = StatusUpdate.objects.values_list("activity__number", "status", "what_happened", "author__email", "agency")
    assert list(updates) == [(1, "at_risk", "Short of staff", "admin@programme.example", None)]
    assert activity.status == Activity.objects.get(number=1).status == "at_risk"


def test_record_update_says_in_the_history_who_and_why(activity, person):
    police = Agency.objects.get(code="police")
    record_update(activity=activity, by=person, status="on_track", agency=police)
    assert history(activity) == [("admin@programme.example", "Update by Police", "on_track")]


def test_record_update_of_the_same_status_leaves_the_activity_alone(activity, person):
    record_update(activity=activity, by=person, status="on_track", what_happened="Agreed")
    record_update(activity=activity, by=person, status="on_track", what_happened="Agreed")
    assert (StatusUpdate.objects.count(), len(history(activity))) == (2, 1)


def test_record_update_keeps_what_a_colleague_saved_meanwhile(activity, person):
    Activity.objects.filter(pk=activity.pk).update(title="New title")
    record_update(activity=activity, by=person, status="on_track", what_happened="Agreed")
    assert Activity.objects.get(pk=activity.pk).title == "New title"


@pytest.mark.parametrize("status", ["no_update", "nonsense", ""])
def test_record_update_refuses_what_nobody_can_report(activity, person, status):
    with pytest.raises(ValidationError):
        record_update(activity=activity, by=person, status=status)
    assert (StatusUpdate.objects.count(), Activity.objects.get(number=1).status) == (0, "no_update")


@pytest.mark.parametrize("wording", [None, "", " \n"])
def test_finalise_description_refuses_a_blank_one_by_name(activity, person, wording):
    six = Activity.objects.get(number=6)
    with pytest.raises(ValidationError) as refusal:
        finalise_description(activity=six, by=person, description=wording)
    sentence = "Activity 6 (title to be finalised): enter a description before you finalise it."
    assert refusal.value.messages == [sentence]
    assert Activity.objects.get(number=6).description_state == "to_be_finalised"


def test_finalise_description_takes_the_new_wording_which_search_then_finds(activity, person):
    finalise_description(activity=Activity.objects.get(number=6), by=person, description="Help whānau")
    six = Activity.objects.search("whanau help").get()
    assert (six.number, six.description, six.description_state) == (6, "Help whānau", "finalised")


def test_finalise_description_writes_nothing_when_nothing_changes(activity, person):
    finalise_description(activity=activity, by=person)
    assert history(activity) == []


def test_withdraw_keeps_the_first_day(activity, person):
    withdraw(activity=activity, by=person, on=date(2024, 7, 1))
    withdraw(activity=activity, by=person, on=date(2024, 8, 1))
    assert Activity.objects.get(number=1).withdrawn_on == activity.withdrawn_on == date(2024, 7, 1)
    assert history(activity) == [("admin@programme.example", "Withdrawn", "no_update")]


def test_update_made_after_the_clock_went_back_is_the_newest(activity, person):
    with time_machine.travel(datetime(2026, 11, 3, 12, tzinfo=UTC), tick=False):
        first = record_update(activity=activity, by=person, status="on_track", what_happened="First")
    with time_machine.travel(datetime(2026, 11, 3, 11, tzinfo=UTC), tick=False):
        second = record_update(activity=activity, by=person, status="at_risk", what_happened="Second")
        note = add_note(activity=activity, by=person, agency=Agency.objects.get(code="police"), text="Third")

    assert list(activity.updates.all()) == [note, second, first]
    assert list(StatusUpdate.objects.latest_of(Activity.objects.filter(pk=activity.pk))) == [second]
    assert Activity.objects.get(pk=activity.pk).status == "at_risk"


def test_update_is_dated_by_the_clock_when_it_goes_forward(activity, person):
    with time_machine.travel(datetime(2026, 11, 3, 12, tzinfo=UTC), tick=False):
        record_update(activity=activity, by=person, status="on_track", what_happened="First")
    with time_machine.travel(later := datetime(2026, 11, 3, 13, tzinfo=UTC), tick=False):
        second = record_update(activity=activity, by=person, status="at_risk", what_happened="Second")

    assert second.made_at == later
