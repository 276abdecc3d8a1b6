"""The client against a real sandbox and against portals that misbehave."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hocba_tui.errors import PortalFailed
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.sandbox.portal import SandboxPortal
from hocba_tui.sandbox.server import SandboxServer
from hocba_tui.sync.client import NoAnswer, Portal
from hocba_tui.sync.envelope import Account

ACCOUNT = Account("99000999", "", "99000999", "2025-2026")


@contextlib.contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """Serve in a thread; yield the address."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def answering(status: int, body: bytes) -> Iterator[Portal]:
    """Yield the client of a portal that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield Portal(url, ACCOUNT)


@contextlib.contextmanager
def hanging_up() -> Iterator[Portal]:
    """Yield the client of a portal that takes the request and closes without a word."""

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield Portal(f"http://127.0.0.1:{listener.getsockname()[1]}", ACCOUNT)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def sandbox(made_store: Path) -> Iterator[Portal]:
    with serving(SandboxServer(0, SandboxPortal(Trust.from_folders([made_store / "trust"])))) as url:
        yield Portal(url, ACCOUNT)


def test_a_message_that_the_portal_never_saw_has_no_receipts(sandbox: Portal) -> None:
    assert sandbox.query("never-sent") is None


def test_a_batch_that_the_portal_refuses_surely_did_not_arrive(sandbox: Portal) -> None:
    with pytest.raises(PortalFailed, match="Cổng không nhận gói") as caught:
        sandbox.submit("m1", b"<GARBAGE/>")
    assert not isinstance(caught.value, NoAnswer)
    assert sandbox.query("m1") is None


def test_a_slash_at_the_end_of_the_address_does_no_harm(sandbox: Portal) -> None:
    assert Portal(sandbox.url + "/", ACCOUNT).query("never-sent") is None


def test_a_proxy_of_the_environment_never_sees_what_stays_on_this_computer(
    sandbox: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert sandbox.query("never-sent") is None


def test_a_connection_refused_means_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PortalFailed) as caught:
        Portal(f"http://127.0.0.1:{port}", ACCOUNT).submit("m1", b"x")
    assert not isinstance(caught.value, NoAnswer)


@pytest.mark.parametrize("url", ["127.0.0.1:8765", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:x"])
def test_an_address_that_is_none_means_that_nothing_was_sent(url: str) -> None:
    with pytest.raises(PortalFailed) as caught:
        Portal(url, ACCOUNT).submit("m1", b"x")
    assert not isinstance(caught.value, NoAnswer)


def test_a_portal_that_hangs_up_leaves_it_unknown() -> None:
    with hanging_up() as portal, pytest.raises(NoAnswer):
        portal.submit("m1", b"x")


@pytest.mark.parametrize("status", [301, 404, 500, 503])
def test_an_http_error_leaves_it_unknown(status: int) -> None:
    with answering(status, b'{"Error": "0"}') as portal, pytest.raises(NoAnswer):
        portal.submit("m1", b"x")


@pytest.mark.parametrize("body", [b"", b"<html>OK</html>", b'{"Error": "0"', b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_is_not_json_leaves_it_unknown(body: bytes) -> None:
    with answering(200, body) as portal, pytest.raises(NoAnswer):
        portal.submit("m1", b"x")


@pytest.mark.parametrize("body", [b"[]", b'"OK"', b"null", b"0", b"{}"])
def test_json_that_is_no_answer_leaves_it_unknown(body: bytes) -> None:
    with answering(200, body) as portal, pytest.raises(NoAnswer):
        portal.submit("m1", b"x")


@pytest.mark.parametrize("data", [b"5", b'"x"', b'["x"]', b"[{}]", b"[null]", b'[{"ma_tra_cuu_uuid": "u"}]'])
def test_receipts_that_are_not_as_agreed_are_an_error_of_the_portal(data: bytes) -> None:
    with answering(200, b'{"Error": "0", "data": ' + data + b"}") as portal, pytest.raises(PortalFailed):
        portal.query("m1")


def test_receipts_say_which_record_was_refused_and_why() -> None:
    body = (
        '{"Error": 0, "data": [{"ma_tra_cuu_uuid": "u1", "trang_thai": 1}, {"ma_tra_cuu_uuid": "u2", "trang_thai": 0,'
        ' "error": "E11", "error_field_title": "MA_TRUONG", "error_description": "sai mã trường"}]}'
    )
    with answering(200, body.encode()) as portal:
        receipts = portal.query("m1")
    assert receipts is not None
    assert [(r.uuid, r.accepted, r.error, r.field, r.description) for r in receipts] == [
        ("u1", True, "", "", ""),
        ("u2", False, "E11", "MA_TRUONG", "sai mã trường"),
    ]
