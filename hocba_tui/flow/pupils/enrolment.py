"""Admit a pupil, let a pupil leave or come back, or move one to another class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import INDEX, Desk, OpenClass, OpenSchool, past_day
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.facts import read_facts, with_code
from hocba_tui.flow.pupils.pupil_lines import PupilLine, new_key, plausible_birth, this_year, write
from hocba_tui.model.pupil import Enrolment, Movement, Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import grade_of
from hocba_tui.rules.enrolment import in_class
from hocba_tui.rules.identity import temporary_code
from hocba_tui.rules.permits import Act
from hocba_tui.text import clean_line, day_first, loose


def admit(desk: Desk, class_key: str, facts: Mapping[str, str]) -> Pupil:
    """Add one new pupil and return the pupil; ``facts`` maps names of :data:`~hocba_tui.flow.pupils.facts.EDITABLE`.

    Name and date of birth are required. Without a code the pupil gets a temporary one; without ``joined`` the pupil
    came today. Refused when a fact is not possible or the school already has the pupil.
    """
    opened = desk.open_class(class_key, Act.IMPORT_PUPILS)
    school, classroom = opened.school, opened.classroom
    typed = {name: text for name, text in facts.items() if clean_line(text)}
    if not {"name", "birth"} <= set(typed):
        raise Refused("Chưa ghi họ tên hoặc ngày sinh.", "Hai mục này bắt buộc; các mục khác ghi sau cũng được.")
    read = read_facts(school, classroom, typed)
    joined = past_day(school, typed["joined"]) if "joined" in typed else school.today.isoformat()
    code = read.pop("code", "") or temporary_code(read.get("personal_id", ""), read["name"], read["birth"])
    pupil = replace(Pupil(new_key(school, code)), **{**read, "joined": joined})
    if not plausible_birth(pupil.birth, school.settings.year, grade_of(pupil, classroom)):
        raise Refused(
            f"Ngày sinh {day_first(pupil.birth)} không thể là của học sinh khối {grade_of(pupil, classroom)}."
        )
    came = Enrolment(Movement.CAME.value, joined)
    pupil = replace(with_code(pupil, code), history=(this_year(school, classroom, joined),), enrolment=(came,))
    _require_unknown(opened, pupil)
    return _write(school, PupilLine(RowKind.NEW, class_key, pupil), "admit_pupil")


def leave(desk: Desk, class_key: str, pupil_key: str, day: str, place: str, reason: str) -> Pupil:
    """Record that a pupil left the school on ``day`` (dd/mm/yyyy) for ``place`` (a school, may be empty)."""
    opened = desk.open_class(class_key, Act.IMPORT_PUPILS)
    pupil = _member(opened, pupil_key)
    if not pupil.studying:
        raise Refused(f"{pupil.name} đã rời trường ngày {day_first(pupil.left)}.")
    left = past_day(opened.school, day)
    reason = _required(reason, "Chưa ghi lí do rời trường.", "Ví dụ: Chuyển đi, Thôi học.")
    _require_after(pupil, left)
    row = Enrolment(Movement.LEFT.value, left, clean_line(place), reason)
    after = replace(pupil, left=left, left_reason=reason, enrolment=(*pupil.enrolment, row))
    return _write(opened.school, PupilLine(RowKind.LEFT, class_key, after, pupil, class_key), "leave_school")


def come_back(desk: Desk, class_key: str, pupil_key: str, day: str, reason: str = "") -> Pupil:
    """Record that a pupil who had left studies here again from ``day`` (dd/mm/yyyy) on."""
    opened = desk.open_class(class_key, Act.IMPORT_PUPILS)
    pupil = _member(opened, pupil_key)
    if pupil.studying:
        raise Refused(f"{pupil.name} đang học ở lớp {class_key}.")
    back = past_day(opened.school, day)
    if back < pupil.left:
        raise Refused(f"{pupil.name} rời trường ngày {day_first(pupil.left)}, sau ngày {day_first(back)}.")
    row = Enrolment(Movement.RETURNED.value, back, "", clean_line(reason))
    after = replace(pupil, left="", left_reason="", joined=back, enrolment=(*pupil.enrolment, row))
    return _write(opened.school, PupilLine(RowKind.CHANGED, class_key, after, pupil, class_key), "come_back")


def change_class(desk: Desk, pupil_key: str, was_in: str, now_in: str, day: str, reason: str) -> Pupil:
    """Move a pupil with results and record into another class of the same grade from ``day`` (dd/mm/yyyy) on."""
    school = desk.open_school()
    opened = school.open_class(was_in, Act.IMPORT_PUPILS)
    pupil, classroom = _member(opened, pupil_key), school.classroom(now_in)
    school.require(Act.IMPORT_PUPILS, classroom)
    if was_in == now_in or not pupil.studying:
        raise Refused(f"{pupil.name} {'đang ở lớp ấy' if pupil.studying else 'đã rời trường'}; không chuyển lớp được.")
    grade = grade_of(pupil, opened.classroom)
    if grade not in classroom.grades:
        raise Refused(f"{pupil.name} học khối {grade}, lớp {now_in} không có khối ấy.", "Chỉ chuyển trong cùng khối.")
    moved = past_day(school, day)
    _require_after(pupil, moved)
    row = Enrolment(Movement.CHANGED_CLASS.value, moved, was_in, clean_line(reason))
    after = in_class(pupil, opened.classroom, classroom)
    after = replace(after, enrolment=(*after.enrolment, row))
    return _write(school, PupilLine(RowKind.MOVED, now_in, after, pupil, was_in), "change_class")


def classes_to_move_to(desk: Desk, class_key: str, pupil: Pupil) -> tuple[ClassRoom, ...]:
    """Return the other classes of the pupil's grade, for whom may move the pupil."""
    school = desk.open_school()
    room = school.classroom(class_key)
    school.require(Act.IMPORT_PUPILS, room)
    grade = grade_of(pupil, room)
    return tuple(room for room in school.classrooms() if room.key != class_key and grade in room.grades)


def _member(opened: OpenClass, pupil_key: str) -> Pupil:
    """Return a pupil of the class; Refused unless the record is still a draft."""
    pupil, record = opened.pupil(pupil_key), opened.record(pupil_key)
    if pupil is None:
        raise Refused(f"Lớp {opened.key} không có học sinh này.")
    if not record.editable:
        raise Refused(f"Học bạ của {pupil.name} {record.state.label}; không đổi được nữa.")
    return pupil


def _write(school: OpenSchool, line: PupilLine, act: str) -> Pupil:
    write(school, [line], act)
    return line.pupil


def _required(text: str, what: str, now: str) -> str:
    cleaned = clean_line(text)
    if not cleaned:
        raise Refused(what, now)
    return cleaned


def _require_after(pupil: Pupil, day: str) -> None:
    """Raise Refused for a day before the pupil's last known movement."""
    last = max((row.day for row in pupil.enrolment), default="")
    if day < last:
        raise Refused(f"{pupil.name}: ngày {day_first(last)} đã có một lần thay đổi, sau ngày {day_first(day)}.")


def _require_unknown(opened: OpenClass, pupil: Pupil) -> None:
    """Raise Refused when the school has the pupil: the same code, or the same name and birth date in the class."""
    for key, document in opened.school.table(INDEX).items():
        if pupil.code in (document.get("code"), *(document.get("former") or ())):
            raise Refused(f"Mã {pupil.code} đang thuộc về một em của lớp {document['class']}.", "Xem lại mã.")
        if key == pupil.key:
            raise Refused("Em này vừa được thêm vào trường.", "Xem lại danh sách lớp.")
    for other in opened.pupils(with_left=True):
        two = pupil.personal_id and other.personal_id and pupil.personal_id != other.personal_id
        if loose(other.name) == loose(pupil.name) and other.birth == pupil.birth and not two:
            raise Refused(
                f"Lớp {opened.key} đã có {other.name} sinh ngày {day_first(other.birth)}.",
                "Nếu là hai em khác nhau: ghi số định danh của cả hai.",
            )
