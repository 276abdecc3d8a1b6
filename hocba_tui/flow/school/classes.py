"""Add and change the classes of the school year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import CLASSES, PUPILS, RESULTS, Desk, OpenClass
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


def save_class(desk: Desk, key: str, typed: Mapping[str, Any], reason: str = "") -> ClassRoom:
    """Add or change a class and return it; the reason is kept in the journal.

    ``typed`` may hold ``grade`` (1 to 5), ``combined`` (further grades), ``code``, ``optional`` and
    ``tested`` (codes of optional subjects). Refused when a value is not valid, or when the class has
    pupils of a grade that would be removed. Results that the class would no longer have a place for are dropped by a
    head with a reason only: NotAllowed for others, Refused without a reason.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_CLASSES)
    document = school.document(CLASSES, key)
    if not document:
        require_name(key)
    before = ClassRoom.from_fields(key, document)
    after = replace(before, **_read(before, typed))
    if not after.grade:
        raise Refused(f"Lớp {key} chưa có khối.", "Thêm --grade, từ 1 đến 5.")
    if document:
        opened, reason = school.open_class(key), clean_line(reason)
        _require_grades_kept(opened, after)
        if dropped := _dropped(opened, replace(after, year=school.settings.year)):
            school.require(Act.DROP_SUBJECT, before)
            if not reason:
                raise Refused(
                    f"Lớp {key} đã có kết quả ở {dropped}; bỏ thì phải ghi lí do.",
                    "Thêm --reason 'LÍ_DO'. Kết quả đã nhập không mất, nhưng không còn vào học bạ.",
                    "Chưa đổi gì.",
                )
    names = set(typed)
    old = {name: value for name, value in document.items() if name in names}
    new = {k: list(v) if isinstance(v, tuple) else v for k, v in after.to_fields().items() if k in names}
    edits = edits_for(CLASSES, key, old, new)
    if edits:
        school.shard.change(school.account, "save_class", edits, reason)
        school.store.shard(class_shard(school.settings.year, key))
    return after


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
        raise Refused("Khối từ 1 đến 5; lớp ghép thì ghi các khối còn lại.", "Ví dụ --grade 2 --combined 4.")
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
