"""Who belongs to which agency, and who may sign in. Each is atomic and says who did it (`by`).

Each asks `plans.permissions.can_act_on`, once the person is locked, and raises `PermissionDenied` when `by` may not.
"""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from plans.actions.access_tokens import end_all_tokens
from plans.actions.agency_links import refuse_merged
from plans.actions.calendar_feeds import end_all_feeds
from plans.actions.row_changes import save_fields, save_row
from plans.actions.update_links import end_all_links
from plans.choices import AuditKind
from plans.models import COMMAND_LINE_EMAIL, Agency, AuditEvent, Membership, User
from plans.permissions import PersonAction, check_can_act_on
from plans.ways_to_sign_in import can_sign_in, has_password, may_use_password

SALT = "plans.actions.people.invitation"
PROGRAMME_ADMINS = "Programme admins"
SECONDS_A_DAY = 24 * 60 * 60


@transaction.atomic
def invite(
    *, email: str, by: User, name: str = "", agencies: Iterable[Agency] = (), is_programme_admin: bool = False
) -> User:
    """Return the person of that address, who belongs to `agencies` from now on, too; a new one gets an account.

    Somebody who has an account keeps its name, password and role, unless `by` may change these anyway. Raises
    `ValidationError` for an account that is closed or that nobody uses, `PermissionDenied` where `by` may not act on
    the account, or is no superuser and the person is to be a programme admin.
    """
    if email.lower() == COMMAND_LINE_EMAIL:
        raise ValidationError("This address belongs to the command line. No one can sign in with it.")
    person = User.objects.select_for_update().filter(email=email.lower()).first()
    check_can_act_on(by, person, PersonAction.INVITE)
    if agencies:
        check_can_act_on(by, person, PersonAction.ADD_AGENCY)
    if is_programme_admin:
        check_can_act_on(by, person, PersonAction.CHANGE_ROLE)
    if person is None:
        person = _create(email, name)
        note_new_account(person=person, by=by)
    if not person.is_active:
        raise ValidationError(f"The account of {person.email} is closed. Reopen it first, on its page under People.")
    _add_to(person, agencies, by)
    if is_programme_admin:
        _make_programme_admin(person, by)
    return person


def note_new_account(*, person: User, by: User) -> None:
    """Note in the audit trail who made an account."""
    _note(AuditKind.INVITED, person, by=by, detail="New account")


@transaction.atomic
def add_agencies(*, person: User, agencies: Iterable[Agency], by: User) -> None:
    """Let `person` report for `agencies` from now on, too. Raises `ValidationError` for a closed account."""
    person = _lock(person, by, PersonAction.ADD_AGENCY)
    if not person.is_active:
        raise ValidationError(f"The account of {person} is closed. Reopen it first.")
    _add_to(person, agencies, by)


@transaction.atomic
def give_invitation_link(*, person: User, by: User) -> str:
    """Return the token of a link that lets `person` sign in for the first time; earlier ones stop working.

    It works until it is used or another one is made, until the email address or the rights of an admin change, or for
    `INVITATION_TIMEOUT` seconds. Noted in the audit trail, since whoever has the link can sign in as the person.
    Raises `ValidationError` for one who can sign in, or whose account is closed.
    """
    person = _lock(person, by, PersonAction.GIVE_LINK)
    if not person.is_active:
        raise ValidationError(f"The account of {person} is closed. Reopen it first.")
    if can_sign_in(person):
        reset = "already has a password, and can reset it on the sign-in page"
        can = reset if has_password(person) else "can already sign in"
        raise ValidationError(f"{person} {can}.")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    days = settings.INVITATION_TIMEOUT // SECONDS_A_DAY
    _note(AuditKind.LINK_GIVEN, person, by=by, detail=f"Shown once, works for {days} days")
    return signing.dumps([person.pk, _mark(person)], salt=SALT)


def note_link_mailed(*, person: User, by: User) -> None:
    """Note in the audit trail that an invitation link went to the address of `person`."""
    _note(AuditKind.LINK_GIVEN, person, by=by, detail=f"Emailed to {person.email}")


def note_password_link(*, email: str, people: Iterable[User]) -> None:
    """Note in the audit trail that a link to set a new password was asked for, and to whom one is mailed.

    One row where nobody has the address, too: how long it takes must not tell a stranger who has an account.
    """
    known: Iterable[User | None] = people or [User.objects.filter(email=email.lower()).first()]
    for person in known:
        detail = f"Emailed to {person.email}" if person else "No account has this address. No email was sent."
        if person and not person.is_active:
            detail = "The account is closed. No email was sent."
        _note(AuditKind.PASSWORD_LINK, person, by=None, detail=detail)


def person_invited_by(token: str) -> User | None:
    """Return the person whose invitation `token` is; None when it is used, replaced, too old or not ours."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=settings.INVITATION_TIMEOUT)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    is_good = person and not can_sign_in(person) and constant_time_compare(_mark(person), mark)
    return person if is_good else None


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Set the first password of the person invited by `token`, and return them. Raises `ValidationError`."""
    person = person_invited_by(token)
    if person:
        # Looked at again under lock: of two who send the form at once, one is late.
        User.objects.select_for_update().get(pk=person.pk)
        person = person_invited_by(token)
    if person is None or not may_use_password(person):
        raise ValidationError("This link no longer works. Ask the programme admin who sent it for a new one.")
    person.set_password(password)
    person._history_user = person  # type: ignore[attr-defined]  # simple-history's
    person.save()
    return person


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """End a membership now. What the person wrote stays; one that has ended keeps its end."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    check_can_act_on(by, membership.user, PersonAction.END_AGENCY)
    if membership.ended_at is None:
        membership.ended_at = timezone.now()
        save_fields(membership, by=by, reason="Ended", fields=["ended_at"])


@transaction.atomic
def close_account(*, person: User, by: User) -> None:
    """Keep `person` from signing in, and sign them out everywhere. What they wrote stays; so do their memberships.

    An invitation link ends, and so do links that add updates, calendar feeds and access tokens; they stay so when the
    account is opened again.
    """
    person = _lock(person, by, PersonAction.CLOSE)
    if not person.has_usable_password():
        person.set_unusable_password()
        person.save(update_fields=["password"])
    end_all_links(person, by=by)
    end_all_feeds(person, by=by)
    end_all_tokens(person, by=by)
    _set_active(person, by, is_active=False)


@transaction.atomic
def open_account(*, person: User, by: User) -> None:
    """Let `person` sign in again."""
    _set_active(_lock(person, by, PersonAction.REOPEN), by, is_active=True)


@transaction.atomic
def end_sessions(*, person: User, by: User) -> None:
    """Sign `person` out everywhere. They can sign in again."""
    person = _lock(person, by, PersonAction.END_SESSIONS)
    _end(person.sessions.all(), person, by)


@transaction.atomic
def end_own_sessions(*, person: User, keys: Collection[str]) -> None:
    """End those sessions of `person` whose keys are among `keys`, as they asked themselves."""
    _end(person.sessions.filter(session_key__in=keys), person, person)


def _end(sessions: QuerySet, person: User, by: User) -> None:
    count, _ = sessions.delete()
    if count:
        _note(AuditKind.SESSIONS_ENDED, person, by=by, detail="1 session" if count == 1 else f"{count} sessions")


def _set_active(person: User, by: User, *, is_active: bool) -> None:
    person.is_active, person._history_user = is_active, by  # type: ignore[attr-defined]  # simple-history's
    person.save(update_fields=["is_active"])


def _lock(person: User, by: User, action: PersonAction) -> User:
    """Lock the row of `person` and return it as it is now. Raises `PermissionDenied` when `by` may not do `action`."""
    locked = User.objects.select_for_update().get(pk=person.pk)
    check_can_act_on(by, locked, action)
    return locked


def _create(email: str, name: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email.lower(), name=name)
    except IntegrityError:
        raise ValidationError("Someone else has just added this person. Find them under People.") from None


def _add_to(person: User, agencies: Iterable[Agency], by: User) -> None:
    belongs_to = set(Membership.objects.active().filter(user=person).values_list("agency_id", flat=True))
    wanted = list(agencies)
    if wanted:
        refuse_merged([agency.pk for agency in wanted])
    for agency in wanted:
        if agency.pk not in belongs_to:
            save_row(Membership(user=person, agency=agency), by=by, reason="Invited")


def _make_programme_admin(person: User, by: User) -> None:
    person.is_staff, person._history_user = True, by  # type: ignore[attr-defined]  # simple-history's
    person.save(update_fields=["is_staff"])
    person.groups.add(Group.objects.get(name=PROGRAMME_ADMINS))


def _mark(person: User) -> str:
    """Return what a link has to know: it changes with the password, the unusable one included, and the address.

    The rights of an admin are part of it, too, or somebody who kept the link of an ordinary account would get those
    that were given to it later.
    """
    known = f"{person.password}{person.email}{' admin' if person.has_admin_rights else ''}"
    return salted_hmac(SALT, known, algorithm="sha256").hexdigest()[:32]


def _note(kind: AuditKind, about: User | None, *, by: User | None, detail: str = "") -> None:
    AuditEvent.objects.create(kind=kind, about=about, by=by, detail=detail)
