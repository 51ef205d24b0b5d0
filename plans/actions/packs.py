"""Makes, words and issues board packs, and records decisions. Each is atomic and says who did it (`by`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timezone import get_default_timezone, localdate

from plans.actions.row_changes import put_values, save_row
from plans.choices import Marking, PackState
from plans.models import Agency, Barrier, Decision, Pack, PackAsk, Plan, User
from plans.packs.content import PackContent, Section, SectionShown
from plans.packs.making import Asked, PlanRead, Wanted, asks_of, read_plan
from plans.packs.seal import SCHEME, seal_of
from plans.text import count_of

SAVED_SINCE = "Someone has saved this draft since you opened it. Your text is still here: compare it, then save again."
NO_DRAFT = "This pack is no draft any more."
ISSUED_SINCE = "{} was issued after this draft was made. Read the plan again, so that the draft takes it into account."
OF_WHOM, BY_WHEN = "who is asked", "by when"
OF_ASKS = ("activity", "barrier__update__agency", "barrier__update__author")
"""What the words of asks are made of."""


def make_draft(*, wanted: Wanted, query: str, by: User) -> Pack:
    """Return a new draft of what `wanted` says, with an ask for each escalated barrier.

    The plan is read first, outside of the transaction: as at an earlier moment, nothing can be written.
    """
    return _save_draft(wanted, query, read_plan(wanted), by)


@transaction.atomic
def _save_draft(wanted: Wanted, query: str, read: PlanRead, by: User) -> Pack:
    pack = Pack(plan=wanted.plan, title=wanted.title, query=query, made_by=by)
    asks = _asks_of_barriers(read.asked)
    _put_read(pack, wanted, read, asks)
    save_row(pack, by=by, reason="Pack made")
    for position, ask in enumerate(asks, start=1):
        ask.pack, ask.position = pack, position
        save_row(ask, by=by, reason="Escalated barrier")
    return pack


def read_again(*, pack: Pack, wanted: Wanted, by: User, version: int) -> Pack:
    """Have a draft say what `wanted` says now, and return it. All that was worded, put in order and left out is kept.

    Barriers that were escalated since are asked last. Raises `ValidationError` as `word_draft` does.
    """
    return _save_again(pack, wanted, read_plan(wanted), by, version)


@transaction.atomic
def _save_again(pack: Pack, wanted: Wanted, read: PlanRead, by: User, version: int) -> Pack:
    locked = _lock_draft(pack, version)
    asks = list(locked.asks.select_related(*OF_ASKS))
    sections = PackContent.from_json(locked.content).sections
    asked_already = {one.barrier_id for one in asks}
    new = _asks_of_barriers([one for one in read.asked if one.barrier_id not in asked_already])
    _put_read(locked, wanted, replace(read, content=replace(read.content, sections=sections)), [*asks, *new])
    locked.version = version + 1
    save_row(locked, by=by, reason="Plan read again")
    for position, ask in enumerate(new, start=len(asks) + 1):
        ask.pack, ask.position = locked, position
        save_row(ask, by=by, reason="Escalated barrier")
    return locked


def _asks_of_barriers(asked: Sequence[Asked]) -> list[PackAsk]:
    """Return what barriers make, not saved yet. One query."""
    barriers = Barrier.objects.for_list().in_bulk([one.barrier_id for one in asked])
    found = []
    for one in asked:
        barrier = barriers[one.barrier_id]
        found.append(PackAsk(activity=barrier.activity, barrier=barrier, text=one.text))
    return found


def _put_read(pack: Pack, wanted: Wanted, read: PlanRead, asks: Sequence[PackAsk]) -> None:
    """Put what was read of the plan into a draft, beside what it asks."""
    pack.at, pack.since, pack.follows = read.content.at, wanted.since.moment if wanted.since else None, read.follows
    pack.marking = next(one for one in Marking if one.label == read.content.marking)
    _word(pack, read.content, asks)


@transaction.atomic
def word_draft(
    *,
    pack: Pack,
    by: User,
    version: int,
    title: str,
    covering_note: str,
    sections: Sequence[SectionShown],
    asks: Mapping[int, Mapping[str, Any]],
    new_asks: Sequence[Mapping[str, Any]] = (),
) -> Pack:
    """Word a draft: title, covering note, sections in their order, and asks as {id: fields}. Returns it.

    Raises `ValidationError` where it is no draft any more, or was saved since the `version` that was shown.
    """
    locked = _lock_draft(pack, version)
    locked.title, locked.covering_note, locked.version = title, covering_note, version + 1
    rows = list(locked.asks.select_related(*OF_ASKS))
    for row in rows:
        if put_values(row, asks.get(row.pk, {})):
            save_row(row, by=by, reason="Ask worded")
    added = [PackAsk(pack=locked, position=place, **fields) for place, fields in enumerate(new_asks, len(rows) + 1)]
    for row in added:
        save_row(row, by=by, reason="Ask added")
    in_order = sorted([*rows, *added], key=lambda one: (one.position, one.pk))
    content = replace(PackContent.from_json(locked.content), sections=tuple(sections))
    _word(locked, content, in_order)
    save_row(locked, by=by, reason="Pack worded")
    return locked


@transaction.atomic
def share_draft(*, pack: Pack, by: User, is_shared: bool) -> None:
    """Let everyone who is signed in and sees the plan read a draft, or no one but programme admins again."""
    locked = _lock_draft(pack)
    if locked.is_shared != is_shared:
        locked.is_shared = is_shared
        save_row(locked, by=by, reason="Draft shared" if is_shared else "Draft no longer shared")


@transaction.atomic
def discard_draft(*, pack: Pack, by: User) -> None:
    """Discard a draft: it stays in the database, and no page shows it."""
    locked = _lock_draft(pack)
    locked.state = PackState.DISCARDED
    save_row(locked, by=by, reason="Draft discarded")


@transaction.atomic
def issue_pack(*, pack: Pack, by: User, version: int) -> Pack:
    """Issue a draft under the next number of its plan, with a checksum; it never changes any more. Returns it.

    It is marked as the plan is by then, which may not be as it was when the draft was made, and holds what it shows
    alone. Raises `ValidationError` where someone has saved it since the `version` that was shown, where another pack
    was issued since it was read (code "stale"), and for asks that are not ready.
    """
    plan = Plan.objects.select_for_update().get(pk=pack.plan_id)
    locked = _lock_draft(pack, version)
    last = Pack.objects.last_of(plan)
    if is_stale(locked, last):
        raise ValidationError(ISSUED_SINCE.format(last), code="stale")
    rows = list(locked.asks.select_related(*OF_ASKS))
    asks = [one for one in rows if not one.is_left_out]
    content = PackContent.from_json(locked.content)
    if problems := _problems(asks, content):
        raise ValidationError(problems)
    for place, ask in enumerate([*asks, *(one for one in rows if one.is_left_out)], start=1):
        if ask.position != place:
            ask.position = place
            save_row(ask, by=by, reason="Pack issued")
    number = (last.number or 0) + 1 if last else 1
    now = timezone.now()
    issued_on = localdate(now, get_default_timezone())
    content = replace(content, number=number, issued_on=issued_on, marking=plan.get_marking_display())
    _word(locked, content.as_shown(), asks)
    locked.number, locked.state, locked.issued_at, locked.issued_by = number, PackState.ISSUED, now, by
    locked.marking, locked.checksum_scheme = plan.marking, SCHEME
    locked.checksum = seal_of(locked)
    save_row(locked, by=by, reason="Pack issued")
    return locked


def is_stale(pack: Pack, last: Pack | None) -> bool:
    """Return whether the `last` issued pack of its plan was issued after a draft was read. No query."""
    return last is not None and (last.number or 0) > pack.follows


def _problems(asks: Sequence[PackAsk], content: PackContent) -> list[str]:
    """Return why what a draft asks cannot be issued, as sentences."""
    found = []
    for place, ask in enumerate(asks, start=1):
        missing = [words for words, is_there in ((OF_WHOM, ask.of_whom), (BY_WHEN, ask.due_on)) if not is_there]
        if missing:
            lacks = f"Ask {place}, “{Truncator(ask.text).chars(80)}”, does not say {' and '.join(missing)}"
            found.append(f"{lacks}. Enter it, or leave the ask out.")
    if asks and Section.ASKS not in {one.section for one in content.sections}:
        lacks = f"The draft has {count_of(len(asks), 'ask,asks')}, but not the section “{Section.ASKS.label}”"
        found.append(f"{lacks}. Show it, or leave the asks out.")
    return found


@transaction.atomic
def decide(*, ask: PackAsk, by: User, words: str, agency: Agency, due_on: date) -> Decision:
    """Record what was decided on an ask of an issued pack, or change that; its history is kept. Returns it."""
    locked = PackAsk.objects.select_for_update(of=("self",)).select_related("pack").get(pk=ask.pk)
    if locked.pack.state != PackState.ISSUED or locked.is_left_out:
        raise ValidationError("Decisions are for asks of issued packs.")
    decision = Decision.objects.filter(ask=locked).first() or Decision(ask=locked, made_by=by)
    is_new = decision.pk is None
    decision.words, decision.agency, decision.due_on = words, agency, due_on
    save_row(decision, by=by, reason="Decision recorded" if is_new else "Decision changed")
    return decision


@transaction.atomic
def finish_decision(*, decision: Decision, by: User, done_on: date | None, note: str) -> None:
    """Record that a decision was done, when, and what was done; without a day, that it is open again."""
    locked = Decision.objects.select_for_update().get(pk=decision.pk)
    if done_on and not note.strip():
        raise ValidationError({"note": "Enter what was done."})
    locked.done_on, locked.note = done_on, note.strip()
    save_row(locked, by=by, reason="Decision done" if done_on else "Decision open again")


def _lock_draft(pack: Pack, version: int | None = None) -> Pack:
    """Return a draft, locked. Raises `ValidationError` where it is none any more, or of another `version`, if given."""
    locked = Pack.objects.select_for_update(of=("self",)).select_related("plan").get(pk=pack.pk)
    if locked.state != PackState.DRAFT:
        raise ValidationError(NO_DRAFT)
    if version is not None and locked.version != version:
        raise ValidationError(SAVED_SINCE)
    return locked


def _word(pack: Pack, content: PackContent, asks: Iterable[PackAsk]) -> None:
    """Put `content` into a pack, with its words and what it asks."""
    worded = replace(content, title=pack.title, covering_note=pack.covering_note)
    pack.content = replace(worded, asks=asks_of(asks, content.number, pack.at)).to_json()
