"""The whole record of one activity as one Excel workbook, as somebody outside may ask for it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from django.utils.text import capfirst
from django.utils.timezone import get_default_timezone, localtime

from plans.models import Activity, Plan, StatusUpdate
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import COLUMNS
from plans.spreadsheets.writing.export import line_of
from plans.spreadsheets.writing.workbook import PlainWorkbook, lay_out_for_print, write_about
from plans.summaries.lineage import Relatives
from plans.summaries.record import Event, moment_in_words
from plans.web_links import links_in_words

EVENTS = (("When", 22), ("Who", 24), ("What", 24), ("How", 50), ("From", 50), ("To", 50), ("Why", 40))
UPDATES = (
    ("When", 22),
    ("Type", 12),
    ("Agency", 18),
    ("Author", 24),
    ("Reporting round", 20),
    ("Status", 14),
    ("No change", 10),
    ("What happened", 60),
    ("Next steps", 50),
    ("Barrier", 50),
    ("Escalated", 12),
    ("Evidence", 50),
    ("No evidence available because", 40),
    ("Reversed", 22),
    ("Reason for reversal", 30),
    ("By link", 10),
)
NOW = (("Heading", 28), ("As published in the plan", 70), ("Now", 70))
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def write_record(
    activity: Activity,
    plan: Plan,
    events: Iterable[Event],
    updates: Iterable[StatusUpdate],
    url: str,
    made_at: datetime,
    relatives: Relatives,
) -> bytes:
    """Return the bytes of a workbook: every event, every update in full, the activity as printed and as it is.

    `activity` is fetched with `for_export()`; `events` come from `plans.summaries.record.read_events`, oldest first;
    `updates` have their agency, author, round and evidence; `url` is where the activity can be seen; `relatives` are
    what it continues and what continues it, as far as the person sees it. Costs the queries of these only.
    """
    file = BytesIO()
    events, updates = list(events), list(updates)
    with PlainWorkbook(file, OPTIONS) as book:
        properties = {"title": f"Record of {activity}", "category": plan.get_marking_display()}
        book.set_properties({**properties, "subject": plan.name, "created": made_at.astimezone(UTC)})
        _write_table(book, plan, "Events", EVENTS, map(_event_cells, events))
        _write_table(book, plan, "Updates", UPDATES, map(_update_cells, updates))
        _write_table(book, plan, "The activity", NOW, _activity_cells(activity))
        write_about(book, _facts(activity, plan, (len(events), len(updates)), url, made_at, relatives), plan)
    return file.getvalue()


def _write_table(
    book: PlainWorkbook, plan: Plan, name: str, columns: tuple[tuple[str, int], ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Write a sheet with headings that stay in sight; `rows` yield texts and moments."""
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3E8EE", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    moment = book.add_format({"num_format": "d mmm yyyy h:mm AM/PM", "align": "left", "valign": "top"})
    for index, (title, width) in enumerate(columns):
        sheet.set_column(index, index, width, text)
        sheet.write_string(0, index, title, heading)
    last = 0
    for last, cells in enumerate(rows, start=1):
        for index, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(last, index, excel_text(cell), text)
            elif cell is not None:
                here = localtime(cell, get_default_timezone()).replace(tzinfo=None)
                sheet.write_datetime(last, index, here, moment)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.repeat_rows(0)
    lay_out_for_print(sheet, plan)


def _event_cells(event: Event) -> tuple[Any, ...]:
    change = event.change
    details = [f"{label}: {text}" for label, text in change.details]
    after = "\n".join(filter(None, [change.after, *details]))
    return event.at, _who(event.by), change.subject, change.phrase, change.before or "", after, event.why


def _update_cells(update: StatusUpdate) -> tuple[Any, ...]:
    return (
        update.made_at,
        update.get_kind_display(),
        update.agency.name if update.agency else "",
        _who(update.author),
        str(update.round or ""),
        update.get_status_display() if update.status else "",
        "Yes" if update.is_no_change else "No",
        update.what_happened,
        update.whats_next,
        update.barrier,
        "Yes" if update.needs_escalation else "No",
        links_in_words(one.link for one in update.evidence.all()),
        update.no_evidence_reason,
        update.retracted_at,
        _why_taken_back(update),
        "Yes" if update.by_link_id else "No",
    )


def _why_taken_back(update: StatusUpdate) -> str:
    if update.retracted_at is None:
        return ""
    return "Replaced by a correction" if update.is_replaced else capfirst(update.why_reversed)


def _activity_cells(activity: Activity) -> Iterator[tuple[Any, ...]]:
    printed = dict(activity.printed_cells)
    line = line_of(activity)
    for column in COLUMNS:
        value = getattr(line, column.attribute)
        yield column.heading, printed.get(column.heading, ""), "" if value is None else str(value)


def _facts(
    activity: Activity, plan: Plan, counts: tuple[int, int], url: str, made_at: datetime, relatives: Relatives
) -> list[tuple[str, str]]:
    events, updates = counts
    return [
        ("Activity", str(activity)),
        ("Plan", plan.name),
        ("Protective marking", plan.get_marking_display()),
        *_lineage(relatives),
        ("Number of events", str(events)),
        ("Number of updates", str(updates)),
        ("Times", "All times are New Zealand times."),
        ("Made", moment_in_words(made_at)),
        ("Link to this view", url),
    ]


def _lineage(relatives: Relatives) -> list[tuple[str, str]]:
    told = (("Continues", relatives.earlier), ("Continued by", relatives.later))
    return [
        (label, "; ".join(f"{one.number} of {one.plan_name}: {one.name}" for one in ones))
        for label, ones in told
        if ones
    ]


def _who(person: object) -> str:
    return str(person) if person else "The programme"
