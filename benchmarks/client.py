"""A client that costs little: one connection, kept open, that asks as a browser does and understands just enough.

A library that parses every header takes about as long as the bare view, and would flatter the ratios. What this one
adds is measured, too: against a server that does nothing but send the same bytes (`benchmarks.canned`).
"""

import gzip
import re
import socket
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r]+)=([^;\r]*)", re.IGNORECASE)
TIMEOUT_SECONDS = 60
PIECE_BYTES = 1 << 18


@dataclass(frozen=True)
class Answer:
    """What the server said: the status, the head as it came, and the body, compressed where the server compresses."""

    status: int
    head: bytes
    body: bytes

    def header(self, name):
        """The first header of that name, or None."""
        found = re.search(rf"\r\n{name}: *([^\r]*)".encode(), self.head, re.IGNORECASE)
        return found and found[1].decode()

    def cookies(self):
        """The cookies that were set, as {name: value}."""
        return {name.decode(): value.decode() for name, value in COOKIE.findall(self.head)}

    @property
    def text(self):
        """The body as text."""
        is_packed = self.header("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if is_packed else self.body).decode()


class Connection:
    """A connection to a site, opened when it is first needed and again when the server closed it meanwhile.

    It keeps the `cookies` that it is given, {name: value}; `reopened` counts how often it was opened again. `name` is
    what the site is asked for by, where that is not its address. Raises `ConnectionError` or `TimeoutError` when there
    is no answer.
    """

    def __init__(self, address, cookie="", name=""):
        host, port = address.removeprefix("http://").split(":")
        self._address = (host, int(port))
        self._headers = {"Host": name or f"{host}:{port}", "Accept": "text/html", "Accept-Encoding": "gzip"}
        self.cookies = dict(one.split("=", 1) for one in cookie.split("; ") if one)
        self.reopened = 0
        self._socket = None

    def get(self, path, **headers):
        """Ask for a page. A connection that was closed while it stood idle is opened again, as browsers do."""
        is_reused = self._socket is not None
        try:
            return self._ask("GET", path, headers)
        except ConnectionError:
            if not is_reused:
                raise
            self.reopened += 1
            return self._ask("GET", path, headers)

    def post(self, path, form, **headers):
        """Send a form (bytes) over a connection of its own, since nothing may be sent twice."""
        self.close()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": len(form)}
        return self._ask("POST", path, {**kind, **headers}, form)

    def close(self):
        """Close the connection, if it is open."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _ask(self, method, path, headers, body=b""):
        headers = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
            answer = self._read_answer()
        except OSError:
            self.close()
            raise
        if CLOSE.search(answer.head):
            self.close()
        self.cookies.update(answer.cookies())
        return answer

    def _read_answer(self):
        head, rest = self._read_until(b"", b"\r\n\r\n")
        status = int(head[9:12])
        if CHUNKED.search(head):
            return Answer(status, head, self._read_chunks(rest))
        length = LENGTH.search(head)
        body = self._read_bytes(rest, int(length[1]) if length and status != 304 else 0)
        return Answer(status, head, body)

    def _read_until(self, had, mark):
        while mark not in had:
            had += self._more()
        before, _, after = had.partition(mark)
        return before, after

    def _read_bytes(self, had, length):
        pieces, missing = [had], length - len(had)
        while missing > 0:
            pieces.append(self._more())
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def _read_chunks(self, had):
        chunks = []
        while True:
            size, had = self._read_until(had, b"\r\n")
            length = int(size, 16)
            had = self._read_bytes(had, length + 2)
            chunks.append(had[:length])
            had = had[length + 2 :]
            if not length:
                return b"".join(chunks)

    def _more(self):
        piece = self._socket.recv(PIECE_BYTES)
        if not piece:
            raise ConnectionResetError("The server closed the connection.")
        return piece
