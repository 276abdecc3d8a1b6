"""The class list ``C1-HocSinh`` of CSDL ngành: columns found by their headers, never by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.intake.dates import read_date
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.source import read_file
from hocba_tui.intake.workbook import MAX_ROWS, CellValue, Row, text_of
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Sex
from hocba_tui.rules.identity import personal_id_problem
from hocba_tui.text import fold

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
}
REQUIRED = ("class", "code", "name")
_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "01": Sex.MALE, "1": Sex.MALE, "02": Sex.FEMALE, "2": Sex.FEMALE}


@dataclass(frozen=True)
class ListedPupil:
    """One usable row: what the file says of a pupil. ``facts`` holds only what the file carries."""

    row: int
    classroom: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PupilList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    pupils: tuple[ListedPupil, ...]
    findings: tuple[Finding, ...]


def read_pupil_list(path: Path) -> PupilList:
    """Read a class list; Refused when the file is none, has no header, or has far too many rows."""
    name = path.name.encode(errors="replace").decode()
    table = find_table(
        read_file(path),
        HEADERS,
        REQUIRED,
        f"{name}: không thấy dòng tiêu đề có đủ Mã lớp, Mã học sinh và Họ tên.",
        "Dùng tệp C1-HocSinh xuất từ CSDL ngành, không xóa dòng tiêu đề.",
    )
    rows = table.rows()
    if len(rows) > MAX_ROWS:
        raise Refused(f"Tệp có hơn {MAX_ROWS} dòng học sinh; có lẽ chọn nhầm tệp.")
    if not rows:
        raise Refused("Tệp có dòng tiêu đề nhưng không có học sinh nào.")
    pupils: list[ListedPupil] = []
    findings: list[Finding] = []
    for number, row in rows:
        reader = _RowReader(number, row, table, findings)
        listed = reader.read()
        if listed is not None:
            pupils.append(listed)
    findings += _doubled(pupils, "mã học sinh", lambda p: p.code)
    findings += _doubled(pupils, "số định danh", lambda p: p.facts.get("personal_id", ""))
    return PupilList(name, tuple(pupils), tuple(findings))


def _doubled(pupils: list[ListedPupil], what: str, key: Callable[[ListedPupil], str]) -> list[Finding]:
    counts = Counter(key(pupil) for pupil in pupils if key(pupil))
    return [
        Finding("IN-DOUBLED", Severity.ERROR, f"Dòng {p.row}: {what} này có ở {counts[key(p)]} dòng.", str(p.row))
        for p in pupils
        if counts.get(key(p), 0) > 1
    ]


@dataclass
class _RowReader:
    number: int
    row: Row
    table: Table
    findings: list[Finding]

    def value(self, name: str) -> CellValue:
        return self.table.value(self.row, name)

    def text(self, name: str) -> str:
        return self.table.text(self.row, name)

    def note(self, code: str, severity: Severity, message: str) -> None:
        self.findings.append(Finding(code, severity, f"Dòng {self.number}: {message}", str(self.number)))

    def read(self) -> ListedPupil | None:
        classroom, code, name = self.text("class"), self.text("code"), self.text("name")
        if not (classroom and code and name):
            self.note("IN-INCOMPLETE", Severity.ERROR, "thiếu mã lớp, mã học sinh hoặc họ tên.")
            return None
        facts = {"name": name}
        for field_name in ("ethnic", "disability", "birthplace", "hometown", "address", "father", "mother",
                           "guardian", "register_no"):  # fmt: skip
            if text := self.text(field_name):
                facts[field_name] = text
        self._birth(facts)
        self._sex(facts)
        self._personal_id(facts)
        self._status(facts)
        return ListedPupil(self.number, classroom, code, facts)

    def _birth(self, facts: dict[str, str]) -> None:
        birth = read_date(self.value("birth"))
        if birth is None:
            self.note("IN-DATE", Severity.ERROR, f"ngày sinh “{self.text('birth')}” không đọc được (dd/mm/yyyy).")
        elif birth:
            facts["birth"] = birth

    def _sex(self, facts: dict[str, str]) -> None:
        text = self.text("sex")
        if text:
            sex = _SEXES.get(fold(text))
            if sex is None:
                self.note("IN-SEX", Severity.ERROR, f"giới tính “{text}” không phải Nam hoặc Nữ.")
            else:
                facts["sex"] = sex.value

    def _personal_id(self, facts: dict[str, str]) -> None:
        text = text_of(self.value("personal_id")).replace(" ", "").replace(".", "").strip("'")
        if text:
            problem = personal_id_problem(text)
            if problem:
                self.note("IN-ID", Severity.ERROR, problem)
            else:
                facts["personal_id"] = text
        elif "personal_id" in self.table.columns:
            self.note("IN-NO-ID", Severity.WARNING, f"{facts['name']} chưa có số định danh cá nhân.")

    def _status(self, facts: dict[str, str]) -> None:
        status = self.text("status")
        when = read_date(self.value("status_date"))
        if when is None:
            self.note("IN-DATE", Severity.ERROR, "ngày nhập trạng thái không đọc được (dd/mm/yyyy).")
        folded = fold(status)
        if folded.startswith(("chuyen di", "thoi hoc")):
            facts["left"], facts["left_reason"] = when or "", status
            if not when:
                self.note("IN-LEFT", Severity.ERROR, f"{facts['name']}: {status} nhưng không có ngày.")
            return
        if status:
            # Somebody who had left is back.
            facts["left"] = facts["left_reason"] = ""
        if when:
            facts["joined"] = when
