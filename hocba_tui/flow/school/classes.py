"""Add and change the classes of the school year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import CLASSES, PUPILS, RESULTS, Desk, OpenClass, OpenSchool
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import no_such_cell
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import class_shard, edits_for
from hocba_tui.text import clean_line

_GRADES = range(1, 6)
_FIELDS = ("grade", "combined", "code", "optional", "tested")
"""What is saved of a class here; who teaches in it is assigned, by a head."""
_LONGEST = 10
"""Most characters of a class name (national dictionary: tenlop)."""
_FORBIDDEN = '/\\\0"'


@dataclass(frozen=True)
class PlannedClass:
    """What a class would become."""

    before: ClassRoom
    after: ClassRoom
    new: bool
    dropped: str = ""
    """Subjects with results that it would no longer have a place for, in words; empty for none."""

    @property
    def words(self) -> str:
        """Return what would change, for a person."""
        was, will_be = described(self.before), described(self.after)
        if self.new:
            return f"Thêm lớp {self.after.key}: {'; '.join(f'{what} {now}' for what, now in will_be.items() if now)}."
        changes = [
            f"{what}: {was[what] or 'không'} → {now or 'không'}" for what, now in will_be.items() if now != was[what]
        ]
        return f"Lớp {self.after.key}: {'; '.join(changes)}." if changes else ""


def described(room: ClassRoom) -> dict[str, str]:
    """Return what can be changed of a class, by its Vietnamese name."""
    return {
        "khối": str(room.grade or ""), "ghép khối": " ".join(map(str, room.combined)), "mã lớp": room.code,
        "môn tự chọn": " ".join(room.optional), "môn tự chọn có kiểm tra": " ".join(room.tested),
    }  # fmt: skip


def as_facts(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed into a form about a class as :func:`save_class` takes it; Refused when it cannot be read.

    Several grades or subjects stand in one line. Without a grade, it is the first digit of the name.
    """
    lists = {name: re.split(r"[\s,;]+", clean_line(text)) for name, text in form.items() if clean_line(text)}
    facts: dict[str, Any] = {"code": clean_line(form.get("code", ""))}
    for name in ("grade", "combined"):
        numbers = lists.get(name, [])
        if not all(number.isascii() and number.isdigit() and len(number) < 3 for number in numbers):
            raise Refused(
                f"Khối “{form[name][:16]}” phải là số từ 1 đến 5.", "Ví dụ 2; lớp ghép: 2 ở ô khối, 3 ở ô ghép."
            )
        facts[name] = list(map(int, numbers))
    key = clean_line(form.get("key", ""))
    facts["grade"] = facts["grade"][0] if facts["grade"] else int(key[0]) if key[:1] in tuple("12345") else 0
    return facts | {name: [code.upper() for code in lists.get(name, [])] for name in ("optional", "tested")}


def plan_class(desk: Desk, key: str, typed: Mapping[str, Any], *, new: bool = False) -> PlannedClass:
    """Return what a class would become; see :func:`save_class`. ``new``: Refused when there is such a class."""
    school = desk.open_school()
    school.require(Act.MANAGE_CLASSES)
    return _planned(school, key, typed, new=new)


def _planned(school: OpenSchool, key: str, typed: Mapping[str, Any], *, new: bool = False) -> PlannedClass:
    document = school.document(CLASSES, key)
    if new and document:
        raise Refused(f"Đã có lớp {key}.", "Sửa lớp ấy, hoặc gõ tên khác.", "Chưa đổi gì.")
    if not document:
        require_name(key)
    before = ClassRoom.from_fields(key, document)
    after = replace(before, **_read(before, typed))
    if not after.grade:
        raise Refused(f"Lớp {key} chưa có khối.", "Ghi khối, từ 1 đến 5 (--grade).")
    if not document:
        return PlannedClass(before, after, new=True)
    opened = school.open_class(key)
    _require_grades_kept(opened, after)
    return PlannedClass(before, after, False, _dropped(opened, replace(after, year=school.settings.year)))


def save_class(
    desk: Desk, key: str, typed: Mapping[str, Any], reason: str = "", seen: ClassRoom | None = None
) -> ClassRoom:
    """Add or change a class and return it; the reason is kept in the journal.

    ``typed`` may hold ``grade`` (1 to 5), ``combined`` (further grades), ``code``, ``optional`` and
    ``tested`` (codes of optional subjects). Refused when a value is not valid, or when the class has
    pupils of a grade that would be removed. Results that the class would no longer have a place for are dropped by a
    head with a reason only: NotAllowed for others, Refused without a reason. Conflict when the class is no longer as it
    was ``seen``.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_CLASSES)
    planned, reason = _planned(school, key, typed), clean_line(reason)
    if seen is not None and described(seen) != described(planned.before):
        raise Conflict(f"Có người vừa sửa lớp {key}.", "Xem lại lớp ấy rồi làm lại.", "Chưa đổi gì.")
    if planned.dropped:
        school.require(Act.DROP_SUBJECT, planned.before)
        if not reason:
            raise Refused(
                f"Lớp {key} đã có kết quả ở {planned.dropped}; bỏ thì phải ghi lí do.",
                "Ghi lí do (--reason 'LÍ_DO'). Kết quả đã nhập không mất, nhưng không còn vào học bạ.",
                "Chưa đổi gì.",
            )
    names = set(typed)
    old = {name: value for name, value in school.document(CLASSES, key).items() if name in names}
    new = {k: list(v) if isinstance(v, tuple) else v for k, v in planned.after.to_fields().items() if k in names}
    edits = edits_for(CLASSES, key, old, new)
    if edits:
        school.shard.change(school.account, "save_class", edits, reason)
        school.store.shard(class_shard(school.settings.year, key))
    return planned.after


def require_name(key: str) -> None:
    """Raise Refused unless ``key`` may be the name of a class."""
    plain = clean_line(key)
    if not plain or plain != key or len(key) > _LONGEST or key.startswith(".") or any(ch in key for ch in _FORBIDDEN):
        raise Refused(f"Tên lớp “{key[:16]}” không dùng được.", f"Tối đa {_LONGEST} kí tự, ví dụ 5A.")


def _read(before: ClassRoom, typed: Mapping[str, Any]) -> dict[str, Any]:
    if other := set(typed) - set(_FIELDS):
        raise Refused(f"Lớp không có mục “{min(other)[:32]}” để sửa.", f"Các mục: {', '.join(_FIELDS)}.")
    changes = dict(typed)
    grade = int(changes.get("grade") or before.grade)
    combined = tuple(int(g) for g in changes.get("combined", before.combined))
    if any(g not in _GRADES for g in (grade or 1, *combined)) or grade in combined:
        raise Refused("Khối từ 1 đến 5; lớp ghép thì ghi các khối còn lại.", "Ví dụ khối 2, ghép 4 (--combined 4).")
    for name in ("optional", "tested"):
        codes: Sequence[str] = [str(code).upper() for code in changes.get(name, getattr(before, name))]
        unknown = [code for code in codes if code not in SUBJECTS or not SUBJECTS[code].optional_grades]
        if unknown:
            choices = ", ".join(code for code, subject in SUBJECTS.items() if subject.optional_grades)
            raise Refused(f"{unknown[0]} không phải môn tự chọn.", f"Môn tự chọn: {choices}.")
        if name in changes:
            changes[name] = tuple(dict.fromkeys(codes))
    if "combined" in changes:
        changes["combined"] = tuple(sorted(set(combined)))
    if "code" in changes:
        changes["code"] = clean_line(str(changes["code"]))
    return changes


def _dropped(opened: OpenClass, after: ClassRoom) -> str:
    """Return, for a person, the cells with results that ``after`` has no place for; empty when there are none."""
    gone: dict[str, None] = {}
    for pupil in opened.pupils(with_left=True):
        was, will_be = class_for(pupil, opened.classroom), class_for(pupil, after)
        for field in opened.document(RESULTS, pupil.key):
            cell = Cell.parse(field)
            if cell.item in SUBJECTS and no_such_cell(cell, will_be) and not no_such_cell(cell, was):
                gone[SUBJECTS[cell.item].name] = None
    return ", ".join(gone)


def _require_grades_kept(opened: OpenClass, after: ClassRoom) -> None:
    before = opened.classroom
    gone = set(before.grades) - set(after.grades)
    seated = {document.get("grade") or before.grade for document in opened.table(PUPILS).values()}
    if gone & seated:
        raise Refused(f"Lớp {before.key} đang có học sinh khối {min(gone & seated)}.", "Chuyển các em ấy trước.")
