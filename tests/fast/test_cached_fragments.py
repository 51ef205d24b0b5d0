"""Fragments of pages are kept by the values that they are made of, and are made of nothing else."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.utils.safestring import mark_safe

from plans.choices import Freshness, Status
from plans.fast import fragments
from plans.fast.fragments import cached_fragment
from plans.models import Agency
from plans.summaries import ActivityRow, AgencyName
from plans.summaries.activity_row import SaidBy

pytestmark = pytest.mark.usefixtures("tricks_on")

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FRAGMENT = re.compile(r'{% cached_fragment "([^"]+)"')
INCLUDED = re.compile(r'{% include "([^"]+)"')
# What a part may be made with: each gives the same for the same values, at any time and for anybody.
TAGS = {"block", "comment", "for", "empty", "endfor", "if", "elif", "else", "endif", "include", "load", "url", "with"}
TAGS |= {"endwith", "spaceless", "endspaceless", "agency_names"}
FILTERS = {
    "add",
    "count_of",
    "day",
    "default",
    "join",
    "length",
    "linebreaks",
    "lower",
    "mark",
    "pill",
    "pluralize",
    "short_day",
    "slice",
    "truncatewords",
    "urlencode",
    "truncatechars",
    "was",
}
PILL = "components/status_pill.html"
ROW = ActivityRow(
    number=3,
    name="Kāinga <b>Ora</b>",
    title="3. Kāinga <b>Ora</b>",
    status=Status.ON_TRACK,
    freshness=Freshness.CURRENT,
    focus_area="Focus area",
    leads=(AgencyName("Police"), AgencyName("Kāinga Ora", "mi")),
    supports=(),
    supported="",
    is_to_be_finalised=False,
    late="",
    updated_on=date(2026, 11, 22),
)
OTHER = ActivityRow(
    number=4,
    name="Housing",
    title="4. Housing",
    status=Status.AT_RISK,
    freshness=Freshness.NEVER,
    focus_area="Another",
    leads=(),
    supports=(AgencyName("MSD"),),
    supported="1 supporting",
    is_to_be_finalised=True,
    late="Update overdue by 1 day",
    updated_on=None,
    is_due=True,
    due_on=date(2026, 11, 1),
    is_past_due=True,
    rating=Status.OFF_TRACK,
    was=Status.AT_RISK,
    ended="Ended: stopped, 30 June 2024",
    leads_differ=True,
    said=(SaidBy(Status.AT_RISK, (AgencyName("MSD"),)),),
    involvements=("Police supports as part of All agencies",),
    excerpts=("about houses",),
)


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """The templates that were rendered, in order, but for those of pills; nothing is kept from test to test."""
    fragments._kept.cache_clear()
    names, get_template = [], fragments.get_template

    def noting(name):
        if name != PILL:
            names.append(name)
        return get_template(name)

    monkeypatch.setattr(fragments, "get_template", noting)
    yield names
    fragments._kept.cache_clear()


def row(value=ROW, words=None):
    return cached_fragment("components/activity_row.html", row=value, slug="year-two", words=words)


def test_fragment_is_made_once_for_the_same_values(made):
    assert row() == row(ROW._replace(number=1 + 2))

    assert made == ["components/activity_row.html"]


@pytest.mark.parametrize("name", ActivityRow._fields)
def test_fragment_follows_every_value_of_a_row(name, made):
    row()
    row(ROW._replace(**{name: getattr(OTHER, name)}))

    assert len(made) == 2


def test_row_shows_its_values():
    text = " ".join(re.sub(r"<[^>]+>", " ", row()).split())

    assert text == "3 Kāinga &lt;b&gt;Ora&lt;/b&gt; ● On track Led by Police, Kāinga Ora 22 Nov 2026"


def test_fragment_escapes_text_that_counts_as_safe(made):
    bold = "{% load tracker %}{% cached_fragment 'components/status_legend.html' statuses=statuses href=href %}"
    safe = Template(bold).render(Context({"statuses": (), "href": mark_safe("<b>")}))
    plain = Template(bold).render(Context({"statuses": (), "href": "<b>"}))

    assert "<b>" not in safe + plain


@dataclass
class Changeable:
    number: int


@dataclass(frozen=True)
class Holding:
    inner: object


@pytest.mark.parametrize(
    "value",
    [
        Agency(code="police", pk=1),
        [1],
        {"a": 1}.keys(),
        Holding([1]),
        Holding(Agency(pk=1)),
        (1, (2, Agency(pk=1))),
        (mark_safe("<b>"),),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fragment_refuses_what_can_change_under_it(value):
    with pytest.raises(TypeError, match=r"plain values|unhashable"):
        cached_fragment("components/activity_row.html", row=value, slug="year-two", words=None)


def test_fragment_refuses_an_object_that_is_not_frozen():
    with pytest.raises(TypeError):
        cached_fragment("components/activity_row.html", row=Changeable(1), slug="year-two", words=None)


@pytest.mark.parametrize(("name", "value"), [("DEBUG", True), ("ROCC_FAST", False)])
def test_no_fragment_is_kept_while_templates_are_edited_or_tricks_are_off(settings, made, name, value):
    setattr(settings, name, value)

    row()
    row()

    assert len(made) == 2


def test_what_is_made_of_values_alone_is_made_once_while_the_trick_is_on(settings):
    made = []
    double = fragments.made_once(lambda value: made.append(value) or 2 * value)
    settings.ROCC_FAST = True
    assert [double(2), double(2), double(3)] == [4, 4, 6]
    settings.ROCC_FAST = False
    assert double(2) == 4
    assert made == [2, 3, 2]


def names_of_fragments():
    found = {name for path in TEMPLATES.rglob("*.html") for name in FRAGMENT.findall(path.read_text())}
    waiting = list(found)
    while waiting:
        inside = set(INCLUDED.findall((TEMPLATES / waiting.pop()).read_text())) - found
        found |= inside
        waiting += inside
    return sorted(found)


@pytest.mark.parametrize("name", names_of_fragments())
def test_fragments_are_made_without_clock_request_or_query(name):
    source = re.sub(r"{#.*?#}", "", (TEMPLATES / name).read_text())
    tags = set(re.findall(r"{%\s*(\w+)", source))
    filters = {one for tag in re.findall(r"{[{%](.*?)[%}]}", source) for one in re.findall(r"\|(\w+)", tag)}

    assert tags <= TAGS
    assert filters <= FILTERS
    assert not re.search(
        r"\b(request|user|perms|messages|csrf_token)\b", " ".join(re.findall(r"{[{%](.*?)[%}]}", source))
    )
    assert engines["django"].get_template(name)
