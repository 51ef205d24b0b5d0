"""How people sign in here: by a password, or with an OpenID Connect provider that their account is linked to.

The providers are those of `ROCC_SSO`. A link is a row of the library's `SocialAccount`: its `provider` is the issuer,
its `uid` the subject, which are who a person is to that provider. Email addresses and claims have no part in it.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from plans.models import User

FROM_PROVIDER = "single_sign_on"
"""In a session: the last sign-in with a provider, as {"id", "end_session", "acr", "amr"}."""


class SignInProvider(Protocol):
    """What is known of a provider; `rocc.single_sign_on` reads it."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    second_step: tuple[str, ...]


def providers() -> Sequence[SignInProvider]:
    """Return all providers with which people sign in, in the order in which they are configured."""
    return settings.ROCC_SSO


def provider_called(name: str) -> SignInProvider | None:
    """Return the provider that is called so in addresses."""
    return next((one for one in providers() if one.id == name), None)


def provider_of_issuer(issuer: str) -> SignInProvider | None:
    """Return the provider of an issuer; None for one that is not configured any more."""
    return next((one for one in providers() if one.issuer == issuer), None)


def providers_for(address: str) -> list[SignInProvider]:
    """Return the providers to offer to whoever has that email address, which tells nothing of who has an account.

    That of its domain; where it is of none, all of them if there are no passwords, or else none.
    """
    domain = address.strip().lower().rpartition("@")[2]
    own = [one for one in providers() if domain in one.domains]
    return own or ([] if settings.ROCC_PASSWORDS else list(providers()))


def providers_to_add(person: User, links: Sequence[SocialAccount]) -> list[SignInProvider]:
    """Return the providers to which `person`, who has `links`, is not linked: that of the email address first."""
    linked, domain = {link.provider for link in links}, person.email.rpartition("@")[2]
    others = [one for one in providers() if one.issuer not in linked]
    return sorted(others, key=lambda one: domain not in one.domains)


def is_break_glass(person: Any) -> bool:
    """Return whether `person` is the superuser whose password works while passwords are off."""
    return bool(settings.ROCC_BREAK_GLASS and person.is_superuser and person.email == settings.ROCC_BREAK_GLASS)


def may_use_password(person: Any) -> bool:
    """Return whether `person` may sign in with a password, change it, and so on."""
    return bool(settings.ROCC_PASSWORDS or is_break_glass(person))


def has_password(person: User) -> bool:
    """Return whether `person` has a password that lets them in."""
    return person.has_usable_password() and may_use_password(person)


def links_of(person: User) -> list[SocialAccount]:
    """Return the links of `person` to providers, each with `name`, that of its provider. One query where there are any.

    None where no provider is configured.
    """
    if not providers():
        return []
    links = list(SocialAccount.objects.filter(user=person).order_by("pk"))
    for link in links:
        provider = provider_of_issuer(link.provider)
        link.name = provider.name if provider else "a provider that is no longer used"
    return links


def usable_links() -> QuerySet[SocialAccount]:
    """Return the links with which somebody can sign in now."""
    return SocialAccount.objects.filter(provider__in=[one.issuer for one in providers()])


def is_linked() -> Exists:
    """Return the condition of a query of people that somebody can sign in with a provider."""
    return Exists(usable_links().filter(user=OuterRef("pk")))


def can_sign_in(person: User) -> bool:
    """Return whether `person` has a way to sign in, closed accounts included. One query at most."""
    return has_password(person) or usable_links().filter(user=person).exists()


def stays_able_without(person: User, link: SocialAccount) -> bool:
    """Return whether `person` could still sign in without `link`. One query at most."""
    return has_password(person) or usable_links().filter(user=person).exclude(pk=link.pk).exists()
