"""What has changed since a day, on the overview: since the last visit, for visitors in seven days, or as asked."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from plans.choices import AuditKind, DescriptionState, Status
from plans.models import Activity, AuditEvent, Barrier
from tests.views.page import Page, said

OVERVIEW = "/plans/year-two/"
NOW = "2026-11-30T12:00:00+13:00"


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def quiet(year_two):
    """The Year Two plan, which was put here long ago."""
    begin_history(year_two.activities.all(), 300)
    return year_two


def begin_history(activities, days):
    """Have the history of activities begin that many days ago."""
    Activity.history.filter(id__in=[one.pk for one in activities]).delete()
    Activity.history.bulk_history_create([*activities], default_date=ago(days))


def ago(days):
    """That many days before now."""
    return timezone.localtime() - timedelta(days=days)


def strip(page):
    """The heading of the strip and its lines, each with where its links lead."""
    (section,) = (one for one in page.main.iter("section") if one.get("id") == "since")
    lines = [(said(item), [href.removeprefix(OVERVIEW) for _, href in page.links(item)]) for item in section.iter("li")]
    return said(next(section.iter("h2"))), lines


def raise_barrier(update, text, **fields):
    return Barrier.objects.create(activity=update.activity, update=update, text=text, **fields)


def test_strip_says_what_happened_and_leads_there_the_most_urgent_first(quiet, report, see, programme_admin):
    one, two, three, six, nine = quiet.activities.filter(number__in=[1, 2, 3, 6, 9]).order_by("number")
    report(one, Status.ON_TRACK, made_at=ago(40))
    report(one, Status.OFF_TRACK, made_at=ago(2))
    old = report(two, Status.ON_TRACK, made_at=ago(40))
    report(three, Status.COMPLETE, made_at=ago(1))
    by = {"escalated_by": programme_admin.user, "is_escalated": True}
    raise_barrier(old, "Old one, escalated now", escalated_at=ago(1), **by)
    raise_barrier(three.updates.get(), "New one")
    gone = {"resolved_by": programme_admin.user, "resolved_at": ago(3), "resolution_note": "Done"}
    raise_barrier(old, "Old one, resolved", **gone)
    six.description, six.description_state = "What it is", DescriptionState.FINALISED
    six.save()
    nine.withdrawn_on = date(2026, 11, 28)
    nine.save()
    ten = quiet.activities.get(number=10)
    ten.ending, ten.ended_on, ten.ending_note = "stopped", date(2026, 11, 1), "Not funded"
    ten.save()

    heading, lines = strip(see(OVERVIEW))

    assert heading == "Since 23 November 2026"
    assert lines == [
        ("Off track 1. Operation Cobalt was On track", ["activities/1/"]),
        ("Complete 3. Alignment of TNOC and ROCC was No update yet", ["activities/3/"]),
        ("1 barrier escalated", ["barriers/"]),
        ("1 barrier raised", ["barriers/"]),
        ("1 barrier resolved", ["barriers/?state=resolved"]),
        ("2 updates", ["activities/?group=none&sort=-updated"]),
        ("Description finalised: 6. Activity 6 (title to be finalised)", ["activities/6/"]),
        ("Ended: 10. ROCC Strategic Intent Document", ["activities/10/"]),
        ("Withdrawn: 9. Oranga Rangatahi and Youth Inclusion Programmes", ["activities/9/history/"]),
    ]


def test_six_lines_are_in_sight_and_the_others_are_folded(quiet, report, see):
    for activity in quiet.activities.filter(number__lte=8):
        report(activity, Status.AT_RISK, made_at=ago(1))

    page = see(OVERVIEW)

    (section,) = (one for one in page.main.iter("section") if one.get("id") == "since")
    folded = section.find(".//details")
    assert len([*section.iter("li")]) - len([*folded.iter("li")]) == 6
    assert said(folded.find("summary")) == "Show all 9"


def test_every_line_leads_to_a_page(quiet, report, see):
    report(quiet.activities.get(number=1), Status.OFF_TRACK, made_at=ago(1))
    quiet.activities.filter(number=9).update(withdrawn_on=date(2026, 11, 28))

    for _, paths in strip(see(OVERVIEW))[1]:
        for path in paths:
            see(OVERVIEW + path)


def test_what_was_before_the_day_or_taken_back_is_not_said(quiet, report, see, programme_admin):
    one = quiet.activities.get(number=1)
    report(one, Status.ON_TRACK, made_at=ago(8))
    taken_back = {"retracted_at": ago(1), "retracted_by": programme_admin.user}
    report(one, Status.ON_TRACK, made_at=ago(2), **taken_back)

    assert strip(see(OVERVIEW)) == ("Since 23 November 2026", [])
    assert "Nothing has changed." in see(OVERVIEW).text


def test_day_that_is_asked_for_counts_from_its_beginning_in_new_zealand(quiet, report, see):
    report(quiet.activities.get(number=1), Status.ON_TRACK, made_at=datetime.fromisoformat("2026-11-01T00:30:00+13:00"))

    counts = {day: len(strip(see(f"{OVERVIEW}?since={day}"))[1]) for day in ("2026-11-01", "2026-11-02", "2026-11-30")}

    assert counts == {"2026-11-01": 2, "2026-11-02": 0, "2026-11-30": 0}


def test_added_activities_are_said_to_be_added_and_many_are_counted(year_two, report, see):
    begin_history(year_two.activities.filter(number__lte=11), 300)
    begin_history(year_two.activities.filter(number__gt=11), 1)
    report(year_two.activities.get(number=1), made_at=ago(200))

    (line, paths) = strip(see(OVERVIEW))[1][0]

    assert line.startswith("4 activities added, first: 12. ")
    assert paths == ["activities/12/", "activities/13/", "activities/14/"]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("soon", "“soon” is not a day. Enter one as year-month-day, for example 2026-11-24."),
        ("2026-02-30", "“2026-02-30” is not a day. Enter one as year-month-day, for example 2026-11-24."),
        ("2026-12-01", "This day is in the future. Choose today or an earlier day."),
        ("0001-01-01", "This day is too long ago. Choose a day from 2000 on."),
        ("1999-12-31", "This day is too long ago. Choose a day from 2000 on."),
    ],
)
def test_day_that_is_none_or_in_the_future_is_an_error_at_its_place(quiet, report, see, day, sentence):
    report(quiet.activities.get(number=1), made_at=ago(40))

    page = see(f"{OVERVIEW}?since={day}")

    assert page.errors_at("since") == [sentence]
    assert strip(page)[0] == "Since 23 November 2026"


def test_whoever_comes_back_sees_what_changed_since_the_last_day_that_they_were_here(quiet, report, make_user):
    report(quiet.activities.get(number=1), Status.OFF_TRACK, made_at=ago(10))
    person = make_user("executive@agency.example")
    for days in (20, 12, 0):
        AuditEvent.objects.create(kind=AuditKind.SIGNED_IN, about=person, by=person, at=ago(days))
    client = Client()
    client.force_login(person)

    heading, lines = strip(Page(client.get(OVERVIEW)))

    assert heading == "Since you were last here, 18 November 2026"
    assert [words for words, _ in lines] == ["Off track 1. Operation Cobalt was No update yet", "1 update"]


def test_who_is_here_for_the_first_time_sees_seven_days(quiet, report, reader):
    report(quiet.activities.get(number=1), made_at=ago(40))

    assert strip(Page(reader.get(OVERVIEW)))[0] == "Since 23 November 2026"


def test_page_of_an_earlier_session_is_not_taken_for_that_of_a_later_one(quiet, report, reader, tricks_on):
    report(quiet.activities.get(number=1), made_at=ago(40))
    tag = reader.get(OVERVIEW)["ETag"]
    assert reader.get(OVERVIEW, headers={"If-None-Match": tag}).status_code == 304

    again = Client()
    again.force_login(reader.user)

    assert again.get(OVERVIEW, headers={"If-None-Match": tag}).status_code == 200
