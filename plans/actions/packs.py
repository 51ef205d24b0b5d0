"""Makes, words and issues board packs, and records decisions. Each is atomic and says who did it (`by`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.timezone import get_default_timezone, localdate

from plans.actions.row_changes import put_values, save_row
from plans.choices import Marking, PackState
from plans.models import Agency, Decision, Pack, PackAsk, Plan, User
from plans.packs.content import PackContent, SectionShown, checksum_of
from plans.packs.making import Wanted, asks_of, read_plan

SAVED_SINCE = "Someone has saved this draft since you opened it. Your text is still here: compare it, then save again."
NO_DRAFT = "This pack is no draft any more."
WHO_IS_ASKED = "Enter for each ask who is asked, or leave the ask out: {}."


def make_draft(*, wanted: Wanted, query: str, by: User) -> Pack:
    """Return a new draft of what `wanted` says, with an ask for each escalated barrier.

    The plan is read first, outside of the transaction: as at an earlier moment, nothing can be written.
    """
    content, asked = read_plan(wanted)
    return _save_draft(wanted, query, content, asked, by)


@transaction.atomic
def _save_draft(wanted: Wanted, query: str, content: PackContent, asked: Sequence[Any], by: User) -> Pack:
    pack = Pack(plan=wanted.plan, title=wanted.title, at=content.at, query=query, made_by=by)
    pack.since = wanted.since.moment if wanted.since else None
    pack.marking = next(one for one in Marking if one.label == content.marking)
    pack.content = content.to_json()
    save_row(pack, by=by, reason="Pack made")
    for position, one in enumerate(asked, start=1):
        ask = PackAsk(pack=pack, position=position, activity_id=one.activity_id, barrier_id=one.barrier_id)
        ask.text = one.text[:1000]
        save_row(ask, by=by, reason="Escalated barrier")
    _word(pack)
    save_row(pack, by=by, reason="Pack made")
    return pack


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
    locked = _lock_draft(pack)
    if locked.version != version:
        raise ValidationError(SAVED_SINCE)
    locked.title, locked.covering_note, locked.version = title, covering_note, version + 1
    rows = list(locked.asks.all())
    for row in rows:
        _take(row, asks.get(row.pk, {}), by)
    for position, fields in enumerate(new_asks, start=len(rows) + 1):
        save_row(PackAsk(pack=locked, position=position, **fields), by=by, reason="Ask added")
    _word(locked, sections)
    save_row(locked, by=by, reason="Pack worded")
    return locked


def _take(row: PackAsk, fields: Mapping[str, Any], by: User) -> None:
    if put_values(row, fields):
        save_row(row, by=by, reason="Ask worded")


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

    It is marked as the plan is by then, which may not be as it was when the draft was made. Raises `ValidationError`
    where someone has saved it since the `version` that was shown, and for asks of no one.
    """
    plan = Plan.objects.select_for_update().get(pk=pack.plan_id)
    locked = _lock_draft(pack)
    if locked.version != version:
        raise ValidationError(SAVED_SINCE)
    asks = [one for one in locked.asks.all() if not one.is_left_out]
    if of_no_one := [str(place) for place, one in enumerate(asks, start=1) if not one.of_whom]:
        raise ValidationError(WHO_IS_ASKED.format(", ".join(of_no_one)))
    for place, ask in enumerate([*asks, *(one for one in locked.asks.all() if one.is_left_out)], start=1):
        if ask.position != place:
            ask.position = place
            save_row(ask, by=by, reason="Pack issued")
    number = (Pack.objects.filter(plan=locked.plan_id).aggregate(last=Max("number"))["last"] or 0) + 1
    now = timezone.now()
    issued_on = localdate(now, get_default_timezone())
    _word(locked, number=number, issued_on=issued_on, marking=plan.get_marking_display())
    locked.number, locked.state, locked.issued_at, locked.issued_by = number, PackState.ISSUED, now, by
    locked.marking = plan.marking
    locked.checksum = checksum_of(locked.content)
    save_row(locked, by=by, reason="Pack issued")
    return locked


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


def _lock_draft(pack: Pack) -> Pack:
    locked = Pack.objects.select_for_update(of=("self",)).select_related("plan").get(pk=pack.pk)
    if locked.state != PackState.DRAFT:
        raise ValidationError(NO_DRAFT)
    return locked


def _word(pack: Pack, sections: Sequence[SectionShown] | None = None, **others: Any) -> None:
    """Put the words of a draft, and what it asks, into its content."""
    content = PackContent.from_json(pack.content)
    asks = pack.asks.select_related("activity", "barrier__update__agency", "barrier__update__author")
    values: dict[str, Any] = {"title": pack.title, "covering_note": pack.covering_note}
    values["asks"] = asks_of(asks, others.get("number"), pack.at)
    if sections is not None:
        values["sections"] = tuple(sections)
    pack.content = replace(content, **values, **others).to_json()
