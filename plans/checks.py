"""What `manage.py check --deploy` says about settings that start a site and yet make it fail its people."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Warning as Finding
from django.db import DatabaseError
from django.http.request import validate_host

from plans.actions.first_history import models_that_lack_history
from plans.models import User
from plans.outgoing import is_mail_sent


def check_site_url(app_configs, **kwargs):
    """Warn where links in mail would take the site's address from whoever asks, or lead to a name that is refused."""
    if not settings.SITE_URL:
        if not is_mail_sent():
            return []
        return [
            Finding(
                "ROCC_SITE_URL is not set, but email is. Links in emails take their address from the request.",
                hint="Set ROCC_SITE_URL to what people type, for example https://tracker.example.govt.nz.",
                id="plans.W001",
            )
        ]
    host = urlsplit(settings.SITE_URL).hostname
    if validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        return []
    return [
        Finding(
            f"ROCC_SITE_URL leads to {host}, which is not in ALLOWED_HOSTS. Every link in emails would be refused.",
            hint=f"Add {host} to ALLOWED_HOSTS, or correct ROCC_SITE_URL.",
            id="plans.W002",
        )
    ]


def check_first_history(app_configs, databases=(), **kwargs):
    """Warn where rows have no history, as after `loaddata`: nobody could see what they said before the first change.

    Asked for with `check --database default`. Says nothing of a database that does not answer or is not migrated.
    """
    if "default" not in (databases or ()):
        return []
    try:
        lacking = models_that_lack_history()
    except DatabaseError:
        return []
    if not lacking:
        return []
    names = ", ".join(str(model._meta.verbose_name_plural) for model in lacking)
    return [
        Finding(
            f"Some {names} have no history. Their values before their first change are not kept.",
            hint="Run `manage.py record_first_history` once.",
            id="plans.W003",
        )
    ]


def check_debug(app_configs, **kwargs):
    """Warn where error pages show code and settings to visitors of a site that has a name, or a certificate."""
    own = {"localhost", "127.0.0.1", "[::1]", "testserver"}
    if not settings.DEBUG:
        return []
    if not own.issuperset(settings.ALLOWED_HOSTS):
        said = "ALLOWED_HOSTS has a name that others can reach. Error pages show them our settings."
        hint = "Set DEBUG to false, or take the name out of ALLOWED_HOSTS."
    elif settings.SECURE_SSL_REDIRECT:
        said = "ROCC_HTTPS is on, as it is for a site that others use. Error pages show them our settings."
        hint = "Set DEBUG to false; on a machine of your own, set ROCC_HTTPS to false."
    else:
        return []
    return [Finding(f"DEBUG is on, and {said}", hint=hint, id="plans.W004")]


def check_break_glass(app_configs, databases=(), **kwargs):
    """Warn where passwords are off and nobody could get in while a provider is down.

    Asked for with `check --database default`. Says nothing of a database that does not answer or is not migrated.
    """
    if settings.ROCC_PASSWORDS or "default" not in (databases or ()):
        return []
    hint = (
        "Set ROCC_BREAK_GLASS to the email address of a superuser, and give it a password: `manage.py changepassword`."
    )
    address = settings.ROCC_BREAK_GLASS
    if not address:
        return [Finding("Passwords are off, and ROCC_BREAK_GLASS names no one.", hint=hint, id="plans.W005")]
    try:
        person = User.objects.filter(email=address, is_superuser=True, is_active=True).first()
    except DatabaseError:
        return []
    if person and person.has_usable_password():
        return []
    said = (
        f"Passwords are off, and {address} (ROCC_BREAK_GLASS) is no superuser who has a password and an open account."
    )
    return [Finding(said, hint=hint, id="plans.W006")]
