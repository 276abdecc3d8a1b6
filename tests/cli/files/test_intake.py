"""``hocba intake``: one command, several kinds of file."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from tests.cli.test_commands import Run, journals
from tests.flow.grades.test_results_import import MATHS, SCORED, file_of, other_level, typable

KINDS = ("pupils", "results", "comments")


@pytest.fixture
def hocba(store_root: Path) -> Run:
    return lambda *words, account: main([*words, "--store", str(store_root), "--as", account])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_an_example_of_itself(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["intake", kind, "--help"])
    assert left.value.code == 0
    assert f"ví dụ:\n  hocba intake {kind}" in capsys.readouterr().out


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = open_desk(store_root, "gv.5a")
    one = typable(desk)[0]
    path = file_of(tmp_path, {one: {MATHS: other_level(desk, one)}})
    before = journals(store_root)
    assert hocba("intake", "results", str(path), "--dry-run", account="gv.5a") == 0
    said = capsys.readouterr().out
    assert "results.xlsx, kỳ Cuối năm: 1 em, 1 ô đọc được" in said
    assert f"{one.name} (5A), Toán: mức: " in said
    assert "em có trong lớp nhưng không có trong tệp: giữ nguyên" in said
    assert journals(store_root) == before


def test_results_are_written_and_a_second_time_nothing(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = open_desk(store_root, "gv.5a")
    one = typable(desk)[0]
    path = file_of(tmp_path, {one: {SCORED: 1}})
    for written in (1, 0):
        assert hocba("intake", "results", str(path), "--class", "5A", account="gv.5a") == 0
        assert capsys.readouterr().out.endswith(f"Đã ghi {written} ô.\n")
    assert open_desk(store_root, "gv.5a").results("5A")[one.key].score("end_year", "TOAN") == 1  # type: ignore[arg-type]


def test_an_unlawful_value_exits_1_and_writes_nothing(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    before = journals(store_root)
    assert hocba("intake", "results", str(file_of(tmp_path, {one: {SCORED: 10.5}})), account="gv.5a") == 1
    said = capsys.readouterr().out
    assert "IN-VALUE" in said
    assert "chưa ghi gì" in said
    assert journals(store_root) == before


def test_a_pasted_block_comes_from_standard_input(
    hocba: Run, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"Họ tên\tNhận xét\n{one.name}\tTính cẩn thận hơn trước.\n"))
    words = ("intake", "comments", "-", "--class", "5A", "--subject", "toán")
    assert hocba(*words, account="gv.5a") == 0
    cell = Cell("end_year", "TOAN", "comment")
    assert open_desk(store_root, "gv.5a").results("5A")[one.key].text(cell) == "Tính cẩn thận hơn trước."


def test_an_unknown_subject_is_said(hocba: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("intake", "results", "x.xlsx", "--subject", "Bơi", account="gv.5a") == 1
    assert "Không có môn “Bơi”" in capsys.readouterr().err


def test_the_period_is_not_guessed(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from hocba_tui.flow.school.periods import set_open
    from hocba_tui.model.values import Period

    set_open(open_desk(store_root, "hieutruong"), Period.END_1, is_open=True, reason="bổ sung")
    one = typable(open_desk(store_root, "gv.5a"))[0]
    path = str(file_of(tmp_path, {one: {SCORED: 1}}))
    assert hocba("intake", "results", path, account="gv.5a") == 2
    assert "--period" in capsys.readouterr().err
    assert hocba("intake", "results", path, "--period", "end_1", "--dry-run", account="gv.5a") == 0
    assert "kỳ Cuối HK I" in capsys.readouterr().out


def test_the_preview_of_a_list_names_whom_it_changes_and_whom_it_does_not_name(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three, *others = open_desk(store_root, "gv.5a").pupils("5A")
    path = tmp_path / "5A.xlsx"
    rows = [replace(one, mother="Lò Thị Mới"), replace(two, left="2026-05-01", left_reason="Chuyển đi"), *others]
    write_class_list(path, "5A", rows)
    assert hocba("intake", "pupils", str(path), "--dry-run", account="gv.5a") == 0
    said = capsys.readouterr().out
    assert f"    thay đổi: {one.name} (5A), họ tên mẹ\n" in said
    assert f"    chuyển đi: {two.name} (5A), ngày chuyển đi, lí do chuyển\n" in said
    assert f"Có trong lớp nhưng không có trong tệp: 1 em; giữ nguyên: {three.name}." in said


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_pasted_block_that_is_no_text_is_refused_whatever_the_locale(
    hocba: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, errors: str
) -> None:
    block = io.BytesIO("Mã lớp\tMã học sinh\tHọ tên\n5A\t1\tLê Thị ".encode() + b"\xc2n\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(block, encoding="utf-8", errors=errors))
    assert hocba("intake", "pupils", "-", account="vanthu") == 1
    assert "Đoạn dán không phải chữ UTF-8" in capsys.readouterr().err
