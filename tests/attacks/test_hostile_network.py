"""A portal, an authority and a name server that flood, drip, hang, lead elsewhere or speak in other tongues."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import PortalFailed
from hocba_tui.sync import client, fetch
from hocba_tui.sync.client import NoAnswer, Portal
from hocba_tui.sync.envelope import Account
from hocba_tui.sync.exchange import NotFetched, NotSent, Terms, ask_once
from hocba_tui.sync.timestamp_client import TimestampClient
from tests.support import hostile_server as hostile
from tests.support.hostile_server import Answer, answering
from tests.support.hostile_text import EVERYTHING, HOSTILE, tame
from tests.support.web import Web

ACCOUNT = Account("99000999", "", "99000999", "2025-2026")
SHORT = 0.5
SLOW: list[Callable[[Answer], None]] = [hostile.drips, hostile.drips_headers, hostile.hangs]
NO_ANSWER: list[Callable[[Answer], None]] = [
    hostile.floods,
    hostile.bombs,
    hostile.says('{"Error":"0"}', Content_Encoding="br"),
    hostile.says('{"Error":"0"}'.encode("utf-16")),
    hostile.says(
        '{"Error":"0"}'.encode("utf-7").replace(b'"', b"+ACI-"), Content_Type="application/json;charset=utf-7"
    ),
    hostile.says(b'{"Error":"\xe1\xbb"}'),
    hostile.says(b"[" * 1_000_000),
    hostile.says(b'{"Error":' + b"9" * 100_000 + b"}"),
]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of half a second: how long they are changes nothing else."""
    monkeypatch.setattr(client, "DEADLINE", SHORT)
    monkeypatch.setattr(fetch, "_ANSWER_DEADLINE", SHORT)
    monkeypatch.setattr(fetch, "_LIST_DEADLINE", SHORT)


@pytest.mark.parametrize("behaviour", SLOW)
def test_a_byte_now_and_then_holds_nobody(behaviour: Callable[[Answer], None]) -> None:
    with answering(behaviour) as server:
        with pytest.raises(NoAnswer):
            Portal(server.url, ACCOUNT).query("m1")
        with pytest.raises(NotFetched, match="không trả lời xong"):
            fetch.fetch(server.url, b"x", "application/ocsp-request")
        with pytest.raises(NotFetched, match="không trả lời xong"):
            fetch.fetch(server.url)
        with pytest.raises(NotFetched, match="không trả lời xong"):
            stamp(server.url, SHORT, 100)


@pytest.mark.parametrize("behaviour", NO_ANSWER)
def test_an_answer_that_is_none_leaves_it_unknown_and_costs_little(
    behaviour: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DEADLINE", 30.0)
    with answering(behaviour) as server:
        tracemalloc.start()
        try:
            with pytest.raises(NoAnswer):
                Portal(server.url, ACCOUNT).submit("m1", b"x")
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    # The server's own flood is counted too: it runs in this process.
    assert most < 60_000_000


@pytest.mark.parametrize("behaviour", [hostile.floods, hostile.bombs])
def test_an_authority_that_floods_is_cut_off(
    behaviour: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_ANSWER_DEADLINE", 30.0)
    with answering(behaviour) as server:
        with pytest.raises(NotFetched, match=r"quá dài|bị nén"):
            fetch.fetch(server.url, b"x", "application/ocsp-request")
        with pytest.raises(NotFetched, match=r"quá dài|bị nén"):
            stamp(server.url, 30, 20_000)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_led_elsewhere(status: int) -> None:
    with answering(hostile.says('{"Error":"0"}')) as other, answering(hostile.sends_to(other.url, status)) as server:
        with pytest.raises(NoAnswer, match=str(status)):
            Portal(server.url, ACCOUNT).submit("m1", b"x")
        with pytest.raises(NotFetched, match=str(status)):
            fetch.fetch(server.url)
        with pytest.raises(NotFetched, match=str(status)):
            stamp(server.url, 5, 100)
        assert other.paths == []


def test_a_name_server_that_hangs_holds_nobody_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    try:
        with pytest.raises(NotSent):
            ask_once(Terms("x", SHORT), "https://portal.example", b"x", "", 100)
        with pytest.raises(PortalFailed, match="chưa gửi gì") as caught:
            Portal("https://portal.example", ACCOUNT).submit("m1", b"x")
        assert not isinstance(caught.value, NoAnswer)
    finally:
        over.set()


def test_a_process_ends_though_a_name_server_still_hangs() -> None:
    program = (
        "import socket, threading\n"
        "socket.getaddrinfo = lambda *a, **k: threading.Event().wait()\n"
        "from hocba_tui.sync.exchange import NotSent, Terms, ask_once\n"
        "try:\n"
        "    ask_once(Terms('x', 0.2), 'https://portal.example', b'x', '', 100)\n"
        "except NotSent:\n"
        "    print('told')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    assert done.stdout == b"told\n"


def test_tls_that_never_begins_holds_nobody_and_nothing_is_sent() -> None:
    with hostile.silent() as url, pytest.raises(PortalFailed, match="chưa gửi gì") as caught:
        Portal(url, ACCOUNT).submit("m1", b"x")
    assert not isinstance(caught.value, NoAnswer)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_a_portal_are_shown_and_do_nothing(text: str) -> None:
    answers = [
        {"Error": "E99", "ErrorDescription": text},
        {"Error": text},
        {"Error": "0", "data": text},
    ]
    for answer in answers:
        with answering(hostile.says(said(answer))) as server:
            with pytest.raises(PortalFailed) as caught:
                Portal(server.url, ACCOUNT).query("m1")
            assert all(tame(line) and "\n" not in line for line in caught.value.lines)


def test_receipts_are_cut_and_harmless_where_they_come_in() -> None:
    flood = EVERYTHING + "A" * 100_000
    row = dict.fromkeys(("ma_tra_cuu_uuid", "trang_thai", "error", "error_field_title", "error_description"), flood)
    with answering(hostile.says(said({"Error": "0", "data": [row]}))) as server:
        (receipt,) = Portal(server.url, ACCOUNT).query("m1") or ()
    for text in (receipt.uuid, receipt.error, receipt.field, receipt.description):
        assert text.isprintable()
        assert len(text) <= 300


def test_the_issuer_of_the_portal_can_be_pinned(tmp_path: Path) -> None:
    """Only who holds a certificate of the pinned issuer is the portal; a name alone is not enough."""
    web, stranger = Web(tmp_path / "a"), Web(tmp_path / "b")
    with web.serving(hostile.says('{"Error":"E04"}')) as url:
        assert Portal(url, ACCOUNT, web.issuer).query("m1") is None
        for wrong in ("", stranger.issuer):
            with pytest.raises(PortalFailed, match="chưa gửi gì") as caught:
                Portal(url, ACCOUNT, wrong).query("m1")
            assert not isinstance(caught.value, NoAnswer)


def stamp(url: str, deadline: float, limit: int) -> bytes:
    """Ask a time-stamp authority once."""

    async def ask() -> bytes:
        client = TimestampClient(url, deadline)
        try:
            return await client.post(b"x", "application/timestamp-query", limit)
        finally:
            await client.close()

    return asyncio.run(ask())


def said(answer: object) -> bytes:
    return json.dumps(answer).encode()
