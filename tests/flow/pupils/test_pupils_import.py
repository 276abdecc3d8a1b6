"""Import of a class list: a preview first, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.pupils_import import PupilsPreview, accept, apply, preview
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.pupil import Enrolment, Pupil
from hocba_tui.model.values import RecordState
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

pytestmark = pytest.mark.usefixtures("read_here")

FIVE, FOUR = "99L005", "99L004"
NEW = Pupil(
    "", code="9911111111", name="Lò Thị Ánh", birth="2015-05-05", sex="female", personal_id="999315111111",
    ethnic="Thái", birthplace="Tỉnh Mẫu", hometown="Xã Mẫu", address="Bản Mẫu", mother="Lò Thị Mai",
    register_no="2021/9999", joined="2026-03-02",
)  # fmt: skip


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def listed(tmp_path: Path, pupils: Iterable[Pupil], code: str = FIVE) -> Path:
    path = tmp_path / "list.xlsx"
    write_class_list(path, code, pupils)
    return path


def everybody(desk: Desk, room: str = "5A") -> tuple[Pupil, ...]:
    return desk.pupils(room, with_left=True)


def errors(found: PupilsPreview) -> list[str]:
    return [finding.code for finding in found.findings if finding.severity.name == "ERROR"]


def set_state(desk: Desk, room: str, pupil: str, state: RecordState) -> None:
    """Set the state of a record as signing would."""
    desk.class_shard(room).change("test", "test", [Edit(RECORDS, pupil, "state", None, state.value)])


def test_list_of_the_class_as_it_stands_changes_nothing(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    pupils = everybody(desk)
    before = bytes_of(store_root)
    found = preview(desk, listed(tmp_path, pupils))
    assert found.usable
    assert found.counts()[RowKind.SAME] == len(pupils)
    assert apply(desk, found) == 0
    assert bytes_of(store_root) == before


def test_preview_writes_nothing(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    one, two, *rest = everybody(desk)
    path = listed(
        tmp_path, [replace(one, name="Tên Mới"), replace(two, left="2026-05-01", left_reason="Chuyển đi"), NEW]
    )
    before = bytes_of(store_root)
    found = preview(desk, path)
    assert [line.kind for line in found.lines] == [RowKind.CHANGED, RowKind.LEFT, RowKind.NEW]
    assert bytes_of(store_root) == before
    assert found.absent == tuple(pupil for pupil in rest if pupil.studying)


def test_apply_writes_what_the_preview_said(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *rest = everybody(desk)
    changed = [replace(one, address="Xóm Mới"), replace(two, left="2026-05-01", left_reason="Chuyển đi"), NEW]
    assert apply(desk, preview(desk, listed(tmp_path, changed))) == 3
    after = {pupil.code: pupil for pupil in everybody(desk_as("gv.5a"))}
    assert after[one.code] == replace(one, address="Xóm Mới")
    assert not after[two.code].studying
    new = after[NEW.code]
    assert new == replace(NEW, key=new.key, history=new.history, enrolment=(Enrolment("came", "2026-03-02"),))
    assert [(row.class_name, row.year, row.arrived) for row in new.history] == [("5A", "2025-2026", "2026-03-02")]
    assert [after[pupil.code] for pupil in rest] == rest


def test_results_survive_a_corrected_fact(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    before = {key: dict(found.fields) for key, found in desk.results("5A").items()}
    apply(desk, preview(desk, listed(tmp_path, [replace(p, address="Xóm Mới") for p in everybody(desk)])))
    assert {key: dict(found.fields) for key, found in desk_as("gv.5a").results("5A").items()} == before


def test_same_file_a_second_time_changes_nothing(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = listed(tmp_path, [*(replace(p, address="Xóm Mới") for p in everybody(desk)), NEW])
    assert apply(desk, preview(desk, path)) == len(everybody(desk))
    again = desk_as("gv.5a")
    before = bytes_of(store_root)
    found = preview(again, path)
    assert found.counts()[RowKind.SAME] == len(found.lines)
    assert apply(again, found) == 0
    assert bytes_of(store_root) == before


def test_one_wrong_row_keeps_the_whole_file_out(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    found = preview(desk, listed(tmp_path, [NEW, replace(NEW, code="9911111112", personal_id="3721500000")]))
    assert errors(found) == ["IN-ID"]
    before = bytes_of(store_root)
    with pytest.raises(Refused, match="chưa ghi gì"):
        apply(desk, found)
    assert bytes_of(store_root) == before


def spoiled(desk: Desk, tmp_path: Path) -> Path:
    """A file in which one id has lost its zero and the same pupil has a new address."""
    one = everybody(desk)[0]
    return listed(tmp_path, [replace(one, personal_id="37215000001", address="Xóm Mới")])


def test_offer_is_written_only_when_a_person_takes_it(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = everybody(desk)[0]
    found = preview(desk, spoiled(desk, tmp_path))
    assert (found.usable, found.offers) == (True, 1)
    assert [f.code for f in found.findings] == ["IN-ID-OFFER"]
    assert "037215000001" in found.findings[0].message
    assert apply(desk, found) == 1
    (after,) = (pupil for pupil in everybody(desk_as("gv.5a")) if pupil.code == one.code)
    assert (after.personal_id, after.address) == (one.personal_id, "Xóm Mới")
    assert apply(desk, accept(desk, found)) == 1
    (after,) = (pupil for pupil in everybody(desk_as("gv.5a")) if pupil.code == one.code)
    assert after.personal_id == "037215000001"


def test_taking_offers_at_once_is_the_same_as_taking_them_later(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = spoiled(desk, tmp_path)
    assert preview(desk, path, accept_offers=True) == accept(desk, preview(desk, path))


def test_taken_offer_is_checked_like_any_other_fact(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    apply(desk, preview(desk, spoiled(desk, tmp_path), accept_offers=True))
    two = replace(everybody(desk)[1], personal_id="37215000001")
    found = preview(desk_as("gv.5a"), listed(tmp_path, [two]))
    assert errors(found) == []
    taken = accept(desk_as("gv.5a"), found)
    assert errors(taken) == ["IN-ID-TAKEN"]
    with pytest.raises(Refused):
        apply(desk, taken)


def test_text_of_a_legacy_font_is_never_written_as_it_stands(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = everybody(desk)[0]
    found = preview(desk, listed(tmp_path, [replace(one, name="NguyÔn ThÞ Hång")]))
    assert errors(found) == ["IN-LEGACY-OFFER"]
    with pytest.raises(Refused):
        apply(desk, found)
    assert apply(desk, accept(desk, found)) == 1
    names = {pupil.code: pupil.name for pupil in everybody(desk_as("gv.5a"))}
    assert names[one.code] == "Nguyễn Thị Hồng"


@pytest.mark.parametrize("part", ["{1}/{0}", "{0}"])
def test_month_or_year_alone_takes_nothing_from_the_day_that_is_known(
    desk_as: DeskAs, tmp_path: Path, part: str
) -> None:
    desk = desk_as("gv.5a")
    one = everybody(desk)[0]
    path = tmp_path / "list.csv"
    path.write_text(f"Mã lớp;Mã HS;Họ tên;Ngày sinh\n5A;{one.code};{one.name};{part.format(*one.birth.split('-'))}\n")
    found = preview(desk, path)
    assert [line.kind for line in found.lines] == [RowKind.SAME]
    assert [f.code for f in found.findings] == ["IN-DATE-PART"]


def test_change_by_somebody_else_since_the_preview_keeps_the_whole_file_out(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = everybody(desk)
    found = preview(desk, listed(tmp_path, [NEW, replace(one, address="Xóm Một"), replace(two, address="Xóm Hai")]))
    desk_as("vanthu").class_shard("5A").change(
        "vanthu", "test", [Edit(PUPILS, two.key, "address", two.address, "Xóm Ba")]
    )
    with pytest.raises(Conflict):
        apply(desk, found)
    after = {pupil.code: pupil for pupil in everybody(desk_as("gv.5a"))}
    assert NEW.code not in after
    assert (after[one.code].address, after[two.code].address) == (one.address, "Xóm Ba")


def test_one_preview_is_written_once(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    found = preview(desk, listed(tmp_path, [NEW]))
    apply(desk, found)
    with pytest.raises(Conflict):
        apply(desk, found)
    assert sum(pupil.code == NEW.code for pupil in everybody(desk_as("gv.5a"))) == 1


def test_new_pupil_previewed_by_two_people_enters_once(desk_as: DeskAs, tmp_path: Path) -> None:
    path = listed(tmp_path, [NEW])
    teacher, clerk = desk_as("gv.5a"), desk_as("vanthu")
    first, second = preview(teacher, path), preview(clerk, path)
    apply(teacher, first)
    with pytest.raises(Conflict):
        apply(clerk, second)
    assert sum(pupil.code == NEW.code for pupil in everybody(desk_as("gv.5a"))) == 1


def test_unknown_class_is_an_error(desk_as: DeskAs, tmp_path: Path) -> None:
    found = preview(desk_as("vanthu"), listed(tmp_path, [NEW], "99L999"))
    assert (errors(found), found.usable, found.lines) == (["IN-CLASS"], False, ())


@pytest.mark.parametrize("code", [FIVE, "5A"])
def test_class_is_known_by_code_or_name(desk_as: DeskAs, tmp_path: Path, code: str) -> None:
    (line,) = preview(desk_as("vanthu"), listed(tmp_path, [NEW], code)).lines
    assert line.class_key == "5A"


@pytest.mark.parametrize("state", [state for state in RecordState if state is not RecordState.DRAFT])
def test_submitted_record_locks_its_pupil(desk_as: DeskAs, tmp_path: Path, state: RecordState) -> None:
    desk = desk_as("gv.5a")
    one = everybody(desk)[0]
    set_state(desk, "5A", one.key, state)
    found = preview(desk, listed(tmp_path, [replace(one, name="Tên Khác")]))
    assert errors(found) == ["IN-LOCKED"]
    assert errors(preview(desk, listed(tmp_path, [one]))) == []


def test_record_submitted_since_the_preview_locks_its_pupil(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = everybody(desk)[0]
    found = preview(desk, listed(tmp_path, [replace(one, name="Tên Khác")]))
    set_state(desk_as("gv.5a"), "5A", one.key, RecordState.SUBMITTED)
    with pytest.raises((Refused, Conflict)):
        apply(desk, found)
    assert everybody(desk_as("gv.5a"))[0] == one


def test_moving_class_carries_the_results(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    one = everybody(desk)[0]
    results = dict(desk.class_shard("5A").document(RESULTS, one.key))
    assert results
    found = preview(desk, listed(tmp_path, [one], FOUR))
    assert [(line.kind, line.was_in, line.class_key) for line in found.lines] == [(RowKind.MOVED, "5A", "4A")]
    assert apply(desk, found) == 1
    fresh = desk_as("vanthu")
    assert fresh.class_shard("4A").document(RESULTS, one.key) == results
    assert fresh.class_shard("5A").document(RESULTS, one.key) == {}
    assert one.key in {pupil.key for pupil in everybody(fresh, "4A")}
    assert one.key not in {pupil.key for pupil in everybody(fresh)}
    assert preview(fresh, listed(tmp_path, [one], FOUR)).counts()[RowKind.SAME] == 1


def test_moving_class_is_told_in_the_history(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    one = everybody(desk)[0]
    apply(desk, preview(desk, listed(tmp_path, [one], FOUR)))
    (moved,) = (pupil for pupil in everybody(desk_as("vanthu"), "4A") if pupil.key == one.key)
    assert moved.history[-1].class_name == "4A"


def test_pupil_who_came_back_studies_again(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    (gone,) = (pupil for pupil in everybody(desk) if not pupil.studying)
    found = preview(desk, listed(tmp_path, [replace(gone, left="", left_reason="", joined="2026-04-01")]))
    apply(desk, found)
    (back,) = (pupil for pupil in everybody(desk_as("gv.5a")) if pupil.key == gone.key)
    assert back.studying


@pytest.mark.parametrize("account", ["gv.4a", "gv.anh2"])
def test_only_who_answers_for_the_class_brings_in_its_list(desk_as: DeskAs, tmp_path: Path, account: str) -> None:
    with pytest.raises(NotAllowed):
        preview(desk_as(account), listed(tmp_path, [NEW]))


def test_homeroom_teacher_takes_nobody_out_of_another_class(desk_as: DeskAs, tmp_path: Path) -> None:
    theirs = everybody(desk_as("vanthu"), "4A")[0]
    found = preview(desk_as("gv.5a"), listed(tmp_path, [theirs], FIVE))
    assert not found.usable
    assert [finding.code for finding in found.findings] == ["IN-MOVE"]


@pytest.mark.parametrize(("ours", "theirs"), [("Lê Thị Hoà", "Lê Thị Hòa"), ("Phạm Thuý", "Phạm Thúy")])
def test_a_tone_mark_in_another_place_rewrites_no_name(desk_as: DeskAs, tmp_path: Path, ours: str, theirs: str) -> None:
    desk = desk_as("vanthu")
    apply(desk, preview(desk, listed(tmp_path, [replace(NEW, name=ours)])))
    found = preview(desk, listed(tmp_path, [replace(NEW, name=theirs)]))
    assert (found.counts()[RowKind.SAME], len(found.lines)) == (1, 1)
    spelled = preview(desk, listed(tmp_path, [replace(NEW, name=ours.upper())]))
    assert spelled.counts()[RowKind.CHANGED] == 1


def test_a_pasted_block_is_a_class_list_too(desk_as: DeskAs) -> None:
    desk = desk_as("vanthu")
    block = f"Mã lớp\tMã học sinh\tHọ và tên\tNgày sinh\n5A\t{NEW.code}\t{NEW.name}\t05/05/2015\n"
    assert apply(desk, preview(desk, block)) == 1
    assert NEW.name in [pupil.name for pupil in everybody(desk_as("vanthu"))]


@pytest.mark.parametrize(
    ("written", "grade", "codes"),
    [("4", 4, []), ("Khối 5", 5, []), ("", None, ["IN-GRADE"]), ("2", None, ["IN-GRADE"])],
)
def test_a_combined_class_takes_the_grade_from_the_list(
    desk_as: DeskAs, written: str, grade: int | None, codes: list[str]
) -> None:
    save_class(desk_as("vanthu"), "5A", {"combined": [4]})
    desk = desk_as("vanthu")
    head = "Mã lớp\tMã học sinh\tHọ và tên\tNgày sinh\tKhối"
    found = preview(desk, f"{head}\n5A\t{NEW.code}\t{NEW.name}\t05/05/2015\t{written}\n")
    assert [f.code for f in found.findings] == codes
    apply(desk, found)
    (pupil,) = (p for p in everybody(desk_as("vanthu")) if p.code == NEW.code)
    assert pupil.grade == grade


def test_who_may_not_bring_in_a_list_reads_for_which_class(desk_as: DeskAs) -> None:
    """The homeroom teacher of 5A may import 5A; "not allowed" alone would not tell which class is refused."""
    block = "Mã lớp\tMã học sinh\tHọ tên\n5A\t9911111111\tLê An\n4A\t9911111112\tLê Ba\n"
    with pytest.raises(NotAllowed, match="ở lớp 4A"):
        preview(desk_as("gv.5a"), block)


def test_conflict_names_the_pupil_and_says_that_the_whole_file_waits(desk_as: DeskAs, tmp_path: Path) -> None:
    first, second = desk_as("vanthu"), desk_as("gv.5a")
    path = listed(tmp_path, [NEW])
    seen = preview(first, path)
    apply(second, preview(second, path))
    with pytest.raises(Conflict) as late:
        apply(first, seen)
    assert NEW.name in late.value.what
    assert "Cả tệp chưa ghi gì." in late.value.what
    assert late.value.now == "Xem trước lại tệp này."


def test_conflict_over_a_moved_pupil_says_that_the_whole_file_waits(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    one = everybody(desk)[0]
    seen = preview(desk, listed(tmp_path, [one], FOUR))
    real = desk.store.across

    def late(*arguments: object) -> None:
        set_state(desk_as("gv.5a"), "5A", one.key, RecordState.SUBMITTED)
        real(*arguments)  # type: ignore[arg-type]

    desk.store.across = late  # type: ignore[assignment, method-assign]
    with pytest.raises(Conflict, match="Cả tệp chưa ghi gì"):
        apply(desk, seen)
