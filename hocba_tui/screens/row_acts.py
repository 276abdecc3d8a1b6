"""The numbered list of what else can be done with a row: rare acts, which have no key of their own."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.screens.dialog import BOX, Dialog
from hocba_tui.widgets.grid_model import fit


class RowActs(Dialog[str | None]):
    """A number or Enter chooses; returns the act's name, None when given up."""

    DEFAULT_CSS = f"RowActs {{ {BOX} }}"
    BINDINGS = [Binding("escape", "give_up", "Bỏ", id="row_acts.give_up")]

    def __init__(self, title: str, acts: Sequence[tuple[str, str, str]]) -> None:
        """Make the list of at most nine acts: name, label and explanation of each."""
        super().__init__("Số, hoặc mũi tên và Enter: chọn   Esc: bỏ")
        self._title = title
        self._acts = acts

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        lines = [f"{number} {fit(label, 18)} {text}" for number, (_, label, text) in enumerate(self._acts, start=1)]
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield OptionList(*[Option(line) for line in lines], markup=False)
            yield self.keys_line()

    def on_key(self, event: events.Key) -> None:
        """Choose by number."""
        number = int(event.key) if event.key.isascii() and event.key.isdigit() else 0
        if 0 < number <= len(self._acts) and self.pressed_here(event):
            event.stop()
            self.dismiss(self._acts[number - 1][0])
        else:
            super().on_key(event)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the act under the cursor."""
        event.stop()
        self.dismiss(self._acts[event.option_index][0])

    def action_give_up(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
