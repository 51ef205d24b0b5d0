from itertools import permutations

import pytest

from plans.spreadsheets.columns import HEADINGS as ACTIVITY_HEADINGS
from plans.spreadsheets.columns import UPDATE_HEADINGS
from plans.spreadsheets.reading.headings import HEADINGS, SYNONYMS, match_headings
from plans.spreadsheets.row_versions import ROW_VERSION


def meanings(*written, chosen=None):
    matches = match_headings(written, range(1, len(written) + 1), chosen)
    return [(match.heading, match.how) for match in matches]


def test_own_headings_are_matched_exactly():
    never_read = {"Last Updated", "Reporting Status", "Latest Update", "Leads Differ", "Evidence"}

    assert meanings(*HEADINGS) == [(heading, "ignored" if heading in never_read else "exact") for heading in HEADINGS]
    assert set(HEADINGS) >= {*ACTIVITY_HEADINGS, *UPDATE_HEADINGS, ROW_VERSION}


@pytest.mark.parametrize(
    ("written", "heading", "how"),
    [
        ("NUMBER", "Number", "exact"),
        # As exports called it before.
        ("Freshness", "Reporting Status", "ignored"),
        ("  number ", "Number", "exact"),
        ("Agency\nLead", "Agency Lead", "exact"),
        ("agency-lead:", "Agency Lead", "exact"),
        ("Lead Agency", "Agency Lead", "near"),
        ("Lead agencies", "Agency Lead", "near"),
        ("Agency Leed", "Agency Lead", "near"),
        ("Lead", "Agency Lead", "near"),
        ("Supporting agencies", "Support Agencies", "near"),
        ("Suport Agencys", "Support Agencies", "near"),
        ("No.", "Number", "near"),
        ("#", "Number", "near"),
        ("Numbr", "Number", "near"),
        ("Focus area", "Strategic Focus Area", "near"),
        ("Strategic Focus Aera", "Strategic Focus Area", "near"),
        ("Stategic focus area", "Strategic Focus Area", "near"),
        ("Priority area", "Priority Action Area", "near"),
        ("Activty", "Activity", "near"),
        ("Activities", "Activity", "near"),
        ("Descripton", "Description", "near"),
        ("Sttatus", "Status", "near"),
        ("State of description", "Description State", "near"),
        ("What's next", "What Is Next", "near"),
        ("What happend", "What Happened", "near"),
        ("Barriers", "Barrier", "near"),
        ("row version", "Row Version", "exact"),
        ("last updated", "Last Updated", "ignored"),
    ],
)
def test_heading_is_matched_however_it_is_spelt(written, heading, how):
    assert meanings(written) == [(heading, how)]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Comments",
        "Agency",
        "State",
        "Area",
        "Date",
        "Notes",
        "Budget",
        "Member",
        "Owner",
        "Update",
        "1",
        "Police",
        "x" * 90,
    ],
)
def test_heading_that_means_none_of_ours_is_unknown(written):
    assert meanings(written) == [("", "unknown")]


def test_nothing_of_ours_is_matched_twice_and_the_likest_goes_first():
    assert meanings("Stauts", "Status", "STATUS") == [("", "unknown"), ("Status", "exact"), ("", "unknown")]
    assert meanings("Lead", "Agency Lead") == [("", "unknown"), ("Agency Lead", "exact")]


def test_order_of_the_columns_makes_no_difference():
    written = ("Update Status", "Status", "Description Status", "Stauts")
    expected = {
        "Update Status": "Update Status",
        "Status": "Status",
        "Description Status": "Description State",
        "Stauts": "",
    }
    for some in permutations(written):
        assert [heading for heading, _ in meanings(*some)] == [expected[text] for text in some]


def test_choice_of_a_person_goes_before_any_match():
    assert meanings("Status", "Stauts", "Lead", chosen={2: "Status", 3: "", 9: "Number"}) == [
        ("", "unknown"),
        ("Status", "chosen"),
        ("", "ignored"),
    ]


def test_each_synonym_means_one_heading():
    spellings = [synonym for synonyms in SYNONYMS.values() for synonym in synonyms]
    assert len(spellings) == len({spelling.casefold() for spelling in spellings})
    for heading, synonyms in SYNONYMS.items():
        assert [meanings(synonym)[0][0] for synonym in synonyms] == [heading] * len(synonyms)
