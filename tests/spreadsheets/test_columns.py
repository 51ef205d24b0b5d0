from datetime import UTC, date, datetime

import pytest
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from plans.models import Activity, StatusUpdate
from plans.spreadsheets.columns import COLUMNS, HEADINGS
from plans.spreadsheets.descriptions import Description, Item, join_description, split_description, tidy
from tests.year_two import load_year_two

TEXTS = st.text(alphabet="ab•*\\ \n\t-'ā◦–o1.)(i\uf0b7\xa0", max_size=14).map(tidy)
ITEMS = st.builds(Item, TEXTS.filter(bool), TEXTS)
AS_WRITTEN = (
    "Number",
    "Strategic Focus Area",
    "Priority Action Area",
    "Activity",
    "Description",
    "Agency Lead",
    "Support Agencies",
    "Description State",
    "Status",
    "Last Updated",
    "Reporting Status",
    "Due",
    "Starts",
    "Programme Rating",
    "Programme Rating Reason",
    "Ending",
    "Ended On",
    "Ending Note",
    "Leads Differ",
    "Evidence",
)


@pytest.fixture
def activities(db):
    load_year_two()
    return {activity.number: activity for activity in Activity.objects.for_export(localdate())}


def row(activity):
    return {column.heading: column.export(activity) for column in COLUMNS}


def test_headings_are_the_printed_ones_first():
    assert HEADINGS == AS_WRITTEN


def test_row_holds_areas_agencies_and_items_as_printed(activities):
    assert row(activities[3]) == {
        "Number": 3,
        "Strategic Focus Area": "SUPPLY: Target organised crime and supply of illicit drugs through "
        "investigations and law",
        "Priority Action Area": "Work collaboratively to demonstrate the Government's end to end approach to "
        "organised crime",
        "Activity": "Alignment of TNOC and ROCC",
        "Description": "The ROCC and TNOC will strengthen alignment through:\n"
        "• Deportee journey mapping\n"
        "• Continued development of the Border to Backyard website\n"
        "• Delivery of training and educational material to improve awareness and understanding of trafficking in "
        "persons domestically*\n"
        "* This sub-activity will work with MBIE and Police's Trafficking in Persons (TiP) team",
        "Agency Lead": "ROCC; TNOC",
        "Support Agencies": "MBIE; Police",
        "Description State": "Finalised",
        "Status": "No update yet",
        "Last Updated": None,
        "Reporting Status": "Never updated",
        "Due": None,
        "Starts": None,
        "Programme Rating": "",
        "Programme Rating Reason": "",
        "Ending": "",
        "Ended On": None,
        "Ending Note": "",
        "Leads Differ": "",
        "Evidence": "",
    }


def test_row_of_an_unfinished_activity_has_blanks(activities):
    cells = row(activities[6])
    assert [cells[heading] for heading in ("Activity", "Description", "Agency Lead", "Support Agencies")] == [""] * 4
    assert cells["Description State"] == "To be finalised"


def test_last_updated_is_the_day_in_auckland(activities, make_user):
    late = datetime(2024, 6, 30, 12, 30, tzinfo=UTC)
    author = make_user("admin@programme.example")
    StatusUpdate.objects.create(activity=activities[1], author=author, kind="set", status="on_track", made_at=late)
    assert row(Activity.objects.for_export(localdate()).get(number=1))["Last Updated"] == date(2024, 7, 1)


def test_columns_cost_no_query(activities, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert len([row(activity) for activity in activities.values()]) == 15


@given(TEXTS, st.lists(ITEMS, max_size=3))
def test_description_reads_back_as_it_was_written(text, items):
    description = Description(text, tuple(items))
    assert split_description(join_description(description)) == description


def test_description_reads_what_people_type():
    typed = "Lead-in\r\n\r\n  •first\r\n•  second*\r\n*a note\r\n\r\n"
    assert split_description(typed) == Description("Lead-in", (Item("first"), Item("second", "a note")))


def test_tidy_composes_letters_and_drops_what_cannot_be_printed():
    assert tidy(" Ka\u0304inga\x00\r\nOra\x07 ") == "Kāinga\nOra"
