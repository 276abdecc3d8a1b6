"""Read a class list, such as ``C1-HocSinh`` of CSDL ngành; columns are found by their headers, never by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from hocba_tui.errors import Refused
from hocba_tui.intake.dates import days_may_be_swapped
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.pupil_headers import HEADERS, PART_FIELDS, PASSED_OVER
from hocba_tui.intake.pupil_row import ListedPupil, PupilRow
from hocba_tui.intake.result_columns import CELL, meaning_of
from hocba_tui.intake.sheet_says import SheetSays, says_of
from hocba_tui.intake.unread import unread_columns
from hocba_tui.intake.unseen import Sight, only_shown
from hocba_tui.intake.workbook import Sheet, require_mostly, require_usual
from hocba_tui.model.finding import Finding, Severity

REQUIRED = ("code", "name")
_RESULTS = 3
"""From this many columns of results on, a file is one of results."""
CHOOSE_AGAIN = "Chọn lại tệp danh sách."


@dataclass(frozen=True)
class PupilList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    pupils: tuple[ListedPupil, ...]
    findings: tuple[Finding, ...]
    accepted: Callable[[], PupilList] = field(compare=False, repr=False)
    """Return the same rows with every offer accepted."""
    says: tuple[SheetSays, ...] = ()
    """What the sheets say about year and class."""
    offers: int = 0
    """Number of cells that are read only when a person confirms what they most likely mean."""


def interpret(sheets: Sequence[Sheet], source: str, *, accept_offers: bool = False) -> PupilList:
    """Read every sheet that is a class list; ``source`` is the name that people see.

    The class stands in a column, in the title or in the name of the sheet. Refused when no sheet is a class list,
    when it is one of results, or when they have no pupils or too many rows.
    """
    found = class_lists_of(sheets)
    if not found:
        raise Refused(
            f"{source}: không thấy dòng tiêu đề có đủ Mã học sinh và Họ tên.",
            "Dùng tệp C1-HocSinh xuất từ CSDL ngành, không xóa dòng tiêu đề.",
        )
    found, hidden = only_shown(found)
    if all(map(_is_of_results, found)):
        raise Refused(
            f"{source} là tệp kết quả, không phải danh sách lớp.", "Nạp bằng mục Kết quả (hocba intake results)."
        )
    tables = [table for table in found if "class" in table.columns or says_of(table).only_class]
    if not tables:
        raise Refused(
            f"{source}: không biết là danh sách của lớp nào.",
            "Thêm cột Lớp, hoặc ghi tên lớp ở dòng tiêu đề: “Danh sách học sinh lớp 5A”.",
        )
    return _interpret(tables, source, hidden, accept_offers=accept_offers)


def class_lists_of(sheets: Sequence[Sheet]) -> list[Table]:
    """Return the tables of a file that are class lists of CSDL ngành; its sheets of categories are not."""
    return [table for sheet in sheets if (table := _table(sheet))]


def _table(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], {**HEADERS, **PART_FIELDS}, REQUIRED, "")
    except Refused:
        return None


def _is_of_results(table: Table) -> bool:
    """Return whether a table has columns of results; a class list has none."""
    meanings = (meaning_of(path) for index, path in enumerate(table.paths) if index not in table.columns.values())
    return sum(meaning is not None and meaning.what == CELL for meaning in meanings) >= _RESULTS


def _interpret(tables: Sequence[Table], source: str, hidden: Sequence[Finding], *, accept_offers: bool) -> PupilList:
    named = sum(bool(table.rows()) for table in tables) > 1
    says = tuple(map(says_of, tables))
    read = [
        [
            PupilRow(number, row, table, accept_offers, table.sheet.name if named else "", said.only_class)
            for number, row in table.rows()
        ]
        for table, said in zip(tables, says, strict=True)
    ]
    readers = [reader for of_a_table in read for reader in of_a_table]
    require_usual(len(readers), "học sinh", CHOOSE_AGAIN)
    pupils = [listed for of_a_table in read for listed in read_table(of_a_table)]
    require_mostly(len(pupils), len(readers), source, "lớp, mã học sinh và họ tên", "danh sách lớp")
    sights = [Sight(table, table.columns.values(), table.columns["name"], accepted=accept_offers) for table in tables]
    findings = [*hidden, *(note for table in tables for note in of_the_file(table))]
    findings += [note for sight in sights for note in sight.findings()]
    findings += [finding for reader in readers for finding in reader.findings]
    findings += doubled(pupils, "code", "mã học sinh", lambda p: p.code)
    findings += doubled(pupils, "personal_id", "số định danh", lambda p: p.facts.get("personal_id", ""))
    accepted = partial(_interpret, tables, source, hidden, accept_offers=True)
    offers = sum(reader.offers for reader in readers) + sum(sight.offers for sight in sights)
    return PupilList(source, tuple(pupils), tuple(findings), accepted, says, offers)


def read_table(readers: Sequence[PupilRow]) -> Iterator[ListedPupil]:
    """Yield the pupils of the rows of one table.

    Incomplete rows below the last pupil, after a blank row, are signatures.
    """
    found = [reader.read() for reader in readers]
    last = max((at for at, listed in enumerate(found) if listed), default=len(found))
    apart = False
    for above, reader in zip(readers[last:], readers[last + 1 :], strict=False):
        apart = apart or reader.number > above.number + 1
        if apart:
            reader.pass_over()
    yield from (listed for listed in found if listed)


def of_the_file(table: Table) -> Iterator[Finding]:
    """Yield the warnings about whole columns; the row number is that of the header."""
    yield from unread_columns(table, PASSED_OVER)
    if table.sheet.guessed:
        yield Finding(
            "IN-ENCODING",
            Severity.WARNING,
            f"Tệp không cho biết bảng mã, đọc theo {table.sheet.guessed}: xem kĩ dấu của họ tên.",
            str(table.first_row),
            "name",
            "Lưu lại thành .xlsx hoặc CSV UTF-8 rồi nạp lại.",
        )
    if days_may_be_swapped(table.value(row, "birth") for _, row in table.rows()):
        yield Finding(
            "IN-DATE-SWAP",
            Severity.WARNING,
            "Cột ngày sinh: có lẽ Excel đã đổi chỗ ngày và tháng ở mọi em sinh từ ngày 1 đến ngày 12.",
            str(table.first_row),
            "birth",
            "Đối chiếu vài em với giấy khai sinh; nếu sai thì xuất lại với cột kiểu Text.",
        )


def doubled(pupils: list[ListedPupil], field_name: str, what: str, key: Callable[[ListedPupil], str]) -> list[Finding]:
    """Return an error for each row that shares its ``key`` with another row; ``what`` is the key's name for people."""
    counts = Counter(key(pupil) for pupil in pupils if key(pupil))
    return [
        Finding(
            "IN-DOUBLED",
            Severity.ERROR,
            f"{p.where}: {what} này có ở {counts[key(p)]} dòng.",
            str(p.row),
            field_name,
            "Bỏ dòng thừa hoặc sửa dòng sai trong Excel, rồi nạp lại.",
        )
        for p in pupils
        if counts.get(key(p), 0) > 1
    ]
