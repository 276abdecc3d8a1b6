"""The editor of a comment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Label, Static, TextArea

from hocba_tui.screens.dialogs import BOX, Confirm
from hocba_tui.text import clean_block
from hocba_tui.widgets.typing import TypingArea, TypingKeys

_KEEP_EVERY = 1.0
"""Seconds between two drafts of what is being typed."""
_OWN_LINES = 13
"""What the editor needs for itself: its border, title, text, counter and keys, and a line to spare for a draft."""


class Editor(TypingArea):
    """A text area that takes Enter and Esc in the order in which they were typed.

    Bindings of a screen would overtake letters that arrived in the same packet, and lose them.
    """

    class Save(Message):
        """Somebody pressed Enter."""

    class GiveUp(Message):
        """Somebody pressed Esc."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "f2", "escape"):
            event.stop()
            event.prevent_default()
            self.post_message(self.GiveUp() if event.key == "escape" else self.Save())


class EditText(ModalScreen[str | None]):
    """A comment with its character counter; returns the text, None when given up.

    ``keep`` is given what has been typed, soon after: a dropped line must not lose it. The lines ``about``
    the pupil stand above, as many as the screen has room for.
    """

    DEFAULT_CSS = f"""EditText {{ {BOX}
        & > Vertical {{ width: 78; max-height: 100%; }}
        & TextArea, & TextArea:focus {{ height: 6; border: none; padding: 0; }}
        & #about {{ height: auto; color: $text-muted; border-bottom: solid $primary; }}
    }}"""

    def __init__(
        self,
        title: str,
        text: str,
        limit: int,
        keep: Callable[[str], None],
        draft: str = "",
        *,
        about: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._about = about
        self._title = title
        self._text = text
        self._limit = limit
        self._keep = keep
        self._draft = draft
        self._kept = draft or text

    def compose(self) -> ComposeResult:
        """Lay out the editor."""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            if self._about:
                about = Static("\n".join(self._about), id="about", markup=False)
                about.styles.max_height = max(2, self.app.size.height - _OWN_LINES)
                yield about
            if self._draft:
                yield Label("Tiếp tục bản gõ dở lúc trước, CHƯA lưu.", id="draft", markup=False)
            yield Editor(self._draft or self._text, soft_wrap=True)
            yield Static(id="count")
            yield TypingKeys("Enter: lưu   Esc: bỏ thay đổi")

    def on_mount(self) -> None:
        """Begin at the end of the text."""
        area = self.query_one(TextArea)
        area.cursor_blink = False
        area.move_cursor(area.document.end)
        area.focus()
        self.set_interval(_KEEP_EVERY, self._keep_draft)
        self.on_text_area_changed()

    def _keep_draft(self) -> None:
        """Keep what was typed since the last time."""
        text = clean_block(self.query_one(TextArea).text)
        if text != self._kept:
            self._keep(text)
            self._kept = text

    def on_text_area_changed(self) -> None:
        """Count characters as the portal does: composed, not bytes."""
        count = len(clean_block(self.query_one(TextArea).text))
        over = f" — dài quá {count - self._limit} ký tự" if count > self._limit else ""
        self.query_one("#count", Static).update(f"{count}/{self._limit} ký tự{over}")

    def on_editor_save(self) -> None:
        """Give the text, unless it is too long."""
        text = clean_block(self.query_one(TextArea).text)
        if len(text) <= self._limit:
            # Still a draft until the store has acknowledged it.
            self._keep_draft()
            self.dismiss(text)
        else:
            self.query_one("#count", Static).update(
                f"Dài {len(text)} ký tự, tối đa {self._limit}: rút ngắn rồi mới lưu được."
            )

    @property
    def changed(self) -> bool:
        """Return whether something was typed that is not saved."""
        return clean_block(self.query_one(TextArea).text) != clean_block(self._text)

    def on_editor_give_up(self) -> None:
        """Answer nothing; ask first when something would be lost."""
        if not self.changed:
            self._drop()
            return

        def answered(give_up: bool | None) -> None:
            if give_up:
                self._drop()

        self.app.push_screen(Confirm("Bỏ những gì vừa gõ?", "Nhận xét cũ vẫn giữ nguyên."), answered)

    def _drop(self) -> None:
        self._keep("")
        self.dismiss(None)
