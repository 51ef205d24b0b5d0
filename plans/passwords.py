"""Passwords that a stranger would try first: what is known of a person."""

import re

from django.core.exceptions import ValidationError

from plans.models import Agency
from plans.text import fold

BETWEEN_WORDS = re.compile(r"[\W_]+")
LEAST_OF_A_WORD = 3


class KnownWordsValidator:
    """Refuses passwords that are too short without the words of a person's name, email address and agencies."""

    def __init__(self, min_length=12):
        self.min_length = min_length

    def validate(self, password, user=None):
        """Raise `ValidationError` for a password that strangers could make of what they know. One query at most."""
        bare = rest = BETWEEN_WORDS.sub("", fold(password))
        for word in sorted(_known_words(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != bare and len(rest) < self.min_length:
            raise ValidationError(
                "This password is mostly your name, email address or agency. Add other words.",
                code="password_known_words",
            )

    def get_help_text(self):
        """Return the rule, for the pages of the admin."""
        return "Your password cannot be only your name, email address and agency."


def _known_words(user):
    """Return the folded words that are known of `user`, who need not have an account yet."""
    texts = [getattr(user, "name", ""), getattr(user, "email", "")]
    if getattr(user, "pk", None):
        agencies = Agency.objects.of_member(user).values_list("name", "code", "aliases__alias")
        texts += [text for row in agencies for text in row if text]
    words = {word for text in texts for word in BETWEEN_WORDS.split(fold(text))}
    return {word for word in words if len(word) >= LEAST_OF_A_WORD}
