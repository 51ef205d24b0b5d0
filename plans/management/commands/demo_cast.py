"""`manage.py demo_cast`: people to try each role with."""

import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from plans.management.cli_user import find_cli_user
from plans.models import Agency, Membership, Plan
from plans.permissions import PersonAction, can_act_on

# name, e-mail address, code of the agency that they report for (or none), whether programme admin
CAST = (
    ("Police updater", "police-updater@example.govt.nz", "police", False),
    ("Te Whatu Ora updater", "te-whatu-ora-updater@example.govt.nz", "te-whatu-ora", False),
    ("Reader", "reader@example.govt.nz", None, False),
    ("Programme admin", "programme-admin@example.govt.nz", None, True),
)


class Command(BaseCommand):
    """Makes one person for each role, each with a random password that is printed once.

    Running it again changes nothing, unless new passwords are asked for. Never run by anything else.
    """

    help = "Make a Police updater, a Te Whatu Ora updater, a reader and a programme admin, to try the tracker with."

    def add_arguments(self, parser):
        """Declare what to do about those who are there already."""
        parser.add_argument("--new-passwords", action="store_true", help="Give new passwords to those there already.")

    def handle(self, *, new_passwords, **options):
        """Make the cast, all or none. Raises `CommandError` where there is no plan, or not those agencies."""
        refuse_without_plan()
        with transaction.atomic():
            lines = [self._play(*role, new_passwords) for role in CAST]
        for line in lines:
            self.stdout.write(line)
        if any("with the password" in line for line in lines):
            self.stdout.write("The passwords are not shown again. Never make this cast on a site that people use.")

    def _play(self, name, email, agency_code, is_admin, new_passwords):
        people = get_user_model().objects
        person = people.filter(email=email).first()
        if person and not new_passwords:
            return f"{name}: {email} exists already (--new-passwords gives a new one)"
        if reason := person and why_left_alone(person, is_admin):
            return f"{name}: {reason}, and was left alone"
        password = secrets.token_urlsafe(12)
        if person:
            person.set_password(password)
            person.save()
        else:
            person = people.create_user(email, password, name=name, is_staff=is_admin)
            give_role(person, agency_code, is_admin)
        return f"{name}: {email} with the password {password}"


def why_left_alone(person, is_admin):
    """Return why `person`, who is here already, gets no new password, as words; blank when they may get one."""
    if not person.is_active:
        return f"the account of {person.email} is closed"
    if person.is_superuser or (person.has_admin_rights and not is_admin):
        return f"{person.email} has the rights of an admin"
    may = can_act_on(find_cli_user(), person, PersonAction.SET_PASSWORD)
    return "" if may else f"{person.email} belongs to the command line"


def refuse_without_plan():
    """Raise `CommandError` unless there is a plan with the two agencies that the cast reports for."""
    if not Plan.objects.exists():
        raise CommandError("There is no plan to try. Load one first: manage.py loaddata year_two, or make run.")
    for code in filter(None, (role[2] for role in CAST)):
        if not Agency.objects.filter(code=code).exists():
            raise CommandError(f"There is no agency with the code {code}, so no one can add updates for it.")


def give_role(person, agency_code, is_admin):
    """Let `person` report for the agency of that code, or administer the programme."""
    if agency_code:
        Membership.objects.create(user=person, agency=Agency.objects.get(code=agency_code))
    if is_admin:
        person.groups.add(Group.objects.get(name="Programme admins"))
