"""Choose several of a few: a list in which each line is ticked or not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.screens.dialog import BOX, Dialog


class Ticks(Dialog[tuple[str, ...] | None]):
    """Space or Enter ticks and unticks; returns the keys of the ticked lines, None when given up."""

    DEFAULT_CSS = f"Ticks {{ {BOX} }}"
    BINDINGS = [
        Binding("space", "tick", "Đánh dấu", id="ticks.tick"),
        Binding("f2,ctrl+w", "finish", "Xong", id="ticks.finish"),
        Binding("escape", "give_up", "Bỏ", id="ticks.give_up"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], ticked: Collection[str], note: str = "") -> None:
        super().__init__("Space, Enter: đánh dấu, bỏ dấu   F2: xong   Esc: bỏ")
        self._title, self._note = title, note
        self._options = options
        self._ticked = set(ticked)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield OptionList(*[Option(self._line(number)) for number in range(len(self._options))], markup=False)
            if self._note:
                yield Label(self._note, markup=False)
            yield self.keys_line()

    def on_mount(self) -> None:
        """Put the cursor on the first line."""
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tick with Enter."""
        event.stop()
        self.action_tick()

    def action_tick(self) -> None:
        """Tick the line under the cursor, or untick it."""
        options = self.query_one(OptionList)
        if (number := options.highlighted) is not None:
            self._ticked ^= {self._options[number][0]}
            options.replace_option_prompt_at_index(number, self._line(number))

    def action_finish(self) -> None:
        """Return what is ticked, in the order of the list."""
        self.dismiss(tuple(key for key, _ in self._options if key in self._ticked))

    def action_give_up(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def _line(self, number: int) -> str:
        key, words = self._options[number]
        return f"[{'x' if key in self._ticked else ' '}] {words}"
