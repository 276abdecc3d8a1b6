"""Read the school's own list of new pupils of grade 1: a row "LỚP 1A" opens a class; pupils have no codes yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from hocba_tui.errors import Refused
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.legacy import readable
from hocba_tui.intake.pupil_headers import HEADERS, PART_FIELDS
from hocba_tui.intake.pupil_list import CHOOSE_AGAIN, PupilList, doubled, of_the_file, read_table
from hocba_tui.intake.pupil_row import ListedPupil, PupilRow
from hocba_tui.intake.sheet_says import says_of
from hocba_tui.intake.unseen import Sight, only_shown
from hocba_tui.intake.workbook import Row, Sheet, require_mostly, require_usual, text_of
from hocba_tui.model.finding import Severity
from hocba_tui.rules.identity import temporary_code
from hocba_tui.text import clean_line, fold

FIELDS: dict[str, tuple[str, ...]] = {
    name: texts
    for name, texts in {**HEADERS, **PART_FIELDS}.items()
    if name not in ("class", "grade", "status", "status_date", "left_reason")
}
REQUIRED = ("name", "birth")
_NAMES = {fold(text) for text in FIELDS["name"]}
_LATER = "Có số định danh thì ghi vào tệp rồi nạp lại; mã tạm đổi theo, kết quả vẫn giữ."
_CLASS = re.compile(r"(?:danh sách (?:học sinh )?)?l(?:ớ|o)p\s*:?\s*([1-5][\w./]*)")
_NAME_OF_SHEET = re.compile(r"[1-5][\w./]*")


def tables_of(sheets: Sequence[Sheet]) -> tuple[Table, ...]:
    """Return the tables of a file that list new pupils: with names, dates of birth and classes, without codes."""
    found = (_table(sheet) for sheet in sheets)
    return tuple(table for table in found if table and "code" not in table.columns and any(_classes(table)))


def new_pupils_of(tables: Sequence[Table], source: str, *, accept_offers: bool = False) -> PupilList:
    """Return the new pupils of a file, each with a temporary code (:func:`~hocba_tui.rules.identity.temporary_code`).

    Refused when it has no pupils or too many.
    """
    tables, hidden = only_shown(tables)
    sights = [Sight(table, table.columns.values(), table.columns["name"], accepted=accept_offers) for table in tables]
    named = len(tables) > 1
    read = [
        [
            _NewPupil(number, row, table, class_key, accept_offers, table.sheet.name if named else "")
            for (number, row), class_key in zip(table.rows(), _classes(table), strict=True)
            if not _opens(row)
        ]
        for table in tables
    ]
    readers = [reader for of_a_table in read for reader in of_a_table]
    require_usual(len(readers), "học sinh", CHOOSE_AGAIN)
    pupils = [listed for of_a_table in read for listed in read_table(of_a_table)]
    require_mostly(len(pupils), len(readers), source, "lớp, họ tên và ngày sinh", "danh sách lớp")
    findings = [
        *hidden,
        *(finding for table in tables for finding in of_the_file(table)),
        *(finding for sight in sights for finding in sight.findings()),
        *(finding for reader in readers for finding in reader.findings),
        *doubled(pupils, "personal_id", "số định danh", lambda p: p.facts.get("personal_id", "")),
        *doubled(pupils, "name", "họ tên và ngày sinh", lambda p: "" if "personal_id" in p.facts else p.code),
    ]
    if not pupils and not findings:
        raise Refused("Tệp có dòng tiêu đề nhưng không có học sinh nào.")
    accepted = partial(new_pupils_of, tables, source, accept_offers=True)
    offers = sum(reader.offers for reader in readers) + sum(sight.offers for sight in sights)
    says = tuple(map(says_of, tables))
    return PupilList(source, tuple(pupils), tuple(findings), accepted, says, offers)


class _NewPupil(PupilRow):
    """Reader of one row of a class."""

    def __init__(self, number: int, row: Row, table: Table, class_key: str, accept_offers: bool, sheet: str) -> None:
        super().__init__(number, row, table, accept_offers, sheet)
        self._class_key = class_key

    def read(self) -> ListedPupil | None:
        """Return the pupil; None when the row is not a pupil, lacks name or date of birth, or has no class."""
        name, birth = self._text("name"), self._table.text(self._row, "birth")
        if fold(name) in _NAMES or not (name or birth or self._table.text(self._row, "personal_id")):
            return None  # A repeated header, a sum or a signature.
        if not (name and birth):
            self._lacks({"họ tên": name, "ngày sinh": birth}, name, "birth" if name else "name")
            return None
        if not self._class_key:
            self._note(
                "IN-INCOMPLETE", Severity.ERROR, f"{name}: phía trên không có dòng nào ghi lớp, ví dụ LỚP 1A.", "class"
            )
            return None
        facts = self._person(name)
        if fold(facts.get("disability", "")) == "x":
            facts["disability"] = "Khuyết tật"
        code = temporary_code(facts.get("personal_id", ""), name, facts.get("birth", ""))
        return ListedPupil(self.number, self._class_key, code, facts, sheet=self._sheet)

    def _personal_id(self, facts: dict[str, str]) -> None:
        if self._table.text(self._row, "personal_id"):
            super()._personal_id(facts)
        else:
            message = f"{facts['name']} chưa có số định danh; mã tạm lấy từ họ tên và ngày sinh."
            self._note("IN-TEMPORARY", Severity.WARNING, message, "personal_id", _LATER)


def _table(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], FIELDS, REQUIRED, "")
    except Refused:
        return None


def _opens(row: Row) -> str:
    """Return the class that a row opens ("LỚP 1A", with or without its teacher), empty when it opens none."""
    first = next((text for value in row if (text := clean_line(readable(text_of(value))))), "")
    found = _CLASS.match(first.casefold())
    return found.group(1).rstrip("./").upper() if found else ""


def _classes(table: Table) -> Iterator[str]:
    """Yield the class of each row of the table, empty before the first; a sheet may be named after its class."""
    above = [_opens(row) for row in table.sheet.rows[: table.first_row]]
    title = clean_line(table.sheet.name).casefold()
    sheet = _CLASS.match(title) or _NAME_OF_SHEET.fullmatch(title)
    present = next(
        (name for name in reversed(above) if name), sheet.group(sheet.lastindex or 0).upper() if sheet else ""
    )
    for _, row in table.rows():
        present = _opens(row) or present
        yield present
