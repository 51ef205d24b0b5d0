"""A plan whose activities are numbered 1.1, 1.2, 1.10, 2, 4a and S-3, from page to page."""

from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from plans.activity_number import Label
from plans.forms.updates import card_of, number_of_card
from plans.models import Activity, ReportingRound, StatusUpdate
from tests.views.page import Page
from tests.views.test_cards import fields_of

PLAN = "/plans/year-two/"
NUMBERS = {1: "1.1", 5: "1.10", 8: "S-3", 13: "4a", 2: "1.2", 3: 2}
"""{number in the published plan: the one that the activity gets}, in this order."""
IN_ORDER = ["1.1", "1.2", "1.10", 2, "4a", "S-3"]
OF_POLICE = ["1.1", "1.10", "4a", "S-3"]


@pytest.fixture
def numbered(year_two):
    """The first activities of the plan under other numbers; the rest are withdrawn."""
    Activity.objects.exclude(number__in=NUMBERS).update(withdrawn_on="2026-01-01")
    for old, new in NUMBERS.items():
        Activity.objects.filter(number=old).update(number=new)
    return year_two


def test_every_page_of_an_activity_is_at_its_number(numbered, programme_admin):
    for number in IN_ORDER:
        page = f"{PLAN}activities/{number}/"
        parts = (
            "",
            "edit/",
            "update/",
            "note/",
            "history/",
            "end/",
            "withdraw/",
            "rating/",
            "finalise/",
            "record.xlsx",
        )
        for part in parts:
            assert programme_admin.get(page + part).status_code in (200, 302, 403), page + part
    assert programme_admin.get(f"{PLAN}activities/001.1/").status_code == 404
    assert programme_admin.get(f"{PLAN}activities/002/").status_code == 200
    assert programme_admin.get(f"{PLAN}activities/5/").status_code == 404


def test_lists_files_and_neighbours_are_in_natural_order(numbered, programme_admin):
    Activity.objects.update(focus_area=Activity.objects.first().focus_area)
    found = [row.number for row in programme_admin.get(f"{PLAN}activities/").context["listing"].page.object_list]
    lines = programme_admin.get(f"{PLAN}activities.csv").getvalue().decode("utf-8-sig").splitlines()
    book = load_workbook(BytesIO(programme_admin.get(f"{PLAN}activities.xlsx").getvalue()))
    cells = [cell.value for cell in book["Activities"]["A"]][1:]

    assert found == IN_ORDER
    assert [one for line in lines if (one := line.partition(",")[0]) in map(str, IN_ORDER)] == list(map(str, IN_ORDER))
    assert ([cell for cell in cells if cell], type(cells[3])) == (IN_ORDER, int)
    page = Page(programme_admin.get(f"{PLAN}activities/1.10/"))
    assert [page.html.count(f'href="{PLAN}activities/{number}/"') > 0 for number in ("1.2", "2")] == [True, True]


@pytest.mark.parametrize(
    ("typed", "number"), [("1.10", "1.10"), ("s-3", "S-3"), ("Action 4A", "4a"), ("No. 2", "2"), ("#1.1", "1.1")]
)
def test_search_goes_to_the_activity_of_a_number(numbered, programme_admin, typed, number):
    answer = programme_admin.get(f"{PLAN}find/", {"q": typed})
    assert (answer.status_code, answer["Location"]) == (302, f"{PLAN}activities/{number}/")


def test_word_of_a_list_is_found_as_a_number_in_any_letters(numbered, programme_admin):
    def numbers_of(query):
        return [
            row.number
            for row in programme_admin.get(f"{PLAN}activities/?q={query}").context["listing"].page.object_list
        ]

    assert ("S-3" in numbers_of("s-3"), "4a" in numbers_of("4A"), "1.1" in numbers_of("1.1")) == (True, True, True)
    assert "1.10" not in numbers_of("1.1")


def test_cards_of_such_numbers_are_told_apart(numbered, police_updater):
    today = timezone.localdate()
    ReportingRound.objects.create(plan=numbered, name="December", opened_on=today, due_on=today)
    page = Page(police_updater.get(f"{PLAN}updates/"))
    data = fields_of(page)
    for number in OF_POLICE:
        data |= {f"{card_of(number)}-status": "on_track", f"{card_of(number)}-what_happened": f"Said of {number}."}

    answer = police_updater.post(f"{PLAN}activities/S-3/update/", data)

    assert StatusUpdate.objects.get().activity.number == "S-3"
    assert answer["Location"].startswith(f"{PLAN}updates/?card=")
    again = fields_of(Page(police_updater.get(answer["Location"])))
    assert {again.get(f"{card_of(number)}-what_happened") for number in OF_POLICE[:3]} == {
        f"Said of {number}." for number in OF_POLICE[:3]
    }
    assert [number_of_card(card_of(number)) for number in IN_ORDER] == list(map(str, IN_ORDER))


def test_new_activity_takes_a_label_and_none_that_is_there(numbered, programme_admin):
    address = f"{PLAN}activities/new/"
    data = fields_of(Page(programme_admin.get(address)))
    areas = {f"{name}_area": getattr(Activity.objects.first(), f"{name}_area_id") for name in ("focus", "priority")}

    taken = programme_admin.post(address, {**data, **areas, "number": "s-3", "title": "New"})
    errors = [sentence for _, _, sentence in taken.context["editing"].errors]
    added = programme_admin.post(address, {**data, **areas, "number": "Action 1.3a", "title": "New"})

    assert errors[0].startswith("There is already an activity S-3 in this plan.")
    assert added["Location"] == f"{PLAN}activities/1.3a/"
    row = Activity.objects.get(title="New")
    assert (row.number, type(row.number), row.history.get().number) == ("1.3a", Label, "1.3a")


def test_number_is_suggested_only_where_most_are_whole(numbered):
    assert numbered.activities.next_number() == 16
    assert numbered.activities.filter(withdrawn_on=None).next_number() is None
    assert Activity.objects.none().next_number() == 1


def test_admin_lists_and_opens_such_activities(numbered, programme_admin):
    page = programme_admin.get("/admin/plans/activity/?q=s-3")
    assert [row.number for row in page.context["cl"].result_list] == ["S-3"]
    pk = Activity.objects.get(number="S-3").pk
    assert programme_admin.get(f"/admin/plans/activity/{pk}/change/").status_code == 200
    assert programme_admin.get("/admin/plans/activity/add/").status_code == 200
