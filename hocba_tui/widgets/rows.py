"""A plain table for choosing a row: a header line and rows, with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hocba_tui.widgets.grid_model import fit


@dataclass(frozen=True)
class RowColumn:
    """A column: title and width in terminal cells; width 0 takes what is left."""

    title: str
    width: int


class Rows(Vertical):
    """A table whose rows each have an id; a row with a single text spans all columns."""

    class Chosen(Message):
        """Somebody pressed Enter on a row."""

    class Moved(Message):
        """Somebody moved to another row; filling the table does not count."""

    DEFAULT_CSS = """
    Rows { height: 1fr; }
    Rows > Static { height: 1; text-style: bold underline; padding: 0 1; }
    Rows > OptionList, Rows > OptionList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, columns: Sequence[RowColumn], empty: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._empty = empty
        self._rows: list[tuple[str, Sequence[str]]] = []
        self._told = ""

    def compose(self) -> ComposeResult:
        """Make the header and the list."""
        yield Static(markup=False)
        yield OptionList(markup=False)

    @property
    def list(self) -> OptionList:
        """Return the list."""
        return self.query_one(OptionList)

    @property
    def chosen(self) -> str:
        """Return the id of the row under the cursor, empty when there is none."""
        index = self.list.highlighted
        return self._rows[index][0] if index is not None and index < len(self._rows) else ""

    def fill(self, rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Show ``rows`` (id and texts), keeping the cursor on the row of the same id."""
        before, index = self.chosen, self.list.highlighted
        shown, self._rows = self._rows, list(rows)
        if [key for key, _ in shown] == [key for key, _ in self._rows]:
            self._repaint(shown)  # The list stays where it is scrolled to, and little goes over the line.
            return
        self._paint()
        ids = [key for key, _ in self._rows]
        if ids:
            self.list.highlighted = ids.index(before) if before in ids else min(index or 0, len(ids) - 1)
        self._told = self.chosen

    def words(self) -> Sequence[tuple[str, str]]:
        """Return each row's id with its words in one line."""
        return [(key, " · ".join(text for text in texts if text.strip())) for key, texts in self._rows]

    def go_to(self, row: str) -> None:
        """Put the cursor on the row of this id, when there is one."""
        ids = [key for key, _ in self._rows]
        if row in ids:
            self.list.highlighted = ids.index(row)

    def go_on(self) -> bool:
        """Go to the next row; return False when there is none."""
        index = self.list.highlighted
        if not self._rows or (index is not None and index + 1 >= len(self._rows)):
            return False
        self.list.highlighted = 0 if index is None else index + 1
        return True

    def go_to_next(self, wanted: Collection[str]) -> bool:
        """Go to the next row whose id is among ``wanted``, from the last one on to the first; False when none is."""
        ids, here = [key for key, _ in self._rows], self.list.highlighted
        start = 0 if here is None else here + 1
        following = [number for number in (*range(start, len(ids)), *range(start)) if ids[number] in wanted]
        if following:
            self.list.highlighted = following[0]
        return bool(following)

    def change(self, rows: Mapping[str, Sequence[str]]) -> None:
        """Replace the texts of some rows, by their ids, and keep the cursor. For tables of thousands of rows."""
        shown, self._rows = self._rows, [(key, rows.get(key, texts)) for key, texts in self._rows]
        self._repaint(shown)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post that a row was chosen."""
        event.stop()
        self.post_message(self.Chosen())

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Post that the cursor moved to another row, unless the table was only refilled."""
        event.stop()
        if self.chosen != self._told:
            self._told = self.chosen
            self.post_message(self.Moved())

    def on_mount(self) -> None:
        """Give the list the focus."""
        self.list.focus()

    def on_resize(self) -> None:
        """Lay out the columns again."""
        highlighted = self.list.highlighted
        self._paint()
        self.list.highlighted = highlighted

    def _paint(self) -> None:
        self.query_one(Static).update(Text(self._line([column.title for column in self._columns]), no_wrap=True))
        self.list.clear_options()
        if not self._rows:
            self.list.add_option(Option(Text(self._empty, no_wrap=True), disabled=True))
        self.list.add_options([Option(Text(self._line(texts), no_wrap=True)) for _, texts in self._rows])

    def _repaint(self, shown: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Paint the rows again that are not as they are shown."""
        for index, ((_, before), (_, texts)) in enumerate(zip(shown, self._rows, strict=True)):
            if tuple(before) != tuple(texts):
                self.list.replace_option_prompt_at_index(index, Text(self._line(texts), no_wrap=True))

    def _line(self, texts: Sequence[str]) -> str:
        room = max(20, (self.size.width or 80) - 3)
        if len(texts) == 1 and len(self._columns) > 1:
            return fit(texts[0], room)
        fixed = sum(column.width + 1 for column in self._columns if column.width)
        open_width = max(8, room - fixed)
        return " ".join(fit(text, c.width or open_width) for text, c in zip(texts, self._columns, strict=True))
