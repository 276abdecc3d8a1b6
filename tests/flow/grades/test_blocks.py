"""Many cells at once: planned without a store, written as one change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades import blocks
from hocba_tui.flow.grades.blocks import Area, Plan
from hocba_tui.flow.grades.clipboard import MAX_CHARACTERS, read_tabbed, write_tabbed
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.marks import ALL_SHEET, TRAITS_SHEET, Basis, Marks, Sheet, columns_of, open_marks
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Attempt, Cell, Results, Value, attempts_cell
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.text import clean_block, nfc
from tests.conftest import DeskAs
from tests.support.activity import noted
from tests.support.whole_year import pupil_in, room_of

END, BEFORE = Period.END_YEAR, Period.MID_2
NO_BASIS = Basis(0, {}, {}, "", date(2026, 5, 20))
"""Of marks that were made by hand and not read."""
TOAN_SCORE, TOAN_LEVEL = Cell(END, "TOAN", SCORE), Cell(END, "TOAN", LEVEL)
LETTERS = "abcdeghiklmnopqrstuvxyđơưăâêô" + nfc("ếệỗựạảíỳ") + " .,"
VALUES: dict[EntryKind, st.SearchStrategy[Value]] = {
    EntryKind.LEVEL: st.sampled_from(["T", "H", "C"]),
    EntryKind.SCORE: st.integers(1, 10),
    EntryKind.TEXT: st.text(LETTERS + '"\n\t=', min_size=1, max_size=12).map(clean_block).filter(bool),
}


@st.composite
def grids(draw: st.DrawFn) -> Marks:
    """A class of up to six pupils in one subject, with exemptions, locks and values of this period and the last."""
    room = room_of(5)
    columns = columns_of(room, "TOAN", END)
    pupils = []
    for number in range(draw(st.integers(1, 6))):
        pupil = replace(pupil_in(5), key=f"p{number}", name=f"Em {number}")
        kind = draw(st.sampled_from(["", "", "", "exempt", "not assessed", "left out"]))
        if kind == "exempt":
            pupil = replace(pupil, exempt="TOAN")
        elif kind == "left out":
            pupil = replace(pupil, not_in_plan="TOAN")
        elif kind:
            pupil = replace(pupil, assessed=False)
        pupils.append(pupil)
    results, locks = {}, {}
    for pupil in pupils:
        fields: dict[str, Value] = {}
        for column in columns:
            for period in (BEFORE, END):
                if draw(st.booleans()):
                    fields[column.cell._replace(period=period).field] = draw(VALUES[column.kind])
            if draw(st.integers(0, 4)) == 0:
                locks[(pupil.key, column.cell.field)] = "Kỳ đang khóa."
        results[pupil.key] = Results(fields)
    return Marks(room, Sheet("TOAN", "Toán"), END, columns, tuple(pupils), results, locks, 0, NO_BASIS)


@st.composite
def grids_with_area(draw: st.DrawFn) -> tuple[Marks, Area, dict[tuple[str, str], str]]:
    marks = draw(grids())
    top, bottom = sorted([draw(st.integers(0, len(marks.pupils) - 1)) for _ in range(2)])
    left, right = sorted([draw(st.integers(0, len(marks.columns) - 1)) for _ in range(2)])
    places = [(pupil.key, column.cell.field) for pupil in marks.pupils for column in marks.columns]
    aside = dict.fromkeys(draw(st.lists(st.sampled_from(places), max_size=3)), "đang sai (!)")
    return marks, (top, left, bottom, right), aside


def places_of(plan: Plan) -> list[tuple[str, Cell]]:
    return [(line.pupil.key, line.column.cell) for line in plan.lines]


def check(plan: Plan, marks: Marks, area: Area, aside: dict[tuple[str, str], str]) -> None:
    """What holds for every plan: inside the area, each cell once, and nothing written where nothing may be."""
    top, left, bottom, right = area
    inside = {(p.key, c.cell) for p in marks.pupils[top : bottom + 1] for c in marks.columns[left : right + 1]}
    places = places_of(plan)
    assert len(set(places)) == len(places)
    assert set(places) <= inside
    for line in plan.writing:
        place = (line.pupil.key, line.column.cell.field)
        assert place not in marks.locks
        assert place not in aside
        assert line.pupil.assessed
        assert "TOAN" not in line.pupil.exempt_subjects | line.pupil.left_out
        assert line.before == marks.value(line.pupil.key, line.column.cell)
        assert line.after != line.before
    assert sum(plan.reasons().values()) == len(plan.left_out)


@settings(deadline=None)
@given(grids_with_area())
def test_filling_down_gives_every_open_cell_the_value_of_the_top_one(
    given_: tuple[Marks, Area, dict[tuple[str, str], str]],
) -> None:
    marks, area, aside = given_
    plan = blocks.fill_down(marks, area, aside)
    check(plan, marks, area, aside)
    top = marks.pupils[area[0]]
    assert all(line.pupil is not top for line in plan.lines)
    for line in plan.lines:
        assert str(line.after) == marks.text(top.key, line.column.cell)
    filled = [c for c in marks.columns[area[1] : area[3] + 1] if marks.text(top.key, c.cell)]
    assert len(plan.lines) + plan.same == len(filled) * (area[2] - area[0])


@settings(deadline=None)
@given(grids_with_area(), st.booleans())
def test_copying_the_period_before_gives_each_pupil_their_own_value(
    given_: tuple[Marks, Area, dict[tuple[str, str], str]], over: bool
) -> None:
    marks, area, aside = given_
    plan = blocks.copy_before(marks, area, aside, over=over)
    check(plan, marks, area, aside)
    for line in plan.writing:
        assert line.after == marks.value(line.pupil.key, line.column.cell._replace(period=BEFORE))
        assert over or line.before is None
    assert not any(line.before for line in plan.lines if not over)


@settings(deadline=None)
@given(grids_with_area(), st.sampled_from(["T", "7", "t", "Em ngoan", "0", ""]))
def test_setting_the_empty_cells_never_touches_one_that_holds_something(
    given_: tuple[Marks, Area, dict[tuple[str, str], str]], text: str
) -> None:
    marks, area, aside = given_
    plan = blocks.set_empty(marks, area, text, aside)
    check(plan, marks, area, aside)
    assert all(line.before is None for line in plan.lines)
    assert bool(plan.writing) <= (blocks.lawful_somewhere(marks, range(area[1], area[3] + 1), text) is None)


@settings(deadline=None)
@given(grids_with_area())
def test_clearing_empties_and_says_what_it_leaves(given_: tuple[Marks, Area, dict[tuple[str, str], str]]) -> None:
    marks, area, aside = given_
    plan = blocks.clear(marks, area, aside)
    check(plan, marks, area, aside)
    assert all(line.after is None and line.before is not None for line in plan.lines)


TEXTS = st.lists(
    st.lists(st.sampled_from(["T", "H", "8", "9,5", "8,0", "x", "M", "", "Em ngoan"]), min_size=1, max_size=5),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(grids_with_area(), TEXTS)
def test_a_pasted_block_stays_in_the_grid_and_every_text_is_accounted_for(
    given_: tuple[Marks, Area, dict[tuple[str, str], str]], rows: list[list[str]]
) -> None:
    marks, (top, left, *_), aside = given_
    width = max(map(len, rows))
    rows = [[*row, *[""] * width][:width] for row in rows]
    plan = blocks.paste(marks, top, left, rows, aside)
    check(plan, marks, (top, left, len(marks.pupils) - 1, len(marks.columns) - 1), aside)
    fits = [text for row in rows[: len(marks.pupils) - top] for text in row[: len(marks.columns) - left] if text]
    exempt = sum(1 for text in fits if text == "M") - sum(1 for line in plan.lines if line.text == "M")
    assert len(plan.lines) + plan.same + exempt == len(fits)
    outside = sum(1 for row in rows for text in row if text) - len(fits)
    assert bool(plan.over) == bool(outside)


@settings(deadline=None)
@given(grids())
def test_what_was_copied_and_pasted_back_changes_nothing(marks: Marks) -> None:
    rows = [[marks.text(pupil.key, column.cell) for column in marks.columns] for pupil in marks.pupils]
    plan = blocks.paste(marks, 0, 0, read_tabbed(write_tabbed(rows)), {})
    assert plan.lines == ()
    assert plan.over == ()


@settings(deadline=None)
@given(st.lists(st.lists(st.text(LETTERS + '"\n\t=+-@', max_size=10).map(clean_block), min_size=1), min_size=1))
def test_tabbed_text_reads_back_as_it_was_written(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    square = [[*row, *[""] * width][:width] for row in rows]
    read = read_tabbed(write_tabbed(square))
    for number, row in enumerate(square):
        got = read[number] if number < len(read) else []
        assert [*got, *[""] * width][:width] == row


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_a_block_as_excel_and_terminals_deliver_it(newline: str) -> None:
    text = newline.join(['T\t8\t"Em ngoan,', 'chăm ""học"""\t\t', "H\t9,5\tHọc tốt\t\t", "\t\t\t\t", ""])
    assert read_tabbed(text) == [["T", "8", 'Em ngoan,\nchăm "học"'], ["H", "9,5", nfc("Học tốt")]]


@pytest.mark.parametrize("text", ['"Chăm" là em\t8', 'Em "chăm"\t8', '"\t8', 'a"b\t8'])
def test_a_quotation_mark_inside_a_cell_is_a_letter(text: str) -> None:
    assert read_tabbed(text) == [[text.partition("\t")[0], "8"]]


def test_what_a_spreadsheet_would_take_for_a_formula_is_text() -> None:
    assert write_tabbed([["=1+1", "- Em ngoan", "8"]]) == " =1+1\t - Em ngoan\t8"


def test_an_endless_paste_is_refused() -> None:
    with pytest.raises(Refused, match="quá dài"):
        read_tabbed("x" * (MAX_CHARACTERS + 1))


# --- with a store -------------------------------------------------------------------------------


@pytest.fixture
def desk(desk_as: DeskAs) -> Desk:
    return desk_as("gv.5a")


def marks_of(desk: Desk, sheet: str = "TOAN", period: Period = END) -> Marks:
    return open_marks(desk, "5A", sheet, period)


def column_of(marks: Marks, cell: Cell) -> int:
    return [column.cell for column in marks.columns].index(cell)


def test_a_filled_column_is_one_change_and_one_step_of_undo_and_redo(desk: Desk) -> None:
    marks = marks_of(desk)
    before = {p.key: marks.text(p.key, TOAN_LEVEL) for p in marks.pupils}
    top = next(number for number, p in enumerate(marks.pupils) if before[p.key])
    column, seq = column_of(marks, TOAN_LEVEL), desk.class_shard("5A").seq
    plan = blocks.fill_down(marks, (top, column, len(marks.pupils) - 1, column), {})
    assert plan.writing
    entry = blocks.write(desk, "5A", plan)
    assert entry is not None
    assert (entry.act, entry.seq) == ("fill_down", seq + 1)
    wanted = before[marks.pupils[top].key]
    after = marks_of(desk)
    assert all(after.text(line.pupil.key, TOAN_LEVEL) == wanted for line in plan.writing)
    assert blocks.fill_down(after, (top, column, len(marks.pupils) - 1, column), {}).writing == ()
    undo(desk, "5A")
    assert {p.key: marks_of(desk).text(p.key, TOAN_LEVEL) for p in marks.pupils} == before
    redo(desk, "5A")
    assert all(marks_of(desk).text(line.pupil.key, TOAN_LEVEL) == wanted for line in plan.writing)


def spoil_one(desk: Desk, plan: Plan, text: str) -> None:
    line = plan.writing[-1]
    enter(desk, "5A", [Typed(line.pupil.key, line.column.cell, text, line.before)])


def close_period(desk_as: DeskAs) -> None:
    set_open(desk_as("hieutruong"), END, is_open=False, reason="hết hạn")


def test_a_cell_that_another_changed_since_the_preview_stops_the_whole_block(desk: Desk, desk_as: DeskAs) -> None:
    marks = marks_of(desk)
    column = column_of(marks, TOAN_SCORE)
    plan = blocks.paste(marks, 0, column, [["5"]] * len(marks.pupils), {})
    spoil_one(desk_as("gv.5a"), plan, "6")
    before = marks_of(desk)
    with pytest.raises(Conflict, match=f"{plan.writing[-1].pupil.name}.*Cả khối chưa ghi gì"):
        blocks.write(desk, "5A", plan)
    after = marks_of(desk)
    assert [after.text(p.key, TOAN_SCORE) for p in marks.pupils] == [
        before.text(p.key, TOAN_SCORE) for p in marks.pupils
    ]


def test_a_period_that_was_closed_since_the_preview_stops_the_whole_block(desk: Desk, desk_as: DeskAs) -> None:
    marks = marks_of(desk)
    plan = blocks.paste(marks, 0, column_of(marks, TOAN_SCORE), [["5"]] * 3, {})
    close_period(desk_as)
    seq = desk.class_shard("5A").seq
    with pytest.raises(Conflict, match=r"đang khóa.*Cả khối chưa ghi gì"):
        blocks.write(desk, "5A", plan)
    assert desk.class_shard("5A").seq == seq


def test_others_subjects_in_the_block_are_left_out_and_named(desk: Desk) -> None:
    marks = marks_of(desk, ALL_SHEET.key)
    row = next(number for number, pupil in enumerate(marks.pupils) if pupil.assessed)
    plan = blocks.paste(marks, row, 0, [["C"] * len(marks.columns)], {})
    why = {line.column.cell.item: (line.why, line.reason) for line in plan.left_out}
    assert why["NN1"][0] == blocks.LOCKED
    assert "nhập" in why["NN1"][1]
    assert {line.column.cell.item for line in plan.writing} >= {"TV", "TOAN"}


def test_a_score_with_decimals_of_nothing_is_whole_and_m_fits_who_is_exempt(desk: Desk) -> None:
    marks = marks_of(desk)
    row = next(number for number, pupil in enumerate(marks.pupils) if pupil.assessed)
    column = column_of(marks, TOAN_SCORE)
    for text, after in (("8,0", 8), ("10.00", 10)):
        plan = blocks.paste(marks, row, column, [[text]], {})
        assert [line.after for line in plan.writing] == [after][plan.same :]
    assert [line.why for line in blocks.paste(marks, row, column, [["9,5"]], {}).lines] == [blocks.UNLAWFUL]
    gym = marks_of(desk, "GDTC")
    exempt = next(number for number, pupil in enumerate(gym.pupils) if "GDTC" in pupil.exempt_subjects)
    assert blocks.paste(gym, exempt, 0, [["M"]], {}).lines == ()
    assert blocks.copied(desk, gym, (exempt, 0, exempt, 0)) == "M"


def test_a_score_that_was_tested_twice_is_not_cleared() -> None:
    marks = marks_by_hand(
        {TOAN_SCORE.field: 8, attempts_cell(END, "TOAN").field: [list(Attempt(4, "")), list(Attempt(8, ""))]}
    )
    plan = blocks.clear(marks, (0, 0, 0, len(marks.columns) - 1), {})
    assert [line.why for line in plan.lines] == [blocks.TESTED_TWICE]


def test_a_mark_that_stands_as_a_comment_since_an_older_version_may_be_pasted_back() -> None:
    marks = marks_by_hand({Cell(END, "TOAN", COMMENT).field: "T"})
    column = next(number for number, found in enumerate(marks.columns) if found.cell.aspect == COMMENT)
    assert blocks.paste(marks, 0, column, [["T"]], {}).same == 1
    assert [line.why for line in blocks.paste(marks, 0, column, [["H"]], {}).lines] == [blocks.UNLAWFUL]


def marks_by_hand(fields: dict[str, object]) -> Marks:
    room, pupil = room_of(5), pupil_in(5)
    columns = columns_of(room, "TOAN", END)
    return Marks(room, Sheet("TOAN", "Toán"), END, columns, (pupil,), {pupil.key: Results(fields)}, {}, 0, NO_BASIS)


@pytest.mark.parametrize(
    ("sheet", "period", "before"),
    [
        ("TOAN", Period.MID_1, None),
        ("TOAN", Period.END_1, Period.MID_1),
        (TRAITS_SHEET.key, END, BEFORE),
        ("year", END, None),
    ],
)
def test_the_period_before(sheet: str, period: Period, before: Period | None) -> None:
    for column in columns_of(room_of(5), sheet, period):
        earlier = blocks.period_before(column.cell)
        assert (earlier and earlier.period) == before


def test_that_pupils_results_were_copied_out_is_noted(desk: Desk) -> None:
    text = blocks.copied(desk, marks_of(desk), (0, 0, 4, 1))
    assert len(text.split("\n")) == 5
    assert [(*left[:3], left.touched.class_key) for left in noted(desk.root)] == [("gv.5a", "copy", "TOAN: 10", "5A")]
