"""Ways about the grid, by real keys: to a subject, a column, the next odd cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import HEIGHT, LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.rules.review import GAP
from hocba_tui.screens.search import matching
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page, settle
from tests.screens.grid.test_grid_safety import assessed
from tests.support.text_of import screen_text, status, title

END = Period.END_YEAR
TOAN_SCORE, TOAN_LEVEL = Cell(END, "TOAN", SCORE), Cell(END, "TOAN", LEVEL)


@pytest.mark.parametrize(("typed", "subject"), [("toan", "Toán"), ("tieng v", "Tiếng Việt"), ("gdtc", "Giáo dục thể")])
async def test_a_subject_is_found_by_part_of_its_name_or_its_code(open_app: Open, typed: str, subject: str) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all") as pilot:
        await pilot.press("s", *typed, "enter")
        await pilot.pause()
        assert f"› {subject}" in title(pilot)


async def test_what_nobody_is_called_changes_nothing(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all") as pilot:
        before = title(pilot)
        await pilot.press("s", *"xyz", "enter")
        await pilot.pause()
        assert "Không có tên nào như vậy" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert title(pilot) == before


async def test_a_column_far_to_the_right_is_found_by_name(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all") as pilot:
        await pilot.press("down", "q", *"khoa hoc d", "enter")
        await pilot.pause()
        found = page(pilot).entry.marks.columns[page(pilot).grid.model.column].cell
        assert found == Cell(END, "KH", SCORE)
        assert page(pilot).grid.model.row == 1


async def test_what_is_half_typed_is_not_taken_to_the_other_column(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=TOAN_SCORE.field) as pilot:
        await pilot.press("1", "q", *"muc", "enter")
        await settle(pilot)
        assert page(pilot).grid.model.column == 0
    results = open_desk(store_root, "gv.5a").results("5A")[pupil]
    assert results.text(TOAN_SCORE) == "1"


def test_names_that_begin_so_come_first() -> None:
    options = [("A", "Tiếng Anh"), ("B", "Công nghệ thông tin"), ("C", "Tin học"), ("D", "Toán")]
    assert [key for key, _ in matching(options, "tin")] == ["B", "C"]
    assert [key for key, _ in matching(options, "n")][-2:] == ["C", "D"]
    assert [key for key, _ in matching(options, "Đ")] == ["D"]
    assert matching(options, "") == options


async def test_the_next_odd_cell_is_reached_in_this_sheet_and_then_in_others_and_says_why(
    open_app: Open, store_root: Path
) -> None:
    one, two = assessed(store_root)[2:4]
    desk = open_desk(store_root, "gv.5a")
    held = desk.results("5A")
    enter(
        desk,
        "5A",
        [
            Typed(one, TOAN_LEVEL, "c", held[one].text(TOAN_LEVEL) or None),
            Typed(one, TOAN_SCORE, "9", held[one].score(END, "TOAN")),
            Typed(two, HEIGHT, "60", held[two].fields.get(HEIGHT.field)),  # type: ignore[arg-type]
        ],
    )
    odd = [f for f in review(desk, "5A").findings if f.field.count(".") == 2 and not f.code.startswith(GAP)]
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        seen: set[tuple[str, str]] = set()
        for _ in range(len(odd)):
            await pilot.press("a")
            await pilot.pause()
            grid = page(pilot)
            row, column = grid.here
            seen.add((grid.entry.marks.pupils[row].key, grid.entry.marks.columns[column].cell.field))
            if len(seen) == 1:
                assert title(pilot).endswith("Toán › Cuối năm")
                assert "mức C nhưng điểm 9" in status(pilot)
        assert {(one, TOAN_SCORE.field), (two, HEIGHT.field)} <= seen
        assert seen <= {(f.pupil, f.field) for f in odd}


async def test_a_subject_teacher_is_not_led_to_what_others_enter(open_app: Open, store_root: Path) -> None:
    two = assessed(store_root)[3]
    desk = open_desk(store_root, "gv.5a")
    enter(desk, "5A", [Typed(two, HEIGHT, "60", desk.results("5A")[two].fields.get(HEIGHT.field))])  # type: ignore[arg-type]
    async with open_app("gv.tin", "grid", class_key="5A") as pilot:
        for _ in range(3):
            await pilot.press("a")
            await pilot.pause()
            assert "Sức khỏe" not in title(pilot)
