"""`/plans/<plan>/activities/<number>/`: one activity."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.formats import date_format
from django.utils.timezone import localdate

from plans.actions import add_note
from plans.choices import Status
from plans.models import Activity, Agency, Barrier, ReportingRound, SubActivity
from tests.views.conftest import make_activity
from tests.views.page import said

PAGE = "/plans/year-two/activities/"
HEADINGS = [
    "Strategic Focus Area",
    "Priority Action Area",
    "Activity",
    "Description",
    "Agency Lead",
    "Support Agencies",
]


def parties(page, term):
    """The agencies beside "Lead" or "Support", as [(code, what it is called)]."""
    within = list(page.section("Agencies").find("dl"))
    place = next(place for place, one in enumerate(within) if one.tag == "dt" and one.text == term)
    return [(link.get("href").split("/")[-2], said(link)) for link in within[place + 1].iter("a")]


def printed(page):
    return {term: text for term, text in page.terms(page.section("As published")).items() if term in HEADINGS}


def neighbours(page):
    return {link.get("rel"): link.get("href") for link in page.main.iter("a") if link.get("rel")}


def test_activity_shows_its_title_status_and_description(year_two, see):
    page = see(f"{PAGE}1/")

    assert page.h1 == "1. Operation Cobalt"
    assert page.title == "1. Operation Cobalt – Year Two ROCC Action Plan"
    assert "No update yet" in page.text
    assert "Operation Cobalt is a multi-phase operation" in page.text
    assert "to be finalised" not in page.text.lower()
    assert "No update has been given yet." in page.text


def test_activity_without_title_says_that_it_is_to_be_finalised(year_two, see):
    page = see(f"{PAGE}6/")

    assert page.h1 == "Activity 6 (title to be finalised)"
    assert "Description to be finalised" in page.text
    assert "No lead agency" in page.text
    assert "None" in page.text
    assert "No description yet." in page.text


def test_activity_whose_description_is_to_be_finalised_shows_what_there_is(year_two, see):
    page = see(f"{PAGE}15/")

    assert "Description to be finalised" in page.text
    assert "Undertake a stocktake of current ROCC aligned initiatives" in page.text
    assert printed(page)["Description"].endswith("Activity description to be finalised.")


def test_activity_shows_its_sub_activities_with_their_footnote(year_two, see):
    page = see(f"{PAGE}3/")

    steps = [item for listed in page.section("Description").iter("ol") for item in listed]
    said = [" ".join("".join(item.itertext()).split()) for item in steps]
    assert len(said) == 3
    assert "Deportee journey mapping" in said[0]
    assert "Border to Backyard website" in said[1]
    assert "This sub-activity will work with MBIE and Police's Trafficking in Persons (TiP) team" in said[2]


def test_withdrawn_sub_activity_is_left_out_and_a_done_one_says_when(year_two, see):
    items = SubActivity.objects.filter(activity__number=3)
    items.filter(position=1).update(withdrawn_on=date(2026, 7, 1))
    items.filter(position=2).update(is_done=True, done_on=date(2026, 7, 2))
    items.filter(position=3).update(due_on=date(2026, 12, 31))

    page = see(f"{PAGE}3/")

    assert "Deportee journey mapping" not in page.text.replace(printed(page)["Description"], "")
    assert "Done 2 July 2026" in page.text
    assert "Due 31 December 2026" in page.text


def test_activity_names_its_agencies_in_both_languages(year_two, see):
    page = see(f"{PAGE}7/")

    assert parties(page, "Lead") == [("kainga-ora", "Kāinga Ora")]
    assert parties(page, "Support") == [
        ("police", "Police"),
        ("apa", "APA"),
        ("msd", "MSD"),
        ("oranga-tamariki", "Oranga Tamariki"),
        ("te-whatu-ora", "Te Whatu Ora"),
    ]
    assert [said(one) for one in page.section("Full names").find("dl")] == [
        *("Kāinga Ora", "Homes and Communities"),
        *("Police", "Ngā Pirihimana o Aotearoa", "New Zealand Police"),
        *("APA", "Ara Poutama Aotearoa", "Department of Corrections"),
        *("MSD", "Te Manatū Whakahiato Ora", "Ministry of Social Development"),
        *("Oranga Tamariki", "Ministry for Children"),
        *("Te Whatu Ora", "Health New Zealand"),
    ]
    assert {"Kāinga Ora", "Ngā Pirihimana o Aotearoa", "Te Whatu Ora"} <= set(page.in_te_reo())
    assert not {"Police", "MSD", "New Zealand Police"} & set(page.in_te_reo())


def test_leads_stand_in_printed_order(year_two, see):
    leads = [code for code, _ in parties(see(f"{PAGE}8/"), "Lead")]

    assert leads == ["oranga-tamariki", "police", "manatu-hauora", "moe", "msd", "moj"]


def test_activity_shows_the_six_cells_as_printed(year_two, see):
    cells = printed(see(f"{PAGE}4/"))

    assert list(cells) == HEADINGS
    assert cells == {
        heading: " ".join(text.split()) or "(blank)" for heading, text in Activity.objects.get(number=4).printed_cells
    }


def test_blank_printed_cell_says_that_it_is_blank(year_two, see):
    assert printed(see(f"{PAGE}1/"))["Support Agencies"] == "(blank)"


def test_activity_that_was_never_printed_shows_no_printed_row(make_plan, open_reading, see):
    make_plan("year-two", 1)

    assert "As published" not in see(f"{PAGE}1/").text


def test_activity_leads_to_its_areas(year_two, see):
    addresses = [href for _, href in see(f"{PAGE}5/").links()]

    assert "/plans/year-two/focus-areas/demand/" in addresses
    assert "/plans/year-two/priority-areas/p4/" in addresses


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, {"next": f"{PAGE}2/"}),
        (8, {"prev": f"{PAGE}7/", "next": f"{PAGE}9/"}),
        (15, {"prev": f"{PAGE}14/"}),
    ],
)
def test_activity_leads_to_the_one_before_and_the_one_after(year_two, see, number, expected):
    assert neighbours(see(f"{PAGE}{number}/")) == expected


def test_neighbours_skip_what_is_withdrawn_and_stay_in_the_plan(make_plan, open_reading, see):
    plan = make_plan("year-two", 5)
    make_plan("year-three", 9)
    plan.activities.filter(number__in=[2, 4]).update(withdrawn_on=date(2026, 7, 1))

    assert neighbours(see(f"{PAGE}3/")) == {"prev": f"{PAGE}1/", "next": f"{PAGE}5/"}
    assert neighbours(see(f"{PAGE}5/")) == {"prev": f"{PAGE}3/"}


def test_withdrawn_activity_keeps_its_page(make_plan, open_reading, see):
    plan = make_plan("year-two", 3)
    plan.activities.filter(number=2).update(withdrawn_on=date(2026, 7, 1))

    page = see(f"{PAGE}2/")

    assert page.h1 == "2. Title 2"
    assert "Withdrawn on 1 July 2026" in page.text
    assert neighbours(page) == {"prev": f"{PAGE}1/", "next": f"{PAGE}3/"}


def test_latest_update_and_open_barriers_come_before_the_description_and_earlier_updates_last(year_two, see, report):
    activity = year_two.activities.get(number=3)
    report(activity, Status.ON_TRACK, made_at=datetime(2026, 6, 1, tzinfo=UTC), what_happened="First")
    update = report(activity, Status.AT_RISK, made_at=datetime(2026, 7, 1, tzinfo=UTC), barrier="No funding")
    Barrier.objects.create(activity=activity, update=update, text="No funding")

    page = see(f"{PAGE}3/")

    headings = [said(one) for one in page.main.iter("h2")]
    assert headings == ["Latest update", "Open barriers", "Description", "Agencies", "About", "Earlier updates"]
    # It is on the page once.
    assert page.text.count("No funding") == 1


def test_note_after_the_latest_update_stands_among_the_others(year_two, see, report):
    activity = year_two.activities.get(number=1)
    update = report(activity, Status.ON_TRACK, made_at=datetime(2026, 6, 1, tzinfo=UTC), what_happened="Said.")
    add_note(activity=activity, by=update.author, agency=update.agency, text="Noted.")

    page = see(f"{PAGE}1/")

    assert "Said." in said(page.section("Latest update"))
    assert "Noted." in said(page.section("Other updates and notes"))


def test_activity_without_updates_has_no_other_updates(year_two, see):
    page = see(f"{PAGE}1/")

    assert said(page.section("Latest update")) == "Latest update No updates yet."
    assert [said(one) for one in page.main.iter("h2")] == ["Latest update", "Description", "Agencies", "About"]


@pytest.mark.parametrize(("now", "is_down"), [(Status.OFF_TRACK, True), (Status.COMPLETE, False)])
def test_status_that_moved_since_the_last_round_says_what_it_was(year_two, see, report, programme_admin, now, is_down):
    activity = year_two.activities.get(number=1)
    report(activity, Status.ON_TRACK, made_at=datetime(2026, 6, 1, tzinfo=UTC), what_happened="Said.")
    june = {"opened_on": date(2026, 5, 1), "due_on": date(2026, 6, 20), "closed_by": programme_admin.user}
    ReportingRound.objects.create(plan=year_two, name="June", closed_at=datetime(2026, 6, 30, tzinfo=UTC), **june)
    report(activity, now, made_at=datetime(2026, 7, 1, tzinfo=UTC), what_happened="Said again.")

    page = see(f"{PAGE}1/")

    (was,) = [one for one in page.main.iter("span") if "was" in one.get("class", "").split()]
    assert (said(was), "was--down" in was.get("class")) == ("was On track", is_down)


def test_sub_activities_say_how_many_are_done(year_two, see):
    SubActivity.objects.filter(activity__number=3, position=1).update(is_done=True, done_on=date(2026, 7, 2))

    assert "Sub-activities 1 of 3 done" in see(f"{PAGE}3/").text


def test_edit_and_history_stand_under_the_title(year_two, see, programme_admin, reader):
    def under_title(client):
        page = see(f"{PAGE}4/", by=client)
        (head,) = [one for one in page.main.iter("div") if one.get("class") == "page-head"]
        return [words for words, _ in page.links(head) if words not in ("Demand", page.links(head)[1][0])]

    record = ["History of changes", "Download full record (Excel)"]
    assert under_title(reader) == record
    assert under_title(programme_admin) == [
        "Accept check “No due date” on activity 4",
        "Accept check “Lead ended or has no people” on activity 4",
        "Add update",
        "Add a note",
        "Edit this activity",
        "Rate",
        "End",
        "Withdraw",
        *record,
    ]


def test_updates_come_newest_first_with_day_agency_and_words(year_two, see, report):
    activity = year_two.activities.get(number=1)
    msd = Agency.objects.get(code="msd")
    report(activity, Status.AT_RISK, made_at=datetime(2026, 6, 1, tzinfo=UTC), what_happened="<b>First</b>", agency=msd)
    report(activity, Status.ON_TRACK, made_at=datetime(2026, 6, 30, 13, 0, tzinfo=UTC), what_happened="Second")

    page = see(f"{PAGE}1/")

    first = said(page.section("Latest update"))
    (second,) = [said(item) for item in page.section("Earlier updates").iter("li")]
    assert [part in first for part in ("On track", "1 July 2026", "Police", "Second")] == [True] * 4
    assert [part in second for part in ("At risk", "1 June 2026", "MSD", "<b>First</b>")] == [True] * 4
    assert "Updated 1 July 2026" in page.text


@pytest.mark.parametrize("number", ["0", "16", "99999999999999999999", "9" * 5000, "abc", "-1", "1.0"])
def test_number_that_the_plan_does_not_have_is_not_found(year_two, see, number):
    page = see(f"{PAGE}{number}/", status=404)

    assert page.h1 == "Page not found"


def test_number_of_another_plan_is_not_found(make_plan, open_reading, see):
    make_plan("year-two", 1)
    make_plan("year-three", 2)

    assert see(f"{PAGE}2/", status=404).h1 == "Page not found"


def test_activity_shows_hostile_words_as_words(make_plan, open_reading, see):
    hostile = "<img src=x onerror=alert(1)>"
    plan = make_plan("year-two", 0)
    printed_row = dict.fromkeys(
        ["focus_area", "priority_area", "activity", "description", "agency_lead", "support_agencies"], hostile
    )
    activity = make_activity(plan, 1, title=hostile, description=f"One\n\n{hostile}", as_printed=printed_row)
    activity.sub_activities.update(text=hostile, footnote=hostile)
    Agency.objects.filter(code="police").update(name=hostile, name_mi=f"{hostile} mi", name_en=f"{hostile} en")

    page = see(f"{PAGE}1/")

    assert page.h1 == f"1. {hostile}"
    assert page.text.count(hostile) >= 12
    assert list(page.root.iter("img")) == []


@pytest.mark.parametrize("count", [1, 15])
def test_activity_costs_as_many_queries_alone_as_among_fifteen(
    make_plan, open_reading, client, report, django_assert_num_queries, count
):
    plan = make_plan("year-two", count)
    make_plan("year-three", 15)
    for _ in range(count):
        report(plan.activities.get(number=1))

    with django_assert_num_queries(6):
        client.get(f"{PAGE}1/")
    update = report(plan.activities.get(number=1), barrier="No funding")
    for _ in range(count):
        Barrier.objects.create(activity=update.activity, update=update, text=update.barrier)
    with django_assert_num_queries(7):
        client.get(f"{PAGE}1/")


@pytest.mark.parametrize("count", [1, 15])
def test_activity_costs_a_signed_in_person_ten_queries(
    make_plan, closed_reading, reader, report, django_assert_num_queries, count
):
    plan = make_plan("year-two", count)
    reader.get("/plans/")

    with django_assert_num_queries(9):
        reader.get(f"{PAGE}1/")
    update = report(plan.activities.get(number=1), barrier="No funding")
    Barrier.objects.create(activity=update.activity, update=update, text=update.barrier)
    with django_assert_num_queries(10):
        reader.get(f"{PAGE}1/")


@pytest.mark.parametrize(
    ("status", "days", "is_told"), [("on_track", -1, True), ("on_track", 0, False), ("complete", -1, False)]
)
def test_page_says_that_work_is_past_its_due_date(year_two, see, status, days, is_told):
    due_on = localdate() + timedelta(days=days)
    Activity.objects.filter(number=2).update(due_on=due_on, status=status)

    assert (f"Was due {date_format(due_on, 'j F Y')}" in see(f"{PAGE}2/").text) is is_told
