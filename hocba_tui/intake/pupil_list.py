"""Read the class list ``C1-HocSinh`` of CSDL ngành; columns are found by their headers, never by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from hocba_tui.errors import Refused
from hocba_tui.intake.dates import days_may_be_swapped
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.pupil_row import ListedPupil, PupilRow
from hocba_tui.intake.workbook import Sheet, require_usual
from hocba_tui.model.finding import Finding, Severity

HEADERS: dict[str, tuple[str, ...]] = {
    "class": ("Mã lớp", "Tên lớp", "Lớp"),
    "code": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT"),
    "name": ("Họ tên", "Họ và tên"),
    "birth": ("Ngày sinh",),
    "sex": ("Giới tính",),
    "status": ("Trạng thái HS", "Trạng thái học sinh", "Trạng thái"),
    "status_date": ("Ngày nhập trạng thái", "Ngày trạng thái"),
    "left_reason": ("Lí do rời trường", "Lý do thôi học", "Lý do chuyển đi", "Lý do chuyển"),
    "ethnic": ("Dân tộc",),
    "disability": ("Loại khuyết tật",),
    "personal_id": ("Số định danh cá nhân", "Số định danh"),
    "birthplace": ("Nơi sinh",),
    "hometown": ("Quê quán",),
    "address": ("Chỗ ở hiện nay", "Nơi ở hiện nay"),
    "father": ("Họ tên cha", "Họ và tên cha"),
    "mother": ("Họ tên mẹ", "Họ và tên mẹ"),
    "guardian": ("Họ tên người giám hộ", "Người giám hộ"),
    "register_no": ("Số đăng bộ", "Sổ đăng bộ"),
    "grade": ("Khối", "Khối lớp", "Khối học", "Mã khối"),
}
REQUIRED = ("class", "code", "name")
CHOOSE_AGAIN = "Chọn lại tệp danh sách."


@dataclass(frozen=True)
class PupilList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    pupils: tuple[ListedPupil, ...]
    findings: tuple[Finding, ...]
    accepted: Callable[[], PupilList] = field(compare=False, repr=False)
    """Return the same rows with every offer accepted."""
    offers: int = 0
    """Number of cells that are read only when a person confirms what they most likely mean."""


def interpret(sheets: Sequence[Sheet], source: str, *, accept_offers: bool = False) -> PupilList:
    """Read every sheet that is a class list; ``source`` is the name that people see.

    Refused when no sheet is a class list, or when they have no pupils or too many rows.
    """
    tables = class_lists_of(sheets)
    if not tables:
        raise Refused(
            f"{source}: không thấy dòng tiêu đề có đủ Mã lớp, Mã học sinh và Họ tên.",
            "Dùng tệp C1-HocSinh xuất từ CSDL ngành, không xóa dòng tiêu đề.",
        )
    return _interpret(tables, source, accept_offers=accept_offers)


def class_lists_of(sheets: Sequence[Sheet]) -> tuple[Table, ...]:
    """Return the tables of a file that are class lists of CSDL ngành; its sheets of categories are not."""
    return tuple(table for sheet in sheets if (table := _table(sheet)))


def _table(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], HEADERS, REQUIRED, "")
    except Refused:
        return None


def _interpret(tables: Sequence[Table], source: str, *, accept_offers: bool) -> PupilList:
    named = sum(bool(table.rows()) for table in tables) > 1
    read = [
        [PupilRow(number, row, table, accept_offers, table.sheet.name if named else "") for number, row in table.rows()]
        for table in tables
    ]
    readers = [reader for of_a_table in read for reader in of_a_table]
    require_usual(len(readers), "học sinh", CHOOSE_AGAIN)
    pupils = [listed for of_a_table in read for listed in read_table(of_a_table)]
    findings = [note for table in tables for note in of_the_file(table)]
    findings += [finding for reader in readers for finding in reader.findings]
    findings += doubled(pupils, "code", "mã học sinh", lambda p: p.code)
    findings += doubled(pupils, "personal_id", "số định danh", lambda p: p.facts.get("personal_id", ""))
    accepted = partial(_interpret, tables, source, accept_offers=True)
    return PupilList(source, tuple(pupils), tuple(findings), accepted, sum(reader.offers for reader in readers))


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
