"""Judge each cell of a results file as if it were typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from hocba_tui.flow.desk import RESULTS, OpenClass, OpenSchool
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.importing import ImportLine, RowKind
from hocba_tui.flow.pupils.match_class import FoundPupil
from hocba_tui.intake.aliases import BANK_CODE
from hocba_tui.intake.results_file import Place, ResultRow
from hocba_tui.model.bank import BankEntry, Calling
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Cell, Results, Value
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import fill, read_code
from hocba_tui.rules.conclusions import Said, contradictions
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.lawful import Lawful, Unlawful, read_typed
from hocba_tui.text import day_first, fold

_EXEMPT = ("m", "mien")
"""Texts in the cells of a subject from which the pupil is exempt (TTDLQG)."""
_WHOLE = re.compile(r"([0-9]{1,2})[.,]0+")
"""A whole score as some programs write it: 9,0 or 10.00."""
_DECIMAL = re.compile(r"[0-9]{1,2}[.,][0-9]+")
_ROUNDED = "Màn hình Excel có thể đang hiện số đã làm tròn; giá trị thật của ô là số này."
_BY_HAND = "Muốn đổi thì gõ ở bảng nhập."
_NOT_EXEMPT = "Tệp ghi miễn (M), nhưng danh sách lớp chưa ghi em này được miễn môn."


@dataclass(frozen=True)
class ResultLine(ImportLine):
    """One cell of one pupil: the present value, the value of the file, and why it is refused."""

    class_key: str
    pupil: Pupil
    cell: Cell
    before: Value
    after: Value
    reason: str = ""

    @property
    def label(self) -> str:
        """Return the name of the cell, in Vietnamese."""
        return label_of(self.cell)


class BankCodes:
    """The texts of the codes in a column "Mã nhận xét"; the bank is opened when a file has one."""

    def __init__(self, bank: Callable[[], Iterable[BankEntry]], called: Callable[[], Calling]) -> None:
        """Look in ``bank``; ``called`` returns what the actor calls pupils."""
        self._bank = bank
        self._called = called

    @cached_property
    def _entries(self) -> Mapping[str, BankEntry]:
        return {entry.code: entry for entry in self._bank()}

    @cached_property
    def _calling(self) -> Calling:
        return self._called()

    def text(self, code: str, item: str, pupil: Pupil) -> str | None:
        """Return the text of a code for a pupil; None when the bank has none for this item."""
        entry = self._entries.get(read_code(code))
        if entry is None or entry.item not in ("", item):
            return None
        return fill(entry.text, pupil, self._calling)


class Reader:
    """Judge of the rows of a file, one after the other.

    An unlawful value is an error that stops the file. A cell that the actor may not change keeps its value and
    does not stop the file, because the file of a class also has the subjects of other teachers.
    """

    def __init__(self, school: OpenSchool, period: Period, codes: BankCodes, *, earlier: bool = False) -> None:
        """Judge for ``period``; with ``earlier`` as what comes from the school's earlier program."""
        self.lines: list[ResultLine] = []
        self.findings: list[Finding] = []
        self.named: dict[str, None] = {}
        """Keys of the pupils that the file names, in the order of the file."""
        self.touched: set[str] = set()
        self.kept = 0
        """Number of cells that are empty only in the file."""
        self._school = school
        self._period = period
        self._meanings: dict[tuple[str, Cell, str, int], Lawful | Unlawful] = {}
        self._texts: dict[tuple[str, Cell], str] = {}
        self._codes = codes
        self._earlier = earlier
        self._locks = cache(Locks)

    def read(self, row: ResultRow, found: FoundPupil) -> None:
        """Judge one row."""
        classroom, pupil = found.classroom, found.pupil
        opened = self._school.open_class(classroom.key)
        self.touched.add(classroom.key)
        self.named.setdefault(pupil.key)
        held = opened.document(RESULTS, pupil.key)
        after = dict(held)
        for place, text in self._with_codes(row, pupil).items():
            cell = Cell(self._period, *place)
            if not text:
                self.kept += cell.field in held
            elif self._first(row, pupil, cell, text):
                line = self._line(row, found, cell, text, opened)
                self.lines.append(line)
                if line.kind.writes:
                    after[cell.field] = line.after
        if self._period is Period.END_YEAR and row.said != Said():
            for words in contradictions(row.said, pupil, classroom, Results(after)):
                self._note("IN-OUTCOME", Severity.WARNING, row, pupil, "outcome", words)

    def _with_codes(self, row: ResultRow, pupil: Pupil) -> Mapping[Place, str]:
        """Return the cells of a row, in which a code of the bank stands for its text where the row has no comment."""
        cells = {place: text for place, text in row.cells.items() if place.aspect != BANK_CODE}
        for place, code in row.cells.items():
            comment = place._replace(aspect=COMMENT)
            if place.aspect != BANK_CODE or not code or cells.get(comment):
                continue
            text = self._codes.text(code, place.item, pupil)
            if text is None:
                label = label_of(Cell(self._period, *comment))
                message = f"{label}: ngân hàng không có lời nào mã “{code[:20]}” cho mục này; không nạp"
                self._note("IN-BANK-CODE", Severity.WARNING, row, pupil, "comment", message)
            else:
                cells[comment] = text
        return cells

    def _line(self, row: ResultRow, found: FoundPupil, cell: Cell, text: str, opened: OpenClass) -> ResultLine:
        classroom, pupil, known = found.classroom, found.pupil, opened.document(RESULTS, found.pupil.key)
        held = known.get(cell.field)
        if cell.item in pupil.exempt_subjects and fold(text) in _EXEMPT:
            return ResultLine(RowKind.SAME, classroom.key, pupil, cell, held, held)
        read = self._meaning(text, cell, class_for(pupil, classroom))
        after = read.value if isinstance(read, Lawful) else text
        if isinstance(read, Lawful) and after == held:
            return ResultLine(RowKind.SAME, classroom.key, pupil, cell, held, held)
        locks = self._locks(opened)
        locked = (locks.earlier if self._earlier else locks.reason)(pupil, opened.record(pupil.key), cell)
        reason = locked or _assessed_since(Results(known), cell, after)
        if self._earlier and held is not None:
            reason = reason or "Ô này đã có giá trị khác; nạp kỳ đã qua chỉ điền ô còn trống."
        if isinstance(read, Unlawful) and (not reason or reason == read.reason):
            reason = _NOT_EXEMPT if fold(text) in _EXEMPT else read.reason
            self._note("IN-VALUE", Severity.ERROR, row, pupil, cell.field, f"{label_of(cell)}: {reason}")
            return ResultLine(RowKind.WRONG, classroom.key, pupil, cell, held, after, reason)
        kind = RowKind.REFUSED if reason else RowKind.NEW if held is None else RowKind.CHANGED
        return ResultLine(kind, classroom.key, pupil, cell, held, after, reason or "")

    def _meaning(self, text: str, cell: Cell, classroom: ClassRoom) -> Lawful | Unlawful:
        """Return the meaning of a text in a cell; cached, because thousands of cells have few different texts."""
        asked = (text, cell, classroom.key, classroom.grade)
        if asked not in self._meanings:
            whole = _WHOLE.fullmatch(text) if cell.aspect == SCORE else None
            found = read_typed(whole[1] if whole else text, cell, classroom)
            if isinstance(found, Unlawful) and cell.aspect == SCORE and _DECIMAL.fullmatch(text):
                found = Unlawful(f"{found.reason} {_ROUNDED}")
            self._meanings[asked] = found
        return self._meanings[asked]

    def _first(self, row: ResultRow, pupil: Pupil, cell: Cell, text: str) -> bool:
        """Return whether the file has the cell for the first time; note an error for a second, different value."""
        earlier = self._texts.get((pupil.key, cell))
        if earlier is None:
            self._texts[pupil.key, cell] = text
            return True
        if earlier != text:
            shown = "hai nhận xét khác nhau" if cell.aspect == COMMENT else f"“{earlier[:20]}” và “{text[:20]}”"
            message = f"{label_of(cell)} có ở hai dòng: {shown}"
            self._note("IN-DOUBLED", Severity.ERROR, row, pupil, cell.field, message)
        return False

    def _note(self, code: str, severity: Severity, row: ResultRow, pupil: Pupil, field: str, message: str) -> None:
        text = f"{row.where}, {pupil.name}: {message.rstrip('.')}."
        self.findings.append(Finding(code, severity, text, pupil.key, field, _REMEDIES[code]))


def _assessed_since(results: Results, cell: Cell, after: Value) -> str | None:
    """Return why the file is older than what is known, None when it is not.

    It is older when it has the score or level from before another assessment.
    """
    if cell.aspect == SCORE:
        tests = results.attempts(cell.period, cell.item)
        if after in [test.score for test in tests[:-1]]:
            return f"Điểm này đã kiểm tra lại ngày {day_first(tests[-1].day)}, tệp ghi điểm của lần trước. {_BY_HAND}"
    if cell.aspect == LEVEL:
        again = next((known for known in results.reassessments() if cell.field in known.fields), None)
        if again:
            return f"Mức này đã đánh giá bổ sung ngày {day_first(again.day)}. {_BY_HAND}"
    return None


_REMEDIES = {
    "IN-BANK-CODE": "Ghi lời nhận xét vào ô, hoặc thêm lời có mã này vào ngân hàng, rồi nạp lại.",
    "IN-VALUE": "Sửa ô này trong Excel, rồi nạp lại.",
    "IN-DOUBLED": "Giữ lại giá trị đúng, xóa giá trị kia trong Excel, rồi nạp lại.",
    "IN-OUTCOME": "Xem lại mức và điểm; kết quả do chương trình tính, không lấy từ tệp.",
}
