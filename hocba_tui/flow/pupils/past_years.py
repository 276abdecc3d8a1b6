"""Edit QUÁ TRÌNH HỌC TẬP: the rows of earlier years, including those copied from a paper record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, Desk, OpenClass
from hocba_tui.intake.dates import read_date
from hocba_tui.model.pupil import Pupil, SchoolYearRow
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import edits_for
from hocba_tui.text import clean_line, day_first

LABELS = {
    "year": "Năm học",
    "class_name": "Lớp",
    "school": "Trường",
    "province": "Tỉnh, thành phố",
    "arrived": "Ngày vào trường",
    "extract": "Trích lục học bạ giấy",
}
"""Labels of the fields of one row."""

_LENGTHS = {"class_name": 100, "school": 250, "province": 150, "extract": 150}
_YEAR = re.compile(r"(20\d\d)\s*[-–]\s*(20\d\d)")


def typed_row(row: SchoolYearRow | None) -> dict[str, str]:
    """Return a row as it would be typed; empty texts for a new one."""
    if row is None:
        return dict.fromkeys(LABELS, "")
    return {name: day_first(row.arrived) if name == "arrived" else getattr(row, name) for name in LABELS}


def write_year(desk: Desk, class_key: str, pupil: Pupil, old: SchoolYearRow | None, typed: Mapping[str, str]) -> Pupil:
    """Replace the row ``old`` (None: add a row), keep the order of the years, and return the pupil.

    ``pupil`` is as the actor saw it. Refused when a field is not possible, CellConflict when somebody changed the
    rows in the meantime.
    """
    opened, row = desk.open_class(class_key, Act.IMPORT_PUPILS), _read(typed)
    if row.year > opened.classroom.year:
        raise Refused(f"Năm học {row.year} chưa tới.", f"Năm học hiện nay là {opened.classroom.year}.")
    rest = [kept for kept in pupil.history if kept != old]
    if row in rest:
        raise Refused("Dòng này đã có trong quá trình học tập.")
    return _write(opened, pupil, tuple(sorted([*rest, row], key=lambda r: (r.year, r.arrived))))


def remove_year(desk: Desk, class_key: str, pupil: Pupil, row: SchoolYearRow) -> Pupil:
    """Remove a row and return the pupil; Refused for the row of the present year."""
    opened = desk.open_class(class_key, Act.IMPORT_PUPILS)
    if row.year == opened.classroom.year:
        raise Refused("Dòng của năm học này không xóa được; sửa nếu sai.")
    return _write(opened, pupil, tuple(kept for kept in pupil.history if kept != row))


def _read(typed: Mapping[str, str]) -> SchoolYearRow:
    texts = {name: clean_line(typed.get(name, "")) for name in LABELS}
    match = _YEAR.fullmatch(texts["year"])
    if not match or int(match.group(2)) != int(match.group(1)) + 1:
        raise Refused(f"Năm học “{texts['year'][:16]}” không đọc được.", "Gõ hai năm liền nhau, ví dụ 2024-2025.")
    for name, label in (("class_name", "lớp"), ("school", "trường")):
        if not texts[name]:
            raise Refused(f"Chưa ghi {label} của năm học ấy.")
    for name, limit in _LENGTHS.items():
        if len(texts[name]) > limit:
            raise Refused(f"{LABELS[name]} dài {len(texts[name])} kí tự, tối đa {limit}.")
    arrived = read_date(texts["arrived"])
    if not arrived:
        raise Refused(f"Ngày vào trường “{texts['arrived'][:16]}” không đọc được.", "Ví dụ 05/09/2024.")
    return SchoolYearRow(**{**texts, "year": "-".join(match.groups()), "arrived": arrived})


def _write(opened: OpenClass, pupil: Pupil, history: tuple[SchoolYearRow, ...]) -> Pupil:
    record = opened.record(pupil.key)
    if not record.editable:
        raise Refused(f"Học bạ của {pupil.name} {record.state.label}; không sửa được nữa.")
    after = replace(pupil, history=history)
    edits = edits_for(PUPILS, pupil.key, pupil.to_fields(), after.to_fields())
    if edits:
        rests = opened.as_read(pupil.key, RECORDS)
        opened.shard.change(opened.school.account, "past_years", edits, expecting=rests)
    return after
