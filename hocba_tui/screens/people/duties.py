"""Give and end what a decision gives for a time: the head of a subject group, the working group."""

from __future__ import annotations

from hocba_tui.flow.people.told import typed_duty
from hocba_tui.flow.school.duties import (
    duties_in_words,
    duty_in_words,
    end_duty,
    give_duty,
    look_at_duty,
    look_at_end,
)
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY
from hocba_tui.screens.dialogs import Choose
from hocba_tui.screens.people.planned import Plan, PlannedPage

_END = "31/08"
"""Until when a duty usually is: the last day of the school year, with the assessments of the summer."""


def ask_duty(page: PlannedPage, seen: Staff) -> None:
    """Ask which duty, from when to when and by which decision; give it after a yes."""
    desk = page.desk
    options = [(role.value, role.label) for role in Role if role in BY_DUTY]

    def chosen(role: str | None) -> None:
        if role is None:
            return
        fields = {
            "since": ("Từ ngày", f"{desk.clock.today():%d/%m/%Y}"),
            "until": ("Đến hết ngày", f"{_END}/{desk.school.year[5:]}"),
            "decision": ("Số quyết định", ""),
        }
        note = "Ngày gõ 5/9 hay 05/09/2025; quyết định: số và ngày, ví dụ 12/QĐ-TH ngày 05/09/2025."
        if role == Role.GROUP_HEAD:
            fields |= {"grades": ("Các khối của tổ", ""), "subjects": ("Các môn của tổ", "")}
            note += " Tổ theo khối: 4 5; theo môn: Tiếng Anh; ghi cả hai thì môn ấy ở khối ấy."
        page.ask(f"Giao việc {Role(role).label.lower()}: {seen.name}", fields, lambda typed: plan(role, typed), note)

    def plan(role: str, typed: dict[str, str]) -> Plan:
        duty = typed_duty(role, typed)
        words = duty_in_words(look_at_duty(desk, seen.key, duty, seen))

        def act() -> str:
            return f"Đã giao cho {seen.name}: {duty_in_words(give_duty(desk, seen.key, duty, seen))}."

        return Plan(f"Giao cho {seen.name}?", f"{words}. Thôi giao trước hạn lúc nào cũng được.", "giao", act)

    page.app.push_screen(Choose(f"Giao việc gì cho {seen.name}", options), chosen)


def ask_end(page: PlannedPage, seen: Staff) -> None:
    """Ask which of the duties ends, and with which day; end it after a yes."""
    desk = page.desk
    held = {post.role for post in seen.duties} | {role for role in seen.roles if Role(role) in BY_DUTY}
    options = [(role.value, role.label) for role in Role if role.value in held]

    def chosen(role: str | None) -> None:
        if role is not None:
            title = f"Thôi giao {Role(role).label.lower()}: {seen.name}"
            page.ask(title, {"last": ("Ngày cuối", "")}, lambda typed: plan(role, typed), "Để trống: thôi từ hôm nay.")

    def plan(role: str, typed: dict[str, str]) -> Plan:
        kept = look_at_end(desk, seen.key, role, typed["last"], seen)
        left = "; ".join(map(duty_in_words, kept)) or "không còn việc nào"

        def act() -> str:
            after = end_duty(desk, seen.key, role, typed["last"], seen)
            return f"Đã thôi giao. {seen.name}: {'; '.join(duties_in_words(after)) or 'không còn việc nào'}."

        return Plan(f"Thôi giao {Role(role).label.lower()}?", f"{seen.name} sau đó: {left}.", "thôi giao", act)

    if options:
        page.app.push_screen(Choose(f"Thôi giao việc nào của {seen.name}", options), chosen)
    else:
        page.note(f"{seen.name} không được giao việc nào theo quyết định.")
