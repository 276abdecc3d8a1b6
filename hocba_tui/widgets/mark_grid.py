"""The mark grid on Textual's Line API: when one cell changes, only its region is repainted.

This class moves and paints; :class:`~hocba_tui.widgets.entry_grid.EntryGrid` accepts typing.
"""

from __future__ import annotations

from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from hocba_tui.widgets.grid_model import Block, CellState, GridCell, GridModel, fit

_STYLES = {
    CellState.EMPTY: Style(),
    CellState.REQUIRED: Style(color="yellow"),
    CellState.SAVED: Style(),
    CellState.SAVING: Style(),  # Its mark is enough for a moment; a colour would be sent over the line twice.
    CellState.WRONG: Style(color="red", bold=True),
    CellState.CONFLICT: Style(color="magenta", bold=True),
    CellState.LOCKED: Style(color="bright_black"),
    CellState.EXEMPT: Style(color="bright_black"),
    CellState.CHANGED: Style(color="green"),
}
_CURSOR = Style(reverse=True)
_BLOCK = Style(reverse=True, bold=False)
_CURSOR_IN_BLOCK = Style(reverse=True, bold=True, underline=True)
_BLOCK_EDGE = "│"
"""Follows each cell of the block, so that the block is visible where reversed colours are not."""
_HEAD = Style(bold=True, underline=True)
_ROW = ">"
"""Points to the name in the active row: one letter; a bold name would have to be sent at every step."""


class MarkGrid(Widget, can_focus=True):
    """A class by columns; the name column and the header do not scroll."""

    DEFAULT_CSS = "MarkGrid { height: 1fr; width: 1fr; }"

    class Moved(Message):
        """The cursor is on another cell."""

    def __init__(self, model: GridModel, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = model
        self._top = 0
        self._left = 0

    # --- what the screen does ------------------------------------------------------------------

    def show(self, model: GridModel) -> None:
        """Show another model."""
        self._top = self._left = 0
        self.replace(model)

    def replace(self, model: GridModel) -> None:
        """Show another model at the same place."""
        self.model = model
        self._keep_in_sight()
        self.place_terminal_cursor()
        self.refresh()

    def set_cell(self, row: int, column: int, cell: GridCell) -> None:
        """Replace one cell and repaint only it."""
        if self.model.cells[row][column] != cell:
            self.model.cells[row][column] = cell
            self._repaint(row, column)

    def jump(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self._travel(row - self.model.row, column - self.model.column)

    # --- moving --------------------------------------------------------------------------------

    def _travel(self, rows: int, columns: int) -> None:
        before, block = (self.model.row, self.model.column), self.model.block
        if not self.model.move(rows, columns):
            self.place_terminal_cursor()
            return
        if self._keep_in_sight():
            self.refresh()
        else:
            self._repaint(*before)
            self._repaint(self.model.row, self.model.column)
            self._repaint_blocks(block)
        self.place_terminal_cursor()
        self.post_message(self.Moved())

    def select(self) -> None:
        """Begin a block at the cursor, unless one has begun."""
        if self.model.anchor is None and not self.model.empty:
            self.model.anchor = (self.model.row, self.model.column)
            self._repaint(*self.model.anchor)

    def deselect(self) -> None:
        """Select nothing."""
        before = self.model.block
        self.model.deselect()
        self._repaint_blocks(before)

    def _repaint_blocks(self, before: Block | None) -> None:
        """Repaint the cells that have entered the block or left it."""
        after = self.model.block
        for place in set(before.places() if before else ()) ^ set(after.places() if after else ()):
            self._repaint(*place)

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
        """Scroll so that the cursor is visible, and share the width; return whether all must be painted."""
        if not self.size.width or self.model.empty:
            return False
        before, widths = (self._top, self._left), self.model.widened
        self.model.spread(self.size.width - self._names_width())
        height = self._body_height()
        if self.model.row < self._top:
            self._top = self.model.row
        elif self.model.row >= self._top + height:
            self._top = self.model.row - height + 1
        self._top = max(0, min(self._top, len(self.model.names) - height))
        self._left = min(self._left, self.model.column)
        while self._left < self.model.column and self._x(self.model.column + 1) > self.size.width:
            self._left += 1
        return before != (self._top, self._left) or widths != self.model.widened

    def _x(self, column: int) -> int:
        """Return where a column begins on the screen, with the present scrolling."""
        return self._names_width() + sum(self.model.width(number) + 2 for number in range(self._left, column))

    def _names_width(self) -> int:
        return self.model.name_width + 4

    def _repaint(self, row: int, column: int) -> None:
        if self._top <= row < self._top + self._body_height() and column >= self._left:
            width = self.model.width(column) + 2
            self.refresh(Region(self._x(column), row - self._top + self.model.header, width, 1))

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        if self._keep_in_sight():
            self.refresh()
        self.place_terminal_cursor()

    def on_focus(self) -> None:
        """Move the terminal's own cursor to the active cell."""
        self.place_terminal_cursor()

    def place_terminal_cursor(self) -> None:
        """Put the terminal's own cursor on the active cell: screen readers and Braille displays follow it."""
        # A dialog on top keeps the cursor in its own box.
        if not self.model.empty and self.app.screen is self.screen:
            x, y = self._x(self.model.column), self.model.row - self._top + self.model.header
            self.app.cursor_position = self.content_region.offset + Offset(x, y)

    # --- painting ------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return one line: the header, or a pupil."""
        segments = self._header(y) if y < self.model.header else self._row(y - self.model.header + self._top)
        strip = Strip(segments)
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _header(self, y: int) -> list[Segment]:
        """Return a line of the header: the titles, or above them the names of their groups."""
        style = self.rich_style + _HEAD
        columns, shown, last = self.model.columns, self._visible(), y == self.model.header - 1
        names = " STT Họ và tên" if last else ""
        arrow = "‹ " if self._left and last else ""
        segments = [Segment(fit(names, self._names_width() - len(arrow)) + arrow, style)]
        if last:
            segments += [Segment(fit(columns[n].title, self.model.width(n) + 1) + " ", style) for n in shown]
        else:
            for group, members in groupby(shown, key=lambda number: columns[number].group):
                width = sum(self.model.width(number) + 2 for number in members)
                segments.append(Segment(fit(group, width - 1) + " ", style))
        if last and shown.stop < len(columns):
            # In the last two columns of the line, over whatever is there.
            return [*Strip(segments).adjust_cell_length(self.size.width - 2, style), Segment("› ", style)]
        return segments

    def _row(self, row: int) -> list[Segment]:
        if row >= len(self.model.names):
            return []
        base = self.rich_style
        pointer = _ROW if row == self.model.row else " "
        segments = [Segment(f"{row + 1:>3}{pointer}{fit(self.model.names[row], self.model.name_width)}", base)]
        for column in self._visible():
            text, state = self.model.shown(row, column)
            style, chosen = base + _STYLES[state], self.model.selected(row, column)
            if (row, column) == (self.model.row, self.model.column):
                style += _CURSOR_IN_BLOCK if chosen else _CURSOR
            elif chosen:
                style += _BLOCK
            segments += [Segment(f"{text}{state.mark}", style), Segment(_BLOCK_EDGE if chosen else " ", base)]
        return segments

    def _visible(self) -> range:
        """Return the columns that are shown, by number; the last one may be cut by one cell."""
        room, shown = self.size.width - self._names_width(), self._left
        while shown < len(self.model.columns):
            room -= self.model.width(shown) + 2
            if room < -1 and shown > self._left:
                break
            shown += 1
        return range(self._left, shown)
