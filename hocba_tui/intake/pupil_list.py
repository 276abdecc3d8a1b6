"""The class list ``C1-HocSinh`` of CSDL ngành: columns found by their headers, never by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from hocba_tui.errors import Refused
from hocba_tui.intake.dates import days_may_be_swapped
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.pupil_row import ListedPupil, PupilRow
from hocba_tui.intake.workbook import MAX_ROWS, Sheet
from hocba_tui.model.finding import Finding, Severity

HEADERS: dict[str, tuple[str, ...]] = {
    "class": ("Mã lớp", "Tên lớp", "Lớp"),
    "code": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT"),
    "name": ("Họ tên", "Họ và tên"),
    "birth": ("Ngày sinh",),
    "sex": ("Giới tính",),
    "status": ("Trạng thái HS", "Trạng thái học sinh"),
    "status_date": ("Ngày nhập trạng thái",),
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


@dataclass(frozen=True)
class PupilList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    pupils: tuple[ListedPupil, ...]
    findings: tuple[Finding, ...]
    accepted: Callable[[], PupilList] = field(compare=False, repr=False)
    """Returns the same rows with every offer taken."""
    offers: int = 0
    """How many cells are read only when a person confirms what they most likely mean."""


def interpret(sheets: Iterable[Sheet], source: str, *, accept_offers: bool = False) -> PupilList:
    """Read a class list; ``source`` names it for people.

    Refused when the sheets hold none, have no header, or far too many rows.
    """
    table = find_table(
        sheets,
        HEADERS,
        REQUIRED,
        f"{source}: không thấy dòng tiêu đề có đủ Mã lớp, Mã học sinh và Họ tên.",
        "Dùng tệp C1-HocSinh xuất từ CSDL ngành, không xóa dòng tiêu đề.",
    )
    return _interpret(table, source, accept_offers=accept_offers)


def _interpret(table: Table, source: str, *, accept_offers: bool) -> PupilList:
    rows = table.rows()
    if len(rows) > MAX_ROWS:
        raise Refused(f"Tệp có hơn {MAX_ROWS} dòng học sinh; có lẽ chọn nhầm tệp.")
    if not rows:
        raise Refused("Tệp có dòng tiêu đề nhưng không có học sinh nào.")
    readers = [PupilRow(number, row, table, accept_offers) for number, row in rows]
    pupils = [listed for reader in readers if (listed := reader.read())]
    findings = [*of_the_file(table), *(finding for reader in readers for finding in reader.findings)]
    findings += doubled(pupils, "code", "mã học sinh", lambda p: p.code)
    findings += doubled(pupils, "personal_id", "số định danh", lambda p: p.facts.get("personal_id", ""))
    accepted = partial(_interpret, table, source, accept_offers=True)
    return PupilList(source, tuple(pupils), tuple(findings), accepted, sum(reader.offers for reader in readers))


def of_the_file(table: Table) -> Iterator[Finding]:
    """Yield what makes a whole column doubtful; the row is that of its header."""
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
    """Return an error for each row whose ``key`` (called ``what``, the fact ``field_name``) another row has too."""
    counts = Counter(key(pupil) for pupil in pupils if key(pupil))
    return [
        Finding(
            "IN-DOUBLED",
            Severity.ERROR,
            f"Dòng {p.row}: {what} này có ở {counts[key(p)]} dòng.",
            str(p.row),
            field_name,
            "Bỏ dòng thừa hoặc sửa dòng sai trong Excel, rồi nạp lại.",
        )
        for p in pupils
        if counts.get(key(p), 0) > 1
    ]
