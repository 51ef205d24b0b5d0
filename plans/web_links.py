"""Links to web pages that people give: which are taken, and how they are written as text.

Nothing here opens an address, and neither does anything else in the tracker.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.utils.text import Truncator

from plans.text import INVISIBLE_SIGN, compose, one_line

LONGEST = 1_000
LONGEST_LABEL = 200
LONGEST_HOST = 253
LONGEST_SHOWN = 60
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
LOOKS_NUMERIC = re.compile(r"[0-9]{1,63}|0x[0-9a-f]{0,61}")
READ_DIFFERENTLY = "ßςẞ\u200c\u200d"
"""Letters of host names that programs read in two ways, so that no one could say where the address leads."""
KEPT = "!$&'()*+,/:;=@~-._?%[]"
"""Signs of a path, query or fragment that stay as they are; others are escaped."""

NOT_HTTPS = "Enter an address that begins with https://."
TOO_LONG = f"Enter an address of at most {LONGEST:,} characters."
WITH_SPACE = "Remove the spaces and line breaks from the address."
ODD_SIGN = "Remove the signs from the address that no web address can have."
ODD_SIGN_IN_LABEL = "Remove the signs from the label that no one can see."
WITH_NAME = "Remove the user name and password from the address."
NO_HOST = "Enter the whole address, for example https://www.police.govt.nz/report."
BAD_PORT = "Remove the port from the address, or enter one from 1 to 65535."
LONG_LABEL = f"Enter a label of at most {LONGEST_LABEL} characters."
SIGN_IN_LABEL = "Remove the signs < > and ; from the label. Spreadsheets separate links with them."
ONE_A_LINE = "Put each link on a line of its own."

BETWEEN_LINKS = re.compile(r"\n|;(?=\s|$)")


class Link(NamedTuple):
    """An address, as `read_address` returns it, and what it is called; the label may be blank."""

    address: str
    label: str


def read_links(written: str) -> list[Link]:
    """Return the links of a text, each once: one on each line, or between semicolons; its label stands beside it.

    "Evaluation https://www.police.govt.nz/report" and "Evaluation <https://www.police.govt.nz/report>" are the same.
    Raises `ValueError`, in words that name the link, when there is a part that is none.
    """
    found: dict[str, Link] = {}
    for part in BETWEEN_LINKS.split(written.replace("\r", "\n")):
        if words := part.split():
            link = _read_link(words)
            found.setdefault(link.address, link)
    return list(found.values())


def _read_link(words: list[str]) -> Link:
    bare = [word[1:-1] if word.startswith("<") and word.endswith(">") else word for word in words]
    addresses = [place for place, word in enumerate(bare) if "://" in word]
    place = addresses[0] if addresses else len(words) - 1
    shown = Truncator(" ".join(words)).chars(LONGEST_SHOWN)
    if len(addresses) > 1:
        raise ValueError(f"“{shown}”: {ONE_A_LINE}")
    try:
        return Link(read_address(bare[place]), read_label(" ".join([*words[:place], *words[place + 1 :]])))
    except ValueError as error:
        raise ValueError(f"“{shown}”: {error}") from None


def links_in_words(links: Iterable[Link]) -> str:
    """Return links as one text, which `read_links` reads back: "Evaluation <https://…>; <https://…>"."""
    return "; ".join(f"{link.label} <{link.address}>" if link.label else f"<{link.address}>" for link in links)


def read_label(written: str) -> str:
    """Return the label of a link on one line, without signs that no one sees. Raises `ValueError` in words."""
    label = " ".join(one_line(compose(written)).split())
    if len(label) > LONGEST_LABEL:
        raise ValueError(LONG_LABEL)
    if not label.isprintable():
        raise ValueError(ODD_SIGN_IN_LABEL)
    if any(sign in label for sign in "<>;"):
        raise ValueError(SIGN_IN_LABEL)
    return label


def read_address(written: str) -> str:
    """Return an https address in its one form: scheme and host in small plain letters, the rest escaped where needed.

    A host in other letters is written as browsers ask for it ("māori.nz" is "xn--mori-qsa.nz"), so that none looks
    like another. Raises `ValueError`, in words, for anything else: other schemes, names and passwords, odd signs.
    """
    address = written.strip()
    if len(address) > LONGEST:
        raise ValueError(TOO_LONG)
    if any(sign.isspace() for sign in address):
        raise ValueError(WITH_SPACE)
    if "\\" in address or not address.isprintable() or INVISIBLE_SIGN.search(address):
        raise ValueError(ODD_SIGN)
    if address[:8].lower() != "https://":
        raise ValueError(NOT_HTTPS)
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ValueError(NO_HOST) from None
    if "@" in parts.netloc:
        raise ValueError(WITH_NAME)
    rest = address[8 + len(parts.netloc) :]
    found = f"https://{_host(parts.netloc)}{_escaped(rest)}"
    if len(found) > LONGEST:
        raise ValueError(TOO_LONG)
    return found


def host_of(address: str) -> str:
    """Return the host of an address that `read_address` returned, with its port if it has one."""
    return urlsplit(address).netloc


def _host(written: str) -> str:
    """Return a host and its port in their one form. Raises `ValueError` for what is none."""
    name, colon, port = written.partition(":")
    if any(letter in READ_DIFFERENTLY for letter in name):
        raise ValueError(ODD_SIGN)
    try:
        host = name.encode("idna").decode("ascii").lower() if len(name) <= LONGEST_HOST else ""
    except UnicodeError:
        host = ""
    labels = host.split(".")
    if len(host) > LONGEST_HOST or not all(map(LABEL.fullmatch, labels)):
        raise ValueError(NO_HOST)
    if LOOKS_NUMERIC.fullmatch(labels[-1]):
        _refuse_odd_number(host)
    if not colon or port == "443":
        return host
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) <= 65_535):
        raise ValueError(BAD_PORT)
    return f"{host}:{int(port)}"


def _refuse_odd_number(host: str) -> None:
    """Raise `ValueError` for a host such as 0x7f.1, which browsers read as another one than stands there."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        raise ValueError(NO_HOST) from None


def _escaped(rest: str) -> str:
    """Return path, query and fragment in plain letters; what is escaped already stays."""
    path, mark, fragment = compose(rest).partition("#")
    slash = "" if path.startswith("/") else "/"
    return slash + quote(path, safe=KEPT) + (f"#{quote(fragment, safe=KEPT)}" if mark else "")
