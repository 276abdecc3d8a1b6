"""What is sent must show what Textual painted: two terminals, one for Textual's output, one for the wire's."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.screens import Char
from textual.app import App
from textual.drivers import headless_driver
from textual.pilot import Pilot

from hocba_tui.widgets.wire import Wire
from tests.conftest import Open
from tests.support.terminal import Screen

SIZES = ((80, 24), (100, 30), (40, 12), (200, 60), (80, 24))
KEYS = (
    *["t", "h", "c", "9", "1", "0", "down", "right", "enter", "escape"] * 4,
    *("up", "left", "pagedown", "pageup", "home", "end", "ctrl+home", "ctrl+end", "tab", "backspace", "delete"),
    *("s", "p", "n", "u", "y", "v", "k", "r", "m", "l", "slash", "question_mark", "ctrl+p", "f9", "ctrl+c"),
    *("ă", "đ", "e\u0302\u0301", "漢", "😀", "é"),
)


class Twins:
    """Two terminals: one shows what Textual writes, the other what the wire sends."""

    def __init__(self, columns: int, lines: int) -> None:
        self.painted, self.shown = Screen(columns, lines), Screen(columns, lines)
        self._paint, self._show = pyte.Stream(self.painted), pyte.Stream(self.shown)
        self.wire = Wire(self._send, lambda: (self.painted.columns, self.painted.lines))
        self.written = self.sent = 0

    def write(self, data: str) -> None:
        self.written += len(data.encode())
        self._paint.feed(data.replace("\n", "\r\n"))
        self.wire.write(data)

    def _send(self, data: str) -> None:
        self.sent += len(data.encode())
        self._show.feed(data.replace("\n", "\r\n"))

    def resize(self, columns: int, lines: int) -> None:
        for screen in (self.painted, self.shown):
            screen.resize(lines, columns)
        self.wire.doubt()

    def scribble(self, text: str) -> None:
        """Write into both terminals what neither Textual nor the wire knows of, and report it."""
        self._paint.feed(text)
        self._show.feed(text)
        self.wire.doubt()

    def check(self) -> None:
        assert looks(self.shown) == looks(self.painted)
        assert (self.shown.cursor.x, self.shown.cursor.y) == (self.painted.cursor.x, self.painted.cursor.y)


def looks(screen: Screen) -> list[list[Char]]:
    """Return the positions of a screen; of a blank only what is visible."""
    columns = range(screen.columns)
    return [[seen(line[x]) for x in columns] for line in (screen.buffer[y] for y in range(screen.lines))]


@cache
def seen(place: Char) -> Char:
    if place.data == " " and not (place.reverse or place.underscore or place.strikethrough):
        return Char(" ", bg=place.bg)
    return place


class TwinDriver(headless_driver.HeadlessDriver):
    """Textual's driver without a terminal, writing into both."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.twins = Twins(*self._get_terminal_size())

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.twins.write(data)


def twins_of(pilot: Pilot[Any]) -> Twins:
    driver = pilot.app._driver
    assert isinstance(driver, TwinDriver)
    return driver.twins


@pytest.mark.parametrize("seed", range(6))
async def test_a_terminal_shows_the_same_in_any_session(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", TwinDriver)
    random = Random(seed)
    account = random.choice(["gv.5a", "gv.5a", "hieutruong", "gv.tin"])
    async with open_app(account, *(["grid"] if seed % 2 else []), **({"class_key": "5A"} if seed % 2 else {})) as pilot:
        twins = twins_of(pilot)
        for _ in range(70):
            if random.random() < 0.05:
                size = random.choice(SIZES)
                twins.resize(*size)
                await pilot.resize_terminal(*size)
            await pilot.press(random.choice(KEYS))
            await pilot.pause()
            twins.check()
        assert twins.sent < 0.9 * twins.written


async def test_a_typed_level_is_sent_in_few_bytes(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", TwinDriver)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        twins = twins_of(pilot)
        for key in "thctht":
            written, sent = twins.written, twins.sent
            await pilot.press(key)
            await pilot.pause()
            twins.check()
            assert twins.written - written > 200
            assert twins.sent - sent < 200


# --- without the app -------------------------------------------------------------------------------

WIDTH, HEIGHT = 12, 4
PENS = ("", "1", "2", "1;2", "7", "4", "9", "3", "31", "1;97;40", "38;5;253;48;5;233", "7;38;5;208;48;5;233",
        "38;2;1;7;2;48;2;9;4;1", "1;4;38;5;7", "39;49", "53")  # fmt: skip
LETTERS = (" ", " ", "a", "b", "đ", "…", "▏", "漢", "a\u0301")
"""What a painter writes; an accent always comes with its letter."""


@st.composite
def paintings(draw: st.DrawFn) -> str:
    """Make an update as Textual does: places, segments with their pens, the cursor at the end."""
    painted = []
    for _ in range(draw(st.integers(0, 3))):
        x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
        painted.append(f"\x1b[{y + 1};{x + 1}H")
        room = WIDTH - x
        for _ in range(draw(st.integers(1, 3))):
            text = "".join(draw(st.lists(st.sampled_from(LETTERS), max_size=max(0, room // 2))))
            room -= 2 * len(text)
            pen = draw(st.sampled_from(PENS))
            painted.append(f"\x1b[{pen}m{text}\x1b[0m" if pen and text else text)
    return "".join(painted) + f"\x1b[{draw(st.integers(1, HEIGHT))};{draw(st.integers(1, WIDTH))}H"


WHOLE = "".join(f"\x1b[{y + 1};1H\x1b[38;5;1;48;5;2m{'x' * WIDTH}\x1b[0m" for y in range(HEIGHT)) + "\x1b[2;2H"
FOREIGN = st.sampled_from(["\x07", "\x1b[?25l", "\x1b]0;title\x07", "\x1b[2;3Hjunk", "\x1b[2J", "a\tb", "\x1b[?2026h"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(paintings(), paintings(), st.just(WHOLE), FOREIGN, st.tuples(paintings())), max_size=12))
def test_a_terminal_shows_the_same_whatever_is_painted(updates: list[str | tuple[str]]) -> None:
    twins = Twins(WIDTH, HEIGHT)
    for update in updates:
        if isinstance(update, tuple):
            twins.scribble("".join(update))
        else:
            twins.write(update)
        if update != "\x1b[?2026h":
            twins.check()


def test_what_is_shown_already_is_not_sent_again() -> None:
    twins = Twins(WIDTH, HEIGHT)
    twins.write(WHOLE)
    sent = twins.sent
    twins.write("\x1b[2;1H\x1b[38;5;1;48;5;2mxxxxx\x1b[0m\x1b[2;2H")
    assert twins.sent == sent
    twins.write("\x1b[2;1H\x1b[38;5;1;48;5;2mxxyxx\x1b[0m\x1b[2;2H")
    assert twins.sent - sent == len("\x1b[2;3H\x1b[38;5;1;48;5;2my\x1b[m\x1b[2;2H")
    twins.check()


def test_a_repaint_of_the_whole_screen_replaces_what_others_wrote() -> None:
    twins = Twins(WIDTH, HEIGHT)
    twins.write(WHOLE)
    pyte.Stream(twins.shown).feed("\x1b[1;1Hwall")
    twins.write(WHOLE)
    twins.check()


def test_only_long_updates_are_synchronised() -> None:
    sent: list[str] = []
    wire = Wire(sent.append, lambda: (80, 24))
    for data in ("\x1b[?2026h", "\x1b[2;1Hđã lưu\x1b[1;1H", "\x1b[?2026l"):
        wire.write(data)
    long = "".join(f"\x1b[{y};1H{'x' * 80}" for y in range(1, 25)) + "\x1b[1;1H"
    for data in ("\x1b[?2026h", long, "\x1b[?2026l"):
        wire.write(data)
    assert [data for data in sent if "?2026" in data] == ["\x1b[?2026h", "\x1b[?2026l"]
    assert sent[-3] == "\x1b[?2026h"
    assert sent[-1] == "\x1b[?2026l"
