"""Teachers who type levels into open grids, and how long each key took, read from their screens."""

from __future__ import annotations

import heapq
import os
import selectors
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from _sessions import session

from hocba_tui.flow.grades.marks import sheets_of
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.text import fold
from tests.support.terminal import Start, Terminal

_FIRST = 30
"""Where the first column begins, after number and name."""
_WIDTH = 5
"""Its width in letters, including the mark."""
_SAVING = "…"
_HOME, _QUESTION = "Việc của tôi hôm nay", "Về lại chỗ đang nhập?"


class Key(NamedTuple):
    """One key: seconds until the letter was on the screen, and until it was there as saved."""

    painted: float
    saved: float


@dataclass
class Waiting:
    """A key whose effect is not seen yet."""

    sent: float
    letter: str
    painted: float = 0.0


@dataclass
class Typist:
    """One session with a subject's grid open, at its first column."""

    terminal: Terminal
    rows: int
    row: int = 0
    waiting: dict[int, Waiting] = field(default_factory=dict)
    done: list[Key] = field(default_factory=list)

    def type(self) -> None:
        """Type a level that differs from the cell's; begin again at the top after the last pupil.

        First wait until the last ones were seen saved: they scroll out of sight, and would count until they come back.
        """
        if self.row == self.rows:
            if self.waiting:
                return
            self.row = 0
            self.terminal.press("ctrl+home")
        held = self.waiting.get(self.row)
        letter = "H" if (held.letter if held else self.cell(self.row)[:1]) == "T" else "T"
        self.waiting[self.row] = Waiting(time.perf_counter(), letter)
        self.terminal.send(letter.lower().encode())
        self.row += 1

    def look(self, now: float) -> None:
        """Note which keys are visible on the screen."""
        for row, key in list(self.waiting.items()):
            cell = self.cell(row)
            if cell[:1] != key.letter:
                continue
            key.painted = key.painted or now
            if _SAVING not in cell:
                self.done.append(Key(key.painted - key.sent, now - key.sent))
                del self.waiting[row]

    def cell(self, row: int) -> str:
        """Return what a pupil's cell shows, empty when it is out of sight."""
        number = f"{row + 1:>3}"  # After it there is a blank, or the sign of the active row.
        buffer = self.terminal.screen.buffer
        for line in range(2, self.terminal.screen.lines):
            found = buffer[line]
            if all(found[at].data == letter for at, letter in enumerate(number)):
                return "".join(found[at].data for at in range(_FIRST, _FIRST + _WIDTH))
        return ""


def sit_down(store: Path, account: str, class_key: str, nth: int, start: Start | None) -> Terminal:
    """Start a session and open the grid of the ``nth`` subject that the person teaches in the homeroom class."""
    terminal = open_class(store, account, start)
    choose_subject(terminal, store, account, class_key, nth)
    return terminal


def is_in(terminal: Terminal) -> bool:
    """Return whether the first screen is there: home, or a question when the session before was ended from outside."""
    return any(words in terminal.text for words in (_HOME, _QUESTION))


def open_class(store: Path, account: str, start: Start | None) -> Terminal:
    """Start a session and open the grid of the homeroom class."""
    terminal = session(store, account, start)
    terminal.wait(lambda: is_in(terminal), "home, or a question")
    terminal.wait_quiet()
    if _QUESTION in terminal.text:
        terminal.press("escape")
    terminal.wait_for("Enter Mở")
    terminal.press("home", "enter")
    terminal.wait_for("Họ và tên")
    return terminal


def choose_subject(terminal: Terminal, store: Path, account: str, class_key: str, nth: int) -> None:
    """Choose from the list the ``nth`` subject that the person teaches in the class."""
    sheet = _subjects(store, account, class_key)[nth]
    terminal.press("s")
    terminal.wait_for("chọn môn hoặc bảng")
    terminal.press(*fold(sheet), "enter")
    terminal.wait(lambda: f"{class_key} › {sheet} ›" in terminal.screen.display[1], f"the grid of {sheet}")
    terminal.press("down", "down", "ctrl+home", "home")
    terminal.wait_for_cursor(_FIRST, 3)


def _subjects(store: Path, account: str, class_key: str) -> list[str]:
    """Return the names of the subjects that somebody teaches in a class."""
    room = open_desk(store, account).classroom(class_key)
    return [sheet.title for sheet in sheets_of(room) if sheet.key in SUBJECTS and room.teacher_of(sheet.key) == account]


def type_together(typists: Sequence[Typist], rate: float, seconds: float, seed: int = 1) -> float:
    """Let all type ``rate`` keys a second each, at uneven times; return the processor seconds that reading took.

    Nobody waits for a result. At the end, keys that are not visible yet get five more seconds.
    """
    random = Random(seed)
    begin = time.perf_counter()
    due = [(begin + random.random() / rate, number) for number in range(len(typists))]
    heapq.heapify(due)
    own = time.process_time()
    with selectors.DefaultSelector() as selector:
        for typist in typists:
            selector.register(typist.terminal.descriptor, selectors.EVENT_READ, typist)
        while True:
            now = time.perf_counter()
            typing = now < begin + seconds
            if not typing and (now > begin + seconds + 5 or not any(typist.waiting for typist in typists)):
                return time.process_time() - own
            while typing and due[0][0] <= now:
                _, number = heapq.heappop(due)
                typists[number].type()
                heapq.heappush(due, (now + random.uniform(0.5, 1.5) / rate, number))
            for key, _ in selector.select(max(0.0, min(0.05, due[0][0] - time.perf_counter())) if typing else 0.05):
                typist = key.data
                data = os.read(key.fd, 65536)
                came = time.perf_counter()
                typist.terminal.take(data)
                if typist.terminal.whole:
                    typist.look(came)
