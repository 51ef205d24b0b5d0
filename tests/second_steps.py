"""People with a second step, for tests: an app whose codes are computed here, and recovery codes."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from plans.sessions import SIGNED_IN


class App:
    """An authenticator app that somebody has set up, with recovery codes."""

    def __init__(self, person):
        self.secret = generate_totp_secret()
        self.row = TOTP.activate(person, self.secret).instance
        self.recovery_codes = RecoveryCodes.activate(person).get_unused_codes()

    def code(self, later=0):
        """Return the code of now, or of so many periods later."""
        return code_of(self.secret, later)


def code_of(secret, later=0):
    """Return the code that an app with `secret` shows now, or so many periods of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def kinds_of(person):
    """Return the kinds of second steps that somebody has, in order."""
    return list(Authenticator.objects.filter(user=person).order_by("type").values_list("type", flat=True))


def signed_in_ago(client, seconds):
    """Have the session of `client` begin so many seconds ago."""
    session = client.session
    at = time.time() - seconds
    session[SIGNED_IN] = {"at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at)), "with": ""}
    session.save()
