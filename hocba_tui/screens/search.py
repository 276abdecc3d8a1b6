"""Choose one of many by typing part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.screens.dialog import BOX
from hocba_tui.text import fold
from hocba_tui.widgets.typing import TypingInput, TypingKeys


class Narrowing(ModalScreen[str | None]):
    """A line to type in and a list that it narrows down; returns a key, None when cancelled."""

    DEFAULT_CSS = f"Narrowing {{ {BOX} }}"
    NOTHING: ClassVar[str]
    """Text of the list when nothing matches."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[str, str]] = []

    def left(self, typed: str) -> list[tuple[str, str]]:
        """Return what matches when ``typed`` is in the line: keys with the lines to show."""
        raise NotImplementedError

    def begin(self, keys: Sequence[str], typed: str) -> int:  # noqa: ARG002
        """Return the line on which the cursor is first."""
        return 0

    def on_mount(self) -> None:
        """Show everything."""
        self.query_one(OptionList).can_focus = False
        self._narrow("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        """Take the line under the cursor."""
        index = self.query_one(OptionList).highlighted
        if index is not None and self._shown:
            self.dismiss(self._shown[index][0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the chosen line."""
        event.stop()
        self.dismiss(self._shown[event.option_index][0])

    def on_key(self, event: events.Key) -> None:
        """Move in the list with the arrow keys; other keys go to the line."""
        options = self.query_one(OptionList)
        if event.key in ("up", "down") and self._shown:
            event.prevent_default()
            event.stop()
            step = 1 if event.key == "down" else -1
            options.highlighted = ((options.highlighted or 0) + step) % len(self._shown)

    def action_give_up(self) -> None:
        """Cancel."""
        self.dismiss(None)

    def narrow_again(self) -> None:
        """Narrow down other lines by what is typed; the cursor stays on its line."""
        options = self.query_one(OptionList)
        index = options.highlighted
        chosen = self._shown[index][0] if index is not None and self._shown else ""
        self._narrow(self.query_one(Input).value)
        keys = [key for key, _ in self._shown]
        if chosen in keys:
            options.highlighted = keys.index(chosen)

    def _narrow(self, typed: str) -> None:
        self._shown = self.left(typed)
        options = self.query_one(OptionList)
        options.clear_options()
        if self._shown:
            options.add_options([Option(line) for _, line in self._shown])
            options.highlighted = self.begin([key for key, _ in self._shown], typed)
        else:
            options.add_option(Option(self.NOTHING, disabled=True))


class Search(Narrowing):
    """A search with or without diacritics; the arrow keys move in the list.

    ``options`` are keys with their names; the key may be typed too. The cursor starts on ``chosen``.
    """

    BINDINGS = [Binding("escape", "give_up", "Bỏ", id="search.give_up")]
    NOTHING = "Không có tên nào như vậy."

    def __init__(self, title: str, options: Sequence[tuple[str, str]], chosen: str = "", enter: str = "tới đó") -> None:
        """Make the search; ``enter`` says in a word what Enter does."""
        super().__init__()
        self._title = title
        self._options = options
        self._chosen = chosen
        self._enter = enter

    def compose(self) -> ComposeResult:
        """Lay out the line to type in and the list."""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield TypingInput(select_on_focus=False, placeholder="gõ một phần tên, không cần dấu")
            yield OptionList(markup=False)
            yield TypingKeys(f"Mũi tên: chọn   Enter: {self._enter}   Esc: bỏ")

    def left(self, typed: str) -> list[tuple[str, str]]:
        """Return the options that match."""
        return matching(self._options, typed)

    def begin(self, keys: Sequence[str], typed: str) -> int:
        """Return the line of the present choice."""
        return keys.index(self._chosen) if not typed and self._chosen in keys else 0


def matching(options: Sequence[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """Return the options whose name or key contains all typed words; first those with them at beginnings of words."""
    words = fold(typed).split()

    def names(option: tuple[str, str]) -> str:
        return fold(f"{option[1]} {option[0]}")

    found = [option for option in options if all(word in names(option) for word in words)]
    return sorted(found, key=lambda option: not all(f" {word}" in _spaced(names(option)) for word in words))


def _spaced(text: str) -> str:
    """Return ``text`` with a space before every word, whatever separates them."""
    return " " + "".join(char if char.isalnum() else " " for char in text)
