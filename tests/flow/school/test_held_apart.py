"""What hocba doctor says of the means that hold sessions apart: what this computer has, and what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.confine import landlock
from hocba_tui.confine.session import Offered
from hocba_tui.flow.school import held_apart
from hocba_tui.flow.school.doctor import examine

ALL = Offered(files=True, tcp=True, signals=True, calls=True)
NONE = Offered(files=False, tcp=False, signals=False, calls=False)


@pytest.mark.parametrize(
    ("known", "version", "said", "now"),
    [
        (ALL, 6, "Landlock: bản 6 (tệp, chương trình, cổng TCP, tín hiệu); seccomp: có;", ""),
        (ALL._replace(signals=False), 5, "Landlock: bản 5 (tệp, chương trình, cổng TCP); seccomp: có;", ""),
        (ALL._replace(tcp=False, signals=False), 2, "Landlock: bản 2 (tệp, chương trình); seccomp: có;", ""),
        (NONE._replace(calls=True), 1, "Landlock: bản 1, quá cũ;", "Linux 5.19"),
        (NONE, 0, "Landlock: KHÔNG; seccomp: KHÔNG;", "libseccomp2"),
    ],
)  # fmt: skip
def test_what_a_kernel_offers_is_said_and_what_is_missing_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, known: Offered, version: int, said: str, now: str
) -> None:
    monkeypatch.setattr(held_apart, "offered", lambda: known)
    monkeypatch.setattr(landlock, "version", lambda: version)
    found = held_apart.held_apart()
    assert found.words.startswith(said)
    assert "bộ nhớ kín" in found.words
    assert now in found.now
    assert bool(found.now) is not (known.files and known.calls)


def test_yama_is_read_where_there_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(held_apart, "_YAMA", tmp_path / "scope")
    assert held_apart.held_apart().words.endswith("; Yama: không có")
    (tmp_path / "scope").write_text("1\n")
    assert held_apart.held_apart().words.endswith("; Yama: 1")


def test_doctor_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def line() -> tuple[bool, str, str]:
        (found,) = [one for one in examine([], None) if one.what.startswith("Giữ các phiên trên máy chủ tách nhau: ")]
        return found.good, found.what, found.now

    monkeypatch.setattr(held_apart, "offered", lambda: ALL)
    assert line()[::2] == (True, "")
    monkeypatch.setattr(held_apart, "offered", lambda: ALL._replace(calls=False))
    good, what, now = line()
    assert "seccomp: KHÔNG" in what
    assert (good, now) == (False, "apt install libseccomp2")
