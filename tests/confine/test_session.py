"""A confined process tries what it should not be able to do; each of these works in a process that is not confined."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hocba_tui.confine.session import offered

PROGRAM = """
import ctypes, fcntl, json, os, resource, socket, subprocess, sys, termios
from pathlib import Path

store, other = Path(sys.argv[1]), Path(sys.argv[2])
sibling, port = int(sys.argv[4]), int(sys.argv[5])
if sys.argv[3] == "1":
    from hocba_tui.confine.session import confine
    confine([store])

def moved():
    (store / "a").mkdir()
    (store / "a" / "x").write_text("x")
    os.replace(store / "a" / "x", store / "x")

def traced():
    if ctypes.CDLL(None, use_errno=True).ptrace(16, sibling, 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")

def typed():
    ours, theirs = os.openpty()
    pid = os.fork()
    if not pid:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        try:
            fcntl.ioctl(theirs, termios.TIOCSTI, b"x")
            os._exit(0)
        except OSError as error:
            os._exit(error.errno)
    if number := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise OSError(number, "TIOCSTI")

def spread_out():
    from hocba_tui.workers import spread
    with spread(doubled, [], list(range(9)), 2) as found:
        assert list(found) == list(range(0, 18, 2))

def doubled():
    return lambda number: number * 2

def all_of_the_store():
    with (store / "class" / "journal.log").open("a") as journal:
        journal.write("y")
    (store / "class" / "journal.log").read_text()

def python():
    subprocess.run([sys.executable, "-c", "import hocba_tui.signing.training, lxml.etree, json"], check=True)

tries = {
    "move a file within the store": moved,
    "read and write what any teacher may": all_of_the_store,
    "work with many files": spread_out,
    "reach a socket by its path": lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[6]),
    "start Python": python,
    "read the time zones": lambda: os.listdir("/usr/share"),
    "read another folder": lambda: (other / "secret").read_text(),
    "write another folder": lambda: (other / "new").write_text("x"),
    "list another folder": lambda: os.listdir(other),
    "read the environment of a sibling": lambda: Path(f"/proc/{sibling}/environ").read_bytes(),
    "start a shell": lambda: subprocess.run(["/bin/sh", "-c", "exit 0"], check=True),
    "signal a sibling": lambda: os.kill(sibling, 0),
    "limit a sibling": lambda: resource.prlimit(sibling, resource.RLIMIT_NOFILE),
    "trace a sibling": traced,
    "type into a terminal": typed,
    "connect": lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
    "make a namespace": lambda: ctypes.CDLL(None, use_errno=True).unshare(0x02000000) and (_ for _ in ()).throw(
        OSError(ctypes.get_errno(), "unshare")
    ),
}
done = []
for name, act in tries.items():
    try:
        act()
        done.append(name)
    except (OSError, subprocess.SubprocessError):
        pass
print(json.dumps(done))
"""
SIBLING = """
import socket, sys

server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""
KEPT = {
    "move a file within the store", "start Python", "read the time zones", "work with many files",
    "read and write what any teacher may", "reach a socket by its path",
}  # fmt: skip
"""The last two are what stays possible to somebody who runs own code in a session: docs/security.md."""
BY_FILES = {
    "read another folder", "write another folder", "list another folder", "read the environment of a sibling",
    "start a shell",
}  # fmt: skip
BY_CALLS = {"limit a sibling", "trace a sibling", "type into a terminal", "make a namespace"}


def tried(tmp_path: Path, *, confined: bool) -> set[str]:
    """Return what a process could do beside a sibling of the same account."""
    store, other = tmp_path / "store", tmp_path / "other"
    store.mkdir()
    other.mkdir()
    (other / "secret").write_text("x")
    (store / "class").mkdir()
    (store / "class" / "journal.log").write_text("x")
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(other / "door"))
    door.listen()
    with (
        door,
        subprocess.Popen(
            [sys.executable, "-c", SIBLING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as sibling,
    ):
        try:
            assert sibling.stdout is not None
            port = sibling.stdout.readline().strip()
            words = [str(store), str(other), str(int(confined)), str(sibling.pid), port, str(other / "door")]
            environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
            found = subprocess.run(
                [sys.executable, "-c", PROGRAM, *words],
                capture_output=True, text=True, check=True, timeout=60, env=environment,
            )  # fmt: skip
            return set(json.loads(found.stdout))
        finally:
            sibling.kill()


def test_a_confined_session_keeps_its_store_and_python_and_loses_the_rest(tmp_path: Path) -> None:
    known = offered()
    lost = {
        *(BY_FILES if known.files else ()), *(BY_CALLS if known.calls else ()),
        *(["connect"] if known.tcp else ()), *(["signal a sibling"] if known.signals else ()),
    }  # fmt: skip
    done = tried(tmp_path, confined=True)
    assert done & lost == set()
    assert done >= KEPT


def test_a_process_that_is_not_confined_can_do_all_of_it(tmp_path: Path) -> None:
    """What the test above finds refused is refused by us; what this computer refuses anyway is left out."""
    done = tried(tmp_path, confined=False)
    assert done >= KEPT | (BY_FILES - {"read the environment of a sibling"}) | {"connect", "signal a sibling"}


def test_what_the_servers_of_schools_have_is_tried_here() -> None:
    """Without this, an old kernel in CI would leave the tests above with nothing to prove."""
    if not os.environ.get("CI"):
        pytest.skip("the kernel of a laptop may be older")
    assert offered().files
    assert offered().calls
