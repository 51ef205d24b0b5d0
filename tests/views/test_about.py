"""The page about a plan: what its words mean, and how it was read."""

from html import unescape

from plans.choices import DescriptionState, Freshness, Role, Status
from plans.models import Plan, ReadingNote

ADDRESS = "/plans/year-two/about/"


def test_about_shows_each_judgement_call_beside_the_printed_cell(client, year_two):
    notes = list(ReadingNote.objects.select_related("activity"))
    text = unescape(client.get(ADDRESS).content.decode())
    assert len(notes) == 17
    places = [text.index(note.text) for note in notes]
    assert places == sorted(places)
    assert text.count("<blockquote>") == sum(note.activity is not None for note in notes) == 13
    assert "OT; Police; MoH; MoE; MSD; MOJ" in text


def test_about_says_blank_for_a_blank_cell(client, year_two):
    ReadingNote.objects.exclude(cell="focus_area", activity__number=2).delete()
    assert client.get(ADDRESS).content.decode().count("(blank)") == 1


def test_about_of_a_plan_without_notes_says_so(client, year_two):
    Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three", is_published=True)
    response = client.get("/plans/year-three/about/")
    assert "No notes for this plan." in response.content.decode()
    assert "APA" not in response.content.decode()


def test_about_of_an_unpublished_plan_is_not_there_for_visitors(client, year_two):
    Plan.objects.update(is_current=False, is_published=False)
    assert client.get(ADDRESS).status_code == 404


def test_about_costs_three_queries(client, year_two, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get(ADDRESS)


def test_about_says_what_each_word_means(client, year_two):
    text = unescape(client.get(ADDRESS).content.decode())
    meanings = [one.meaning for words in (Status, Role, DescriptionState, Freshness) for one in words]
    assert [meaning for meaning in meanings if meaning not in text] == []
