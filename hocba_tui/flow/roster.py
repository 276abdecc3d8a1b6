"""Correct one pupil's facts: what the class list got wrong, exemptions, whether a pupil is assessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, Desk
from hocba_tui.flow.founding import index_edits
from hocba_tui.intake.dates import read_date
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.rules.identity import personal_id_problem
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit, Expect, edits_for
from hocba_tui.text import clean_line

EDITABLE = {
    "name": "Họ và tên",
    "birth": "Ngày sinh",
    "personal_id": "Số định danh",
    "ethnic": "Dân tộc",
    "birthplace": "Nơi sinh",
    "hometown": "Quê quán",
    "address": "Chỗ ở hiện nay",
    "father": "Họ tên cha",
    "mother": "Họ tên mẹ",
    "guardian": "Người giám hộ",
    "register_no": "Số đăng bộ",
    "exempt": "Miễn môn (mã)",
    "assessed": "Có đánh giá (x)",
}


def correct_pupil(desk: Desk, class_key: str, pupil_key: str, changes: Mapping[str, str]) -> Pupil:
    """Write corrected facts of a pupil in draft and return the pupil.

    ``changes`` maps names of :data:`EDITABLE` to typed text. Refused when a value cannot be, Conflict
    when somebody changed the pupil meanwhile.
    """
    classroom = desk.classroom(class_key)
    desk.require(Act.IMPORT_PUPILS, classroom)
    if set(changes) & _EXCUSES:
        desk.require(Act.EXCUSE, classroom)
    shard = desk.class_shard(class_key)
    if not shard.document(PUPILS, pupil_key):
        raise Refused(f"Lớp {class_key} không có học sinh này.")
    before = Pupil.from_fields(pupil_key, shard.document(PUPILS, pupil_key))
    record = Record.from_fields(pupil_key, shard.document(RECORDS, pupil_key))
    if not record.editable:
        raise Refused(f"Học bạ của {before.name} {record.state.label}; không sửa được nữa.")
    after = replace(before, **_read(changes))
    if not after.assessed and not after.disability:
        raise Refused("Chỉ học sinh khuyết tật mới có thể không đánh giá; em này không ghi khuyết tật.")
    taken = {doc.get("personal_id"): key for key, doc in desk.school_shard.table(INDEX).items()}
    if after.personal_id and taken.get(after.personal_id, pupil_key) != pupil_key:
        raise Refused("Số định danh này đang thuộc về một em khác của trường.", "Đối chiếu giấy khai sinh của hai em.")
    edits = edits_for(PUPILS, pupil_key, before.to_fields(), after.to_fields())
    if edits:
        steps: dict[str, list[Edit]] = {shard.name: edits}
        locked = {shard.name: [Expect(RECORDS, pupil_key, dict(shard.document(RECORDS, pupil_key)))]}
        indexed = index_edits(desk.school_shard.document(INDEX, pupil_key), after, class_key)
        if indexed:
            steps[SCHOOL] = indexed
        desk.store.across(desk.actor.key, "correct_pupil", steps, expecting=locked)
    return after


_EXCUSES = {"exempt", "assessed"}
"""Facts that change what a pupil is assessed in, and so the result: not the administrator's."""


def _birth(text: str) -> str:
    """Return a birth date as ISO; also a month or a year alone, as some birth certificates have it."""
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text):
        return text
    if month := re.fullmatch(r"(0?[1-9]|1[0-2])/(\d{4})", text):
        return f"{month.group(2)}-{int(month.group(1)):02d}"
    day = read_date(text)
    if day is None:
        raise Refused(f"Ngày sinh “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 14/03/2015.")
    return day


def _read(changes: Mapping[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, typed in changes.items():
        text = clean_line(typed)
        if name not in EDITABLE:
            raise Refused(f"Không sửa được mục “{name}” ở đây.")
        if name == "personal_id":
            text = text.replace(" ", "").replace(".", "")
            if text and (problem := personal_id_problem(text)):
                raise Refused(problem)
        if name == "name" and not text:
            raise Refused("Họ tên không được để trống.")
        if name == "birth":
            text = _birth(text)
        if name == "exempt":
            text = " ".join(text.upper().replace(",", " ").split())
            unknown = [code for code in text.split() if code not in SUBJECTS]
            if unknown:
                raise Refused(f"Không có môn mã {unknown[0]}.", "Mã môn: " + ", ".join(SUBJECTS))
        read[name] = text.lower() in ("x", "có", "1") if name == "assessed" else text
    return read
