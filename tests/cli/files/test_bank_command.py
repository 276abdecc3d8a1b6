"""The bank of comments on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.comments.bank import on_shelf, shipped
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.bank import Shelf
from tests.support.sheets import workbook

ROWS = [("Mã", "Dùng cho", "Mức", "Lời nhận xét"), ("x1", "Toán", "T", "{Em} tính rất nhanh.")]


def bank(root: Path, *words: str, account: str = "gv.5a") -> int:
    return main(["bank", *words, "--store", str(root), "--as", account])


def kept(root: Path, shelf: Shelf, account: str = "gv.5a") -> list[str]:
    return [entry.code for entry in on_shelf(open_desk(root, account), shelf)]


def test_the_bank_goes_out_and_in_and_one_entry_off(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workbook(tmp_path / "in.xlsx", ROWS)
    assert bank(store_root, "import", str(path), "--dry-run") == 0
    said = capsys.readouterr().out
    assert "1 lời đọc được, vào ngân hàng của tôi" in said
    assert "mới: x1: {Em} tính rất nhanh." in said
    assert "chưa ghi gì" in said
    assert kept(store_root, Shelf.OWN) == []
    assert bank(store_root, "import", str(path)) == 0
    assert "Đã ghi 1 lời nhận xét." in capsys.readouterr().out
    assert kept(store_root, Shelf.OWN) == ["x1"]
    assert bank(store_root, "export", str(tmp_path / "out.xlsx")) == 0
    assert f"Đã ghi {len(shipped()) + 1} lời nhận xét" in capsys.readouterr().out
    assert bank(store_root, "import", str(tmp_path / "out.xlsx")) == 0
    said = capsys.readouterr().out
    assert f"như cũ: {len(shipped()) + 1}" in said
    assert "Đã ghi 0 lời nhận xét." in said
    assert bank(store_root, "forget", "x1") == 0
    assert kept(store_root, Shelf.OWN) == []
    assert bank(store_root, "forget", "x1") == 1


def test_the_schools_bank_is_for_the_heads(store_root: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", ROWS)
    assert bank(store_root, "import", str(path), "--school") == 3
    assert bank(store_root, "import", str(path), "--school", account="hieutruong") == 0
    assert kept(store_root, Shelf.SCHOOL) == ["x1"]
    assert bank(store_root, "forget", "x1", "--school") == 3
    assert bank(store_root, "forget", "x1", "--school", account="hieutruong") == 0
    assert kept(store_root, Shelf.SCHOOL) == []


def test_a_file_with_a_mistake_is_told_and_writes_nothing(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workbook(tmp_path / "in.xlsx", [*ROWS, ("x2", "Văn", "T", "Viết hay.")])
    assert bank(store_root, "import", str(path)) == 1
    said = capsys.readouterr().out
    assert "Dòng 3: “Văn”" in said
    assert "chưa ghi gì" in said
    assert kept(store_root, Shelf.OWN) == []


def test_one_shelf_alone_may_be_written(store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bank(store_root, "export", str(tmp_path / "own.xlsx"), "--of", "own") == 1
    assert "Chưa có lời nào" in capsys.readouterr().err
    assert bank(store_root, "export", str(tmp_path / "all.xlsx"), "--of", "shipped") == 0


def test_a_long_preview_is_shortened(store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("Lời nhận xét",), *((f"Em đọc tốt bài số {number}.",) for number in range(25))]
    assert bank(store_root, "import", str(workbook(tmp_path / "in.xlsx", rows)), "--dry-run") == 0
    said = capsys.readouterr().out
    assert "… và 5 lời nữa" in said
    assert said.count("Em đọc tốt") == 20
