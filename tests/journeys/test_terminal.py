"""The real program in a pseudo-terminal: keys go in, the screen is read as a terminal shows it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from tests.faults.stops import SHORT, stop_and_go
from tests.support.terminal import Terminal, hocba

SCORE = Cell(Period.END_YEAR, "TOAN", "score")


def open_first_gap(terminal: Terminal) -> None:
    """Go from home to the first empty cell of Toán in 5A, by the first task of its teacher."""
    terminal.wait_for("» Nhập kết quả lớp 5A")
    terminal.press("enter")
    terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
    terminal.wait_for("Gõ là lưu ngay")
    terminal.wait(lambda: active_row(terminal), "the active cell to be marked")


def scores(terminal: Terminal) -> dict[str, str]:
    """Return the column of scores with the mark beside each, by number and name."""
    column, header = terminal.place("Điểm")
    lines = terminal.screen.display[header + 1 : -2]
    return {name_in(line): line[column : column + 6].strip() for line in lines if line.strip()}


def name_in(line: str) -> str:
    """Return the number and the name of a line, without the pointer between them."""
    return f"{line[:3].strip()} {line[4:30].strip()}"


def test_typed_scores_are_seen_with_their_saved_mark_and_the_cursor_on_the_active_cell(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        column, line = terminal.cursor
        assert column == terminal.place("Điểm")[0]
        assert [terminal.cell(x, line).reverse for x in range(column - 1, column + 6)] == [False, *[True] * 5, False]
        names = list(scores(terminal))
        first = name_in(terminal.screen.display[line])
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
    assert [desk.results("5A")[keys[name.partition(" ")[2]]].text(SCORE) for name in typed] == ["9", "10", "7"]


def active_row(terminal: Terminal) -> bool:
    """Return whether the terminal's cursor is on the marked cell of the row with the pointer."""
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


@pytest.mark.parametrize(
    ("term", "size", "colour", "absent"),
    [
        ("linux", (80, 24), "", (b"38;5", b"48;5", b"38;2")),
        ("putty", (80, 24), "", (b"38;5", b"48;5", b"38;2")),
        ("screen", (80, 24), "", (b"38;5", b"48;5", b"38;2")),
        ("screen-256color", (200, 60), "", (b"38;2",)),
        ("xterm-256color", (200, 60), "truecolor", (b"38;2",)),
    ],
)
def test_every_terminal_shows_the_same_words_and_none_needs_a_mouse(
    store_root: Path, term: str, size: tuple[int, int], colour: str, absent: tuple[bytes, ...]
) -> None:
    with hocba(store_root, "gv.5a", size, term, {"COLORTERM": colour}) as terminal:
        open_first_gap(terminal)
        column, line = terminal.cursor
        terminal.press("9", "0")
        terminal.wait_for("“90” CHƯA lưu: Enter để kết thúc")
        terminal.press("enter")
        terminal.wait_for("chỉ nhận số nguyên từ 1 đến 10")
        # Also in 80 columns: that it is not saved, and the key that leads back to it.
        terminal.wait_for("CHƯA lưu, n để tới")
        # The wrong value stays with its reason shown; the cursor has moved on, so no key goes to the wrong cell.
        terminal.wait(lambda: terminal.cursor == (column, line + 1), "the cursor to go on")
        shown = list(scores(terminal).values())
        assert [text for text in shown if "!" in text] == ["90  !"]
        terminal.press("up")
        terminal.wait(lambda: terminal.cursor == (column, line), "the cursor on the wrong score")
        terminal.press("escape")
        terminal.wait_for("đã lưu lúc")
        assert active_row(terminal)
        assert len(scores(terminal)) == (34 if size[1] == 60 else 19)
        for mouse in (b"?1000h", b"?1002h", b"?1003h", b"?1006h", b"?1015h"):
            assert mouse not in terminal.bytes
        for sequence in absent:
            assert sequence not in terminal.bytes


def test_another_size_is_painted_whole(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.resize(110, 30)
        terminal.wait(lambda: len(scores(terminal)) == 25, "more pupils to be shown")
        terminal.resize(80, 24)
        # This terminal drops lines at the top when it shrinks: all must be sent again.
        terminal.wait(lambda: "Nhập kết quả ›" in terminal.screen.display[1], "the title to be in its place")
        terminal.wait(lambda: active_row(terminal), "the cursor to be on the active cell")
        assert len(scores(terminal)) == 19
        terminal.press("9")
        terminal.wait_for("đã lưu lúc")
        assert terminal.text.count("Nhập kết quả ›") == 1
        assert "Trợ giúp" in terminal.screen.display[-1]


def test_a_session_that_was_stopped_is_painted_whole_when_it_goes_on(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        before = terminal.text
        terminal.stop()
        terminal.wait_quiet()
        terminal.screen.reset()
        terminal.go_on()
        terminal.wait(lambda: terminal.text == before, "the same screen again")


def test_a_session_that_was_paused_without_notice_is_painted_whole_when_it_goes_on(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        before = terminal.text
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.screen.reset()
        terminal.go_on()
        terminal.wait(lambda: terminal.text == before, "the same screen again")
        terminal.press("9")
        terminal.wait_for("đã lưu lúc")


def test_stops_while_the_screen_is_painted_never_hang_the_program(store_root: Path) -> None:
    stop_and_go(store_root, SHORT)


def test_a_closed_window_ends_the_program_also_while_it_paints(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.press(*["pagedown", "pageup"] * 200)
        terminal.hang_up()
        terminal.process.wait(60)  # Raises when the program does not end.


@pytest.mark.parametrize("block", ["9\t8\r7\t6\r", "Nguyễn Văn An\r", "suubkgxjo"])
def test_a_paste_that_comes_as_keys_is_looked_through_first_and_never_runs_as_commands(
    store_root: Path, block: str
) -> None:
    before = open_desk(store_root, "gv.5a").class_shard("5A").seq
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.send(block.encode())
        terminal.wait_for("Dán: ")
        terminal.press("escape")
        terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
    assert open_desk(store_root, "gv.5a").class_shard("5A").seq == before
