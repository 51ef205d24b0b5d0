"""The audit trail: notes who signed in, and who was given or lost what, whichever way it was done.

It listens to signals, so that a change in the admin or at the command line is noted like one on our own pages.
"""

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save, pre_save
from simple_history.models import HistoricalRecords

from plans.choices import AuditKind
from plans.models import AuditEvent, Membership
from plans.models.membership import MOST_OF_A_DETAIL
from plans.ways_to_sign_in import provider_of_issuer

ROLES = {"is_superuser": "Superuser", "is_staff": "Can use the admin"}
WATCHED = {*ROLES, "is_active", "password", "email"}
PASSWORD = "password"  # noqa: S105 - what the library calls signing in with one
FIRST_STEPS = (PASSWORD, "socialaccount")


def connect():
    """Begin to listen; called once, when the site starts."""
    user = get_user_model()
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit")
    pre_save.connect(_look_at_person, sender=user, dispatch_uid="audit")
    post_save.connect(_note_person, sender=user, dispatch_uid="audit")
    m2m_changed.connect(_note_groups, sender=user.groups.through, dispatch_uid="audit")
    pre_save.connect(_look_at_membership, sender=Membership, dispatch_uid="audit")
    post_save.connect(_note_membership, sender=Membership, dispatch_uid="audit")


def _note(kind, about, *, by=None, detail=""):
    AuditEvent.objects.create(kind=kind, about=about, by=by, detail=detail)


def _person_at_work():
    """Return the person whose request is being answered; None for a visitor, and outside of requests."""
    user = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return user if user and user.is_authenticated else None


def _author_of(row):
    return getattr(row, "_history_user", None) or _person_at_work()


def _signed_in(sender, request, user, **kwargs):
    records = [one for one in get_authentication_records(request, user) if one["method"] in FIRST_STEPS]
    first = records[-1] if records else {}
    provider = provider_of_issuer(first.get("provider", ""))
    _note(AuditKind.SIGNED_IN, user, by=user, detail=f"With {provider.name}" if provider else "")
    if first.get("method") == PASSWORD and not settings.ROCC_PASSWORDS:
        _note(AuditKind.BREAK_GLASS, user, by=user, detail="With a password, though passwords are off. Was it planned?")


def _signed_out(sender, request, user, **kwargs):
    if user:
        _note(AuditKind.SIGNED_OUT, user, by=user)


def _sign_in_failed(sender, credentials, request=None, **kwargs):
    # What was typed is not kept: a mistyped address is somebody's, and a password is typed in the wrong field at times.
    address = str(credentials.get("email") or credentials.get("username") or "").lower()
    person = get_user_model().objects.filter(email=address).first()
    if person is None:
        detail = "With an address that no one has"
    else:
        detail = "" if person.is_active else "The account is closed"
    _note(AuditKind.SIGN_IN_FAILED, person, detail=detail)


def _look_at_person(sender, instance, raw=False, update_fields=None, **kwargs):
    instance._audited = {}  # noqa: SLF001 - ours: what is about to be changed
    watched = WATCHED if update_fields is None else WATCHED.intersection(update_fields)
    if raw or not watched:
        return
    before = sender.objects.filter(pk=instance.pk).values(*watched).first() if instance.pk else None
    if before is None:
        before = {
            "is_superuser": False,
            "is_staff": False,
            "is_active": True,
            "password": instance.password,
            "email": instance.email,
        }
    changed = {name: before[name] for name in watched if before[name] != getattr(instance, name)}
    instance._audited = changed  # noqa: SLF001 - ours, as above


def _note_person(sender, instance, update_fields=None, **kwargs):
    by = _author_of(instance)
    changed = instance.__dict__.pop("_audited", {})
    for name in sorted(ROLES.keys() & changed.keys()):
        kind = AuditKind.ROLE_GIVEN if getattr(instance, name) else AuditKind.ROLE_TAKEN
        _note(kind, instance, by=by, detail=ROLES[name])
    if "is_active" in changed:
        _note(AuditKind.ACCOUNT_OPENED if instance.is_active else AuditKind.ACCOUNT_CLOSED, instance, by=by)
    if "email" in changed:
        detail = f"From {changed['email']} to {instance.email}"[:MOST_OF_A_DETAIL]
        _note(AuditKind.EMAIL_CHANGED, instance, by=by, detail=detail)
    # A password saved by itself is an old one in a newer cipher, or an invitation that is renewed.
    if "password" in changed and update_fields is None:
        _note(
            AuditKind.PASSWORD_CHANGED,
            instance,
            by=by,
            detail="" if by else "Without signing in: by a link, or at the server",
        )


def _note_groups(sender, instance, action, reverse, pk_set, **kwargs):
    kinds = {"post_add": AuditKind.ROLE_GIVEN, "post_remove": AuditKind.ROLE_TAKEN, "pre_clear": AuditKind.ROLE_TAKEN}
    if action not in kinds:
        return
    if reverse:
        people = instance.user_set.all() if pk_set is None else get_user_model().objects.filter(pk__in=pk_set)
        pairs = [(person, instance) for person in people]
    else:
        groups = instance.groups.all() if pk_set is None else Group.objects.filter(pk__in=pk_set)
        pairs = [(instance, group) for group in groups.order_by("name")]
    for person, group in pairs:
        _note(kinds[action], person, by=_author_of(instance), detail=group.name)


def _look_at_membership(sender, instance, raw=False, **kwargs):
    was = None if raw or not instance.pk else sender.objects.filter(pk=instance.pk).first()
    instance._was_ended = bool(was and was.ended_at)  # noqa: SLF001 - ours: how it was before it is saved


def _note_membership(sender, instance, created, raw=False, **kwargs):
    was_ended = instance.__dict__.pop("_was_ended", False)
    if raw:
        return
    agency, by = str(instance.agency), _author_of(instance)
    if created:
        _note(AuditKind.MEMBERSHIP_STARTED, instance.user, by=by, detail=agency)
    if instance.ended_at and not was_ended:
        _note(AuditKind.MEMBERSHIP_ENDED, instance.user, by=by, detail=agency)
