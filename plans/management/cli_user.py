"""Who acts at the command line."""

from django.core.management.base import CommandError

from plans.models import COMMAND_LINE_EMAIL as EMAIL
from plans.models import User
from plans.permissions import can_administer

NAME = "Command line"


def find_cli_user(email=None):
    """Return the programme admin of that address; without one, the account that stands for the command line.

    Nobody can sign in with that account: it is closed, and has no password. Whoever may run commands on the server
    may do everything, so the answer may, too, for as long as it is not saved. It is not in the database before
    `keep_cli_user` puts it there. Raises `CommandError` for an address of nobody, or of somebody who may not.
    """
    if email is None:
        person = User.objects.filter(email=EMAIL).first() or User(pk=0, email=EMAIL, name=NAME)
        person.is_active = person.is_superuser = person.is_command_line = True
        return person
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None or not can_administer(person):
        raise CommandError(f"{email} is no programme admin here whose account is open.")
    return person


def keep_cli_user(person):
    """Return `person`, who is in the database now."""
    if person.pk:
        return person
    User.objects.create_user(EMAIL, name=NAME, is_active=False)
    return find_cli_user()
