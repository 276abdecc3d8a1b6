"""The doctor of a school's server: each missing piece with the command that sets it right, as root and as anybody."""

from __future__ import annotations

import grp
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from hocba_tui.errors import MissingTool, Refused
from hocba_tui.machine import examined, services
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.examined import Seen, examine
from hocba_tui.machine.people import Change, Plan, What


class Step:
    """A piece of a computer that says this when it is looked at."""

    def __init__(self, what: str, said: str | Exception) -> None:
        self.what, self._said = what, said

    def missing(self) -> str:
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A computer that was set up and lacks nothing, under a systemd that has nothing to say."""
    monkeypatch.setattr(Answers, "read", lambda: Answers(program="/opt/hocba/bin/hocba"))
    monkeypatch.setattr(examined, "FOLDER", tmp_path)
    monkeypatch.setattr(examined, "PENDING", tmp_path / "pending")
    monkeypatch.setattr(services, "running", lambda: True)
    monkeypatch.setattr(examined, "_without_code", list)
    units(monkeypatch, set())
    has(monkeypatch, Step("nhóm hocba-gv", ""))
    return tmp_path


def has(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> None:
    monkeypatch.setattr(examined, "steps", lambda *_: list(steps))


def units(monkeypatch: pytest.MonkeyPatch, failed: set[str]) -> None:
    """Let these units have failed; the door is down when it is among them."""
    monkeypatch.setattr(examined, "succeeds", lambda *words: (words[1] == "is-failed") == (words[-1] in failed))


def bad() -> list[tuple[str, str]]:
    return [(seen.what, seen.now) for seen in examine() if not seen.good]


def test_nothing_is_said_where_no_server_was_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(examine()) == [Seen(True, "Máy chủ của trường: như đã cài đặt")]
    monkeypatch.setattr(Answers, "read", lambda: None)
    assert list(examine()) == []


def test_each_missing_piece_comes_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    has(
        monkeypatch, Step("nhóm hocba-gv", "thêm"), Step("/etc/pam.d/sshd", Refused("sửa dở", "Xóa tay.")),
        Step("khóa", FileNotFoundError(2, "x")),
    )  # fmt: skip
    assert [now for _, now in bad()] == ["sudo hocba setup", "Xóa tay.", "sudo hocba setup"]
    assert "nhóm hocba-gv: thêm" in bad()[0][0]


def test_a_missing_package_is_named_with_apts_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(*_: object) -> list[Step]:
        raise MissingTool("Máy chưa có sshd.", "Chạy: apt install openssh-server", "")

    monkeypatch.setattr(examined, "steps", steps)
    assert bad() == [("Máy chủ của trường: Máy chưa có sshd.", "Chạy: apt install openssh-server")]


def test_who_may_not_look_is_sent_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, Step("chỗ của kho", PermissionError(13, "x")))
    (seen,) = examine()
    assert seen.good
    assert "sudo hocba doctor" in seen.what


def test_a_session_that_may_start_no_program_says_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(*_: object) -> list[Step]:
        raise PermissionError(1, "x")

    monkeypatch.setattr(examined, "steps", steps)
    (seen,) = examine()
    assert (seen.good, "sudo hocba doctor" in seen.what) == (True, True)


def test_units_that_failed_or_do_not_run_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    units(monkeypatch, {"hocba-backup.service", "hocba.service"})
    assert [now for _, now in bad()] == [
        "Xem: journalctl -u hocba-backup -n 20; sửa rồi chạy lại: sudo systemctl start hocba-backup",
        "sudo systemctl start hocba.service",
    ]
    monkeypatch.setattr(services, "running", lambda: False)
    assert "systemd không chạy" in bad()[0][0]


def test_sheets_with_passwords_and_what_the_store_does_not_know_are_told_to_root(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "phieu").mkdir()
    assert bad() == []
    (machine / "phieu" / "1.txt").touch()
    (machine / "pending").touch()
    monkeypatch.setattr(examined, "_without_code", lambda: ["vanthu"])
    told = bad()
    assert [what.split()[0] for what, _ in told] == ["1", "Việc", "vanthu"]
    assert told[2][1] == "sudo hocba account apply --new-code vanthu"


def test_root_is_told_of_logins_that_are_still_to_be_made(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "school").mkdir()
    (machine / "school" / "journal.log").touch()
    monkeypatch.setattr(Answers, "read", lambda: Answers(program="/opt/hocba/bin/hocba", store=str(machine)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(examined, "wanted", lambda _: [])
    found = Plan((Change(What.CODE, "vanthu"),), ("“x” không dùng được",))
    monkeypatch.setattr(examined, "plan", lambda *_, with_codes: found if with_codes else Plan((), ()))
    assert [what for what, _ in bad()] == [
        "Đăng nhập còn 1 việc chưa làm (cấp mã 6 số: vanthu)", "Đăng nhập: “x” không dùng được",
    ]  # fmt: skip

    def unread(_: Answers) -> list[object]:
        raise Refused("không đọc được")

    monkeypatch.setattr(examined, "wanted", unread)
    assert bad() == []
    monkeypatch.setattr(examined, "wanted", lambda _: [])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert bad() == []


def test_who_is_asked_for_a_code_and_has_none_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(grp, "getgrnam", lambda _: SimpleNamespace(gr_mem=["vanthu", "hieutruong"]))
    (tmp_path / "hieutruong").touch()
    assert examined._without_code(tmp_path) == ["vanthu"]
    assert examined._without_code(tmp_path / "none") == []
