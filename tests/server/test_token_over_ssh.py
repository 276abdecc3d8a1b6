"""A homeroom teacher signs on the school's server with the token in her own computer, and the line is cut meanwhile."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from hocba_tui.model.values import RecordState
from hocba_tui.signing import training
from tests.journeys.test_habits import F7, seen
from tests.support.elsewhere import Valve, token_elsewhere
from tests.support.first_way import FirstWay
from tests.support.served import wait_until
from tests.support.terminal import Terminal
from tests.support.tokens import PIN, OddKey

PUPILS = 16
RECORDS = """
import json, pathlib
from hocba_tui.flow.opening import open_desk
records = open_desk(pathlib.Path("/srv/hocba"), "hieutruong").records("5A")
found = {key: [one.state, one.uuid, one.frozen, sorted((one.signatures or {}).items())] for key, one in records.items()}
print(json.dumps(found))
"""
SOCKET = "/home/gv.hoa/.hocba/ssh/token.sock"


@pytest.fixture
def valve(first_way: FirstWay, tmp_path: Path) -> Iterator[Valve]:
    """The socket of her token, as it is in her own computer."""
    data = (first_way.work.parent / "gv.5a.p12").read_bytes()
    key, certificate, _ = pkcs12.load_key_and_certificates(data, training.PIN.encode())
    assert isinstance(key, RSAPrivateKey)
    assert certificate is not None
    held = OddKey(key, certificate.public_bytes(Encoding.DER))
    with token_elsewhere(tmp_path / "home", held) as path, Valve(path) as found:
        yield found


def submitted(first_way: FirstWay) -> dict[str, list[object]]:
    """Return what is kept of each record of 5A that was submitted."""
    done = first_way.run("hocba", sys.executable, "-P", "-c", RECORDS)
    found: dict[str, list[object]] = json.loads(done.stdout)
    return {pupil: kept for pupil, kept in found.items() if kept[0] == RecordState.SUBMITTED}


def begin_to_submit(terminal: Terminal, count: int, until: str = "Mã PIN") -> None:
    """Go to the page and press F7 until the PIN is asked for."""
    terminal.wait_for("Việc của tôi hôm nay")
    terminal.send(b"/nop hoc ba\r\r")
    terminal.wait_for(f"F7 Nộp lớp 5A ({count})")
    seen(terminal, F7, f"Ký và nộp {count} học bạ của lớp 5A?")
    seen(terminal, F7, until)


def nobody_in(first_way: FirstWay) -> bool:
    return "\n0 phiên." in first_way.hocba("serve", "status").stdout


def test_what_was_signed_before_the_line_was_cut_stays_and_the_rest_is_signed_after(
    first_way: FirstWay, valve: Valve
) -> None:
    with first_way.terminal("gv.hoa") as terminal:  # The folder of the socket is made at the first login.
        begin_to_submit(terminal, PUPILS, "Token cắm ở máy của bạn: không có")
    wait_until(lambda: nobody_in(first_way), "the session to end")
    carry = ["-o", "ExitOnForwardFailure=yes", "-R", f"{SOCKET}:{valve.path}"]
    with first_way.terminal("gv.hoa", *carry) as terminal:
        begin_to_submit(terminal, PUPILS)
        assert first_way.run("root", "stat", "-c", "%A", SOCKET).stdout == "srw-rw-rw-\n", "the service may talk to it"
        for other in ("gv.lan", "hocba"):
            assert "Permission denied" in first_way.run(other, "ls", SOCKET).stderr, "nobody gets there by its path"
        valve.close_it()
        terminal.send(PIN.encode() + b"\r")

        def two_are_signed() -> bool:
            valve.let_one()
            return "Đã ký 2/16" in terminal.text

        terminal.wait(two_are_signed, "two records to be signed")
        terminal.process.kill()
        wait_until(lambda: nobody_in(first_way), "the session to end")
    before = submitted(first_way)
    assert 2 <= len(before) < PUPILS
    valve.open_it()
    with first_way.terminal("gv.hoa", *carry) as terminal:
        begin_to_submit(terminal, PUPILS - len(before))
        terminal.send(PIN.encode() + b"\r")
        terminal.wait_for(f"xong {PUPILS - len(before)}/{PUPILS - len(before)} học bạ")
    after = submitted(first_way)
    assert len(after) == PUPILS
    assert {pupil: after[pupil] for pupil in before} == before
