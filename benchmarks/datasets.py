"""Deterministic data of any size: plans, activities, agencies on them, sub-activities, rounds, updates and history.

The database makes the rows by itself, a statement a table; a million activities take minutes. The same `DataSet` always
gives the same rows, and a plan has the same rows whatever other plans are beside it.

The database has been migrated and holds the agencies and areas of the Year Two plan; Django is ready. `benchmarks.fill`
is the same as a command.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from benchmarks import dataset_rows as rows
from benchmarks.names import OPEN_ROUND, PREVIOUS_ROUND
from benchmarks.people import make_people
from benchmarks.vocabulary import BEGINNINGS, ENDINGS, SENTENCES, folded
from plans.models import Plan, ReportingRound

MADE_AT = datetime(2025, 7, 1, tzinfo=UTC)
LEAST_ACTIVITIES = 5


@dataclass(frozen=True)
class DataSet:
    """So many plans of so many activities each, five or more; plans are called `plan-<n>`, counted from `first`.

    Every activity has five agencies, every fifth three sub-activities; three in four have updates.
    """

    plans: int
    activities: int
    first: int = 1

    @property
    def slugs(self):
        """What addresses call the plans: [(place, slug)]."""
        return [(place, f"plan-{place}") for place in range(self.first, self.first + self.plans)]


def fill(dataset):
    """Make the rows of `dataset`, all or none. A constant number of statements, whatever its size."""
    if dataset.activities < LEAST_ACTIVITIES:
        raise ValueError(f"A plan needs {LEAST_ACTIVITIES} activities or more.")
    plans = Plan.objects.bulk_create(
        Plan(
            slug=slug,
            name=f"Plan {place} for Aotearoa",
            short_name=f"Plan {place}",
            starts_on=date(2025, 7, 1),
            ends_on=date(2026, 6, 30),
            is_published=True,
        )
        for place, slug in dataset.slugs
    )
    _run({plan.pk: place for plan, (place, _) in zip(plans, dataset.slugs, strict=True)}, dataset.activities)


def report_on(plan):
    """Give a plan that is there already rounds, updates and barriers, as `fill` gives its own."""
    _run({plan.pk: 0}, 0)


@transaction.atomic
def _run(places, activities):
    """Make what the plans {key: place} lack; with 0 `activities`, only what was reported on those that they have."""
    make_people()
    _open_rounds(places)
    if activities:
        made = [rows.ACTIVITIES, rows.LINKS, *rows.LOOK_AGAIN, rows.SUB_ACTIVITIES, rows.UPDATES, rows.BARRIERS]
        made += rows.history_statements(MADE_AT.strftime("%F %T"))
    else:
        made = [rows.UPDATES, rows.BARRIERS, rows.OWN_STATUS]
    with connection.cursor() as cursor:
        for statement in rows.SCAFFOLDING:
            cursor.execute(statement)
        _fill_scaffolding(cursor, places, activities)
        for statement in made:
            cursor.execute(statement)
        for name in rows.TEMPORARY:
            cursor.execute(f"DROP TABLE bench_{name}")


def _open_rounds(places):
    closed = {"closed_at": MADE_AT + timedelta(days=280), "closed_by": get_user_model().objects.earliest("pk")}
    for name, month, how_it_ended in ((PREVIOUS_ROUND, 3, closed), (OPEN_ROUND, 6, {})):
        ReportingRound.objects.bulk_create(
            ReportingRound(
                plan_id=key, name=name, opened_on=date(2026, month - 2, 1), due_on=date(2026, month, 30), **how_it_ended
            )
            for key in places
        )


def _fill_scaffolding(cursor, places, activities):
    cursor.executemany("INSERT INTO bench_plan VALUES (%s, %s)", list(places.items()))
    numbers = [(n,) for n in range(1, max(activities, LEAST_ACTIVITIES) + 1)]
    cursor.executemany("INSERT INTO bench_number VALUES (%s)", numbers)
    for kind, phrases in (("beginning", BEGINNINGS), ("ending", ENDINGS), ("sentence", SENTENCES)):
        lines = [(kind, *row) for row in folded(phrases)]
        cursor.executemany("INSERT INTO bench_phrase VALUES (%s, %s, %s, %s)", lines)
    moments = [
        (name, place, (MADE_AT + timedelta(days=days + place, hours=place % 7)).strftime("%F %T"))
        for name, days in ((PREVIOUS_ROUND, 200), (OPEN_ROUND, 290))
        for place in range(60)
    ]
    cursor.executemany("INSERT INTO bench_moment VALUES (%s, %s, %s)", moments)
    if connection.vendor == "postgresql":
        # It would take them for far larger than they are, and sort where it could look up.
        cursor.execute("ANALYZE bench_plan, bench_number, bench_phrase, bench_moment, bench_focus, bench_priority")
