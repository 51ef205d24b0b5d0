"""Search over the Year Two plan, on both engines alike."""

from datetime import date

import pytest

from plans.models import Activity, Agency, SubActivity
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

ALL = list(range(1, 16))


# What is typed, and the numbers of the activities that are found.
FOUND = {
    # macrons and case
    "kainga": [5, 7],
    "Kāinga": [5, 7],
    "Ka\u0304inga": [5, 7],
    "WHANAU": [5, 8],
    "maori": [4, 5],
    # parts of words
    "cobalt": [1],
    "obal": [1],
    "methamphet": [4, 13],
    # other names of agencies; not of those that "All" stands for
    "corrections": [2, 5, 7, 11],
    "NZP": [1, 2, 3, 4, 5, 7, 8, 9, 11, 13],
    "Pirihimana": [1, 2, 3, 4, 5, 7, 8, 9, 11, 13],
    "ministry for children": [7, 8, 9],
    "TSOC": [3],
    "msd": [2, 5, 7, 8, 12],
    # sub-activities and footnotes
    "backyard": [3],
    "(TiP)": [3],
    "te ara oranga": [4, 7],
    # numbers
    "12": [12],
    "#12": [12],
    "12.": [12],
    "2": [2, 13],
    "15": [15],
    "16": [],
    "99999999999999999999": [],
    # every word, wherever each of them is
    "gang": [1, 5, 11],
    "gang harm": [5, 11],
    "meth harm": [4, 13],
    "police corrections": [2, 5, 7, 11],
    "corrections kainga": [5, 7],
    "cobalt kainga": [],
    # signs that databases take for something else
    "%": [],
    "_": [],
    "\\": [],
    "o%balt": [],
    "c_balt": [],
    "'": [3, 5],
    # nothing asked
    "": ALL,
    "   ": ALL,
}


@pytest.fixture(autouse=True)
def year_two(db):
    """The Year Two plan."""
    load_year_two()


def numbers(query):
    return [activity.number for activity in Activity.objects.search(query).order_by("number")]


def test_search_finds_exactly():
    assert {query: numbers(query) for query in FOUND} == FOUND


def test_search_finds_signs_that_are_there():
    activity = Activity.objects.get(number=1)
    activity.description = r"50% of file_name and C:\plans"
    activity.save()
    assert [numbers(query) for query in ("50%", "file_name", r"c:\plans", "50%_")] == [[1], [1], [1], []]


@pytest.mark.parametrize(
    "text",
    [
        "Police’s co‑design of a “hub”",
        'Police\'s co-design of a "hub"',
        "Po\u00adlice‘s co–design\u00a0of a„hub“",
    ],
)
def test_search_takes_signs_that_look_alike_for_one(text):
    activity = Activity.objects.get(number=6)
    activity.description = text
    activity.save()
    queries = ["Police’s", "police's", "co‑design", "co-de\u200bsign of", "“hub”", "hub, co—design"]
    assert [query for query in queries if 6 not in numbers(query)] == []


def test_search_answers_each_activity_once():
    assert numbers("a") == [n for n in ALL if n != 6]


def test_search_leaves_out_sub_activities_that_were_withdrawn():
    SubActivity.objects.filter(text__contains="Backyard").update(withdrawn_on=date(2024, 8, 1))
    assert numbers("backyard") == []


def test_search_follows_an_edit_of_an_agency():
    apa = Agency.objects.get(code="apa")
    apa.name_en = "Prison service"
    apa.save()
    assert numbers("prison") == [2, 5, 7, 11]


def test_agencies_matching_a_word_by_any_name():
    matching = {
        word: sorted(a.code for a in Agency.objects.matching(word)) for word in ("hauora", "social", "nzp", "%")
    }
    assert matching == {"hauora": ["manatu-hauora"], "social": ["msd", "swa"], "nzp": ["police"], "%": []}


def test_search_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert numbers("gang police harm") == [5, 11]
