"""A verb opens the school and its class once, and again only after it has waited: what each reads again, counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.clock import Clock
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades import blocks
from hocba_tui.flow.grades.conflicts import clash_over
from hocba_tui.flow.grades.enter import Typed, enter, take_back
from hocba_tui.flow.grades.marks import look_again, open_marks
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.grades.results_import import ResultsRequest
from hocba_tui.flow.grades.results_import import apply as apply_results
from hocba_tui.flow.grades.results_import import preview as preview_results
from hocba_tui.flow.grades.retests import Again, assess_again
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import receipts
from hocba_tui.flow.pupils.enrolment import admit, change_class, come_back, leave
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.pupils.past_years import write_year
from hocba_tui.flow.pupils.pupils_import import apply, preview
from hocba_tui.flow.records.approve import approve, send_back
from hocba_tui.flow.records.issue import issue
from hocba_tui.flow.records.issued_files import export_class, issued_files
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.records.offline_server import make_request
from hocba_tui.flow.records.ready import prepare
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.reports.card import card
from hocba_tui.flow.reports.history import history
from hocba_tui.flow.reports.sheets import export_sheet
from hocba_tui.flow.school.classes import save_class
from hocba_tui.flow.school.import_undo import undo_import
from hocba_tui.flow.verify.issued import verify_issued
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import LEVEL, SCORE, Cell
from hocba_tui.model.values import Period, RecordState, SheetForm, Slot
from hocba_tui.signing.training import PIN
from tests.conftest import DeskAs
from tests.support.refreshes import CountingSigner, counting
from tests.support.result_sheets import PupilRow, write_results
from tests.support.signed import fill_gaps, open_first_round

pytestmark = pytest.mark.usefixtures("read_here")

END = Period.END_YEAR
MATHS, SCORED = Cell(END, "TOAN", LEVEL), Cell(END, "TOAN", SCORE)
ONCE = {"school": 1, "5A": 1}
YEAR = str(Clock().now().year)

Verb = Callable[[Desk], object]
"""The verb alone: what it needs has been read and written before, over a store that counts nothing."""


def assessed(desk: Desk) -> list[Pupil]:
    return [pupil for pupil in desk.pupils("5A") if pupil.assessed and not pupil.exempt]


def typed(desk: Desk) -> Typed:
    pupil = assessed(desk)[0]
    seen = desk.class_shard("5A").document(RESULTS, pupil.key).get(MATHS.field)
    return Typed(pupil.key, MATHS, "H" if seen == "T" else "T", seen)


# --- grades ---------------------------------------------------------------------------------------


def a_cell(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    return lambda counted: enter(counted, "5A", [one])


def a_cell_taken_back(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    enter(desk, "5A", [one])
    back = Typed(one.pupil, one.cell, str(one.seen or ""), one.text)
    return lambda counted: take_back(counted, "5A", [back])


def a_block(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    top = next(row for row, pupil in enumerate(marks.pupils) if marks.value(pupil.key, MATHS))
    column = [column.cell for column in marks.columns].index(MATHS)
    plan = blocks.fill_down(marks, (top, column, len(marks.pupils) - 1, column), {})
    assert len(plan.writing) > 5
    return lambda counted: blocks.write(counted, "5A", plan)


def an_undo(desk: Desk, _: Path) -> Verb:
    enter(desk, "5A", [typed(desk)])
    return lambda counted: undo(counted, "5A")


def a_redo(desk: Desk, _: Path) -> Verb:
    enter(desk, "5A", [typed(desk)])
    undo(desk, "5A")
    return lambda counted: redo(counted, "5A")


def a_clash(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    return lambda counted: clash_over(counted, "5A", one, "2026-06-10T10:00:00")


def a_retest(desk: Desk, _: Path) -> Verb:
    pupil = next(pupil for pupil in assessed(desk) if desk.results("5A")[pupil.key].score(END, "TOAN"))
    return lambda counted: assess_again(counted, "5A", pupil.key, SCORED, Again("7", "03/06/2026", "nhầm đề"))


def a_grid(_: Desk, __: Path) -> Verb:
    return lambda counted: open_marks(counted, "5A", "TOAN", END)


def a_grid_that_stays_open(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    return lambda counted: look_again(counted, marks)


def a_grid_that_somebody_changed(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    enter(desk, "5A", [typed(desk)])
    return lambda counted: look_again(counted, marks)


def a_review(_: Desk, __: Path) -> Verb:
    return lambda counted: review(counted, "5A")


def what_is_missing(_: Desk, __: Path) -> Verb:
    return lambda counted: missing(counted, "5A", END)


def _results_file(desk: Desk, folder: Path) -> Path:
    place, rows = ("TOAN", LEVEL), []
    for pupil in assessed(desk):
        held = desk.results("5A")[pupil.key].fields.get(MATHS.field)
        rows.append(PupilRow(pupil, {place: "H" if held == "T" else "T"}, {}, "5A"))
    return write_results(folder / "results.xlsx", rows, [place], [])


def a_look_into_a_file_of_results(desk: Desk, folder: Path) -> Verb:
    path = _results_file(desk, folder)
    return lambda counted: preview_results(counted, path, ResultsRequest(END, "5A"))


def a_file_of_results(desk: Desk, folder: Path) -> Verb:
    found = preview_results(desk, _results_file(desk, folder), ResultsRequest(END, "5A"))
    assert len(found.writing) > 5
    return lambda counted: apply_results(counted, found)


# --- pupils and reports ---------------------------------------------------------------------------


def a_correction(desk: Desk, _: Path) -> Verb:
    key = assessed(desk)[0].key
    return lambda counted: correct_pupil(counted, "5A", key, {"address": "Xóm Mới", "personal_id": "999315111111"})


def a_new_pupil(_: Desk, __: Path) -> Verb:
    facts = {"name": "Lò Thị Ánh", "birth": "05/05/2015", "sex": "nữ", "personal_id": "999315111111"}
    return lambda counted: admit(counted, "5A", facts)


def leaving(desk: Desk, _: Path) -> Verb:
    key = assessed(desk)[0].key
    return lambda counted: leave(counted, "5A", key, "01/06/2026", "", "Chuyển đi")


def coming_back(desk: Desk, _: Path) -> Verb:
    key = assessed(desk)[0].key
    leave(desk, "5A", key, "01/06/2026", "", "Chuyển đi")
    return lambda counted: come_back(counted, "5A", key, "02/06/2026")


def a_past_year(desk: Desk, _: Path) -> Verb:
    pupil = assessed(desk)[0]
    row = {"year": "2023-2024", "class_name": "3A", "school": "Trường Mẫu", "arrived": "05/09/2023"}
    return lambda counted: write_year(counted, "5A", pupil, None, row)


def _class_list(desk: Desk, folder: Path) -> Path:
    path = folder / "list.xlsx"
    write_class_list(path, "99L005", [replace(pupil, address="Xóm Mới") for pupil in desk.pupils("5A")])
    return path


def a_look_into_a_class_list(desk: Desk, folder: Path) -> Verb:
    path = _class_list(desk, folder)
    return lambda counted: preview(counted, path)


def a_class_list(desk: Desk, folder: Path) -> Verb:
    found = preview(desk, _class_list(desk, folder))
    assert len(found.writing) > 5
    return lambda counted: apply(counted, found)


def a_card(desk: Desk, _: Path) -> Verb:
    key = assessed(desk)[0].key
    return lambda counted: card(counted, "5A", key)


def a_history(desk: Desk, _: Path) -> Verb:
    key = assessed(desk)[0].key
    return lambda counted: list(history(counted, "5A", key))


def a_sheet(_: Desk, folder: Path) -> Verb:
    return lambda counted: export_sheet(counted, SheetForm.CSDL, "5A", END, folder / "sheet.xlsx")


VERBS = [
    a_cell, a_cell_taken_back, a_block, an_undo, a_redo, a_clash, a_retest, a_grid, a_grid_that_stays_open,
    a_grid_that_somebody_changed, a_review, what_is_missing, a_file_of_results, a_correction, a_new_pupil, leaving,
    coming_back, a_past_year, a_class_list, a_card, a_history, a_sheet,
]  # fmt: skip


@pytest.mark.parametrize("prepared", VERBS, ids=lambda row: row.__name__)
def test_a_verb_reads_the_school_and_the_class_again_once(
    prepared: Callable[[Desk, Path], Verb], desk_as: DeskAs, tmp_path: Path
) -> None:
    desk = desk_as("gv.5a")
    verb = prepared(desk, tmp_path)
    counted, refreshes = counting(desk)
    verb(counted)
    assert refreshes.counted == ONCE


@pytest.mark.parametrize("prepared", [a_look_into_a_file_of_results, a_look_into_a_class_list])
def test_a_look_into_a_file_reads_the_school_before_the_file_and_after_it(
    prepared: Callable[[Desk, Path], Verb], desk_as: DeskAs, tmp_path: Path
) -> None:
    """Before: whether the actor may at all. After: reading may have taken long."""
    desk = desk_as("gv.5a")
    verb = prepared(desk, tmp_path)
    counted, refreshes = counting(desk)
    verb(counted)
    assert refreshes.counted == {**ONCE, "school": 2}


def a_list_of_two_classes(desk: Desk, folder: Path) -> Path:
    path = folder / "list.xlsx"
    moved = [replace(pupil, address="Xóm Mới") for pupil in (*desk.pupils("5A"), *desk.pupils("5B"))]
    write_class_list(path, "99L005", moved)
    return path


def test_a_verb_over_two_classes_reads_each_again_once(desk_as: DeskAs, tmp_path: Path) -> None:
    desk, both = desk_as("vanthu"), {**ONCE, "5B": 1}
    save_class(desk, "5B", {"grade": 5})
    for pupil in assessed(desk)[1:5]:
        counted, refreshes = counting(desk)
        change_class(counted, pupil.key, "5A", "5B", "01/05/2026", "")
        assert refreshes.counted == ONCE  # What is in the other class is compared when the change is written.
    path = a_list_of_two_classes(desk, tmp_path)
    counted, refreshes = counting(desk)
    found = preview(counted, path)
    assert found.counts()[RowKind.MOVED] == 4
    assert refreshes.counted == {**both, "school": 2}
    counted, refreshes = counting(desk)
    assert apply(counted, found) > 5
    assert refreshes.counted == both


def test_an_import_is_taken_back_over_what_was_opened_once(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    assert apply(desk, preview(desk, _class_list(desk, tmp_path))) > 5
    counted, refreshes = counting(desk)
    undo_import(counted)
    assert refreshes.counted == {"school": 1, **{room.key: 1 for room in desk.classrooms()}}


# --- records --------------------------------------------------------------------------------------

AND_OUTBOX = {**ONCE, "outbox": 1}
WAY: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "prepare": ({}, ONCE),
    "request a submission": ({}, AND_OUTBOX),
    "submit": (AND_OUTBOX, AND_OUTBOX),
    "send back": ({}, ONCE),
    "request an approval": ({}, ONCE),
    "approve": (ONCE, ONCE),
    "request a seal": ({}, AND_OUTBOX),
    # Opened again twice: when the token has sealed the records, and when it has signed the package.
    # The heads of all journals are signed in the end, and kept in the journal of the year.
    "issue": (AND_OUTBOX, {"school": 3, "5A": 3, "outbox": 3, YEAR: 1}),
    "receipts": ({}, AND_OUTBOX),
    "issued files": ({}, ONCE),
    "export": ({}, ONCE),
    "verify": ({}, ONCE),
}
"""By verb: what is read again before a token is asked for a signature, and what in all."""


def test_a_verb_of_records_opens_again_only_after_the_token(few_root: Path, few: DemoSchool, tmp_path: Path) -> None:
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = {}

    def act(name: str, account: str, verb: Verb) -> None:
        counted, refreshes = counting(open_desk(few_root, account))
        verb(counted)
        found[name] = {}, dict(refreshes.counted)

    def sign(name: str, account: str, slot: Slot, verb: Callable[..., AsyncGenerator[Done, None]]) -> None:
        counted, refreshes = counting(open_desk(few_root, account))

        async def run() -> None:
            signer = await unlock(open_desk(few_root, account), slot, PIN)
            done = [done async for done in verb(counted, "5A", CountingSigner(signer, refreshes))]
            assert len(done) > 10
            assert not any(one.problem for one in done)

        asyncio.run(run())
        found[name] = dict(refreshes.before_signing or {}), dict(refreshes.counted)

    def first(state: RecordState) -> str:
        records = open_desk(few_root, "hieutruong").records("5A")
        return next(key for key, record in records.items() if record.state is state)

    fill_gaps(few_root, few)
    open_first_round(few_root)
    act("prepare", "gv.5a", lambda desk: prepare(desk, "5A"))
    act("request a submission", "gv.5a", lambda desk: make_request(desk, "5A", Slot.HOMEROOM))
    sign("submit", "gv.5a", Slot.HOMEROOM, submit)
    back = first(RecordState.SUBMITTED)
    act("send back", "hieutruong", lambda desk: send_back(desk, "5A", back, "nhầm"))
    act("request an approval", "hieutruong", lambda desk: make_request(desk, "5A", Slot.PRINCIPAL))
    sign("approve", "hieutruong", Slot.PRINCIPAL, approve)
    act("request a seal", "vanthu", lambda desk: make_request(desk, "5A", Slot.SEAL))
    sign("issue", "vanthu", Slot.SEAL, issue)
    sealed = first(RecordState.ISSUED)
    act("receipts", "vanthu", receipts)
    act("issued files", "vanthu", lambda desk: issued_files(desk, "5A"))
    act("export", "vanthu", lambda desk: export_class(desk, "5A", tmp_path / "out"))
    act("verify", "vanthu", lambda desk: verify_issued(desk, "5A", sealed))
    assert found == WAY
