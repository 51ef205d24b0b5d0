"""Agencies as SharePoint exports them."""

import pytest

from tests.spreadsheets.checking.tables import changes, errors


@pytest.mark.parametrize(
    "cell", ['["APA","MSD"]', '[ "APA", "MSD" ]', "APA;#MSD", "APA;#12;#MSD;#7", ";#APA;#MSD;#", "APA;#MSD;#"]
)
@pytest.mark.django_db
def test_cases_agencies_of_sharepoint_are_read(check, cell):
    checked = check("Number, Support Agencies", ("1", cell))
    assert (errors(checked), changes(checked)) == ([], [(2, 1, {"Support Agencies": ("", "APA; MSD")})])


@pytest.mark.parametrize("cell", ['["APA"', "[APA]", '["APA", {"a": ["MSD"]}]'])
@pytest.mark.django_db
def test_cases_what_only_begins_like_sharepoint_is_an_unknown_name(check, cell):
    assert [(row, heading) for row, heading, _ in errors(check("Number, Support Agencies", ("1", cell)))][:1] == [
        (2, "Support Agencies")
    ]
