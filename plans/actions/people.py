"""Who belongs to which agency, and who may sign in. Each is atomic and says who did it (`by`)."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from plans.actions.saving import save_fields, save_row
from plans.choices import AuditKind
from plans.models import AuditEvent, Membership, User

SALT = "plans.actions.people.invitation"
PROGRAMME_ADMINS = "Programme admins"


@transaction.atomic
def invite(*, email, by, name="", agencies=(), is_programme_admin=False):
    """Answer the person of that address, who belongs to `agencies` from now on, too; a new one gets an account.

    Whoever has an account keeps its name and password. Raises `ValidationError` for an account that is closed,
    `PermissionDenied` when `by` is no superuser and the person is to be a programme admin.
    """
    if is_programme_admin and not by.is_superuser:
        raise PermissionDenied("Only superusers make somebody a programme admin.")
    person = User.objects.select_for_update().filter(email=email.lower()).first()
    if person is None:
        person = User.objects.create_user(email.lower(), name=name)
        AuditEvent.objects.create(kind=AuditKind.INVITED, about=person, by=by, detail="New account")
    if not person.is_active:
        raise ValidationError(f"The account of {person.email} is closed. Open it first, on its page under People.")
    belongs_to = set(Membership.objects.active().filter(user=person).values_list("agency_id", flat=True))
    for agency in agencies:
        if agency.pk not in belongs_to:
            save_row(Membership(user=person, agency=agency), by=by, reason="Invited")
    if is_programme_admin:
        _make_programme_admin(person, by)
    return person


def invitation_for(person):
    """Answer the token of a link that lets `person` set a first password; None for one who has a password.

    It works until it is used, until it is renewed, or for `INVITATION_TIMEOUT` seconds.
    """
    if person.has_usable_password() or not person.is_active:
        return None
    return signing.dumps([person.pk, _mark(person)], salt=SALT)


def person_invited_by(token):
    """Answer the person whose invitation `token` is; None when it is used, renewed, too old or not ours."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=settings.INVITATION_TIMEOUT)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    is_good = person and not person.has_usable_password() and constant_time_compare(_mark(person), mark)
    return person if is_good else None


@transaction.atomic
def renew_invitation(*, person, by):
    """Answer a new token for `person`; earlier ones stop working. Raises `ValidationError` for one with a password."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise ValidationError(f"The account of {person} is closed. Open it first.")
    if person.has_usable_password():
        raise ValidationError(f"{person} has a password already, and can ask for a new one on the sign-in page.")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    AuditEvent.objects.create(kind=AuditKind.INVITED, about=person, by=by, detail="New link")
    return invitation_for(person)


@transaction.atomic
def accept_invitation(*, token, password):
    """Set the first password of the person invited by `token`, and answer them. Raises `ValidationError`."""
    person = person_invited_by(token)
    if person:
        # Looked at again under lock: of two who send the form at once, one is late.
        _lock(person)
        person = person_invited_by(token)
    if person is None:
        raise ValidationError("This link does not work any more. Ask the programme admin who sent it for a new one.")
    person.set_password(password)
    person._history_user = person
    person.save()
    return person


@transaction.atomic
def end_membership(*, membership, by):
    """End a membership now. What the person wrote stays; one that has ended keeps its end."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.ended_at is None:
        membership.ended_at = timezone.now()
        save_fields(membership, by=by, reason="Ended", fields=["ended_at"])


@transaction.atomic
def close_account(*, person, by):
    """Keep `person` from signing in, and sign them out everywhere. What they wrote stays; so do their memberships.

    Looks into every session in force, since a session does not say whose it is.
    """
    _set_active(person, by, is_active=False)
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


@transaction.atomic
def open_account(*, person, by):
    """Let `person` sign in again."""
    _set_active(person, by, is_active=True)


def _set_active(person, by, *, is_active):
    person = _lock(person)
    person.is_active, person._history_user = is_active, by
    person.save(update_fields=["is_active"])


def _lock(person):
    return User.objects.select_for_update().get(pk=person.pk)


def _make_programme_admin(person, by):
    person.is_staff, person._history_user = True, by
    person.save(update_fields=["is_staff"])
    person.groups.add(Group.objects.get(name=PROGRAMME_ADMINS))


def _mark(person):
    # It changes with the password, the unusable one included.
    return salted_hmac(SALT, f"{person.password}{person.email}", algorithm="sha256").hexdigest()[:32]
