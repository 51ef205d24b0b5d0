"""`/plans/<plan>/`: a plan on one page, each of whose numbers leads to what it counts."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from plans.choices import Status
from plans.models import Agency, Barrier, Plan, ReportingRound, User
from plans.summaries.rounds import freeze_report
from tests.views.conftest import make_activity
from tests.views.page import ACTIVITY, Page, said

OVERVIEW = "/plans/year-two/"
COUNTED = re.compile(r"/plans/year-two/activities/(?:\?(.*))?$")


@pytest.fixture
def under_way(year_two):
    """The Year Two plan with some statuses."""
    for status, numbers in {Status.ON_TRACK: [1, 4], Status.OFF_TRACK: [5, 12], Status.COMPLETE: [10]}.items():
        year_two.activities.filter(number__in=numbers).update(status=status)
    return year_two


def open_round(plan, due_on):
    """Open a round of a plan that is due on a day."""
    return ReportingRound.objects.create(plan=plan, name="March quarter", opened_on=date(2020, 1, 1), due_on=due_on)


def counted(page):
    """What its links to lists say they count: [(query, number)]."""
    found = [(COUNTED.search(href), re.findall(r"\d+", words)) for words, href in page.links()]
    return [(match[1] or "", int(numbers[0])) for match, numbers in found if match and numbers]


def by_focus_area(page):
    """The activities in the section of each focus area: {code: [number]}."""
    sections = {}
    for link in page.main.iter("a"):
        if area := re.search(r"/focus-areas/([\w-]+)/$", link.get("href")):
            hrefs = [ACTIVITY.search(a.get("href")) for a in page.closest(link, {"section"}).iter("a")]
            sections[area[1]] = [int(match[1]) for match in hrefs if match]
    return sections


def test_overview_counts_by_status_focus_area_and_want_of_attention(under_way, see):
    assert dict(counted(see(OVERVIEW))) == {
        "": 15,
        "status=no_update": 10,
        "status=on_track": 2,
        "status=off_track": 2,
        "status=complete": 1,
        "focus=supply": 3,
        "focus=demand": 2,
        "focus=resilience": 4,
        "focus=enable": 6,
        "agency=none": 1,
        "description=to_be_finalised": 2,
        "attention=any": 4,
    }


def test_every_number_leads_to_a_list_of_exactly_that_many(under_way, see):
    numbers = counted(see(OVERVIEW))

    assert len(numbers) >= 11
    assert [(query, len(see(f"{OVERVIEW}activities/?{query}").numbers)) for query, _ in numbers] == numbers


def test_number_of_lead_agencies_is_that_of_the_page_it_leads_to(year_two, see):
    page = see(OVERVIEW)
    address = page.link("14 agencies")

    assert len([row for row in see(address).table()[1:] if row[2] != "0"]) == 14


def test_overview_shows_the_activities_under_their_focus_areas(year_two, see):
    assert by_focus_area(see(OVERVIEW)) == {
        "supply": [1, 2, 3],
        "demand": [4, 5],
        "resilience": [6, 7, 8, 9],
        "enable": [10, 11, 12, 13, 14, 15],
    }


def test_overview_keeps_apart_focus_areas_whose_numbers_interleave(make_plan, open_reading, see):
    make_plan("year-two", 6)

    assert by_focus_area(see(OVERVIEW)) == {"supply": [1, 3, 5], "demand": [2, 4, 6]}


def test_overview_shows_ten_of_a_focus_area_and_leads_to_the_rest(make_plan, open_reading, see):
    make_plan("year-two", 24)

    page = see(OVERVIEW)

    assert by_focus_area(page) == {"supply": list(range(1, 20, 2)), "demand": list(range(2, 21, 2))}
    assert page.link("All 12 activities in Supply") == f"{OVERVIEW}activities/?focus=supply"


def test_what_needs_attention_comes_worst_first(under_way, see):
    section = see(OVERVIEW).section("Needs attention")

    shown = [ACTIVITY.search(link.get("href")) for link in section.iter("a")]
    assert [int(match[1]) for match in shown if match] == [5, 12, 6, 15]


def test_overview_says_how_much_of_the_round_came_in_and_who_owes_the_rest(under_way, see, report):
    reporting_round = open_round(under_way, timezone.localdate())
    report(under_way.activities.get(number=1), round=reporting_round)
    report(under_way.activities.get(number=8), round=reporting_round)

    links = see(OVERVIEW).links(see(OVERVIEW).section("March quarter updates"))

    address = f"{OVERVIEW}rounds/{reporting_round.pk}/"
    assert links[:5] == [
        ("March quarter updates", address),
        ("2 of 14 received", f"{address}?receipt=received#activities"),
        ("12 outstanding", f"{address}?receipt=to_come#activities"),
        ("1 complete or ended (no update needed)", f"{address}?receipt=nothing_owed#activities"),
        ("3 outstanding", f"{address}?agency=rocc&receipt=to_come#activities"),
    ]


def test_overview_counts_what_the_programme_rates_otherwise(under_way, see):
    under_way.activities.filter(number__in=(2, 3)).update(programme_rating="paused", programme_rating_reason="Why")
    page = see(OVERVIEW)

    assert dict(counted(page))["rating=differs"] == 2
    assert see(f"{OVERVIEW}activities/?rating=differs").count == (2, 15)


def test_overview_counts_what_is_overdue(under_way, see, report):
    reporting_round = open_round(under_way, date(2020, 3, 1))
    report(under_way.activities.get(number=1), round=reporting_round)

    page = see(OVERVIEW)

    assert dict(counted(page))["freshness=never&freshness=overdue"] == 13
    assert see(f"{OVERVIEW}activities/?freshness=never&freshness=overdue").count == (13, 15)


def test_escalated_barriers_come_after_what_is_off_track_in_what_needs_attention(under_way, see, report):
    for number, escalated in {1: False, 2: True, 3: False}.items():
        update = report(under_way.activities.get(number=number), barrier=f"Barrier {number}")
        escalation = {"escalated_at": update.made_at, "escalated_by": update.author} if escalated else {}
        raised = {"activity": update.activity, "update": update, "text": update.barrier}
        Barrier.objects.create(**raised, is_escalated=escalated, **escalation)

    section = see(OVERVIEW).section("Needs attention")

    shown = [ACTIVITY.search(link.get("href")) for link in section.iter("a")]
    assert [int(match[1]) for match in shown if match] == [5, 12, 2, 6, 15]
    assert [words for words, href in see(OVERVIEW).links(section) if href.endswith("/barriers/")] == [
        "3 open barriers (1 escalated)"
    ]
    assert "Barrier 2" in "".join(section.itertext())
    assert "Barrier 1" not in "".join(section.itertext())


def test_each_lead_of_what_needs_attention_leads_to_all_of_its_own(under_way, see):
    page = see(OVERVIEW)

    address = page.link("Police (everything it leads that needs attention)")
    assert see(address).numbers == [5]
    (police,) = (one for one in page.main.iter("a") if one.get("href") == address)
    assert [said(one) for one in police.iter("span")] == ["Police", "(everything it leads that needs attention)"]


def test_recent_changes_are_the_five_newest(year_two, see, report):
    moments = {1: 3, 2: 7, 3: 1, 4: 5, 5: 6, 6: 4, 7: 2}
    for activity in year_two.activities.filter(number__in=moments):
        report(activity, made_at=datetime(2026, 6, moments[activity.number], tzinfo=UTC))
    year_two.activities.filter(number=5).update(withdrawn_on=date(2026, 7, 1))

    section = see(OVERVIEW).section("Latest updates")

    shown = [ACTIVITY.search(link.get("href")) for link in section.iter("a")]
    assert [int(match[1]) for match in shown if match] == [2, 4, 6, 1, 7]
    assert "7 June 2026" in "".join(section.itertext())


def test_overview_without_reports_says_what_comes_first(year_two, see, programme_admin):
    page, of_admin = see(OVERVIEW), Page(programme_admin.get(OVERVIEW))

    assert "Updates appear here once agencies give them." in page.text
    assert page.link("sign in").startswith("/accounts/login/")
    links = dict(of_admin.links(of_admin.section("Next steps")))
    assert links["Open a reporting round"].endswith("/rounds/")
    assert links["Finalise 2 descriptions"].endswith("?description=to_be_finalised")
    assert [tile for tile in page.main.iter("ul") if tile.get("class") == "tiles"] == []


def test_overview_says_what_plan_it_is_and_how_it_is_marked(year_two, see):
    Plan.objects.update(starts_on=date(2026, 7, 1), ends_on=date(2027, 6, 30))

    page = see(OVERVIEW)

    assert page.h1 == "Year Two ROCC Action Plan"
    assert "Year Two ROCC Action Plan" in page.title
    assert "1 July 2026 to 30 June 2027" in page.text
    assert page.text.count("UNCLASSIFIED") == 2


def test_plan_without_dates_does_not_invent_them(year_two, see):
    assert "Dates to be confirmed" in see(OVERVIEW).text


def test_withdrawn_activities_and_other_plans_are_not_counted(make_plan, open_reading, see):
    make_plan("year-three", 9)
    plan = make_plan("year-two", 3)
    plan.activities.filter(number=2).update(withdrawn_on=date(2026, 7, 1), status=Status.OFF_TRACK)

    page = see(OVERVIEW)

    assert dict(counted(page))[""] == 2
    assert "status=off_track" not in dict(counted(page))
    assert by_focus_area(page) == {"supply": [1, 3]}
    assert page.link("1 agency").endswith("/agencies/?role=lead")


def test_overview_of_a_plan_without_activities_says_so(make_plan, open_reading, see):
    make_plan("year-two", 0)

    page = see(OVERVIEW)

    assert page.numbers == []
    assert dict(counted(page)) == {"": 0}
    assert "This plan has no activities yet" in page.text


def test_overview_shows_hostile_words_as_words(make_plan, open_reading, see):
    plan = make_plan("year-two", 0, name="<b>Plan</b>", short_name="<i>P</i>", programme="<u>R</u>", source="<s>S</s>")
    make_activity(plan, 1, title='"><script>alert(1)</script>', status=Status.OFF_TRACK)
    Agency.objects.filter(code="police").update(name="<em>Police</em>")

    page = see(OVERVIEW)

    assert page.h1 == "<b>Plan</b>"
    assert '"><script>alert(1)</script>' in page.text
    assert "<em>Police</em>" in page.text
    assert "<script>alert" not in page.html
    assert [tag for tag in ("em", "i", "u", "s") if list(page.root.iter(tag))] == []


@pytest.mark.parametrize("count", [1, 15])
@pytest.mark.parametrize("has_round", [True, False])
def test_overview_costs_as_many_queries_for_one_activity_as_for_fifteen(
    make_plan, open_reading, client, report, django_assert_num_queries, count, has_round
):
    plan = make_plan("year-two", count)
    make_plan("year-three", 15)
    for activity in plan.activities.all():
        report(activity, Status.OFF_TRACK)
    if has_round:
        open_round(plan, date(2026, 3, 1))

    with django_assert_num_queries(11):
        client.get(OVERVIEW)


@pytest.mark.parametrize("count", [1, 15])
def test_overview_costs_a_signed_in_person_one_query_more(
    make_plan, closed_reading, reader, report, django_assert_num_queries, count
):
    plan = make_plan("year-two", count)
    for activity in plan.activities.all():
        report(activity, Status.OFF_TRACK)
    open_round(plan, date(2026, 3, 1))
    reader.get("/plans/")

    with django_assert_num_queries(12):
        reader.get(OVERVIEW)


# The headline, the tiles and the trend


def close_with(plan, name, day, statuses):
    """Close a round of a plan with these statuses: {number: status}, given as updates before it."""
    moment = datetime(2026, 1, day, tzinfo=UTC)
    reporting_round = ReportingRound.objects.create(
        plan=plan, name=name, opened_on=date(2025, 12, 1), due_on=moment.date()
    )
    plan.activities.filter(number__in=statuses).update(status=next(iter(statuses.values())))
    reporting_round.closing_report = freeze_report(reporting_round)
    reporting_round.closed_at, reporting_round.closed_by = moment, User.objects.first()
    reporting_round.save()
    return reporting_round


def test_headline_says_what_is_worst_and_what_is_outstanding(under_way, see, report, time_machine):
    time_machine.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    reporting_round = open_round(under_way, date(2026, 3, 12))
    report(under_way.activities.get(number=1), round=reporting_round)

    (headline,) = [one for one in see(OVERVIEW).main.iter("p") if one.get("class") == "headline"]

    assert headline.text == (
        "1 of 14 updates received for the March quarter, 13 outstanding (due in 11 days). "
        "2 off track, 2 on track, 1 complete."
    )


def test_tiles_say_how_they_moved_since_the_last_closed_round(under_way, see, report, programme_admin):
    close_with(under_way, "December quarter", 20, {5: Status.OFF_TRACK})
    under_way.activities.filter(number=5).update(status=Status.AT_RISK)

    tiles = [" ".join("".join(one.itertext()).split()) for one in see(OVERVIEW).main.find(".//ul[@class='tiles']")]

    assert tiles == [
        "Off track 1 −1 since December quarter",
        "At risk 1 +1 since December quarter",
        "Descriptions to finalise 2",
        "Barriers escalated 0 0 open",
    ]


@pytest.mark.parametrize("are_counted", [True, False])
def test_trend_has_each_closed_round_and_now_with_its_table(under_way, see, report, programme_admin, are_counted):
    closed = close_with(under_way, "December quarter", 20, {1: Status.PAUSED})
    if not are_counted:
        # As reports were kept before they held counts.
        ReportingRound.objects.filter(pk=closed.pk).update(closing_report={"rows": closed.closing_report["rows"]})
    under_way.activities.filter(number=1).update(status=Status.OFF_TRACK)

    section = see(OVERVIEW).section("Trend")

    labels = [one.get("aria-label") for one in section.iter("svg")]
    assert labels == [
        "December quarter: 2 off track, 1 on track, 1 complete, 1 paused, 10 no update yet",
        "Now: 3 off track, 1 on track, 1 complete, 10 no update yet",
    ]
    cells = ["".join(one.itertext()) for one in section.iter("td")]
    assert cells[:2] == ["Off track", "2"]


def test_activity_that_moved_since_the_last_round_says_what_it_was(under_way, see, report, programme_admin):
    activity = under_way.activities.get(number=5)
    report(activity, Status.ON_TRACK, made_at=datetime(2026, 1, 10, tzinfo=UTC))
    close_with(under_way, "December quarter", 20, {5: Status.ON_TRACK})
    report(activity, Status.OFF_TRACK, made_at=datetime(2026, 1, 25, tzinfo=UTC), what_happened="The site closed.")
    under_way.activities.filter(number=5).update(status=Status.OFF_TRACK)

    page = see(OVERVIEW)
    attention = " ".join("".join(page.section("Needs attention").itertext()).split())

    assert "Off track was On track" in attention
    assert "The site closed." in attention
    assert page.text.count("was On track") == 2


def test_activity_comes_once_with_all_its_reasons(under_way, see, report):
    activity = under_way.activities.get(number=6)
    update = report(activity, barrier="No funding", made_at=datetime(2026, 1, 10, tzinfo=UTC))
    Barrier.objects.create(
        activity=activity,
        update=update,
        text="No funding",
        is_escalated=True,
        escalated_at=update.made_at,
        escalated_by=update.author,
    )

    rows = [" ".join("".join(one.itertext()).split()) for one in see(OVERVIEW).section("Needs attention").iter("li")]

    (of_6,) = [row for row in rows if row.startswith("6 ")]
    assert "Barrier escalated 10 Jan 2026: No funding No lead agency Description to finalise" in of_6


# The briefing on paper


def test_briefing_says_which_dates_come_next(under_way, see, time_machine):
    time_machine.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    open_round(under_way, date(2026, 3, 12))
    Plan.objects.update(ends_on=date(2026, 6, 30))
    for number, due_on in {
        2: date(2026, 3, 5),
        3: date(2026, 2, 28),
        10: date(2026, 3, 6),
        13: date(2026, 4, 1),
    }.items():
        under_way.activities.filter(number=number).update(due_on=due_on)

    page = see(OVERVIEW)

    # What is past, and what is complete, is left out.
    assert list(page.terms(page.section("Next dates")).items()) == [
        ("5 Mar 2026", "2. Reintegration support for deportees is due"),
        ("12 Mar 2026", "March quarter updates are due"),
        ("1 Apr 2026", "13. Meth Harm Tranche 2 Paper is due"),
        ("30 Jun 2026", "Year Two ends"),
    ]


def test_whole_plan_is_printed_when_the_address_says_so(under_way, see):
    def sections(address):
        page = see(address)
        return page.closest(next(one for one in page.main.iter() if one.get("id") == "areas-head"), {"section"})

    assert "no-print" in sections(OVERVIEW).get("class")
    assert "no-print" in sections(f"{OVERVIEW}?print=nonsense").get("class")
    assert "no-print" not in sections(f"{OVERVIEW}?print=full").get("class")


def test_paper_has_more_rows_than_the_screen_and_says_how_many_are_left(make_plan, open_reading, see):
    plan = make_plan("year-two", 20)
    plan.activities.update(status=Status.OFF_TRACK)

    section = see(OVERVIEW).section("Needs attention")

    rows = [one.get("class", "") for one in section.find("ol")]
    assert rows == [""] * 6 + ["print-only"] * 6
    (more,) = [one for one in section.iter("p") if one.get("class") == "print-only"]
    assert more.text == "and 8 more at http://testserver/plans/year-two/activities/?attention=any"
