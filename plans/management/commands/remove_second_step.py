"""`manage.py remove_second_step EMAIL`: lets in somebody who has lost their second step, where no page can."""

from django.core.management.base import BaseCommand, CommandError

from plans.actions.second_step import remove_second_step
from plans.management.cli_user import find_cli_user, keep_cli_user
from plans.models import User


class Command(BaseCommand):
    """Removes every second step of a person, who signs in with the password alone from then on."""

    help = "Remove the second step of someone who has lost it, for example of the only superuser."

    def add_arguments(self, parser):
        """Declare whose."""
        parser.add_argument("email", help="The email address with which the person signs in.")

    def handle(self, *, email, **options):
        """Remove it, and say so. Raises `CommandError` for an address of nobody, and for somebody who has none."""
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"No one has the address {email}.")
        if not remove_second_step(person=person, by=keep_cli_user(find_cli_user())):
            raise CommandError(f"{person.email} has no second step.")
        self.stdout.write(f"The second step of {person.email} is removed. They are signed out everywhere.")
