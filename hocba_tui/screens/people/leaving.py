"""Let somebody leave the school and come back, switch an account off and on: asked on the person's card."""

from __future__ import annotations

from hocba_tui.flow.people.leaving import Move, look_at_move, move
from hocba_tui.flow.proposals import roles_in_words
from hocba_tui.model.school import Staff
from hocba_tui.screens.people.planned import Plan, PlannedPage
from hocba_tui.text import day_first


def ask_leaving(page: PlannedPage, seen: Staff) -> None:
    """Ask from which day somebody has left the school."""
    desk = page.desk

    def plan(typed: dict[str, str]) -> Plan:
        found = look_at_move(desk, seen.key, Move.LEAVE, typed["day"], seen)
        where = ", ".join(found.classes)
        classes = f" Còn được phân công ở lớp {where}: giao người khác ở Phân công." if where else ""
        detail = f"Từ ngày {day_first(found.after.left)} tài khoản không làm được gì nữa; việc đã làm vẫn ghi tên."

        def act() -> str:
            move(desk, seen.key, Move.LEAVE, typed["day"], seen)
            return f"{seen.name} đã rời trường, tài khoản đã khóa.{classes}"

        return Plan(f"{seen.name} rời trường?", detail + classes, "ghi rời trường", act)

    page.ask(f"Rời trường: {seen.name}", {"day": ("Từ ngày", f"{desk.clock.today():%d/%m/%Y}")}, plan)


def ask_return(page: PlannedPage, seen: Staff) -> None:
    """Ask whether somebody is back."""

    def make() -> Plan:
        found = look_at_move(page.desk, seen.key, Move.RETURN, "", seen)
        lost = f" Không còn quyền {', '.join(found.lost)}: cấp lại sau, hai người." if found.lost else ""
        detail = f"Tài khoản mở lại, quyền: {roles_in_words(found.after)}.{lost}"

        def act() -> str:
            move(page.desk, seen.key, Move.RETURN, "", seen)
            return f"{seen.name} đã trở lại, tài khoản đã mở.{lost}"

        return Plan(f"{seen.name} trở lại trường?", detail, "mở lại", act)

    page.carry_out(make)


def ask_off(page: PlannedPage, seen: Staff) -> None:
    """Ask why an account is switched off."""

    def plan(typed: dict[str, str]) -> Plan:
        found = look_at_move(page.desk, seen.key, Move.OFF, typed["reason"], seen)
        detail = f"Lí do: {found.after.why_closed}. Từ lúc này tài khoản không làm được gì, phân công vẫn giữ."

        def act() -> str:
            move(page.desk, seen.key, Move.OFF, typed["reason"], seen)
            return f"Đã khóa tài khoản của {seen.name}: {found.after.why_closed}."

        return Plan(f"Tạm khóa tài khoản của {seen.name}?", detail, "khóa", act)

    page.ask(f"Tạm khóa: {seen.name}", {"reason": ("Lí do (được lưu lại)", "")}, plan)


def ask_on(page: PlannedPage, seen: Staff) -> None:
    """Ask whether an account is switched on again."""

    def make() -> Plan:
        found = look_at_move(page.desk, seen.key, Move.ON, "", seen)

        def act() -> str:
            move(page.desk, seen.key, Move.ON, "", seen)
            return f"Đã mở lại tài khoản của {seen.name}."

        detail = f"Khóa từ ngày {day_first(seen.closed)}: {seen.why_closed}. Quyền: {roles_in_words(found.after)}."
        return Plan(f"Mở lại tài khoản của {seen.name}?", detail, "mở lại", act)

    page.carry_out(make)
