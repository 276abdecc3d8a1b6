"""A server on loopback that answers as badly as a test wants; nothing of it outlives the test."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = 60
"""The longest that a request is held, should a test fail to end it."""
BOMB = gzip.compress(b'{"Error":"0","x":"' + b"A" * 50_000_000 + b'"}', 1)
"""A few kilobytes that become 50 megabytes."""


class Hostile(ThreadingHTTPServer):
    """Answers every request with ``behaviour``."""

    daemon_threads = True

    def __init__(self, behaviour: Callable[[Answer], None]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.behaviour = behaviour
        self.paths: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what the tests want."""


class Answer(BaseHTTPRequestHandler):
    server: Hostile
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.paths.append(self.path)
        self.server.behaviour(self)
        self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def begin(self, length: int, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, data: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.begin(len(data), status, headers)
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def drips(to: Answer) -> None:
    """Send a space each moment, so that no single read ever takes long."""
    to.begin(1_000_000)
    for _ in range(SECONDS * 50):
        to.wfile.write(b" ")
        if to.server.over.wait(0.02):
            break


def drips_headers(to: Answer) -> None:
    """The same before the answer begins."""
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(SECONDS * 50):
        to.wfile.write(b"x")
        if to.server.over.wait(0.02):
            break


def hangs(to: Answer) -> None:
    to.server.over.wait(SECONDS)


def floods(to: Answer) -> None:
    to.begin(10_000_000_000)
    with contextlib.suppress(OSError):
        for _ in range(1000):
            to.wfile.write(b'{"Error":"0","x":"' + b"A" * 1_000_000)


def bombs(to: Answer) -> None:
    to.send(BOMB, headers={"Content-Encoding": "gzip"})


Behaviour = Callable[[Answer], None]


def says(text: str | bytes, **headers: str) -> Callable[[Answer], None]:
    """Answer with a text."""
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return lambda to: to.send(data, headers=headers)


def sends_to(url: str, status: int = 307) -> Callable[[Answer], None]:
    """Answer with a redirect."""
    return lambda to: to.send(b"", status, {"Location": url})


@contextlib.contextmanager
def answering(behaviour: Callable[[Answer], None]) -> Iterator[Hostile]:
    """Serve until the block ends; what still hangs then is let go."""
    server = Hostile(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Yield an https address where connections are taken and nothing is ever said, not even for TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
