"""The real program in a pseudo-terminal: keys go in, the screen is read as a terminal shows it."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from tests.terminal import Terminal, hocba

SCORE = Cell(Period.END_YEAR, "TOAN", "score")


def open_first_gap(terminal: Terminal) -> None:
    """Go from home to the first empty cell of Toán in 5A, by the first task of its teacher."""
    terminal.wait_for("» Nhập kết quả lớp 5A")
    terminal.press("enter")
    terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
    terminal.wait_for("Gõ là lưu ngay")
    terminal.wait(lambda: terminal.cell(*terminal.cursor).reverse, "the active cell to be marked")


def scores(terminal: Terminal) -> dict[str, str]:
    """Return what stands in the column of scores, with the mark beside it, by the names on the screen."""
    column, header = terminal.place("Điểm")
    lines = terminal.screen.display[header + 1 : -2]
    return {line[4:30].strip(): line[column : column + 6].strip() for line in lines if line.strip()}


def test_typed_scores_are_seen_with_their_saved_mark_and_the_cursor_on_the_active_cell(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        column, line = terminal.cursor
        assert column == terminal.place("Điểm")[0]
        assert [terminal.cell(x, line).reverse for x in range(column - 1, column + 6)] == [False, *[True] * 5, False]
        names = [name for name in scores(terminal) if name]
        first = terminal.screen.display[line][4:30].strip()
        assert scores(terminal)[first] == "_"
        terminal.press(*"9107")
        terminal.wait_for_cursor(column, line + 3)
        terminal.wait_for("đã lưu lúc")
        terminal.wait(lambda: "…" not in scores(terminal).values(), "every cell to be saved")
        typed = names[names.index(first) : names.index(first) + 3]
        assert [scores(terminal)[name] for name in typed] == ["9", "10", "7"]
        assert [terminal.cell(column, y).reverse for y in (line, line + 3)] == [False, True]
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    desk = open_desk(store_root, "gv.5a")
    keys = {pupil.name: pupil.key for pupil in desk.pupils("5A")}
    assert [desk.results("5A")[keys[name]].text(SCORE) for name in typed] == ["9", "10", "7"]


def active_row(terminal: Terminal) -> bool:
    """Return whether the terminal's cursor stands on the marked cell of the row that is pointed at."""
    column, line = terminal.cursor
    return terminal.cell(column, line).reverse and terminal.screen.display[line][3] == ">"


def test_the_cursor_comes_back_to_the_active_cell_from_every_dialog(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        for opening, title, answer in (
            (["/"], "Tìm học sinh", ["escape"]),
            (["/"], "Tìm học sinh", ["h", "o", "a", "enter"]),
            (["s"], "chọn môn hoặc bảng", ["end", "enter"]),
            (["s"], "chọn môn hoặc bảng", ["home", "enter"]),
            (["p"], "Chọn kỳ", ["escape"]),
        ):
            terminal.press(*opening)
            terminal.wait_for(title)
            terminal.press(*answer)
            terminal.wait_gone(title)
            terminal.wait(lambda: active_row(terminal), f"the cursor to come back from “{title}” by {answer}", 10)
