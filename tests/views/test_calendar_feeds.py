"""Calendar feeds: what they hold, for whom, how they are kept up to date, and what ends them."""

from datetime import date, timedelta

import ics
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from plans.actions.calendar_feeds import MOST, end_feeds, feed_token, make_feed, open_feed
from plans.actions.people import close_account, open_account
from plans.calendars.ical import write_calendar
from plans.choices import AuditKind
from plans.fast.data_version import read_data_version
from plans.models import Activity, Agency, AuditEvent, CalendarFeed, Membership, Plan, ReportingRound, SubActivity
from tests.fast.test_conditional_pages import forget_transaction
from tests.views.conftest import make_activity

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 18)


@pytest.fixture
def plan(make_plan, open_reading):
    """A plan of four activities that Police leads; the first is due, and its sub-activity a week before."""
    plan = make_plan("year-three", 4)
    change(Activity.objects.get(number=1), due_on=DUE)
    change(SubActivity.objects.get(activity__number=1), due_on=DUE - timedelta(days=7))
    return plan


@pytest.fixture
def person(plan, make_user):
    """Somebody of Police."""
    person = make_user("updater@police.example", name="Police updater")
    Membership.objects.create(user=person, agency=Agency.objects.get(code="police"))
    return person


@pytest.fixture
def mine(person):
    return make_feed(person=person, name="My dates", kind="mine")


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    forget_transaction()


def address(feed):
    return f"/feeds/{feed_token(feed)}.ics"


def read(feed, **headers):
    """The answer to a program that keeps no cookies."""
    return Client().get(address(feed), headers=headers)


def events(feed):
    """{title: event} of a feed."""
    return {str(one["SUMMARY"]): one for one in Calendar.from_ical(read(feed).content).walk("VEVENT")}


def test_feed_holds_due_dates_as_events_of_whole_days(mine):
    found = events(mine)

    assert list(found) == ["Due: One step (1. Title 1)", "Due: 1. Title 1"]
    event = found["Due: 1. Title 1"]
    assert event["DTSTART"].dt == DUE
    assert event["DTEND"].dt == DUE + timedelta(days=1)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["STATUS"] == "CONFIRMED"
    assert event["CLASS"] == "CONFIDENTIAL"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["URL"] == "http://testserver/plans/year-three/activities/1/"
    assert "Year three plan\nIN-CONFIDENCE" in event["DESCRIPTION"]


def test_two_parsers_read_the_same(mine, plan):
    ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=date(2026, 10, 1), due_on=DUE)
    text = read(mine).content.decode()

    other = ics.Calendar(text)

    assert {(one.name, one.begin.date(), one.all_day) for one in other.events} == {
        (str(one["SUMMARY"]), one["DTSTART"].dt, True) for one in Calendar.from_ical(text).walk("VEVENT")
    }
    assert "Updates due: December quarter" in {one.name for one in other.events}


@pytest.mark.parametrize("marking", ["unclassified", "in_confidence"])
def test_class_follows_the_marking(mine, plan, marking):
    change(plan, marking=marking)

    said = events(mine)["Due: 1. Title 1"]["CLASS"]

    assert said == ("PUBLIC" if marking == "unclassified" else "CONFIDENTIAL")


@pytest.mark.parametrize(
    "title",
    [
        "Kāinga ora, whānau; and more",
        "<b onclick=x>bold</b> & back\\slash",
        "A very long title " * 16,
        "Ā" * 300,
        'Quotes " and : colons',
        "Two\r\nBEGIN:VALARM\r\nlines",
        "\r\nEND:VEVENT\nX-EVIL:1",
        "Next\u2028line\x85and\x0bmore",
    ],
)
def test_titles_stay_titles_whatever_is_in_them(mine, title):
    Activity.objects.filter(number=1).update(title=title)
    forget_transaction()
    content = read(mine).content

    components = Calendar.from_ical(content)

    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(line.startswith((b"X-EVIL", b"BEGIN:VALARM")) for line in lines)
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") == len(components.walk("VEVENT")) == 2
    assert {one.name for one in ics.Calendar(content.decode()).events} == {
        str(one["SUMMARY"]) for one in components.walk("VEVENT")
    }
    shown = str(components.walk("VEVENT")[-1]["SUMMARY"])
    assert shown.startswith(f"Due: 1. {title.split(chr(13))[0].split(chr(0x2028))[0][:100].strip()}")


def test_name_of_the_feed_cannot_add_lines(person):
    feed = make_feed(person=person, name="Mine\r\nX-EVIL:1", kind="mine")

    content = read(feed).content

    assert b"\nX-EVIL" not in content
    assert b"X-WR-CALNAME:Mine\\nX-EVIL:1\r\n" in content
    assert b"NAME:Mine" in content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in content


def test_moved_date_keeps_its_uid_and_counts_up(mine):
    before = events(mine)["Due: 1. Title 1"]

    change(Activity.objects.get(number=1), due_on=date(2027, 3, 31))
    after = events(mine)["Due: 1. Title 1"]

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt
    assert after["DTSTART"].dt == date(2027, 3, 31)


def test_what_is_not_said_of_it_does_not_count(mine):
    before = events(mine)["Due: 1. Title 1"]

    change(Activity.objects.get(number=1), description="Something else")

    assert events(mine)["Due: 1. Title 1"].to_ical() == before.to_ical()


CANCELLED = {
    "withdrawn": {"withdrawn_on": date(2026, 9, 1)},
    "ended": {"ending": "stopped", "ended_on": date(2026, 9, 1), "ending_note": "No money"},
    "no date any more": {"due_on": None},
}


@pytest.mark.parametrize("why", CANCELLED)
def test_cancelled_events_are_kept_as_cancelled(mine, why):
    before = events(mine)["Due: 1. Title 1"]

    change(Activity.objects.get(number=1), **CANCELLED[why])
    event = events(mine)["Cancelled: Due: 1. Title 1"]

    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == before["UID"]
    assert event["DTSTART"].dt == DUE
    assert event["SEQUENCE"] > before["SEQUENCE"]


def test_sub_activities_are_cancelled_with_their_activity_and_come_back_with_it(mine):
    change(Activity.objects.get(number=1), withdrawn_on=date(2026, 9, 1))
    cancelled = events(mine)["Cancelled: Due: One step (1. Title 1)"]
    change(Activity.objects.get(number=1), withdrawn_on=None)
    again = events(mine)["Due: One step (1. Title 1)"]

    assert cancelled["STATUS"] == "CANCELLED"
    assert again["STATUS"] == "CONFIRMED"
    assert again["SEQUENCE"] == cancelled["SEQUENCE"] + 1


def test_removed_and_done_sub_activities_are_told(mine):
    item = SubActivity.objects.get(activity__number=1)
    change(item, is_done=True, done_on=date(2026, 9, 1))
    assert "Done: Due: One step (1. Title 1)" in events(mine)

    item.delete()
    forget_transaction()

    assert "Cancelled: Due: One step (1. Title 1)" in events(mine)


def test_nothing_changed_is_304_by_one_query(mine, django_assert_num_queries):
    first = read(mine)

    with django_assert_num_queries(1):
        again = read(mine, **{"If-None-Match": first["ETag"]})
    with django_assert_num_queries(1):
        since = read(mine, **{"If-Modified-Since": first["Last-Modified"]})

    assert (again.status_code, since.status_code, again.content) == (304, 304, b"")
    assert again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert first["X-Robots-Tag"] == "noindex, nofollow"
    assert not first.cookies


def test_change_of_something_else_is_still_304(mine):
    first = read(mine)

    change(Activity.objects.get(number=2), description="Something else")
    again = read(mine, **{"If-None-Match": first["ETag"]})
    change(Activity.objects.get(number=2), due_on=DUE)
    later = read(mine, **{"If-None-Match": first["ETag"]})

    assert (again.status_code, later.status_code) == (304, 200)
    assert later["ETag"] != first["ETag"]


def test_making_a_feed_costs_the_same_whatever_is_in_it(mine, plan, django_assert_max_num_queries):
    for number in range(10, 20):
        activity = make_activity(plan, number, due_on=DUE)
        change(activity.sub_activities.get(), due_on=DUE)
    with django_assert_max_num_queries(12):
        read(mine)
    assert len(events(mine)) == 22


def test_the_same_data_is_the_same_bytes(mine, person):
    first = read(mine).content
    CalendarFeed.objects.update(content_version="", content_tag="")

    assert read(mine).content == first


def test_reading_moves_no_page(mine):
    before = read_data_version()

    read(mine)

    assert read_data_version() == before
    mine.refresh_from_db()
    assert mine.last_read_at


def test_agency_feed_holds_what_it_supports_and_is_responsible_for(plan, person):
    msd = Agency.objects.get(code="msd")
    item = SubActivity.objects.get(activity__number=2)
    supported = make_feed(person=person, name="MSD", kind="agency", plan=plan, query="agency=msd")
    other = Agency.objects.create(code="moe", name="Education")
    change(item, agency=other, due_on=DUE)
    responsible = make_feed(person=person, name="Education", kind="agency", plan=plan, query="agency=moe")

    assert "Due: 1. Title 1" in events(supported)
    assert list(events(responsible)) == ["Due: One step (2. Title 2)"]
    Agency.objects.filter(pk=other.pk).update(merged_into=msd)
    forget_transaction()
    assert "Due: 1. Title 1" in events(responsible)


def test_feed_of_a_list_follows_its_filters(plan, person):
    change(Activity.objects.get(number=2), due_on=DUE)
    feed = make_feed(person=person, name="Supply", kind="view", plan=plan, query="focus=supply&q=title")
    broken = make_feed(person=person, name="Gone", kind="view", plan=plan, query="focus=nowhere")

    assert set(events(feed)) == {"Due: 1. Title 1", "Due: One step (1. Title 1)"}
    assert events(broken) == {}


def test_feed_follows_the_rights_of_its_person_now(mine, person, plan):
    before = read(mine)
    forget_transaction()
    Membership.objects.filter(user=person).update(ended_at=timezone.now())
    after = read(mine, **{"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert b"VEVENT" not in after.content


@pytest.mark.parametrize("who", ["person", "programme_admin"])
def test_plan_that_is_not_published_is_in_no_feed(plan, person, request, who):
    owner = person if who == "person" else request.getfixturevalue(who).user
    feed = make_feed(person=owner, name="List", kind="view", plan=plan)
    assert events(feed)

    Plan.objects.update(is_published=False, is_current=False)
    forget_transaction()

    assert events(feed) == {}


def test_admins_see_and_end_feeds_of_people_and_the_audit_trail_says_so(mine, person, programme_admin, make_user):
    here = f"/people/{person.pk}/"
    assert "My dates" in programme_admin.get(here).content.decode()
    with pytest.raises(PermissionDenied):
        end_feeds(person=person, by=make_user("reader@agency.example"))

    assert "no longer work" in programme_admin.post(f"{here}feeds/end/", follow=True).content.decode()

    assert open_feed(feed_token(mine)) is None
    assert "My dates" not in programme_admin.get(here).content.decode()
    events = AuditEvent.objects.filter(about=person, detail="My dates").order_by("pk")
    assert list(events.values_list("kind", "by")) == [
        (AuditKind.FEED_MADE, person.pk),
        (AuditKind.FEED_ENDED, programme_admin.user.pk),
    ]


def test_closed_account_ends_its_feeds_for_good(mine, person, programme_admin):
    close_account(person=person, by=programme_admin.user)
    assert read(mine).status_code == 404

    open_account(person=person, by=programme_admin.user)

    assert read(mine).status_code == 404


def test_account_that_is_not_active_has_no_feed(mine, person):
    type(person).objects.filter(pk=person.pk).update(is_active=False)

    assert read(mine).status_code == 404


def test_token_of_something_else_opens_nothing(mine, django_assert_num_queries):
    token = feed_token(mine)
    for other in (mine.public_id, token[:-1], token.upper(), f"{mine.public_id}.x", "x" * 500):
        with django_assert_num_queries(0):
            assert open_feed(other) is None
    assert Client().post(address(mine)).status_code == 405


def test_feed_works_where_reading_is_closed(mine, closed_reading):
    assert len(events(mine)) == 2


# The page


def sign_in(person):
    client = Client()
    client.force_login(person)
    return client


def make(client, **fields):
    return client.post("/account/feeds/", {"name": "Mine", "kind": "mine", **fields}, follow=True)


def test_person_makes_copies_and_revokes_a_feed(person):
    client = sign_in(person)
    assert "You have no feeds." in client.get("/account/feeds/").content.decode()

    page = make(client).content.decode()
    feed = CalendarFeed.objects.get()
    assert f"http://testserver{address(feed)}" in page
    assert f"webcal://testserver{address(feed)}" in page
    assert "not read yet" in page
    assert "Google looks about once a day" in page
    read(feed)
    assert "last read" in client.get("/account/feeds/").content.decode()

    client.post(f"/account/feeds/{feed.pk}/revoke/")

    assert "You have no feeds." in client.get("/account/feeds/").content.decode()
    assert read(feed).status_code == 404


def test_nobody_revokes_the_feed_of_another(mine, programme_admin):
    programme_admin.post(f"/account/feeds/{mine.pk}/revoke/")

    assert read(mine).status_code == 200
    assert address(mine) not in programme_admin.get("/account/feeds/").content.decode()


def test_list_and_agency_lead_to_a_feed_of_what_they_show(person, plan):
    client = sign_in(person)
    lists = client.get("/plans/year-three/activities/?focus=supply&q=a%26b&sort=title").content.decode()
    link = "/account/feeds/?plan=year-three&amp;list=q%3Da%2526b%26focus%3Dsupply"
    assert "/account/feeds/?plan=year-three&amp;list=" in lists
    assert (
        "/account/feeds/?plan=year-three&amp;agency=police"
        in client.get("/plans/year-three/agencies/police/").content.decode()
    )
    assert "/account/feeds/" not in Client().get("/plans/year-three/activities/").content.decode()

    offer = client.get(link.replace("&amp;", "&"))
    assert "Focus area: Supply" in offer.content.decode()
    make(client, name="Supply", kind="view", plan="year-three", query="focus=supply&q=title&sort=-moves&page=2")
    make(client, name="Police", kind="agency", plan="year-three", query="agency=Police")

    assert list(CalendarFeed.objects.order_by("pk").values_list("kind", "query")) == [
        ("view", "focus=supply&q=title"),
        ("agency", "agency=police"),
    ]


@pytest.mark.parametrize(
    "query",
    ["?plan=nowhere", "?plan=draft", "?plan=year-three&agency=nobody", "?plan=year-three&list=status%3Dnonsense"],
)
def test_offer_of_what_is_not_there_is_404(person, query):
    Plan.objects.create(slug="draft", name="Draft", short_name="Draft")

    assert sign_in(person).get(f"/account/feeds/{query}").status_code == 404


def test_name_is_needed_and_feeds_are_counted(person):
    client = sign_in(person)
    assert "This field is required" in make(client, name="").content.decode()
    for number in range(MOST):
        make_feed(person=person, name=f"Feed {number}", kind="mine")

    assert f"You have {MOST} feeds" in make(client).content.decode()
    assert CalendarFeed.objects.count() == MOST


# One activity


def test_due_dates_of_an_activity_are_a_file(plan, client):
    answer = client.get("/plans/year-three/activities/1/due.ics")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 2
    assert client.get("/plans/year-three/activities/2/due.ics").status_code == 404
    assert client.get("/plans/year-three/activities/99/due.ics").status_code == 404
    assert "due.ics" in client.get("/plans/year-three/activities/1/").content.decode()
    assert "due.ics" not in client.get("/plans/year-three/activities/2/").content.decode()


def test_last_day_of_the_calendar_has_no_day_after(plan, client):
    change(Activity.objects.get(number=2), due_on=date.max)

    (event,) = Calendar.from_ical(client.get("/plans/year-three/activities/2/due.ics").content).walk("VEVENT")

    assert "DTEND" not in event


def test_calendar_without_events_is_one():
    assert not Calendar.from_ical(write_calendar("Empty", [], str)).walk("VEVENT")
