"""Read comments for the bank from a spreadsheet: an export of this program or a teacher's own list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from hocba_tui.errors import Refused
from hocba_tui.intake.aliases import GROUP_WORDS, PERSON_WORDS, SUBJECT_BY_WORD, TRAIT_BY_WORD, by_word, plain
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.source import Source, read
from hocba_tui.intake.unseen import Sight, only_shown
from hocba_tui.intake.workbook import Row, Sheet, require_usual, text_of
from hocba_tui.model.bank import BankEntry
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import ANY_LEVELS, USES, entry_problem, read_code, tidy
from hocba_tui.text import clean_block, fold

HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("Mã", "Mã gõ nhanh", "Mã lời"),
    "item": ("Dùng cho", "Môn", "Môn học", "Mục"),
    "levels": ("Mức", "Mức đạt được"),
    "grades": ("Khối", "Khối lớp"),
    "periods": ("Kỳ", "Kì"),
    "text": ("Lời nhận xét", "Nhận xét", "Lời"),
    "pupil": (*PERSON_WORDS["name"], *PERSON_WORDS["code"]),
}
_REMEDY = "Sửa dòng này trong Excel, rồi nạp lại."
_TRAITS_IN_FULL = {
    plain(f"{kind} {word}"): code
    for word, code in TRAIT_BY_WORD.items()
    for kind in ("phẩm chất", "năng lực", "nl", "pc")
}
_ITEM_BY_WORD: dict[str, str] = {
    **TRAIT_BY_WORD,
    **_TRAITS_IN_FULL,
    **{word: str(group) for word, group in by_word(GROUP_WORDS).items()},
    **SUBJECT_BY_WORD,
    **{plain(name): item for item, name in USES.items()},
}
"""Khoa học, Công nghệ, Tin học are subjects unless the words năng lực precede them."""
_PERIOD_WORDS: dict[str, Period] = {
    "gk1": Period.MID_1, "ghk1": Period.MID_1, "ck1": Period.END_1, "chk1": Period.END_1,
    "gk2": Period.MID_2, "ghk2": Period.MID_2, "ck2": Period.END_YEAR, "chk2": Period.END_YEAR,
    "cn": Period.END_YEAR,
}  # fmt: skip
_PERIOD_WORDS |= {fold(period.label): period for period in Period}
_RANGE = re.compile(r"([1-5])\s*[-–]\s*([1-5])")
Read = TypeVar("Read")


@dataclass(frozen=True)
class ListedEntry:
    """One usable row. A row without a code gets one when it is saved."""

    row: int
    entry: BankEntry


@dataclass(frozen=True)
class BankList:
    """A file as read: usable rows, and findings (``pupil`` is the row number as text)."""

    source: str
    rows: tuple[ListedEntry, ...]
    findings: tuple[Finding, ...]


def read_bank_list(source: Source) -> BankList:
    """Read comments for the bank; Refused when there are none, too many, or when they are about pupils.

    Only the column of comments is required. An empty cell means any item, all levels, grades and periods.
    """
    sheets, shown = read(source)
    tables = [table for sheet in sheets if (table := _table(sheet))]
    if not tables:
        what = f"{shown}: không thấy cột Lời nhận xét."
        raise Refused(what, "Lấy tệp mẫu: hocba bank export; giữ dòng tiêu đề.")
    (table, *_), hidden = only_shown(tables)
    if "pupil" in table.columns:
        raise Refused(f"{shown} là nhận xét của từng học sinh.", "Nạp bằng hocba intake comments.")
    rows = table.rows()
    require_usual(len(rows), "lời nhận xét", rows="")
    readers = [_EntryRow(number, row, table) for number, row in rows]
    listed = [found for reader in readers if (found := reader.read())]
    sight = Sight(table, table.columns.values(), table.columns["text"], accepted=False)
    findings = [*hidden, *sight.findings(), *(finding for reader in readers for finding in reader.findings)]
    return BankList(shown, tuple(listed), (*findings, *_doubled(listed)))


def _table(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], HEADERS, ("text",), "")
    except Refused:
        return None


def _doubled(listed: list[ListedEntry]) -> Iterator[Finding]:
    counts = Counter(found.entry.code for found in listed if found.entry.code)
    for found in listed:
        if counts[found.entry.code] > 1:
            message = f"Dòng {found.row}: mã “{found.entry.code}” có ở {counts[found.entry.code]} dòng."
            yield Finding("IN-DOUBLED", Severity.ERROR, message, str(found.row), "code", _REMEDY)


class _EntryRow:
    """Reader of one row."""

    def __init__(self, number: int, row: Row, table: Table) -> None:
        self.findings: list[Finding] = []
        self._number, self._row, self._table = number, row, table

    def read(self) -> ListedEntry | None:
        """Return the entry, None when the row has an error."""
        text = clean_block(text_of(self._table.value(self._row, "text")))
        if not text:
            self._note("IN-INCOMPLETE", "thiếu lời nhận xét.", "text")
            return None
        code = read_code(self._table.text(self._row, "code"))
        entry = tidy(
            BankEntry(
                code,
                text,
                self._take("item", _item, "không biết đó là môn, phẩm chất hay năng lực nào"),
                self._take("levels", _levels, "mức là các chữ T, H, Đ, C"),
                self._take("grades", _grades, "khối là các số từ 1 đến 5"),
                self._take("periods", _periods, "kỳ là GK1, CK1, GK2, CN"),
            )
        )
        if not self.findings and (problem := entry_problem(replace(entry, code=code or "r1"))):
            self._note("IN-VALUE", problem, "text")
        return None if self.findings else ListedEntry(self._number, entry)

    def _take(self, name: str, reading: Callable[[str], Read | None], problem: str) -> Read:
        value = self._table.value(self._row, name)
        # Excel turns "1-3" into a date.
        text = "ngày tháng" if isinstance(value, date) else self._table.text(self._row, name)
        found = reading(text)
        if found is None:
            self._note("IN-VALUE", f"“{text[:32]}”: {problem}.", name)
            found = reading("")
        assert found is not None
        return found

    def _note(self, code: str, message: str, field_name: str) -> None:
        text = f"Dòng {self._number}: {message}"
        self.findings.append(Finding(code, Severity.ERROR, text, str(self._number), field_name, _REMEDY))


def _item(text: str) -> str | None:
    return _ITEM_BY_WORD.get(plain(text)) if text else ""


def _levels(text: str) -> str | None:
    words = re.split(r"[,;/\s]+", text.upper().strip(" ,;/")) if text else []
    letters = ["Đ" if word in ("D", "DD") else word for word in words]
    return "".join(letters) if all(len(letter) == 1 and letter in ANY_LEVELS for letter in letters) else None


def _grades(text: str) -> tuple[int, ...] | None:
    whole = _RANGE.sub(lambda found: " ".join(map(str, range(int(found[1]), int(found[2]) + 1))), text)
    # Excel may have turned "4, 5" into the number 4.5.
    words = [word for word in re.split(r"[,.;/\s]+", whole) if word]
    return tuple(map(int, words)) if all(re.fullmatch("[1-5]", word) for word in words) else None


def _periods(text: str) -> tuple[Period, ...] | None:
    words = [fold(word) for word in re.split(r"[,;/]", text) if word.strip()]
    found = [_PERIOD_WORDS.get(word) or _PERIOD_WORDS.get(word.replace(" ", "")) for word in words]
    return tuple(period for period in found if period) if all(found) else None
