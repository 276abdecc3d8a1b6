"""The mark grid on Textual's Line API: one cell changed, one region repainted.

It knows how to type and how to paint; what a value means and where it is kept it leaves to the
screen, to which it posts :class:`MarkGrid.Typed` and asks to open a text cell.
"""

from __future__ import annotations

from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from hocba_tui.model.values import EntryKind
from hocba_tui.text import nfc
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn, GridModel, fit

_LEVEL_KEYS = "thcđdTHCĐD"
_NUMBER_KEYS = "0123456789.,"
_MARK_KEYS = "xX1"
_STYLES = {
    CellState.EMPTY: Style(),
    CellState.REQUIRED: Style(color="yellow"),
    CellState.SAVED: Style(),
    CellState.SAVING: Style(color="cyan"),
    CellState.WRONG: Style(color="red", bold=True),
    CellState.CONFLICT: Style(color="magenta", bold=True),
    CellState.LOCKED: Style(color="bright_black"),
    CellState.CHANGED: Style(color="green"),
}
_CURSOR = Style(reverse=True)
_HEAD = Style(bold=True, underline=True)
_ROW = Style(bold=True)


class MarkGrid(Widget, can_focus=True):
    """A class by columns; the name column and the header stay in sight."""

    DEFAULT_CSS = "MarkGrid { height: 1fr; width: 1fr; }"

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

    class Moved(Message):
        """The cursor is on another cell."""

    class Locked(Message):
        """Somebody typed into a locked cell; the cursor stayed."""

    class Restored(Message):
        """Somebody gave up a wrong value: the stored one is to be shown again."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    def __init__(self, model: GridModel, *, down: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = model
        self.down = down
        """Whether the cursor goes down after a value, else right."""
        self._top = 0
        self._left = 0
        self._finished: tuple[int, int, str] | None = None
        """The score that was finished by the very last key: row, column, text."""

    # --- what the screen does ------------------------------------------------------------------

    def show(self, model: GridModel) -> None:
        """Show another model."""
        self.model = model
        self._top = self._left = 0
        self._keep_in_sight()
        self.refresh()

    def set_cell(self, row: int, column: int, cell: GridCell) -> None:
        """Replace one cell and repaint it alone."""
        if self.model.cells[row][column] != cell:
            self.model.cells[row][column] = cell
            self._repaint(row, column)

    def jump(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self._travel(row - self.model.row, column - self.model.column)

    def take_pending(self) -> str:
        """Return what is being typed, which is then no longer pending."""
        text, self.model.pending = self.model.pending, ""
        if text:
            self._repaint(self.model.row, self.model.column)
        return text

    def commit(self) -> None:
        """Finish what is being typed, if anything is."""
        if text := self.take_pending():
            self.post_message(self.Typed(self.model.row, self.model.column, text))

    # --- typing --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Type, move, or leave the key to the screen."""
        if self.model.empty:
            return
        steps = {
            "up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1), "enter": (1, 0),
            "pageup": (-self._body_height(), 0), "pagedown": (self._body_height(), 0),
            "home": (0, -999), "end": (0, 999), "ctrl+home": (-999, 0), "ctrl+end": (999, 0),
        }  # fmt: skip
        kind = self.model.columns[self.model.column].kind
        if event.key in steps and not (event.key == "enter" and kind is EntryKind.TEXT):
            self.commit()
            self._travel(*steps[event.key])
        elif not self._edits(event, kind):
            return
        event.stop()
        event.prevent_default()

    def _edits(self, event: events.Key, kind: EntryKind) -> bool:
        """Take a key that changes the active cell; return whether it was one."""
        row, column = self.model.row, self.model.column
        wrong = self.model.active.state in (CellState.WRONG, CellState.CONFLICT)
        char = nfc(event.character) if event.character and event.is_printable else ""
        if event.key == "escape":
            if self.model.pending:
                self.take_pending()
                return True
            if wrong:
                self.post_message(self.Restored(row, column))
            return wrong
        changes = event.key in ("backspace", "delete", "enter") or self._accepts(kind, char)
        if not changes:
            return False
        if self.model.active.state is CellState.LOCKED:
            self.post_message(self.Locked())
        elif event.key == "enter":
            self.post_message(self.Opened(row, column, ""))
        elif event.key in ("backspace", "delete"):
            self._remove(wrong=wrong)
        else:
            self._type(kind, char)
        return True

    @staticmethod
    def _accepts(kind: EntryKind, char: str) -> bool:
        keys = {
            EntryKind.LEVEL: _LEVEL_KEYS,
            EntryKind.SCORE: _NUMBER_KEYS,
            EntryKind.NUMBER: _NUMBER_KEYS + "xX",
            EntryKind.MARK: _MARK_KEYS,
        }
        return bool(char) and char in keys.get(kind, "")

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
        """Take back a key, a wrong value, or the value itself; never leave the cell (Unikey sends bursts)."""
        row, column = self.model.row, self.model.column
        if self.model.pending:
            self.model.pending = self.model.pending[:-1]
            self._repaint(row, column)
        elif wrong:
            self.post_message(self.Restored(row, column))
        elif self.model.columns[column].kind is not EntryKind.TEXT and self.model.active.text:
            self.post_message(self.Typed(row, column, ""))

    # --- moving --------------------------------------------------------------------------------

    def _travel(self, rows: int, columns: int) -> None:
        before = (self.model.row, self.model.column)
        self._finished = None
        if not self.model.move(rows, columns):
            self._place_terminal_cursor()
            return
        if self._keep_in_sight():
            self.refresh()
        else:
            self._repaint(*before)
            self._repaint(self.model.row, self.model.column)
        self._place_terminal_cursor()
        self.post_message(self.Moved())

    def advance(self) -> None:
        """Go on after a value: down, or to the right and then to the next pupil, past what is locked."""
        self._travel(*((1, 0) if self.down else self.model.rightwards()))

    def next_gap(self) -> bool:
        """Go to the next gap; return whether there is one."""
        before = (self.model.row, self.model.column)
        found = self.model.next_gap()
        row, column = self.model.row, self.model.column
        self.model.row, self.model.column = before
        self._travel(row - before[0], column - before[1])
        return found

    def _body_height(self) -> int:
        return max(1, self.size.height - self.model.header)

    def _keep_in_sight(self) -> bool:
        """Scroll so that the cursor is visible; return whether anything scrolled."""
        if not self.size.width:
            return False
        before = (self._top, self._left)
        height = self._body_height()
        if self.model.row < self._top:
            self._top = self.model.row
        elif self.model.row >= self._top + height:
            self._top = self.model.row - height + 1
        self._left = min(self._left, self.model.column)
        while self._left < self.model.column and self._x(self.model.column + 1) > self.size.width:
            self._left += 1
        return before != (self._top, self._left)

    def _x(self, column: int) -> int:
        """Return where a column begins on the screen, seen from the present scroll."""
        return self._names_width() + sum(c.width + 2 for c in self.model.columns[self._left : column])

    def _names_width(self) -> int:
        return self.model.name_width + 4

    def _repaint(self, row: int, column: int) -> None:
        if self._top <= row < self._top + self._body_height() and column >= self._left:
            width = self.model.columns[column].width + 2
            self.refresh(Region(self._x(column), row - self._top + self.model.header, width, 1))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._keep_in_sight()
        self._place_terminal_cursor()

    def on_focus(self) -> None:
        """Bring the terminal's own cursor along: screen readers and Braille displays follow it."""
        self._place_terminal_cursor()

    def _place_terminal_cursor(self) -> None:
        if not self.model.empty:
            x, y = self._x(self.model.column), self.model.row - self._top + self.model.header
            self.app.cursor_position = self.content_region.offset + Offset(x, y)

    # --- painting ------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return one line: the header, or a pupil."""
        segments = self._header(y) if y < self.model.header else self._row(y - self.model.header + self._top)
        strip = Strip(segments)
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _header(self, y: int) -> list[Segment]:
        """Return a line of the header: the titles, or above them what they have in common."""
        style = self.rich_style + _HEAD
        shown, last = self._visible(), y == self.model.header - 1
        names = " STT Họ và tên" if last else ""
        arrow = "‹ " if self._left and last else ""
        segments = [Segment(fit(names, self._names_width() - len(arrow)) + arrow, style)]
        if last:
            segments += [Segment(fit(column.title, column.width + 1) + " ", style) for column in shown]
        else:
            for group, columns in groupby(shown, key=lambda column: column.group):
                segments.append(Segment(fit(group, sum(column.width + 2 for column in columns) - 1) + " ", style))
        if last and self._left + len(shown) < len(self.model.columns):
            # In the last two places of the line, whatever stands there.
            return [*Strip(segments).adjust_cell_length(self.size.width - 2, style), Segment("› ", style)]
        return segments

    def _row(self, row: int) -> list[Segment]:
        if row >= len(self.model.names):
            return []
        base = self.rich_style
        name_style = base + _ROW if row == self.model.row else base
        name = f"{row + 1:>3} {fit(self.model.names[row], self.model.name_width)}"
        segments = [Segment(name, name_style)]
        for column in range(self._left, self._left + len(self._visible())):
            text, state = self.model.shown(row, column)
            style = base + _STYLES[state]
            if (row, column) == (self.model.row, self.model.column):
                segments.append(Segment(f"{text}{state.mark}", style + _CURSOR))
            else:
                segments.append(Segment(f"{text}{state.mark}", style))
            segments.append(Segment(" ", base))
        return segments

    def _visible(self) -> list[GridColumn]:
        room = self.size.width - self._names_width()
        shown: list[GridColumn] = []
        for column in self.model.columns[self._left :]:
            room -= column.width + 2
            if room < -1 and shown:
                break
            shown.append(column)
        return shown
