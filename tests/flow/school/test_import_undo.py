"""An import is one step that can be taken back: pupils and staff as a whole, results in all their classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.grades import results_import
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.results_import import ResultsRequest
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.pupils import pupils_import
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.school import staff_import
from hocba_tui.flow.school.import_undo import last_import, undo_import
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows

pytestmark = pytest.mark.usefixtures("read_here")

HEAD = ["Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Tên mẹ"]


def documents(desk: Desk, room: str, table: str = PUPILS) -> dict[str, dict[str, object]]:
    return {key: dict(document) for key, document in desk.class_shard(room).table(table).items()}


def bring_in(desk: Desk, folder: Path, *rows: list[object]) -> None:
    pupils_import.apply(desk, pupils_import.preview(desk, write_rows(folder / "ds.xlsx", [HEAD, *rows])))


def test_a_list_of_pupils_is_taken_back_in_all_its_classes(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    before = documents(desk, "5A"), documents(desk, "4A")
    moved, stays = desk.pupils("5A")[:2]
    bring_in(
        desk, tmp_path,
        ["4A", moved.code, moved.name, "", "Lê Thị Thử"],
        ["5A", stays.code, stays.name, "", "Lê Thị Khác"],
        ["5A", "9911223344", "Lò Văn Mới", "05/05/2015", "Lò Thị Mẹ"],
    )  # fmt: skip
    assert documents(desk, "5A") != before[0]
    told = undo_import(desk_as("vanthu"))
    assert "ds.xlsx" in told.words
    fresh = desk_as("vanthu")
    assert (documents(fresh, "5A"), documents(fresh, "4A")) == before
    with pytest.raises(Refused, match="chưa nạp"):
        last_import(fresh)


def test_the_last_of_two_lists_first(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    pupil = desk.pupils("5A")[0]
    for mother in ("Lê Thị Một", "Lê Thị Hai"):
        bring_in(desk_as("vanthu"), tmp_path, ["5A", pupil.code, pupil.name, "", mother])
    for mother in ("Lê Thị Một", pupil.mother):
        undo_import(desk_as("vanthu"))
        assert desk_as("vanthu").pupils("5A")[0].mother == mother


def test_what_somebody_else_has_changed_since_is_kept(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    pupil = desk.pupils("5A")[0]
    bring_in(desk, tmp_path, ["5A", pupil.code, pupil.name, "", "Lê Thị Một"])
    correct_pupil(desk_as("gv.5a"), "5A", pupil.key, {"mother": "Lê Thị Đúng"})
    with pytest.raises(Refused, match="đã sửa tiếp"):
        undo_import(desk_as("vanthu"))


def test_a_new_pupil_who_has_results_stays(desk_as: DeskAs, tmp_path: Path) -> None:
    bring_in(desk_as("vanthu"), tmp_path, ["5A", "9911223344", "Lò Văn Mới", "05/05/2015", ""])
    teacher = desk_as("gv.5a")
    (new,) = (pupil for pupil in teacher.pupils("5A") if pupil.code == "9911223344")
    enter(teacher, "5A", [Typed(new.key, Cell("end_year", "TOAN", "level"), "T", None)])
    with pytest.raises(Refused, match="đã có kết quả"):
        undo_import(desk_as("vanthu"))


def test_a_list_of_staff_is_taken_back(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("hieutruong")
    before = {person.key: person for person in desk.everybody()}
    rows: list[list[object]] = [["Họ tên", "Email"], ["Lò Thị Mới", "moi@truong.vn"]]
    staff_import.apply(desk, staff_import.preview(desk, write_rows(tmp_path / "cb.xlsx", rows)))
    assert len(desk_as("hieutruong").everybody()) == len(before) + 1
    undo_import(desk_as("hieutruong"))
    assert {person.key: person for person in desk_as("hieutruong").everybody()} == before


def test_results_are_taken_back_as_the_grid_does_it(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    before = documents(desk, "5A", RESULTS)
    rows: list[list[object]] = [["Mã học sinh", "Họ tên", "Toán mức"]]
    rows += [[pupil.code, pupil.name, "C"] for pupil in desk.pupils("5A")[:3]]
    path = write_rows(tmp_path / "kq.xlsx", rows)
    found = results_import.preview(desk, path, ResultsRequest(Period.END_YEAR, "5A"))
    results_import.apply(desk, found)
    undo_import(desk_as("gv.5a"))
    assert documents(desk_as("gv.5a"), "5A", RESULTS) == before
    assert redo(desk_as("gv.5a"), "5A") is not None
    assert documents(desk_as("gv.5a"), "5A", RESULTS) != before
    assert undo(desk_as("gv.5a"), "5A") is not None
    with pytest.raises(Refused, match="chưa nạp"):
        undo_import(desk_as("gv.5a"))
