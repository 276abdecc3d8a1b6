"""Find the pupil of a row of results: by code, otherwise by name and birth date within the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hocba_tui.flow.desk import INDEX, OpenSchool
from hocba_tui.flow.file_says import ClassNames
from hocba_tui.flow.importing import LeftOut
from hocba_tui.intake.results_file import ResultRow
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.text import day_first, loose


@dataclass(frozen=True)
class FoundPupil:
    """The pupil of a row, and the pupil's class."""

    classroom: ClassRoom
    pupil: Pupil


class Passed(Enum):
    """Why a row is passed over."""

    OTHER_CLASS = auto()
    """It is of a class that was not asked for."""
    LEFT_OUT = auto()
    """Its class cannot be read or written."""


class Roll:
    """The pupils of some classes, with a search by the rows of a file."""

    def __init__(self, school: OpenSchool, classrooms: Sequence[ClassRoom], left_out: LeftOut) -> None:
        """Search in ``classrooms``; a row without a class belongs to the only one."""
        self._school = school
        self._left_out = left_out
        self._wanted = {classroom.key: classroom for classroom in classrooms}
        self._classrooms = ClassNames(school.classrooms())
        self._index = {doc["code"]: (key, doc["class"]) for key, doc in school.table(INDEX).items() if doc.get("code")}

    def find(self, row: ResultRow) -> FoundPupil | Finding | Passed:
        """Return the pupil, a finding that says why there is none, or why the row is passed over.

        A name alone is enough only when one pupil of the class, including those who left, has it. A birth date in
        the file must match. A row with a code that the school does not know needs a birth date.
        """
        named = self._classrooms.find(row.class_key or row.title_class) if row.class_key or row.title_class else None
        if row.class_key and named is None:
            return _error("IN-CLASS", row, f"trường không có lớp “{row.class_key}”")
        key, at = self._index.get(row.code, ("", ""))
        if at:
            return self._by_code(row, key, at, named)
        classroom = named or (next(iter(self._wanted.values())) if len(self._wanted) == 1 else None)
        if classroom is None:
            return _error("IN-CLASS", row, "không biết em này ở lớp nào; chọn lớp, hoặc thêm cột Lớp")
        return self._by_name(row, classroom) if classroom.key in self._wanted else Passed.OTHER_CLASS

    def _pupils(self, class_key: str) -> tuple[Pupil, ...]:
        return self._school.open_class(class_key).pupils(with_left=True)

    def _by_code(self, row: ResultRow, key: str, at: str, named: ClassRoom | None) -> FoundPupil | Finding | Passed:
        if at not in self._wanted:
            return Passed.OTHER_CLASS
        if self._left_out.takes(at):
            return Passed.LEFT_OUT
        pupil = next((pupil for pupil in self._pupils(at) if pupil.key == key), None)
        if pupil is None:
            return _error("IN-PUPIL", row, f"lớp {at} không có em này")
        if named is not None and named.key != at:
            return _error("IN-MOVE", row, f"em này đang ở lớp {at}, tệp ghi lớp {named.key}")
        if row.name and loose(row.name) != loose(pupil.name):
            return _error("IN-NAME", row, f"mã {row.code} là của {pupil.name}")
        return _studying(row, FoundPupil(self._wanted[at], pupil))

    def _by_name(self, row: ResultRow, classroom: ClassRoom) -> FoundPupil | Finding | Passed:
        if self._left_out.takes(classroom.key):
            return Passed.LEFT_OUT
        if not row.name:
            return _error("IN-PUPIL", row, "có kết quả nhưng không có họ tên hay mã")
        namesakes = [pupil for pupil in self._pupils(classroom.key) if loose(pupil.name) == loose(row.name)]
        if not namesakes:
            return _error("IN-PUPIL", row, f"lớp {classroom.key} không có em nào tên như vậy")
        if row.code and not row.birth:
            return _error("IN-PUPIL", row, f"trường không có mã {row.code}; cần thêm ngày sinh để nhận ra em này")
        fitting = [pupil for pupil in namesakes if _fits(row.birth, pupil.birth)]
        if not fitting:
            births = ", ".join(day_first(pupil.birth) for pupil in namesakes)
            return _error(
                "IN-PUPIL",
                row,
                f"ngày sinh khác: tệp ghi {day_first(row.birth)}, danh sách lớp ghi {births or 'trống'}",
            )
        if len(fitting) > 1:
            return _error(
                "IN-TWO", row, f"lớp {classroom.key} có {len(fitting)} em như vậy; cần mã học sinh hoặc ngày sinh"
            )
        return _studying(row, FoundPupil(classroom, fitting[0]))


def _fits(written: str, known: str) -> bool:
    """Return whether a birth date in a file can be the known one; either may be only a year or a month."""
    return not written or bool(known and (written.startswith(known) or known.startswith(written)))


def _studying(row: ResultRow, match: FoundPupil) -> FoundPupil | Finding:
    if match.pupil.studying:
        return match
    return _finding("IN-GONE", Severity.WARNING, row, "em này đã chuyển đi; bỏ qua dòng này")


_REMEDIES = {
    "IN-CLASS": ("class", "Sửa tên lớp trong Excel, hoặc chọn lớp cần nạp, rồi nạp lại."),
    "IN-MOVE": ("class", "Sửa lớp của em này trong Excel, hoặc nhờ văn thư chuyển lớp trước, rồi nạp lại."),
    "IN-NAME": ("code", "Đối chiếu mã và tên của dòng này với danh sách lớp, sửa trong Excel, rồi nạp lại."),
    "IN-PUPIL": ("name", "Đối chiếu họ tên, ngày sinh, mã với danh sách lớp, sửa trong Excel, rồi nạp lại."),
    "IN-TWO": ("name", "Thêm cột mã học sinh hoặc ngày sinh, rồi nạp lại."),
    "IN-GONE": ("name", "Không cần làm gì; nếu em vẫn học, sửa danh sách lớp rồi nạp lại."),
}


def _error(code: str, row: ResultRow, message: str) -> Finding:
    return _finding(code, Severity.ERROR, row, message)


def _finding(code: str, severity: Severity, row: ResultRow, message: str) -> Finding:
    who = ", ".join(filter(None, (row.where, row.name or row.code)))
    return Finding(code, severity, f"{who}: {message}.", row.where, *_REMEDIES[code])
