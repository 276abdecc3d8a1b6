"""Say what a person who looks at a sheet in Excel does not see: what is hidden, formulas, merged cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from hocba_tui.errors import Refused
from hocba_tui.intake.headers import Table
from hocba_tui.intake.workbook import Unseen, text_of
from hocba_tui.model.finding import Finding, Severity

_SIGNATURES = 3
"""Most texts of a line of signatures below a table."""
_SHOW = "Bỏ ẩn trong Excel, xem lại, rồi nạp lại; không cần thì không phải làm gì."
_VALUES = "Mở tệp bằng Excel, lưu lại; đúng thì nhận đề nghị khi ghi. Hoặc: Chép, Dán đặc biệt → Giá trị, rồi nạp lại."
_EMPTY = "Mở bằng Excel, lưu lại để tệp giữ giá trị, rồi nạp lại; ô trống không xóa gì."
_SPLIT = "Trong Excel: bỏ gộp ô (Unmerge Cells), ghi giá trị vào từng dòng, rồi nạp lại."


def only_shown(tables: Sequence[Table]) -> tuple[list[Table], list[Finding]]:
    """Return the tables on sheets that are shown, and a finding for each other one.

    Refused when all tables are on hidden sheets.
    """
    shown = [table for table in tables if not table.sheet.unseen.hidden]
    hidden = [table for table in tables if table.sheet.unseen.hidden]
    names = ", ".join(f"“{table.sheet.name}”" for table in hidden)
    if hidden and not shown:
        raise Refused(f"Bảng nằm ở trang ẩn {names}.", "Bỏ ẩn trang ấy trong Excel, xem lại rồi nạp lại.")
    if not hidden:
        return shown, []
    message = f"Trang ẩn {names} cũng có bảng; không nạp trang ẩn."
    return shown, [Finding("IN-HIDDEN", Severity.WARNING, message, hidden[0].sheet.name, "sheet", _SHOW)]


class Sight:
    """What is not seen in the read columns of a table, in the rows of people."""

    def __init__(self, table: Table, columns: Collection[int], name: int, *, accepted: bool) -> None:
        """Look at the rows that have a text in the column ``name``."""
        unseen = table.sheet.unseen
        self._table, self._columns, self._accepted = table, columns, accepted
        rows = set(self._rows_of_people(name)) if unseen != Unseen() else set()
        inside = [(row, column, held) for row, column, held in unseen.formulas if row in rows and column in columns]
        self._held = [(row, column) for row, column, held in inside if held and self._holds(row, column)]
        self._bare = [(row, column) for row, column, _ in inside if (row, column) not in set(self._held)]
        self._rows = sorted(row for row in unseen.rows if row in rows)
        self._hidden = sorted(column for column in unseen.columns if column in columns)
        self._merged = [area for area in unseen.merged if self._hides(area, rows)]

    @property
    def offers(self) -> int:
        """Return the number of stored values of formulas."""
        return len(self._held)

    def findings(self) -> Iterator[Finding]:
        """Yield the findings; the values of formulas are an error until they are accepted."""
        if self._held:
            said, severity = ("đã nhận", Severity.HINT) if self._accepted else ("đề nghị", Severity.ERROR)
            message = (
                f"{said} giá trị mà tệp đang giữ ở {len(self._held)} ô có công thức: {cells_in_words(self._held)}."
            )
            yield self._finding("IN-FORMULA", severity, message, _VALUES)
        if self._bare:
            message = f"{len(self._bare)} ô có công thức mà tệp không giữ giá trị, coi là ô trống: "
            yield self._finding(
                "IN-FORMULA-EMPTY", Severity.WARNING, message + f"{cells_in_words(self._bare)}.", _EMPTY
            )
        if self._merged:
            areas = ", ".join(f"{_cell(top, left)}:{_cell(bottom, right)}" for top, left, bottom, right in self._merged)
            message = f"ô gộp {areas}: Excel chỉ giữ giá trị ở ô đầu, các ô kia trống."
            yield self._finding("IN-MERGED", Severity.ERROR, message, _SPLIT)
        if self._rows:
            listed = ", ".join(str(row + 1) for row in self._rows)
            message = f"{len(self._rows)} dòng đang ẩn (bộ lọc?) vẫn được đọc: {listed}."
            yield self._finding("IN-HIDDEN", Severity.WARNING, message, _SHOW)
        if self._hidden:
            heads = ", ".join(
                f"{_letters(column)} “{' / '.join(self._table.paths[column])}”" for column in self._hidden
            )
            yield self._finding("IN-HIDDEN", Severity.WARNING, f"cột đang ẩn vẫn được đọc: {heads}.", _SHOW)

    def _rows_of_people(self, name: int) -> Iterator[int]:
        """Yield the rows with a name; below a blank row only those with more texts than a line of signatures has."""
        above, apart = self._table.first_row, False
        for number, row in self._table.rows():
            apart = apart or number > above + 1
            above = number
            texts = sum(column < len(row) and bool(text_of(row[column])) for column in self._columns)
            if name < len(row) and text_of(row[name]) and (not apart or texts > _SIGNATURES):
                yield number - 1

    def _finding(self, code: str, severity: Severity, message: str, remedy: str) -> Finding:
        name = self._table.sheet.name
        return Finding(code, severity, f"Trang “{name}”: {message}", name, "sheet", remedy)

    def _holds(self, row: int, column: int) -> bool:
        cells = self._table.sheet.rows[row]
        return column < len(cells) and bool(text_of(cells[column]))

    def _hides(self, area: tuple[int, int, int, int], rows: set[int]) -> bool:
        """Return whether a merged cell leaves a read cell of another row empty, or another read cell of its row.

        A name over two columns hides nothing.
        """
        top, left, bottom, right = area
        if not any(column in self._columns for column in range(left, right + 1)):
            return False
        below = any(row in rows for row in range(top + 1, bottom + 1))
        beside = left in self._columns and any(column in self._columns for column in range(left + 1, right + 1))
        return (top in rows and beside) or (below and bottom > top)


def cells_in_words(cells: Iterable[tuple[int, int]]) -> str:
    """Return cells (row and column from 0) as Excel names them, neighbours below each other as a range: "F4:F9, G4"."""
    named = []
    for column, group in groupby(sorted((column, row) for row, column in cells), key=lambda cell: cell[0]):
        rows = [row for _, row in group]
        for _, run in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
            block = [row for _, row in run]
            first, last = _cell(block[0], column), _cell(block[-1], column)
            named.append(first if first == last else f"{first}:{last}")
    return ", ".join(named)


def _cell(row: int, column: int) -> str:
    return f"{_letters(column)}{row + 1}"


def _letters(column: int) -> str:
    text, number = "", column + 1
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
