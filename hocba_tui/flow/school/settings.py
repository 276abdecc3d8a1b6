"""The settings of the school: what each may be, and changing them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import profile_names
from hocba_tui.flow.desk import Desk
from hocba_tui.log.keeping import changed
from hocba_tui.model.school import School
from hocba_tui.rules.identity import is_school_code
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit, Entry, edits_for
from hocba_tui.sync.address import parts_of, portal_problem
from hocba_tui.text import clean_line, day_first, fold

LABELS = {
    "name": "Tên trường",
    "code": "Mã trường",
    "department": "Sở Giáo dục và Đào tạo",
    "department_code": "Mã sở",
    "commune": "Xã, phường",
    "commune_code": "Mã xã",
    "district": "Huyện (chỉ cho định dạng cũ)",
    "province": "Tỉnh, thành phố",
    "province_code": "Mã tỉnh",
    "address": "Địa chỉ",
    "year": "Năm học",
    "deadline_completed": "Bộ nhận học bạ trước ngày",
    "deadline_others": "Bộ nhận học bạ các em còn lại trước ngày",
    "portal": "Địa chỉ cổng tiếp nhận (https)",
    "profile": "Định dạng học bạ",
    "xades": "Chữ ký kèm thuộc tính XAdES (có, không)",
    "timestamps": "Nơi cấp dấu thời gian (địa chỉ http, https; trống là không dùng)",
    "idle_minutes": "Số phút không bấm phím thì phiên đóng",
    "idle_admin": "Số phút ấy đối với quản trị",
    "trusted_by_key": "Ban giám hiệu, văn thư, quản trị vào bằng khóa của tài khoản máy chung (có, không)",
}
"""Each setting with its label; lengths and forms are those of the national dictionary."""

_LENGTHS = {"code": 20, "department_code": 2, "commune_code": 5, "province_code": 2}
_LONGEST = 250
REQUIRED = ("name", "code", "department", "department_code", "commune", "province", "year")
_MINUTES = ("idle_minutes", "idle_admin")
_SWITCHES = ("xades", "trusted_by_key")
_LONGEST_IDLE = 240
_ACTS = ("set_school", "undo_school")
_YES_NO = {"co": True, "true": True, "khong": False, "false": False, "": False}
_YEAR = re.compile(r"(20\d\d)-(20\d\d)")


def change_settings(desk: Desk, typed: Mapping[str, str]) -> School:
    """Change settings of the school and return it; when its code changes, the former one is kept.

    Records that are already frozen do not change. Refused when a value is not valid; NotAllowed for who may not set
    it: only a head lets the trusted roles in by a key.
    """
    school = desk.open_school()
    school.require(Act.SET_SCHOOL)
    document, before = school.document(SCHOOL, SCHOOL), school.settings
    after = replace(before, **read_settings(typed))
    require_possible(after)
    if after.trusted_by_key != before.trusted_by_key:
        school.require(Act.ADMIT_BY_KEY)
    if after.portal != before.portal:
        require_portal(after)
    empty = [LABELS[name] for name in REQUIRED if not getattr(after, name)]
    if empty:
        raise Refused(f"{empty[0]} không được để trống.")
    if after.code != before.code and before.code:
        after = replace(after, former_codes=(*before.former_codes, before.code))
    if after.year != before.year:
        raise Refused("Sang năm học mới là một việc khác, không phải sửa một ô.", "Năm học hiện nay giữ nguyên.")
    names = {*typed, "former_codes"}
    old = {name: value for name, value in document.items() if name in names}
    new = {name: value for name, value in after.to_fields().items() if name in names}
    edits = edits_for(SCHOOL, SCHOOL, old, {k: list(v) if isinstance(v, tuple) else v for k, v in new.items()})
    if edits:
        school.shard.change(desk.account, "set_school", edits)
    if after.trusted_by_key != before.trusted_by_key:
        changed("trusted_by_key", "on" if after.trusted_by_key else "off")
    return after


def choices(name: str) -> tuple[str, ...]:
    """Return the values of which a setting has one; none where it is typed."""
    return ("có", "không") if name in _SWITCHES else tuple(profile_names()) if name == "profile" else ()


def said(school: School, name: str) -> str:
    """Return the value of a setting as a person says it."""
    value = getattr(school, name)
    if isinstance(value, bool):
        return "có" if value else "không"
    return day_first(value) if name.startswith("deadline") else str(value)


def last_change(desk: Desk, name: str) -> Entry | None:
    """Return the last change of a setting since the school was founded, None when there is none."""
    desk.require(Act.SET_SCHOOL)
    entries = desk.school_shard.history(SCHOOL, SCHOOL, name)
    return next((entry for entry in reversed(list(entries)) if entry.act in _ACTS), None)


def undo_setting(desk: Desk, name: str) -> School:
    """Take back the last change of a setting, with what was changed together with it, and return the school.

    It is a change like any other: undone again, it is redone. Refused when nothing was changed, or somebody has gone on
    from there; NotAllowed for whom may not set it.
    """
    school = desk.open_school()
    school.require(Act.SET_SCHOOL)
    entry = last_change(desk, name)
    if entry is None:
        raise Refused(f"{LABELS[name]}: chưa ai sửa từ khi lập trường.", "", "Chưa đổi gì.")
    document = dict(school.document(SCHOOL, SCHOOL))
    fields = {edit.field for edit in entry.edits}
    if "trusted_by_key" in fields:
        school.require(Act.ADMIT_BY_KEY)
    for edit in entry.edits:
        if document.get(edit.field) != edit.after:
            raise Refused(
                f"{LABELS.get(edit.field, edit.field)} đã được sửa tiếp từ lúc ấy.",
                "Gõ lại giá trị muốn có.",
                "Chưa đổi gì.",
            )
        document[edit.field] = edit.before
    after = School.from_fields(SCHOOL, document)
    require_possible(after)
    if "portal" in fields:
        require_portal(after)
    edits = [Edit(edit.table, edit.key, edit.field, edit.after, edit.before) for edit in entry.edits]
    school.shard.change(desk.account, "undo_school", edits)
    if "trusted_by_key" in fields:
        changed("trusted_by_key", "on" if after.trusted_by_key else "off")
    return after


def require_possible(school: School) -> None:
    """Raise Refused when settings contradict each other."""
    if school.timestamps and not school.xades:
        raise Refused(
            "Dấu thời gian nằm trong thuộc tính XAdES, mà trường không dùng XAdES.",
            "Đặt cả hai: xades=có timestamps=ĐỊA_CHỈ; hoặc bỏ cả hai: xades=không timestamps=",
        )


def require_portal(school: School) -> None:
    """Raise Refused when records may not be sent to the portal's address."""
    problem = portal_problem(school.portal, training=school.training) if school.portal else ""
    if problem:
        raise Refused(
            f"{LABELS['portal']}: “{school.portal}” {problem}.", "Ví dụ https://hocba.example.edu.vn; trống là chưa có."
        )


def read_settings(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were typed as they are kept; Refused when one is not valid."""
    read: dict[str, Any] = {}
    for name, value in typed.items():
        if name not in LABELS:
            raise Refused(f"Trường không có mục “{name}”.", "Các mục: " + ", ".join(LABELS))
        text = clean_line(str(value))
        if len(text) > _LENGTHS.get(name, _LONGEST):
            raise Refused(f"{LABELS[name]} dài quá {_LENGTHS.get(name, _LONGEST)} kí tự.")
        read[name] = _minutes(name, text) if name in _MINUTES else _yes_no(name, text) if name in _SWITCHES else text
        if name.startswith("deadline") and text:
            read[name] = _day(name, text)
        if name == "code" and text and not is_school_code(text):
            raise Refused(f"{LABELS[name]}: “{text}” không đúng dạng.", "Chỉ gồm chữ không dấu và số, ví dụ 37001001.")
        if name == "profile" and text not in profile_names():
            raise Refused(f"Không có định dạng “{text}”.", "Các định dạng: " + ", ".join(profile_names()))
        if name == "timestamps" and text and (parts_of(text) is None):
            raise Refused(f"{LABELS[name]}: “{text}” không dùng được.", "Ví dụ http://tsa.example; không kèm mật khẩu.")
        match = _YEAR.fullmatch(text) if name == "year" else None
        if name == "year" and (match is None or int(match[2]) != int(match[1]) + 1):
            raise Refused(f"Năm học “{text}” phải là hai năm liền nhau, ví dụ 2025-2026.")
    return read


def _yes_no(name: str, text: str) -> bool:
    if fold(text) not in _YES_NO:
        raise Refused(f"{LABELS[name]}: “{text}” phải là có hoặc không.")
    return _YES_NO[fold(text)]


def _minutes(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LONGEST_IDLE):
        raise Refused(f"{LABELS[name]}: “{text}” phải là số phút từ 1 đến {_LONGEST_IDLE}.")
    return int(text)


def _day(name: str, text: str) -> str:
    day = re.sub(r"(\d{1,2})/(\d{1,2})/(\d{4})", lambda m: f"{m[3]}-{int(m[2]):02d}-{int(m[1]):02d}", text)
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise Refused(f"{LABELS[name]}: “{text}” không phải là ngày.", "Ví dụ 25/06/2026.") from error
