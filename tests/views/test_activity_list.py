"""`/plans/<plan>/activities/`: which activities show, what could be chosen next, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.formats import date_format
from django.utils.timezone import localdate

from plans.choices import Role, Status
from plans.models import Activity, ActivityAgency, Agency
from tests.views.conftest import make_activity
from tests.views.page import csv_rows, xlsx_rows

LIST = "/plans/year-two/activities/"
ALL = list(range(1, 16))
POLICE = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15]
NAMES_POLICE = [1, 2, 3, 4, 5, 7, 8, 9, 11, 13]

# {query: numbers of the activities}, read off the table of the plan.
FOUND = {
    "": ALL,
    "agency=police&role=lead": [1, 5, 8, 10, 13],
    "agency=police&role=support": [2, 3, 4, 7, 9, 11, 13, 14, 15],
    "agency=police": POLICE,
    "agency=POLICE": POLICE,
    "agency=msd": [2, 5, 7, 8, 10, 12, 13, 14, 15],
    "agency=msd&role=lead": [2, 8, 10, 12],
    "agency=msd-rps-policy-office": [12],
    "agency=rps": [11],
    "agency=all": [10, 13, 14, 15],
    "agency=rocc&role=lead": [3, 14, 15],
    "agency=tnoc&agency=ghic": [3, 11],
    "agency=none": [6],
    "agency=none&role=support": [1, 6, 8],
    "agency=none&agency=rps": [6, 11],
    "role=support": [2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15],
    "role=lead": [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    "q=kainga": [5, 7],
    "q=K%C4%81inga": [5, 7],
    "q=ka%CC%84inga": [5, 7],
    "q=WHANAU": [5, 8],
    "q=corrections": [2, 5, 7, 11],
    "q=nz+police": NAMES_POLICE,
    "q=%2312": [12],
    "q=2": [2, 13],
    "q=trafficking+mbie": [3],
    "q=border+backyard": [3],
    "q=children": [7, 8, 9],
    "q=%25": [],
    "q=_": [],
    "q=%5C": [],
    "q=xyzzy": [],
    "description=to_be_finalised": [6, 15],
    "description=finalised&focus=resilience": [7, 8, 9],
    "focus=supply&focus=demand": [1, 2, 3, 4, 5],
    "priority=p4": [4, 5, 7, 8],
    "priority=p4&focus=resilience": [7, 8],
    "priority=p1&focus=enable": [],
    "status=no_update": ALL,
    "status=complete": [],
    "q=kainga&agency=mbie": [5],
    "focus=&agency=&q=+&role=": ALL,
    "agency=+police+&role=lead": [1, 5, 8, 10, 13],
}


@pytest.mark.parametrize(("query", "numbers"), FOUND.items())
def test_same_activities_on_the_page_and_in_both_exports(year_two, see, client, query, numbers):
    page = see(f"{LIST}?{query}")
    csv = csv_rows(client.get(f"/plans/year-two/activities.csv?{query}"))
    xlsx = xlsx_rows(client.get(f"/plans/year-two/activities.xlsx?{query}"))

    assert page.numbers == numbers
    assert page.count == (len(numbers), 15)
    assert [int(row[0]) for row in csv[1:]] == numbers
    assert [row[0] for row in xlsx[1:]] == numbers


def test_page_leads_to_the_exports_of_what_it_shows(year_two, see, client):
    page = see(f"{LIST}?agency=police&role=lead&sort=status")
    exports = [href for _, href in page.links() if "/activities.csv" in href]

    assert [row[0] for row in csv_rows(client.get(exports[0]))[1:]] == ["1", "5", "8", "10", "13"]


@pytest.mark.parametrize(("query", "is_offered"), [("q=xyzzy", True), ("status=nonsense", False), ("page=9", False)])
def test_exports_are_offered_also_of_nothing_but_not_of_a_mistake(year_two, see, query, is_offered):
    page = see(f"{LIST}?{query}")

    offered = [href for words, href in page.links() if words.startswith("Download ")]
    assert offered == [f"/plans/year-two/activities.{kind}?{query}" for kind in ("xlsx", "csv") if is_offered]


# How an activity comes to be there


def test_row_says_that_an_agency_is_there_as_one_of_all(year_two, see):
    page = see(f"{LIST}?agency=police")

    labelled = {number: "as part of All agencies" in page.row(number) for number in page.numbers}
    assert [number for number, is_labelled in labelled.items() if is_labelled] == [10, 14, 15]
    assert "Police leads as part of All agencies" in page.row(10)
    assert "Police supports as part of All agencies" in page.row(14)


def test_row_says_that_an_agency_is_there_through_its_office(year_two, see):
    page = see(f"{LIST}?agency=msd")

    labelled = [number for number in page.numbers if "through the MSD RPS Policy Office" in page.row(number)]
    assert labelled == [12]
    assert "MSD leads through the MSD RPS Policy Office" in page.row(12)


def test_row_says_nothing_of_the_sort_when_no_agency_was_asked_for(year_two, see):
    page = see(LIST)

    assert "as part of" not in page.text
    assert "through the MSD" not in page.text


def test_row_shows_number_title_leads_state_and_status(year_two, see):
    page = see(LIST)

    assert "Activity 6 (title to be finalised)" in page.row(6)
    assert "No lead agency" in page.row(6)
    assert "No update yet" in page.row(6)
    assert "to be finalised" in page.row(15)
    assert "APA, MSD" in page.row(2)
    assert "All agencies" in page.row(10)


# Facets: what each value would leave, given the other filters


def counts(page, name):
    """The counts of a filter that are not nought."""
    return {value: count for value, count in page.facet(name).items() if count}


# {query: {filter: {value: count}}}, counted by hand; what is not named would leave none.
FACETS = {
    "": {
        "focus": {"supply": 3, "demand": 2, "resilience": 4, "enable": 6},
        "priority": {"p1": 1, "p2": 1, "p3": 1, "p4": 4, "p5": 2, "p6": 3, "p7": 3},
        "status": {"no_update": 15},
        "description": {"finalised": 13, "to_be_finalised": 2},
        "role": {"lead": 14, "support": 12},
        "agency": {
            "apa": 8,
            "ghic": 1,
            "kainga-ora": 6,
            "manatu-hauora": 6,
            "mbie": 7,
            "moe": 6,
            "moj": 5,
            "msd": 9,
            "msd-rps-policy-office": 1,
            "ndib": 2,
            "oranga-tamariki": 7,
            "police": 13,
            "rocc": 6,
            "rps": 1,
            "swa": 7,
            "te-aka-whai-ora": 5,
            "te-whatu-ora": 7,
            "tnoc": 1,
            "tpk": 5,
            "all": 4,
            "none": 1,
        },
    },
    "agency=police&role=lead": {
        "focus": {"supply": 1, "demand": 1, "resilience": 1, "enable": 2},
        "priority": {"p1": 1, "p4": 2, "p6": 1, "p7": 1},
        "description": {"finalised": 5},
        "role": {"lead": 5, "support": 9},
        "agency": {
            "apa": 2,
            "kainga-ora": 2,
            "manatu-hauora": 2,
            "mbie": 1,
            "moe": 2,
            "moj": 2,
            "msd": 4,
            "msd-rps-policy-office": 1,
            "oranga-tamariki": 3,
            "police": 5,
            "rocc": 3,
            "swa": 2,
            "te-aka-whai-ora": 1,
            "te-whatu-ora": 2,
            "tnoc": 1,
            "tpk": 1,
            "all": 1,
            "none": 1,
        },
    },
    "q=kainga&agency=police": {
        "focus": {"demand": 1, "resilience": 1},
        "role": {"lead": 1, "support": 1},
        "agency": {
            "apa": 2,
            "kainga-ora": 2,
            "mbie": 1,
            "msd": 2,
            "oranga-tamariki": 1,
            "police": 2,
            "te-whatu-ora": 2,
            "tpk": 1,
        },
    },
    "agency=none": {
        "focus": {"resilience": 1},
        "priority": {"p5": 1},
        "description": {"to_be_finalised": 1},
        "role": {"lead": 1, "support": 3},
    },
    "agency=none&agency=ndib": {
        "focus": {"demand": 1, "resilience": 1, "enable": 1},
        "role": {"lead": 1, "support": 5},
    },
    "description=to_be_finalised": {
        "focus": {"resilience": 1, "enable": 1},
        "description": {"finalised": 13, "to_be_finalised": 2},
        "role": {"lead": 1, "support": 1},
    },
    "role=support": {
        "focus": {"supply": 2, "demand": 2, "resilience": 2, "enable": 6},
        "role": {"lead": 14, "support": 12},
    },
    "focus=supply&focus=demand": {
        "focus": {"supply": 3, "demand": 2, "resilience": 4, "enable": 6},
        "priority": {"p1": 1, "p2": 1, "p3": 1, "p4": 2},
        "role": {"lead": 5, "support": 4},
    },
    "focus=resilience&priority=p4": {
        "focus": {"demand": 2, "resilience": 2},
        "priority": {"p4": 2, "p5": 2},
        "role": {"lead": 2, "support": 1},
    },
    "agency=msd&focus=enable": {
        "focus": {"supply": 1, "demand": 1, "resilience": 2, "enable": 5},
        "priority": {"p6": 3, "p7": 2},
        "role": {"lead": 2, "support": 3},
    },
    "q=xyzzy": {"focus": {}, "status": {}, "agency": {}, "role": {}, "description": {}, "priority": {}},
}


@pytest.mark.parametrize(("query", "expected"), FACETS.items())
def test_facets_count_what_each_value_would_leave(year_two, see, query, expected):
    page = see(f"{LIST}?{query}")

    assert {name: counts(page, name) for name in expected} == expected


def test_facets_count_status_within_a_focus_area_and_the_other_way_round(year_two, see):
    for status, numbers in {Status.ON_TRACK: [1, 4, 5], Status.OFF_TRACK: [2, 9], Status.COMPLETE: [15]}.items():
        year_two.activities.filter(number__in=numbers).update(status=status)

    page = see(f"{LIST}?focus=supply&status=on_track")

    assert page.numbers == [1]
    assert counts(page, "focus") == {"supply": 1, "demand": 2}
    assert counts(page, "status") == {"no_update": 1, "on_track": 1, "off_track": 1}
    assert counts(page, "priority") == {"p1": 1}


def test_facets_keep_values_that_would_leave_nothing(year_two, see):
    page = see(f"{LIST}?q=xyzzy")

    assert list(page.facet("status")) == Status.values
    assert list(page.facet("focus")) == ["supply", "demand", "resilience", "enable"]
    assert list(page.facet("priority")) == ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]
    assert len(page.facet("agency")) == 21
    assert set(page.facet("agency").values()) == {0}


def test_facets_show_what_is_chosen(year_two, see):
    page = see(f"{LIST}?agency=police&agency=msd&role=lead&status=no_update")

    assert page.chosen("agency") == ["msd", "police"]
    assert page.chosen("role") == ["lead"]
    assert page.chosen("status") == ["no_update"]
    assert page.chosen("focus") == []


def test_one_role_is_always_chosen(year_two, see):
    assert see(LIST).chosen("role") == [""]


# Chips


def test_chips_name_each_filter_and_leave_the_others(year_two, see):
    page = see(f"{LIST}?agency=police&agency=all&role=lead&focus=supply&q=operation&page=1")

    assert page.chips == {
        "“operation”": "agency=police&agency=all&role=lead&focus=supply",
        "Focus area: Supply": "agency=police&agency=all&role=lead&q=operation",
        "Agency: Police": "agency=all&role=lead&focus=supply&q=operation",
        "Agency: All agencies": "agency=police&role=lead&focus=supply&q=operation",
        "Role: Leads": "agency=police&agency=all&focus=supply&q=operation",
    }


def test_chip_leads_to_the_list_without_its_filter(year_two, see):
    page = see(f"{LIST}?agency=police&role=lead")

    assert see(f"{LIST}?{page.chips['Role: Leads']}").numbers == POLICE


def test_chip_keeps_the_order(year_two, see):
    assert see(f"{LIST}?status=no_update&sort=-updated").chips == {"Status: No update yet": "sort=-updated"}


def test_chip_of_an_unknown_value_takes_it_off(year_two, see):
    assert see(f"{LIST}?status=nonsense&focus=supply").chips["Status: nonsense"] == "focus=supply"


def test_chips_escape_what_was_typed(year_two, see):
    page = see(f"{LIST}?q=%3Cscript%3Ealert(1)%3C/script%3E&agency=%22onload=%22x")

    assert "<script>alert" not in page.html
    assert list(page.chips) == ["“<script>alert(1)</script>”", 'Agency: "onload="x']


def test_no_chips_without_filters(year_two, see):
    assert see(LIST).chips == {}


# What is refused, at the filter that it was asked of


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        (
            "status=nonsense",
            "status",
            "There is no status “nonsense”. Choose from: no_update, not_started, on_track, at_risk, ",
        ),
        ("status=no_update&status=on-track", "status", "There is no status “on-track”. Did you mean on_track?"),
        ("focus=suply", "focus", "There is no focus area “suply”. Did you mean supply?"),
        ("priority=p9", "priority", "There is no priority area “p9”. "),
        ("agency=polcie", "agency", "There is no agency “polcie”. Did you mean police?"),
        ("agency=police&agency=nobody", "agency", "There is no agency “nobody”. "),
        ("agency=a%00b", "agency", "There is no agency “a\0b”. "),
        ("focus=%00", "focus", "There is no focus area “\0”. "),
        ("role=leader", "role", "There is no agency role “leader”. Did you mean lead?"),
        ("role=lead&role=support", "role", "Use “role” only once."),
        ("description=final", "description", "There is no description “final”. Did you mean finalised?"),
        ("q=a&q=b", "q", "Use “q” only once."),
        ("q=%00", "q", "Null characters are not allowed."),
        ("q=" + "x" * 201, "q", "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_unknown_value_is_an_error_at_its_filter_and_shows_no_rows(year_two, see, query, name, sentence):
    page = see(f"{LIST}?{query}")

    (error,) = page.errors_at(name)
    assert error.startswith(sentence)
    assert page.errors == [error]
    assert page.numbers == []
    assert page.count is None
    assert "We could not apply those filters" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("agnecy=police", "There is no filter called “agnecy”. Did you mean agency?"),
        (
            "csrfmiddlewaretoken=1",
            "There is no filter called “csrfmiddlewaretoken”. Choose from: q, attention, focus, status, agency, role, ",
        ),
        ("page=0", "Ensure this value is greater than or equal to 1."),
        ("page=-1", "Ensure this value is greater than or equal to 1."),
        ("page=abc", "Enter a whole number."),
        ("page=2", "There is no page 2. The last page is 1."),
        ("page=99999999999999999999", "There is no page 99999999999999999999. The last page is 1."),
        ("page=" + "9" * 5000, "Enter a whole number."),
        ("sort=size", "There is no sort order “size”. "),
        ("page=1&page=2", "Use “page” only once."),
        ("page=%00", "Enter a whole number."),
    ],
)
def test_unknown_filter_or_page_is_an_error_and_shows_no_rows(year_two, see, query, sentence):
    page = see(f"{LIST}?{query}")

    (error,) = page.errors
    assert error.startswith(sentence)
    assert page.numbers == []


def test_two_mistakes_are_both_said(year_two, see):
    page = see(f"{LIST}?status=x&focus=y")

    assert len(page.errors_at("status")) == 1
    assert len(page.errors_at("focus")) == 1
    assert page.numbers == []


def test_many_words_are_searched_for_like_few(year_two, see):
    assert see(f"{LIST}?q={'+'.join(['a'] * 100)}").numbers == see(f"{LIST}?q=a").numbers


def test_what_was_typed_stays_in_the_box(year_two, see):
    page = see(f'{LIST}?q="M%C4%81ori"+<b>')

    assert {box.get("value") for box in page.controls("q", page.main)} == {'"Māori" <b>'}


# Order, groups, pages


def test_list_is_grouped_by_focus_area_in_number_order(year_two, see):
    assert see(LIST).groups == [
        ("Supply", [1, 2, 3]),
        ("Demand", [4, 5]),
        ("Resilience", [6, 7, 8, 9]),
        ("Enable", [10, 11, 12, 13, 14, 15]),
    ]


def test_groups_hold_when_numbers_run_across_focus_areas(make_plan, open_reading, see):
    make_plan("year-two", 5)

    assert see(LIST).groups == [("Supply", [1, 3, 5]), ("Demand", [2, 4])]


def test_latest_update_comes_first_when_sorted_by_it(year_two, see, report):
    for number, day in ((4, 1), (9, 3), (2, 2), (9, 1), (4, 1)):
        activity = Activity.objects.get(plan=year_two, number=number)
        report(activity, Status.ON_TRACK, made_at=datetime(2026, 7, day, tzinfo=UTC))

    page = see(f"{LIST}?sort=-updated")

    assert page.groups == [("", [9, 2, 4, 1, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15])]
    assert "3 Jul 2026" in page.row(9)
    assert "2026" not in page.row(1)


def test_statuses_come_in_their_order_when_sorted_by_them(year_two, see):
    for status, numbers in {
        Status.PAUSED: [1],
        Status.COMPLETE: [2],
        Status.OFF_TRACK: [3, 15],
        Status.ON_TRACK: [4],
        Status.NOT_STARTED: [5],
        Status.AT_RISK: [6],
    }.items():
        year_two.activities.filter(number__in=numbers).update(status=status)

    assert see(f"{LIST}?sort=status").numbers == [7, 8, 9, 10, 11, 12, 13, 14, 5, 4, 6, 3, 15, 2, 1]


def test_fifty_fit_on_a_page_and_the_rest_on_the_next(make_plan, open_reading, see):
    make_plan("year-two", 51)
    in_order = [*range(1, 52, 2), *range(2, 51, 2)]

    first, second = see(f"{LIST}?status=no_update"), see(f"{LIST}?status=no_update&page=2")

    assert first.numbers == in_order[:50]
    assert second.numbers == in_order[50:]
    assert first.count == second.count == (51, 51)
    (onward,) = [link.get("href") for link in first.main.iter("a") if link.get("rel") == "next"]
    assert see(LIST + onward.removeprefix(LIST)).numbers == in_order[50:]
    assert [link.get("rel") for link in second.main.iter("a") if link.get("rel")] == ["prev"]


def test_page_past_the_last_is_refused(make_plan, open_reading, see):
    make_plan("year-two", 51)

    assert see(f"{LIST}?page=3").errors == ["There is no page 3. The last page is 2."]


def test_fifty_need_no_second_page(make_plan, open_reading, see):
    make_plan("year-two", 50)

    page = see(LIST)

    assert len(page.numbers) == 50
    assert [link for link in page.main.iter("a") if link.get("rel")] == []


# Other plans, withdrawn activities, hostile words, nothing at all


def test_plans_with_the_same_numbers_do_not_mix(make_plan, open_reading, see):
    make_plan("year-three", 5)
    ours = make_plan("year-two", 3)
    swa = Agency.objects.create(code="swa", name="SWA")
    theirs = Activity.objects.get(plan__slug="year-three", number=1)
    ActivityAgency.objects.create(activity=theirs, agency=swa, role=Role.SUPPORT)
    ours.activities.filter(number=1).update(title="Ours")

    page = see(LIST)

    assert page.groups == [("Supply", [1, 3]), ("Demand", [2])]
    assert page.count == (3, 3)
    assert page.facet("agency") == {"msd": 3, "police": 3, "none": 0}
    assert page.facet("focus") == {"supply": 2, "demand": 1}
    assert page.facet("role") == {"lead": 3, "support": 3}
    assert "Ours" in page.row(1)
    assert {href for _, href in page.links() if "year-three" in href} == set()
    assert see("/plans/year-three/activities/").count == (5, 5)


def test_agency_of_another_plan_is_known_and_leaves_nothing(make_plan, open_reading, see):
    make_plan("year-two", 1)
    Agency.objects.create(code="swa", name="SWA")

    page = see(f"{LIST}?agency=swa")

    assert page.errors == []
    assert page.count == (0, 1)
    assert page.facet("agency") == {"msd": 1, "police": 1, "swa": 0, "none": 0}


def test_withdrawn_activities_are_left_out_of_rows_counts_and_facets(year_two, see):
    year_two.activities.filter(number__in=[1, 11]).update(withdrawn_on=date(2026, 7, 1))

    page = see(LIST)

    assert page.numbers == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15]
    assert page.count == (13, 13)
    assert page.facet("focus") == {"supply": 2, "demand": 2, "resilience": 4, "enable": 5}
    assert page.facet("agency")["police"] == 11
    assert "ghic" not in page.facet("agency")


def test_hostile_words_are_shown_as_words(make_plan, open_reading, see):
    plan = make_plan("year-two", 0, name="<script>alert(0)</script>")
    make_activity(plan, 1, title="<img src=x onerror=alert(1)>")
    Agency.objects.filter(code="police").update(name="<b>Police</b>", name_mi="<b>Police</b>")

    page = see(f"{LIST}?agency=police")

    assert "<img src=x onerror=alert(1)>" in page.row(1)
    assert "<b>Police</b>" in page.row(1)
    assert list(page.main.iter("img")) == []
    assert [one for one in page.root.iter("script") if not one.get("src")] == []


def test_te_reo_names_are_marked_as_te_reo(year_two, see):
    page = see(f"{LIST}?focus=resilience")

    (row,) = (one for one in page.main.iter("a") if one.get("href").endswith("/activities/7/"))
    marked = [one for one in page.closest(row, {"li", "tr"}).iter() if one.get("lang") == "mi"]
    assert ["".join(one.itertext()) for one in marked] == ["Kāinga Ora"]
    assert "Manatū Hauora" in page.in_te_reo()
    assert "Police" not in page.in_te_reo()


def test_empty_plan_says_so(make_plan, open_reading, see):
    make_plan("year-two", 0)

    page = see(LIST)

    assert page.numbers == []
    assert page.count == (0, 0)
    assert "This plan has no activities yet" in page.text


def test_nothing_found_says_how_to_go_on(year_two, see):
    page = see(f"{LIST}?q=xyzzy")

    assert page.count == (0, 15)
    assert "No activities match your filters" in page.text
    assert LIST in [href for words, href in page.links() if words.lower().startswith("clear all")]


# As a table


@pytest.mark.parametrize(
    ("group", "left_out"),
    [("focus", "Focus area"), ("status", "Status"), ("priority", None), ("lead", None), ("none", None)],
)
def test_table_has_no_column_that_says_what_its_groups_do(year_two, see, group, left_out):
    headings, *rows = see(f"{LIST}?view=table&group={group}").table()

    usual = ["Number", "Title", "Status", "Last update", "Focus area", "Lead agencies", "Support agencies"]
    assert headings == [one for one in usual if one != left_out]
    assert {len(row) for row in rows} - {1} == {len(headings)}


def test_heading_of_a_group_is_as_wide_as_the_table(year_two, see):
    page = see(f"{LIST}?view=table&group=focus")

    (head,) = page.main.iter("thead")
    wide = {one.get("colspan") for one in page.main.iter("th") if one.get("scope") == "rowgroup"}
    assert wide == {str(len([*head.iter("th")]))}


def test_table_counts_support_agencies_and_names_them_where_it_is_opened(year_two, see):
    page = see(f"{LIST}?view=table")

    cells = {number: page.row(number) for number in (1, 2, 4)}
    assert cells[4].endswith("5 agencies Manatū Hauora, Te Aka Whai Ora, Police, NDIB, SWA")
    assert "agencies" not in cells[2]
    assert len([*page.main.iter("details")]) > 5


def test_dates_of_a_table_stay_on_one_line(year_two, see, report):
    report(year_two.activities.get(number=1), made_at=datetime(2026, 12, 11, 1, tzinfo=UTC))

    assert "11\xa0Dec\xa02026" in see(f"{LIST}?view=table").html


# What it costs


@pytest.mark.parametrize("count", [1, 15])
@pytest.mark.parametrize(
    ("query", "queries"),
    [("", 9), ("?agency=police&role=lead", 9), ("?q=title&agency=msd&focus=supply", 10), ("?q=polcie", 7)],
)
def test_list_costs_as_many_queries_for_one_activity_as_for_fifteen(
    make_plan, open_reading, client, django_assert_num_queries, count, query, queries
):
    make_plan("year-two", count)
    make_plan("year-three", 15)

    with django_assert_num_queries(queries):
        client.get(LIST + query)


@pytest.mark.parametrize("count", [1, 15])
def test_list_costs_a_signed_in_person_eleven_queries(
    make_plan, reader, closed_reading, django_assert_num_queries, count
):
    make_plan("year-two", count)
    reader.get("/plans/")

    with django_assert_num_queries(11):
        reader.get(f"{LIST}?q=title&agency=police&focus=supply&priority=p1")


def test_table_and_list_show_the_programmes_rating(year_two, see):
    activities = Activity.objects.filter(plan=year_two)
    activities.filter(number=2).update(programme_rating="at_risk", programme_rating_reason="Why")
    activities.filter(number=3).update(status="on_track", programme_rating="on_track", programme_rating_reason="Why")

    headings, *rows = see(f"{LIST}?view=table&group=none").table()
    column = [row[headings.index("Programme rating")] for row in rows[:3]]
    assert column == ["", "At risk (differs from the status)", "On track"]
    page = see(LIST)
    assert "Programme: At risk" in page.row(2)
    assert "Programme" not in page.row(3)
    assert "Programme rating" not in see(f"{LIST}?view=table&group=none&rating=none").table()[0]


def test_table_and_list_say_what_was_and_is_due(year_two, see):
    activities = Activity.objects.filter(plan=year_two)
    activities.filter(number=2).update(due_on=localdate() - timedelta(days=1))
    activities.filter(number=3).update(due_on=localdate() + timedelta(days=400))
    past, future = (date_format(activities.get(number=number).due_on, "j M Y") for number in (2, 3))

    headings, *rows = see(f"{LIST}?view=table&group=none").table()
    assert [row[headings.index("Due date")] for row in rows[:4]] == ["", f"{past} (past)", future, ""]
    page = see(LIST)
    assert f"Was due {past}" in page.row(2)
    assert not any("due" in page.row(number).lower() for number in (1, 3))
