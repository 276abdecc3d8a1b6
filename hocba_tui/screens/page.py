"""The base of all screens: a top bar, a title, a body, a status line and the keys of the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from hocba_tui.errors import SAFE, HocbaError, StoreUnusable
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import how_to_fetch
from hocba_tui.flow.reports.home_tasks import Task, place_of
from hocba_tui.log.keeping import shown
from hocba_tui.rules.permits import Act
from hocba_tui.screens.actions import EVERYWHERE, LISTS, OLD_KEYS, actions_for
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.keys import Action, key_name, old_key_words
from hocba_tui.screens.painted import PaintedScreen
from hocba_tui.screens.palette import Command
from hocba_tui.screens.permitted import ACTIONS, permitted
from hocba_tui.screens.row_acts import RowActs
from hocba_tui.widgets.frame import Banner, KeyBar, Status, Title, TopBar
from hocba_tui.widgets.key_order import KeyOrderApp
from hocba_tui.widgets.mark_grid import MarkGrid

T = TypeVar("T")
_AT_ONCE = 1.0
"""Seconds within which the same notice is not shown again."""
_TOO_EARLY = "Phím {} bấm trước khi màn hình này hiện ra nên không tính. Xem rồi bấm lại."
NOT_HERE = "Phím {} không dùng ở đây; ? xem các phím."


class Go(Message):
    """Somebody wants another screen."""

    def __init__(self, screen: str, params: dict[str, str]) -> None:
        super().__init__()
        self.name = screen
        self.params = params


class Page(PaintedScreen[None]):
    """Base of all screens. ``SCOPE`` names its actions in the registry."""

    SCOPE: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._told = "", 0.0
        """The last notice, and when it was closed."""
        self._offered: dict[str, Task] = {}
        self._meant = 0
        """How many presses of a final key were heard here, after the painting, and have not acted yet."""

    def compose(self) -> ComposeResult:
        """Lay out the frame around the body."""
        yield TopBar(*self._who())
        yield Banner()
        yield Title(self.heading(), id="title")
        yield from self.body()
        yield Status(self.hint(), id="status")
        everywhere = ((action.shown_key, action.label) for action in actions_for(EVERYWHERE)[:4])
        yield KeyBar(self._own_keys(), everywhere)

    def on_screen_resume(self) -> None:
        """Take the terminal's own cursor back from a dialog's box; forget keys that were meant for an earlier view."""
        self._meant = 0
        if isinstance(self.focused, MarkGrid):
            self.focused.place_terminal_cursor()

    @property
    def under_way(self) -> bool:
        """Return whether something is being done that must go on though nobody presses a key."""
        return False

    @property
    def in_the_middle(self) -> bool:
        """Return whether something is being done of which a part should be finished before the program ends."""
        return self.under_way

    # --- keys ----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Answer keys of the version before and keys that nothing takes; drop final keys that came too early."""
        if isinstance(self.focused, Input):
            return
        name = event.key.lower() if len(event.key) == 1 else event.key
        if new := OLD_KEYS.get(self.SCOPE, {}).get(name):
            event.stop()
            self.refuse(old_key_words(new))
        elif any(action.final and event.key in action.keys for action in actions_for(self.SCOPE)):
            if self.pressed_here(event):
                self._meant += 1
            else:
                event.stop()
                self.refuse(_TOO_EARLY.format(key_name(event.key)))
        elif event.key in self.active_bindings:
            self.command_key()
        else:
            self.unknown_key(event)

    def command_key(self) -> None:
        """Do what must come before any command of a key."""

    def keys_held(self) -> AbstractContextManager[None]:
        """Hold the keys that come while something is prepared in the background."""
        return self.app.keys_held() if isinstance(self.app, KeyOrderApp) else nullcontext()

    def unknown_key(self, event: events.Key) -> None:
        """Say what a key that nothing takes is; silent over the grid and where a person types into a box."""
        if isinstance(self.focused, MarkGrid) or self.query(Input):
            return
        is_function_key = event.key[:1] == "f" and event.key[1:].isdigit()
        if is_function_key or event.key == "space":
            self.refuse(NOT_HERE.format(key_name(event.key)))
        elif event.is_printable:
            self.refuse(NOT_HERE.format(event.character))

    async def action_final(self, name: str) -> None:
        """Do what cannot be taken back, when its key was pressed on this page as it is painted now."""
        action = next(found for found in actions_for(self.SCOPE) if found.name == name)
        if not self._meant:
            # The key was on its way through the page before when this one opened.
            self.refuse(_TOO_EARLY.format(action.shown_key))
            return
        self._meant -= 1
        if self.check_action(name, ()):
            await self.run_action(name)
        else:
            self.refuse(NOT_HERE.format(action.shown_key))

    def action_choose(self) -> None:
        """Show the numbered list of what else can be done with the row."""
        listed = [action for action in actions_for(self.SCOPE) if action.listed and self._offers(action)]

        def answered(name: str | None) -> None:
            if name is not None:
                self.call_later(self.run_action, name)

        if listed:
            acts = [(action.name, action.label, action.help) for action in listed]
            self.app.push_screen(RowActs(self.row_words(), acts), answered)
        else:
            self.say("Không có việc nào khác ở đây.")

    def row_words(self) -> str:
        """Return what the numbered list is about, for its title."""
        return "Việc khác"

    def label_of(self, action: Action) -> str:
        """Return what the key bar says of an action of this page, empty to leave it out."""
        return action.label

    def refresh_bar(self) -> None:
        """Show the keys again, after what they would do has changed."""
        self.query_one(KeyBar).say(self._own_keys())

    def _own_keys(self) -> Iterator[tuple[str, str]]:
        for action in actions_for(self.SCOPE):
            if action.key and self._offers(action) and (label := self.label_of(action)):
                yield action.shown_key, label

    # --- what a page shows ---------------------------------------------------------------------

    def heading(self) -> str:
        """Return the title of the page: where the person is."""
        return ""

    def hint(self) -> str:
        """Return what to do here, for the status line."""
        return ""

    def body(self) -> ComposeResult:
        """Yield what is between title and status line."""
        yield from ()

    def go(self, screen: str, **params: str) -> None:
        """Ask the app for another screen."""
        self.post_message(Go(screen, params))

    def say(self, text: str) -> None:
        """Show ``text`` in the status line."""
        self.query_one("#status", Status).say(text)

    def tell_saved(self) -> None:
        """Say what is saved, for Ctrl+S."""
        self.say("Mọi việc đã báo xong đều đã lưu; không có gì chờ lưu ở đây.")

    def refuse(self, text: str) -> None:
        """Say why the last key was not taken; ring, so that a person who looks at the paper hears it."""
        self.say(text)
        self.app.bell()

    def tell_written(self, what: str, path: Path) -> None:
        """Say that a file was written, and how it gets to the person's own computer; ``what`` ends without a stop."""
        if lines := how_to_fetch(self.desk, path):
            self.app.push_screen(Notice(f"{what}.", *lines))
        else:
            self.say(f"{what} vào {path}.")

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Return what ``act`` returns; show an error of ours as a notice and return None."""
        try:
            return act()
        except HocbaError as error:
            self.tell(error)
            return None

    def tell(self, error: HocbaError) -> None:
        """Show an error: what happened, whether the work is safe, what to do now.

        One that comes back as soon as it is closed goes to the status line, or nobody could leave the page.
        """
        shown(error)
        what, closed = self._told
        if what == error.what and time.monotonic() - closed < _AT_ONCE:
            self.say(error.what)
            return

        def read(_: None) -> None:
            self._told = error.what, time.monotonic()

        self.app.push_screen(Notice(error.what, error.safe, error.now), read)

    def action_open(self) -> None:
        """Open what is under the cursor; nothing by default."""

    def on_rows_chosen(self) -> None:
        """Open the row that was chosen with Enter."""
        self.action_open()

    async def may_leave(self) -> bool:
        """Return whether the screen may be left now."""
        return True

    def commands(self, todo: Sequence[Task]) -> list[Command]:
        """Return the commands of the palette: this screen's actions, today's tasks, then what works on every page."""

        def command(action: Action, verb: str) -> Command:
            return Command(verb, action.label, f"{action.help} ({action.shown_key})")

        named = actions_for(self.SCOPE)
        here = [action for action in named if self._offers(action) and action.name != "choose"]
        own, lists = (
            [command(action, action.name) for action in here if (action.scope == LISTS) is of_lists]
            for of_lists in (False, True)
        )
        app = [
            command(action, f"app.{action.name}")
            for action in named
            if action.scope == EVERYWHERE and action.name != "palette"
        ]
        self._offered = {task.name: task for task in todo}
        tasks = [Command(f"task({name!r})", task.label, task.detail) for name, task in self._offered.items()]
        return [*own, *tasks, *lists, *app]

    def action_task(self, name: str) -> None:
        """Open one of the tasks that the palette offers."""
        if name in self._offered:
            self.open_task(self._offered[name])

    def open_task(self, task: Task) -> None:
        """Open the screen of a task; where there is none, show what the task says in full."""
        if task.screen:
            place = self.attempt(lambda: place_of(self.desk, task))
            if place is not None:
                self.go(task.screen, **place)
        else:
            self.tell(StoreUnusable(task.detail, "Báo người phụ trách máy chủ: hocba store check.", SAFE))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer what needs a permission only to those who have it: see :mod:`hocba_tui.screens.permitted`."""
        acts = ACTIONS.get(f"{self.SCOPE}.{action}")
        return acts is None or permitted(self.desk, acts, getattr(self, "class_key", ""))

    def permits(self, act: Act, class_key: str = "") -> bool:
        """Return whether to offer an action at all; flow checks the permission again when it is used."""
        return self.desk.may(act, self.desk.classroom(class_key) if class_key else None).allowed

    def _offers(self, action: Action) -> bool:
        """Return whether the footer shows an action of this screen."""
        return action.scope in (self.SCOPE, LISTS) and self.check_action(action.name, ()) is True

    def _who(self) -> tuple[str, str]:
        school, actor = self.desk.school, self.desk.actor
        left = f"{actor.name} ({actor.title}) │ {school.year} │ {school.name}"
        day = f"{self.desk.clock.today():%d/%m/%Y}"
        return left, f" TẬP HUẤN {day}" if school.training else f" {day}"
