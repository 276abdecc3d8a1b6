"""Export the bank of comments to Excel, and import it: preview the file, then write all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.export.excel.bank_table import bank_table
from hocba_tui.export.excel.workbook import book
from hocba_tui.flow.comments.bank import bank_of, keep, on_shelf, require_shelf
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.excel_file import require_free, write_excel
from hocba_tui.flow.handing_out import require_from_outside
from hocba_tui.flow.importing import ImportLine, ImportPreview, RowKind
from hocba_tui.intake.bank_list import read_bank_list
from hocba_tui.intake.source import Source
from hocba_tui.model.bank import BankEntry, Shelf


@dataclass(frozen=True)
class BankLine(ImportLine):
    """One row of the file: an entry, and what would change."""

    entry: BankEntry


@dataclass(frozen=True)
class BankPreview(ImportPreview[BankLine]):
    """What a file would do to one shelf."""

    UNIT = "lời nhận xét"

    shelf: Shelf


def export_bank(desk: Desk, path: Path, shelf: Shelf | None = None) -> int:
    """Write one shelf, or all entries that the actor may use, to a new Excel file; return the number of entries.

    The export is noted in the access log. Refused when ``path`` exists or there is nothing to write, WrongUse when
    ``path`` is not an Excel name.
    """
    require_shelf(desk, Shelf.OWN)
    require_free(path)
    entries = bank_of(desk) if shelf is None else on_shelf(desk, shelf)
    if not entries:
        raise Refused("Chưa có lời nào để ghi ra.", "Giữ một lời bằng F5 trong lúc gõ nhận xét.")
    data = book([bank_table(entries)])
    desk.store.log_access(desk.account, "export_bank", f"{shelf or 'all'}: {len(entries)}")
    write_excel(path, data)
    return len(entries)


def preview(desk: Desk, source: Source, shelf: Shelf) -> BankPreview:
    """Return what a file of comments would do to ``shelf``; nothing is written.

    A row that equals an entry which the actor can use is unchanged. A row without a code gets the code of an entry with
    the same words for the same use, otherwise a free one.
    """
    require_shelf(desk, shelf)
    require_from_outside(desk, source)
    listed = read_bank_list(source)
    present = {entry.code: entry for entry in bank_of(desk, shelf)}
    here = {entry.code for entry in on_shelf(desk, shelf)}
    code_of = {_said(entry): entry.code for entry in present.values()}
    taken = {*present, *(found.entry.code for found in listed.rows)}
    free = (code for number in count(1) if (code := f"r{number}") not in taken)
    lines, seen = [], set()
    for found in listed.rows:
        said = _said(found.entry)
        code = found.entry.code or code_of.get(said) or next(free)
        entry = replace(said, code=code, shelf=shelf)
        code_of.setdefault(said, code)
        known = present.get(code)
        if entry in seen or (known is not None and _said(known) == said):
            lines.append(BankLine(RowKind.SAME, entry))
        else:
            lines.append(BankLine(RowKind.CHANGED if code in here else RowKind.NEW, entry))
        seen.add(entry)
    return BankPreview(listed.source, tuple(lines), listed.findings, shelf)


def apply(desk: Desk, found: BankPreview) -> int:
    """Write a preview as one change; return the number of written entries.

    Refused when a finding is an error; otherwise raises as :func:`hocba_tui.flow.comments.bank.keep` does.
    """
    found.require_usable()
    keep(desk, [line.entry for line in found.writing], found.shelf, found.source)
    return len(found.writing)


def _said(entry: BankEntry) -> BankEntry:
    """Return the entry without its code and shelf, to compare what it says."""
    return replace(entry, code="", shelf=Shelf.OWN)
