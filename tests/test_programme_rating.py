"""The programme's own rating of an activity: its page, and how it is shown beside the status."""

import pytest
from django.contrib.messages import get_messages
from django.utils.formats import date_format
from django.utils.timezone import localdate

from plans.actions import restore_version
from plans.models import Activity
from plans.summaries.record import read_events, version_at
from tests.test_editing import colleague  # noqa: F401
from tests.views.conftest import open_reading  # noqa: F401
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
ACTIVITY = "/plans/year-two/activities/{}/"
AT = f"{ACTIVITY}rating/"
WHY = "Two milestones slipped"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


def opened(client, number=2):
    form = client.get(AT.format(number)).context["form"]
    return {field.html_name: field.value() or "" for field in form}


def rate(client, rating, why=WHY, number=2, *, data=None):
    sent = {**(data or opened(client, number)), "programme_rating": rating, "programme_rating_reason": why}
    return client.post(AT.format(number), sent)


def rating(number=2):
    return Activity.objects.values_list("status", "programme_rating", "programme_rating_reason").get(number=number)


def told(response):
    return [str(one) for one in get_messages(response.wsgi_request)]


def sentences(number=2):
    return [(one.change.sentence, one.why) for one in read_events(Activity.objects.get(number=number))]


def test_rating_stands_beside_the_status_with_its_reason_and_day(programme_admin, client, open_reading):  # noqa: F811
    response = rate(programme_admin, "at_risk")
    assert (response.status_code, response["Location"]) == (302, ACTIVITY.format(2))
    assert told(response) == ["Programme rating saved: At risk. The status stays No update yet."]
    assert rating() == ("no_update", "at_risk", WHY)
    today = date_format(localdate(), "j F Y")
    for who in (client, programme_admin):
        page = Page(who.get(ACTIVITY.format(2)))
        assert f"Programme rating: At risk Differs from the status {WHY} ({today})" in page.text
    assert page.link("Change rating") == AT.format(2)


def test_rating_that_is_as_the_status_is_not_said_to_differ(programme_admin):
    Activity.objects.filter(number=2).update(status="at_risk")
    rate(programme_admin, "at_risk")
    text = Page(programme_admin.get(ACTIVITY.format(2))).text
    assert ("Programme rating: At risk" in text, "Differs from the status" in text) == (True, False)


def test_day_is_that_of_the_rating_and_not_of_a_later_edit(programme_admin):
    rate(programme_admin, "at_risk")
    rated = Activity.objects.with_rated_at().get(number=2).rated_at
    activity = Activity.objects.get(number=2)
    activity.title = "Another title"
    activity.save()
    assert Activity.objects.with_rated_at().get(number=2).rated_at == rated
    rate(programme_admin, "off_track", "Worse still")
    assert Activity.objects.with_rated_at().get(number=2).rated_at > rated


def test_rating_is_removed_with_a_reason_that_the_history_keeps(programme_admin):
    rate(programme_admin, "at_risk")
    response = rate(programme_admin, "", "Back on schedule")
    assert told(response) == ["Programme rating removed. The status stays No update yet."]
    assert rating() == ("no_update", "", "")
    assert sentences()[-2:] == [
        ("removed the programme rating, which was “At risk”", "Back on schedule"),
        (f"removed the reason for the programme rating, which was “{WHY}”", "Back on schedule"),
    ]


def test_history_tells_of_a_new_rating(programme_admin):
    rate(programme_admin, "at_risk")
    rate(programme_admin, "off_track", "Worse still")
    assert sentences()[-2:] == [
        ("changed the programme rating from “At risk” to “Off track”", "Programme rating"),
        (f"changed the reason for the programme rating from “{WHY}” to “Worse still”", "Programme rating"),
    ]


@pytest.mark.parametrize(
    ("before", "sent", "field", "sentence"),
    [
        ("", ("at_risk", " "), "programme_rating_reason", "Enter why, in a sentence."),
        ("at_risk", ("", ""), "programme_rating_reason", "Enter why, in a sentence."),
        ("at_risk", ("paused", WHY), "programme_rating_reason", "Enter why the rating changes."),
        ("at_risk", ("", WHY), "programme_rating_reason", "Enter why the rating changes."),
        ("", ("", WHY), "programme_rating", "Choose a rating, or clear the sentence."),
        ("", ("", ""), "programme_rating", "Choose a rating."),
        ("", ("no_update", WHY), "programme_rating", "Select a valid choice."),
        ("", ("at_risk", "x" * 501), "programme_rating_reason", "Ensure this value has at most 500 characters"),
    ],
)
def test_rating_needs_its_own_sentence(programme_admin, before, sent, field, sentence):
    if before:
        Activity.objects.filter(number=2).update(programme_rating=before, programme_rating_reason=WHY)
    response = rate(programme_admin, *sent)
    assert response.status_code == 200
    assert response.context["form"].errors[field][0].startswith(sentence)
    assert rating() == ("no_update", before, WHY if before else "")


def test_nothing_changed_is_nothing_saved(programme_admin):
    rate(programme_admin, "at_risk")
    count = Activity.history.count()
    response = rate(programme_admin, "at_risk")
    assert (told(response)[-1], Activity.history.count()) == ("No changes to save.", count)


def test_rating_that_a_colleague_gave_meanwhile_is_shown_first(programme_admin, colleague):  # noqa: F811
    mine = opened(programme_admin)
    rate(colleague, "off_track", "Theirs")
    response = rate(programme_admin, "at_risk", "Mine", data=mine)
    conflicts = [(one.label, one.theirs, one.yours) for one in response.context["form"].conflicts]
    assert (response.status_code, rating()) == (409, ("no_update", "off_track", "Theirs"))
    assert conflicts == [("Rating", "Off track", "At risk"), ("Why, in a sentence", "Theirs", "Mine")]
    form = response.context["form"]
    again = {field.html_name: field.value() or "" for field in form}
    rate(programme_admin, "at_risk", "Mine", data=again)
    assert rating() == ("no_update", "at_risk", "Mine")


def test_rating_is_restored_with_an_earlier_version(programme_admin):
    rate(programme_admin, "at_risk")
    activity, then = Activity.objects.get(number=2), Activity.history.latest("history_id").history_date
    rate(programme_admin, "", "Back on schedule")
    version = version_at(activity, then)
    restore_version(activity=activity, version=version, by=programme_admin.user, reason="Again", on=localdate())
    assert rating() == ("no_update", "at_risk", WHY)
