"""Doors for what comes over a line: a portal, a driver, a caller at the socket, a terminal, the environment, keys."""

from __future__ import annotations

import codecs
import contextlib
import grp
import json
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from hocba_tui import door
from hocba_tui.config import Config
from hocba_tui.confine.environment import smallest_environment
from hocba_tui.errors import HocbaError
from hocba_tui.flow.school.ssh_keys import key_line, known_keys
from hocba_tui.machine import people
from hocba_tui.machine.sshd import terminals_usable
from hocba_tui.rules.pin import pin_problem
from hocba_tui.sandbox.portal import SandboxPortal
from hocba_tui.server import attach
from hocba_tui.server.command import is_promised
from hocba_tui.server.guests import Guest
from hocba_tui.server.session import take_variables
from hocba_tui.server.welcome import believed
from hocba_tui.signing.token import _token
from hocba_tui.sync import client, exchange
from hocba_tui.sync.address import is_loopback, parts_of, portal_problem
from hocba_tui.sync.envelope import Account, BadEnvelope, Transaction, pack, request, unpack
from hocba_tui.widgets.textual_internals import Keyboard, is_text, mark_read, painted, read_of
from tests.attacks.fuzz.door import Door
from tests.attacks.fuzz.material import Material

ACCOUNT = Account("x", "", "x", "2025-2026")
_ROW = {"ma_tra_cuu_uuid": "u1", "trang_thai": 1, "error": "E1", "error_field_title": "a", "error_description": "sai"}
_PORTAL = [
    {"MessageId": "m1", "Error": "0", "ErrorDescription": "", "ResponseDescription": "đã tiếp nhận"},
    {"Error": "0", "data": [_ROW, _ROW]},
    {"Error": "E99", "ErrorDescription": "sai"},
]
_TOKEN = {
    "label": "a", "maker": "b", "model": "c", "serial": "d", "certificates": ["AAAA"],
    "count_low": False, "final_try": False, "locked": False,
}  # fmt: skip
_MESSAGES = [
    {"want": "screen", "as": "gv.5a", "variables": {"TERM": "xterm-256color", "LANG": "vi_VN.UTF-8", "LC_ALL": "C"}},
    {"want": "command", "words": ["hocba", "verify", "-", "--json"]},
    {"say": "hello", "pid": 7, "began": 1.5, "kind": "screen", "account": "gv.5a", "key": True},
    {"say": "company", "others": [1.5, 2]},
]
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJd2Gq1P4a0PC1aGx0uA4o3H0i1n0H4d3Jq0nq5Yz0aX"
_KEYS = f'restrict,pty,command="exec /usr/bin/hocba-attach --as gv.5a" {_KEY} hocba:2026-06-10\n# ai\n{_KEY} other\n'
_TYPED = (
    "Em học tốt.\r\x1b[A\x1b[1;5C\x1bOP\t\x7f", "\x1b[200~dán\n\x1b[201~",
    "\x1b[?1;2c\x1b[24;80R\x1b]11;rgb:0/0/0\x1b\\",
    "\x1b[<0;10;20M\x1b[I\x1b[?2026;2$y\x1b[57442u\x1b[48;24;80;0;0t",
)  # fmt: skip


def _dumped(values: Sequence[object]) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _portal(_: Material, data: bytes) -> None:
    portal = client.Portal("http://127.0.0.1:1", ACCOUNT)
    with mock.patch.object(exchange, "ask_once", return_value=data):
        for act in (lambda: portal.submit("m1", b"<x/>"), lambda: portal.query("m1")):
            with contextlib.suppress(HocbaError):
                found = act()
                rows = () if isinstance(found, str) or found is None else found
                texts = [text for row in rows for text in (row.uuid, row.error, row.field, row.description)]
                texts += [found] if isinstance(found, str) else []
                assert all(text.isprintable() and len(text) <= 300 for text in texts)


def _logins(_: Material, data: bytes) -> None:
    group = grp.getgrgid(os.getegid()).gr_name
    found = people.plan(people.read_list(data), group)
    assert all(re.fullmatch(r"[a-z][a-z0-9._-]{0,30}", change.login) for change in found.changes)


def _sandbox(material: Material, data: bytes) -> None:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(body, dict):
        json.dumps(SandboxPortal(material.trust).handle(body)).encode()


def _requests(material: Material) -> list[bytes]:
    package = max((material.stamped / "outbox" / "frozen").iterdir(), key=lambda path: path.stat().st_size)
    sent = [request(ACCOUNT, Transaction.SUBMIT, "m1", pack(package.read_bytes()))]
    return _dumped([*sent, request(ACCOUNT, Transaction.QUERY, "m1")])


def _driver(_: Material, data: bytes) -> None:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):  # As the reader of the line has it.
        return
    if isinstance(said, dict):
        with contextlib.suppress(KeyError, TypeError, ValueError):
            token = _token(Path("/m.so"), said)
            assert all(text.isprintable() for text in (token.label, token.maker, token.model, token.serial))


# --- the socket ------------------------------------------------------------------------------------


def _message(material: Material, data: bytes) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.send(data[: door.LONGEST + 10])
        with contextlib.suppress(door.BadMessage, EOFError):
            message, _ = door.receive(ours)
            known = believed(message.get("variables"))
            assert all(text.isprintable() for text in known.values())
            if isinstance(words := message.get("words"), list):
                is_promised([str(word) for word in words])
            with contextlib.suppress(ValueError, TypeError, OSError, OverflowError):
                _introduce(message)


def _introduce(message: door.Message) -> None:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with left, right:
        guest = Guest(os.getuid(), left, right)
        guest.introduce({**message, "pid": os.getpid() if message.get("pid") == 7 else message.get("pid")})
        guest.say("company", others=[guest.began], account=guest.account)
        guest.close()


# --- a terminal, and what it says of itself --------------------------------------------------------


def _typed(_: Material, data: bytes) -> None:
    keyboard, decode = Keyboard(), codecs.getincrementaldecoder("utf-8")("replace").decode
    for start in range(0, min(len(data), 50_000), 4096):
        messages = [*keyboard.read(decode(data[start : start + 4096])), *keyboard.lone_escape()]
        mark_read(messages)
        for read in {id(read): read for message in messages if (read := read_of(message))}.values():  # type: ignore[arg-type]
            is_text(read)
    painted(data.decode("utf-8", "replace"))


_VARIABLES = (
    b"TERM=xterm-256color\nCOLORTERM=truecolor\nLANG=vi_VN.UTF-8\nLC_ALL=C\nPYTHONPATH=/a::b\nHOCBA_STORE=x\n"
    b"HOCBA_PKCS11=/a:b"
)


def _environment(_: Material, data: bytes) -> None:
    lines = (line.partition("=") for line in data.replace(b"\0", b"").decode("utf-8", "surrogateescape").splitlines())
    given = {name: text for name, _, text in lines if name and "\ud800" not in text}
    with mock.patch.dict(os.environ):
        take_variables(believed(given))
        for name, text in given.items():
            with contextlib.suppress(ValueError, UnicodeEncodeError):  # What no environment can hold.
                os.environ[name] = text
        assert set(smallest_environment()) <= {"PYTHONPATH", "SYSTEMROOT"}
        Config.from_environment()


# --- keys, addresses, what is typed ----------------------------------------------------------------


def _ssh_keys(material: Material, data: bytes) -> None:
    known_keys(material.file(data, "authorized_keys"))
    key_line(data.decode("utf-8", "replace"), "exec x")


def _address(_: Material, data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    parts_of(text)
    is_loopback(text)
    for training in (True, False):
        portal_problem(text, training=training)
    pin_problem(text)


def _attached(_: Material, data: bytes) -> None:
    """What the server says to who asked for a command; one that hangs up early is an exit code, too."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, mock.patch.object(attach.os, "write"), mock.patch.object(attach.socket, "send_fds"):  # type: ignore[attr-defined]
        theirs.send(data[:60_000] or b"x")
        theirs.shutdown(socket.SHUT_WR)
        assert isinstance(attach._run(ours, b"{}"), int)


DOORS = [
    Door(
        "answer to a command at the door", "text", ("server/attach.py",), lambda _: [b"hocba: xong\n", b"\0\5"],
        _attached,
    ),
    Door("answer of a portal", "json", ("sync/client.py",), lambda _: _dumped(_PORTAL), _portal, examples=60),
    Door(
        "request to the portal for trying", "json", ("sandbox/portal.py", "export/record/package.py"), _requests,
        _sandbox, examples=4,
    ),
    Door(
        "packed content", "text", ("sync/envelope.py",), lambda m: [pack(m.records[0][:2000]).encode()],
        lambda _, data: unpack(data.decode("utf-8", "replace")), (BadEnvelope,),
    ),
    Door("what a driver says", "json", ("signing/token.py",), lambda _: _dumped([_TOKEN]), _driver),
    Door("message at the socket", "json", ("door.py",), lambda _: _dumped(_MESSAGES), _message, examples=80),
    Door(
        "keys of a terminal", "text", ("widgets/textual_internals.py",),
        lambda _: list(map(str.encode, _TYPED)), _typed, examples=30,
    ),
    Door(
        "environment", "text", ("server/session.py", "confine/environment.py", "config.py"), lambda _: [_VARIABLES],
        _environment,
    ),
    Door("authorized_keys", "text", ("flow/school/ssh_keys.py",), lambda _: [_KEYS.encode(), _KEY.encode()], _ssh_keys),
    Door(
        "addresses and PINs", "text", ("sync/address.py", "rules/pin.py"),
        lambda _: [b"https://hocba.example.edu.vn:443/a?b", b"123456"], _address,
    ),
    Door(
        "logins of the machine", "json", ("machine/people.py",),
        lambda _: [json.dumps([{"login": "gv.hoa", "account": "gv.hoa", "name": "Hoa", "here": True}]).encode()],
        _logins, (KeyError,),
    ),
    Door(
        "mounts", "text", ("machine/sshd.py",), lambda _: [Path("/proc/self/mountinfo").read_bytes()[:3000]],
        lambda _, data: terminals_usable(data.decode("utf-8", "replace")), (IndexError,),
    ),
]  # fmt: skip
