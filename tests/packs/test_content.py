"""What a pack says comes back from JSON as it was, and has one checksum."""

import json
import re
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from plans.packs.content import PackContent, Part, Section, UnreadableContent, canonical_json, checksum_of
from tests.packs.sample import AT, PATROLS, sample_content


def test_it_comes_back_from_json_as_it_was():
    """Also through text, as a database keeps it: dates, moments, and what is not there."""
    pack = sample_content()
    kept = json.loads(json.dumps(pack.to_json()))
    assert PackContent.from_json(kept) == pack
    assert checksum_of(kept) == pack.checksum()
    draft = PackContent("Plan", "UNCLASSIFIED", "Draft", AT)
    assert PackContent.from_json(draft.to_json()) == draft
    assert [one.heading for one in draft.sections] == Section.labels


def test_the_checksum_of_a_pack_is_the_same_in_every_process_and_version():
    """A number that was printed on paper must be found again. (A new field is new here, and in no pack of before.)"""
    pack = PackContent("Plan", "UNCLASSIFIED", "Tūtaki", AT, sections=())
    assert canonical_json(pack.to_json()).decode() == (
        '{"activities":[],"answers":[],"answers_at":null,"asks":[],"at":"2026-10-31T10:59:59+00:00","changes":'
        '{"activities":[],"counts":[],"since":""},"corrections":[],"covering_note":"","exceptions":[],"filters":"","issued_on":null,'
        '"marking":"UNCLASSIFIED","number":null,"plan":"Plan","programme":"","sections":[],"slipped":[],"state":{"areas":'
        '[],"counts":[],"facts":[],"statuses":[],"total":0},"title":"Tūtaki","version":1}'
    )
    assert re.fullmatch("[0-9a-f]{64}", pack.checksum())


def test_a_moment_has_one_checksum_whatever_time_zone_it_is_told_in():
    """PostgreSQL and Python may tell it in different ones."""
    pack = sample_content()
    elsewhere = replace(pack, at=AT.astimezone(timezone(timedelta(hours=13))))
    assert elsewhere.checksum() == pack.checksum()


@pytest.mark.parametrize(
    "changes",
    [{"title": "Another"}, {"number": 4}, {"covering_note": ""}, {"sections": ()}, {"asks": sample_content().asks[:1]}],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_is_changed_changes_the_checksum(changes):
    """Words, the number, and which sections there are."""
    assert sample_content(**changes).checksum() != sample_content().checksum()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 2}, "newer version"),
        ({"colour": "red"}, "no colour"),
        ({"at": "yesterday"}, "isoformat"),
        ({"number": True}, "no int"),
        ({"title": 5}, "no str"),
        ({"asks": {}}, "no list"),
        ({"asks": [5]}, "no dict"),
        ({"asks": [{"text": "x"}]}, "lacks reference, of_whom"),
        ({"changes": {"activities": [], "since": None}}, "no str"),
    ],
)
def test_what_is_no_content_is_refused(change, problem):
    """Rather than half shown."""
    with pytest.raises(UnreadableContent, match=problem):
        PackContent.from_json({**sample_content().to_json(), **change})


def test_nothing_at_all_is_refused():
    """An empty column says nothing of a pack."""
    for nothing in ({}, None, []):
        with pytest.raises(UnreadableContent):
            PackContent.from_json(nothing)


def test_a_piece_is_the_same_gone_or_new():
    """Nothing else can be shown."""
    found = sample_content().to_json()
    found["changes"]["activities"][1]["differences"][0]["parts"][0]["kind"] = "<b>"
    with pytest.raises(UnreadableContent, match="none of same, gone, new"):
        PackContent.from_json(found)
    assert Part("new", "x").kind == "new"
    assert PATROLS.number == "5"
