"""``hocba export``: three kinds of files, each with its own help, exit code and message."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.intake.workbook import read_workbook


def export(root: Path, *words: str, account: str = "gv.5a") -> int:
    return main(["export", *words, "--store", str(root), "--as", account])


@pytest.mark.parametrize("kind", ["records", "sheet"])
def test_each_kind_shows_an_example_of_itself(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["export", kind, "--help"])
    assert left.value.code == 0
    assert f"ví dụ:\n  hocba export {kind} --" in capsys.readouterr().out


def test_a_sheet_is_written_and_says_what_nobody_has_checked(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "5A.xlsx"
    words = ("sheet", "--class", "5A", "--form", "csdl", "--period", "end_1", "--out", str(path))
    assert export(store_root, *words) == 0
    said = capsys.readouterr().out
    assert "34 em, Cuối HK I" in said
    assert "chưa đối chiếu" in said
    assert [sheet.name for sheet in read_workbook(path)] == ["Lop_5 Cuối HK I", "Hướng dẫn"]
    assert export(store_root, *words) == 1
    assert "không ghi đè" in capsys.readouterr().err


def test_a_whole_grade_by_the_clerk(store_root: Path, tmp_path: Path) -> None:
    path = tmp_path / "k5.xlsx"
    words = ("sheet", "--grade", "5", "--form", "csdl", "--out", str(path))
    assert export(store_root, *words, account="vanthu") == 0
    assert len(read_workbook(path)[0].rows) == 3 + 34


@pytest.mark.parametrize(
    "words",
    [
        ("sheet", "--form", "csdl", "--out", "a.xlsx"),
        ("sheet", "--class", "5A", "--grade", "5", "--form", "csdl", "--out", "a.xlsx"),
        ("sheet", "--grade", "5", "--form", "danh-sach", "--out", "a.xlsx"),
        ("sheet", "--class", "5A", "--form", "danh-sach", "--out", "a.csv"),
    ],
)
def test_what_does_not_fit_together_exits_2_and_writes_nothing(
    store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert export(store_root, *words) == 2
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("sheet", "--class", "5A", "--form", "pdf", "--out", "a.xlsx"),
        ("sheet", "--grade", "6", "--form", "csdl", "--out", "a.xlsx"),
        ("sheet", "--class", "5A", "--form", "csdl", "--period", "hk1", "--out", "a.xlsx"),
    ],
)
def test_an_unknown_word_exits_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["export", *words])
    assert left.value.code == 2
    assert "gõ sai lệnh" in capsys.readouterr().err
