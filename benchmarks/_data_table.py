"""Textual's own table, doing for one typed grade what the grid does.

grid_bytes.py starts it in a terminal of its own, with the rows, the columns and their widths.
"""

from __future__ import annotations

import sys

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static


class TableApp(App[None]):
    """A class of pupils in a DataTable, and a status line."""

    CSS = "DataTable { height: 1fr; } Static { height: 1; }"

    def __init__(self, rows: int, widths: list[int]) -> None:
        super().__init__()
        self._rows, self._widths, self._typed = rows, widths, 0

    def compose(self) -> ComposeResult:
        """Yield table and status line."""
        yield DataTable(cursor_type="cell", fixed_columns=1)
        yield Static("opened", markup=False)

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_column("STT Họ và tên", width=26, key="name")
        for number, width in enumerate(self._widths):
            table.add_column(f"c{number}", width=width, key=str(number))
        for row in range(self._rows):
            table.add_row(f"{row + 1:>3} Nguyễn Ngọc Khánh Hân", *("T" for _ in self._widths), key=str(row))
        table.move_cursor(row=0, column=1)

    def on_key(self, event: events.Key) -> None:
        """Put a level where the cursor is with its mark, move down, and show when it is saved."""
        if event.character not in ("h", "t"):
            return
        table = self.query_one(DataTable)
        row, column = table.cursor_coordinate
        value = event.character.upper()
        self._typed += 1
        table.update_cell(str(row), str(column - 1), f"{value} …")
        table.move_cursor(row=row + 1)
        self.set_timer(0.05, lambda: self._save(row, column, value, self._typed))

    def _save(self, row: int, column: int, value: str, number: int) -> None:
        self.query_one(DataTable).update_cell(str(row), str(column - 1), value)
        self.query_one(Static).update(f"saved {number}")


if __name__ == "__main__":
    TableApp(int(sys.argv[1]), [int(width) for width in sys.argv[2:]]).run(mouse=False)
