"""Import of results: a preview first, each cell judged as if it were typed, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.results_import import ResultsPreview, ResultsRequest, apply, preview
from hocba_tui.flow.grades.retests import Again, assess_again
from hocba_tui.flow.grades.steps import IMPORT
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Cell
from hocba_tui.model.values import Period, RecordState
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard
from tests.conftest import DeskAs
from tests.flow.pupils.test_pupils_import import bytes_of, set_state
from tests.flow.records.test_crashes import PowerCut
from tests.support.result_sheets import Place, PupilRow, write_results

pytestmark = pytest.mark.usefixtures("read_here")

END = ResultsRequest(Period.END_YEAR)
FIVE = ResultsRequest(Period.END_YEAR, "5A")
MATHS: Place = ("TOAN", LEVEL)
SCORED: Place = ("TOAN", SCORE)
SPORT: Place = ("GDTC", LEVEL)


def held(desk: Desk, pupil: Pupil, place: Place, room: str = "5A") -> Any:
    return desk.class_shard(room).document(RESULTS, pupil.key).get(Cell(Period.END_YEAR, *place).field)


def typable(desk: Desk, room: str = "5A") -> list[Pupil]:
    """Return the pupils of a class who are assessed in everything."""
    return [pupil for pupil in desk.pupils(room) if pupil.assessed and not pupil.exempt]


def file_of(
    folder: Path, cells: Mapping[Pupil, Mapping[Place, object]], room: str = "5A", said: Mapping[str, str] | None = None
) -> Path:
    places = list(dict.fromkeys(place for found in cells.values() for place in found))
    rows = [PupilRow(pupil, found, said or {}, room) for pupil, found in cells.items()]
    return write_results(folder / "results.xlsx", rows, places, list(said or ()))


def other_level(desk: Desk, pupil: Pupil, place: Place = MATHS, room: str = "5A") -> str:
    return "H" if held(desk, pupil, place, room) != "H" else "T"


def codes(found: ResultsPreview) -> list[str]:
    return [finding.code for finding in found.findings]


def outcome_of_cells(found: ResultsPreview) -> dict[tuple[str, str], tuple[RowKind, Any, Any]]:
    return {(line.pupil.key, line.cell.item): (line.kind, line.before, line.after) for line in found.lines}


def test_preview_says_what_each_cell_would_do_and_writes_nothing(
    desk_as: DeskAs, store_root: Path, tmp_path: Path
) -> None:
    desk = desk_as("gv.5a")
    one, two, three, *_ = typable(desk)
    enter(desk, "5A", [Typed(two.key, Cell(Period.END_YEAR, *MATHS), "", held(desk, two, MATHS))])
    stands = held(desk, three, MATHS)
    changed = other_level(desk, one)
    path = file_of(tmp_path, {one: {MATHS: changed.lower()}, two: {MATHS: "Hoàn thành"}, three: {MATHS: stands}})
    before = bytes_of(store_root)
    found = preview(desk, path, END)
    assert outcome_of_cells(found) == {
        (one.key, "TOAN"): (RowKind.CHANGED, held(desk, one, MATHS), changed),
        (two.key, "TOAN"): (RowKind.NEW, None, "H"),
        (three.key, "TOAN"): (RowKind.SAME, stands, stands),
    }
    assert found.usable
    assert {pupil.key for pupil in found.absent} == {p.key for p in desk.pupils("5A")} - {one.key, two.key, three.key}
    assert bytes_of(store_root) == before


def test_apply_writes_what_the_preview_said_as_one_change(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    request = {pupil: other_level(desk, pupil) for pupil in (one, two)}
    seq = desk.class_shard("5A").seq
    found = preview(desk, file_of(tmp_path, {p: {MATHS: v, SCORED: 7.0} for p, v in request.items()}), END)
    assert apply(desk, found) == len(found.writing) > 2
    fresh = desk_as("gv.5a")
    assert [(held(fresh, p, MATHS), held(fresh, p, SCORED)) for p in (one, two)] == [
        (request[p], 7) for p in (one, two)
    ]
    assert fresh.class_shard("5A").seq == seq + 1


def test_a_file_a_second_time_changes_nothing(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = file_of(tmp_path, {p: {MATHS: other_level(desk, p), SCORED: 6} for p in typable(desk)})
    apply(desk, preview(desk, path, END))
    again = desk_as("gv.5a")
    before = bytes_of(store_root)
    found = preview(again, path, END)
    assert {line.kind for line in found.lines} == {RowKind.SAME}
    assert apply(again, found) == 0
    assert bytes_of(store_root) == before


def test_an_empty_cell_erases_nothing_and_is_counted(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    stands = held(desk, two, MATHS)
    assert stands
    found = preview(desk, file_of(tmp_path, {one: {MATHS: other_level(desk, one)}, two: {MATHS: "  "}}), END)
    assert found.kept == 1
    apply(desk, found)
    assert held(desk_as("gv.5a"), two, MATHS) == stands


@pytest.mark.parametrize(
    ("place", "typed", "reason"),
    [(MATHS, "K", "không phải là mức"), (SCORED, 8.5, "thập phân"), (SCORED, 11, "từ 1 đến 10"), (MATHS, "M", "miễn")],
)
def test_one_unlawful_value_keeps_the_whole_file_out(
    desk_as: DeskAs, store_root: Path, tmp_path: Path, place: Place, typed: object, reason: str
) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    found = preview(desk, file_of(tmp_path, {one: {MATHS: other_level(desk, one)}, two: {place: typed}}), END)
    assert [(f.code, reason in f.message, two.name in f.message) for f in found.findings] == [("IN-VALUE", True, True)]
    before = bytes_of(store_root)
    with pytest.raises(Refused, match="chưa ghi gì"):
        apply(desk, found)
    assert bytes_of(store_root) == before


def test_a_homeroom_teacher_leaves_the_cells_of_others_as_they_are(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, *_ = typable(desk)
    theirs = held(desk, one, SPORT)
    cells = {MATHS: other_level(desk, one), SPORT: other_level(desk, one, SPORT)}
    found = preview(desk, file_of(tmp_path, {one: cells}), END)
    assert found.refusals() == {"Ô này do cô Đỗ Thị Phương Hảo (dạy Giáo dục thể chất) nhập.": 1}
    assert apply(desk, found) == 1
    assert held(desk_as("gv.5a"), one, SPORT) == theirs


def test_a_subject_teacher_brings_in_the_own_subject_over_several_classes(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.theduc")
    rows = [
        PupilRow(pupil, {SPORT: other_level(desk, pupil, SPORT, room), MATHS: "C"}, {}, room)
        for room in ("3A", "5A") for pupil in typable(desk, room)[:2]
    ]  # fmt: skip
    found = preview(desk, write_results(tmp_path / "r.xlsx", rows, [SPORT, MATHS]), END)
    assert apply(desk, found) == 4
    fresh = desk_as("gv.theduc")
    assert [held(fresh, row.pupil, SPORT, row.class_key) for row in rows] == [row.cells[SPORT] for row in rows]
    assert fresh.school_shard.table("intents") == {}


@pytest.mark.parametrize("account", ["vanthu", "hieutruong", "admin"])
def test_who_enters_no_results_imports_none(desk_as: DeskAs, store_root: Path, tmp_path: Path, account: str) -> None:
    desk = desk_as(account)
    one, *_ = typable(desk)
    found = preview(desk, file_of(tmp_path, {one: {MATHS: other_level(desk, one)}}), END)
    assert [line.kind for line in found.lines] == [RowKind.REFUSED]
    before = bytes_of(store_root)
    assert apply(desk, found) == 0
    assert bytes_of(store_root) == before


def test_classes_that_one_may_not_see_are_left_out_unread(desk_as: DeskAs, tmp_path: Path) -> None:
    theirs = typable(desk_as("vanthu"), "4A")[0]
    found = preview(desk_as("gv.5a"), file_of(tmp_path, {theirs: {MATHS: "C"}}, "4A"), END)
    assert (found.lines, found.findings, found.others) == ((), (), 1)


@pytest.mark.parametrize("state", [state for state in RecordState if state is not RecordState.DRAFT])
def test_a_record_that_left_draft_is_locked(desk_as: DeskAs, tmp_path: Path, state: RecordState) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    set_state(desk, "5A", one.key, state)
    found = preview(desk, file_of(tmp_path, {p: {MATHS: other_level(desk, p)} for p in (one, two)}), END)
    assert {line.pupil.key: line.kind for line in found.lines} == {one.key: RowKind.REFUSED, two.key: RowKind.CHANGED}


def test_a_record_submitted_since_the_preview_keeps_the_whole_file_out(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    stands = [held(desk, pupil, MATHS) for pupil in (one, two)]
    found = preview(desk, file_of(tmp_path, {p: {MATHS: other_level(desk, p)} for p in (one, two)}), END)
    set_state(desk_as("gv.5a"), "5A", two.key, RecordState.SUBMITTED)
    with pytest.raises(Conflict, match=two.name):
        apply(desk, found)
    assert [held(desk_as("gv.5a"), pupil, MATHS) for pupil in (one, two)] == stands


def test_a_closed_period_is_locked(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, *_ = typable(desk)
    path = file_of(tmp_path, {one: {("TOAN", COMMENT): "Em tính nhanh hơn trước."}})
    found = preview(desk, path, ResultsRequest(Period.END_1))
    (line,) = found.lines
    assert (line.kind, "đang khóa" in line.reason) == (RowKind.REFUSED, True)


def test_what_somebody_wrote_since_the_preview_is_named_with_author_and_time(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    first = held(desk, one, MATHS)
    found = preview(desk, file_of(tmp_path, {p: {MATHS: other_level(desk, p)} for p in (one, two)}), END)
    other = desk_as("gv.4a")
    edit = Edit(RESULTS, two.key, Cell(Period.END_YEAR, *MATHS).field, held(desk, two, MATHS), "C")
    at = desk_as("gv.5a").class_shard("5A").change("gv.4a", "enter", [edit]).at
    with pytest.raises(Conflict) as caught:
        apply(desk, found)
    for word in (two.name, "Toán: mức", other.actor.name, "“C”", at[11:16]):
        assert word in caught.value.what
    assert held(desk_as("gv.5a"), one, MATHS) == first


def test_a_score_over_a_retested_one_corrects_the_last_test(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    cell = Cell(Period.END_YEAR, *SCORED)
    enter(desk, "5A", [Typed(one.key, cell, "4", held(desk, one, SCORED))])
    assess_again(desk, "5A", one.key, cell, Again("6", "01/06/2026", "nghỉ ốm hôm kiểm tra"))
    apply(desk, preview(desk, file_of(tmp_path, {one: {SCORED: 8}}), END))
    after = desk_as("gv.5a").results("5A")[one.key]
    assert after.score(Period.END_YEAR, "TOAN") == 8
    assert [attempt.score for attempt in after.attempts(Period.END_YEAR, "TOAN")] == [4, 8]


def test_a_test_that_was_written_since_the_preview_is_named(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    cell = Cell(Period.END_YEAR, *SCORED)
    enter(desk, "5A", [Typed(one.key, cell, "4", held(desk, one, SCORED))])
    found = preview(desk, file_of(tmp_path, {one: {MATHS: other_level(desk, one), SCORED: 9}}), END)
    assess_again(desk_as("gv.5a"), "5A", one.key, cell, Again("6", "01/06/2026", "nghỉ ốm"))
    with pytest.raises(Conflict, match=f"{one.name}, Toán: điểm KTĐK"):
        apply(desk, found)


def test_one_preview_is_written_once(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, *_ = typable(desk)
    found = preview(desk, file_of(tmp_path, {one: {MATHS: other_level(desk, one)}}), END)
    apply(desk, found)
    with pytest.raises(Conflict):
        apply(desk, found)


def test_an_import_is_one_step_of_undo_in_each_class(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.theduc")
    rows = [
        PupilRow(pupil, {SPORT: other_level(desk, pupil, SPORT, room)}, {}, room)
        for room in ("3A", "5A") for pupil in typable(desk, room)[:3]
    ]  # fmt: skip
    stood = [held(desk, row.pupil, SPORT, row.class_key) for row in rows]
    written = [row.cells[SPORT] for row in rows]
    apply(desk, preview(desk, write_results(tmp_path / "r.xlsx", rows, [SPORT]), END))
    undone = undo(desk, "5A")
    assert undone is not None
    assert undone.note == "Phần của lớp 5A; các lớp khác trong tệp r.xlsx không đổi."
    assert [held(desk, row.pupil, SPORT, row.class_key) for row in rows] == written[:3] + stood[3:]
    redo(desk, "5A")
    undo(desk, "3A")
    assert [held(desk, row.pupil, SPORT, row.class_key) for row in rows] == stood[:3] + written[3:]


def test_an_import_that_was_given_up_does_not_stand_in_the_way_of_undo(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.theduc")
    typed = Cell(Period.END_YEAR, *SPORT)
    one, two, *_ = typable(desk, "3A")
    before = held(desk, two, SPORT, "3A")
    enter(desk, "3A", [Typed(two.key, typed, other_level(desk, two, SPORT, "3A"), before)])
    last = typable(desk, "5A")[0]
    rows = [PupilRow(p, {SPORT: other_level(desk, p, SPORT, r)}, {}, r) for p, r in ((one, "3A"), (last, "5A"))]
    found = preview(desk, write_results(tmp_path / "r.xlsx", rows, [SPORT]), END)
    real = FileShard.change

    def somebody_first(self: FileShard, actor: str, act: str, *rest: Any, **named: Any) -> Any:
        if named.get("intent") and self.name.endswith("5A") and act == IMPORT:
            real(self, "gv.khac", "enter", [Edit(RESULTS, last.key, typed.field, held(desk, last, SPORT), None)])
        return real(self, actor, act, *rest, **named)

    stood = held(desk, one, SPORT, "3A")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileShard, "change", somebody_first)
        with pytest.raises(Conflict, match=last.name):
            apply(desk, found)
    assert held(desk, one, SPORT, "3A") == stood
    undo(desk, "3A")
    assert held(desk, two, SPORT, "3A") == before


@pytest.mark.parametrize("survives", [0, 1])
def test_a_power_cut_in_the_middle_leaves_all_of_the_file_or_nothing(
    store_root: Path, tmp_path: Path, survives: int
) -> None:
    desk = open_desk(store_root, "gv.theduc")
    rows = [
        PupilRow(pupil, {SPORT: other_level(desk, pupil, SPORT, room)}, {}, room)
        for room in ("1A", "3A", "5A") for pupil in typable(desk, room)[:2]
    ]  # fmt: skip
    found = preview(desk, write_results(tmp_path / "r.xlsx", rows, [SPORT]), END)
    real, steps = FileShard.change, 0

    def cut(self: FileShard, actor: str, act: str, *rest: Any, **named: Any) -> Any:
        nonlocal steps
        if named.get("intent"):
            steps += 1
            if steps > survives:
                raise PowerCut
        return real(self, actor, act, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileShard, "change", cut)
        with pytest.raises(PowerCut):
            apply(desk, found)
    fresh = open_desk(store_root, "gv.theduc")
    assert [held(fresh, row.pupil, SPORT, row.class_key) for row in rows] == [row.cells[SPORT] for row in rows]
    assert fresh.school_shard.table("intents") == {}


def test_a_power_cut_in_one_class_leaves_nothing_of_the_file(store_root: Path, tmp_path: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    pupils = typable(desk)
    stood = [held(desk, pupil, MATHS) for pupil in pupils]
    found = preview(desk, file_of(tmp_path, {p: {MATHS: other_level(desk, p)} for p in pupils}), END)

    def cut(*_: Any, **__: Any) -> Any:
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hocba_tui.store.journal_file.JournalFile.append", cut)
        with pytest.raises(PowerCut):
            apply(desk, found)
    fresh = open_desk(store_root, "gv.5a")
    assert [held(fresh, pupil, MATHS) for pupil in pupils] == stood


# --- which pupil ---------------------------------------------------------------------------------


def pasted(desk: Desk, *rows: str, request: ResultsRequest = FIVE) -> ResultsPreview:
    return preview(desk, "\n".join(rows), request)


def test_a_pupil_is_found_by_name_where_no_other_has_it(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    found = pasted(desk, "Họ tên\tToán mức", f"{one.name.upper()}\tC")
    assert [line.pupil.key for line in found.lines] == [one.key]


def rename(desk: Desk, pupil: Pupil, **facts: str) -> None:
    edits = [Edit(PUPILS, pupil.key, name, getattr(pupil, name) or None, value) for name, value in facts.items()]
    desk.class_shard("5A").change("test", "test", edits)


def test_a_tone_mark_may_stand_on_the_other_vowel(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    rename(desk, one, name="Lò Thị Hoà Thuý")
    (line,) = pasted(desk, "Họ tên\tToán mức", "Lò Thị Hòa Thúy\tC").lines
    assert line.pupil.key == one.key
    assert codes(pasted(desk, "Họ tên\tToán mức", "Lò Thị Hoa Thuý\tC")) == ["IN-PUPIL"]


def test_two_of_one_name_need_a_birth_date(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    rename(desk, one, name="Lò Thị Mẫu", birth="2015-03-01")
    rename(desk, two, name="Lò Thị Mẫu", birth="2015-03-02")
    assert codes(pasted(desk, "Họ tên\tToán mức", "Lò Thị Mẫu\tC")) == ["IN-TWO"]
    found = pasted(desk, "Họ tên\tNgày sinh\tToán mức", "Lò Thị Mẫu\t02/03/2015\tC")
    assert [line.pupil.key for line in found.lines] == [two.key]
    assert codes(pasted(desk, "Họ tên\tNgày sinh\tToán mức", "Lò Thị Mẫu\t03/03/2015\tC")) == ["IN-PUPIL"]


def test_a_namesake_who_left_still_makes_the_name_ambiguous(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    (gone,) = (pupil for pupil in desk.pupils("5A", with_left=True) if not pupil.studying)
    rename(desk, typable(desk)[0], name=gone.name)
    assert codes(pasted(desk, "Họ tên\tToán mức", f"{gone.name}\tC")) == ["IN-TWO"]


def test_a_code_that_is_somebody_elses_is_an_error(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    found = pasted(desk, "Mã học sinh\tHọ tên\tToán mức", f"{one.code}\t{two.name}\tC")
    assert codes(found) == ["IN-NAME"]
    assert not found.usable


def test_a_code_that_the_school_does_not_know_needs_a_birth_date(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    head = "Mã HS\tHọ tên\tNgày sinh\tToán mức"
    assert codes(pasted(desk, head, f"000\t{one.name}\t\tC")) == ["IN-PUPIL"]
    assert len(pasted(desk, head, f"000\t{one.name}\t{one.birth}\tC").lines) == 1


def test_a_pupil_who_left_is_passed_over(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    (gone,) = (pupil for pupil in desk.pupils("5A", with_left=True) if not pupil.studying)
    found = pasted(desk, "Mã HS\tHọ tên\tToán mức", f"{gone.code}\t{gone.name}\tC")
    assert (codes(found), found.usable, found.lines) == (["IN-GONE"], True, ())


def test_without_a_class_a_name_is_nobody(desk_as: DeskAs) -> None:
    desk = desk_as("vanthu")
    one = typable(desk)[0]
    assert codes(pasted(desk, "Họ tên\tToán mức", f"{one.name}\tC", request=END)) == ["IN-CLASS"]
    assert len(pasted(desk, "Họ tên\tLớp\tToán mức", f"{one.name}\tLớp 5A\tC", request=END).lines) == 1


def test_a_pupil_who_is_in_another_class_than_the_file_says_is_an_error(desk_as: DeskAs) -> None:
    desk = desk_as("vanthu")
    one = typable(desk)[0]
    found = pasted(desk, "Mã HS\tHọ tên\tLớp\tToán mức", f"{one.code}\t{one.name}\t4A\tC", request=END)
    assert codes(found) == ["IN-MOVE"]


def test_only_the_grade_that_was_asked_for_is_read(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.theduc")
    rows = [PupilRow(typable(desk, room)[0], {SPORT: "C"}, {}, room) for room in ("3A", "5A")]
    path = write_results(tmp_path / "r.xlsx", rows, [SPORT])
    found = preview(desk, path, replace(END, grade=3))
    assert ({line.class_key for line in found.lines}, found.others) == ({"3A"}, 1)


def test_one_cell_twice_is_an_error_unless_it_says_the_same(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    row = f"{one.code}\t{one.name}\t"
    assert codes(pasted(desk, "Mã HS\tHọ tên\tToán mức", row + "C", row + "C")) == []
    assert codes(pasted(desk, "Mã HS\tHọ tên\tToán mức", row + "C", row + "H")) == ["IN-DOUBLED"]


def test_signatures_below_the_table_are_no_pupils(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    rows = ("Họ tên\tToán mức", f"{one.name}\tC", "\t", "Giáo viên chủ nhiệm\tHiệu trưởng", "(Ký tên)\t", "\tLò Văn Ba")
    found = pasted(desk, *rows)
    assert (codes(found), found.usable, len(found.lines)) == (["IN-BELOW"], True, 1)


def test_a_blank_row_in_the_middle_hides_no_misspelt_pupil(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = typable(desk)
    found = pasted(desk, "Họ tên\tToán mức", f"{one.name}\tC", "\t", "Không Có Ai\tC", f"{two.name}\tC")
    assert (codes(found), found.usable) == (["IN-PUPIL"], False)


def test_a_value_of_nobody_right_below_a_pupil_is_an_error(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    found = pasted(desk, "Họ tên\tToán nhận xét", f"{one.name}\tPhần đầu,", "\tphần sau.")
    assert (codes(found), found.usable) == (["IN-PUPIL"], False)


# --- other content of the file -------------------------------------------------------------------


def test_an_exempt_pupil_may_be_marked_as_such(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    rename(desk, one, exempt="TOAN")
    rows = (f"{one.name}\tM\tM",)
    found = pasted(desk, "Họ tên\tToán mức\tToán điểm", *rows)
    assert ([line.kind for line in found.lines], codes(found)) == ([RowKind.SAME, RowKind.SAME], [])
    (line,) = pasted(desk, "Họ tên\tToán mức", f"{one.name}\t{other_level(desk, one)}").lines
    assert (line.kind, "được miễn" in line.reason) == (RowKind.REFUSED, True)


def test_a_result_that_does_not_follow_is_pointed_out_and_never_stored(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = next(p for p in typable(desk) if held(desk, p, MATHS) and held(desk, p, SCORED))
    said = {"Xếp loại": "HTXS", "Hoàn thành chương trình\nlớp học": "x", "Lên lớp": "x"}
    path = file_of(tmp_path, {one: {MATHS: "C", SCORED: 3}}, said=said)
    found = preview(desk, path, END)
    assert set(codes(found)) == {"IN-OUTCOME"}
    assert found.usable
    document = dict(desk.class_shard("5A").document(RESULTS, one.key))
    apply(desk, found)
    after = dict(desk_as("gv.5a").class_shard("5A").document(RESULTS, one.key))
    changed = {Cell(Period.END_YEAR, *MATHS).field, Cell(Period.END_YEAR, *SCORED).field}
    assert {name for name in {*document, *after} if document.get(name) != after.get(name)} <= changed


def test_comments_are_brought_in_by_themselves(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    request = ResultsRequest(Period.END_YEAR, "5A", comments=True)
    head = "Họ tên\tToán\tPhẩm chất\tNhận xét năng lực chung\tGVCN\tĐiểm Tiếng Việt"
    row = f'{one.name}\tTính nhanh.\tThật thà.\tBiết hợp tác.\t"Dòng một.\nDòng hai."\t2'
    found = pasted(desk, head, row, request=request)
    assert [(line.cell.item, line.cell.aspect) for line in found.lines] == [
        ("TOAN", COMMENT), ("qualities", COMMENT), ("general", COMMENT), ("homeroom", COMMENT)
    ]  # fmt: skip
    apply(desk, found)
    assert held(desk_as("gv.5a"), one, ("homeroom", COMMENT)) == "Dòng một.\nDòng hai."


def test_a_sheet_of_one_subject_takes_the_subject_that_is_named(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    rows = ("Họ tên\tMức đạt được\tĐiểm KTĐK\tNhận xét", f"{one.name}\tC\t4\tCần luyện thêm.")
    with pytest.raises(Refused):
        pasted(desk, *rows)
    found = pasted(desk, *rows, request=replace(END, class_key="5A", subject="TOAN"))
    assert {line.cell.item for line in found.lines} == {"TOAN"}
    assert apply(desk, found) == 3


def test_record_of_the_preview_survives_a_pupil_who_moved_away(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    found = pasted(desk, "Họ tên\tToán mức", f"{one.name}\tC")
    shard = desk.class_shard("5A")
    document = dict(shard.document(PUPILS, one.key))
    shard.change("test", "test", [Edit(PUPILS, one.key, name, value, None) for name, value in document.items()])
    with pytest.raises(Conflict, match="không còn trong lớp"):
        apply(desk, found)
    assert shard.document(RECORDS, one.key) == {}


def test_an_old_file_takes_no_retest_back(desk_as: DeskAs, tmp_path: Path) -> None:
    """Of several tests the last one counts (Điều 7.1d); a file from before it has the earlier score."""
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    cell = Cell(Period.END_YEAR, *SCORED)
    enter(desk, "5A", [Typed(one.key, cell, "4", held(desk, one, SCORED))])
    assess_again(desk, "5A", one.key, cell, Again("6", "01/06/2026", "nghỉ ốm hôm kiểm tra"))
    found = preview(desk, file_of(tmp_path, {one: {SCORED: 4}}), END)
    assert [line.kind for line in found.lines] == [RowKind.REFUSED]
    assert "đã kiểm tra lại ngày 01/06/2026" in found.lines[0].reason
    assert apply(desk, found) == 0
    assert [a.score for a in desk_as("gv.5a").results("5A")[one.key].attempts(Period.END_YEAR, "TOAN")] == [4, 6]


def test_an_old_file_takes_no_additional_assessment_back(desk_as: DeskAs, tmp_path: Path) -> None:
    """A level that was assessed again after CHT (Điều 11.1b) is not a typing error."""
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    cell = Cell(Period.END_YEAR, *MATHS)
    if held(desk, one, MATHS) != "C":
        enter(desk, "5A", [Typed(one.key, cell, "C", held(desk, one, MATHS))])
    assess_again(desk, "5A", one.key, cell, Again("H", "02/06/2026", "đánh giá bổ sung"))
    found = preview(desk, file_of(tmp_path, {one: {MATHS: "C"}}), END)
    assert [line.kind for line in found.lines] == [RowKind.REFUSED]
    assert "đánh giá bổ sung ngày 02/06/2026" in found.lines[0].reason


@pytest.mark.parametrize("written", ["14/3/15", "14-03-15", "14032015"])
def test_a_short_birth_date_tells_a_pupil_too(desk_as: DeskAs, written: str) -> None:
    """It is only compared with the known day and never stored."""
    desk = desk_as("gv.5a")
    one = typable(desk)[0]
    desk.class_shard("5A").change("test", "test", [Edit(PUPILS, one.key, "birth", one.birth, "2015-03-14")])
    found = pasted(desk, "Họ tên\tNgày sinh\tToán mức", f"{one.name}\t{written}\tC")
    assert (codes(found), len(found.lines)) == ([], 1)
    other = pasted(desk, "Họ tên\tNgày sinh\tToán mức", f"{one.name}\t15/3/15\tC")
    assert codes(other) == ["IN-PUPIL"]
    assert "tệp ghi 15/03/2015, danh sách lớp ghi 14/03/2015" in other.findings[0].message
