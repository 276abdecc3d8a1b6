"""The file that says what a new school is: read it, and found the school."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hocba_tui.errors import Refused, system_reason
from hocba_tui.flow.desk import WITHOUT_STAMPS
from hocba_tui.flow.founding.class_line import classrooms_of
from hocba_tui.flow.school.accounts import read_account
from hocba_tui.flow.school.founding import ClassYear, found_school
from hocba_tui.flow.school.recovering import somebody_can_enter
from hocba_tui.flow.school.settings import LABELS, REQUIRED, read_settings, require_portal, require_possible
from hocba_tui.model.school import ClassRoom, School, Staff
from hocba_tui.model.values import Role
from hocba_tui.store.backend import SCHOOL

_MAX_BYTES = 1_000_000
_SAMPLE = "Lấy tệp mẫu: hocba school sample."
_CLASSES = ("names", "english")


@dataclass(frozen=True)
class Founding:
    """What a settings file says."""

    school: School
    staff: tuple[Staff, ...]
    rooms: tuple[ClassRoom, ...]


def found_from_file(path: Path, root: Path) -> School:
    """Found a school from a settings file as :func:`found_from` does; Refused when it cannot be read, too."""
    try:
        if not path.is_file():  # Opening a pipe would wait for ever.
            raise Refused(f"{path.name} không phải là tệp." if path.exists() else f"Không có tệp {path.name}.")
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"Không đọc được {path.name}: {system_reason(error)}.") from error
    return found_from(path.name, data, root)


def found_from(name: str, data: bytes, root: Path) -> School:
    """Found a school in ``root`` (empty or absent) from what a settings file of this name holds, and return it.

    Refused as by :func:`founding_in`.
    """
    found = founding_in(name, data)
    found_school(root, found.school, found.staff, [ClassYear(room, (), {}) for room in found.rooms])
    return found.school


def founding_in(name: str, data: bytes) -> Founding:
    """Return what a settings file of this name says; see ``hocba school sample``.

    Refused when it lacks something, when two accounts in it have one login, or when none may manage the school.
    """
    found = tables_in(name, data)
    school = School(SCHOOL, **read_settings(found.get("school", {})))
    require_possible(school)
    require_portal(school)
    for field in REQUIRED:
        if not getattr(school, field):
            raise Refused(f"{name} chưa ghi {LABELS[field].lower()} ({field}).")
    staff = [read_account(key, Staff(key), facts) for key, facts in found.get("accounts", {}).items()]
    logins = Counter(person.system_user for person in staff if person.system_user)
    for login, count in logins.items():
        if count > 1:  # Neither of them could open the store.
            raise Refused(f"Tên đăng nhập {login} gắn với {count} tài khoản.", "Mỗi người một tên đăng nhập.")
    if not any(person.has(Role.PRINCIPAL, Role.ADMINISTRATOR) and person.system_user for person in staff):
        raise Refused(
            "Chưa có ai quản lí được trường: cần hiệu trưởng hoặc quản trị có tên đăng nhập máy chủ.",
            "Thêm vào mục [accounts.…] dòng roles và system_user.",
        )
    return Founding(school, tuple(staff), _rooms(name, found.get("classes", {})))


def _rooms(name: str, table: Mapping[str, Any]) -> tuple[ClassRoom, ...]:
    if other := set(table) - set(_CLASSES):
        raise Refused(f"{name}: mục [classes] không có “{min(other)[:32]}”.", f"Các mục: {', '.join(_CLASSES)}.")
    names, english = (str(table.get(field, "")) for field in _CLASSES)
    return classrooms_of(names, english)


def tables_in(name: str, data: bytes) -> dict[str, Any]:
    """Return what a founding file says, its tables and the accounts' certainly as tables."""
    if len(data) > _MAX_BYTES:
        raise Refused(f"{name} lớn bất thường; có lẽ chọn nhầm tệp.", _SAMPLE)
    try:
        found = tomllib.loads(data.decode("utf-8"))
        repr(found)  # A number in hexadecimal of thousands of digits cannot be written as a text.
    except (ValueError, RecursionError) as error:
        raise Refused(f"{name} không đúng dạng: {error}.", _SAMPLE) from error
    accounts = found.get("accounts", {})
    for named, table in [*found.items(), *(accounts.items() if isinstance(accounts, dict) else ())]:
        if not isinstance(table, dict):
            raise Refused(f"{name}: “{named}” phải là một mục có dấu ngoặc vuông.", _SAMPLE)
    return found


def said_when_founded(school: School, root: Path) -> tuple[str, ...]:
    """Return what is said when a school has been founded: where it is, whether somebody can enter, what comes next."""
    lines = [f"Đã lập {school.name}, năm học {school.year}, ở {root}."]
    if not somebody_can_enter(root):
        lines += [
            "Chưa ai vào được: máy này chưa có tên đăng nhập nào trong tệp. Tạo người dùng ấy trên máy,",
            "hoặc gắn tên khác: hocba account recover TÀI_KHOẢN --system-user TÊN --decision SỐ.",
        ]
    if not school.timestamps:
        lines.append(WITHOUT_STAMPS)
    return tuple(lines)
