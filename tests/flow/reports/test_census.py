"""Who may count whom, and what the Excel file says."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from lxml.etree import SerialisationError
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from hocba_tui.errors import NotAllowed, Refused, WrongUse
from hocba_tui.export.excel import statistics_sheet
from hocba_tui.flow.desk import CLASSES, PUPILS, STAFF
from hocba_tui.flow.reports.statistics import census, export_summary
from hocba_tui.model.statistics import Kind, Topic
from hocba_tui.model.values import Period, Role
from hocba_tui.store.backend import SCHOOL, Edit
from tests.conftest import SMALL, DeskAs
from tests.support.activity import noted

END = Period.END_YEAR
OUTCOMES = Topic(Kind.OUTCOMES)
LEFT = 1
"""Pupils of the demo school who have left."""


def sheets(path: Path) -> dict[str, Worksheet]:
    return {sheet.title: sheet for sheet in load_workbook(path).worksheets}


def row_of(sheet: Worksheet, label: str) -> list[object]:
    (row,) = [row for row in sheet.iter_rows(values_only=True) if row[0] == label]
    return list(row[1:])


@pytest.mark.parametrize("account", ["hieutruong", "phohieutruong", "vanthu"])
def test_the_school_office_counts_the_whole_school(desk_as: DeskAs, account: str) -> None:
    found = census(desk_as(account))
    rows = found.rows(OUTCOMES, END)
    assert [row.label for row in rows[:3]] == ["Toàn trường", "Khối 1", "1A"]
    assert rows[0].total.total == found.pupils == SMALL - LEFT


def test_a_homeroom_teacher_counts_the_own_class_and_sums_nothing(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    found = census(desk)
    assert [row.label for row in found.rows(OUTCOMES, END)] == ["5A"]
    assert found.pupils == len(desk.pupils("5A"))


@pytest.mark.parametrize("account", ["gv.tin", "admin"])
def test_nobody_else_counts(desk_as: DeskAs, account: str, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        census(desk_as(account))
    with pytest.raises(NotAllowed):
        export_summary(desk_as(account), END, tmp_path / "x.xlsx")
    assert list(tmp_path.glob("*.xlsx")) == []


def test_an_observer_sees_no_reports(desk_as: DeskAs) -> None:
    desk_as("admin").school_shard.change("admin", "test", [Edit(STAFF, "khach", "roles", None, [Role.OBSERVER.value])])
    with pytest.raises(NotAllowed):
        census(desk_as("khach"))


def test_who_left_is_not_counted(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    before = census(desk).pupils
    pupil = desk.pupils("3A")[0]
    desk.class_shard("3A").change("gv.3a", "test", [Edit(PUPILS, pupil.key, "left", None, "2026-02-01")])
    after = census(desk)
    assert after.pupils == before - 1


def test_the_file_holds_the_numbers_of_the_screen_and_no_name(desk_as: DeskAs, tmp_path: Path) -> None:
    desk, path = desk_as("hieutruong"), tmp_path / "so-lieu.xlsx"
    found = census(desk)
    assert export_summary(desk, END, path) == found.pupils
    book = sheets(path)
    assert list(book) == [kind.label for kind in Kind]
    whole = found.rows(OUTCOMES, END)[0]
    expected = [value for count in (whole.total, *whole.parts.values()) for value in count.values]
    assert row_of(book[Kind.OUTCOMES.label], "Toàn trường") == expected
    texts = {str(v) for sheet in book.values() for row in sheet.iter_rows(values_only=True) for v in row if v}
    pupils = [pupil for room in desk.classrooms() for pupil in desk.pupils(room.key)]
    assert texts & {pupil.name for pupil in pupils} == set()
    assert texts & {pupil.code for pupil in pupils} == set()
    head = [sheet.cell(number, 1).value for sheet in book.values() for number in range(2, 6)][:4]
    assert head == [
        desk.school.name,
        "Năm học 2025-2026 · Cuối năm · Toàn trường",
        f"Ngày lập: 10/06/2026 · Người lập: {desk.actor.name}",
        "Kho tập huấn: số liệu không có thật.",
    ]


def test_every_subject_has_its_rows_under_one_header(desk_as: DeskAs, tmp_path: Path) -> None:
    desk, path = desk_as("gv.5a"), tmp_path / "x.xlsx"
    export_summary(desk, Period.MID_1, path)
    book = sheets(path)
    assert list(book) == [kind.label for kind in (Kind.LEVELS, Kind.BANDS, Kind.SCORES, Kind.TRAITS)]
    scores = book[Kind.SCORES.label]
    top = next(n for n in range(1, 20) if scores.cell(n, 1).value == "Nội dung")
    assert scores.freeze_panes == f"C{top + 2}"
    assert [scores.cell(top, column).value for column in (2, 3, 8, 13)] == [
        "Khối, lớp", "Số học sinh", "Điểm 10", "Điểm 9",
    ]  # fmt: skip
    assert [[scores.cell(n, c).value for c in (1, 2)] for n in (top + 2, top + 3)] == [
        ["Tiếng Việt", "5A"], ["Toán", "5A"],
    ]  # fmt: skip
    assert scores.max_row == top + 3


def test_an_export_is_noted_without_names(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    export_summary(desk_as("vanthu"), Period.END_1, tmp_path / "x.xlsx")
    assert noted(store_root)[-1][:3] == ("vanthu", "export_summary", f"end_1: {SMALL - LEFT}")


def test_looking_changes_nothing(desk_as: DeskAs, store_root: Path) -> None:
    before = {path: path.read_bytes() for path in store_root.rglob("journal.log")}
    found = census(desk_as("hieutruong"))
    assert [found.rows(topic, END) for topic in found.topics(END)]
    assert {path: path.read_bytes() for path in store_root.rglob("journal.log")} == before


def test_a_report_that_is_there_is_not_overwritten(desk_as: DeskAs, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"handed in")
    with pytest.raises(Refused, match="không ghi đè"):
        export_summary(desk_as("vanthu"), END, path)
    assert path.read_bytes() == b"handed in"


@pytest.mark.parametrize("name", ["folder.xlsx/x.xlsx/y.xlsx", "x.xls", "x", "folder.xlsx"])
def test_a_place_that_cannot_be_written_is_refused(desk_as: DeskAs, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "folder.xlsx" / "x.xlsx").touch()
    with pytest.raises((Refused, WrongUse)):
        export_summary(desk_as("vanthu"), END, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_half_a_file_is_taken_away_again(desk_as: DeskAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, path = desk_as("vanthu"), tmp_path / "x.xlsx"
    monkeypatch.setattr(statistics_sheet, "statistics_workbook", lambda *_: b"x" * 100_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(Refused, match="tệp quá lớn"):
            export_summary(desk, END, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not path.exists()


def test_no_room_to_put_the_workbook_together_is_a_full_disk(
    desk_as: DeskAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise SerialisationError("IO_ENOSPC")  # what lxml says of openpyxl's temporary files

    monkeypatch.setattr(Workbook, "save", full)
    with pytest.raises(Refused, match="đĩa đầy"):
        export_summary(desk_as("vanthu"), END, tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()


def test_a_school_without_pupils_is_told_so(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("hieutruong")
    table = desk.school_shard.table(CLASSES)
    gone = [Edit(CLASSES, key, field, value, None) for key, found in table.items() for field, value in found.items()]
    desk.school_shard.change("hieutruong", "test", gone)
    assert desk.classrooms() == ()
    with pytest.raises(Refused, match="Chưa có học sinh"):
        export_summary(desk, END, tmp_path / "x.xlsx")


def test_a_name_that_looks_like_a_formula_stays_text(desk_as: DeskAs, tmp_path: Path) -> None:
    desk, path = desk_as("hieutruong"), tmp_path / "x.xlsx"
    name = desk.school.name
    desk.school_shard.change("admin", "test", [Edit(SCHOOL, SCHOOL, "name", name, "=1+1")])
    export_summary(desk, END, path)
    cell = next(iter(sheets(path).values())).cell(2, 1)
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_a_damaged_class_is_named_in_the_file(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    journal = store_root / "2025-2026" / "1A" / "journal.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[len(lines) // 2] = b"x" + lines[len(lines) // 2][1:]
    journal.write_bytes(b"".join(lines))
    desk, path = desk_as("hieutruong"), tmp_path / "x.xlsx"
    assert census(desk).damaged == ("1A",)
    export_summary(desk, END, path)
    assert "lớp 1A bị hỏng" in str(next(iter(sheets(path).values())).cell(5, 1).value)
