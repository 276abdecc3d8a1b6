"""The sheets of a class: rows, columns, and locks by role."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades import locks as locks_module
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.marks import (
    ALL_SHEET,
    COMMENTS_SHEET,
    TRAITS_SHEET,
    YEAR_SHEET,
    Marks,
    columns_of,
    open_marks,
    sheets_of,
    shows_four,
    side_by_side,
    single,
)
from hocba_tui.flow.school.periods import set_open, set_window
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.record import Record
from hocba_tui.model.results import HEIGHT, LEVEL, PROMOTED, SCORE, Cell
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Period, RecordState
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of
from hocba_tui.rules.permits import may_enter
from tests.conftest import DeskAs
from tests.support.whole_year import room_of

END = Period.END_YEAR
GRADES, PERIODS = st.integers(1, 5), st.sampled_from(list(Period))


def opened(desk: Desk, sheet: str = ALL_SHEET.key, period: Period = END) -> Marks:
    return open_marks(desk, "5A", sheet, period)


@given(GRADES, PERIODS)
def test_all_subjects_have_a_level_each_and_a_score_where_there_is_a_test(grade: int, period: Period) -> None:
    room = room_of(grade)
    cells = [column.cell for column in columns_of(room, ALL_SHEET.key, period)]
    codes = [subject.code for subject in subjects_of(room)]
    assert [cell.item for cell in cells if cell.aspect == LEVEL] == codes
    tested = [code for code in codes if is_scored(room, code, period)]
    assert [cell.item for cell in cells if cell.aspect == SCORE] == tested
    assert len(cells) == len(codes) + len(tested)


@given(GRADES)
def test_four_periods_stand_side_by_side_and_are_the_same_columns_as_one_by_one(grade: int) -> None:
    room = room_of(grade)
    for sheet in [subject.code for subject in subjects_of(room)] + [TRAITS_SHEET.key]:
        together = [column.cell for column in columns_of(room, side_by_side(sheet), END)]
        apart = [
            column.cell
            for period in Period
            for column in columns_of(room, sheet, period)
            if column.cell.aspect in (LEVEL, SCORE)
        ]
        assert sorted(together) == sorted(apart)
        assert len(set(together)) == len(together)


def test_only_sheets_with_levels_have_four_periods() -> None:
    for sheet in sheets_of(room_of(5)):
        four = side_by_side(sheet.key)
        assert single(four) == sheet.key
        assert side_by_side(four) == four
        assert shows_four(four) == (sheet.key in SUBJECTS or sheet == TRAITS_SHEET) == (four != sheet.key)


@pytest.mark.parametrize("who", ["gv.5a", "gv.tin", "hieutruong", "vanthu"])
def test_on_all_subjects_only_the_own_ones_are_open(desk_as: DeskAs, who: str) -> None:
    desk = desk_as(who)
    marks = opened(desk)
    pupil = next(p for p in marks.pupils if p.assessed and not p.exempt_subjects and p.joined < "2026")
    for column in marks.columns:
        lock = marks.locks.get((pupil.key, column.cell.field), "")
        assert (not lock) == (marks.classroom.teacher_of(column.cell.item) == who)
        assert not lock or "Ô này do cô" in lock


@pytest.mark.parametrize("who", ["gv.5a", "gv.tin", "hieutruong"])
@pytest.mark.parametrize("sheet", [ALL_SHEET.key, "TIN:4", "traits:4", COMMENTS_SHEET.key, YEAR_SHEET.key, "awards"])
def test_a_cell_is_locked_exactly_when_the_store_would_refuse_it_and_for_the_same_reason(
    desk_as: DeskAs, who: str, sheet: str
) -> None:
    desk = desk_as(who)
    marks = opened(desk, sheet)
    pupils = {p.key: p for p in marks.pupils if not p.assessed or p.exempt_subjects or p is marks.pupils[0]}
    assert len(pupils) >= 3
    for key in pupils:
        for column in marks.columns:
            seen = marks.value(key, column.cell)
            answer = enter(desk, "5A", [Typed(key, column.cell, "" if seen is None else str(seen), seen)])
            reasons = [refused.reason for refused in answer.refused]
            assert reasons == list(filter(None, [marks.locks.get((key, column.cell.field), "")]))
            assert answer.entry is None


def test_who_has_nothing_to_do_with_a_class_sees_no_sheet_of_it(desk_as: DeskAs) -> None:
    with pytest.raises(NotAllowed):
        opened(desk_as("gv.4a"))


def test_closing_a_period_locks_its_cells_and_says_when_a_dated_one_opens(desk_as: DeskAs) -> None:
    principal = desk_as("hieutruong")
    set_open(principal, END, is_open=False, reason="hết hạn")
    marks = opened(desk_as("gv.5a"), "TOAN:4")
    key = marks.pupils[0].key
    assert len({marks.locks[key, column.cell.field] for column in marks.columns}) == 4
    assert marks.locks[key, Cell(END, "TOAN", SCORE).field].startswith("Kỳ Cuối năm đang khóa; hiệu trưởng mở")
    set_window(principal, END, "20/06/2026", "25/06/2026", "nhập lại")
    later = opened(desk_as("gv.5a"), "TOAN").locks[key, Cell(END, "TOAN", SCORE).field]
    assert "mở từ 20/06/2026" in later
    set_window(principal, END, "01/06/2026", "25/06/2026", "nhập lại")
    assert (key, Cell(END, "TOAN", SCORE).field) not in opened(desk_as("gv.5a"), "TOAN").locks


@pytest.mark.parametrize("state", [state for state in RecordState if state is not RecordState.DRAFT])
def test_a_record_on_its_way_is_locked_and_says_who_can_give_it_back(desk_as: DeskAs, state: RecordState) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    lock = Locks(desk.open_class("5A")).reason(pupil, Record(pupil.key, state), Cell(END, "TOAN", SCORE))
    assert lock
    assert lock.startswith(f"{pupil.name}: học bạ đã ")
    assert "hiệu trưởng" in lock


def test_the_principal_decides_on_a_pupil_who_is_not_assessed_and_nobody_assesses_one(desk_as: DeskAs) -> None:
    principal, teacher = desk_as("hieutruong"), desk_as("gv.5a")
    pupil = next(p for p in principal.pupils("5A") if not p.assessed)
    answer = enter(principal, "5A", [Typed(pupil.key, PROMOTED, "0", None)])
    assert not answer.refused
    assert principal.results("5A")[pupil.key].text(PROMOTED) == "0"
    locks = Locks(teacher.open_class("5A"))
    for cell in (Cell(END, "TOAN", SCORE), Cell(END, "YN", LEVEL), HEIGHT):
        assert "không đánh giá" in (locks.reason(pupil, Record(pupil.key), cell) or "")


def test_a_wide_sheet_asks_for_permission_once_for_each_cell_of_the_class(
    desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Cell] = []

    def counted(staff: Staff, classroom: ClassRoom, cell: Cell) -> object:
        asked.append(cell)
        return may_enter(staff, classroom, cell)

    monkeypatch.setattr(locks_module, "may_enter", counted)
    marks = opened(desk_as("gv.5a"))
    assert len(marks.pupils) > 30
    assert sorted(asked) == sorted(column.cell for column in marks.columns)


def test_in_a_combined_class_a_subject_of_the_other_grade_is_locked(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    opened = desk.open_class("5A")
    room = opened.classroom = replace(opened.classroom, combined=(3,))
    pupil = replace(opened.pupils()[0], grade=3)
    locks = Locks(opened)
    assert "không học môn Khoa học" in (locks.reason(pupil, Record(pupil.key), Cell(END, "KH", LEVEL)) or "")
    assert locks.reason(pupil, Record(pupil.key), Cell(END, "TNXH", LEVEL)) is None
    assert {trait.code for trait in traits_of(*room.grades)} == {
        column.cell.item for column in columns_of(room, TRAITS_SHEET.key, END)
    }
