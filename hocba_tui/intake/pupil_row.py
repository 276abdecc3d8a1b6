"""Read one row of a class list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hocba_tui.intake.dates import examine_birth, examine_date
from hocba_tui.intake.headers import Table
from hocba_tui.intake.ids import read_personal_id
from hocba_tui.intake.legacy import readable, recognise
from hocba_tui.intake.pupil_headers import PARTS
from hocba_tui.intake.reading import Reading
from hocba_tui.intake.workbook import CellValue, Row, text_of
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Sex
from hocba_tui.rules.pupil_status import PupilStatus, Standing, only_leaving, status_of, words_for
from hocba_tui.text import clean_line, day_first, fold

_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "01": Sex.MALE, "1": Sex.MALE, "02": Sex.FEMALE, "2": Sex.FEMALE}
_MARKS = {"x": Sex.FEMALE, "1": Sex.FEMALE, "nu": Sex.FEMALE, "": Sex.MALE, "0": Sex.MALE}
"""Values of the column "Nữ"."""
_GRADE = re.compile(r"(?:khoi|lop)? ?0?([1-5])(?:\.0)?")
_REMEDY = "Sửa dòng này trong Excel, rồi nạp lại."
_OFFERED = "Đối chiếu với giấy tờ: đúng thì nhận đề nghị khi ghi, sai thì sửa trong Excel rồi nạp lại."
_PART = "Giấy khai sinh chỉ ghi như vậy thì không cần làm gì."
_BELOW = "Không cần làm gì nếu là chỗ kí; nếu là học sinh, ghi đủ các cột trong Excel, rồi nạp lại."
_STATUS = (
    "Danh mục trạng thái ở docs/bo-cuc-excel.md: sửa trong Excel rồi nạp lại, hoặc ghi việc rời trường ở danh sách lớp."
)
_PART_COLUMNS = {name: tuple(f"{name}{number}" for number in range(1, len(parts) + 1)) for name, parts in PARTS.items()}
_OFFER_OF = {"IN-DATE": "IN-DATE-OFFER", "IN-ID": "IN-ID-OFFER"}
_LABELS = {
    "class": "lớp", "code": "mã học sinh", "name": "họ tên", "sex": "giới tính", "status": "trạng thái",
    "ethnic": "dân tộc", "disability": "loại khuyết tật", "birthplace": "nơi sinh", "hometown": "quê quán",
    "address": "chỗ ở", "father": "họ tên cha", "mother": "họ tên mẹ", "guardian": "họ tên người giám hộ",
    "register_no": "số đăng bộ", "left_reason": "lí do rời trường", "personal_id": "số định danh",
}  # fmt: skip


_clean = lru_cache(maxsize=4096)(clean_line)
"""A cache, because many cells hold one of a few short texts."""


@dataclass(frozen=True)
class ListedPupil:
    """One usable row. ``facts`` holds only the facts that the file has."""

    row: int
    class_key: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    grade: int | None = None
    """The pupil's own grade, needed only in a combined class; None when the file does not say."""
    sheet: str = ""
    """The sheet, when several sheets of the file have pupils."""

    title_class: str = ""
    """The class that the sheet names, as :func:`~hocba_tui.intake.sheet_says.class_id` compares it."""
    unclear: bool = False
    """Whether the status is none that is known, so that the row does not say if the pupil studies here."""

    @property
    def where(self) -> str:
        """Return the place of the row, in Vietnamese."""
        return place_of(self.row, self.sheet)


def place_of(row: int, sheet: str) -> str:
    """Return the place of a row, in Vietnamese; ``sheet`` is empty when there is only one."""
    return f"Trang “{sheet}”, dòng {row}" if sheet else f"Dòng {row}"


class PupilRow:
    """Reader of one row: the facts of a pupil, and findings about the row."""

    def __init__(
        self, number: int, row: Row, table: Table, accept_offers: bool, sheet: str = "", title_class: str = ""
    ) -> None:
        self.findings: list[Finding] = []
        self.offers = 0
        self.unclear = False
        self.number = number
        self._sheet = sheet
        self._title = title_class
        self._row = row
        self._table = table
        self._accept = accept_offers
        self._texts: dict[str, str] = {}

    def _value(self, name: str) -> CellValue:
        return self._table.value(self._row, name)

    def _text(self, name: str) -> str:
        """Return a cell as one clean line; the text of a legacy font is an error until its offer is accepted."""
        if name not in self._table.columns:
            return ""
        if name not in self._texts:
            raw = text_of(self._value(name))
            found = recognise(raw, self._table.font)
            if found is not None:
                message = f"{_LABELS[name.rstrip('1234')]} viết bằng phông {found.encoding} “{clean_line(raw)[:40]}”"
                self._offer("IN-LEGACY-OFFER", Severity.ERROR, message, clean_line(found.text), name)
            self._texts[name] = _clean(found.text if found and self._accept else raw)
        return self._texts[name]

    def _folded(self, name: str) -> str:
        """Return a cell that is only compared, folded; text of a legacy font is converted."""
        return fold(clean_line(readable(text_of(self._value(name)))))

    def _offer(self, code: str, severity: Severity, problem: str, offer: str, field_name: str) -> None:
        self.offers += 1
        said = "đã nhận" if self._accept else "đề nghị"
        # The offer comes first: a line of the screen may cut off the end.
        self._note(
            code, Severity.HINT if self._accept else severity, f"{said} “{offer}”: {problem}.", field_name, _OFFERED
        )

    def _note(self, code: str, severity: Severity, message: str, field_name: str, remedy: str = _REMEDY) -> None:
        text = f"{place_of(self.number, self._sheet)}: {message}"
        self.findings.append(Finding(code, severity, text, str(self.number), field_name, remedy))

    def read(self) -> ListedPupil | None:
        """Return the pupil, None when the row names none; afterwards ``findings`` and ``offers`` are complete."""
        classroom, code, name = self._text("class") or self._title.upper(), self._text("code"), self._text("name")
        if not (classroom and code and name):
            self._lacks({"mã lớp": classroom, "mã học sinh": code, "họ tên": name}, name, "code")
            return None
        facts = self._person(name)
        self._status(facts)
        return ListedPupil(self.number, classroom, code, facts, self._grade(), self._sheet, self._title, self.unclear)

    def _lacks(self, wanted: Mapping[str, str], name: str, field_name: str) -> None:
        """Note which of the ``wanted`` texts (by their Vietnamese names) are empty."""
        who, lacking = f"“{name[:40]}” " if name else "", ", ".join(words for words, text in wanted.items() if not text)
        self._note("IN-INCOMPLETE", Severity.ERROR, f"{who}thiếu {lacking}.", field_name)

    def pass_over(self) -> None:
        """Treat an incomplete row as a signature below the table, not as a pupil."""
        name = self._text("name")
        if {finding.code for finding in self.findings} != {"IN-INCOMPLETE"} or self._text("personal_id"):
            return
        self.findings.clear()
        if name:
            message = f"“{name[:40]}” đứng dưới bảng, không phải học sinh; bỏ qua dòng này."
            self._note("IN-BELOW", Severity.WARNING, message, "name", _BELOW)

    def _grade(self) -> int | None:
        found = _GRADE.fullmatch(self._folded("grade"))
        return int(found[1]) if found else None

    def _person(self, name: str) -> dict[str, str]:
        """Return the facts that every kind of list has."""
        facts = {"name": name}
        for field_name in ("ethnic", "disability", "birthplace", "hometown", "address", "father", "mother",
                           "guardian", "register_no"):  # fmt: skip
            if text := self._place(field_name) if field_name in PARTS else self._text(field_name):
                facts[field_name] = text
        self._birth(facts)
        self._sex(facts)
        self._personal_id(facts)
        return facts

    def _place(self, name: str) -> str:
        """Return a place that may stand in several columns: the parts behind the whole, each said once."""
        found = self._text(name)
        for column in _PART_COLUMNS[name]:
            part = self._text(column)
            if part and fold(part) not in fold(found):
                found = f"{found}, {part}" if found else part
        return found

    def _take(self, facts: dict[str, str], name: str, found: Reading, code: str) -> None:
        """Store what was read as the fact ``name``; an offer only when offers are accepted."""
        if found.offer:
            self._offer(_OFFER_OF[code], Severity.WARNING, found.problem, day_first(found.offer), name)
        elif found.problem:
            self._note(code, Severity.ERROR, f"{found.problem}.", name)
        if value := found.value or (found.offer if self._accept else ""):
            facts[name] = value

    def _birth(self, facts: dict[str, str]) -> None:
        found = examine_birth(self._value("birth"))
        if found.problem:
            found = replace(found, problem=f"ngày sinh {found.problem}")
        self._take(facts, "birth", found, "IN-DATE")
        if found.value and len(found.value) < len("yyyy-mm-dd"):
            message = f"{facts['name']}: ngày sinh chỉ có {day_first(found.value)}."
            self._note("IN-DATE-PART", Severity.WARNING, message, "birth", _PART)

    def _sex(self, facts: dict[str, str]) -> None:
        if "girl" in self._table.columns and "sex" not in self._table.columns:
            self._girl(facts)
            return
        text = self._text("sex")
        if text:
            sex = _SEXES.get(self._folded("sex"))
            if sex is None:
                self._note("IN-SEX", Severity.ERROR, f"giới tính “{text}” không phải Nam hoặc Nữ.", "sex")
            else:
                facts["sex"] = sex.value

    def _girl(self, facts: dict[str, str]) -> None:
        text = self._table.text(self._row, "girl")
        if sex := _MARKS.get(fold(text)):
            facts["sex"] = sex.value
        else:
            self._note("IN-SEX", Severity.ERROR, f"cột Nữ ghi “{text[:16]}”; chỉ ghi x hoặc để trống.", "sex")

    def _personal_id(self, facts: dict[str, str]) -> None:
        found = read_personal_id(self._value("personal_id"))
        self._take(facts, "personal_id", found, "IN-ID")
        if found == Reading() and "personal_id" in self._table.columns:
            message = f"{facts['name']} chưa có số định danh cá nhân."
            remedy = "Hỏi phụ huynh hoặc Công an xã, rồi nhập vào danh sách lớp."
            self._note("IN-NO-ID", Severity.WARNING, message, "personal_id", remedy)

    def _status(self, facts: dict[str, str]) -> None:
        """Read the status and its day: only a value of the closed list acts (rules/pupil_status)."""
        self._text("status")  # Notes the text of a legacy font.
        status = _clean(readable(text_of(self._value("status"))))
        dates: dict[str, str] = {}
        found = examine_date(self._value("status_date"))
        if found.problem:
            found = replace(found, problem=f"ngày nhập trạng thái {found.problem}")
        self._take(dates, "status_date", found, "IN-DATE")
        when = dates.get("status_date", "")
        known = status_of(status) if status else None
        if known is None:
            known = self._outside(facts["name"], status, when)
        if known is None:
            return
        if known.standing is Standing.LEFT:
            facts["left"], facts["left_reason"] = when, self._text("left_reason") or known.words
            if not when:
                self._note("IN-LEFT", Severity.ERROR, f"{facts['name']}: {known.words} nhưng không có ngày.", "left")
            return
        facts["left"] = facts["left_reason"] = ""
        if when and known.standing is not Standing.DONE:
            facts["joined"] = when

    def _outside(self, name: str, status: str, when: str) -> PupilStatus | None:
        """Note a status outside the list; return what it is taken for when its offer is accepted."""
        if not status:
            if when:
                message = f"{name}: có ngày nhập trạng thái nhưng không có trạng thái; không lấy ngày này."
                self._note("IN-STATUS", Severity.WARNING, message, "status", _STATUS)
            return None
        self.unclear = True
        offered = only_leaving(status)
        if not offered:
            message = f"{name}: trạng thái “{status[:40]}” không có trong danh mục; không đổi gì theo trạng thái này."
            self._note("IN-STATUS", Severity.WARNING, message, "status", _STATUS)
            return None
        words = words_for(when, offered) if when else offered
        self._offer("IN-STATUS-OFFER", Severity.WARNING, f"{name}: trạng thái “{status[:40]}”", words, "status")
        self.unclear = not self._accept
        return status_of(words) if self._accept else None
