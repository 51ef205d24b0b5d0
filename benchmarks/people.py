"""Who reads and reports in a measured database: one reader and twenty updaters, all with the same password."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client

from benchmarks.names import PASSWORD, READER, UPDATERS
from plans.choices import AgencyKind
from plans.models import Agency, Membership


def make_people():
    """Make the reader and the updaters, unless they are there; each updater reports for one agency, in turn."""
    users = get_user_model().objects
    if users.filter(email=READER).exists():
        return
    # Hashing is slow on purpose: once is enough for all of them.
    password = make_password(PASSWORD)
    agencies = list(Agency.objects.exclude(kind=AgencyKind.GROUP).order_by("pk"))
    users.bulk_create(
        users.model(email=email, name=email.split("@")[0], password=password) for email in (READER, *UPDATERS)
    )
    for place, person in enumerate(users.filter(email__in=UPDATERS).order_by("pk")):
        Membership.objects.create(user=person, agency=agencies[place % len(agencies)])


def open_session(email):
    """Answer the cookie of a session of that person, as `name=value`, as a browser sends it."""
    client = Client()
    client.force_login(get_user_model().objects.get(email=email))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return f"{cookie.key}={cookie.value}"
