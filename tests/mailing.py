"""Which way mail goes in a test, by the settings that this version of Django has for it."""

from rocc import mail_server


def mail_settings(backend):
    """Return the settings by which mail goes through the class of this dotted path."""
    plain = mail_server.settings_from("dummy://")
    settings = mail_server.as_this_django_wants({**plain, "EMAIL_BACKEND": backend})
    return {name: value for name, value in settings.items() if name in ("MAILERS", "EMAIL_BACKEND")}
