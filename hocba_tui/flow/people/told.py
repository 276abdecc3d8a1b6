"""What is said of a change of an account, by a command as on a screen."""

from __future__ import annotations

from collections.abc import Mapping

from hocba_tui.errors import Refused
from hocba_tui.flow.opening import login_exists
from hocba_tui.flow.proposals import roles_in_words
from hocba_tui.flow.school.accounts import WORDS, Saved
from hocba_tui.flow.school.duties import TypedDuty
from hocba_tui.flow.staff_facts import read_subjects, subjects_in_words, typed_facts
from hocba_tui.model.school import Staff
from hocba_tui.rules.second_person import DAYS


def waits_in_words(saved: Saved) -> str:
    """Return which part of a change waits for a second person; empty when nothing does."""
    what = ", ".join(WORDS[name].lower() for name in saved.waiting)
    return f"{what} CHƯA đổi, chờ người thứ hai trong {DAYS} ngày" if what else ""


def login_to_make(typed: Mapping[str, object]) -> str:
    """Return what has to be done on this machine before a login that was typed opens anything; else empty."""
    login = str(typed.get("system_user") or "")
    if not login or login_exists(login):
        return ""
    return f"Máy này chưa có tên đăng nhập {login}; tạo người dùng ấy thì mới vào được."


def change_in_words(before: Staff, after: Staff) -> str:
    """Return what is different in an account, each field as it was and as it will be."""
    said = []
    for name, label in WORDS.items():
        if getattr(before, name) != getattr(after, name):
            said.append(f"{label}: {_value(before, name) or 'trống'} → {_value(after, name) or 'trống'}")
    return "; ".join(said)


def _value(person: Staff, name: str) -> str:
    if name == "roles":
        return roles_in_words(person)
    if name == "subjects":
        return subjects_in_words(person)
    return person.system_user if name == "system_user" else typed_facts(person)[name]


def typed_duty(role: str, typed: Mapping[str, str]) -> TypedDuty:
    """Return a duty as it is typed into a form: grades as "4 5", subjects by code or name."""
    grades = typed.get("grades", "").replace(",", " ").split()
    if wrong := next((word for word in grades if not (word.isascii() and word.isdigit())), ""):
        raise Refused(f"Khối “{wrong[:16]}” không phải một số.", "Gõ ví dụ: 4 5.")
    subjects = read_subjects(typed.get("subjects", ""))
    return TypedDuty(role, typed["since"], typed["until"], typed["decision"], tuple(map(int, grades)), subjects)
