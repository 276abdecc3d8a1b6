"""What a session gives up: before its person is heard, and once it is known who it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hocba_tui.confine.session import offered
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.settings import change_settings
from tests.support.served import Served

PROGRAM = """
import errno, socket, sys
from pathlib import Path
from hocba_tui.flow.opening import open_desk
from hocba_tui.server.apart import give_up_network, hold_apart

root, account, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
hold_apart(root)
give_up_network(open_desk(root, account))
try:
    socket.create_connection(("127.0.0.1", port), 5).close()
    print("connected")
except PermissionError:
    print("refused")
"""


def tries_to_connect(root: Path, account: str, port: int) -> str:
    words = [sys.executable, "-c", PROGRAM, str(root), account, str(port)]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_only_who_sends_or_has_signatures_stamped_may_make_connections(store_root: Path) -> None:
    refused = "refused" if offered().tcp else "connected"
    listener = (
        "import socket, sys\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "print(server.getsockname()[1], flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", listener], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            accounts = ("gv.5a", "gv.tin", "admin", "hieutruong", "vanthu")
            found = {account: tries_to_connect(store_root, account, port) for account in accounts}
            assert found == dict.fromkeys(accounts, refused) | dict.fromkeys(("vanthu", "hieutruong"), "connected")
            change_settings(
                open_desk(store_root, "hieutruong"), {"xades": "có", "timestamps": "http://127.0.0.1:9/tsa"}
            )
            assert tries_to_connect(store_root, "gv.5a", port) == "connected"
        finally:
            server.kill()


def test_each_session_is_held_apart(store_root: Path) -> None:
    with Served(store_root) as served, served.opened("gv.5a"):
        session = Path("/proc") / str(served.session_of("gv.5a"))
        status = dict(line.split(":\t", 1) for line in (session / "status").read_text(encoding="utf-8").splitlines())
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2" or not offered().calls
        if os.geteuid() != 0:  # root sees everything.
            with pytest.raises(PermissionError):
                (session / "environ").read_bytes()


def test_what_the_session_needs_a_temporary_file_for_lies_in_the_store(store_root: Path) -> None:
    program = PROGRAM.partition("give_up_network(open")[0] + "import tempfile; print(tempfile.mkstemp()[1])"
    words = [sys.executable, "-c", program, str(store_root), "gv.5a", "1"]
    made = Path(subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip())
    assert made.parent == store_root / "exports" / ".tmp"
    assert made.parent.stat().st_mode & 0o777 == 0o700
