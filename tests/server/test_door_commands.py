"""Commands without a terminal through the door: those that the manual promises, and no others."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.flow.handing_out import place_of
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.sheets import export_sheet
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.server.command import is_promised
from tests.support.served import Served
from tests.support.terminal import LIMIT


@pytest.fixture(scope="module")
def served(issued_store: Path) -> Iterator[Served]:
    with Served(issued_store) as found:
        yield found


def run(served: Served, account: str, asked: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {"SSH_ORIGINAL_COMMAND": asked, "LANG": "C.UTF-8", "HOCBA_PIN": "123456"}
    return subprocess.run(
        served.command(account), env=environment, input=given, capture_output=True, timeout=LIMIT, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        "hocba submit --class 5A --request -", "hocba submit --request - --class 5A --leave-gaps",
        "hocba submit --class 5A --signed -", "hocba approve --class 5A --request -",
        "hocba issue --class 1A.2 --signed -", "hocba verify -", "hocba verify - --json", "hocba verify --any -",
        "hocba fetch", "hocba fetch 5A-nhan-xet.xlsx", "hocba fetch hoc-ba-1A.2.zip",
    ],
)  # fmt: skip
def test_what_is_promised(words: str) -> None:
    assert is_promised(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "", "hocba", "hocba open", "hocba --help", "hocba submit --class 5A", "hocba submit --request -",
        "hocba submit --class 5A --request /tmp/x", "hocba submit --class 5A --request - --signed -",
        "hocba submit --class 5A --request - --store /x", "hocba submit --class 5A --request - --as gv.4a",
        "hocba submit --class=5A --request -", "hocba submit --class 5A --req -",
        "hocba submit --class ../5A --request -",
        "hocba submit --class 5A --class 4A --request -", "hocba approve --class 5A --request - --leave-gaps",
        "hocba submit --class -h --request -", "hocba submit --class 5A --request",
        "hocba verify", "hocba verify /etc/passwd",
        "hocba verify - -", "hocba verify - --trust /x", "hocba verify - --online", "hocba verify - --store /x",
        "hocba export records --class 5A --out /tmp", "hocba backup", "hocba account list", "hocba store check",
        "hocba fetch ../gv.4a/x.xlsx", "hocba fetch /etc/passwd", "hocba fetch .x", "hocba fetch -h", "hocba fetch a b",
        "hocba fetch x.xlsx --as gv.4a", "hocba fetch --store /x", "hocba fetch ..", "hocba fetch a/b",
        "/usr/bin/hocba verify -", "sh -c id", "scp -t .", "internal-sftp", "hocba serve stop",
    ],
)  # fmt: skip
def test_what_is_not_promised(words: str) -> None:
    assert not is_promised(words.split())


def test_a_file_is_verified_that_is_sent_along(served: Served, issued_store: Path) -> None:
    record = next((issued_store / "issued").glob("*.xml")).read_bytes()
    done = run(served, "gv.5a", "hocba verify -", record)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "HỢP LỆ" in done.stdout.decode()
    assert run(served, "gv.5a", "hocba verify - --json", record.replace(b"H</", b"T</", 1)).returncode == 1
    served.wait_empty()


def test_a_request_comes_out_and_a_refusal_has_the_words_and_the_code_of_the_command(served: Served) -> None:
    done = run(served, "gv.4a", "hocba submit --class 4A --leave-gaps --request -")
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout) > 1000
    done = run(served, "gv.4a", "hocba submit --class 5A --request -")
    assert done.returncode == 3
    assert "gv.4a" in done.stderr.decode()
    done = run(served, "gv.4a", "hocba submit --class 4A --signed -", b"nonsense")
    assert done.returncode == 1
    assert done.stderr.startswith(b"hocba: ")


@pytest.mark.parametrize("asked", ["hocba account list", "id", "hocba verify /etc/passwd", "scp -t ."])
def test_what_is_not_promised_is_refused(served: Served, asked: str) -> None:
    done = run(served, "gv.5a", asked)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "không đi qua cửa máy chủ" in done.stderr.decode()


def test_who_has_no_account_verifies_nothing(served: Served) -> None:
    done = run(served, "khong.co", "hocba verify -")
    assert (done.returncode, done.stdout) == (2, b"")


def test_who_has_exported_something_fetches_it_and_nobody_else_does(served: Served, issued_store: Path) -> None:
    desk = open_desk(issued_store, "gv.5a")
    desk.tray = True
    path = place_of(desk, "~/Học bạ 5A.xlsx")
    export_sheet(desk, SheetForm.ROSTER, "5A", Period.END_YEAR, path)
    assert path == issued_store / "exports" / "gv.5a" / "hoc-ba-5a.xlsx"
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent, path.parent.parent)] == [
        0o600, 0o700, 0o700,
    ]  # fmt: skip
    try:
        done = run(served, "gv.5a", "hocba fetch hoc-ba-5a.xlsx")
        assert (done.returncode, done.stdout, done.stderr) == (0, path.read_bytes(), b"")
        listed = run(served, "gv.5a", "hocba fetch").stdout.decode()
        assert listed.startswith(f"hoc-ba-5a.xlsx  {path.stat().st_size} byte  ")
        done = run(served, "gv.4a", "hocba fetch hoc-ba-5a.xlsx")
        assert (done.returncode, done.stdout) == (1, b"")
        assert "Không có tệp “hoc-ba-5a.xlsx” đợi bạn lấy" in done.stderr.decode()
        assert run(served, "gv.4a", "hocba fetch").stdout.decode().startswith("Không có tệp nào đợi lấy")
        (path.parent / "link").symlink_to(issued_store / "school" / "journal.log")
        assert run(served, "gv.5a", "hocba fetch link").stdout == b""
    finally:
        shutil.rmtree(issued_store / "exports")


def test_what_is_exported_in_a_session_is_fetched_through_the_door(served: Served, issued_store: Path) -> None:
    """The session is held apart from all files but the store's: the tray lies there."""
    try:
        with served.opened("gv.5a") as terminal:
            terminal.press("ctrl+p")
            terminal.wait_for("Gõ việc muốn làm")
            terminal.send(b"danh sach lop 5a")
            terminal.wait_for("Danh sách lớp 5A")
            terminal.wait_quiet()
            terminal.press("enter")
            terminal.wait_for("34 em đang học")
            terminal.wait_quiet()
            terminal.send(b"x")
            terminal.wait_for("Xuất Excel lớp 5A")
            terminal.wait_quiet()
            terminal.press("down", "down", "enter")
            terminal.wait_for("ghi vào đâu?")
            terminal.wait_quiet()
            terminal.press("enter")
            terminal.wait_for("hocba fetch")
            terminal.wait_quiet()
            terminal.press("enter")
            terminal.wait_gone("hocba fetch")
            terminal.wait_quiet()
            terminal.press("f10")
            terminal.wait_for_end()
        name = run(served, "gv.5a", "hocba fetch").stdout.decode().split()[0]
        assert run(served, "gv.5a", f"hocba fetch {name}").stdout.startswith(b"PK")
    finally:
        shutil.rmtree(issued_store / "exports", ignore_errors=True)
