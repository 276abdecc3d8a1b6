"""Who somebody is, the kernel says: other users of the machine, who have no account of its own here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import Edit
from tests.conftest import require
from tests.support.served import ATTACH, Served
from tests.support.terminal import LIMIT, Terminal

TEACHER, STRANGER = 64_202, 64_203
"""Numbers of users that this machine does not have: their logins are these digits."""
TAKES_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
ORDERS = """
import json, socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.connect(sys.argv[1])
line.settimeout(30)
line.send(json.dumps({"want": sys.argv[2]}).encode())
print(line.recv(4096).decode(), end="")
"""


def python_for_all() -> str | None:
    """Return a Python that every user can start."""
    for path in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        if path.exists() and all(folder.stat().st_mode & 0o001 for folder in (path.resolve(), *path.resolve().parents)):
            return str(path)
    return None


@pytest.fixture
def served(store_root: Path) -> Iterator[Served]:
    require(None if os.geteuid() == 0 else "only root can start a program as another user")
    require(None if python_for_all() else "no Python here can be started by another user")
    held = open_desk(store_root, "admin").school_shard.document(STAFF, "gv.5a").get("system_user")
    edit = Edit(STAFF, "gv.5a", "system_user", held, str(TEACHER))
    open_desk(store_root, "admin").school_shard.change("admin", "set_account", [edit])
    with Served(store_root, patience=2, grace=3, farewell=20, each=2) as found:
        (found.folder / "attach.py").write_bytes(ATTACH.read_bytes())
        yield found


def as_user(uid: int, *command: str, terminal: int | None = None) -> subprocess.Popen[bytes]:
    stream = subprocess.PIPE if terminal is None else terminal
    return subprocess.Popen(
        command, user=uid, group=uid, extra_groups=[], start_new_session=True, cwd="/",
        env={"TERM": "xterm-256color", "LANG": "C.UTF-8"}, stdin=stream, stdout=stream, stderr=stream,
    )  # fmt: skip


def login(served: Served, uid: int, *words: str) -> Terminal:
    def start(command: Sequence[str], terminal: int, _: Mapping[str, str]) -> subprocess.Popen[bytes]:
        python = python_for_all() or ""
        return as_user(uid, python, "-IS", "-c", TAKES_TERMINAL, python, "-IS", *command, terminal=terminal)

    return Terminal([str(served.folder / "attach.py"), "--socket", str(served.path), *words], start=start)


def test_a_login_is_the_account_that_has_it(served: Served) -> None:
    with login(served, TEACHER) as terminal:
        terminal.wait_for("» Nhập kết quả lớp 5A")
        session = served.session_of("gv.5a")
        owners = [Path(f"/proc/{pid}").stat().st_uid for pid in (terminal.process.pid, session)]
        assert owners == [TEACHER, os.getuid()]
        terminal.press("f10")
        terminal.wait_for_end()
    served.wait_empty()


def test_a_login_without_an_account_is_told_so(served: Served) -> None:
    with login(served, STRANGER) as terminal:
        terminal.wait_for(f"Người dùng “{STRANGER}” của máy chưa gắn với tài khoản nào")
        terminal.wait_for_end()
    served.wait_empty()


@pytest.mark.parametrize("uid", [TEACHER, STRANGER])
def test_nobody_else_says_who_he_is(served: Served, uid: int) -> None:
    with login(served, uid, "--as", "hieutruong") as terminal:
        terminal.wait_for("--as chỉ dùng trong kho tập huấn")
        terminal.wait_for_end()
    served.wait_empty()


@pytest.mark.parametrize("order", ["stop", "reload", "pause", "status", "again", "end"])
def test_nobody_else_gives_orders(served: Served, order: str) -> None:
    with as_user(TEACHER, python_for_all() or "", "-IS", "-c", ORDERS, str(served.path), order) as asking:
        said, _ = asking.communicate(timeout=LIMIT)
    assert said.decode().startswith("hocba: Máy chủ không hiểu lời gọi này")
    with login(served, TEACHER) as terminal:
        terminal.wait_for("Việc của tôi hôm nay")


def test_one_user_cannot_take_all_the_room(served: Served) -> None:
    with login(served, TEACHER) as first, login(served, TEACHER) as second:
        for terminal in (first, second):
            terminal.wait_for("Bạn còn mở ở 1 nơi khác")
        with login(served, TEACHER) as third:
            third.wait_for("Bạn đã mở nhiều phiên cùng lúc")
            third.wait_for_end()
        with served.opened("gv.4a"):
            pass
