"""Tick the roles of an account."""

from __future__ import annotations

from collections.abc import Callable, Collection

from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY
from hocba_tui.rules.second_person import TRUSTED
from hocba_tui.screens.page import Page
from hocba_tui.screens.people.ticks import Ticks

_NOTE = "Có dấu *: cần người thứ hai xác nhận. Quản trị không nhập, không nộp kết quả nào."


def ask_roles(page: Page, title: str, held: Collection[str], chosen: Callable[[tuple[str, ...]], None]) -> None:
    """Ask for roles; call ``chosen`` with them unless the person gives up.

    A role by duty, which a store from before may hold as one of them, stays as it is.
    """
    given = [role for role in Role if role not in BY_DUTY]
    kept = tuple(role for role in held if Role(role) in BY_DUTY)
    options = [(role.value, f"{role.label}{' *' if role in TRUSTED else ''}") for role in given]

    def answered(roles: tuple[str, ...] | None) -> None:
        if roles is not None:
            chosen((*roles, *kept))

    page.app.push_screen(Ticks(title, options, held, _NOTE), answered)
