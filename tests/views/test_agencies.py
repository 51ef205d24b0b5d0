"""`/plans/<plan>/agencies/` and `/plans/<plan>/agencies/<code>/`."""

from datetime import date

import pytest

from plans.choices import AgencyKind, Role
from plans.models import ActivityAgency, Agency
from tests.views.page import ACTIVITY

AGENCIES = "/plans/year-two/agencies/"
LIST = "/plans/year-two/activities/"
# {code: (leads, supports, shares)}, read off the table of the plan.
INVOLVED = {
    "apa": ([2], [5, 7, 11], [10, 13, 14, 15]),
    "ghic": ([], [11], []),
    "kainga-ora": ([7], [5], [10, 13, 14, 15]),
    "manatu-hauora": ([8], [4], [10, 13, 14, 15]),
    "mbie": ([], [3, 5, 11], [10, 13, 14, 15]),
    "moe": ([8], [9], [10, 13, 14, 15]),
    "moj": ([8], [], [10, 13, 14, 15]),
    "msd": ([2, 8], [5, 7], [10, 12, 13, 14, 15]),
    "msd-rps-policy-office": ([12], [], []),
    "ndib": ([], [4, 11], []),
    "oranga-tamariki": ([8, 9], [7], [10, 13, 14, 15]),
    "police": ([1, 5, 8, 13], [2, 3, 4, 7, 9, 11], [10, 14, 15]),
    "rocc": ([3, 14, 15], [10, 11, 12], []),
    "rps": ([], [11], []),
    "swa": ([11], [4, 12], [10, 13, 14, 15]),
    "te-aka-whai-ora": ([], [4], [10, 13, 14, 15]),
    "te-whatu-ora": ([4], [5, 7], [10, 13, 14, 15]),
    "tnoc": ([3], [], []),
    "tpk": ([], [5], [10, 13, 14, 15]),
    "all": ([10], [13, 14, 15], []),
}


def sections(page):
    """The activities under each heading of an agency's page: {"leads": [number]}."""
    found = {}
    for name in ("leads", "supports", "shares"):
        for one in page.main.iter():
            if one.get("id") == name:
                hrefs = (ACTIVITY.search(link.get("href")) for link in one.iter("a"))
                found[name] = [int(match[1]) for match in hrefs if match]
    return found


def test_list_names_every_party_by_name_with_the_group_last(year_two, see):
    page = see(AGENCIES)

    codes = [href.split("/")[-2] for _, href in page.links() if href.startswith(AGENCIES) and href.endswith("/")]
    codes.remove("agencies")
    assert codes == list(INVOLVED)


def test_list_counts_what_each_leads_supports_and_shares(year_two, see):
    headings, *rows = see(AGENCIES).table()

    assert headings[-3:] == ["Leads", "Supports", "Shared"]
    assert [tuple(map(int, row[-3:])) for row in rows] == [
        tuple(len(numbers) for numbers in involved) for involved in INVOLVED.values()
    ]


def test_list_gives_names_in_both_languages_and_kind(year_two, see):
    page = see(AGENCIES)
    rows = {row[0]: row[1] for row in page.table()[1:]}

    assert rows["Kāinga Ora Homes and Communities"] == "Agency"
    assert rows["MSD RPS Policy Office Regional Public Service policy office within MSD"] == "Unit, part of MSD"
    assert rows["Te Aka Whai Ora Māori Health Authority"] == "AgencyEnded 30 Jun 2024"
    assert {"Kāinga Ora", "Manatū Hauora", "Oranga Tamariki", "Te Aka Whai Ora", "Te Whatu Ora"} <= set(
        page.in_te_reo()
    )


@pytest.mark.parametrize(("code", "involved"), INVOLVED.items())
def test_agency_shows_what_it_leads_supports_and_shares(year_two, see, code, involved):
    leads, supports, shares = involved

    found = sections(see(f"{AGENCIES}{code}/"))

    assert found == {"leads": leads, "supports": supports} | ({"shares": shares} if shares else {})


@pytest.mark.parametrize("code", INVOLVED)
def test_agency_leads_to_the_list_of_all_its_activities(year_two, see, code):
    address = f"{LIST}?agency={code}"
    leads, supports, shares = INVOLVED[code]

    assert address in [href for _, href in see(f"{AGENCIES}{code}/").links()]
    assert see(address).numbers == sorted({*leads, *supports, *shares})


def test_what_is_shared_says_how(year_two, see):
    msd = see(f"{AGENCIES}msd/")

    assert "MSD leads through the MSD RPS Policy Office" in msd.row(12)
    assert "MSD leads as part of All agencies" in msd.row(10)
    assert "MSD supports as part of All agencies" in msd.row(13)
    assert "as part of" not in msd.row(2)


def test_agency_says_its_names_kind_and_kin(year_two, see):
    page = see(f"{AGENCIES}msd/")
    facts = page.terms()

    assert page.h1 == "MSD"
    assert page.title == "MSD – Year Two ROCC Action Plan"
    assert "Te Manatū Whakahiato Ora" in page.in_te_reo()
    assert "Ministry of Social Development" in page.text
    assert facts["Type"] == "Agency"
    assert facts["Units"] == "MSD RPS Policy Office"
    assert facts["Member of"] == "All"


def test_unit_says_what_it_is_part_of_and_group_whom_it_stands_for(year_two, see):
    assert see(f"{AGENCIES}msd-rps-policy-office/").terms()["Part of"] == "MSD"
    members = see(f"{AGENCIES}all/").section("About")
    assert sorted(link.get("href").split("/")[-2] for link in members.iter("a")) == [
        "apa",
        "kainga-ora",
        "manatu-hauora",
        "mbie",
        "moe",
        "moj",
        "msd",
        "oranga-tamariki",
        "police",
        "swa",
        "te-aka-whai-ora",
        "te-whatu-ora",
        "tpk",
    ]


def test_agency_says_its_other_names_its_end_and_its_note(year_two, see):
    assert see(f"{AGENCIES}apa/").terms()["Also known as"] == "Corrections"
    assert "Ended 30 June 2024" in see(f"{AGENCIES}te-aka-whai-ora/").text
    assert "Called the Social Investment Agency since 2024." in see(f"{AGENCIES}swa/").text


def test_te_reo_heading_is_marked_as_te_reo(year_two, see):
    assert see(f"{AGENCIES}kainga-ora/").root.find(".//h1").get("lang") == "mi"
    assert see(f"{AGENCIES}police/").root.find(".//h1").get("lang") is None


@pytest.mark.parametrize("code", ["POLICE", "Police"])
def test_agency_is_found_in_either_case(year_two, see, code):
    assert see(f"{AGENCIES}{code}/").h1 == "Police"


def test_agency_whose_code_has_capitals_can_be_filtered_by(make_plan, open_reading, see):
    plan = make_plan("year-two", 1)
    customs = Agency.objects.create(code="NZ-Customs", name="Customs")
    ActivityAgency.objects.create(activity=plan.activities.get(), agency=customs, role=Role.SUPPORT)

    page = see(f"{AGENCIES}NZ-Customs/")

    assert sections(page) == {"leads": [], "supports": [1]}
    assert see(page.link("See Customs activities in the full list")).numbers == [1]


@pytest.mark.parametrize("code", ["nobody", "none", "aro"])
def test_agency_that_the_plan_does_not_name_is_not_found(year_two, see, code):
    Agency.objects.create(code="aro", name="Aro")

    assert see(f"{AGENCIES}{code}/", status=404).h1 == "Page not found"


def test_plans_do_not_mix_agencies(make_plan, open_reading, see):
    plan = make_plan("year-two", 2)
    other = make_plan("year-three", 3)
    swa = Agency.objects.create(code="swa", name="SWA")
    ActivityAgency.objects.create(activity=other.activities.first(), agency=swa, role=Role.LEAD)
    plan.activities.filter(number=2).update(withdrawn_on=date(2026, 7, 1))

    assert [row[0] for row in see(AGENCIES).table()[1:]] == ["MSD", "Police"]
    assert [row[-3:] for row in see(AGENCIES).table()[1:]] == [["0", "1", "0"], ["1", "0", "0"]]
    assert sections(see(f"{AGENCIES}police/")) == {"leads": [1], "supports": []}
    see(f"{AGENCIES}swa/", status=404)


def test_plan_without_agencies_says_so(make_plan, open_reading, see):
    make_plan("year-two", 0)

    page = see(AGENCIES)

    assert list(page.main.iter("table")) == []
    assert "No agencies yet" in page.text


def test_agencies_show_hostile_words_as_words(make_plan, open_reading, see):
    make_plan("year-two", 1)
    police = Agency.objects.filter(code="police")
    police.update(name="<b>P</b>", name_mi="<b>M</b>", name_en="<b>E</b>", note="<b>N</b>")
    Agency.objects.create(code="unit", name="<b>U</b>", kind=AgencyKind.UNIT, parent=police.get())

    page = see(f"{AGENCIES}police/")

    assert page.h1 == "<b>P</b>"
    assert [words in page.text for words in ("<b>M</b>", "<b>E</b>", "<b>N</b>", "<b>U</b>")] == [True] * 4
    assert list(page.main.iter("b")) == []
    assert "<b>P</b>" in see(AGENCIES).text


def test_agency_shows_fifty_activities_and_leads_to_the_rest(make_plan, open_reading, see):
    make_plan("year-two", 51)

    page = see(f"{AGENCIES}police/")

    assert sections(page)["leads"] == list(range(1, 51))
    assert page.link("See all in Activities") == f"{LIST}?agency=police&role=lead"


@pytest.mark.parametrize("count", [1, 15])
@pytest.mark.parametrize(("address", "queries"), [(AGENCIES, 4), (f"{AGENCIES}police/", 9)])
def test_agencies_cost_as_many_queries_for_one_activity_as_for_fifteen(
    make_plan, open_reading, client, django_assert_num_queries, address, queries, count
):
    make_plan("year-two", count)
    make_plan("year-three", 15)

    with django_assert_num_queries(queries):
        client.get(address)


def test_agencies_that_lead_are_as_many_as_the_overview_counts(client, year_two):
    summary = client.get("/plans/year-two/").context["summary"]
    shown = client.get("/plans/year-two/agencies/?role=lead").context["agencies"]
    assert len(shown) == summary.lead_count == 14


def test_agencies_of_an_unknown_role_are_an_error_with_no_rows(client, year_two):
    answer = client.get("/plans/year-two/agencies/?role=boss")
    assert answer.context["agencies"] == []
    assert "There is no role “boss”. Choose from: lead, support." in answer.content.decode()
