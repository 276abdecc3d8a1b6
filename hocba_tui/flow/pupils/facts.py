"""Correct the facts of one pupil, including what the pupil is assessed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, Desk, OpenSchool
from hocba_tui.flow.pupils.index import index_edits
from hocba_tui.flow.staff_facts import typed_personal_id
from hocba_tui.intake.dates import read_date
from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit, edits_for
from hocba_tui.text import clean_line, fold

EDITABLE = {
    "name": "Họ và tên",
    "birth": "Ngày sinh",
    "personal_id": "Số định danh",
    "code": "Mã học sinh",
    "sex": "Giới tính",
    "ethnic": "Dân tộc",
    "birthplace": "Nơi sinh",
    "hometown": "Quê quán",
    "address": "Chỗ ở hiện nay",
    "father": "Họ tên cha",
    "mother": "Họ tên mẹ",
    "guardian": "Người giám hộ",
    "register_no": "Số đăng bộ",
    "joined": "Ngày đến",
    "policy": "Đối tượng chính sách",
    "disability": "Khuyết tật",
    "assessed": "Có đánh giá (x)",
    "exempt": "Miễn môn (mã)",
    "plan": "KH giáo dục cá nhân",
    "not_in_plan": "Ngoài kế hoạch (mã)",
    "grade": "Khối (lớp ghép)",
}


def correct_pupil(
    desk: Desk, class_key: str, pupil_key: str, changes: Mapping[str, str], shown: Pupil | None = None
) -> Pupil:
    """Write corrected facts of a pupil whose record is a draft; return the pupil.

    ``changes`` maps names of :data:`EDITABLE` to typed text; ``shown`` is the pupil that the person saw who typed
    it, None for what is stored now. Refused when a value is not possible, Conflict when somebody changed the same
    fact, or the pupil while this is written.
    """
    opened = desk.open_class(class_key, Act.IMPORT_PUPILS)
    school, name = opened.school, opened.shard.name
    if set(changes) & _EXCUSES:
        school.require(Act.EXCUSE, opened.classroom)
    before, record = opened.pupil(pupil_key), opened.record(pupil_key)
    if before is None:
        raise Refused(f"Lớp {class_key} không có học sinh này.")
    if not record.editable:
        raise Refused(f"Học bạ của {before.name} {record.state.label}; không sửa được nữa.")
    for fact in changes:
        if shown and (held := getattr(before, fact)) != getattr(shown, fact):
            raise Conflict(
                f"{EDITABLE[fact]} của {before.name} vừa được người khác đổi thành “{held}”.",
                "Esc, mở lại để xem giá trị mới, rồi sửa nếu vẫn muốn đổi.",
                "Chưa ghi gì đè lên.",
            )
    read = read_facts(school, opened.classroom, changes, pupil_key)
    after = with_code(replace(before, **{name: value for name, value in read.items() if name != "code"}),
                      read.get("code", before.code))  # fmt: skip
    if not after.assessed and not after.disability:
        raise Refused("Chỉ học sinh khuyết tật mới có thể không đánh giá; em này không ghi khuyết tật.")
    edits = edits_for(PUPILS, pupil_key, before.to_fields(), after.to_fields())
    if edits:
        steps: dict[str, list[Edit]] = {name: edits}
        locked = {name: opened.as_read(pupil_key, RECORDS)}
        indexed = index_edits(school.document(INDEX, pupil_key), after, class_key)
        if indexed:
            steps[SCHOOL] = indexed
        desk.store.across(desk.account, "correct_pupil", steps, expecting=locked)
    return after


_EXCUSES = {"exempt", "assessed", "plan", "not_in_plan", "grade", "disability"}
"""Facts that change what a pupil is assessed in, and so the result; the administrator may not change them."""
_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "": Sex.UNKNOWN}


def read_facts(
    school: OpenSchool, classroom: ClassRoom, changes: Mapping[str, str], pupil_key: str = ""
) -> dict[str, Any]:
    """Return typed facts (names of :data:`EDITABLE`) as values of a Pupil; Refused when one is not possible.

    Code and personal id may not belong to another pupil; ``pupil_key`` is empty for a new pupil.
    """
    if unknown := set(changes) - set(EDITABLE):
        raise Refused(f"Không sửa được mục “{min(unknown)}” ở đây.")
    read: dict[str, Any] = {}
    for name, typed in changes.items():
        text = clean_line(typed)
        if name == "grade":
            read[name] = _grade(text, classroom)
        elif name == "assessed":
            read[name] = text.lower() in ("x", "có", "1")
        else:
            read[name] = _READERS[name](text) if name in _READERS else text
    for key, document in school.table(INDEX).items():
        for name, label in (("personal_id", "Số định danh"), ("code", "Mã học sinh")):
            if key != pupil_key and read.get(name) and document.get(name) == read[name]:
                raise Refused(f"{label} này đang thuộc về một em khác của trường.", "Đối chiếu giấy tờ của hai em.")
    return read


def with_code(pupil: Pupil, code: str) -> Pupil:
    """Return the pupil with another code; the previous one is added to the former codes."""
    if code == pupil.code:
        return pupil
    former = [old for old in (*pupil.former_codes, pupil.code) if old not in ("", code)]
    return replace(pupil, code=code, former_codes=tuple(dict.fromkeys(former)))


def _name(text: str) -> str:
    if not text:
        raise Refused("Họ tên không được để trống.")
    return text


def _birth(text: str) -> str:
    """Return a birth date as ISO; also only a month or a year, as on some birth certificates."""
    if re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2]))?", text):
        return text
    if month := re.fullmatch(r"(0?[1-9]|1[0-2])/([0-9]{4})", text):
        return f"{month.group(2)}-{int(month.group(1)):02d}"
    day = read_date(text)
    if day is None:
        raise Refused(f"Ngày sinh “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 14/03/2015.")
    return day


def _joined(text: str) -> str:
    day = read_date(text)
    if day is None:
        raise Refused(f"Ngày đến “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 05/09/2025.")
    return day


def _code(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{0,20}", text):
        raise Refused(f"Mã học sinh “{text[:16]}” không hợp lệ.", "Mã chỉ có chữ cái và chữ số, dài nhất 20 kí tự.")
    return text


def _sex(text: str) -> str:
    sex = _SEXES.get(fold(text))
    if sex is None:
        raise Refused(f"Giới tính “{text[:16]}” không phải Nam hoặc Nữ.")
    return sex.value


def _codes(text: str, known: Collection[str], what: str) -> str:
    codes = text.upper().replace(",", " ").split()
    if unknown := next((code for code in codes if code not in known), ""):
        raise Refused(f"Không có {what} mã {unknown}.", "Các mã: " + ", ".join(known))
    return " ".join(codes)


def _grade(text: str, classroom: ClassRoom) -> int | None:
    if not text:
        return None
    if len(classroom.grades) == 1 or text not in {str(grade) for grade in classroom.grades}:
        grades = ", ".join(str(grade) for grade in classroom.grades)
        raise Refused(f"Lớp {classroom.key} chỉ có khối {grades}.", "Khối riêng chỉ ghi ở lớp ghép.")
    return int(text)


_READERS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "birth": _birth,
    "personal_id": typed_personal_id,
    "code": _code,
    "sex": _sex,
    "joined": _joined,
    "exempt": lambda text: _codes(text, SUBJECTS, "môn"),
    "not_in_plan": lambda text: _codes(text, (*SUBJECTS, *TRAITS), "môn, phẩm chất, năng lực"),
}
