"""What a pack says of earlier ones: what became of what they asked, and which of what they said was put right since.

Read within `plan_as_at`, both are of that moment. Each is told once: what an earlier pack shows is not in a later one,
and what it left out comes in the next.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.utils.timezone import get_default_timezone, localdate

from plans.as_at import now, today
from plans.choices import PackState, UpdateKind
from plans.models import Agency, Decision, Pack, PackAsk, Plan, StatusUpdate
from plans.packs import content as said

KNEW_NO_MOMENTS = 1
"""Packs sealed by this scheme do not say when a correction was made, and told all that were made before them."""


@dataclass(frozen=True)
class EarlierPack:
    """What later packs have to know of an issued one. `answers` and `corrections` are those that it shows, as JSON.

    `numbers` are those of its activities; None for all of the plan, and for a pack that does not list them.
    """

    number: int
    at: datetime
    issued_at: datetime
    scheme: int
    shows_corrections: bool
    answers: Sequence[Mapping[str, Any]]
    corrections: Sequence[Mapping[str, Any]]
    numbers: frozenset[str] | None = None

    def __str__(self) -> str:
        return f"Pack {self.number}"

    def said(self, update: StatusUpdate, until: datetime) -> bool:
        """Return whether it was read while an update counted, which it did `until` then, and is about its activity."""
        is_about_it = self.numbers is None or str(update.activity.number) in self.numbers
        return is_about_it and update.made_at <= self.at < until


def read_earlier(plan: Plan) -> list[EarlierPack]:
    """Return the issued packs of a plan, the newest first. One query, one more where any is of a filtered list."""
    of_plan = Pack.objects.issued().filter(plan=plan)
    # A pack is about a megabyte: the database takes out of it what is asked here.
    numbers = {
        number: frozenset(one["activity"]["number"] for one in activities)
        for number, activities in of_plan.exclude(content__filters="").values_list("number", "content__activities")
        if activities
    }
    rows = of_plan.values_list(
        *("number", "at", "issued_at", "checksum_scheme"),
        *("content__sections", "content__answers", "content__corrections"),
    )
    found = []
    for number, at, issued_at, scheme, sections, answers, corrections in rows:
        shown = {one["section"] for one in sections or ()}
        shows_corrections = said.Section.CORRECTIONS in shown
        found.append(
            EarlierPack(
                *(number, at, issued_at, scheme, shows_corrections),
                answers=(answers or ()) if said.Section.ANSWERS in shown else (),
                corrections=(corrections or ()) if shows_corrections else (),
                numbers=numbers.get(number),
            )
        )
    return found


def day_of(moment: datetime) -> date:
    """Return the day of a moment in the programme's time zone."""
    return localdate(moment, get_default_timezone())


def named(activity: Any) -> said.ActivityNamed:
    """Return what an activity is called."""
    return said.ActivityNamed(str(activity.number), activity.title)


def read_answers(plan: Plan, earlier: Iterable[EarlierPack]) -> tuple[said.Answer, ...]:
    """Return what became of the asks of issued packs of `plan`, but what an earlier pack told as done. Three queries.

    By what those packs say, not by days: a decision may be said to be done on a day before a pack was made.
    """
    told = {(one["reference"], one.get("done_on")) for pack in earlier for one in pack.answers}
    asks = PackAsk.objects.filter(pack__plan=plan, pack__state=PackState.ISSUED, is_left_out=False)
    asks = asks.filter(pack__issued_at__lte=now()).order_by("-pack__number", "position")
    found = list(asks.select_related("pack", "activity").defer("pack__content"))
    decisions = _decisions(found)
    agencies = Agency.objects.in_bulk({one.agency_id for one in decisions.values()})
    answers = [_answer(one, decisions.get(one.pk), agencies) for one in found]
    return tuple(one for one in answers if not one.done_on or (one.reference, one.done_on.isoformat()) not in told)


def _decisions(asks: Iterable[PackAsk]) -> dict[int, Any]:
    """Return {id of an ask: what was decided on it}, as its history has it. One query."""
    entries = Decision.history.filter(ask_id__in=[one.pk for one in asks], history_date__lte=now())
    return {one.ask_id: one for one in entries.order_by("history_date", "history_id")}


def _answer(ask: PackAsk, decision: Any, agencies: Mapping[int, Agency]) -> said.Answer:
    activity = named(ask.activity) if ask.activity else None
    told = said.Answer(ask.pack.number or 0, ask.reference, ask.text, ask.of_whom, activity)
    if decision is None:
        return told
    return replace(
        told,
        decision=decision.words,
        agency=str(agencies[decision.agency_id]),
        due_on=decision.due_on,
        done_on=decision.done_on,
        note=decision.note,
        is_late=decision.done_on is None and decision.due_on < today(),
    )


def read_corrections(activities: Collection[int], earlier: Sequence[EarlierPack]) -> tuple[said.Correction, ...]:
    """Return what was put right or reversed on `activities` (ids) after a round or a pack had it, in order.

    But what an earlier pack tells. Two queries.
    """
    updates = StatusUpdate.objects.exclude(kind=UpdateKind.NOTE).select_related("activity", "agency", "author", "round")
    gone = {one.pk: one for one in updates.filter(activity__in=activities, retracted_at__isnull=False)}
    standing = updates.in_bulk({one.replaced_by_id for one in gone.values()} - {None, *gone})
    found: dict[int, tuple[datetime, said.Correction]] = {}
    for one in sorted(gone.values(), key=lambda update: update.made_at, reverse=True):
        last = one
        while last.replaced_by_id:
            last = gone.get(last.replaced_by_id) or standing[last.replaced_by_id]
        if last.pk not in found and (corrects := _corrects(one, earlier)):
            moment = last.retracted_at or last.made_at
            found[last.pk] = (moment, _correction(last, corrects, moment))
    told = {_key(one["activity"]["number"], one["agency"], one.get("moment")) for p in earlier for one in p.corrections}
    before = [one.at for one in earlier if one.shows_corrections and one.scheme == KNEW_NO_MOMENTS]
    return tuple(
        one
        for moment, one in sorted(found.values(), key=lambda pair: (pair[0], pair[1].activity.number))
        if _key(one.activity.number, one.agency, moment.astimezone(UTC).isoformat()) not in told
        and not any(moment <= at for at in before)
    )


def _key(number: str, agency: str, moment: str | None) -> tuple[str, str, str]:
    # Moments alone name nothing: an import that is undone reverses all its updates at one.
    return number, agency, moment or ""


def _corrects(update: StatusUpdate, earlier: Iterable[EarlierPack]) -> str:
    """Return which round or pack had said what an update said that no longer counts; blank for none."""
    until = update.retracted_at
    if until is None:
        return ""
    if update.round and update.round.closed_at and update.round.closed_at < until:
        return update.round.name
    return next((str(pack) for pack in earlier if pack.issued_at <= now() and pack.said(update, until)), "")


def _correction(last: StatusUpdate, corrects: str, moment: datetime) -> said.Correction:
    words, status = last.what_happened, last.get_status_display()
    if last.retracted_at:
        words = f"Reversed, because {last.why_reversed}. It no longer counts."
        words, status = f"{words} It said: {last.what_happened}" if last.what_happened else words, ""
    return said.Correction(
        activity=named(last.activity),
        corrects=corrects,
        agency=str(last.agency or last.author),
        day=day_of(moment),
        words=words,
        status=status,
        moment=moment,
    )
