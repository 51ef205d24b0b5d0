"""A published plan, and the moments at which it changes."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from plans.as_at import AsAt
from tests.views.conftest import make_plan, open_reading, see, year_two

__all__ = ["make_plan", "open_reading", "see", "year_two"]

START = datetime(2026, 7, 1, 1, tzinfo=UTC)
"""When the plans of these tests are made: 1 July 2026, 1 pm in Auckland."""


def moment(hours):
    """Return the moment so many hours after the plans were made."""
    return START + timedelta(hours=hours)


def as_at(hours):
    """Return the `AsAt` of that moment."""
    return AsAt(moment(hours), moment(hours).isoformat(), is_day=False)


@pytest.fixture
def clock():
    """Sets the clock: `clock(3)` makes it three hours after the plans were made. It begins a little before."""
    with time_machine.travel(START, tick=False) as traveller:
        yield lambda hours: traveller.move_to(moment(hours))
