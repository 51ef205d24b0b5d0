"""A plan as it was at an earlier moment: pages and files are made by the code of today out of the rows of then.

`kept.py` says of each table how its rows of then are found, `tables.py` puts them before the tables of today while a
page is made, and `moment.py` reads which moment is asked for and says what day it is then.
"""

from plans.as_at.moment import (
    FIRST_DAY,
    PARAMETER,
    AsAt,
    MomentRefused,
    as_at_end_of,
    as_at_moment,
    current,
    now,
    read_moment,
    said_in_files,
    stay,
    today,
)
from plans.as_at.tables import PlanNotThere, plan_as_at

__all__ = [
    "FIRST_DAY",
    "PARAMETER",
    "AsAt",
    "MomentRefused",
    "PlanNotThere",
    "as_at_end_of",
    "as_at_moment",
    "current",
    "now",
    "plan_as_at",
    "read_moment",
    "said_in_files",
    "stay",
    "today",
]
