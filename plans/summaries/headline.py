"""What a plan comes to in a few sentences and four numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.dateformat import format as format_date

from plans.choices import Status
from plans.models import ReportingRound
from plans.summaries.rounds import RoundProgress
from plans.summaries.trend import TrendColumn
from plans.text import count_of

if TYPE_CHECKING:
    from plans.summaries.overview import AttentionSummary


@dataclass(frozen=True)
class Tile:
    """A number on top of the overview: what it counts (`kind` gives it its colour), out of how many, and a note.

    `path` leads from the overview to what it counts; blank where there is nothing behind it.
    """

    kind: str
    label: str
    count: int
    path: str
    note: str = ""
    of: int | None = None


def headline_of(
    *,
    statuses: Counter[str],
    attention: "AttentionSummary",
    progress: RoundProgress | None,
    reporting_round: ReportingRound | None,
    on: date,
) -> str:
    """Return the state of a plan on the day `on` in two or three sentences; blank for a plan without activities."""
    if not sum(statuses.values()):
        return ""
    sentences = [_updates(progress, reporting_round, on)] if progress and reporting_round else []
    sentences.append(_worst(statuses))
    if attention.past_due_count:
        sentences.append(f"{count_of(attention.past_due_count, 'activity is,activities are')} past due.")
    if attention.escalated_count:
        sentences.append(f"{count_of(attention.escalated_count, 'barrier is,barriers are')} escalated.")
    return " ".join(sentences)


def tiles_of(
    *,
    statuses: Counter[str],
    attention: "AttentionSummary",
    progress: RoundProgress | None,
    reporting_round: ReportingRound | None,
    on: date,
    before: TrendColumn | None,
) -> tuple[Tile, ...]:
    """Return the four numbers of the overview; `before` is the `TrendColumn` of the last closed round or None."""
    off_track, at_risk = (
        Tile(status.value, status.label, statuses[status], _list(f"status={status}", statuses[status]), moved)
        for status in (Status.OFF_TRACK, Status.AT_RISK)
        for moved in [_moved(statuses[status], before.count(status), before.label) if before else ""]
    )
    return off_track, at_risk, _third(attention, progress, reporting_round, on), _escalated(attention)


def due_in_words(reporting_round: ReportingRound, on: date) -> str:
    """Return when the updates of an open round are due, seen from the day `on`: "due in 11 days", "3 days overdue"."""
    days = (reporting_round.due_on - on).days
    if days < 0:
        return f"{count_of(-days, 'day,days')} overdue"
    return f"due in {count_of(days, 'day,days')}" if days else "due today"


def _updates(progress: RoundProgress, reporting_round: ReportingRound, on: date) -> str:
    received = f"{progress.received_count} of {count_of(progress.owed_count, 'update,updates')}"
    sentence = f"{received} received for the {reporting_round.name}"
    if not progress.to_come_count:
        return f"{sentence}."
    return f"{sentence}, {progress.to_come_count} outstanding ({due_in_words(reporting_round, on)})."


def _worst(statuses: Counter[str]) -> str:
    off_track, at_risk = statuses[Status.OFF_TRACK], statuses[Status.AT_RISK]
    parts = [f"{count} {words}" for count, words in ((off_track, "off track"), (at_risk, "at risk")) if count]
    if not parts:
        return "No activity is off track or at risk."
    return f"{' and '.join(parts)}, {statuses[Status.ON_TRACK]} on track, {statuses[Status.COMPLETE]} complete."


def _third(
    attention: "AttentionSummary", progress: RoundProgress | None, reporting_round: ReportingRound | None, on: date
) -> Tile:
    """Return what there is to do: in a round its updates, between rounds the descriptions."""
    if not (progress and reporting_round):
        count = attention.to_be_finalised_count
        return Tile("", "Descriptions to finalise", count, _list("description=to_be_finalised", count))
    count = progress.to_come_count
    path = f"rounds/{reporting_round.pk}/?receipt=to_come#activities" if count else ""
    note = due_in_words(reporting_round, on) if count else f"all received for the {reporting_round.name}"
    return Tile("", "Updates outstanding", count, path, note, progress.owed_count)


def _escalated(attention: "AttentionSummary") -> Tile:
    since = attention.escalated_on
    note = f"since {format_date(since, 'j M Y')}" if since else f"{attention.barrier_count} open"
    return Tile("at_risk", "Barriers escalated", attention.escalated_count, "barriers/", note)


def _list(query: str, count: int) -> str:
    return f"activities/?{query}" if count else ""


def _moved(now: int, then: int, label: str) -> str:
    if now == then:
        return f"same as {label}"
    return f"{now - then:+d} since {label}".replace("-", "−")
