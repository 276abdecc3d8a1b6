"""A real time-stamp authority on loopback that answers correctly, or wrongly in the way that a test asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.authority import Authority

PEOPLE = {"GIAO_VIEN": "x", "SO_GIAO_VIEN": "1", "HIEU_TRUONG": "y", "SO_HIEU_TRUONG": "2"}
REFUSED = bytes((0x30, 5, 0x30, 3, 2, 1, 2))
"""PKIStatusInfo alone, status 2 (rejection)."""

Behaviour = Callable[["Answering", bytes], None]


class Authorities(ThreadingHTTPServer):
    """``behaviours`` are used for the requests in order (from 0), the last one also for all that follow."""

    daemon_threads = True

    def __init__(self, authority: Authority, *behaviours: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.authority = authority
        self.behaviours = behaviours
        self.paths: list[str] = []
        """Of the requests so far."""
        self.released = threading.Event()
        """Set at the end of the test: no request hangs any longer."""
        self.counting = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/tsr"

    def came(self, path: str) -> Behaviour:
        with self.counting:
            self.paths.append(path)
            self.counting.notify_all()
            return self.behaviours[min(len(self.paths), len(self.behaviours)) - 1]

    def wait_for(self, count: int) -> bool:
        """Return whether so many requests come within a minute."""
        with self.counting:
            return self.counting.wait_for(lambda: len(self.paths) >= count, 60)


class Answering(BaseHTTPRequestHandler):
    server: Authorities
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came(self.path)(self, body)

    def do_GET(self) -> None:
        self.server.came(self.path)(self, b"")

    def stamp(self, request: bytes, service: str = "tsa", ago: timedelta = timedelta()) -> bytes:
        with self.server.counting:
            return self.server.authority.stamp_answer(request, datetime.now(UTC) - ago, service)

    def reply(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def good(to: Answering, request: bytes) -> None:
    to.reply(to.stamp(request))


def of(service: str) -> Behaviour:
    """Answer with the certificate of a service in authority.yml."""
    return lambda to, request: to.reply(to.stamp(request, service))


def an_hour_ago(to: Answering, request: bytes) -> None:
    to.reply(to.stamp(request, ago=timedelta(hours=1)))


def of_another(to: Answering, _: bytes) -> None:
    from hocba_tui.export.trust.timestamp import request_stamp

    to.reply(to.stamp(request_stamp(b"another")[0]))


def hangs(to: Answering, _: bytes) -> None:
    to.server.released.wait(60)
    to.close_connection = True


def drips(to: Answering, request: bytes) -> None:
    answer = to.stamp(request)
    to.reply(b"", length=len(answer))
    for byte in answer:
        if to.server.released.wait(0.05):
            break
        try:
            to.wfile.write(bytes([byte]))
        except OSError:
            break
    to.close_connection = True


def refuses(to: Answering, _: bytes) -> None:
    to.reply(REFUSED)


def garbage(to: Answering, _: bytes) -> None:
    to.reply("rác".encode())


def is_broken(to: Answering, _: bytes) -> None:
    to.reply(b"", 500)


def closes(to: Answering, _: bytes) -> None:
    to.close_connection = True


def stops_early(to: Answering, request: bytes) -> None:
    answer = to.stamp(request)
    to.reply(answer[:100], length=len(answer))
    to.close_connection = True


def talks_on(to: Answering, request: bytes) -> None:
    to.reply(to.stamp(request) + bytes(1_000_000))


def sends_elsewhere(to: Answering, _: bytes) -> None:
    to.reply(b"", 307, Location="/elsewhere")


@contextmanager
def serving(authority: Authority, *behaviours: Behaviour) -> Iterator[Authorities]:
    """Serve until the block ends."""
    server = Authorities(authority, *behaviours)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def pin(authority: Authority, root: Path) -> None:
    """Make a store trust the authority, with an answer that it is not revoked."""
    folder = root / "trust" / "tsa"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "root.pem").write_bytes(authority.certificate("root").public_bytes(Encoding.PEM))
    answers = root / "trust" / "answers"
    answers.mkdir(exist_ok=True)
    now = datetime.now(UTC).replace(microsecond=0)
    (answers / "tsa.ocsp").write_bytes(authority.ocsp("tsa", now))
