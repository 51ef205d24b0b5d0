"""Answers to the updates of others. Each is atomic, says who gave it (`by`), and locks the activity."""

from django.db import transaction
from django.utils import timezone

from plans.actions.row_changes import lock
from plans.models import Activity, Agency, Agreement, ReportingRound, StatusUpdate, User
from plans.permissions import agreeing_agencies
from plans.querysets import AgreementQuerySet

NEWER = "There is a newer update, so this one can no longer be answered."
REVERSED = "This update was corrected or reversed, so it can no longer be answered."
CLOSED = "Its reporting round is closed, so it can no longer be answered."
NO_ROUND = "It is not part of an open reporting round, so it cannot be answered."
NOT_SIGNING = "Your agency no longer leads or supports this activity."


class NotAnswerable(Exception):
    """An update cannot be answered any more, for the reason that it says; nothing was saved."""


@transaction.atomic
def answer_update(*, update: StatusUpdate, by: User, agency: Agency, agrees: bool, words: str = "") -> Agreement:
    """Return the answer of `agency` to `update`: it agrees, or sees it differently and says how in `words`.

    An earlier answer of the agency is taken back; the same one, sent again, is saved once. Raises `NotAnswerable` when
    it is too late, and `ValidationError` for an answer that the form would refuse.
    """
    standing = _lock_standing(update, by, agency)
    given = standing.first()
    if given and (given.agrees, given.words) == (agrees, words):
        return given
    at = timezone.now()
    standing.retract(by=by, at=at)
    answer = Agreement(update=update, agency=agency, author=by, agrees=agrees, words=words, made_at=at)
    answer.validate_constraints()
    answer.save()
    return answer


@transaction.atomic
def take_answer_back(*, update: StatusUpdate, by: User, agency: Agency) -> bool:
    """Take the answer of `agency` to `update` back; it stays in the record. Returns whether there was one."""
    return bool(_lock_standing(update, by, agency).retract(by=by, at=timezone.now()))


def refuse_answer(update: StatusUpdate, activity: Activity) -> None:
    """Raise `NotAnswerable`, with a sentence that says why, for an update that cannot be answered any more.

    It can while it is the newest report on its `activity` and its round is open. Two queries.
    """
    latest = activity.updates.with_status().first()
    if update.retracted_at is not None:
        raise NotAnswerable(REVERSED)
    if latest is None or latest.pk != update.pk:
        raise NotAnswerable(NEWER)
    if update.round_id is None:
        raise NotAnswerable(NO_ROUND)
    if not ReportingRound.objects.open().filter(pk=update.round_id).exists():
        raise NotAnswerable(CLOSED)


def _lock_standing(update: StatusUpdate, by: User, agency: Agency) -> AgreementQuerySet:
    """Return the answer of `agency` that stands, if any, as a queryset. Raises `NotAnswerable` when it is too late."""
    locked = lock(update.activity)
    now = StatusUpdate.objects.select_related("agency").get(pk=update.pk)
    # Asked again, since the right may have gone while the form waited.
    if not agreeing_agencies(by, locked, now).filter(pk=agency.pk).exists():
        raise NotAnswerable(NOT_SIGNING)
    refuse_answer(now, locked)
    return Agreement.objects.filter(update=update, agency=agency, retracted_at=None)
