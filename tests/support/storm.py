"""Type scores into the real grid far faster than anybody can, then kill -9 the program in the middle of it.

What the screen has shown as saved must be in the journal, cell by cell and in the same order. What was still marked
as being saved may be there or not.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hocba_tui.demo.school import homeroom_account
from hocba_tui.flow.desk import RESULTS
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import SCORE, Cell
from hocba_tui.model.values import Period
from tests.support.terminal import Terminal, hocba

ROOM = "4A"
"""A class without the special cases of 5A: every cell is open."""
FIELD = Cell(Period.END_YEAR, "TV", SCORE).field
_DIGITS = "23456789"
"""One key each: after a 1 the grid waits for a second digit."""
_WIDTH = 5


class Storm(NamedTuple):
    """The result of one storm."""

    keys: int
    acknowledged: int
    """How many times a cell was seen saved with a different value than before."""
    stored: int
    """Values of these cells in the journal."""
    missing: tuple[str, ...]
    """What was seen saved and is not in the store; must be empty."""


def storm(store: Path, rate: float, seconds: float) -> Storm:
    """Type ``rate`` scores a second for a while, kill the program, and compare screen and store."""
    pupils = [pupil.key for pupil in open_desk(store, homeroom_account(ROOM)).pupils(ROOM)]
    with hocba(store, homeroom_account(ROOM)) as terminal:
        terminal.wait_for("Enter Mở")
        terminal.press("home", "enter")
        terminal.wait_for("Tiếng Việt › Cuối năm")
        terminal.press("down", "down", "ctrl+home", "home", "right")
        terminal.wait(lambda: terminal.cursor == (terminal.place("Điểm")[0], 3), "the cursor on the first score")
        seen: list[list[str]] = [[] for _ in pupils]
        keys = _rain(terminal, seen, rate, seconds)
        terminal.process.kill()
        terminal.process.wait()
    return _judge(store, pupils, seen, keys)


def _rain(terminal: Terminal, seen: Sequence[list[str]], rate: float, seconds: float) -> int:
    """Type down the column again and again; fill ``seen`` with the values that were shown as saved, by row."""
    column = terminal.cursor[0]
    _look(terminal, column, seen)
    begin = time.monotonic()
    keys = row = 0
    while (now := time.monotonic()) < begin + seconds:
        for _ in range(keys, int((now - begin) * rate)):
            if not select.select([], [terminal.descriptor], [], 0)[1]:
                break  # The terminal's buffer is full; nothing that was typed is dropped.
            if row == len(seen):
                row = 0
                terminal.press("ctrl+home")
            # Another digit in each pass, and neighbours differ.
            terminal.send(_DIGITS[(keys // len(seen) + row) % len(_DIGITS)].encode())
            keys, row = keys + 1, row + 1
        if select.select([terminal.descriptor], [], [], 1 / rate)[0]:
            terminal.take(os.read(terminal.descriptor, 65536))
            _look(terminal, column, seen)
    return keys


def _look(terminal: Terminal, column: int, seen: Sequence[list[str]]) -> None:
    """Note the scores on the screen that have no mark beside them."""
    if not terminal.whole:
        return
    for line in range(2, terminal.screen.lines):
        found = terminal.screen.buffer[line]
        number = "".join(found[at].data for at in range(3)).strip()
        score = "".join(found[at].data for at in range(column, column + _WIDTH)).strip()
        if number.isdigit() and score.isdigit():
            held = seen[int(number) - 1]
            if not held or held[-1] != score:
                held.append(score)


def _judge(store: Path, pupils: Sequence[str], seen: Sequence[list[str]], keys: int) -> Storm:
    shard = open_desk(store, homeroom_account(ROOM)).class_shard(ROOM)
    stored = 0
    missing: list[str] = []
    for pupil, shown in zip(pupils, seen, strict=True):
        values = [
            str(edit.after)
            for entry in shard.history(RESULTS, pupil, FIELD)
            for edit in entry.edits
            if (edit.key, edit.field) == (pupil, FIELD)
        ]
        stored += len(values)
        if str(shard.document(RESULTS, pupil).get(FIELD)) != values[-1]:
            missing.append(f"{pupil}: {values[-1]} in the journal, not in the class")
        place = 0
        for value in shown:
            try:
                place = values.index(value, place)
            except ValueError:
                missing.append(f"{pupil}: {value} was shown as saved, {values[place:]} is what came")
                break
    return Storm(keys, sum(map(len, seen)) - len(pupils), stored - len(pupils), tuple(missing))
