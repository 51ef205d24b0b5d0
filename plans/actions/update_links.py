"""Updates by a signed link, without signing in: who has one, what it may do now, and what ends it.

The address is signed together with the email address that it was sent to, so that it ends when that changes. What a
link may do is what its person may do now, in its round, and less: it adds reports, which "This was not me" can reverse.
Whoever reads the mail of the person has the link, which is why nothing is ticked, resolved or corrected by it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from plans.actions.outbox import put
from plans.actions.row_changes import lock, save_fields
from plans.actions.shown_status import take_positions
from plans.actions.updates import NewerUpdate, record_update, retract_updates
from plans.activity_number import Number
from plans.choices import AuditKind, Status
from plans.models import Activity, AuditEvent, Barrier, ReportingRound, StatusUpdate, UpdateLink, User
from plans.models.membership import MOST_OF_A_DETAIL
from plans.permissions import PersonAction, agencies_of, can_update, check_can_act_on, reporting_agencies, visible_plans
from plans.querysets import UpdateLinkQuerySet
from plans.secret_links import new_id, sign, unsign
from plans.summaries.lead_positions import read_positions
from plans.text import count_of

UPDATE_SALT = "plans.update_links.update"
NOT_ME_SALT = "plans.update_links.not_me"
SHAPE = re.compile(r"([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{1,64}")
NOT_LED = "Your agencies do not lead this activity any more."
REPORTED_SINCE = "Someone has added an update since you opened this page. Read it, check yours, then send again."
RECEIPT = "update_receipt"
"""The kind of message that `plans.actions.update_receipts` writes."""
NOT_THEIRS = "Reversed: its author said it was not them"


class WhyNot(StrEnum):
    """Why a link opens nothing."""

    TURNED_OFF = "turned_off"
    UNKNOWN = "unknown"
    ENDED = "ended"
    CLOSED = "closed"
    NO_RIGHTS = "no_rights"


class LinkRefused(Exception):
    """A link opens nothing now, for the reason `why`; nothing was saved."""

    def __init__(self, why: WhyNot):
        super().__init__(why.value)
        self.why = why


class NotReported(Exception):
    """Nothing was saved. `reasons` says why, for each activity at fault: {its number: a sentence}."""

    def __init__(self, reasons: Mapping[Number, str]):
        super().__init__(", ".join(map(str, reasons)))
        self.reasons = dict(reasons)


def link_for(person: User, reporting_round: ReportingRound) -> UpdateLink | None:
    """Return the link of `person` for an open round, a new one where none is live; None where links are turned off.

    None, too, for a closed account or round. The same link goes into every mail of a round. One query, or four.
    """
    if not (settings.ROCC_UPDATE_LINKS and person.is_active and reporting_round.is_open):
        return None
    live = UpdateLink.objects.filter(person=person, round=reporting_round, revoked_at=None)
    if found := live.first():
        return found
    try:
        with transaction.atomic():
            return UpdateLink.objects.create(person=person, round=reporting_round, public_id=new_id())
    except IntegrityError:
        # Two that send mail at once.
        return live.get()


def update_token(link: UpdateLink) -> str:
    """Return what stands in the address of the page of `link`."""
    return sign(link.public_id, salt=_salt(UPDATE_SALT, link.person))


def not_me_token(link: UpdateLink) -> str:
    """Return what stands in the address by which the person says that updates by `link` were not theirs."""
    return sign(link.public_id, salt=_salt(NOT_ME_SALT, link.person))


def open_link(token: str) -> UpdateLink:
    """Return the link of `token`, with person, round and plan. Raises `LinkRefused`. Two queries or three."""
    if not settings.ROCC_UPDATE_LINKS:
        raise LinkRefused(WhyNot.TURNED_OFF)
    link = _find(token, UPDATE_SALT)
    _refuse_ended(link)
    return link


def open_not_me(token: str) -> UpdateLink:
    """Return the link about whose updates `token` is, also one that was ended since. Raises `LinkRefused`.

    It works for those who may not add updates any more, and where links are turned off: what was written by a link can
    be reversed while its round is open. A restore of a backup ends it as well.
    """
    link = _find(token, NOT_ME_SALT)
    if link.revoked_at and link.revoked_by_id is None:
        raise LinkRefused(WhyNot.ENDED)
    if not link.round.is_open:
        raise LinkRefused(WhyNot.CLOSED)
    return link


def updates_by(link: UpdateLink) -> list[StatusUpdate]:
    """Return the updates made by `link` that stand, newest first, with activity and agency. One query."""
    return list(_standing(link).select_related("activity", "agency", "round"))


@transaction.atomic
def report_by_link(*, link: UpdateLink, reports: Mapping[Activity, Mapping[str, Any]]) -> list[StatusUpdate]:
    """Record reports on several activities, an update on each; either on all of them or on none. Returns the updates.

    `reports` are {activity: what `record_update` takes of it}. The activities are locked in the order of their ids, and
    whether the link is good and its person may report on each is asked again then. Raises `LinkRefused`, `NotReported`.
    """
    locked = [lock(one) for one in sorted(reports, key=lambda one: one.pk)]
    # Of two at once, ending the link and this, the second sees what the first did; so with closing the round.
    current = UpdateLink.objects.select_for_update(of=("self",)).select_related("person", "round__plan").get(pk=link.pk)
    ReportingRound.objects.select_for_update().get(pk=current.round_id)
    current.round.refresh_from_db(fields=["closed_at"])
    _refuse_ended(current)
    by_pk, by, reasons, saved = {one.pk: reports[one] for one in reports}, current.person, {}, []
    for activity in locked:
        report = by_pk[activity.pk]
        agency = report["agency"]
        mine = agency and agencies_of(by).filter(pk=agency.pk).exists()
        if not (mine and can_update(by, activity) and reporting_agencies(by, activity).filter(pk=agency.pk).exists()):
            reasons[activity.number] = NOT_LED
            continue
        try:
            saved.append(record_update(activity=activity, by=by, by_link=current, **report))
        except NewerUpdate:
            reasons[activity.number] = REPORTED_SINCE
    if reasons:
        raise NotReported(reasons)
    UpdateLink.objects.filter(pk=current.pk).update(last_used_at=timezone.now())
    what = f"{current.round.plan.short_name}, {current.round}: {count_of(len(saved), 'update,updates')}"
    _note(AuditKind.UPDATED_BY_LINK, current.person, by=None, detail=what)
    _put_receipt(current, saved)
    return saved


@transaction.atomic
def reverse_by_link(*, link: UpdateLink, chosen: Collection[int]) -> int:
    """Reverse those updates made by `link` whose ids are `chosen`, and end the link. Returns how many were reversed.

    Nothing is lost: they stay in the record as reversed, and each activity shows what it showed before them. Noted in
    the audit trail, which programme admins read. Raises `LinkRefused` where the round was closed meanwhile.
    """
    affected = Activity.objects.filter(updates__in=_standing(link).filter(pk__in=chosen)).distinct()
    locked = [lock(one) for one in affected.order_by("pk")]
    current = UpdateLink.objects.select_for_update(of=("self",)).select_related("person", "round__plan").get(pk=link.pk)
    if not ReportingRound.objects.select_for_update().get(pk=current.round_id).is_open:
        raise LinkRefused(WhyNot.CLOSED)
    updates = list(_standing(current).filter(pk__in=chosen, activity__in=locked))
    by, at = current.person, timezone.now()
    _resolve_escalated(updates, by=by)
    retract_updates([one.pk for one in updates], by=by, at=at, note=f"{NOT_THEIRS}.")
    _show_as_before(locked, updates, by=by)
    _end(UpdateLink.objects.filter(pk=current.pk), by=by)
    numbers = ", ".join(str(one.activity.number) for one in updates) or "none"
    what = f"{current.round.plan.short_name}, {current.round}: link ended; updates reversed on activities: {numbers}"
    _note(AuditKind.NOT_THEIR_UPDATES, by, by=None, detail=what[:MOST_OF_A_DETAIL])
    return len(updates)


@transaction.atomic
def end_own_link(*, person: User, pk: int) -> bool:
    """End the link `pk` of `person`, as they asked themselves. Returns whether it was theirs and live."""
    return bool(_end(person.update_links.filter(pk=pk), by=person, is_noted=True))


@transaction.atomic
def end_links(*, person: User, by: User) -> int:
    """End all links of `person`. Returns how many. Raises `PermissionDenied` where `by` may not act on them."""
    check_can_act_on(by, User.objects.select_for_update().get(pk=person.pk), PersonAction.END_LINKS)
    return end_all_links(person, by=by)


def end_all_links(person: User, *, by: User) -> int:
    """End all links of `person`, as those of an account that is being closed. Call it in a transaction."""
    return _end(UpdateLink.objects.filter(person=person), by=by, is_noted=True)


def _put_receipt(link: UpdateLink, updates: Sequence[StatusUpdate]) -> None:
    """Have the person told of the updates that were saved together. The same ones, sent twice, have one receipt."""
    pks = sorted(one.pk for one in updates)
    key, here = f"{RECEIPT}:{pks[0]}-{pks[-1]}", link.round
    put(RECEIPT, key, person=link.person, about_id=link.pk, plan=here.plan, reporting_round=here)


def _find(token: str, salt: str) -> UpdateLink:
    shape = SHAPE.fullmatch(token)
    found = UpdateLink.objects.select_related("person", "round__plan")
    link = found.filter(public_id=shape[1]).first() if shape else None
    if link is None or unsign(token, salt=_salt(salt, link.person)) is None:
        raise LinkRefused(WhyNot.UNKNOWN)
    return link


def _salt(salt: str, person: User) -> str:
    """Return the salt for the mail of `person`: what was sent to an earlier address is not for whoever reads it now."""
    return f"{salt}:{person.email}"


def _refuse_ended(link: UpdateLink) -> None:
    if link.revoked_at or not link.person.is_active:
        raise LinkRefused(WhyNot.ENDED)
    if not link.round.is_open:
        raise LinkRefused(WhyNot.CLOSED)
    is_visible = visible_plans(link.person).filter(pk=link.round.plan_id).exists()
    if not (is_visible and agencies_of(link.person).exists()):
        raise LinkRefused(WhyNot.NO_RIGHTS)


def _standing(link: UpdateLink) -> QuerySet[StatusUpdate]:
    return StatusUpdate.objects.filter(by_link=link, retracted_at=None)


def _resolve_escalated(updates: Sequence[StatusUpdate], *, by: User) -> None:
    """Resolve the barriers that `updates` opened and escalated themselves; reversing leaves escalated ones open."""
    own = Q(update__in=[one.pk for one in updates]) & Q(escalated_at=F("update__made_at"), escalated_by=by)
    pks = list(Barrier.objects.open().filter(own).order_by().values_list("pk", flat=True))
    Barrier.objects.filter(pk__in=pks).update(
        resolution_note=f"{NOT_THEIRS}.", resolved_at=timezone.now(), resolved_by=by
    )


def _show_as_before(activities: Sequence[Activity], updates: Sequence[StatusUpdate], *, by: User) -> None:
    """Give the locked `activities` the status that follows from what still stands once `updates` are reversed."""
    positions = read_positions([one.pk for one in activities])
    first = {one.activity_id: one for one in sorted(updates, key=lambda one: (one.made_at, one.pk), reverse=True)}
    for activity in activities:
        found = positions[activity.pk]
        changed = take_positions(activity, found)
        if found.status is None and not activity.updates.with_status().exists():
            before = activity.history.filter(history_date__lt=first[activity.pk].made_at).first()
            status = before.status if before else Status.NO_UPDATE.value
            if activity.status != status:
                activity.status, changed = status, [*changed, "status"]
        if changed:
            save_fields(activity, by=by, reason=NOT_THEIRS, fields=list(dict.fromkeys(changed)))


def _end(links: UpdateLinkQuerySet, *, by: User, is_noted: bool = False) -> int:
    live = links.select_related("person", "round__plan").revoke(by=by)
    for one in live if is_noted else ():
        _note(
            AuditKind.UPDATE_LINK_ENDED,
            one.person,
            by=by,
            detail=f"{one.round.plan.short_name}, {one.round}"[:MOST_OF_A_DETAIL],
        )
    return len(live)


def _note(kind: AuditKind, about: User, *, by: User | None, detail: str) -> None:
    AuditEvent.objects.create(kind=kind, about=about, by=by, detail=detail)
