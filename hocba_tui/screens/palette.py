"""The palette: any action of this screen and any of today's tasks, by typing part of its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label, OptionList

from hocba_tui.screens.search import Narrowing
from hocba_tui.text import fold
from hocba_tui.widgets.grid_model import fit
from hocba_tui.widgets.typing import TypingInput


@dataclass(frozen=True)
class Command:
    """One line of the palette; ``id`` is the answer when it is chosen."""

    id: str
    label: str
    help: str


class Palette(Narrowing):
    """Typing narrows down the list, with or without diacritics; Enter takes the line under the cursor."""

    BINDINGS = [Binding("escape", "give_up", "Bỏ", id="palette.give_up")]
    NOTHING = "Không có việc nào tên như vậy."

    def __init__(
        self, commands: Sequence[Command], fresh: Callable[[], Awaitable[Sequence[Command]]] | None = None
    ) -> None:
        """Show ``commands`` at once, and what ``fresh`` returns when it has been read."""
        super().__init__()
        self._commands = commands
        self._fresh = fresh

    def on_mount(self) -> None:
        """Read the tasks as they are now."""
        if self._fresh is not None:
            self.run_worker(self._freshen(self._fresh()), group="fresh")

    async def _freshen(self, fresh: Awaitable[Sequence[Command]]) -> None:
        commands = await fresh
        if commands != self._commands:
            self._commands = commands
            self.narrow_again()

    def compose(self) -> ComposeResult:
        """Lay out the line to type in and the list."""
        with Vertical():
            yield Label("Gõ việc muốn làm, không cần dấu", classes="title")
            yield TypingInput(select_on_focus=False)
            yield OptionList(markup=False)
            yield Label("Mũi tên: chọn   Enter: làm   Esc: bỏ", classes="keys")

    def left(self, typed: str) -> list[tuple[str, str]]:
        """Return the commands whose name or explanation has all typed words in it; first those by their name."""
        words = fold(typed).split()
        found = [c for c in self._commands if all(word in fold(f"{c.label} {c.help}") for word in words)]
        found.sort(key=lambda c: not all(word in fold(c.label) for word in words))
        return [(c.id, f"{fit(c.label, 28)} {fit(c.help, 34)}") for c in found]
