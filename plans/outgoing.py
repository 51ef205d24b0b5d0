"""What leaves the site: links in mail, in workbooks and on paper, where nobody asks the site for the rest of them."""

from django.conf import settings
from django.template.loader import render_to_string

MAIL_THAT_GOES_NOWHERE = ("console", "dummy")


def absolute_link(request, address=None):
    """Return `address` (a path; without one, that of `request`) with the site's own address before it.

    Where `ROCC_SITE_URL` is not set, the request says what the site is called, which is what the browser sent.
    """
    if not settings.SITE_URL:
        return request.build_absolute_uri(address)
    return f"{settings.SITE_URL}{request.get_full_path() if address is None else address}"


def is_mail_sent():
    """Return whether mail is set up to reach people; otherwise it is printed or thrown away."""
    # Django has MAILERS from 6.1 on, and EMAIL_BACKEND before it.
    mailers = getattr(settings, "MAILERS", None)
    backend = mailers["default"]["BACKEND"] if mailers else settings.EMAIL_BACKEND
    return not any(word in backend for word in MAIL_THAT_GOES_NOWHERE)


def plain_text(template_name, context):
    """Return what a template of plain text says, as a `str` that a page escapes where it shows it.

    Django takes the result of every template for HTML that is safe, also where nothing in it was escaped.
    """
    return str.__str__(render_to_string(template_name, context))
