"""The day since which changes are asked for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from plans.as_at import FIRST_DAY

DAYS_OF_VISITORS = 7


class Since(NamedTuple):
    """A day, whether the person was here then, and what is wrong with the day that was asked for, if anything is."""

    day: date
    is_visit: bool = False
    error: str = ""


def read_since(data: Mapping[str, str], *, last_visit: date | None, on: date) -> Since:
    """Return the day that `data`, the parameters of an address, asks for by `since`, as a `Since`.

    When none is asked for, or no day before `on`, it is `last_visit`, or a week before `on` where that is None.
    """
    typed, error = data.get("since", "").strip(), ""
    if typed:
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            error = f"“{typed}” is not a day. Enter one as year-month-day, for example 2026-11-24."
        else:
            if FIRST_DAY <= day <= on:
                return Since(day)
            error = "This day is in the future. Choose today or an earlier day."
            if day < FIRST_DAY:
                error = f"This day is too long ago. Choose a day from {FIRST_DAY.year} on."
    return Since(last_visit or on - timedelta(days=DAYS_OF_VISITORS), last_visit is not None, error)
