"""Ask the machine for something for somebody's login: it is done by root's part of the program, not here."""

from __future__ import annotations

from hocba_tui.flow.requested import Kind, needs_second
from hocba_tui.flow.school.login_requests import ask
from hocba_tui.model.school import Staff
from hocba_tui.screens.dialogs import Choose
from hocba_tui.screens.people.planned import Plan, PlannedPage

_ASKED = (Kind.LOGIN, Kind.PASSWORD, Kind.CODE, Kind.UNLOCK)


def ask_machine(page: PlannedPage, seen: Staff) -> None:
    """Choose what to ask for; ask for it after a yes."""
    options = [(kind.value, kind.label[0].upper() + kind.label[1:]) for kind in _ASKED]

    def chosen(kind: str | None) -> None:
        if kind is not None:
            page.carry_out(lambda: _plan(page, seen, Kind(kind)))

    page.app.push_screen(Choose(f"Nhờ máy chủ làm gì cho {seen.name}", options), chosen)


def _plan(page: PlannedPage, seen: Staff, kind: Kind) -> Plan:
    login = seen.system_user or f"chưa có, sẽ lấy {seen.key}"
    detail = f"{seen.name}, đăng nhập: {login}. Máy chủ làm trong vài phút; người ấy được báo ở lần vào sau."
    if needs_second(seen, kind):
        detail += " Tài khoản này giữ quyền cần hai người: chờ người thứ hai xác nhận rồi mới làm."
    if kind in (Kind.LOGIN, Kind.PASSWORD, Kind.CODE):
        detail += " Phiếu do người trông máy in, trao tận tay."

    def act() -> str:
        done = ask(page.desk, seen.key, kind)
        if done.request is None:
            return f"Tên đăng nhập của {seen.name} chờ người thứ hai xác nhận; xong thì nhờ lại."
        waits = " Chờ người thứ hai xác nhận." if done.request.waiting else " Máy chủ làm trong vài phút."
        return f"Đã nhờ: {done.request.words}.{waits}"

    return Plan(f"Nhờ máy chủ {kind.label}?", detail, "nhờ", act)
