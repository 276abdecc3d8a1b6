"""The mark grid that is typed into. What a value means and where it is stored is decided by the screen."""

from __future__ import annotations

from textual import events
from textual.message import Message

from hocba_tui.model.values import EntryKind
from hocba_tui.text import nfc
from hocba_tui.widgets.grid_hand import Direction, Place
from hocba_tui.widgets.grid_input import GridInput
from hocba_tui.widgets.grid_keys import ThirdD, pasted_as_keys
from hocba_tui.widgets.grid_model import GridModel
from hocba_tui.widgets.key_order import KeyOrderApp
from hocba_tui.widgets.mark_grid import MarkGrid
from hocba_tui.widgets.textual_internals import Read, is_text, read_of


class CellMessage(Message):
    """Something about one cell, named by pupil and field: the class list may change before it is handled."""

    def __init__(self, pupil: str, field: str) -> None:
        super().__init__()
        self.pupil = pupil
        self.field = field


class EntryGrid(MarkGrid):
    """A grid that posts what was typed, and asks to open what takes more than a key."""

    class Typed(CellMessage):
        """Somebody finished typing ``text`` into a cell."""

        def __init__(self, pupil: str, field: str, text: str) -> None:
            super().__init__(pupil, field)
            self.text = text

    class Opened(CellMessage):
        """Somebody wants to edit a comment, or to choose in a conflict."""

    class TakenBack(CellMessage):
        """The value typed last into the cell is taken back: restore what was there before."""

    class Restored(CellMessage):
        """Somebody gave up a wrong value: show the stored one again."""

    class Locked(Message):
        """Somebody typed into a locked cell; the cursor stayed."""

    class Cleared(Message):
        """Somebody wants the selected block emptied."""

    class Pasted(Message):
        """A block was pasted, and the terminal sent it as keys."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Said(Message):
        """The person must be told something about the last key; ``refused`` when it was not taken."""

        def __init__(self, words: str, *, refused: bool) -> None:
            super().__init__()
            self.words = words
            self.refused = refused

    def __init__(self, model: GridModel, *, id: str | None = None) -> None:
        super().__init__(model, id=id)
        self.input = GridInput(model, self)
        self._third = ThirdD()
        self._read: Read | None = None
        """The read of the terminal that was looked at last."""

    @property
    def direction(self) -> Direction:
        """Return where the cursor goes after a value."""
        return self.input.direction

    @direction.setter
    def direction(self, direction: Direction) -> None:
        self.input.direction = direction

    def show(self, model: GridModel) -> None:
        """Show another sheet."""
        self.input.model = model
        self.input.forget()
        super().show(model)

    def follow(self, model: GridModel) -> None:
        """Show the same sheet with other pupils: the cursor, what is held and the block stay on their pupils."""
        self.input.follow(model)
        self.replace(model)

    def jump(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self.input.forget()
        super().jump(row, column)

    def next_gap(self) -> bool:
        """Go to the next gap; return whether there is one."""
        self.input.forget()
        return super().next_gap()

    def after_comment(self) -> None:
        """Go on after a comment: down, or to the right and then to the next pupil's first column."""
        row, column = self.model.row, self.model.column
        if self.direction is not Direction.RIGHT:
            self.jump(row + 1, column)
        elif column + 1 < len(self.model.columns):
            self.jump(row, column + 1)
        else:
            self.jump(row + 1, 0)

    def take_pending(self) -> str:
        """Return what is being typed, which is then no longer pending."""
        text, self.model.pending = self.model.pending, ""
        if text:
            self._repaint(self.model.row, self.model.column)
        return text

    # --- keys ----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Type, move, or leave the key to the screen."""
        if self.model.empty:
            return
        if self._is_paste(event):
            event.stop()
            event.prevent_default()
            return
        char = nfc(event.character) if event.character and event.is_printable else ""
        level = self.model.columns[self.model.column].kind is EntryKind.LEVEL
        if self._third.swallows(event.key, char if level else "", event.time) or self.input.key(
            event.key, char, self._body_height()
        ):
            event.stop()
            event.prevent_default()

    def _is_paste(self, event: events.Key) -> bool:
        """Hand a whole read to the page when it is a pasted block; return whether it was."""
        read, before = read_of(event), self._read
        self._read = read
        kinds = [column.kind for column in self.model.columns]
        # Enter on a comment opens it: what follows is the comment, typed ahead.
        opens = event.key == "enter" and kinds[self.model.column] is EntryKind.TEXT
        if opens or read is None or read is before or not is_text(read) or not pasted_as_keys(read.text, kinds):
            return False
        if isinstance(self.app, KeyOrderApp):
            self.app.drop_rest_of(read)
        self.post_message(self.Pasted(read.text))
        return True

    def on_blur(self) -> None:
        """Take the next key as one that follows nothing: a dialog was open between."""
        self.input.forget()

    # --- what the input decides ----------------------------------------------------------------

    def store(self, place: Place, text: str) -> None:
        """Post a finished value."""
        self.post_message(self.Typed(*self._named(place), text))

    def take_back(self, place: Place) -> None:
        """Post that the value typed last is taken back."""
        self.post_message(self.TakenBack(*self._named(place)))

    def restore(self, place: Place) -> None:
        """Post that a wrong value is given up."""
        self.post_message(self.Restored(*self._named(place)))

    def open(self, place: Place) -> None:
        """Post that a cell is to be opened."""
        self.post_message(self.Opened(*self._named(place)))

    def locked(self) -> None:
        """Post that the active cell is closed."""
        self.post_message(self.Locked())

    def clear_block(self) -> None:
        """Post that the block is to be emptied."""
        self.post_message(self.Cleared())

    def say(self, words: str) -> None:
        """Post what the person must be told."""
        self.post_message(self.Said(words, refused=False))

    def refuse(self, words: str) -> None:
        """Post why a key was not taken."""
        self.post_message(self.Said(words, refused=True))

    def travel(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self._travel(rows, columns)

    def repaint(self, place: Place) -> None:
        """Paint a cell again."""
        self._repaint(*place)

    def select_nothing(self) -> None:
        """Select nothing, and let the status line follow."""
        if self.model.block:
            self.deselect()
            self.post_message(self.Moved())

    def _named(self, place: Place) -> tuple[str, str]:
        return self.model.pupils[place[0]], self.model.columns[place[1]].field
