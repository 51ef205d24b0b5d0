"""How `ROCC_SSO` is read: the providers with which people sign in, as JSON, each wrong part of it in its own line."""

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from environs import ValidationError

EXAMPLE = (
    '[{"id": "police", "name": "Police", "issuer": "https://login.example.govt.nz/tenant",'
    ' "client_id": "…", "client_secret_file": "/run/secrets/police", "domains": ["police.govt.nz"]}]'
)
REQUIRED = ("id", "name", "issuer", "client_id", "domains")
SECRETS = ("client_secret", "client_secret_file")
OPTIONAL = (*SECRETS, "second_step")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
LONGEST = {"id": 50, "name": 40, "issuer": 200, "client_id": 191}
"""Characters that the tables and forms of the library have room for."""


@dataclass(frozen=True)
class SignInProvider:
    """An OpenID Connect provider: an agency's own tenant, which says who of its people is signing in.

    `issuer` and the subject of an ID token together are who a person is. `domains` are those of email addresses, in
    lower case, for which the sign-in page offers it. `second_step` are the values of `acr` and `amr` by which it says
    that it asked for a second step, and is trusted with that.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    second_step: tuple[str, ...] = ()


def providers(text):
    """Return the `SignInProvider`s that `text` lists as JSON; none for blank text.

    Raises `ValidationError`, naming every fault at once.
    """
    if not text.strip():
        return []
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"is not JSON: {error}. Write {EXAMPLE}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValidationError(f"is not a list of providers. Write {EXAMPLE}.")
    faults, found = [], []
    for place, entry in enumerate(entries, 1):
        called = f"provider {entry['id']}" if isinstance(entry.get("id"), str) and entry["id"] else f"provider {place}"
        wrong = list(_faults(entry))
        faults += [f"{called}: {fault}" for fault in wrong]
        if not wrong:
            found.append(_provider(entry))
    faults += _claimed_twice(found)
    if faults:
        raise ValidationError(faults)
    return found


def is_secure(url):
    """Return whether nobody on the way can read what is sent to `url`: by HTTPS, or to this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)))


def _is_this_machine(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _faults(entry):
    for name in sorted(entry.keys() - {*REQUIRED, *OPTIONAL}):
        yield f"{name} is no key of a provider. The keys are {', '.join((*REQUIRED, *OPTIONAL))}."
    for name in REQUIRED[:-1]:
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip():
            yield f"{name} is missing. Write it as text."
        elif len(value) > LONGEST[name]:
            yield f"{name} is longer than {LONGEST[name]} characters."
    if isinstance(entry.get("id"), str) and entry["id"] and not ID.fullmatch(entry["id"]):
        yield f"id {entry['id']!r} stands in addresses. Write small letters, digits and hyphens, for example police."
    yield from _faults_of_issuer(entry.get("issuer"))
    yield from _faults_of_domains(entry.get("domains"))
    yield from _faults_of_secret(entry)
    values = entry.get("second_step", [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        yield 'second_step is not a list of values of acr and amr. Write ["mfa"], or leave it out.'


def _faults_of_issuer(issuer):
    if not isinstance(issuer, str) or not issuer:
        return
    if not is_secure(issuer):
        yield f"issuer {issuer!r} does not begin with https://. Write the issuer of the provider as it names itself."
    elif "?" in issuer or "#" in issuer or "/.well-known/" in issuer:
        yield f"issuer {issuer!r} is not an issuer. Leave out /.well-known/openid-configuration, ? and #."


def _faults_of_domains(domains):
    if not isinstance(domains, list) or not domains:
        yield 'domains are missing. Write those of the people\'s email addresses, for example ["police.govt.nz"].'
        return
    for domain in domains:
        if not isinstance(domain, str) or not DOMAIN.fullmatch(domain.lower()):
            yield f"domain {domain!r} is not the end of an email address. Write police.govt.nz."


def _faults_of_secret(entry):
    given = [name for name in SECRETS if entry.get(name)]
    if len(given) != 1:
        yield "client_secret is missing. Write client_secret, or client_secret_file with the path of a file with it."
    elif not isinstance(entry[given[0]], str):
        yield f"{given[0]} is not text."
    elif given == ["client_secret_file"]:
        try:
            secret = Path(entry["client_secret_file"]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            secret = ""
        if not secret:
            yield f"client_secret_file {entry['client_secret_file']!r} cannot be read, or is empty."


def _provider(entry):
    secret = entry.get("client_secret") or Path(entry["client_secret_file"]).read_text(encoding="utf-8").strip()
    domains = tuple(dict.fromkeys(domain.lower() for domain in entry["domains"]))
    own = {name: entry[name].strip() for name in ("id", "name", "issuer", "client_id")}
    return SignInProvider(**own, client_secret=secret, domains=domains, second_step=tuple(entry.get("second_step", ())))


def _claimed_twice(found):
    for what in ("id", "issuer", "domains"):
        claims = {}
        for place, provider in enumerate(found):
            value = getattr(provider, what)
            for one in value if what == "domains" else (value,):
                if claims.setdefault(one, place) != place:
                    yield f"{what.removesuffix('s')} {one} is claimed by two providers. It can be that of one only."
