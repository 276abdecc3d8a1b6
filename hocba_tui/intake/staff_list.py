"""Read the list of staff ``CSDL_GiaoVien`` of CSDL ngành: a dozen of its 72 columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from hocba_tui.errors import Refused
from hocba_tui.intake.aliases import SUBJECT_BY_WORD, plain
from hocba_tui.intake.dates import examine_date
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.ids import read_personal_id
from hocba_tui.intake.legacy import readable, recognise
from hocba_tui.intake.reading import Reading
from hocba_tui.intake.source import Source, read
from hocba_tui.intake.unread import unread_columns
from hocba_tui.intake.unseen import Sight, only_shown
from hocba_tui.intake.workbook import Row, Sheet, require_mostly, require_usual, text_of
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Sex
from hocba_tui.rules.staff_status import Standing, standing_of
from hocba_tui.text import clean_line, fold

HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("Họ tên", "Họ và tên"),
    "email": ("Email", "E-mail", "Thư điện tử"),
    "status": ("Trạng thái CB", "Trạng thái cán bộ", "Trạng thái", "Trạng thái làm việc"),
    "place": ("Vị trí việc làm",),
    "group": ("Nhóm chức vụ",),
    "subjects": ("Môn dạy",),
    "personal_id": ("Số định danh cá nhân", "Số định danh", "Số CCCD", "CCCD", "Số CMND/CCCD", "Số CMTND/CCCD"),
    "sex": ("Giới tính",),
    "birth": ("Ngày sinh",),
    "pupil": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT"),
}
_PASSED_OVER = (
    "STT", "TT", "Ghi chú", "Mã giáo viên", "Mã cán bộ", "Mã định danh Bộ GD&ĐT", "Điện thoại", "Số điện thoại", "SĐT",
    "Dân tộc", "Tôn giáo", "Mã trường", "Tên trường",
)  # fmt: skip
"""Columns that nobody expects to be kept."""
REQUIRED = ("name", "email")
_REMEDY = "Sửa dòng này trong Excel, rồi nạp lại."
_OFFERED = "Đúng thì nhận đề nghị khi ghi, sai thì sửa trong Excel rồi nạp lại."
_STATUS = "Danh mục trạng thái ở docs/bo-cuc-excel.md; người ấy đã rời trường thì quản trị ghi bằng hocba account."
_NO_SUBJECT = "Không cần làm gì: ai dạy môn nào ở lớp nào do phân công quyết định."
_LABELS = {"name": "họ tên", "place": "vị trí việc làm", "group": "nhóm chức vụ"}
_BORN = range(1940, date.max.year)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "01": Sex.MALE, "1": Sex.MALE, "02": Sex.FEMALE, "2": Sex.FEMALE}


@dataclass(frozen=True)
class ListedPerson:
    """One usable row. ``facts`` maps names of fields of Staff to what the file has."""

    row: int
    facts: dict[str, str] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    group: str = ""
    """Nhóm chức vụ: Hiệu trưởng, Giáo viên, Nhân viên…"""
    status: str = ""
    standing: Standing | None = None
    """What the status says (rules/staff_status); None when there is none or nobody knows it."""

    @property
    def gone(self) -> bool:
        """Return whether the status says that the person has left the school."""
        return self.standing is Standing.GONE


@dataclass(frozen=True)
class StaffList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    people: tuple[ListedPerson, ...]
    findings: tuple[Finding, ...]
    accepted: Callable[[], StaffList] = field(compare=False, repr=False)
    """Return the same rows with every offer accepted."""
    offers: int = 0
    """Number of cells in a legacy font that wait for a person to confirm them."""


def read_staff_list(source: Source, *, accept_offers: bool = False) -> StaffList:
    """Read a list of staff; Refused when it is not one, is empty or has too many rows.

    Text of a legacy font is a finding ``IN-LEGACY-OFFER``; it becomes a fact only with ``accept_offers``.
    """
    sheets, shown = read(source)
    tables = [table for sheet in sheets if (table := _table(sheet))]
    if not tables:
        raise Refused(
            f"{shown}: không thấy dòng tiêu đề có đủ Họ tên và Email.",
            "Dùng tệp CSDL_GiaoVien xuất từ CSDL ngành, không xóa dòng tiêu đề.",
        )
    (table, *_), hidden = only_shown(tables)
    if "pupil" in table.columns:
        raise Refused(f"{shown} là danh sách học sinh.", "Nạp bằng hocba intake pupils.")
    rows = table.rows()
    require_usual(len(rows), "cán bộ")
    return _interpret(table, rows, shown, hidden, accept_offers=accept_offers)


def _table(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], HEADERS, REQUIRED, "")
    except Refused:
        return None


def _interpret(
    table: Table, rows: Sequence[tuple[int, Row]], shown: str, hidden: Sequence[Finding], *, accept_offers: bool
) -> StaffList:
    readers = [_PersonRow(number, row, table, accept_offers) for number, row in rows]
    people = [person for reader in readers if (person := reader.read())]
    require_mostly(len(people), len(readers), shown, "họ tên", "danh sách cán bộ")
    sight = Sight(table, table.columns.values(), table.columns["name"], accepted=accept_offers)
    findings = [*hidden, *unread_columns(table, _PASSED_OVER), *sight.findings()]
    findings += [finding for reader in readers for finding in reader.findings]
    findings += _doubled(people, "personal_id", "số định danh", lambda p: p.facts.get("personal_id", ""))
    findings += _doubled(people, "email", "email", lambda p: p.facts.get("email", ""))
    findings += _doubled(people, "name", "họ tên (không có số định danh, email)", _bare_name)
    accepted = partial(_interpret, table, rows, shown, hidden, accept_offers=True)
    offers = sum(reader.offers for reader in readers) + sight.offers
    return StaffList(shown, tuple(people), tuple(findings), accepted, offers)


def _bare_name(person: ListedPerson) -> str:
    """Return the name when the person has neither personal id nor email, otherwise an empty text."""
    known = person.facts.get("personal_id") or person.facts.get("email")
    return "" if known else fold(person.facts["name"])


def _doubled(
    people: Iterable[ListedPerson], field_name: str, what: str, key: Callable[[ListedPerson], str]
) -> Iterator[Finding]:
    counts = Counter(key(person) for person in people)
    for person in people:
        if key(person) and counts[key(person)] > 1:
            message = f"Dòng {person.row}: {what} này có ở {counts[key(person)]} dòng."
            yield Finding("IN-DOUBLED", Severity.ERROR, message, str(person.row), field_name, _REMEDY)


class _PersonRow:
    """Reader of one row."""

    def __init__(self, number: int, row: Row, table: Table, accept_offers: bool) -> None:
        self.findings: list[Finding] = []
        self.offers = 0
        self._number, self._row, self._table, self._accept = number, row, table, accept_offers

    def _text(self, name: str) -> str:
        """Return a cell that is only compared, as one clean line in Unicode."""
        return clean_line(readable(text_of(self._table.value(self._row, name))))

    def _kept(self, name: str) -> str:
        """Return a cell that is stored; the text of a legacy font is an error until its offer is accepted."""
        raw = text_of(self._table.value(self._row, name))
        found = recognise(raw, self._table.font)
        if found is None:
            return clean_line(raw)
        self.offers += 1
        text, said = clean_line(found.text), "đã nhận" if self._accept else "đề nghị"
        message = f"{said} “{text}”: {_LABELS[name]} viết bằng phông {found.encoding} “{clean_line(raw)[:40]}”."
        self._note("IN-LEGACY-OFFER", Severity.HINT if self._accept else Severity.ERROR, message, name, _OFFERED)
        return text if self._accept else clean_line(raw)

    def _note(self, code: str, severity: Severity, message: str, field_name: str, remedy: str = _REMEDY) -> None:
        text = f"Dòng {self._number}: {message}"
        self.findings.append(Finding(code, severity, text, str(self._number), field_name, remedy))

    def read(self) -> ListedPerson | None:
        """Return the person, None when the row has no name."""
        name = self._kept("name")
        if not name:
            self._note("IN-INCOMPLETE", Severity.ERROR, "thiếu họ tên.", "name")
            return None
        facts = {"name": name}
        group = self._kept("group")
        if job := ", ".join(dict.fromkeys(text for text in (self._kept("place"), group) if text)):
            facts["job"] = job
        self._email(facts)
        self._sex(facts)
        self._take(facts, "personal_id", read_personal_id(self._table.value(self._row, "personal_id")), "IN-STAFF-ID")
        self._take(facts, "birth", examine_date(self._table.value(self._row, "birth"), _BORN), "IN-STAFF-DATE")
        status = self._text("status")
        return ListedPerson(self._number, facts, tuple(self._subjects()), group, status, self._standing(name, status))

    def _standing(self, name: str, status: str) -> Standing | None:
        """Return what a status says; note one that decides nothing, and offer one that most likely means leaving."""
        standing = standing_of(status) if status else None
        if standing is Standing.OFFERED:
            self.offers += 1
            said, severity = ("đã nhận", Severity.HINT) if self._accept else ("đề nghị", Severity.WARNING)
            message = f"{said} “rời trường”: {name}, trạng thái “{status[:40]}”."
            self._note("IN-STATUS-OFFER", severity, message, "status", _OFFERED)
            return Standing.GONE if self._accept else Standing.OPEN
        if status and standing in (None, Standing.OPEN):
            message = f"{name}: trạng thái “{status[:40]}” không nói rõ còn làm ở trường hay không; không đổi gì."
            self._note("IN-STATUS", Severity.WARNING, message, "status", _STATUS)
        return standing

    def _email(self, facts: dict[str, str]) -> None:
        text = self._text("email").lower()
        if text and _EMAIL.fullmatch(text):
            facts["email"] = text
        elif text:
            self._note("IN-EMAIL", Severity.WARNING, f"email “{text[:40]}” không đúng dạng; không lấy.", "email")

    def _sex(self, facts: dict[str, str]) -> None:
        text = self._text("sex")
        if text and (sex := _SEXES.get(fold(text))):
            facts["sex"] = sex.value
        elif text:
            self._note("IN-SEX", Severity.ERROR, f"giới tính “{text[:16]}” không phải Nam hoặc Nữ.", "sex")

    def _take(self, facts: dict[str, str], name: str, found: Reading, code: str) -> None:
        """Store a certain value; note anything else and leave it out, so that the present value stays."""
        if found.value and not found.problem:
            facts[name] = found.value
        elif found.problem:
            offer = f" (có lẽ {found.offer})" if found.offer else ""
            self._note(code, Severity.WARNING, f"{facts['name']}: {found.problem}{offer}; không lấy.", name)

    def _subjects(self) -> Iterator[str]:
        """Yield the codes of the subjects; note other words, such as all of primary, and leave them out."""
        for word in _words(self._text("subjects")):
            code = SUBJECT_BY_WORD.get(plain(word))
            if code:
                yield code
            else:
                message = f"môn dạy “{word[:40]}” không phải một môn của tiểu học; bỏ qua."
                self._note("IN-SUBJECT", Severity.HINT, message, "subjects", _NO_SUBJECT)


def _words(text: str) -> Sequence[str]:
    """Return the subjects of a cell: the whole text when it is one, otherwise split at commas and semicolons."""
    if plain(text) in SUBJECT_BY_WORD:
        return [text]
    return [word.strip() for word in re.split(r"[,;]", text) if word.strip()]
