"""The attach program by itself: what it accepts, what it says, what it is made of."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hocba_tui import door
from hocba_tui.flow import serving
from hocba_tui.server import attach
from tests.support.served import ATTACH, PYTHON
from tests.support.terminal import LIMIT, Terminal

ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def run(*words: str, program: Path = ATTACH, asked: str = "", **more: str) -> tuple[int, str]:
    environment = ENVIRONMENT | more | ({"SSH_ORIGINAL_COMMAND": asked} if asked else {})
    done = subprocess.run(
        [*PYTHON, str(program), *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_it_knows_the_socket_and_the_size_of_messages_without_importing_who_decides_them() -> None:
    machine, own = attach.SOCKETS
    assert machine == str(serving.RUNTIME / serving.SOCKET)
    assert own == f"hocba/{serving.SOCKET}"
    assert attach.LONGEST == door.LONGEST


def test_it_imports_nothing_of_ours_and_nothing_heavy() -> None:
    done = subprocess.run(
        [*PYTHON, "-X", "importtime", str(ATTACH)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=LIMIT,
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert names & {"hocba_tui", "pathlib", "subprocess", "typing", "dataclasses", "asyncio", "shlex", "site"} == set()
    assert {"socket", "json"} <= names


def test_the_folder_for_a_token_is_open_to_who_has_its_descriptor_and_lies_in_a_closed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (found,) = attach._token_folder()
    outer = tmp_path / ".hocba"
    assert os.path.samestat(os.fstat(found), (outer / "ssh").stat())
    os.close(found)
    assert [path.stat().st_mode & 0o777 for path in (outer, outer / "ssh")] == [0o700, 0o711]
    for mode in (0o710, 0o701, 0o750):
        outer.chmod(mode)
        assert attach._token_folder() == []
    outer.chmod(0o700)
    (outer / "ssh").rename(tmp_path / "elsewhere")
    (outer / "ssh").symlink_to(tmp_path / "elsewhere")
    assert attach._token_folder() == [], "a link leads out of the closed folder"
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    assert attach._token_folder() == []


def test_nobody_listens(tmp_path: Path) -> None:
    code, said = run("--socket", str(tmp_path / "none.sock"), asked="hocba verify -")
    assert code == 5
    assert "Máy chủ học bạ chưa chạy" in said
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as once:
        once.bind(str(left))
    code, said = run("--socket", str(left), asked="hocba verify -")
    assert (code, "chưa chạy" in said) == (5, True)


def test_a_server_that_takes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, hasty = tmp_path / "full.sock", tmp_path / "hasty.py"
    hasty.write_text(ATTACH.read_text(encoding="utf-8").replace("PATIENCE = 10\n", "PATIENCE = 1\n"), encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as full, contextlib.ExitStack() as queue:
        full.bind(str(path))
        full.listen(0)
        queue.enter_context(door.connect(str(path), 1))
        with pytest.raises(BlockingIOError):
            door.connect(str(path), 0.1)
        code, said = run("--socket", str(path), asked="hocba verify -", program=hasty)
    assert (code, "quá nhiều người gọi" in said) == (5, True)


def test_no_terminal_and_no_command(tmp_path: Path) -> None:
    code, said = run("--socket", str(tmp_path / "none.sock"))
    assert code == 1
    assert "Không có màn hình và cũng không có lệnh" in said
    assert "hocba verify -" in said


@pytest.mark.parametrize("words", [["--store", "x"], ["--as"], ["extra"], ["--as", "a", "--as", "b"], ["-i"]])
def test_wrong_words(words: list[str]) -> None:
    code, said = run(*words, asked="hocba verify -")
    assert (code, "chỉ nhận --socket" in said) == (2, True)


@pytest.mark.parametrize(("asked", "words"), [("hocba verify 'x", "nháy"), ("hocba " + "x" * 5000, "dài quá")])
def test_commands_that_cannot_be_sent(asked: str, words: str, tmp_path: Path) -> None:
    code, said = run("--socket", str(tmp_path / "none.sock"), asked=asked)
    assert (code, words in said) == (2, True)


@pytest.mark.parametrize(
    "command",
    ["", "sh", "exec sh", "internal-sftp", "/usr/lib/openssh/sftp-server", "exec {} ", "exec {}; sh", " exec {}", "{}"],
)
def test_as_a_login_shell_it_accepts_the_forced_command_and_nothing_else(command: str) -> None:
    code, said = run("-c", command.format(ATTACH))
    assert (code, "chỉ mở chương trình học bạ" in said) == (3, True)
    assert run("-c", attach.forced_command(str(ATTACH)), "more")[0] == 3
    code, said = run("-c", attach.forced_command(str(ATTACH)))
    assert (code, "cũng không có lệnh" in said) == (1, True)  # As it says without any word.


def test_the_script_of_the_package_begins_again_without_what_the_user_has_set(tmp_path: Path) -> None:
    (tmp_path / "shlex.py").write_text("raise SystemExit('mine')")
    script, package = tmp_path / "hocba-attach", str(ATTACH.parents[2])
    lines = ("import sys", f"sys.path.insert(0, {package!r})", "from hocba_tui.server.attach import main", "main()")
    script.write_text("\n".join(lines))
    environment = ENVIRONMENT | {"PYTHONPATH": str(tmp_path), "SSH_ORIGINAL_COMMAND": "hocba verify 'x"}
    done = subprocess.run(
        [sys.executable, str(script), "-c", attach.forced_command(str(script))],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert (done.returncode, "nháy" in done.stderr, "mine" in done.stderr) == (2, True, False)


class Heard:
    """A server that takes one message and does what it was made for."""

    def __init__(self, path: Path, *answers: bytes) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.bind(str(path))
        self._socket.listen()
        self._socket.settimeout(LIMIT)
        self._answers = answers
        self.message: door.Message = {}
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        line, _ = self._socket.accept()
        with line, self._socket:
            self.message, descriptors = door.receive(line, 3)
            for answer in self._answers:
                line.send(answer)
            door.close_all(descriptors)

    def done(self) -> door.Message:
        self._thread.join(LIMIT)
        return self.message


def test_only_what_the_terminal_says_about_itself_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "s"
    heard = Heard(path, "Chào\n".encode())
    environment = {"COLORTERM": "truecolor", "LC_ALL": "vi_VN.UTF-8", "HOCBA_STORE": "/x", "LC_LONG": "x" * 200}
    with Terminal([*PYTHON, str(ATTACH), "--socket", str(path)], environment=environment) as terminal:
        terminal.wait_for("Chào")
        assert terminal.wait_for_end() == 0
    variables = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor", "LC_ALL": "vi_VN.UTF-8"}
    assert heard.done() == {"from": "", "want": "screen", "variables": variables}


def test_the_address_is_what_sshd_says_and_nothing_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    heard = Heard(path, "Chào\n".encode())
    environment = {"SSH_CONNECTION": "2001:db8::7 50000 2001:db8::1 22"}
    with Terminal([*PYTHON, str(ATTACH), "--socket", str(path)], environment=environment) as terminal:
        terminal.wait_for("Chào")
    assert heard.done()["from"] == "2001:db8::7"


def test_a_command_is_split_without_a_shell_and_its_code_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "s"
    heard = Heard(path, b"mot dong\n", b"\x00\x07")
    assert run("--socket", str(path), asked="hocba verify '$(id)' \"a b\" ; rm") == (7, "mot dong\n")
    assert heard.done() == {"from": "", "want": "command", "words": ["hocba", "verify", "$(id)", "a b", ";", "rm"]}


def test_a_command_whose_server_is_gone_says_so(tmp_path: Path) -> None:
    heard = Heard(tmp_path / "s")
    code, said = run("--socket", str(tmp_path / "s"), asked="hocba verify -")
    heard.done()
    assert (code, "dừng khi đang làm lệnh này" in said) == (70, True)
