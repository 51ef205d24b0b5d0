"""The text of a pack in the order in which it is read, which its Word file and its PDF render: so the two say the same.

What a typist or a spreadsheet left in words and no page can show is dropped here:
control characters, and signs that turn the direction of what follows.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain
from typing import Literal

from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone

from plans.packs.blocks import Block, Heading, Outline, Paragraph, Run, Table
from plans.packs.content import (
    ActivityException,
    ActivityNamed,
    AgencyWords,
    Answer,
    Ask,
    ChangedActivity,
    Difference,
    PackContent,
    Section,
    StatusShown,
)

SHORT_CHECKSUM = 12
NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff\ue000-\uf8ff]"
)
"""Control characters, marks that turn the direction of what follows, and what is no character that others know."""
NONE = "–"


def outline_of(content: PackContent, checksum: str = "") -> Outline:
    """Return the text of a pack. `checksum` is the one that it was issued with.

    Without it, that of what is said now: of a pack that another version issued, it may be another one.
    """
    checksum = checksum or content.checksum()
    kind = f"Pack {content.number}" if content.number else "Draft, not issued"
    issued = f", issued {_day(content.issued_on)}" if content.issued_on else ""
    about = [content.plan, content.programme, f"{kind}{issued}", f"As at {moment_in_words(content.at)}"]
    about += [content.filters, f"Checksum (SHA-256): {checksum}" if content.number else ""]
    name = f"{kind} of {content.plan}" if content.number else f"{kind}: {content.plan}"
    if content.number:
        name = f"{name}, checksum {checksum[:SHORT_CHECKSUM]}"
    return Outline(
        title=cleaned(content.title),
        about=tuple(cleaned(line) for line in about if line),
        marking=cleaned(content.marking),
        name=cleaned(name),
        at=content.at,
        blocks=tuple(_blocks(content)),
    )


def cleaned(text: str) -> str:
    """Return words without what cannot be shown; a letter and its macron are one character."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return NOT_SHOWN.sub("", text).strip()


def moment_in_words(at: datetime) -> str:
    """Return "31 October 2026" for the end of that day, else "31 October 2026, 2:05 pm", in the programme's time."""
    there = at.astimezone(get_default_timezone())
    is_end = there.time().replace(microsecond=0) == time(23, 59, 59)
    return date_format(there, "j F Y" if is_end else "j F Y, g:i a")


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else NONE


def _short(day: date | None) -> str:
    """Return a day for the cell of a table."""
    return date_format(day, "j M Y") if day else NONE


def _named(activity: ActivityNamed | None) -> str:
    return f"{activity.number}. {activity.title}" if activity else ""


def _status(status: StatusShown) -> str:
    return f"{status.shape} {status.label}".strip()


def _blocks(content: PackContent) -> Iterator[Block]:
    yield from _paragraphs(content.covering_note)
    for shown in content.sections:
        yield Heading(1, cleaned(shown.heading))
        yield from _SECTIONS[Section(shown.section)](content)


def _paragraphs(text: str, style: Literal["", "bullet", "quote"] = "") -> Iterator[Paragraph]:
    for line in cleaned(text).split("\n"):
        if line.strip():
            yield Paragraph((Run(line.strip()),), style)


def _labelled(label: str, text: str) -> Iterator[Paragraph]:
    if text:
        yield Paragraph((Run(f"{label}: ", "strong"), Run(" ".join(cleaned(text).split()))))


def _table(heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]) -> Table:
    cells = (tuple(cleaned(cell) or NONE for cell in row) for row in rows)
    return Table(tuple(cleaned(head) for head in heads), tuple(cells), tuple(widths))


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _asks(content: PackContent) -> Iterator[Block]:
    if not content.asks:
        yield from _paragraphs("Nothing is asked in this pack.")
        return
    heads = ("No.", "What we ask", "Of whom", "By when")
    rows = ((one.reference, _ask(one), one.of_whom, _short(one.due_on)) for one in content.asks)
    yield _table(heads, (6, 52, 24, 18), rows)


def _ask(ask: Ask) -> str:
    barrier = f"Barrier: “{ask.barrier}”" if ask.barrier else ""
    by = ", ".join(filter(None, [ask.raised_by, f"escalated {_short(ask.escalated_on)}" if ask.escalated_on else ""]))
    return _lines(ask.text, f"Activity {_named(ask.activity)}" if ask.activity else "", barrier and f"{barrier} {by}")


def _answers(content: PackContent) -> Iterator[Block]:
    if content.answers_at:
        yield from _paragraphs(f"As recorded by {moment_in_words(content.answers_at)}.")
    if not content.answers:
        yield from _paragraphs("No ask of an earlier pack is open.")
        return
    heads = ("No.", "What was asked", "Decision", "Who does it", "By when", "State")
    rows = (
        (
            *(one.reference, _lines(one.ask, f"Activity {_named(one.activity)}" if one.activity else "")),
            *(one.decision, one.agency or one.of_whom, _short(one.due_on), _state_of(one)),
        )
        for one in content.answers
    )
    yield _table(heads, (6, 26, 22, 16, 14, 16), rows)


def _state_of(answer: Answer) -> str:
    if not answer.decision:
        return "Not decided yet"
    if answer.done_on:
        return _lines(f"Done {_short(answer.done_on)}", answer.note)
    return _lines("Open, past its date" if answer.is_late else "Open", answer.note)


def _state(content: PackContent) -> Iterator[Block]:
    state = content.state
    for fact in state.facts:
        yield from _paragraphs(fact, "bullet")
    heads = ("Focus area", *map(_status, state.statuses), "Total")
    total = ("All", *map(str, state.counts), str(state.total))
    areas = ((one.area, *map(str, one.counts), str(one.total)) for one in state.areas)
    yield _table(heads, (22, *(10 for _ in state.statuses), 10), chain(areas, [total]))


def _changes(content: PackContent) -> Iterator[Block]:
    changes = content.changes
    since = f" since {changes.since}" if changes.since else ""
    if not changes.activities:
        yield from _paragraphs(f"Nothing has changed{since}.")
        return
    counts = ", ".join(f"{one.label.lower()} {one.count}" for one in changes.counts)
    yield from _paragraphs(f"Changed{since}: {counts}. Words struck out are gone, words underlined are new.")
    for one in changes.activities:
        yield from _changed(one)


def _changed(one: ChangedActivity) -> Iterator[Block]:
    yield Heading(2, cleaned(_named(one.activity)))
    yield from _labelled(one.kind, one.leads or NONE)
    for difference in one.differences:
        yield _difference(difference)


def _difference(one: Difference) -> Paragraph:
    about = f" ({one.about})" if one.about else ""
    runs = [Run(f"{cleaned(one.subject + about)}: ", "strong")]
    for place, part in enumerate(one.parts):
        text = _kept_spaces(part.text)
        # Whoever hears the words, or finds them on a grey page, must not read the old into the new.
        if place and part.kind == "new" and one.parts[place - 1].kind == "gone" and not text.startswith(" "):
            runs.append(Run(" "))
        runs.append(Run(text, "" if part.kind == "same" else part.kind))
    if one.note:
        runs.append(Run(f"{' ' if one.parts else ''}{' '.join(cleaned(one.note).split())}"))
    return Paragraph(tuple(run for run in runs if run.text), "bullet")


def _kept_spaces(text: str) -> str:
    """Return a piece of words in one line, with the spaces at its ends that part it from the next."""
    before, after = " " if text[:1].isspace() else "", " " if text[-1:].isspace() else ""
    inner = " ".join(cleaned(text).split())
    return f"{before}{inner}{after}" if inner else before


def _exceptions(content: PackContent) -> Iterator[Block]:
    if not content.exceptions:
        yield from _paragraphs("No activity needs attention.")
    for one in content.exceptions:
        yield from _exception(one)


def _exception(one: ActivityException) -> Iterator[Block]:
    yield Heading(2, cleaned(_named(one.activity)))
    yield from _labelled("Status", _status(one.status))
    yield from _labelled("Led by", one.leads)
    yield from _labelled("Due", _day(one.due_on) if one.due_on else "")
    yield from _labelled("Why it is here", "; ".join(one.reasons))
    for barrier in one.barriers:
        yield from _labelled("Barrier", barrier)
    for words in one.words:
        yield from _words(words)


def _words(one: AgencyWords) -> Iterator[Block]:
    said = ", ".join(filter(None, [one.agency, _day(one.day), one.status]))
    yield Paragraph((Run(cleaned(said), "strong"),))
    yield from _paragraphs(one.words, "quote")


def _slipped(content: PackContent) -> Iterator[Block]:
    if not content.slipped:
        yield from _paragraphs("No due date is later than first planned.")
        return
    heads = ("Activity", "First planned", "Due now", "Days later", "Moves", "Last reason")
    rows = (
        (
            *(_lines(_named(one.activity), one.item), _short(one.first_on), _short(one.due_on)),
            *("" if one.days is None else str(one.days), str(one.moves), one.reason),
        )
        for one in content.slipped
    )
    yield _table(heads, (32, 15, 15, 9, 9, 20), rows)


def _activities(content: PackContent) -> Iterator[Block]:
    if not content.activities:
        yield from _paragraphs("There are no activities.")
        return
    heads = ("No.", "Activity", "Lead agencies", "Support agencies", "Status", "Due", "Last update")
    rows = (
        (
            *(one.activity.number, one.activity.title, one.leads, one.supports),
            *(_status(one.status), _short(one.due_on), _short(one.updated_on)),
        )
        for one in content.activities
    )
    yield _table(heads, (7, 28, 17, 17, 11, 10, 10), rows)


def _corrections(content: PackContent) -> Iterator[Block]:
    if not content.corrections:
        yield from _paragraphs("Nothing was corrected.")
        return
    heads = ("Activity", "Corrects", "By", "On", "What it says now")
    rows = (
        (
            *(_named(one.activity), one.corrects, one.agency, _short(one.day)),
            _lines(one.status, one.words),
        )
        for one in content.corrections
    )
    yield _table(heads, (26, 16, 16, 12, 30), rows)


_SECTIONS = {
    Section.ASKS: _asks,
    Section.ANSWERS: _answers,
    Section.STATE: _state,
    Section.CHANGES: _changes,
    Section.EXCEPTIONS: _exceptions,
    Section.SLIPPED: _slipped,
    Section.ACTIVITIES: _activities,
    Section.CORRECTIONS: _corrections,
}
