"""The palette: any action of this screen, and any task of the day, by typing part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.screens.dialogs import BOX
from hocba_tui.text import fold
from hocba_tui.widgets.grid_model import fit
from hocba_tui.widgets.typing import TypingInput


@dataclass(frozen=True)
class Command:
    """One line of the palette; ``id`` is the answer when it is chosen."""

    id: str
    label: str
    help: str


class Palette(ModalScreen[str | None]):
    """Type to narrow down, with or without diacritics; Enter takes the line under the cursor."""

    DEFAULT_CSS = f"Palette {{ {BOX} }}"
    BINDINGS = [Binding("escape", "give_up", "Bỏ", id="palette.give_up")]

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._commands = commands
        self._shown: list[Command] = []

    def compose(self) -> ComposeResult:
        """Lay out the line to type in and the list."""
        with Vertical():
            yield Label("Gõ việc muốn làm, không cần dấu", classes="title")
            yield TypingInput(select_on_focus=False)
            yield OptionList()
            yield Label("Mũi tên: chọn   Enter: làm   Esc: bỏ", classes="keys")

    def on_mount(self) -> None:
        """Show everything."""
        self._narrow("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        """Take the line under the cursor."""
        index = self.query_one(OptionList).highlighted
        if index is not None and self._shown:
            self.dismiss(self._shown[index].id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the chosen line."""
        event.stop()
        self.dismiss(self._shown[event.option_index].id)

    def on_key(self, event: events.Key) -> None:
        """Let the arrows move in the list while the line keeps the letters."""
        options = self.query_one(OptionList)
        if event.key in ("up", "down") and self._shown:
            event.prevent_default()
            event.stop()
            step = 1 if event.key == "down" else -1
            options.highlighted = ((options.highlighted or 0) + step) % len(self._shown)

    def action_give_up(self) -> None:
        """Answer nothing."""
        self.dismiss(None)

    def _narrow(self, typed: str) -> None:
        words = fold(typed).split()
        self._shown = [c for c in self._commands if all(w in fold(f"{c.label} {c.help}") for w in words)]
        options = self.query_one(OptionList)
        options.clear_options()
        if self._shown:
            options.add_options([Option(f"{fit(c.label, 22)} {fit(c.help, 40)}") for c in self._shown])
            options.highlighted = 0
        else:
            options.add_option(Option("Không có việc nào tên như vậy.", disabled=True))
