"""How mail is sent: Django's settings for an address such as submission://user:password@mail.example.govt.nz."""

from urllib.parse import parse_qs, unquote, urlsplit

import django

BACKENDS = {
    "smtp": "smtp",
    "submission": "smtp",
    "console": "console",
    "file": "filebased",
    "dummy": "dummy",
    "memory": "locmem",
}
"""How EMAIL_URL spells the ways to send mail, and what Django calls them."""
PORTS = {"smtp": 25, "submission": 587}
TIMEOUT_SECONDS = 10
"""How long a server that does not answer is waited for, unless the address says otherwise: a person waits meanwhile."""
TRUTHY = ("1", "y", "yes", "t", "true", "on")
SMTP_OPTIONS = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_TIMEOUT")


def settings_from(url):
    """Return the settings, {EMAIL_…: value}, for an address that begins with one of `BACKENDS`.

    smtp:// speaks to port 25 in the clear, submission:// to port 587 with STARTTLS. `?ssl=true` is for servers that
    expect TLS from the first byte, `?timeout=30` gives up after so many seconds, 10 by default; file:////srv/mail
    writes to a folder. Raise `ValueError` for a port or time-out that is no number.
    """
    scheme, parts = url.partition(":")[0], urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    ssl = asked.get("ssl", "").lower() in TRUTHY
    tls = scheme == "submission" or ("ssl" not in asked and asked.get("tls", "").lower() in TRUTHY)
    found = {
        "EMAIL_BACKEND": f"django.core.mail.backends.{BACKENDS[scheme]}.EmailBackend",
        "EMAIL_FILE_PATH": parts.path[1:],
        "EMAIL_HOST": parts.hostname or ("localhost" if scheme == "smtp" else None),
        "EMAIL_PORT": parts.port or PORTS.get(scheme),
        "EMAIL_HOST_USER": parts.username and unquote(parts.username),
        "EMAIL_HOST_PASSWORD": parts.password and unquote(parts.password),
        "EMAIL_USE_SSL": ssl,
        "EMAIL_USE_TLS": tls and not ssl,
        "EMAIL_TIMEOUT": int(asked["timeout"]) if "timeout" in asked else TIMEOUT_SECONDS,
    }
    senders = {"SERVER_EMAIL": "_server_email", "DEFAULT_FROM_EMAIL": "_default_from_email"}
    return found | {name: asked[key] for name, key in senders.items() if key in asked}


def as_this_django_wants(found, version=django.VERSION):
    """Return what `settings_from` found by the names that this version of Django knows: MAILERS from 6.1 on."""
    if version < (6, 1):
        return found
    options = {}
    if "smtp" in found["EMAIL_BACKEND"]:
        options = {name.removeprefix("EMAIL_").lower(): found[name] for name in SMTP_OPTIONS}
        options |= {"username": found["EMAIL_HOST_USER"], "password": found["EMAIL_HOST_PASSWORD"]}
    elif "filebased" in found["EMAIL_BACKEND"]:
        options = {"file_path": found["EMAIL_FILE_PATH"]}
    senders = {name: value for name, value in found.items() if not name.startswith("EMAIL_")}
    return {"MAILERS": {"default": {"BACKEND": found["EMAIL_BACKEND"], "OPTIONS": options}}, **senders}
