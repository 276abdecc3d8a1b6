"""Keys act in the order in which they arrived, in whatever chunks: posted without waiting, as a driver does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.editor import EditText
from hocba_tui.screens.palette import Command, Palette
from hocba_tui.screens.search import Search
from hocba_tui.widgets import key_order
from hocba_tui.widgets.textual_internals import HangUp, mark_read, read_of
from hocba_tui.widgets.typing import TypingApp, TypingInput
from hocba_tui.widgets.typing_area import TypingArea
from tests.support.text_of import until

LETTERS = "abcxyzôđ1?"
"""No space: Home of an editor of several lines goes behind the spaces at the beginning."""
KEYS = ["backspace", "left", "right", "home", "end", "delete"]


def key(name: str) -> events.Key:
    return events.Key(name, name if len(name) == 1 else None)


def send(app: App[Any], *names: str) -> None:
    """Post keys as the driver does, without waiting for any of them."""
    for name in names:
        app.post_message(key(name))


async def all_taken(pilot: Pilot[Any]) -> None:
    """Wait until every key that was posted has taken effect."""
    app: Any = pilot.app
    while app._message_queue.qsize() or app._keys_to_come or app._key_on_its_way:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await pilot.pause()


class Oracle:
    """What a line of text does with keys, said in plain strings."""

    def __init__(self) -> None:
        self.before = self.after = ""

    def take(self, name: str) -> None:
        match name:
            case "backspace":
                self.before = self.before[:-1]
            case "delete":
                self.after = self.after[1:]
            case "left":
                self.before, self.after = self.before[:-1], self.before[-1:] + self.after
            case "right":
                self.before, self.after = self.before + self.after[:1], self.after[1:]
            case "home":
                self.before, self.after = "", self.before + self.after
            case "end":
                self.before, self.after = self.before + self.after, ""
            case letter:
                self.before += letter


def oracle(names: Sequence[str]) -> str:
    line = Oracle()
    for name in names:
        line.take(name)
    return line.before + line.after


class Boxes(TypingApp):
    """One box of each kind."""

    def compose(self) -> ComposeResult:
        yield TypingInput(select_on_focus=False)
        yield Input(select_on_focus=False, password=True)
        yield TypingArea()


def text_in(box: Widget) -> str:
    assert isinstance(box, Input | TextArea)
    return box.value if isinstance(box, Input) else box.text


@pytest.mark.parametrize("kind", [TypingInput, Input, TypingArea])
async def test_a_backspace_among_letters_acts_between_them(kind: type[Widget]) -> None:
    async with Boxes().run_test() as pilot:
        box = next(found for found in pilot.app.query(kind) if type(found) is kind)
        box.focus()
        await pilot.pause()
        send(pilot.app, *"ba", "backspace", "c")
        await all_taken(pilot)
        assert text_in(box) == "bc"
        send(pilot.app, *["x", "backspace"] * 200, "home", "a", "end", "d")
        await all_taken(pilot)
        assert text_in(box) == "abcd"


names = st.lists(st.sampled_from([*LETTERS, *KEYS]), max_size=40)


@given(st.lists(names, max_size=4))
@settings(max_examples=20, deadline=None)
def test_any_keys_in_any_chunks_give_what_a_plain_line_gives(chunks: list[list[str]]) -> None:
    async def run() -> None:
        async with Boxes().run_test() as pilot:
            for box in list(pilot.app.query("TypingInput, Input, TypingArea")):
                box.focus()
                await pilot.pause()
                for chunk in chunks:
                    send(pilot.app, *chunk)
                    await all_taken(pilot)
                assert text_in(box) == oracle([name for chunk in chunks for name in chunk])

    asyncio.run(run())


@asynccontextmanager
async def asking(screen: ModalScreen[Any]) -> AsyncIterator[tuple[Pilot[Any], list[Any]]]:
    """Open a dialog; what it answers stands in the list."""
    answers: list[Any] = []
    async with Boxes().run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(screen, answers.append)
        await pilot.pause()
        yield pilot, answers


async def test_enter_typed_ahead_goes_through_a_form_line_by_line() -> None:
    form = AskFields("Hỏi", {"one": ("Một", ""), "two": ("Hai", "")})
    async with asking(form) as (pilot, answers):
        send(pilot.app, *"lax", "backspace", "n", "enter", *"mai", "left", "o", "enter", *"zz")
        await all_taken(pilot)
        assert answers == [{"one": "lan", "two": "maoi"}]
        # What was typed behind the form is for what was below it.
        assert pilot.app.query(TypingInput).first().value == "zz"


async def test_a_search_is_narrowed_down_and_answered_by_one_burst() -> None:
    names = [("1", "Lan"), ("2", "Long"), ("3", "Mai")]
    async with asking(Search("Tìm", names)) as (pilot, answers):
        send(pilot.app, *"mai", *["backspace"] * 3, *"l", "down", "enter", "q")
        await all_taken(pilot)
        assert answers == ["2"]
        assert pilot.app.query(TypingInput).first().value == "q"


async def test_the_palette_is_answered_by_one_burst() -> None:
    commands = [Command("a", "Mở bảng", ""), Command("b", "Ký duyệt", "")]
    async with asking(Palette(commands)) as (pilot, answers):
        send(pilot.app, *"mo", "backspace", "backspace", *"ky", "enter")
        await all_taken(pilot)
        assert answers == ["b"]


async def test_a_comment_is_saved_as_it_was_when_enter_came() -> None:
    async with asking(EditText("Nhận xét", "Đọc", 100, lambda _: None)) as (pilot, answers):
        send(pilot.app, *" tôt", "backspace", "backspace", *"ốt", "enter", *"9")
        await all_taken(pilot)
        assert answers == ["Đọc tốt"]
        assert pilot.app.query(TypingInput).first().value == "9"


async def test_a_pasted_block_stands_between_the_keys_around_it() -> None:
    async with Boxes().run_test() as pilot:
        send(pilot.app, "a", "x", "backspace")
        pilot.app.post_message(events.Paste("bc"))
        send(pilot.app, "backspace", "d")
        await all_taken(pilot)
        assert pilot.app.query(TypingInput).first().value == "abd"


class Opening(Boxes):
    """A key opens a dialog, another one closes it and removes a widget."""

    BINDINGS = [Binding("f2", "ask"), Binding("f3", "remove")]

    def action_ask(self) -> None:
        """Ask."""
        self.push_screen(AskFields("Hỏi", {"one": ("Một", "")}), self.answered)

    def answered(self, typed: dict[str, str] | None) -> None:
        """Take the answer."""
        self.query(TypingInput).first().value = (typed or {}).get("one", "-")

    async def action_remove(self) -> None:
        """Remove the box that has the focus."""
        await self.query(TypingInput).first().remove()


async def test_keys_behind_the_one_that_opens_a_dialog_are_typed_into_it() -> None:
    async with Opening().run_test() as pilot:
        send(pilot.app, "f2", *"lan", "enter", "end", "g")
        await all_taken(pilot)
        assert pilot.app.query(TypingInput).first().value == "lang"


class Pasting(Opening):
    """A widget takes a whole read as something pasted and opens a dialog for it."""

    class Grid(Widget, can_focus=True):
        """Takes the first key of a read for all of them."""

        taken = ""

        def on_key(self, event: events.Key) -> None:
            """Take the read."""
            read, app = read_of(event), self.app
            if read is not None and isinstance(app, TypingApp):
                self.taken += read.text
                app.drop_rest_of(read)
                app.push_screen(AskFields("Xem trước", {"one": ("Một", "")}))

    def compose(self) -> ComposeResult:
        yield self.Grid()


async def test_a_widget_can_take_a_whole_read_and_none_of_it_reaches_the_dialog_that_it_opens() -> None:
    async with Pasting().run_test() as pilot:
        keys = [key(name) for name in ["9", "enter", "8", "enter"]]
        mark_read(keys)
        for event in keys:
            pilot.app.post_message(event)
        send(pilot.app, "b")
        await all_taken(pilot)
        assert pilot.app.screen_stack[0].query_one(Pasting.Grid).taken == "98"
        assert pilot.app.screen.query_one(TypingInput).value == "b"


async def test_a_widget_that_goes_takes_no_key_with_it() -> None:
    async with Opening().run_test() as pilot:
        send(pilot.app, "f3", *"ab", "backspace")
        await all_taken(pilot)
        assert pilot.app.focused is not None
        assert text_in(pilot.app.focused) == "a"


async def test_a_handler_that_hangs_does_not_deafen_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "_PATIENCE", 0.01)
    reached, hanging = asyncio.Event(), asyncio.Event()

    class Stuck(Widget, can_focus=True):
        async def on_key(self) -> None:
            reached.set()
            await hanging.wait()

    class WithStuck(Opening):
        def compose(self) -> ComposeResult:
            yield Stuck()
            yield TypingInput(select_on_focus=False)

    async with WithStuck().run_test() as pilot:
        stuck, box = pilot.app.query_one(Stuck), pilot.app.query_one(TypingInput)
        await until(pilot, lambda: pilot.app.focused is stuck)
        send(pilot.app, "x")
        await reached.wait()
        pilot.app.screen.set_focus(box)
        send(pilot.app, "y")
        # pilot.pause would wait for the widget that hangs.
        while not box.value:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        hanging.set()


@pytest.mark.parametrize("forwarded", [False, True])
async def test_a_key_that_comes_when_the_app_has_closed_its_screens_is_no_error(forwarded: bool) -> None:
    async with Opening().run_test() as pilot:
        stack = pilot.app._screen_stack
        open_screens = stack.copy()
        event = key("x")
        if forwarded:
            event._set_forwarded()
        stack.clear()
        try:
            await pilot.app.on_event(event)
        finally:
            stack.extend(open_screens)
        send(pilot.app, "f2")
        await until(pilot, lambda: len(pilot.app.screen_stack) > len(open_screens))
        assert len(pilot.app.screen_stack) > len(open_screens)


@pytest.mark.parametrize("told", [True, False])
async def test_at_the_end_the_draft_has_every_key_that_came_before(told: bool) -> None:
    kept: list[str] = []
    async with Boxes().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, TypingApp)
        app.push_screen(EditText("Nhận xét", "", 100, kept.append))
        await pilot.pause()
        send(app, *"Tôt", "backspace", "backspace", *"ốt")
        if told:
            app.hang_up()
        else:
            app.post_message(HangUp())
        while app.is_running:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert kept[-1] == "Tốt"


async def test_a_draft_is_kept_soon_after_the_last_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hocba_tui.screens.editor._KEEP_AFTER", 0.01)
    kept: list[str] = []
    async with asking(EditText("Nhận xét", "", 100, kept.append)) as (pilot, _):
        await pilot.press(*"Em")
        while kept[-1:] != ["Em"]:
            await pilot.pause(0.01)


async def test_a_draft_is_kept_also_while_somebody_types_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hocba_tui.screens.editor._KEEP_AFTER", 1000)
    monkeypatch.setattr("hocba_tui.screens.editor._KEEP_EVERY", 0)
    kept: list[str] = []
    async with asking(EditText("Nhận xét", "", 100, kept.append)) as (pilot, _):
        await pilot.press(*"Em")
        assert kept == ["E", "Em"]
