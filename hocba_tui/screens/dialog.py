"""The base of dialogs without a text box, and the box that all dialogs are drawn in."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.screen import ModalScreen
from textual.widgets import Label

from hocba_tui.screens.keys import key_name, old_key_words
from hocba_tui.screens.painted import PaintedScreen

T = TypeVar("T")

BOX = """
    align: center middle;
    & > Vertical { width: 70; max-width: 95%; height: auto; max-height: 90%; border: round $primary;
                   background: $surface; padding: 0 1; }
    & Label { width: 1fr; }
    & .title { text-style: bold; }
    & .keys { color: $text-muted; }
    & Input { border: none; height: 1; padding: 0 1; background: $boost; }
    & Input:focus { border: none; background: $primary-muted; }
    & OptionList, & OptionList:focus { height: auto; max-height: 16; border: none; padding: 0; }
"""


class Dialog(PaintedScreen[T], ModalScreen[T]):
    """A dialog that takes only keys that were pressed when it could be read, and answers all others."""

    TAKES_EARLY: ClassVar[frozenset[str]] = frozenset({"escape"})
    """Keys that give up, and may be typed ahead."""
    OLD_KEYS: ClassVar[dict[str, str]] = {}
    """Keys of the version before, and what they are now."""

    def __init__(self, keys: str) -> None:
        """Make the dialog; ``keys`` says in its last line which keys it takes."""
        super().__init__()
        self.keys = keys

    def keys_line(self) -> Label:
        """Return the line of keys."""
        return Label(self.keys, classes="keys", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Stop a key that came too early, and one that nothing here takes; say so."""
        name = event.key.lower()
        if not self.pressed_here(event):
            if event.key not in self.TAKES_EARLY:
                self._refuse(event, f"Phím {_written(event)} bấm trước khi khung này hiện ra nên không tính.")
        elif name in self.OLD_KEYS:
            self._refuse(event, old_key_words(self.OLD_KEYS[name]))
        elif event.key not in self.active_bindings:
            self._refuse(event, f"Phím {_written(event)} không dùng ở đây.")

    def _refuse(self, event: events.Key, words: str) -> None:
        event.stop()
        event.prevent_default()
        self.query_one(".keys", Label).update(f"{words}\n{self.keys}")
        self.app.bell()


def _written(event: events.Key) -> str:
    """Return a key as it is printed on a keyboard."""
    return event.character if event.character and event.is_printable and event.key != "space" else key_name(event.key)
