"""What becomes of second steps: noted in the audit trail, told to their person by email, and removed for someone else.

A person sets up and removes their own by the pages of the library. `remove_second_step` is for those who lost what they
had. Whatever adds or removes a row, it is noted in the same transaction.
"""

from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from plans.actions.account_notices import note_and_tell, register_notices
from plans.choices import AuditKind
from plans.models import AuditEvent, User
from plans.models.membership import MOST_OF_A_DETAIL
from plans.permissions import PersonAction, check_can_act_on
from plans.second_step import HAS_ONE

TOLD = "second_step"
"""The kind of message that says what was done to the second step of its person."""
NEW_CODES = "new_recovery_codes"
"""In the session: the recovery codes that were made in it, by id, which it may show for a while."""
WORDS = {
    Authenticator.Type.TOTP: "Authenticator app",
    Authenticator.Type.WEBAUTHN: "Passkey",
    Authenticator.Type.RECOVERY_CODES: "Recovery codes",
}


def connect() -> None:
    """Begin to note what becomes of second steps, whoever does it; called once, when the site starts."""
    post_save.connect(_saved, sender=Authenticator, dispatch_uid="second step")
    post_delete.connect(_deleted, sender=Authenticator, dispatch_uid="second step")
    signals.authenticator_used.connect(_used, dispatch_uid="second step")
    signals.authentication_failed.connect(_failed, dispatch_uid="second step")


@transaction.atomic
def remove_second_step(*, person: User, by: User) -> int:
    """Remove every second step of `person`, and sign them out everywhere; return how many there were.

    For someone who has lost their phone: from then on their password is enough, until they set up another one. It is in
    the audit trail, and the person is told by email. Raises `PermissionDenied` where `by` may not.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    check_can_act_on(by, person, PersonAction.REMOVE_SECOND_STEP)
    theirs = Authenticator.objects.filter(user=person)
    count = theirs.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    theirs.delete()
    ended, _ = person.sessions.all().delete()
    if ended:
        _note(AuditKind.SESSIONS_ENDED, person, by=by, detail="1 session" if ended == 1 else f"{ended} sessions")
    return count


def name_of(authenticator: Authenticator) -> str:
    """Return what a second step is called: by its kind, and a passkey also by its name."""
    kind = str(WORDS[Authenticator.Type(authenticator.type)])
    if authenticator.type != Authenticator.Type.WEBAUTHN:
        return kind
    return f"{kind} “{authenticator.data.get('name', '')}”"[:MOST_OF_A_DETAIL]


def names_of(person: User) -> list[str]:
    """Return what the second steps of `person` are called, without their recovery codes. One query."""
    theirs = Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return [name_of(one) for one in theirs.order_by("created_at", "pk")]


def _saved(sender: Any, instance: Authenticator, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if raw or not created:
        return
    by, session = _who_is_here()
    if instance.type == Authenticator.Type.RECOVERY_CODES:
        session[NEW_CODES] = instance.pk
        _note(AuditKind.RECOVERY_CODES_MADE, instance.user, by=by, is_told=True)
    else:
        _note(AuditKind.SECOND_STEP_SET_UP, instance.user, by=by, detail=name_of(instance), is_told=True)


def _deleted(sender: Any, instance: Authenticator, **kwargs: Any) -> None:
    by, session = _who_is_here()
    session.pop(HAS_ONE, None)
    # Recovery codes go with what they stand in for.
    if instance.type != Authenticator.Type.RECOVERY_CODES:
        _note(AuditKind.SECOND_STEP_REMOVED, instance.user, by=by, detail=name_of(instance), is_told=True)


def _used(sender: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        # The one that has just been spent is not in what was fetched before.
        authenticator.refresh_from_db(fields=["data"])
        left = len(authenticator.wrap().get_unused_codes())
        _note(AuditKind.RECOVERY_CODE_USED, user, by=user, detail=f"{left} left", is_told=True)


def _failed(sender: Any, user: User, **kwargs: Any) -> None:
    _note(AuditKind.SIGN_IN_FAILED, user, detail="With a wrong code, at the second step")


def _note(kind: AuditKind, about: User, *, by: User | None = None, detail: str = "", is_told: bool = False) -> None:
    if is_told:
        note_and_tell(TOLD, kind, about, by=by, detail=detail)
    else:
        AuditEvent.objects.create(kind=kind, about=about, by=by, detail=detail)


def _who_is_here() -> tuple[User | None, Any]:
    """Return the person whose request is being answered, and their session; None and nothing outside of requests."""
    request = context.request
    if request is None or not request.user.is_authenticated:
        return None, {}
    return request.user, request.session


register_notices(TOLD, label="Notice about a second step", subject="Your second step was changed", page="mfa_index")
