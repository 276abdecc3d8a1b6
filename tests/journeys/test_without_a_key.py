"""What a colleague does shows on an open page without a key, in the real program at a terminal."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import Period
from tests.support.terminal import Terminal, hocba

GAPS = "ô của bạn còn trống"


def gaps_shown(terminal: Terminal) -> int:
    line = next(line for line in terminal.screen.display if GAPS in line)
    return int(line.split(GAPS)[0].split()[-1])


def has_cursor(terminal: Terminal, text: str) -> bool:
    """Return whether the row with ``text`` has another background than the row below it."""
    column, line = terminal.place(text)
    return terminal.cell(column, line).bg != terminal.cell(column, line + 1).bg


def test_another_persons_value_is_seen_at_home_and_what_one_is_doing_goes_on(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    todo = [(one.pupil.key, cell) for one in missing(desk, "5A", Period.END_YEAR) for cell in one.cells]
    todo = [(pupil, cell) for pupil, cell in todo if (cell.item, cell.aspect) == ("TOAN", "score")]
    with hocba(store_root, "gv.5a") as terminal:
        terminal.wait_for(GAPS)
        terminal.wait_quiet()
        before = gaps_shown(terminal)
        terminal.press("down")
        terminal.wait(lambda: has_cursor(terminal, "Rà soát lớp"), "the cursor on the second task")
        (pupil, cell), (other, same) = todo[:2]
        enter(desk, "5A", [Typed(pupil, cell, "9", None)])
        terminal.wait(lambda: gaps_shown(terminal) == before - 1, "one gap fewer, without a key")
        assert has_cursor(terminal, "Rà soát lớp")
        # What is typed into the palette stays, whatever changes below it.
        terminal.press("ctrl+p")
        terminal.wait_for("Gõ việc muốn làm")
        terminal.press(*"danh sach")
        terminal.wait_for("danh sach")
        enter(desk, "5A", [Typed(other, same, "8", None)])
        terminal.wait_quiet(3)
        assert "danh sach" in terminal.text
        terminal.press("escape")
        terminal.wait_gone("Gõ việc muốn làm")
        terminal.wait(lambda: gaps_shown(terminal) == before - 2, "two gaps fewer")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
