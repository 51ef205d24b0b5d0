"""Who may do what, one person a row."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch

from plans.models import Membership, User
from plans.ways_to_sign_in import has_password, is_linked


@dataclass(frozen=True)
class PersonRow:
    """A person, the memberships in force, and what both make of them, in words."""

    person: User
    memberships: tuple
    role: str
    state: str
    can_sign_in: bool


def list_people() -> list[PersonRow]:
    """Return all people as `PersonRow`s: those who can sign in first, then by e-mail address. Two queries."""
    people = (
        get_user_model()
        .objects.annotate(is_programme_admin=_is_programme_admin(), is_linked=is_linked())
        .prefetch_related(
            Prefetch("memberships", Membership.objects.active().select_related("agency"), to_attr="memberships_now")
        )
    )
    return [_row(person) for person in people.order_by("-is_active", "email")]


def describe_person(person: Any) -> PersonRow:
    """Return one person as a `PersonRow`. Two queries."""
    memberships = Membership.objects.active().filter(user=person).select_related("agency")
    person.memberships_now = list(memberships)
    asked = get_user_model().objects.annotate(is_programme_admin=_is_programme_admin(), is_linked=is_linked())
    person.is_programme_admin, person.is_linked = asked.values_list("is_programme_admin", "is_linked").get(pk=person.pk)
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
    can_sign_in = person.is_linked or has_password(person)
    if not person.is_active:
        state = "Account closed"
    elif can_sign_in:
        state = ""
    else:
        state = "Cannot sign in" if person.last_login else "Invited (not yet signed in)"
    return PersonRow(person, tuple(person.memberships_now), role, state, can_sign_in)
