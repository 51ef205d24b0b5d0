"""Which emails a person gets by themselves: what they chose on their account page, or by a link in an email.

The link in an email is signed and can only turn something off. It works without signing in, also for who cannot.
"""

from enum import StrEnum

from plans.models import User
from plans.secret_links import sign, unsign

SALT = "plans.mail_choices.stop"


class MailPart(StrEnum):
    """What an email may have in it, and so what can be turned off."""

    REMINDERS = "reminders"
    DIGEST = "digest"

    @property
    def words(self) -> str:
        """What people call it."""
        return "reminders" if self is MailPart.REMINDERS else "the weekly digest"


COLUMNS = {MailPart.REMINDERS: "gets_reminders", MailPart.DIGEST: "gets_digest"}


def choose_mail(person: User, *, reminders: bool, digest: bool) -> None:
    """Keep which emails `person` wants. One query."""
    User.objects.filter(pk=person.pk).update(gets_reminders=reminders, gets_digest=digest)


def stop_token(person_pk: int, parts: list[MailPart]) -> str:
    """Return what stands in the address by which a person turns off what is in an email."""
    return sign("-".join([str(person_pk), *parts]), salt=SALT)


def read_stop_token(token: str) -> tuple[User, list[MailPart]] | None:
    """Return the person of a token, and what was in the email; None where it is not ours. One query."""
    signed = unsign(token, salt=SALT)
    if signed is None:
        return None
    pk, *parts = signed.split("-")
    person = User.objects.filter(pk=int(pk)).first()
    return (person, [MailPart(one) for one in parts]) if person else None


def stop_mail(person: User, parts: list[MailPart]) -> None:
    """Turn off `parts` for `person`. One query."""
    User.objects.filter(pk=person.pk).update(**{COLUMNS[one]: False for one in parts})
