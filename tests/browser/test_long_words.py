"""Words and addresses without a space in them wrap on every page, also in a window of 320 px."""

import pytest
from django.db.models import QuerySet

from plans.models import (
    Activity,
    Agency,
    AgencyAlias,
    Barrier,
    FocusArea,
    Plan,
    PriorityArea,
    ReportingRound,
    StatusUpdate,
    SubActivity,
    User,
)
from tests.browser.places import PLACES
from tests.browser.test_every_page import NARROW, every_status, go  # noqa: F401

LONG = f"https://example.govt.nz/{'unbroken' * 40}"
WRITTEN = {
    Activity: ("title", "description"),
    Agency: ("name", "name_mi", "name_en", "note"),
    AgencyAlias: ("alias",),
    Barrier: ("text", "escalation_note"),
    FocusArea: ("statement",),
    Plan: ("name", "short_name", "programme", "source"),
    PriorityArea: ("name",),
    ReportingRound: ("name",),
    StatusUpdate: ("what_happened", "whats_next", "barrier"),
    SubActivity: ("text", "footnote"),
    User: ("name",),
}


@pytest.fixture
def long_words(every_status):  # noqa: F811
    """Everything that people wrote is one long word now, each of its own."""
    for model, names in WRITTEN.items():
        for pk in model._base_manager.values_list("pk", flat=True):
            lengths = ((name, model._meta.get_field(name).max_length or len(LONG)) for name in names)
            words = {name: f"{pk}{LONG}"[:most] for name, most in lengths}
            # Updates are append-only everywhere but here.
            QuerySet.update(model._base_manager.filter(pk=pk), **words)


@pytest.mark.parametrize("place", [one for one in PLACES if one.status == 200], ids=lambda place: place.name)
def test_long_words_wrap(long_words, go, place):  # noqa: F811
    page = go(place, width=NARROW)

    assert page.evaluate("looking.overflowing()") == []
