"""Through a real ssh: what a teacher can do, and that nothing else goes through the same door."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState
from hocba_tui.signing.training import PIN
from tests.journeys.test_habits import seen
from tests.support.over_ssh import SshDoor
from tests.support.served import gone, wait_until
from tests.support.signed import fill_gaps, open_first_round, submit_class
from tests.support.terminal import LIMIT

SCORE = Cell(Period.END_YEAR, "TOAN", "score")
F7 = b"\x1b[18~"


@pytest.fixture
def door(store_root: Path) -> Iterator[SshDoor]:
    with SshDoor(store_root, "gv.5a", "hieutruong") as found:
        yield found


def scores(root: Path) -> dict[str, str]:
    return {key: results.text(SCORE) for key, results in open_desk(root, "gv.5a").results("5A").items()}


def test_a_mark_typed_over_ssh_is_kept_when_the_client_is_killed(door: SshDoor, store_root: Path) -> None:
    before = scores(store_root)
    with door.opened("gv.5a") as terminal:
        terminal.press("enter")
        terminal.wait_for("Gõ là lưu ngay")
        terminal.press("9")
        terminal.wait_for("đã lưu lúc")
        session = door.session_of("gv.5a")
        terminal.process.kill()
        wait_until(lambda: gone(session), "the session to end")
    after = scores(store_root)
    assert [after[key] for key in after if after[key] != before[key]] == ["9"]
    with door.terminal("gv.5a") as terminal:
        terminal.wait_for("Về lại chỗ đang nhập?")


def test_a_principal_signs_over_ssh(door: SshDoor, store_root: Path, demo: DemoSchool) -> None:
    """What a session gives up leaves it all that signing needs: drivers, a helper, the store."""
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    submit_class(store_root)
    with door.opened("hieutruong") as terminal:
        terminal.wait_for("Duyệt và ký học bạ")
        terminal.send(b"/duyet va ky\r\r")
        terminal.wait_for("Tất cả: 1 lớp")
        terminal.send(b" \r")
        terminal.wait_for("F7 Ký lớp 5A (31)")
        seen(terminal, F7, "Duyệt và ký 31 học bạ của lớp 5A?")
        seen(terminal, F7, "Mã PIN")
        terminal.send(PIN.encode() + b"\r")
        terminal.wait_for("31/31")
    records = open_desk(store_root, "hieutruong").records("5A").values()
    assert sum(record.state is RecordState.APPROVED for record in records) == 31


def test_a_session_is_held_apart(door: SshDoor) -> None:
    with door.opened("gv.5a"):
        session = door.session_of("gv.5a")
        text = Path(f"/proc/{session}/status").read_text(encoding="ascii")
    state = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert (state["NoNewPrivs"], state["Seccomp"]) == ("1", "2")


def test_commands_that_the_manual_names_and_no_others(door: SshDoor) -> None:
    found = door.run("gv.5a", "hocba", "verify", "-", give=b"<a/>")
    assert found.returncode == 10
    assert "KHÔNG KIỂM TRA ĐƯỢC" in found.stdout.decode()
    for words in (["ls", "/"], ["sh"], ["hocba", "open"], ["hocba", "store", "check"], ["hocba", "$(id)"]):
        found = door.run("gv.5a", *words)
        assert (found.stdout, found.returncode) == (b"", 2), words
        assert "Lệnh này không đi qua cửa máy chủ được." in found.stderr.decode(), words


def test_no_files_go_through(door: SshDoor, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_text("x", encoding="utf-8")
    _, *options, host = door.ssh("gv.5a")
    port = [("-P" if word == "-p" else word) for word in options]
    for command in (
        ["scp", *port, str(ours), f"{host}:{theirs}"],
        ["scp", "-O", *port, str(ours), f"{host}:{theirs}"],
        ["sftp", *port, host],
    ):
        done = subprocess.run(command, input=f"put {ours} {theirs}\n", capture_output=True, text=True, timeout=LIMIT,
                              check=False)  # fmt: skip
        assert done.returncode, command[0]
        assert not theirs.exists()


def test_no_port_goes_through(door: SshDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside, socket.create_server(("127.0.0.1", 0)) as probe:
        free, target = probe.getsockname()[1], inside.getsockname()[1]
        probe.close()
        refused = ["-N", "-o", "ExitOnForwardFailure=yes"]
        for way in (["-R", f"{free}:127.0.0.1:{target}"], ["-W", f"127.0.0.1:{target}"]):
            done = subprocess.run(door.ssh("gv.5a", *refused, *way), stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=LIMIT, check=False)  # fmt: skip
            assert done.returncode == 255, (way, done.stderr)
        inside.settimeout(1.0)
        forward = door.ssh("gv.5a", "-N", "-L", f"{free}:127.0.0.1:{target}")
        with subprocess.Popen(forward, stderr=subprocess.DEVNULL) as client:
            try:
                wait_until(lambda: _connects(free), "the client to listen")
                with pytest.raises(TimeoutError):
                    inside.accept()
            finally:
                client.kill()


def _connects(port: int) -> bool:
    """Connect and send a word; the client takes the connection even where the server refuses it."""
    with socket.socket() as found:
        if found.connect_ex(("127.0.0.1", port)):
            return False
        found.sendall(b"x")
        return True


def test_the_client_sets_nothing_but_its_terminal(door: SshDoor) -> None:
    wanted = ["-tt", "-A", "-X", "-o", "SetEnv=HOCBA_STORE=/x LD_PRELOAD=/x LC_ALL=C.UTF-8 PYTHONSTARTUP=/x"]
    client_of = door.ssh("gv.5a", *wanted)
    environment = {**os.environ, "DISPLAY": ":9", "SSH_AUTH_SOCK": "/x"}
    with subprocess.Popen(client_of, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=environment) as client:  # fmt: skip
        try:
            door.session_of("gv.5a")
            cats = [pid for pid in descendants(door.sshd.pid) if name_of(pid) == "cat"]
            assert len(cats) == 1
            text = Path(f"/proc/{cats[0]}/environ").read_text(encoding="utf-8")
        finally:
            client.kill()
    names = {entry.partition("=")[0] for entry in text.split("\0") if entry}
    assert "LC_ALL" in names
    assert not names & {"HOCBA_STORE", "LD_PRELOAD", "PYTHONSTARTUP", "SSH_AUTH_SOCK", "DISPLAY"}


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()


def descendants(pid: int) -> list[int]:
    found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return [*found, *(one for child in found for one in descendants(child))]
