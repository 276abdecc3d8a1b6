"""The mark grid for typing; the screen decides what a value means and where it is stored."""

from __future__ import annotations

from textual import events
from textual.message import Message

from hocba_tui.model.values import EntryKind
from hocba_tui.text import nfc
from hocba_tui.widgets.grid_keys import BURST, LEAPS, DoubleD, Heard, accepts, step_of
from hocba_tui.widgets.grid_model import CLOSED, CellState, GridModel
from hocba_tui.widgets.mark_grid import MarkGrid


class EntryGrid(MarkGrid):
    """A grid that posts what was typed, and asks the screen to open cells that need more than a key."""

    class Typed(Message):
        """Somebody finished typing ``text`` into a cell."""

        def __init__(self, row: int, column: int, text: str) -> None:
            super().__init__()
            self.row = row
            self.column = column
            self.text = text

    class Opened(Message):
        """Somebody wants to edit a text cell (``first`` is the key that was pressed, or empty)."""

        def __init__(self, row: int, column: int, first: str) -> None:
            super().__init__()
            self.row = row
            self.column = column
            self.first = first

    class Locked(Message):
        """Somebody typed into a locked cell; the cursor stayed."""

    class Cleared(Message):
        """Somebody wants to empty the selected block."""

    class Restored(Message):
        """Somebody discarded a wrong value: show the stored one again."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    def __init__(self, model: GridModel, *, down: bool = True, id: str | None = None) -> None:
        super().__init__(model, down=down, id=id)
        self._finished: tuple[int, int, str] | None = None
        """The score that was finished by the last key: row, column, text."""
        self._double = DoubleD()

    def take_pending(self) -> str:
        """Return what is being typed, and regard it as no longer pending."""
        text, self.model.pending = self.model.pending, ""
        if text:
            self._repaint(self.model.row, self.model.column)
        return text

    def commit(self) -> None:
        """Finish what is being typed, if there is anything."""
        if text := self.take_pending():
            self.post_message(self.Typed(self.model.row, self.model.column, text))

    # --- typing --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Type, move, or leave the key to the screen."""
        if self.model.empty:
            return
        kind = self.model.columns[self.model.column].kind
        char = nfc(event.character) if event.character and event.is_printable else ""
        heard = self._double.hear(event.key, char if kind is EntryKind.LEVEL else "", event.time)
        if heard is Heard.FLUSH:
            self._edits("backspace", "", kind)
        if heard is Heard.HOLD:
            self.set_timer(BURST, self._let_go)
        elif heard is not Heard.SWALLOW and not self._moves(event.key, kind) and not self._edits(event.key, char, kind):
            return
        event.stop()
        event.prevent_default()

    def _let_go(self) -> None:
        """Handle a Backspace that was held back, now that no key followed it."""
        if self._double.release():
            self._edits("backspace", "", self.model.columns[self.model.column].kind)

    def _moves(self, key: str, kind: EntryKind) -> bool:
        """Handle a key that moves the cursor; return whether it was one."""
        opens = kind is EntryKind.TEXT or self.model.active.state is CellState.CONFLICT
        if key == "enter" and opens and not self.model.pending:
            return False
        plain = key.removeprefix("shift+")
        step = self.model.leap(*LEAPS[plain]) if plain in LEAPS else step_of(plain, self._body_height())
        if step is None:
            return False
        self.commit()
        if plain != key:
            self.select()
        elif not self.model.extending:
            self.deselect()
        self._travel(*step)
        return True

    def _edits(self, key: str, char: str, kind: EntryKind) -> bool:
        """Handle a key that changes the active cell; return whether it was one."""
        row, column, state = self.model.row, self.model.column, self.model.active.state
        wrong = state is CellState.WRONG
        removes = key in ("backspace", "delete")
        if key == "escape":
            return self._escape(wrong=wrong)
        if not (removes or key == "enter" or accepts(kind, char)):
            return False
        if removes and self.model.block and not self.model.pending:
            self.post_message(self.Cleared())
            return True
        self.deselect()
        if state in CLOSED:
            self.post_message(self.Locked())
        elif key == "enter":
            self.post_message(self.Opened(row, column, ""))
        elif removes:
            self._remove(wrong=wrong)
        else:
            self._type(kind, char)
        return True

    def _escape(self, *, wrong: bool) -> bool:
        """Discard what is being typed, else the selection, else a wrong value; return whether there was one."""
        if self.model.pending:
            self.take_pending()
        elif self.model.block:
            self.deselect()
            self.post_message(self.Moved())
        elif wrong:
            self.post_message(self.Restored(self.model.row, self.model.column))
        else:
            return False
        return True

    def _type(self, kind: EntryKind, char: str) -> None:
        if kind in (EntryKind.LEVEL, EntryKind.MARK):
            self._finish(char)
        elif kind is EntryKind.SCORE:
            self._type_score(char)
        else:
            self.model.pending += char
            self._repaint(self.model.row, self.model.column)

    def _type_score(self, char: str) -> None:
        """Wait for a second digit only after 1: "18" is 1 here and 8 in the next cell.

        A point or comma belongs to the score before it: "10.5" is one wrong value, never a 10 here and a
        5 for the next pupil.
        """
        pending = self.model.pending
        if char in ".," or "." in pending or "," in pending:
            if char in ".," and not pending and self._finished is not None:
                row, column, text = self._finished
                self.jump(row, column)
                pending = text
            self.model.pending = pending + char
            self._repaint(self.model.row, self.model.column)
        elif pending == "1" and char == "0":
            self._finish("10")
        elif pending == "1":
            self._finish("1")
            self._type_score(char)
        elif char == "1":
            self.model.pending = "1"
            self._repaint(self.model.row, self.model.column)
        else:
            self._finish(char)

    def _finish(self, text: str) -> None:
        place = (self.model.row, self.model.column, text)
        self.model.pending = text
        self.commit()
        self.advance()
        self._finished = place

    def _remove(self, *, wrong: bool) -> None:
        """Delete a key, a wrong value, or the value itself; never leave the cell (Unikey sends bursts of keys)."""
        row, column = self.model.row, self.model.column
        if self.model.pending:
            self.model.pending = self.model.pending[:-1]
            self._repaint(row, column)
        elif wrong:
            self.post_message(self.Restored(row, column))
        elif self.model.active.state is CellState.CONFLICT:
            self.post_message(self.Moved())  # In a conflict a value is chosen, not deleted.
        elif self.model.columns[column].kind is not EntryKind.TEXT and self.model.active.text:
            self.post_message(self.Typed(row, column, ""))

    def _travel(self, rows: int, columns: int) -> None:
        self._finished = None
        super()._travel(rows, columns)
