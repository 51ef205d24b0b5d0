"""What leaves the site: links in mail, in workbooks and on paper, where nobody asks the site for the rest of them."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.template.loader import render_to_string

LONGEST_LINK = 2000
"""Characters of a link that Windows hands on to a mail program."""
SEPARATOR = ";"
"""Between addresses of a link: Outlook takes a comma for part of a name, and other mail programs know both."""
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


def mailto_links(addresses, subject, text, short_text):
    """Return links that open an email to `addresses` in the mail program, each of `LONGEST_LINK` characters at most.

    One where all fits; otherwise with the short text, and as many links as the addresses need. None without addresses.
    """
    link = _mailto(addresses, subject, text)
    if len(link) <= LONGEST_LINK or not addresses:
        return [link] if addresses else []
    links, group = [], []
    for address in addresses:
        if group and len(_mailto([*group, address], subject, short_text)) > LONGEST_LINK:
            links.append(_mailto(group, subject, short_text))
            group = []
        group.append(address)
    return [*links, _mailto(group, subject, short_text)]


def _mailto(addresses, subject, text):
    query = urlencode({"subject": subject, "body": text.replace("\n", "\r\n")}, quote_via=quote)
    return f"mailto:{SEPARATOR.join(map(quote, addresses))}?{query}"
