"""Undo of a whole import: each value that still is what the import wrote becomes what it was before."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import get_default_timezone, localdate, now

from plans.actions.bulk import ROWS_AT_A_TIME, Authorship, remove_rows
from plans.actions.updates import retract_updates
from plans.activity_number import Number, number_of_json
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    Import,
    ImportRow,
    Membership,
    StatusUpdate,
    User,
)
from plans.spreadsheets.importing.activity_batch import lock_activities, park_numbers
from plans.spreadsheets.importing.numbering import blocked_moves
from plans.spreadsheets.importing.undo_batch import KeptValue, UndoBatch, Words

TRACE = ("activity_id", "before", "after")
USERS = (AgencyAlias, Membership, StatusUpdate)
WHY_KEPT = "Kept, because it is in use or has changed since"


@dataclass
class UndoReport:
    """What an undo comes to: how many values went back, and those that someone has edited since, which stay."""

    taken_back: int = 0
    kept: list[KeptValue] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as `Import.undo_report` keeps it."""
        return asdict(self)


def preview(source: Import) -> dict[str, Any]:
    """Dry run of an undo: return what it would come to, as `Import.undo_report` keeps it. Nothing is written."""
    report, links = UndoReport(), []
    author = Authorship(None, "", now())  # type: ignore[arg-type]  # nobody writes
    added, since = _added(source)
    for part in _parts(source, author, _numbers(source, author)):
        report.taken_back += part.taken_back
        report.kept += part.kept
        links += [link.pk for link in part.writes.gone_links if link.agency_id in added]
    unused, kept = judge_agencies(added, since, without=links)
    report.taken_back += len(unused)
    report.kept += kept
    return report.as_json()


def undo(source: Import, *, by: User) -> "Undoing":
    """Undo the import `source`, and return the `Undoing`, which is to be finished.

    Call it with the plan locked, or while its writes are kept back until it is: the module `workflow` does.
    What the import made is withdrawn, its updates are retracted; the history says `by` whom, and that it is an undo.
    Raises `CannotWrite` and the database's errors. A constant number of queries for each 500 rows.
    """
    lock_activities(source.plan_id)
    author = Authorship(by, f"Undo of import {source.pk} of {source.file_name}", now())
    report, numbers = UndoReport(), _numbers(source, author)
    park_numbers(numbers.given)
    for part in _parts(source, author, numbers):
        part.writes.save(plan=source.plan_id, author=author)
        retract_updates(part.retracted, by=by, at=author.at, note=f"Reversed: {author.reason}.")
        for row in part.mended:
            ImportRow.objects.filter(pk=row.pk).update(before=row.before)
        report.taken_back += part.taken_back
        report.kept += part.kept
    return Undoing(source, author, report)


@dataclass
class Undoing:
    """An undo, all of whose activities are as they will be: what was added beside them comes last."""

    source: Import
    author: Authorship
    report: UndoReport

    def finish(self) -> dict[str, Any]:
        """Take the agencies back that the import added, and return what all of it came to, as `Import.undo_report`.

        Call it once the rest is written, since that is what can leave an agency with nothing that refers to it.
        """
        taken, kept = take_agencies_back(*_added(self.source), author=self.author)
        return UndoReport(self.report.taken_back + taken, self.report.kept + kept).as_json()


def _added(source: Import) -> tuple[list[int], datetime | None]:
    """Return (ids of the agencies that the import added, the moment since which nobody may have changed them)."""
    return source.findings.get("agencies_created", []), source.applied_at


def _numbers(source: Import, author: Authorship) -> "NumbersBack":
    """Return the `NumbersBack` of an import; most have renumbered nothing, which costs no query."""
    if not source.counts.get("renumbered"):
        return NumbersBack()
    withdrawn = {pk for part in _parts(source, author, NumbersBack()) for pk in part.withdrawn}
    return numbers_back(source, withdrawn)


def _parts(source: Import, author: Authorship, numbers: "NumbersBack") -> Iterator[UndoBatch]:
    """Yield the `UndoBatch` of up to 500 rows after the other; each is to be written before the next."""
    words, on = Words.load(), localdate(author.at, get_default_timezone())
    rows, last = source.rows.filter(activity__isnull=False).exclude(after={}), 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:ROWS_AT_A_TIME]):
        last = some[-1].pk
        yield UndoBatch(source, some, words=words, on=on, numbers=numbers)


@dataclass
class NumbersBack:
    """What undoing an import does to numbers: `given` is {id: number that it gets}, `before` {id: the one it has}."""

    given: dict[int, Number] = field(default_factory=dict)
    before: dict[int, Number] = field(default_factory=dict)


def numbers_back(source: Import, withdrawn: set[int]) -> NumbersBack:
    """Return the `NumbersBack` of an import that renumbered activities; `withdrawn` are ids that its undo withdraws.

    An activity gets its number back if it has the one that the import gave it, and if the old one is free by then. One
    that is withdrawn leaves its number to the activity that had it, for a whole one above all others. Two queries.
    """
    rows = source.rows.filter(before__has_key="number")
    moved = {
        pk: (number_of_json(before["number"]), number_of_json(after["number"]))
        for pk, before, after in rows.values_list(*TRACE)
    }
    if not moved:
        return NumbersBack()
    now = dict(Activity.objects.filter(plan=source.plan_id).values_list("pk", "number"))
    moves = {pk: old for pk, (old, new) in moved.items() if now.get(pk) == new}
    holders = {number: pk for pk, number in now.items() if pk not in withdrawn}
    for pk in blocked_moves(moves, holders):
        del moves[pk]
    wanted, highest = set(moves.values()), max((one for one in now.values() if isinstance(one, int)), default=0)
    leaving = sorted(pk for pk in withdrawn if now.get(pk) in wanted and pk not in moves)
    moves |= {pk: highest + place for place, pk in enumerate(leaving, start=1)}
    return NumbersBack(moves, {pk: now[pk] for pk in moves})


def take_agencies_back(
    pks: Collection[int], since: datetime | None, *, author: Authorship
) -> tuple[int, list[KeptValue]]:
    """Remove the agencies `pks` that nothing refers to and nobody changed after the moment `since`.

    Returns (how many, [`KeptValue`]). Two queries, and two for each 500.
    """
    unused, kept = judge_agencies(pks, since)
    remove_rows(Agency, unused, author)
    return len(unused), kept


def judge_agencies(
    pks: Collection[int], since: datetime | None, *, without: Collection[int] = ()
) -> tuple[list[Agency], list[KeptValue]]:
    """Return ([agencies that `take_agencies_back` would remove], [`KeptValue`]). One query, none without `pks`.

    `without` are ids of links between activities and agencies that do not count, since they will be gone by then.
    """
    unused: list[Agency] = []
    kept: list[Agency] = []
    for agency in _judged(pks, since, without) if pks else ():
        (kept if agency.is_needed else unused).append(agency)
    return unused, [KeptValue(None, "New agency", one.name, WHY_KEPT) for one in kept]


def _judged(pks: Collection[int], since: datetime | None, without: Collection[int]) -> QuerySet[Any]:
    """Return the agencies, annotated as `is_needed` where something refers to them or they were changed."""
    uses = [Exists(model.objects.filter(agency=OuterRef("pk"))) for model in USERS]
    uses.append(Exists(ActivityAgency.objects.filter(agency=OuterRef("pk")).exclude(pk__in=without)))
    uses.append(Exists(Agency.objects.filter(parent=OuterRef("pk"))))
    members = Agency.members.through.objects
    uses += [Exists(members.filter(**{name: OuterRef("pk")})) for name in ("from_agency", "to_agency")]
    uses.append(Exists(Agency.history.filter(id=OuterRef("pk"), history_type="~", history_date__gt=since)))
    needed: Any = uses[0]
    for use in uses[1:]:
        needed |= use
    return Agency.objects.filter(pk__in=pks).annotate(is_needed=needed)
