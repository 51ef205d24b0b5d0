"""The page that compares a plan at two moments, and its files."""

from datetime import UTC, date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.choices import Marking, Status
from plans.models import Activity, Agency, Barrier, ReportingRound
from tests.as_at.conftest import clock, make_plan, moment, open_reading, see
from tests.views.conftest import report

__all__ = ["clock", "make_plan", "open_reading", "report", "see"]

pytestmark = pytest.mark.django_db
PLAN = "/plans/year-three/"
PAGE = f"{PLAN}compare/"
FROM = "2026-07-01"


@pytest.fixture
def plan(clock, make_plan, open_reading):
    """A plan of four activities, made on 1 July.

    On 3 July the first gets another title and status, the second is withdrawn; it is 5 July.
    """
    plan = make_plan("year-three", 4)
    clock(48)
    first, second = Activity.objects.filter(number__in=[1, 2])
    first.title, first.status = "Title 1 of the plan", Status.AT_RISK
    first.save()
    second.withdrawn_on = date(2026, 7, 3)
    second.save()
    clock(96)
    return plan


def test_page_counts_first_and_shows_what_was_and_what_is(see, plan):
    page = see(f"{PAGE}?from={FROM}")
    assert "2 activities changed" in page.text
    assert "From 1 July 2026 to now. 2 activities are as before." in page.text
    assert "Changed (1)" in page.text
    assert "Withdrawn (1)" in page.text
    assert '<ins><span class="visually-hidden">[now: </span> of the plan' in page.html
    assert '<del><span class="visually-hidden">[before: </span>No update yet' in page.html
    assert f'href="{PLAN}activities/2/history/"' in page.html


def test_page_between_two_past_days_links_to_the_plan_of_the_second(see, plan):
    page = see(f"{PAGE}?from={FROM}&to=2026-07-03")
    assert "From 1 July 2026 to 3 July 2026" in page.text
    assert f'href="{PLAN}activities/1/?at=2026-07-03"' in page.html
    assert "Nothing changed between 1 July 2026 and 2 July 2026" in see(f"{PAGE}?from={FROM}&to=2026-07-02").text
    assert "Nothing changed between 3 July 2026 and now" in see(f"{PAGE}?from=2026-07-03").text


def test_filters_tell_what_moved_into_and_out_of_them(see, plan):
    page = see(f"{PAGE}?from={FROM}&status=at_risk")
    assert "1 activity changed" in page.text
    assert "Moved into the filter (1)" in page.text
    page = see(f"{PAGE}?from={FROM}&status=no_update&kind=left")
    assert "Moved out of the filter (1)" in page.text
    assert "Withdrawn (1)" in page.text
    assert "Title 2" not in page.text


def test_barriers_are_raised_and_resolved_between_two_moments(see, plan, clock, report):
    update = report(Activity.objects.get(number=3), Status.OFF_TRACK, made_at=moment(96), barrier="No funding")
    barrier = Barrier.objects.create(activity=update.activity, update=update, text="No funding")
    clock(144)
    barrier.resolved_at, barrier.resolution_note, barrier.resolved_by = moment(144), "Found some.", update.author
    barrier.save()
    clock(192)
    raised = see(f"{PAGE}?from=2026-07-04&to=2026-07-06&q=3").text
    assert "Barrier raised" in raised
    assert "Barrier resolved" not in raised
    resolved = see(f"{PAGE}?from=2026-07-06&q=3").text
    assert "Barrier resolved" in resolved
    assert "Found some." in resolved
    assert "Barrier raised" not in resolved


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon", "“soon” is not a day. Enter a day as year-month-day, for example 2026-10-31."),
        ("from=2026-02-30", "is not a day"),
        ("from=0001-01-01", "is too long ago"),
        ("from=9999-12-31", "is in the future"),
        ("to=2026-07-06", "6 July 2026 is in the future"),
        ("from=2026-07-05", "Choose a day before today."),
        ("from=2026-07-03&to=2026-07-02", "3 July 2026 is not before 2 July 2026."),
        ("from=2026-07-03&to=2026-07-03", "3 July 2026 is not before 3 July 2026."),
        (
            "from=2026-06-30",
            "Year three plan was not there on 30 June 2026. Choose a later day. Its record begins on 1 ",
        ),
        ("from=2026-06-29&to=2026-06-30", "was not there on 30 June 2026"),
        (f"from={FROM}&from={FROM}", "Use “from” only once."),
        ("form=2026-07-01", "There is no filter called “form”. Did you mean from?"),
        (f"from={FROM}&kind=lost", "There is no show “lost”."),
        (f"from={FROM}&agency=nobody", "There is no agency “nobody”."),
        (f"from={FROM}&sort=status", "There is no filter called “sort”."),
        (f"from={FROM}&checks=any", "Plan checks are for people who are signed in, for one date at a time."),
        ("from=%F0%9F%90%91" + "x" * 5_000, "is not a day"),
    ],
)
def test_what_cannot_be_compared_says_why_and_is_no_file(see, client, plan, query, sentence):
    page = see(f"{PAGE}?{query}")
    assert sentence in page.text
    assert "are as before" not in page.text
    assert client.get(f"{PLAN}compare.csv?{query}").status_code == 400


def test_wrong_moments_are_said_at_their_fields(see, plan):
    page = see(f"{PAGE}?from=soon&to=later")
    for name in ("from", "to"):
        assert f'aria-describedby="compare-{name}-hint compare-{name}-error"' in page.html
        assert f'id="compare-{name}-error"' in page.html


def test_it_begins_where_the_last_round_was_closed_and_offers_others(see, plan, make_user, clock):
    author = make_user("rounds@programme.example")
    days = {"opened_on": date(2026, 7, 1), "due_on": date(2026, 7, 2)}
    ReportingRound.objects.create(plan=plan, name="First", closed_at=moment(24), closed_by=author, **days)
    ReportingRound.objects.create(plan=plan, name="Second", closed_at=moment(72), closed_by=author, **days)
    assert "From 4 July 2026, 1:00 pm to now." in see(PAGE).text
    # Before that, the round before.
    assert "From 2 July 2026, 1:00 pm to 3 July 2026." in see(f"{PAGE}?to=2026-07-03").text
    assert "The last month" not in see(PAGE).text
    clock(24 * 40)
    page = see(f"{PAGE}?agency=police")
    chosen = moment(72).astimezone(UTC).isoformat().replace("+00:00", "Z").replace(":", "%3A")
    assert f'href="{PAGE}?agency=police&amp;from={chosen}" aria-current="true">Since the last round closed' in page.html
    assert f'href="{PAGE}?agency=police&amp;from=2026-07-10">The last month' in page.html
    rounds = see(f"{PLAN}rounds/")
    assert "2 activities changed" in see(rounds.link("Compare Second with First")).text


def test_without_a_closed_round_it_begins_a_month_before_or_with_the_plan(see, plan, clock):
    assert "From 1 July 2026 to now." in see(PAGE).text
    clock(24 * 60)
    assert "From 30 July 2026 to now." in see(PAGE).text


def test_a_plan_that_was_a_draft_then_is_compared_by_admins_alone(see, plan, request, clock):
    plan.is_published = False
    plan.save()
    clock(120)
    plan.is_published = True
    plan.save()
    clock(168)
    address = f"{PAGE}?from=2026-07-05"
    assert "Year three plan was not published on 5 July 2026." in see(address).text
    # Signed in by then, since sessions end.
    programme_admin = request.getfixturevalue("programme_admin")
    assert "Nothing changed between" in see(address, by=programme_admin).text


def test_what_is_old_is_marked_no_less_strictly_than_it_was(see, plan, clock):
    assert "IN-CONFIDENCE" in see(PAGE).text
    plan.marking = Marking.UNCLASSIFIED
    plan.save()
    clock(144)
    assert "IN-CONFIDENCE" in see(f"{PAGE}?from={FROM}").text
    assert "IN-CONFIDENCE" not in see(f"{PAGE}?from=2026-07-05").text


def test_files_have_a_row_for_each_difference(client, plan):
    response = client.get(f"{PLAN}compare.csv?from={FROM}&agency=police")
    rows = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert rows == [
        "Activity Number,Activity,Agency Lead,Status,Change,What Changed,Which,Before,After,Note",
        "1,Title 1 of the plan,Police,At risk,Changed,Title,,Title 1,Title 1 of the plan,",
        "1,Title 1 of the plan,Police,At risk,Changed,Status,,No update yet,At risk,",
        "2,Title 2,Police,No update yet,Withdrawn,Activity withdrawn,,,3 July 2026,",
    ]
    named = f"year-three-changes-2026-07-01-to-now-police-2026-07-05-{plan.get_marking_display()}.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{named}"'
    assert client.get(f"{PLAN}compare.xlsx?from={FROM}&kind=changed").content.startswith(b"PK")


@pytest.mark.sqlite_only
def test_queries_are_as_many_for_any_number_of_activities(see, plan, make_plan, clock):
    counts = set()
    for slug, count in (("few", 1), ("many", 8)):
        made = make_plan(slug, count)
        clock(97)
        Activity.objects.filter(plan=made).update(status=Status.AT_RISK)
        for one in Activity.objects.filter(plan=made):
            one.title = "Other"
            one.save()
        clock(98)
        see(f"/plans/{slug}/compare/?from={moment(96).isoformat()}&to={moment(97).isoformat()}&agency=police")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            see(f"/plans/{slug}/compare/?from={moment(96.5).isoformat()}&agency=police")
        counts.add(len(captured))
        clock(96)
    assert len(counts) == 1


def test_links_lead_to_it_from_the_overview_and_from_an_earlier_day(see, plan, report):
    report(Activity.objects.get(number=3), made_at=moment(96))
    page = see(PLAN)
    assert f'href="{PAGE}?from=2026-06-27"' in page.html
    assert f'href="{PAGE}"' in page.html
    listed = see(f"{PLAN}activities/?agency=police&sort=status&view=table&page=1")
    assert listed.link("Compare dates") == f"{PAGE}?agency=police"
    then = see(f"{PLAN}?at=2026-07-02")
    assert f'<a data-now href="{PAGE}?from=2026-07-02">See what has changed since</a>' in then.html


def test_names_of_agencies_are_those_of_their_moment(see, plan, clock):
    police, link = Agency.objects.get(code="police"), Activity.objects.get(number=4).agency_links.get(role="lead")
    police.name = "Ngā Pirihimana"
    police.save()
    link.agency = Agency.objects.get(code="msd")
    link.activity.agency_links.get(role="support").delete()
    link.save()
    clock(120)
    page = see(f"{PAGE}?from=2026-07-04&q=4")
    assert '<del><span class="visually-hidden">[before: </span>Police<' in page.html
    assert "Pirihimana" not in page.text
