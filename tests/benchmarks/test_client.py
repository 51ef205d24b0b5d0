"""The client of the benchmarks understands what servers send, in whatever pieces it comes."""

import gzip
import socket
import threading
from contextlib import ExitStack

import pytest

from benchmarks.client import Connection


@pytest.fixture
def connect():
    """Connects to a server of connections in turn, each of answers in pieces: `connect([[pieces, …], …], cookie)`."""
    with socket.create_server(("127.0.0.1", 0)) as door, ExitStack() as closed_at_the_end:

        def run(connections):
            for answers in connections:
                connection, _ = door.accept()
                with connection:
                    for pieces in answers:
                        connection.recv(65536)
                        for piece in pieces:
                            connection.sendall(piece)

        def start(connections, cookie=""):
            threading.Thread(target=run, args=[connections], daemon=True).start()
            connection = Connection(f"http://127.0.0.1:{door.getsockname()[1]}", cookie)
            closed_at_the_end.callback(connection.close)
            return connection

        yield start


def test_body_of_a_known_length_is_read_whole(connect):
    packed = gzip.compress(b"Kia ora")
    head = b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\nETag: "x"\r\n\r\n' % len(packed)
    answer = connect([[[head[:20], head[20:], packed[:5], packed[5:]]]]).get("/")

    assert (answer.status, answer.header("ETag"), answer.text) == (200, '"x"', "Kia ora")


def test_chunks_are_put_together(connect):
    pieces = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nKia", b" \r\n3\r\nora\r\n0\r\n", b"\r\n"]

    assert connect([[pieces]]).get("/").body == b"Kia ora"


def test_cookies_are_kept(connect):
    answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nSet-Cookie: sessionid=abc; HttpOnly\r\n\r\n"
    connection = connect([[[answer]]], "csrftoken=def")

    connection.get("/")

    assert connection.cookies == {"csrftoken": "def", "sessionid": "abc"}


def test_header_that_is_given_replaces_the_usual_one():
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer():
            connection, _ = door.accept()
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        Connection(f"http://127.0.0.1:{door.getsockname()[1]}").get("/", Accept_Encoding="identity")

    assert [line for line in heard[0].splitlines() if line.startswith(b"Accept-Encoding")] == [
        b"Accept-Encoding: identity"
    ]


def test_connection_closed_while_idle_is_opened_again(connect):
    answer = [b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"]
    connection = connect([[answer], [answer]])

    assert [connection.get("/").status, connection.get("/").status, connection.reopened] == [304, 304, 1]


def test_first_connection_without_an_answer_is_an_error(connect):
    with pytest.raises(ConnectionError):
        connect([[[]]]).get("/")
