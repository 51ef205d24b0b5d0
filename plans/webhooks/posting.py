"""Sending one card: to the address that was checked and no other, within a time, and without following anything.

The name is looked up once; all that it has is checked, and the connection goes to a checked IP address itself, so that
a second look-up cannot lead elsewhere (DNS rebinding). TLS asks for the certificate of the name. `http.client` knows no
proxies of the environment and follows no redirects.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from plans.mail_run import NotSent
from plans.webhooks.addresses import PORT, AddressRefused, Target, is_outside, parse_address

SECONDS = 10.0
"""How long one card may take, from the connection to the end of the answer."""
MOST_BYTES = 16_000
"""How much of an answer is read; nothing is done with it."""
AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
NO_SUCH_NAME = "The name of the server was not found."
INSIDE = "The address leads into this network. Cards only go to servers outside of it."
NO_ANSWER = "The server did not answer in time, or the connection failed."
REDIRECTED = "The server redirects to another address, which is not followed. Enter that address."


def look_up(host: str) -> list[str]:
    """Return the IP addresses of a name."""
    found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def encrypt(connection: socket.socket, host: str) -> Any:
    """Return the connection under TLS, to a server that will have to prove that it is `host`: `do_handshake()`."""
    context = ssl.create_default_context()
    return context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)


@dataclass(frozen=True)
class Network:
    """How names are looked up and connections made; tests bring their own."""

    look_up: Callable[[str], list[str]] = look_up
    connect: Callable[[tuple[str, int], float], Any] = field(default=socket.create_connection)
    encrypt: Callable[[Any, str], Any] = encrypt
    seconds: float = SECONDS


INTERNET = Network()


class _ToCheckedAddress(http.client.HTTPConnection):
    """A connection to one IP address that says the name of the server to it."""

    default_port = PORT

    def __init__(self, target: Target, number: str, network: Network) -> None:
        super().__init__(target.host, PORT, timeout=network.seconds)
        self._number, self._network = number, network

    def connect(self) -> None:
        """Connect to the address that was checked: nothing is looked up again."""
        self.sock = self._network.connect((self._number, PORT), self._network.seconds)
        # Known before the handshake, so that it can be cut off as well.
        self.sock = self._network.encrypt(self.sock, self.host)
        self.sock.do_handshake()


def post_card(address: str, body: bytes, *, begin: Callable[[], None], network: Network = INTERNET) -> None:
    """Send a card, JSON as `body`, to `address`; `begin` is called once connected, before anything is sent.

    Raises `NotSent`, with a sentence that names no part of the address, for whatever comes of it but a success.
    """
    try:
        target = parse_address(address)
    except AddressRefused as refused:
        raise NotSent(str(refused), is_final=True) from None
    connection = _ToCheckedAddress(target, _checked_number(target, network), network)
    # Each read has a limit of its own, which a server that sends a byte at a time would never meet.
    watch = threading.Timer(network.seconds, _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        status = _post(connection, target, body, begin)
    except (OSError, http.client.HTTPException):
        # Without the cause, which may quote the address.
        raise NotSent(NO_ANSWER) from None
    finally:
        watch.cancel()
        connection.close()
    _refuse_failure(status)


def _checked_number(target: Target, network: Network) -> str:
    try:
        numbers = network.look_up(target.host)
    except (OSError, UnicodeError):
        raise NotSent(NO_SUCH_NAME) from None
    if not numbers:
        raise NotSent(NO_SUCH_NAME)
    # Of several, one inside is enough: whoever answers for the name may turn them around.
    if not all(map(is_outside, numbers)):
        raise NotSent(INSIDE, is_final=True)
    return numbers[0]


def _post(connection: http.client.HTTPConnection, target: Target, body: bytes, begin: Callable[[], None]) -> int:
    connection.connect()
    begin()
    headers = {"Content-Type": "application/json", "User-Agent": "ROCC-tracker", "Connection": "close"}
    connection.request("POST", target.path, body, headers)
    response = connection.getresponse()
    response.read(MOST_BYTES)
    return response.status


def _cut(connection: http.client.HTTPConnection) -> None:
    """Break a connection off, whatever waits for it."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            connection.sock.close()


def _refuse_failure(status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status < HTTPStatus.BAD_REQUEST:
        raise NotSent(REDIRECTED, is_final=True)
    is_final = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in AGAIN
    raise NotSent(f"The server answered with the error {status}.", is_final=is_final)
