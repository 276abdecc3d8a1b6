"""Pupils, staff and assignments on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.opening import open_desk
from tests.support.sheets import Rows, workbook

Run = Callable[..., int]
NEW: Rows = [
    ("LỚP 1A",),
    ("Họ và tên", "Ngày sinh", "Số định danh", "Nữ"),
    ("Lò An", "01/02/2019", "999319000001", "x"),
]
OFFICIAL: Rows = [
    ("Mã lớp", "Mã học sinh", "Họ và tên", "Ngày sinh", "Số định danh"),
    ("1A", "2512345678", "Lò An", "01/02/2019", "999319000001"),
]
STAFF: Rows = [
    ("Họ tên", "Email", "Trạng thái CB", "Vị trí việc làm"),
    ("Vi Thị Hoà", "hoa@x.edu.vn", "Đang làm việc", "Giáo viên"),
]


@pytest.fixture
def hocba(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    return lambda *words, account: main([*words, "--store", str(store_root), "--as", account])


def journals(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("journal.log")}


def test_new_pupils_and_then_their_codes(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, official = workbook(tmp_path / "lop1.xlsx", NEW), workbook(tmp_path / "c1.xlsx", OFFICIAL)
    assert hocba("intake", "pupils", str(new), account="vanthu") == 0
    assert "Đã ghi 1 học sinh." in capsys.readouterr().out
    assert hocba("intake", "pupils", str(official), "--dry-run", account="vanthu") == 0
    assert "Lò An (1A), mã học sinh: TAM-999319000001 → 2512345678" in capsys.readouterr().out
    assert hocba("intake", "pupils", str(official), account="vanthu") == 0
    before = journals(store_root)
    for path in (new, official):
        assert hocba("intake", "pupils", str(path), account="vanthu") == 0
    assert journals(store_root) == before


def test_staff(hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "CSDL_GiaoVien.xlsx", STAFF)
    before = journals(store_root)
    assert hocba("intake", "staff", str(path), "--dry-run", account="hieutruong") == 0
    assert "mới: Vi Thị Hoà (gv.hoavt)" in capsys.readouterr().out
    assert hocba("intake", "staff", str(path), account="gv.5a") == 3
    assert journals(store_root) == before
    assert hocba("intake", "staff", str(path), account="hieutruong") == 0
    assert open_desk(store_root, "admin").staff("gv.hoavt").name == "Vi Thị Hoà"
    wrong = workbook(tmp_path / "wrong.xlsx", [*STAFF, ("", "x@x.edu.vn", "", "")])
    assert hocba("intake", "staff", str(wrong), account="hieutruong") == 1
    assert "chưa ghi gì" in capsys.readouterr().out


def test_assign(hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("assign", "5A", "tin", "gv.4a", "--since", "12/01/2026", account="hieutruong") == 0
    assert "Lớp 5A, Tin học và Công nghệ (Tin học)" in capsys.readouterr().out
    assert open_desk(store_root, "admin").classroom("5A").teacher_of("TIN") == "gv.4a"
    before = journals(store_root)
    assert hocba("assign", "5A", "tin", "gv.3a", "--since", "11/01/2026", account="hieutruong") == 1
    assert hocba("assign", "5A", "tin", "gv.3a", "--since", "12/01/2026", account="admin") == 3
    assert journals(store_root) == before
