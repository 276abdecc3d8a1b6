"""Send to the terminal only the letters that differ from what it shows already.

Textual repaints from the left edge of a widget to the last column that changed, so that a grade in the last
column costs several times one in the first. The driver here reads what Textual wants to paint, compares it
with what was sent before, and sends the difference. What it does not understand it sends unchanged and
then treats the screen as unknown until it is painted again, so the worst case is Textual's own output.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from rich.cells import get_character_cell_size
from textual.app import App
from textual.message import Message
from textual.messages import InBandWindowResize

from hocba_tui.widgets.textual_internals import SYNC_END, SYNC_START, TerminalDriver

_AT_ONCE = 400
"""So many letters appear at once on a terminal; longer updates are synchronised."""
_PAINTED = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(\n)|([^\x00-\x1f\x7f-\x9f]+)")
_MARKS = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53"})
_SEEN_ON_BLANKS = _MARKS - {"1", "2", "3", "8"}
_OFF = {"1": "22", "2": "22", "4": "24", "7": "27"}
"""How to end one attribute alone, where every terminal supports it."""


class Pen(NamedTuple):
    """How letters are painted: SGR parameters of colour and background, and the set of the other parameters."""

    colour: str = ""
    ground: str = ""
    marks: frozenset[str] = frozenset()


class Letter(NamedTuple):
    """One position of the screen; a blank has only those parts of a pen that are visible on it."""

    text: str
    pen: Pen


class Stroke(NamedTuple):
    """Adjacent letters in one line; column and line count from 0."""

    column: int
    line: int
    letters: tuple[Letter, ...]


Line = list[Letter | None]
"""What a line shows; None where it is unknown."""
_PLAIN = Pen()


class Shown:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._lines: list[Line] = []
        self._cursor: tuple[int, int] | None = None

    def forget(self, size: tuple[int, int] = (0, 0)) -> None:
        """Regard everything as unknown, for a terminal of ``size`` (columns, lines)."""
        self._size = size
        self._lines = [[None] * size[0] for _ in range(size[1])]
        self._cursor = None

    def difference(self, painted: str, size: tuple[int, int]) -> str | None:
        """Return what to send so that ``painted`` is shown; None when it cannot be computed.

        A repaint of the whole screen is sent completely: it replaces what others may have written there.
        """
        read = _read(painted, size)
        if read is None:
            return None
        strokes, cursor = read
        if size != self._size or sum(len(stroke.letters) for stroke in strokes) >= size[0] * size[1]:
            self.forget(size)
        wanted: dict[int, Line] = {}
        for stroke in strokes:
            line = wanted.setdefault(stroke.line, self._lines[stroke.line].copy())
            line[stroke.column : stroke.column + len(stroke.letters)] = stroke.letters
        sent = self._paint(wanted)
        if sent or cursor != self._cursor:
            sent += _go(*cursor)
        self._cursor = cursor
        return sent

    def _paint(self, wanted: dict[int, Line]) -> str:
        """Return the sequences that make the lines as ``wanted``, with a plain pen at the end."""
        sent: list[str] = []
        pen = _PLAIN
        for number in sorted(wanted):
            line, before, column = wanted[number], self._lines[number], -1
            for place, letter in enumerate(line):
                if letter is None or letter == before[place]:
                    continue
                if place != column:
                    sent.append(_step(line, number, column, place, pen))
                needed = _pen_for(letter, pen)
                if needed != pen:
                    sent.append(_change(pen, needed))
                    pen = needed
                sent.append(letter.text)
                column = place + 1
            self._lines[number] = line
        if pen != _PLAIN:
            sent.append("\x1b[m")
        return "".join(sent)


class Wire:
    """Takes what Textual writes to the terminal, and sends only what changes there."""

    def __init__(self, send: Callable[[str], None], size: Callable[[], tuple[int, int]]) -> None:
        """Send with ``send``; ``size`` returns the terminal's present columns and lines."""
        self._send = send
        self._size = size
        self._shown = Shown()
        self._certain = False
        """Whether nobody else can have changed the screen since the last write."""
        self._begun = False
        """Whether Textual has begun a synchronised update whose beginning was not sent yet."""
        self._one_at_a_time = threading.Lock()

    def doubt(self) -> None:
        """Note that the terminal may show something else by now."""
        self._certain = False

    def write(self, data: str) -> None:
        """Send what is needed so that the terminal shows ``data``; a short text needs no synchronised update."""
        # The thread that reads the keyboard writes too, when the terminal answers queries.
        with self._one_at_a_time:
            self._write(data)

    def _write(self, data: str) -> None:
        if data == SYNC_START:
            self._begun = True
        elif data == SYNC_END and self._begun:
            self._begun = False
        elif sent := data if data == SYNC_END else self._difference(data):
            if self._begun and len(sent) > _AT_ONCE:
                self._begun = False
                self._send(SYNC_START)
            self._send(sent)

    def _difference(self, data: str) -> str:
        if not self._certain:
            self._shown.forget()
            self._certain = True
        sent = self._shown.difference(data, self._size())
        self._certain = self._certain and sent is not None
        return data if sent is None else sent


class SparingDriver(TerminalDriver):
    """Textual's driver with a :class:`Wire` before the terminal."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._wire = Wire(super().write, self._size_now)

    def write(self, data: str) -> None:
        """Write to the terminal only what it does not show yet."""
        self._wire.write(data)

    def process_message(self, message: Message) -> None:
        """Process a message of the terminal; after one about its size, its content is unknown."""
        if isinstance(message, InBandWindowResize):
            self._wire.doubt()
        super().process_message(message)

    def terminal_size_asked(self) -> None:
        """Expect that the terminal shows something else, because its size or its user has changed."""
        self._wire.doubt()

    def _size_now(self) -> tuple[int, int]:
        """Return columns and lines; zeros where there is no terminal."""
        try:
            columns, lines = os.get_terminal_size(self.fileno)
        except OSError:
            return 0, 0
        return columns, lines


def _read(painted: str, size: tuple[int, int]) -> tuple[list[Stroke], tuple[int, int]] | None:
    """Return what an update of Textual paints and where it leaves the cursor; None when it contains anything else.

    Only what is fully understood is analysed: absolute positions, plain SGR, letters one column wide that end
    inside their line, and the cursor positioned at the end.
    """
    strokes: list[Stroke] = []
    pen, at, done, placed = _PLAIN, None, 0, False
    for found in _PAINTED.finditer(painted):
        row, column, codes, line_end, text = found.groups()
        if found.start() != done:
            return None
        done, placed = found.end(), bool(row)
        if row:
            at = (int(column) - 1, int(row) - 1)
            if not (0 <= at[0] < size[0] and 0 <= at[1] < size[1]):
                return None
        elif line_end:
            at = None  # Textual gives the next position itself.
        elif text:
            if at is None or at[0] + len(text) > size[0] or not _single(text):
                return None
            strokes.append(Stroke(*at, tuple(map(_alphabet(pen).__getitem__, text))))
            at = (at[0] + len(text), at[1])
        else:
            changed = _pen_after(pen, codes)
            if changed is None:
                return None
            pen = changed
    return (strokes, at) if at is not None and placed and done == len(painted) and pen == _PLAIN else None


@lru_cache(maxsize=4096)
def _single(text: str) -> bool:
    """Return whether every letter is one column wide."""
    return text.isascii() or all(get_character_cell_size(letter) == 1 for letter in text)


class _Alphabet(dict[str, Letter]):
    """The letters painted with one pen, each created once."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._pen = pen
        if pen.marks.isdisjoint(_SEEN_ON_BLANKS):
            self[" "] = Letter(" ", Pen(ground=pen.ground))

    def __missing__(self, text: str) -> Letter:
        self[text] = letter = Letter(text, self._pen)
        return letter


_alphabet = lru_cache(maxsize=256)(_Alphabet)


@lru_cache(maxsize=1024)
def _pen_after(pen: Pen, codes: str) -> Pen | None:
    """Return the pen after an SGR sequence; None when it has parameters that Textual does not send."""
    colour, ground, marks = pen
    parts = iter(codes.split(";"))
    for code in parts:
        if code in ("", "0"):
            colour, ground, marks = _PLAIN
        elif code in _MARKS:
            marks |= {code}
        elif code in ("38", "48"):
            kind = next(parts, "")
            rest = list(islice(parts, {"5": 1, "2": 3}.get(kind, 0)))
            if not rest:
                return None
            whole = ";".join((code, kind, *rest))
            colour, ground = (whole, ground) if code == "38" else (colour, whole)
        elif code.isdigit() and (30 <= int(code) <= 39 or 90 <= int(code) <= 97):
            colour = "" if code == "39" else code
        elif code.isdigit() and (40 <= int(code) <= 49 or 100 <= int(code) <= 107):
            ground = "" if code == "49" else code
        else:
            return None
    return Pen(colour, ground, marks)


def _pen_for(letter: Letter, pen: Pen) -> Pen:
    """Return the pen that paints ``letter``; for a blank the one most like ``pen``."""
    if letter.text != " " or letter.pen.marks:
        return letter.pen
    if letter.pen.ground == pen.ground and pen.marks.isdisjoint(_SEEN_ON_BLANKS):
        return pen
    return Pen(pen.colour, letter.pen.ground, pen.marks - _SEEN_ON_BLANKS)


@lru_cache(maxsize=1024)
def _change(before: Pen, after: Pen) -> str:
    """Return the shortest sequence that turns one pen into another."""
    every = [*sorted(after.marks), *filter(None, (after.colour, after.ground))]
    whole = f"\x1b[{';'.join(['0', *every] if every else [])}m"
    if before == _PLAIN:
        return f"\x1b[{';'.join(every)}m"
    ended = before.marks - after.marks
    if not ended <= _OFF.keys():
        return whole
    off = {_OFF[mark] for mark in ended}
    kept = {mark for mark in before.marks & after.marks if _OFF.get(mark) not in off}
    codes = [*sorted(off), *sorted(after.marks - kept)]
    if before.colour != after.colour:
        codes.append(after.colour or "39")
    if before.ground != after.ground:
        codes.append(after.ground or "49")
    return min(whole, f"\x1b[{';'.join(codes)}m", key=len)


def _go(column: int, line: int) -> str:
    return f"\x1b[{line + 1};{column + 1}H"


def _step(line: Line, number: int, column: int, place: int, pen: Pen) -> str:
    """Return how to get from ``column`` (-1: from elsewhere) to ``place``, or over the letters between, if shorter."""
    if column < 0:
        return _go(place, number)
    right = f"\x1b[{place - column}C" if place - column > 1 else "\x1b[C"
    between = line[column:place]
    known = [letter.text for letter in between if letter is not None and _pen_for(letter, pen) == pen]
    if len(known) == len(between) and len("".join(known).encode()) <= len(right):
        return "".join(known)
    return right
