"""Taking a whole import back: each value that still is what the import wrote becomes what it was before."""

from dataclasses import asdict, dataclass, field

from django.utils.timezone import get_default_timezone, localdate, now

from plans.actions.bulk import ROWS_AT_A_TIME, Authorship
from plans.actions.bulk_updates import retract_updates
from plans.models import Import, ImportRow
from plans.spreadsheets.importing.agencies_back import judge_agencies, take_agencies_back
from plans.spreadsheets.importing.renumbering import NumbersBack, numbers_back, park_numbers
from plans.spreadsheets.importing.standing import lock_activities
from plans.spreadsheets.importing.taking_back import TakingBack
from plans.spreadsheets.importing.undo_words import Words


@dataclass
class UndoReport:
    """What an undo comes to: how many values went back, and those that somebody has edited since, which stay.

    `kept` is [{"number", "column", "imported", "now"}] in words; the number is None for what is no activity.
    """

    taken_back: int = 0
    kept: list[dict] = field(default_factory=list)

    def as_json(self):
        """Answer it as `Import.undo_report` keeps it."""
        return asdict(self)


def preview(source):
    """Answer what undoing an import would come to, as `Import.undo_report` keeps it. Nothing is written."""
    report, author, links = UndoReport(), Authorship(None, "", now()), []
    added, since = _added(source)
    for part in _parts(source, author, _numbers(source, author)):
        report.taken_back += part.taken_back
        report.kept += part.kept
        links += [link.pk for link in part.writes.gone_links if link.agency_id in added]
    unused, kept = judge_agencies(added, since, without=links)
    report.taken_back += len(unused)
    report.kept += kept
    return report.as_json()


def undo(source, *, by):
    """Take the import `source` back, and return the `Undoing`, which is to be finished.

    Call it with the plan locked, or while its writes are kept back until it is: the module `record` does.
    What the import made is withdrawn, its updates are retracted; the history says `by` whom, and that it is an undo.
    Raises `CannotWrite` and the database's errors. A constant number of queries for each 500 rows.
    """
    lock_activities(source.plan_id)
    author = Authorship(by, f"Undo of import {source.pk} of {source.file_name}", now())
    report, numbers = UndoReport(), _numbers(source, author)
    park_numbers(source.plan_id, numbers.given)
    for part in _parts(source, author, numbers):
        part.writes.save(plan=source.plan_id, author=author)
        retract_updates(part.retracted, by=by, at=author.at, note=f"Taken back: {author.reason}.")
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

    def finish(self):
        """Take the agencies back that the import added, and return what all of it came to, as `Import.undo_report`.

        Call it once the rest is written, since that is what can leave an agency with nothing that refers to it.
        """
        taken, kept = take_agencies_back(*_added(self.source), author=self.author)
        return UndoReport(self.report.taken_back + taken, self.report.kept + kept).as_json()


def _added(source):
    """Answer (ids of the agencies that the import added, the moment since which nobody may have changed them)."""
    return source.findings.get("agencies_created", []), source.applied_at


def _numbers(source, author):
    """Return the `NumbersBack` of an import; most have renumbered nothing, which costs no query."""
    if not source.counts.get("renumbered"):
        return NumbersBack()
    withdrawn = {pk for part in _parts(source, author, NumbersBack()) for pk in part.withdrawn}
    return numbers_back(source, withdrawn)


def _parts(source, author, numbers):
    """Yield the `TakingBack` of up to 500 rows after the other; each is to be written before the next."""
    words, on = Words.load(), localdate(author.at, get_default_timezone())
    rows, last = source.rows.filter(activity__isnull=False).exclude(after={}), 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:ROWS_AT_A_TIME]):
        last = some[-1].pk
        yield TakingBack(source, some, words=words, on=on, numbers=numbers)
