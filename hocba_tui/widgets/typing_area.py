"""A text of several lines in which Telex or VNI can be typed.

A module of its own, since Textual's editor is big and most sessions never open a comment.
"""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from hocba_tui.telex.typing import NO_WORD, Edit, Word
from hocba_tui.widgets.typing import compose


class TypingArea(TextArea):
    """A text of several lines."""

    word: Word = NO_WORD

    async def on_key(self, event: events.Key) -> None:
        """Compose a Vietnamese letter before the box takes the key."""
        compose(self, event)

    def before_cursor(self) -> str | None:
        """Return the text of the line before the cursor; None when text is selected."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column] if self.selection.is_empty else None

    def carry_out(self, edit: Edit) -> None:
        """Change the text at the cursor."""
        row, column = self.cursor_location
        self.replace(edit.insert, (row, column - edit.remove), (row, column), maintain_selection_offset=False)
