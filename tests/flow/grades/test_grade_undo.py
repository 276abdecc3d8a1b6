"""What u and y do in a class: the last thing that the person did there, one typed cell at a time."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from hocba_tui.errors import CellConflict, Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.grades.blocks import CLEAR
from hocba_tui.flow.grades.enter import Typed, enter, take_back
from hocba_tui.flow.grades.last_act import OtherActLast
from hocba_tui.flow.grades.steps import IMPORT
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.model.results import PROMOTED, PROMOTED_BY, PROMOTED_ON, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit, class_shard, edits_for
from tests.conftest import DeskAs

MATHS, READING = Cell(Period.END_YEAR, "TOAN", SCORE), Cell(Period.END_YEAR, "TV", SCORE)
Step = dict[str, tuple[object, object]]
"""What a step changed: by pupil, the score before and after."""


@pytest.fixture
def desk(desk_as: DeskAs) -> Desk:
    return desk_as("gv.5a")


@pytest.fixture
def pupils(desk: Desk) -> list[str]:
    """Pupils of 5A whose cells are all open, with an empty score in maths and in reading."""
    shard = desk.class_shard("5A")
    found = [p.key for p in desk.pupils("5A") if p.assessed and not p.exempt and not p.not_in_plan][:4]
    for key in found:
        before = shard.document(RESULTS, key)
        after = {name: value for name, value in before.items() if not name.startswith(("end_year.TOAN", "end_year.TV"))}
        shard.change("test", "test", edits_for(RESULTS, key, before, after))
    return found


def held(desk: Desk, pupil: str, cell: Cell = MATHS) -> object:
    return desk.class_shard("5A").document(RESULTS, pupil).get(cell.field)


def scores(desk: Desk, pupils: list[str], cell: Cell = MATHS) -> list[object]:
    return [held(desk, pupil, cell) for pupil in pupils]


def save(desk: Desk, *typed: tuple[str, str], cell: Cell = MATHS) -> None:
    entered = enter(desk, "5A", [Typed(pupil, cell, text, held(desk, pupil, cell)) for pupil, text in typed])  # type: ignore[arg-type]
    assert not entered.refused


def restore(desk: Desk, *typed: tuple[str, str], cell: Cell = MATHS) -> int:
    """Take back, and return the number of the change that was taken back."""
    entered = take_back(desk, "5A", [Typed(pupil, cell, text, held(desk, pupil, cell)) for pupil, text in typed])  # type: ignore[arg-type]
    assert entered.entry is not None
    assert not entered.refused
    return entered.entry.undoes


def test_what_was_saved_together_is_undone_cell_by_cell_the_last_typed_first(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[2], "5"), (pupils[0], "6"), (pupils[1], "7"))
    undo(desk, "5A")
    assert scores(desk, pupils) == [6, None, 5, None]
    undo(desk, "5A")
    assert scores(desk, pupils) == [None, None, 5, None]
    redo(desk, "5A")
    assert scores(desk, pupils) == [6, None, 5, None]
    redo(desk, "5A")
    assert scores(desk, pupils) == [6, 7, 5, None]
    assert redo(desk, "5A") is None
    for _ in range(3):
        undo(desk, "5A")
    assert scores(desk, pupils) == [None] * 4


def test_blocks_and_files_stay_one_step(desk: Desk, pupils: list[str]) -> None:
    save(desk, *[(pupil, "8") for pupil in pupils])
    enter(desk, "5A", [Typed(pupil, MATHS, "", 8) for pupil in pupils[:3]], CLEAR, whole=True)
    edits = [Edit(RESULTS, pupil, READING.field, None, 9) for pupil in pupils]
    desk.class_shard("5A").change("gv.5a", IMPORT, edits, "diem.xlsx")
    undo(desk, "5A")
    assert scores(desk, pupils, READING) == [None] * 4
    undo(desk, "5A")
    assert scores(desk, pupils) == [8, 8, 8, 8]
    undo(desk, "5A")
    assert scores(desk, pupils) == [8, 8, 8, None]


def test_what_changes_only_together_with_a_cell_is_undone_with_it(desk_as: DeskAs, pupils: list[str]) -> None:
    principal = desk_as("hieutruong")
    save(principal, (pupils[0], "0"), (pupils[1], "0"), cell=PROMOTED)
    undo(principal, "5A")
    assert [held(principal, pupils[1], cell) for cell in (PROMOTED, PROMOTED_BY, PROMOTED_ON)] == [None, None, None]
    assert held(principal, pupils[0], PROMOTED_BY) == "hieutruong"


# --- taken back in the grid ----------------------------------------------------------------------


def test_undo_steps_over_a_value_that_was_taken_back(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    save(desk, (pupils[1], "7"))
    assert restore(desk, (pupils[1], ""))
    assert scores(desk, pupils[:2]) == [6, None]
    undo(desk, "5A")
    assert scores(desk, pupils[:2]) == [None, None]
    redo(desk, "5A")
    assert scores(desk, pupils[:2]) == [6, None]
    assert redo(desk, "5A") is None


def test_the_other_cells_of_its_group_are_still_undone(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"), (pupils[1], "7"), (pupils[2], "8"))
    restore(desk, (pupils[1], ""))
    undo(desk, "5A")
    assert scores(desk, pupils[:3]) == [6, None, None]
    undo(desk, "5A")
    assert scores(desk, pupils[:3]) == [None, None, None]
    assert undo(desk, "5A") is None


def test_what_was_typed_over_another_value_gives_that_value_back(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    save(desk, (pupils[0], "9"))
    restore(desk, (pupils[0], "6"))
    restore(desk, (pupils[0], ""))
    assert scores(desk, pupils[:1]) == [None]
    assert undo(desk, "5A") is None


def test_taking_back_restores_who_decided_and_when(desk_as: DeskAs, pupils: list[str]) -> None:
    deputy, principal = desk_as("phohieutruong"), desk_as("hieutruong")
    save(deputy, (pupils[0], "0"), cell=PROMOTED)
    decided = deputy.class_shard("5A").document(RESULTS, pupils[0])
    save(principal, (pupils[0], ""), cell=PROMOTED)
    restore(principal, (pupils[0], "0"), cell=PROMOTED)
    assert principal.class_shard("5A").document(RESULTS, pupils[0]) == decided


def test_a_value_that_was_redone_can_be_taken_back(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    undo(desk, "5A")
    redo(desk, "5A")
    assert restore(desk, (pupils[0], ""))
    assert undo(desk, "5A") is None
    assert redo(desk, "5A") is None


def test_several_values_of_one_group_are_taken_back_together(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"), (pupils[1], "7"), (pupils[2], "8"))
    assert restore(desk, (pupils[0], ""), (pupils[2], ""))
    undo(desk, "5A")
    assert scores(desk, pupils[:3]) == [None, None, None]
    assert undo(desk, "5A") is None


def test_what_does_not_exactly_reverse_is_a_change_like_any_other(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    assert restore(desk, (pupils[0], "5")) == 0
    undo(desk, "5A")
    assert scores(desk, pupils[:1]) == [6]
    save(desk, (pupils[1], "7"))
    assert restore(desk, (pupils[0], ""), (pupils[1], "")) == 0
    undo(desk, "5A")
    assert scores(desk, pupils[:2]) == [None, 7]
    undo(desk, "5A")
    assert scores(desk, pupils[:2]) == [6, 7]


def test_one_cell_of_a_block_is_not_stepped_over(desk: Desk, pupils: list[str]) -> None:
    enter(desk, "5A", [Typed(pupil, MATHS, "8", None) for pupil in pupils], "paste", whole=True)
    assert restore(desk, (pupils[0], "")) == 0
    undo(desk, "5A")
    assert scores(desk, pupils) == [8] * 4


def test_taking_back_what_somebody_else_has_written_since_is_a_conflict(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    desk.class_shard("5A").change("gv.av", "enter", [Edit(RESULTS, pupils[0], MATHS.field, 6, 7)])
    with pytest.raises(CellConflict):
        take_back(desk, "5A", [Typed(pupils[0], MATHS, "", 6)])
    assert scores(desk, pupils[:1]) == [7]


# --- another act is the last ---------------------------------------------------------------------


def submitted(desk: Desk, pupil: str) -> None:
    desk.class_shard("5A").change(desk.actor.key, "submit", [Edit(RECORDS, pupil, "state", None, "submitted")])


def corrected(desk: Desk, pupil: str) -> None:
    correct_pupil(desk, "5A", pupil, {"address": "Thôn 7, xã Liễu Đề"})


def returned(desk: Desk, pupil: str) -> None:
    desk.class_shard("5A").change(desk.actor.key, "return", [Edit(RECORDS, pupil, "reason", None, "Sai điểm")])


def moved(desk: Desk, pupil: str) -> None:
    here, there = (class_shard(desk.school.year, key) for key in ("5A", "4A"))
    steps = {here: [Edit(PUPILS, pupil, "name", desk.class_shard("5A").document(PUPILS, pupil)["name"], "Đã chuyển")],
             there: [Edit(PUPILS, pupil, "name", None, "Đã chuyển")]}  # fmt: skip
    desk.store.across(desk.actor.key, "change_class", steps)


WORDS: dict[Callable[[Desk, str], None], str] = {
    submitted: "nộp học bạ", corrected: "sửa thông tin học sinh", returned: "trả lại học bạ",
    moved: "chuyển lớp cho học sinh",
}  # fmt: skip


@pytest.mark.parametrize("act", WORDS)
def test_undo_says_what_was_done_last_when_it_is_not_undone_here(
    desk: Desk, pupils: list[str], act: Callable[[Desk, str], None]
) -> None:
    save(desk, (pupils[0], "6"))
    save(desk, (pupils[1], "7"))
    act(desk, pupils[3])
    with pytest.raises(OtherActLast, match=WORDS[act]) as told:
        undo(desk, "5A")
    assert told.value.now
    assert scores(desk, pupils[:2]) == [6, 7]
    undo(desk, "5A", past=told.value.seq)
    assert scores(desk, pupils[:2]) == [6, None]
    undo(desk, "5A")
    assert scores(desk, pupils[:2]) == [None, None]
    redo(desk, "5A")
    redo(desk, "5A")
    assert scores(desk, pupils[:2]) == [6, 7]


def test_what_was_entered_after_another_act_is_undone_and_then_that_act_is_told(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    corrected(desk, pupils[3])
    save(desk, (pupils[1], "7"))
    undo(desk, "5A")
    assert scores(desk, pupils[:2]) == [6, None]
    with pytest.raises(OtherActLast):
        undo(desk, "5A")
    redo(desk, "5A")
    assert scores(desk, pupils[:2]) == [6, 7]


def test_redo_does_not_pass_another_act_silently(desk: Desk, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    undo(desk, "5A")
    corrected(desk, pupils[3])
    with pytest.raises(OtherActLast, match="không làm lại ở đây") as told:
        redo(desk, "5A")
    redo(desk, "5A", past=told.value.seq)
    assert scores(desk, pupils[:1]) == [6]


def test_other_peoples_acts_are_not_told(desk: Desk, desk_as: DeskAs, pupils: list[str]) -> None:
    save(desk, (pupils[0], "6"))
    corrected(desk_as("hieutruong"), pupils[3])
    undo(desk, "5A")
    assert scores(desk, pupils[:1]) == [None]


def test_nothing_is_undone_for_a_pupil_who_is_in_another_class_now(
    desk: Desk, desk_as: DeskAs, pupils: list[str]
) -> None:
    save(desk, (pupils[0], "6"))
    shard = desk.class_shard("5A")
    for table in (PUPILS, RESULTS):
        shard.change("vanthu", "change_class", edits_for(table, pupils[0], shard.document(table, pupils[0]), {}))
    with pytest.raises((CellConflict, Refused)):
        undo(desk, "5A")
    assert shard.document(RESULTS, pupils[0]) == {}


def test_who_never_did_anything_has_nothing_to_undo(desk_as: DeskAs) -> None:
    assert undo(desk_as("gv.theduc"), "5A") is None
    assert redo(desk_as("gv.theduc"), "5A") is None


# --- all together --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_typing_blocks_undo_redo_and_taking_back_is_that_of_an_editor(
    desk: Desk, pupils: list[str], seed: int
) -> None:
    dice = random.Random(seed)
    done: list[Step] = []
    undone: list[Step] = []
    now: dict[str, object] = dict.fromkeys(pupils)
    for _ in range(60):
        move = dice.choice(["type", "type", "block", "undo", "undo", "redo", "back"])
        some = {pupil: dice.randint(1, 10) for pupil in dice.sample(pupils, dice.randint(1, 3))}
        some = {pupil: score for pupil, score in some.items() if score != now[pupil]}
        if move in ("type", "block") and some:
            typed = [Typed(pupil, MATHS, str(score), now[pupil]) for pupil, score in some.items()]  # type: ignore[arg-type]
            enter(desk, "5A", typed, "enter" if move == "type" else "paste")
            block: Step = {pupil: (now[pupil], score) for pupil, score in some.items()}
            done += [{pupil: pair} for pupil, pair in block.items()] if move == "type" else [block]
            undone.clear()
            now |= some
        elif move in ("undo", "redo"):
            made = (undo if move == "undo" else redo)(desk, "5A")
            source, target = (done, undone) if move == "undo" else (undone, done)
            assert (made is not None) == bool(source)
            if source:
                target.append(source.pop())
                now |= {pupil: pair[move == "redo"] for pupil, pair in target[-1].items()}
        elif move == "back":
            pupil = dice.choice(pupils)
            last = next((step for step in reversed(done) if pupil in step), {})
            if len(last) == 1:
                restore(desk, (pupil, "" if last[pupil][0] is None else str(last[pupil][0])))
                done.remove(last)
                undone.clear()
                now[pupil] = last[pupil][0]
        assert dict(zip(pupils, scores(desk, pupils), strict=True)) == now
