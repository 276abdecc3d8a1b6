"""Bytes over the line for grade entry at 80x24, in a pseudo-terminal that supports synchronised output.

Ours is the real `hocba open` on a class of 35, one sheet after the other; a typed grade is one key, and
its bytes are counted until the cursor is in the next cell, the mark "being saved" is gone and the
status line shows the time of the save. Next to it Textual's `DataTable` with the same rows and column
widths: `update_cell` with a mark, `move_cursor`, `update_cell` without it, and a status line. "worst" is
the highest of all that were typed; a grade that makes the grid scroll is counted separately.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from hocba_tui.demo.school import SHOW_CLASS, found_demo, make_school
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.marks import ALL_SHEET, TRAITS_SHEET, columns_of, sheets_of
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.screens.grid.cells import grid_columns
from hocba_tui.text import fold
from tests.support.terminal import Terminal, hocba

ACCOUNT = "gv.5a"
SIZE = (80, 24)
TYPED, MOVED, OPENED, RATIO = 150, 120, 25_000, 40
"""The aims: bytes of a typed grade, of a cursor move, of opening the grid; DataTable's bytes over ours."""
_LAST_LINE = SIZE[1] - 3
"""Line of the last visible pupil."""


@dataclass
class Column:
    """One column of a sheet: the bytes that were sent for each grade typed into it."""

    title: str
    sent: list[int]
    table: list[int]


def make_store(root: Path) -> Desk:
    """Make a school in which the homeroom teacher of the class teaches every subject, so that no column is locked."""
    demo = make_school(pupils=175)
    own = tuple(replace(year, classroom=replace(year.classroom, teachers={})) for year in demo.classes)
    found_demo(root, replace(demo, classes=own), None)
    return open_desk(root, ACCOUNT)


class Grid:
    """The grid in its terminal."""

    def __init__(self, terminal: Terminal, desk: Desk) -> None:
        self._terminal = terminal
        self._desk = desk
        self._first = (0, 0)
        """Where the first cell of the sheet is."""

    def open(self) -> tuple[int, int]:
        """Go from the shell to the grid; return the bytes of the first screen and of the grid."""
        self._terminal.wait_for(f"» Nhập kết quả lớp {SHOW_CLASS}")
        self._terminal.wait_quiet(0.5)
        home = self._terminal.received
        self._terminal.press("enter")
        self._terminal.wait_for("Gõ là lưu ngay")
        self._terminal.wait_quiet(0.5)
        return home, self._terminal.received - home

    def choose(self, sheet: str) -> None:
        """Show another sheet."""
        self._terminal.press("s")
        self._terminal.wait_for("chọn môn hoặc bảng")
        title = next(s.title for s in sheets_of(self._desk.classroom(SHOW_CLASS)) if s.key == sheet)
        self._terminal.press(*fold(title), "enter")
        self._terminal.wait_gone("chọn môn hoặc bảng")
        self._terminal.wait_for(f"› {title} ›")
        self._terminal.wait(self._at_first, "the cursor to be on the first cell")
        self._first = self._terminal.cursor

    def go(self, column: int, rows: int = 0) -> None:
        """Put the cursor into a column, ``rows`` below the first pupil."""
        self._terminal.press("ctrl+home", "home")
        self._terminal.wait_for_cursor(*self._first)
        self._terminal.wait_quiet()
        self.move("right", column)
        self.move("down", rows)

    def type(self, kind: EntryKind) -> int | None:
        """Type a grade that differs from the cell's; return the bytes, None when the cell is locked."""
        x, y = self._terminal.cursor
        text = self._letters(x, y)
        if "·" in text[:5]:
            self.move("down", 1)
            return None
        before = self._terminal.received
        if kind is EntryKind.SCORE:
            self._terminal.press("8" if text.strip().startswith("9") else "9")
        else:
            self._terminal.press("c" if text.startswith("T") else "t")
        self._terminal.wait_for_cursor(x, min(y + 1, _LAST_LINE))
        self._terminal.wait(lambda: self._saved(x, y), "the grade to be saved")
        self._terminal.wait_quiet(0.15)
        return self._terminal.received - before

    def type_column(self, column: int, kind: EntryKind, count: int) -> list[int]:
        """Type ``count`` grades into a column from the top."""
        self.go(column)
        sent: list[int] = []
        while len(sent) < count:
            counted = self.type(kind)
            sent += [] if counted is None else [counted]
        return sent

    def move(self, key: str, count: int) -> list[int]:
        """Press a key ``count`` times."""
        sent = []
        for _ in range(count):
            before = self._terminal.received
            self._terminal.press(key)
            self._terminal.wait(partial(self._moved, before), f"{key} to move the cursor")
            self._terminal.wait_quiet(0.1)
            sent.append(self._terminal.received - before)
        return sent

    def _at_first(self) -> bool:
        x, y = self._terminal.cursor
        return self._terminal.cell(x, y).reverse and self._terminal.screen.display[y].startswith("  1>")

    def _moved(self, received: int) -> bool:
        return self._terminal.received > received and self._terminal.cell(*self._terminal.cursor).reverse

    def _letters(self, x: int, y: int) -> str:
        return "".join(self._terminal.cell(column, y).data for column in range(x, x + 6))

    def _saved(self, x: int, y: int) -> bool:
        return "đã lưu lúc" in self._terminal.screen.display[-2] and "…" not in self._letters(x, y)


def table_bytes(rows: int, widths: Sequence[int], count: int) -> tuple[int, list[list[int]]]:
    """Return the bytes of opening a DataTable, and of each grade typed into each of its columns."""
    program = Path(__file__).with_name("_data_table.py")
    command = [sys.executable, str(program), str(rows), *map(str, widths)]
    columns: list[list[int]] = []
    with Terminal(command, SIZE) as terminal:
        terminal.wait_for("opened")
        terminal.wait_quiet(0.5)
        opened, typed = terminal.received, 0
        for number in range(len(widths)):
            terminal.press(*["up"] * (count if number else 0), *["right"] * bool(number))
            terminal.wait_quiet()
            sent = []
            for _ in range(count):
                before, typed = terminal.received, typed + 1
                terminal.press("h")
                terminal.wait_for(f"saved {typed}")
                terminal.wait_quiet(0.1)
                sent.append(terminal.received - before)
            columns.append(sent)
    return opened, columns


def measure(desk: Desk, grid: Grid, sheet: str, count: int) -> tuple[list[Column], int]:
    """Type into every one-key column of a sheet; return what was counted, and DataTable's bytes for opening."""
    room = desk.classroom(SHOW_CLASS)
    known = columns_of(room, sheet, Period.END_YEAR)
    widths = [column.width + 1 for column in grid_columns(known)]
    pupils = sum(1 for _ in desk.pupils(SHOW_CLASS))
    opened, table = table_bytes(pupils, widths, 2)
    grid.choose(sheet)
    columns = []
    for number, column in enumerate(known):
        if column.kind in (EntryKind.LEVEL, EntryKind.SCORE):
            sent = grid.type_column(number, column.kind, count)
            columns.append(Column(column.name, sent, table[number]))
    return columns, opened


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="three times the grades in every column")
    count = 9 if parser.parse_args().full else 3
    with tempfile.TemporaryDirectory() as base:
        desk = make_store(Path(base) / "store")
        with hocba(Path(base) / "store", ACCOUNT, SIZE) as terminal:
            grid = Grid(terminal, desk)
            home, opening = grid.open()
            print(f"{'bytes of a typed grade, 80x24':40}{'median':>8}{'worst':>8}{'DataTable':>11}{'ratio':>8}")
            table_opening, most, least = 0, 0.0, float("inf")
            for sheet in ("TOAN", ALL_SHEET.key, TRAITS_SHEET.key):
                columns, table_opening = measure(desk, grid, sheet, count)
                for column in columns:
                    ours, theirs = median(column.sent), median(column.table)
                    most, least = max(most, ours), min(least, theirs / ours)
                    name = f"  {sheet}: {column.title}"
                    print(f"{name:40}{ours:8.0f}{max(column.sent):8}{theirs:11.0f}{theirs / ours:8.0f}", flush=True)
            print(f"  {'any column (aim at most, at least)':38}{most:8.0f}{'':19}{least:8.0f}   aim {TYPED}, {RATIO}")
            grid.choose("TOAN")
            grid.go(0, _LAST_LINE - 3)
            scrolling = grid.type(EntryKind.LEVEL)
            print(f"  {'TOAN: Mức, when a line is scrolled':38}{scrolling or 0:8}")
            print(f"{'bytes of a cursor move':40}{'median':>8}{'worst':>8}")
            grid.choose(ALL_SHEET.key)
            grid.go(0)
            moved = {key: grid.move(key, 8) for key in ("right", "down", "left", "up")}
            for key, sent in moved.items():
                print(f"  {key:38}{median(sent):8.0f}{max(sent):8}   aim {MOVED}")
            print(f"{'bytes of opening':40}{'ours':>8}{'DataTable':>19}")
            print(f"  {'the grid, from the first screen':38}{opening:8}")
            print(f"  {'from the shell to the grid':38}{home + opening:8}{table_opening:19}   aim {OPENED}")


if __name__ == "__main__":
    main()
