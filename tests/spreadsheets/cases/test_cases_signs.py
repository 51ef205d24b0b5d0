"""Invisible signs are dropped, and signs that look alike mean the same in names and numbers."""

import pytest

from plans.models import Agency, AgencyAlias
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.checking.tables import changes, errors

INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\u2063\u202a\u202e\u2066\u2069\ufeff"


@pytest.mark.parametrize("sign", INVISIBLE)
@pytest.mark.django_db
def test_cases_s2_invisible_signs_are_dropped(check, sign):
    cells = (f"1{sign}", f"Pol{sign}ice", f"On{sign} track", f"{sign}New ti{sign}tle")
    checked = check("Number, Agency Lead, Status, Activity", tuple(map(tidy, cells)))
    assert (errors(checked), checked.unknown_names) == ([], [])
    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "New title"), "Status": ("No update yet", "On track")})]


def test_cases_x10_invisible_signs_in_a_workbook():
    rows = cells_of(read_table(input_file("X10-invisible.xlsx"), ""))
    assert [(row["Number"], row["Agency Lead"], row["Status"].replace("\u00a0", " ")) for row in rows] == [
        ("1", "Police", "On track"),
        ("2", "APA", "At risk"),
        ("3", "ROCC", "Complete"),
        ("4", "Te\u00a0Whatu\u202fOra", "On track"),
        ("5", "Police", "Not started"),
    ]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "  "])
@pytest.mark.django_db
def test_cases_spaces_of_every_width_part_words_of_names(check, space):
    assert errors(check("Number, Support Agencies, Status", ("1", f"Kāinga{space}Ora", f"On{space}track"))) == []


@pytest.mark.parametrize("written", ["Women’s Refuge", "Women's Refuge", "Women‘s Refuge", "Co‑design unit"])
@pytest.mark.django_db
def test_cases_names_are_found_with_signs_that_look_alike(check, written):
    agency = Agency.objects.create(code="refuge", name="Women's Refuge")
    AgencyAlias.objects.create(agency=agency, alias="Co-design unit")
    assert errors(check("Number, Support Agencies", ("1", written))) == []


@pytest.mark.django_db
def test_cases_drawn_dots_before_names_are_no_part_of_them(check):
    assert errors(check("Number, Support Agencies", ("1", "• APA\n• MSD"))) == []


def test_cases_signs_that_letters_need_are_kept():
    assert tidy("👩\u200d🚒 ok") == "👩\u200d🚒 ok"
