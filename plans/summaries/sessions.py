"""Where somebody is signed in, in words."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import salted_hmac

from plans.models import Session, User

# {what a browser calls itself: what people call it}; the first that is found is the right one.
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "Chromebook",
    "Macintosh": "Mac",
    "Linux": "Linux",
}
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}


@dataclass(frozen=True)
class SessionRow:
    """A session of a person: what it is called in addresses, the device in words, and whether it is the one at work."""

    session: Session
    name: str
    device: str
    is_this: bool


def list_sessions(person: User, this_key: str | None) -> list[SessionRow]:
    """Return the sessions of `person` as `SessionRow`s: that of `this_key` first, then the last used. One query."""
    sessions = Session.objects.filter(user=person, expire_date__gt=timezone.now()).order_by("-used_at", "session_key")
    rows = [
        SessionRow(one, name_session(one.session_key), describe_browser(one.user_agent), one.session_key == this_key)
        for one in sessions
    ]
    return sorted(rows, key=lambda row: not row.is_this)


def name_session(key: str) -> str:
    """Return what a session is called where people see it: its key would let them in."""
    return salted_hmac("plans.summaries.sessions", key, algorithm="sha256").hexdigest()[:24]


def describe_browser(user_agent: str) -> str:
    """Return a device in words, "Firefox on Windows", by what its browser calls itself."""
    browser = next((word for sign, word in BROWSERS.items() if sign in user_agent), "Browser")
    system = next((word for sign, word in SYSTEMS.items() if sign in user_agent), "")
    if not system:
        return "Unknown device" if browser == "Browser" else browser
    return f"{browser} on {system}"
