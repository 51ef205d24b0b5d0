"""`python -m benchmarks.canned`: sends the bare view's bytes to whoever asks, and does nothing else.

What the client takes with it is what the client itself costs. Prints its port.
"""

import socket
import threading

from benchmarks.client import PIECE_BYTES

BODY = b"<p>Kia ora</p>\n" * 4000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


def main():
    """Serve until it is ended."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(door.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=_answer, args=[door.accept()[0]], daemon=True).start()


def _answer(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while connection.recv(PIECE_BYTES):
            connection.sendall(ANSWER)


if __name__ == "__main__":
    main()
