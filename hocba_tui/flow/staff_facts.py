"""Read what is typed about a member of staff: the facts that the list of staff carries, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hocba_tui.errors import Refused
from hocba_tui.intake.aliases import SUBJECT_BY_WORD, plain
from hocba_tui.intake.dates import read_date
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Sex
from hocba_tui.model.school import Staff
from hocba_tui.rules.identity import personal_id_problem
from hocba_tui.text import clean_line, day_first, fold

LABELS = {
    "name": "Họ và tên", "title": "Chức vụ", "sex": "Giới tính", "birth": "Ngày sinh", "personal_id": "Số định danh",
    "email": "Email", "job": "Vị trí việc làm", "subjects": "Môn dạy",
}  # fmt: skip
"""What can be typed, in the order of a form. Roles and login are no facts: they may take two people."""
_LOGIN = re.compile(r"[a-z_][a-z0-9._-]{0,31}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SEXES = {"nam": Sex.MALE.value, "nu": Sex.FEMALE.value, "": ""}


def read_fact(name: str, typed: object) -> Any:  # noqa: ANN401
    """Return the value of a fact, or of ``system_user``, as the store keeps it; Refused when it is not one."""
    return _READERS[name](clean_line(str(typed)))


def _login(text: str) -> str:
    if text and not _LOGIN.fullmatch(text):
        raise Refused(
            f"Tên đăng nhập “{text[:32]}” không dùng được.",
            "Chữ thường không dấu, số, . _ -, bắt đầu bằng chữ, dài nhất 32; ví dụ gv.hoa.",
            "Chưa đổi gì.",
        )
    return text


def typed_facts(person: Staff) -> Mapping[str, str]:
    """Return the facts of a person as somebody would type them."""
    return {
        **{name: str(getattr(person, name)) for name in ("name", "title", "personal_id", "email", "job")},
        "sex": Sex(person.sex).label if person.sex in set(Sex) else "",
        "birth": day_first(person.birth),
        "subjects": subjects_in_words(person),
    }


def subjects_in_words(person: Staff) -> str:
    """Return the subjects that somebody teaches, as the list of staff says it."""
    return ", ".join(SUBJECTS[code].spoken if code in SUBJECTS else code for code in person.subjects)


def read_subjects(text: str) -> tuple[str, ...]:
    """Return the codes of subjects that are typed by code or by name, with commas or semicolons between them."""
    words = [word.strip() for word in re.split(r"[,;]", text) if word.strip()]
    if len(words) == 1 and plain(text) not in SUBJECT_BY_WORD:
        words = text.split()
    if unknown := next((word for word in words if plain(word) not in SUBJECT_BY_WORD), ""):
        known = ", ".join(f"{code} {subject.spoken}" for code, subject in SUBJECTS.items())
        raise Refused(f"Không có môn “{unknown[:30]}”.", f"Gõ mã hoặc tên, cách nhau bằng dấu phẩy: {known}.")
    return tuple(dict.fromkeys(SUBJECT_BY_WORD[plain(word)] for word in words))


def _sex(text: str) -> str:
    if fold(text) not in _SEXES:
        raise Refused(f"Giới tính “{text[:16]}” không phải Nam hoặc Nữ.")
    return _SEXES[fold(text)]


def _birth(text: str) -> str:
    day = None if text.isdigit() else read_date(text)
    if day is None:
        raise Refused(f"Ngày sinh “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 14/03/1985.")
    return day


def typed_personal_id(text: str) -> str:
    """Return a personal id as it is stored, empty when there is none; Refused when it cannot be one."""
    number = text.replace(" ", "").replace(".", "")
    if number and (problem := personal_id_problem(number)):
        raise Refused(problem)
    return number


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise Refused(f"Email “{text[:40]}” không đúng dạng.", "Ví dụ hoa.pham@truong.edu.vn; không có thì để trống.")
    return text.lower()


_READERS: Mapping[str, Callable[[str], Any]] = {
    "name": str, "title": str, "job": str, "sex": _sex, "birth": _birth, "personal_id": typed_personal_id,
    "email": _email, "subjects": read_subjects, "system_user": _login,
}  # fmt: skip
