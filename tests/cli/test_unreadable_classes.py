"""A class that cannot be read stops no work on the others: it is named with the reason, and the command ends with 6."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from tests.flow.grades.test_results_import import SPORT, held, other_level, typable
from tests.flow.pupils.test_pupils_import import FIVE, NEW
from tests.support.result_sheets import PupilRow, write_results
from tests.support.stores import damage_line

Run = Callable[..., int]
YEAR, THREE = "2025-2026", "99L003"


@pytest.fixture
def hocba(store_root: Path) -> Run:
    return lambda *words: main([*words, "--store", str(store_root)])


@pytest.fixture
def foreign(store_root: Path) -> Iterator[Path]:
    """4A, which others may write to, so that it is not opened."""
    path = store_root / YEAR / "4A" / "journal.log"
    path.chmod(0o666)
    yield path
    path.chmod(0o600)


def harm(root: Path, room: str = "4A") -> None:
    """Damage a class so that it can only be read, and nothing is in it."""
    (root / YEAR / room / "data.json").unlink()
    damage_line(root / YEAR / room / "journal.log", 1)


# --- check -----------------------------------------------------------------------------------------


def test_check_goes_on_with_the_other_classes(hocba: Run, foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("check", "--as", "hieutruong") == 6
    said = capsys.readouterr()
    assert f"Lớp 4A: KHÔNG ĐỌC ĐƯỢC: Tệp {foreign} không phải tệp thường" in said.err
    for room in ("1A", "2A", "3A", "5A"):
        assert f"Lớp {room}: " in said.out
    assert "Kết quả trên thiếu các lớp ấy" in said.err


def test_check_says_that_a_damaged_class_may_lack_something(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(store_root)
    assert hocba("check", "--as", "hieutruong") == 6
    said = capsys.readouterr()
    assert "Lớp 4A: TỆP BỊ HỎNG, số liệu có thể thiếu: " in said.err
    assert "Lớp 5A: " in said.out


def test_check_of_that_class_alone_is_refused(hocba: Run, foreign: Path) -> None:
    assert hocba("check", "--class", "4A", "--as", "hieutruong") == 6
    assert hocba("check", "--class", "5A", "--as", "hieutruong") in (0, 1)
    assert foreign.exists()


# --- Excel out -------------------------------------------------------------------------------------


@pytest.fixture
def two_classes(store_root: Path) -> None:
    """3A is of grade 4 too."""
    FolderStore(store_root, Clock().now).shard(SCHOOL).change("admin", "save", [Edit("classes", "3A", "grade", 3, 4)])


@pytest.mark.usefixtures("two_classes")
def test_a_grade_is_exported_without_it_and_the_class_is_named(
    hocba: Run, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "khoi-4.xlsx"
    assert hocba("export", "sheet", "--grade", "4", "--form", "csdl", "--out", str(out), "--as", "vanthu") == 6
    said = capsys.readouterr()
    assert re.search(r"Đã ghi 3\d em", said.out)
    assert f"Lớp 4A: KHÔNG ĐỌC ĐƯỢC: Tệp {foreign}" in said.err
    assert "Kết quả trên thiếu các lớp ấy" in said.err
    assert load_workbook(out).sheetnames[0] == "Lop_4 Cuối năm"


def test_a_grade_of_which_nothing_can_be_read_is_no_file(
    hocba: Run, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "khoi-4.xlsx"
    assert hocba("export", "sheet", "--grade", "4", "--form", "csdl", "--out", str(out), "--as", "vanthu") == 1
    assert f"Lớp 4A: KHÔNG ĐỌC ĐƯỢC: Tệp {foreign}" in capsys.readouterr().err
    assert not out.exists()


def test_a_class_of_another_grade_does_not_stop_it(
    hocba: Run, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "khoi-5.xlsx"
    assert hocba("export", "sheet", "--grade", "5", "--form", "csdl", "--out", str(out), "--as", "vanthu") == 0
    assert out.exists()
    assert capsys.readouterr().err == ""
    assert foreign.exists()


def test_the_numbers_of_the_school_are_said_to_lack_it(
    hocba: Run, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "thong-ke.xlsx"
    assert hocba("export", "summary", "--out", str(out), "--as", "hieutruong") == 6
    assert f"Lớp 4A: KHÔNG ĐỌC ĐƯỢC: Tệp {foreign}" in capsys.readouterr().err
    assert out.exists()


# --- Excel in --------------------------------------------------------------------------------------


def spoil(root: Path, how: str, room: str) -> None:
    """Make a class one that cannot be opened, or only be read."""
    gc.collect()  # No store of this test is open any more.
    if how == "foreign":
        (root / YEAR / room / "journal.log").chmod(0o666)
    else:
        harm(root, room)


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize("how", ["foreign", "damaged"])
def test_results_of_the_other_classes_are_brought_in(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    desk = open_desk(store_root, "gv.theduc")
    chosen = {room: typable(desk, room)[:2] for room in ("3A", "5A")}
    wanted = {pupil.key: other_level(desk, pupil, SPORT, room) for room, found in chosen.items() for pupil in found}
    rows = [PupilRow(pupil, {SPORT: wanted[pupil.key]}, {}, room) for room, found in chosen.items() for pupil in found]
    path = write_results(tmp_path / "r.xlsx", rows, [SPORT])
    del desk
    spoil(store_root, how, "3A")
    words = ("intake", "results", str(path), "--period", "end_year", "--as", "gv.theduc")
    assert hocba(*words, "--dry-run") == 6
    assert hocba(*words) == 6
    said = capsys.readouterr().out
    assert "IN-UNREAD Lớp 3A: " in said
    assert "2 dòng cần lớp này KHÔNG nạp" in said
    assert "bỏ qua" not in said
    assert "Đã ghi 2 ô" in said
    fresh = open_desk(store_root, "gv.theduc")
    assert [held(fresh, pupil, SPORT) for pupil in chosen["5A"]] == [wanted[pupil.key] for pupil in chosen["5A"]]


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize("how", ["foreign", "damaged"])
def test_pupils_of_the_other_classes_are_brought_in(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    desk = open_desk(store_root, "vanthu")
    one, moved = desk.pupils("5A")[0], desk.pupils("4A")[0]
    write_class_list(tmp_path / "c1.xlsx", FIVE, [replace(one, address="Xóm Mới"), moved])
    del desk
    spoil(store_root, how, "4A")
    assert hocba("intake", "pupils", str(tmp_path / "c1.xlsx"), "--as", "vanthu") == 6
    said = capsys.readouterr().out
    assert "IN-UNREAD Lớp 4A: " in said
    assert "1 dòng cần lớp này KHÔNG nạp" in said
    assert "Đã ghi 1 học sinh" in said
    assert open_desk(store_root, "vanthu").pupils("5A")[0].address == "Xóm Mới"


@pytest.mark.usefixtures("read_here", "two_classes")
def test_a_new_pupil_is_said_not_to_be_compared_with_a_class_that_cannot_be_read(
    hocba: Run, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_class_list(tmp_path / "c1.xlsx", THREE, [NEW])
    assert hocba("intake", "pupils", str(tmp_path / "c1.xlsx"), "--as", "vanthu") == 6
    said = capsys.readouterr().out
    assert "chưa đối chiếu với các em của lớp này" in said
    assert "Đã ghi 1 học sinh" in said
    assert foreign.exists()
