"""Find the pupils of a list in the school: by code, by personal id, otherwise by name and birth date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.flow.desk import INDEX, PUPILS, OpenSchool
from hocba_tui.flow.importing import LeftOut
from hocba_tui.intake.pupil_row import ListedPupil
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.identity import is_temporary
from hocba_tui.text import day_first, loose


@dataclass(frozen=True)
class Known:
    """A pupil of the school, and the pupil's class."""

    pupil: Pupil
    class_key: str


@dataclass(frozen=True)
class SchoolMatch:
    """The pupil of a row; ``known`` is None for a new one. When ``doubt`` is an error, the row is not used."""

    known: Known | None = None
    doubt: Finding | None = None
    left_out: bool = False
    """The row is not used: one of its classes cannot be read or written."""


def recognise(
    school: OpenSchool, rows: Sequence[tuple[ListedPupil, ClassRoom]], left_out: LeftOut
) -> list[SchoolMatch]:
    """Return the pupil of each row of a list, except for rows with a class that is left out.

    A pupil is found by the present code, by a former one, or by the personal id when name or birth date agree.
    Otherwise the pupil is looked up by name and birth date in the class, when the code in the list or in the
    school is temporary; exactly one must match.
    """
    everybody = _Everybody(school, left_out)
    out = [left_out.takes(classroom.key, everybody.class_of(row)) for row, classroom in rows]
    sure = [None if passed else everybody.by_number(row) for (row, _), passed in zip(rows, out, strict=True)]
    claimed = {known.pupil.key for known in sure if known}
    found = [
        SchoolMatch(known, left_out=passed) if known or passed else everybody.by_name(row, classroom, claimed)
        for (row, classroom), known, passed in zip(rows, sure, out, strict=True)
    ]
    times = Counter(match.known.pupil.key for match in found if match.known)
    return [
        SchoolMatch(
            doubt=_doubt("IN-TWICE", row, f"có {times[match.known.pupil.key]} dòng cùng là {match.known.pupil.name}")
        )
        if match.known and times[match.known.pupil.key] > 1
        else match
        for (row, _), match in zip(rows, found, strict=True)
    ]


class _Everybody:
    """The pupils of the school, found through its index; a class is read when one of its pupils is needed."""

    def __init__(self, school: OpenSchool, left_out: LeftOut) -> None:
        self._school = school
        self._left_out = left_out
        self._places: dict[str, dict[str, tuple[str, str]]] = {"code": {}, "former": {}, "personal_id": {}}
        for key, document in school.table(INDEX).items():
            for field, places in self._places.items():
                value = document.get(field) or ()
                for number in [value] if isinstance(value, str) else value:
                    places[number] = key, document["class"]
        self._classrooms = school.classrooms()

    def class_of(self, row: ListedPupil) -> str:
        """Return the class of the pupil whose code or personal id the row has, empty when there is none."""
        numbers = {"code": row.code, "former": row.code, "personal_id": row.facts.get("personal_id", "")}
        found = (self._places[field].get(number) for field, number in numbers.items() if number)
        return next((class_key for place in found if place for class_key in place[1:]), "")

    def by_number(self, row: ListedPupil) -> Known | None:
        """Return the pupil with the code or the personal id of the row."""
        for field in ("code", "former"):
            if place := self._places[field].get(row.code):
                return self._known(*place)
        place = self._places["personal_id"].get(row.facts.get("personal_id", ""))
        known = self._known(*place) if place else None
        if known and (_same_name(known.pupil, row) or known.pupil.birth == row.facts.get("birth")):
            return known
        return None

    def by_name(self, row: ListedPupil, classroom: ClassRoom, claimed: set[str]) -> SchoolMatch:
        """Return the one pupil of the class with the same name and birth date whom no other row names."""
        alike = [p for p in self._in(classroom.key) if p.key not in claimed and _same_name(p, row) and _waits(p, row)]
        fitting = [pupil for pupil in alike if _same_birth(pupil, row) and _same_id(pupil, row) is not False]
        if len(fitting) == 1:
            return SchoolMatch(Known(fitting[0], classroom.key))
        if asked := fitting or [pupil for pupil in alike if _perhaps(pupil, row)]:
            return SchoolMatch(doubt=_doubt("IN-WHICH", row, f"có thể là {_listing(asked)} của lớp {classroom.key}"))
        elsewhere = [p for p in self._of_grade(classroom) if p.key not in claimed and _same_birth(p, row)]
        if like := [p for p in (*alike, *elsewhere) if _same_name(p, row) and _waits(p, row) and not _same_id(p, row)]:
            message = f"em mới này trùng tên với {_listing(like)}"
            return SchoolMatch(doubt=_doubt("IN-LIKE", row, message, Severity.WARNING))
        return SchoolMatch()

    def _in(self, class_key: str) -> tuple[Pupil, ...]:
        return self._school.open_class(class_key).pupils(with_left=True)

    def _of_grade(self, classroom: ClassRoom) -> Iterator[Pupil]:
        for other in self._classrooms:
            alike = other.key != classroom.key and set(other.grades) & set(classroom.grades)
            if alike and not self._left_out.is_out(other.key):
                yield from self._in(other.key)

    def _known(self, key: str, class_key: str) -> Known:
        return Known(Pupil.from_fields(key, self._school.open_class(class_key).document(PUPILS, key)), class_key)


def _same_name(pupil: Pupil, row: ListedPupil) -> bool:
    return loose(pupil.name) == loose(row.facts["name"])


def _same_birth(pupil: Pupil, row: ListedPupil) -> bool:
    return bool(pupil.birth) and pupil.birth == row.facts.get("birth")


def _same_id(pupil: Pupil, row: ListedPupil) -> bool | None:
    """Return whether both have the same personal id, None when one of them has none."""
    number = row.facts.get("personal_id", "")
    return pupil.personal_id == number if pupil.personal_id and number else None


def _perhaps(pupil: Pupil, row: ListedPupil) -> bool:
    """Return whether the birth dates can be the same: of one only a year or a month is known, or nothing."""
    birth = row.facts.get("birth", "")
    return birth.startswith(pupil.birth) or pupil.birth.startswith(birth)


def _waits(pupil: Pupil, row: ListedPupil) -> bool:
    """Return whether one of the two codes is temporary, so that both can belong to the same pupil."""
    return is_temporary(pupil.code) or is_temporary(row.code)


def _listing(pupils: Sequence[Pupil]) -> str:
    return ", ".join(f"{p.name} sinh {day_first(p.birth) or '?'} ({p.code or 'chưa có mã'})" for p in pupils[:3])


def _doubt(code: str, row: ListedPupil, message: str, severity: Severity = Severity.ERROR) -> Finding:
    remedy = "Nếu là một em: sửa mã hoặc số định danh của em ấy ở danh sách lớp cho khớp với tệp rồi nạp lại."
    return Finding(code, severity, f"{row.where}: {message}.", str(row.row), "code", remedy)
