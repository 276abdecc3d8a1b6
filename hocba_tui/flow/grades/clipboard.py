r"""Blocks of cells in the format in which spreadsheets copy them: tabs between cells, one line per row.

A cell that holds a tab or a line break is quoted, with quotation marks inside it doubled. Excel does not
quote a cell that only contains quotation marks, so a quotation mark counts only when it is the first
character of a cell and a matching one ends it. Terminals send the line breaks of a paste as ``\r``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hocba_tui.errors import Refused
from hocba_tui.text import clean_block

MAX_CHARACTERS = 1_000_000
"""Enough for more than thirty comments of 2,000 letters in each column of a class."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|\n|\Z)')
_PLAIN = re.compile(r"[^\t\n]*")
_FORMULA = "=+-@"


def read_tabbed(text: str) -> list[list[str]]:
    """Return the rows of a pasted block, all of the same length, with clean cells (NFC, no control characters).

    Empty rows and columns at the end are dropped. Raise Refused when it is too long for a block of a class.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused("Khối dán quá dài; chưa ghi gì.", "Chép lại đúng các ô cần dán.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        quoted = _QUOTED.match(text, at)
        if quoted:
            cell, at = quoted.group(1).replace('""', '"'), quoted.end()
        else:
            plain = _PLAIN.match(text, at)
            cell, at = (plain.group(), plain.end()) if plain else ("", at)
        rows[-1].append(clean_block(cell))
        if at >= len(text):
            break
        if text[at] == "\n":
            rows.append([])
        at += 1
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((number for row in rows for number, cell in enumerate(row, start=1) if cell), default=0)
    return [[*row, *[""] * width][:width] for row in rows]


def write_tabbed(rows: Sequence[Sequence[str]]) -> str:
    """Return ``rows`` as a spreadsheet reads them; a cell that it would take for a formula begins with a space."""
    return "\n".join("\t".join(_written(cell) for cell in row) for row in rows)


def _written(cell: str) -> str:
    text = f" {cell}" if cell[:1] and cell[0] in _FORMULA else cell
    if any(char in text for char in "\t\n\r") or text.startswith('"'):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
