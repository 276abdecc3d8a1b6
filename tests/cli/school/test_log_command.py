"""``hocba log`` on the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.card import card
from hocba_tui.flow.school.trouble_report import trouble_report
from tests.support.activity import noted
from tests.support.stores import flip

Run = Callable[..., int]


@pytest.fixture
def hocba(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    return lambda *words, account="hieutruong": main([*words, "--store", str(store_root), "--as", account])


def test_it_tells_who_did_what_and_what_one_may_read(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    card(open_desk(store_root, "phohieutruong"), "5A", pupil.key)
    assert hocba("log", "--pupil", pupil.code, "--what", "view") == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].endswith(f": {pupil.name}: đọc nhật ký")
    assert lines[1].endswith(f"5A {pupil.name}: xem phiếu")
    assert "cả trường" in said.err
    assert noted(store_root, "read_log")[0].touched.came_from == "192.0.2.7"


def test_as_json_each_act_is_a_line_in_keys(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("log", "--class", "5A", "--json", "--most", "1", account="gv.5a") == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["by"], found["do"], found["class"]) == ("gv.5a", "read_log", "5A")
    assert found["journal"].startswith("activity/")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--what", "nhìn"), "Không có việc"), (("--most", "0"), "từ 1 trở lên"), (("--day", "mai"), "không đọc được"),
        (("--day", "1/1/2026", "--since", "1/1/2026"), "không đi với"), (("--pupil", "x"), "Không có học sinh"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_told(
    hocba: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert hocba("log", *words) in (1, 2)
    assert why in capsys.readouterr().err


def test_check_proves_the_journals_and_names_damage(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hocba("log", "--check") == 0
    assert "chuỗi băm liền mạch" in capsys.readouterr().out
    flip(store_root / "2025-2026" / "5A" / "journal.log", 40)
    assert hocba("log", "--check") == 6
    said = capsys.readouterr()
    assert "2025-2026/5A/journal.log" in said.err
    assert "CÓ CHỖ SAI" in said.out


def test_check_is_for_heads_and_administrators(hocba: Run) -> None:
    assert hocba("log", "--check", account="gv.5a") == 3


def test_check_says_when_the_seal_has_signed(
    sealed_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    assert main(["log", "--check", "--store", str(sealed_root), "--as", "hieutruong"]) == 0
    assert "Con dấu đã ký mốc" in capsys.readouterr().out


def test_failed_log_ins_are_for_root_after_a_set_up(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    before = sorted((store_root / "log").glob("*"))
    assert main(["log", "--failed", "--store", str(store_root)]) == 3
    assert "Chỉ root" in capsys.readouterr().err
    assert sorted((store_root / "log").glob("*")) == before, "root may leave no file of its own there"


def test_the_report_for_who_helps_says_nothing_of_it(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a", came_from="192.0.2.77")
    desk.store.log_access("gv.5a", "log_in")
    card(desk, "5A", key := desk.pupils("5A")[0].key)
    text = trouble_report(store_root, (), lambda: desk)
    assert "192.0.2.77" not in text
    assert key not in text
