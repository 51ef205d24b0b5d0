"""Where cards may go: to https addresses outside of the site's own network, and nowhere else.

Whoever may enter an address could otherwise have this server ask what only it can reach: other services beside it, or
what a cloud tells its machines about themselves (server-side request forgery). So a name is looked up once, every
address that it has is checked, and the connection goes to one of those that were checked: see `posting`.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2000
PORT = 443
PLAIN = re.compile(r"[\x21-\x7e]{1,2000}")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
LAST_32_BITS = 0xFFFFFFFF
# Public numbers that lead into the network of a cloud all the same, and what older versions of Python take for public.
INSIDE = tuple(
    map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "fec0::/10"))
)


class AddressRefused(ValueError):
    """No card may be sent there; the text says why, in a sentence."""


@dataclass(frozen=True)
class Target:
    """A checked address: the name of the server, and what is asked of it."""

    host: str
    path: str


def parse_address(address: str) -> Target:
    """Return where `address` leads. Raises `AddressRefused`. Nothing is looked up."""
    if not PLAIN.fullmatch(address):
        raise AddressRefused("Enter the whole address, without spaces.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("This is no web address.") from error
    if parts.scheme != "https":
        raise AddressRefused("The address has to begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("The address cannot have a user name or a password in it.")
    if port not in (None, PORT):
        raise AddressRefused("Only port 443 is possible.")
    host = parts.hostname or ""
    if not NAME.fullmatch(host) or "." not in host or ".." in host or _is_number(host):
        raise AddressRefused("The address needs the name of a server.")
    return Target(host, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")


def is_outside(number: str) -> bool:
    """Return whether an IP address is one of the public internet, and so none of this network or this machine."""
    try:
        found = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    return _is_public(found) and all(map(_is_public, _inside_of(found)))


def _is_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    never = found.is_private or found.is_loopback or found.is_link_local or found.is_multicast
    never = never or found.is_reserved or found.is_unspecified
    return found.is_global and not never and not any(found in network for network in INSIDE)


def _inside_of(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(found, ipaddress.IPv4Address):
        return []
    inside = [one for one in (found.ipv4_mapped, found.sixtofour, *(found.teredo or ())) if one is not None]
    if any(found in network for network in NAT64):
        inside.append(ipaddress.IPv4Address(int(found) & LAST_32_BITS))
    return inside


def _is_number(host: str) -> bool:
    """Return whether a name is an IP address, also in one of the spellings that only system libraries know."""
    return host.rpartition(".")[2].isdecimal() or host.rpartition(".")[2].startswith("0x")
