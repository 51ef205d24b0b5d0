"""Sending a card: to what was checked, as the name that it has, without following anything, and within a time.

Names are looked up and connections made by the test, so that the check of addresses is the real one throughout.
"""

import http.server
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plans.mail_run import NotSent
from plans.webhooks import posting
from plans.webhooks.posting import Network, post_card

PUBLIC, OTHER = "52.113.194.132", "52.113.194.133"
SECRET = "https://cards.example/workflow?sig=secret-part"
PEM = Path(__file__).parent / "server.pem"


@dataclass
class World:
    """A name server with its answers in turn, and a server that every connection reaches, wherever it was made to."""

    port: int = 0
    answers: list = field(default_factory=lambda: [[PUBLIC]])
    looked_up: list = field(default_factory=list)
    connected: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    names: list = field(default_factory=list)
    status: int = 202
    headers: tuple = ()
    seconds: float = 5.0

    def look_up(self, host):
        self.looked_up.append(host)
        found = self.answers[min(len(self.looked_up), len(self.answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    def connect(self, place, seconds):
        self.connected.append(place)
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def encrypt(self, connection, host):
        context = ssl.create_default_context(cafile=PEM)
        return context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)

    @property
    def network(self):
        return Network(self.look_up, self.connect, self.encrypt, self.seconds)

    def post(self, address=SECRET, begin=lambda: None):
        post_card(address, b'{"type": "message"}', begin=begin, network=self.network)


@contextmanager
def serving(world):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            world.asked.append((self.path, self.headers["Host"], self.headers["Content-Type"], body))
            self.send_response(world.status)
            for name, value in world.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    context.sni_callback = lambda connection, name, context: world.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *args: None
    world.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def world():
    with serving(World()) as found:
        yield found


def refused(world, **kwargs):
    with pytest.raises(NotSent) as caught:
        world.post(**kwargs)
    assert "secret" not in str(caught.value)
    assert "cards.example" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def test_card_goes_to_the_checked_address_under_its_name(world):
    began = []

    world.post(begin=lambda: began.append(list(world.asked)))

    assert world.looked_up == ["cards.example"]
    assert world.connected == [(PUBLIC, 443)]
    assert world.names == ["cards.example"]
    assert world.asked == [("/workflow?sig=secret-part", "cards.example", "application/json", b'{"type": "message"}')]
    assert began == [[]]


@pytest.mark.parametrize(
    "numbers", [["127.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC]]
)
def test_name_that_leads_inside_is_refused_before_any_connection(world, numbers):
    world.answers = [numbers]

    error = refused(world)

    assert error.is_final
    assert world.connected == []


def test_second_answer_of_the_name_server_is_never_asked_for(world):
    """DNS rebinding: public when it is checked, inside when it is connected to."""
    world.answers = [[PUBLIC], ["127.0.0.1"]]

    world.post()

    assert world.looked_up == ["cards.example"]
    assert world.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("answer", [socket.gaierror("unknown"), UnicodeError("label too long"), []])
def test_name_that_is_not_found_is_tried_again(world, answer):
    world.answers = [answer]

    assert not refused(world).is_final


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(world, status):
    world.status, world.headers = status, (("Location", "https://169.254.169.254/latest/meta-data/"),)

    error = refused(world)

    assert error.is_final
    assert "redirects" in str(error)
    assert len(world.connected) == len(world.asked) == 1


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(400, True), (401, True), (404, True), (410, True), (408, False), (429, False), (503, False)],
)
def test_errors_are_final_or_tried_again(world, status, is_final):
    world.status = status

    error = refused(world)

    assert error.is_final == is_final
    assert str(status) in str(error)


def test_server_that_is_somebody_else_gets_nothing(world):
    error = refused(world, address="https://other.example/workflow?sig=secret-part")

    assert not error.is_final
    assert world.asked == []


def test_certificate_that_nobody_vouches_for_is_refused(world):
    """With the encryption that is used outside of tests."""
    with pytest.raises(NotSent):
        post_card(
            SECRET, b"{}", begin=lambda: None, network=Network(world.look_up, world.connect, posting.encrypt, 5.0)
        )
    assert world.asked == []


def test_proxies_of_the_environment_are_not_used(world, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    world.post()

    assert len(world.asked) == 1


def test_connection_that_fails_is_tried_again(world):
    def connect(place, seconds):
        raise ConnectionRefusedError

    with pytest.raises(NotSent) as caught:
        post_card(SECRET, b"{}", begin=lambda: None, network=Network(world.look_up, connect, world.encrypt, 5.0))
    assert not caught.value.is_final


def test_server_that_never_answers_is_cut_off():
    """One that takes the connection and says nothing, whatever each read may wait for."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        world = World(port=silent.getsockname()[1], seconds=0.2)
        connect = world.connect
        # Each operation may take for ever, so that only the limit of the whole ends it.
        world.connect = lambda place, seconds: connect(place, None)

        assert not refused(world).is_final


def test_address_that_is_no_longer_good_is_refused(world):
    assert refused(world, address="https://cards.example:8443/").is_final
    assert world.looked_up == []
