"""Who may do what, one person a row."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch

from plans.models import Membership, User


@dataclass(frozen=True)
class PersonRow:
    """A person, the memberships in force, and what both make of them, in words."""

    person: User
    memberships: tuple
    role: str
    state: str


def list_people() -> list[PersonRow]:
    """Return all people as `PersonRow`s: those who can sign in first, then by e-mail address. Two queries."""
    people = (
        get_user_model()
        .objects.annotate(is_programme_admin=_is_programme_admin())
        .prefetch_related(
            Prefetch("memberships", Membership.objects.active().select_related("agency"), to_attr="memberships_now")
        )
    )
    return [_row(person) for person in people.order_by("-is_active", "email")]


def describe_person(person: Any) -> PersonRow:
    """Return one person as a `PersonRow`. Two queries."""
    memberships = Membership.objects.active().filter(user=person).select_related("agency")
    person.memberships_now = list(memberships)
    person.is_programme_admin = get_user_model().objects.filter(pk=person.pk).filter(_is_programme_admin()).exists()
    return _row(person)


def _is_programme_admin() -> Exists:
    groups = get_user_model().groups.through.objects.filter(
        user=OuterRef("pk"),
        group__permissions__codename="administer",
        group__permissions__content_type__app_label="plans",
    )
    return Exists(groups)


def _row(person: Any) -> PersonRow:
    if person.is_superuser:
        role = "Superuser"
    elif person.is_programme_admin:
        role = "Programme admin"
    else:
        role = "Updater" if person.memberships_now else "Reader"
    if not person.is_active:
        state = "Account closed"
    else:
        state = "" if person.has_usable_password() else "Invited (not yet signed in)"
    return PersonRow(person, tuple(person.memberships_now), role, state)
