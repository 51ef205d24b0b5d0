"""What a file of a filtered list is called: plan, filters and day, in letters that every system takes."""

from collections.abc import Iterable, Sequence
from datetime import date

from plans.as_at import current
from plans.choices import Marking
from plans.models import Plan
from plans.text import slug_of

MOST_OF_A_PART = 40
MOST_OF_FILTERS = 100
MORE = "and-more"


def file_name(plan: Plan, labels: Sequence[str], on: date, ending: str, *, of: str = "activities") -> str:
    """Return the name of a file of `plan`, made on the day `on`: "year-two-police-needs-attention-2026-11-30.xlsx".

    `labels` say what was filtered, in words; without any, `of` says what is in the file. One of the plan as it was
    says so ("as-at-2026-10-31"). A file that is not for everyone says how it is marked, since a CSV file says so
    nowhere else.
    """
    filters = _joined([part for label in labels if (part := slug_of(label, MOST_OF_A_PART))]) or (
        "filtered" if labels else of
    )
    marking = "" if plan.marking == Marking.UNCLASSIFIED else f"-{plan.get_marking_display()}"
    day = as_at.label if (as_at := current()) else on.isoformat()
    return f"{plan.slug}-{filters}-{day}{marking}.{ending}"


def _joined(parts: Iterable[str]) -> str:
    """Join as many parts as a name has room for, and say when there are more."""
    found = ""
    for part in parts:
        longer = f"{found}-{part}" if found else part
        if len(longer) > MOST_OF_FILTERS:
            return f"{found}-{MORE}"
        found = longer
    return found
