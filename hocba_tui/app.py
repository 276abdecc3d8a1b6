"""The Textual App: who is logged in, which screen. No domain words."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.command import CommandPalette
from textual.screen import Screen

from hocba_tui.flow.desk import Desk
from hocba_tui.screens.actions import EVERYWHERE, actions_for, bindings_for
from hocba_tui.screens.page import Go, Page

SCREENS: dict[str, str] = {
    "home": "home:HomePage",
    "classes": "classes:ClassesPage",
    "roster": "roster:RosterPage",
    "grid": "grid:GridPage",
    "card": "card:CardPage",
    "review": "review:ReviewPage",
    "submit": "signing:SubmitPage",
    "approve": "queues:ApproveQueuePage",
    "approve_class": "signing:ApprovePage",
    "seal": "queues:SealQueuePage",
    "seal_class": "signing:SealPage",
    "issued": "issued:IssuedPage",
    "outbox": "outbox:OutboxPage",
    "receipts": "outbox:ReceiptsPage",
    "intake": "intake:IntakePage",
    "round": "rounds:RoundPage",
    "periods": "periods:PeriodsPage",
    "doctor": "doctor:DoctorPage",
    "help": "help:HelpPage",
}
"""Where each screen lives; a module is imported when its screen is first opened."""


class HocbaApp(App[None]):
    """One person at work."""

    TITLE = "hocba"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS = bindings_for(EVERYWHERE)
    CSS: ClassVar[str] = "Screen { background: $background; layers: base; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def on_mount(self) -> None:
        """Open the first screen."""
        self.open_page("home")

    def open_page(self, name: str, **params: str) -> None:
        """Open a screen on top of the present one."""
        module, _, cls = SCREENS[name].partition(":")
        page: type[Page] = getattr(importlib.import_module(f"hocba_tui.screens.{module}"), cls)
        self.push_screen(page(self.desk, **params))

    def on_go(self, message: Go) -> None:
        """Open the screen that another one asked for."""
        self.open_page(message.name, **message.params)

    async def action_back(self) -> None:
        """Leave the present screen, unless it is the first."""
        page = self.screen
        if isinstance(page, Page) and not await page.may_leave():
            return
        if len(self.screen_stack) > 2:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave the program."""
        page = self.screen
        if isinstance(page, Page) and not await page.may_leave():
            return
        self.exit()

    def action_help(self) -> None:
        """Show the keys that work here."""
        page = self.screen
        if isinstance(page, Page):
            self.open_page("help", scope=page.SCOPE)

    def action_palette(self) -> None:
        """Open the palette."""
        self.push_screen(CommandPalette(placeholder="Gõ việc muốn làm, không cần dấu cũng được…"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer the actions of the present screen, from the registry."""
        scope = screen.SCOPE if isinstance(screen, Page) else ""
        for action in actions_for(scope):
            name = action.id.partition(".")[2]
            target = self if action.scope == EVERYWHERE else screen
            if name != "palette" and hasattr(target, f"action_{name}"):
                yield SystemCommand(action.label, action.help, getattr(target, f"action_{name}"))
