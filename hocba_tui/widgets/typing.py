"""Text boxes in which Telex or VNI can be typed, for consoles that have no input method."""

from __future__ import annotations

from typing import Protocol

from textual import events
from textual.app import App
from textual.reactive import reactive
from textual.widgets import Input, Label

from hocba_tui.telex.typing import NO_WORD, Edit, Word, typed
from hocba_tui.telex.word import Method
from hocba_tui.widgets.key_order import KeyOrderApp


class TypingApp(KeyOrderApp):
    """An app whose text boxes share one way of typing."""

    method: reactive[Method] = reactive(Method.OFF)
    gave_way: reactive[bool] = reactive(default=False)
    """Whether composing was stopped for this session because letters arrived composed: Unikey or the like is active."""

    def watch_method(self, method: Method) -> None:
        """Start composing again when somebody switches it on."""
        if method is not Method.OFF:
            self.gave_way = False

    def give_way(self) -> None:
        """Stop composing because an input method outside this program is active."""
        self.gave_way = True
        self.method = Method.OFF


class SteadyInput(Input):
    """A line of text whose cursor does not blink: each blink would be sent over the line, for as long as it is open."""

    def on_mount(self) -> None:
        """Keep the cursor as it is."""
        self.cursor_blink = False


class TypingInput(SteadyInput):
    """A line of text in which letters are composed."""

    word: Word = NO_WORD

    async def on_key(self, event: events.Key) -> None:
        """Compose a Vietnamese letter before the box takes the key."""
        compose(self, event)

    def before_cursor(self) -> str | None:
        """Return the text before the cursor; None when text is selected."""
        return self.value[: self.cursor_position] if self.selection.is_empty else None

    def carry_out(self, edit: Edit) -> None:
        """Change the text at the cursor."""
        self.replace(edit.insert, self.cursor_position - edit.remove, self.cursor_position)


class Box(Protocol):
    """A text box in which letters can be composed."""

    word: Word

    @property
    def app(self) -> App[object]:
        """Return the app, which has the method of typing."""

    def before_cursor(self) -> str | None:
        """Return the text before the cursor; None when text is selected."""

    def carry_out(self, edit: Edit) -> None:
        """Change the text at the cursor."""


def compose(box: Box, event: events.Key) -> None:
    """Make a Vietnamese letter of a key when the app is set to do so; otherwise leave the key to the box.

    The box itself handles deleting and moving: the text that is there is the beginning of the word.
    """
    app, key = box.app, event.character
    if not isinstance(app, TypingApp) or app.method is Method.OFF or not event.is_printable or key is None:
        return
    before = box.before_cursor()
    if before is None:
        return
    if key.isalpha() and not key.isascii():
        app.give_way()
        return
    edit = typed(before, key, app.method, box.word)
    box.word = edit.word
    if edit.remove or edit.insert != key:
        event.stop()
        event.prevent_default()
        box.carry_out(edit)


class TypingKeys(Label):
    """The keys of a dialog, with the way of typing."""

    def __init__(self, keys: str) -> None:
        super().__init__(keys, classes="keys", markup=False)
        self._keys = keys

    def on_mount(self) -> None:
        """Show the app's method and follow its changes."""
        self.watch(self.app, "method", self._show)

    def _show(self, method: Method) -> None:
        why = " (máy đã có bộ gõ)" if isinstance(self.app, TypingApp) and self.app.gave_way else ""
        self.update(f"{self._keys}   F9: Gõ {method}{why}")
