"""The base of all screens: a top bar, a title, a body, a status line and the keys of the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.rules.permits import Act, may
from hocba_tui.screens.actions import EVERYWHERE, Action, actions_for
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.palette import Command
from hocba_tui.widgets.frame import KeyBar, Status, Title, TopBar
from hocba_tui.widgets.mark_grid import MarkGrid

T = TypeVar("T")


class Go(Message):
    """Somebody wants another screen."""

    def __init__(self, screen: str, params: dict[str, str]) -> None:
        super().__init__()
        self.name = screen
        self.params = params


class Page(Screen[None]):
    """Base of all screens. ``SCOPE`` names its actions in the registry."""

    SCOPE: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose(self) -> ComposeResult:
        """Lay out the frame around the body."""
        yield TopBar(*self._who())
        yield Title(self.heading(), id="title")
        yield from self.body()
        yield Status(self.hint(), id="status")
        yield KeyBar(
            ((action.shown_key, action.label) for action in actions_for(self.SCOPE) if self._offers(action)),
            ((action.shown_key, action.label) for action in actions_for(EVERYWHERE)[:4]),
        )

    def on_screen_resume(self) -> None:
        """Take the terminal's own cursor back from a dialog's box."""
        if isinstance(self.focused, MarkGrid):
            self.focused.place_terminal_cursor()

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

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Return what ``act`` returns; show an error of ours as a notice and return None."""
        try:
            return act()
        except HocbaError as error:
            self.tell(error)
            return None

    def tell(self, error: HocbaError) -> None:
        """Show an error: what happened, whether the work is safe, what to do now."""
        self.app.push_screen(Notice(error.what, error.safe, error.now))

    def action_open(self) -> None:
        """Open what is under the cursor; nothing by default."""

    def on_rows_chosen(self) -> None:
        """Open the row that was chosen with Enter."""
        self.action_open()

    async def may_leave(self) -> bool:
        """Return whether the screen may be left now."""
        return True

    def commands(self) -> list[Command]:
        """Return the commands of the palette: this screen's actions, today's tasks, and the app's actions."""

        def command(action: Action, verb: str) -> Command:
            return Command(verb, action.label, f"{action.help} ({action.shown_key})")

        named = [(action, action.id.partition(".")[2]) for action in actions_for(self.SCOPE)]
        own = [command(action, name) for action, name in named if self._offers(action)]
        app = [
            command(action, f"app.{name}") for action, name in named if action.scope == EVERYWHERE and name != "palette"
        ]
        todo = self.attempt(lambda: tasks(self.desk)) or ()
        return own + [Command(f"task({n})", task.label, task.detail) for n, task in enumerate(todo)] + app

    def action_task(self, number: int) -> None:
        """Open one of today's tasks."""
        task = tasks(self.desk)[number]
        self.go(task.screen, **task.params)

    def permits(self, act: Act, class_key: str = "") -> bool:
        """Return whether to offer an action at all; flow checks the permission again when it is used."""
        return may(self.desk.actor, act, self.desk.classroom(class_key) if class_key else None).allowed

    def _offers(self, action: Action) -> bool:
        """Return whether the footer shows an action of this screen."""
        return action.scope == self.SCOPE and self.check_action(action.id.partition(".")[2], ()) is True

    def _who(self) -> tuple[str, str]:
        school, actor = self.desk.school, self.desk.actor
        left = f"{actor.name} ({actor.title}) │ {school.year} │ {school.name}"
        day = f"{self.desk.clock.today():%d/%m/%Y}"
        return left, f" TẬP HUẤN {day}" if school.training else f" {day}"
