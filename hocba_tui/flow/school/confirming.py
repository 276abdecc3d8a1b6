"""The second person of a proposed role or login: confirm it, or withdraw it."""

from __future__ import annotations

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import PROPOSALS, STAFF, Desk, OpenSchool
from hocba_tui.flow.proposals import Proposal, all_proposals
from hocba_tui.flow.school.accounts import change_of, require_possible
from hocba_tui.model.school import Staff
from hocba_tui.rules.second_person import DAYS, GUARDED
from hocba_tui.store.backend import Expect, edits_for
from hocba_tui.text import day_first


def confirm(desk: Desk, key: str, seen: Proposal | None = None) -> Staff:
    """Confirm as the second person what is proposed for the account ``key``, and return the account.

    With ``seen`` only that, as the person was shown it. NotAllowed when the actor may not
    (:func:`second_person.may_confirm`), Refused when nothing is proposed or the change is no longer possible, Conflict
    when another change is proposed by now, or the account is not as it was when this one was.
    """
    school = desk.open_school()
    found = _one(school, key)
    if not found.confirming.allowed:
        raise NotAllowed(f"Tài khoản {school.account} không xác nhận được đề nghị này.", found.confirming.reason)
    if seen is not None and (found.words, found.by.key, found.day) != (seen.words, seen.by.key, seen.day):
        raise Conflict(
            f"Đề nghị đang chờ cho tài khoản {key} không còn là đề nghị bạn vừa xem: {found.words}.",
            "Xem lại rồi xác nhận.",
            "Chưa đổi gì.",
        )
    if found.before.left:
        raise Refused(
            f"{found.before.name} đã rời trường ngày {day_first(found.before.left)}; không cấp quyền được.",
            "Bỏ đề nghị này; người ấy trở lại thì đề nghị lại.",
            "Chưa đổi gì.",
        )
    proposal = dict(school.document(PROPOSALS, key))
    now = school.document(STAFF, key)
    if any((now.get(name) or None) != (proposal.get(f"{name}_before") or None) for name in GUARDED):
        raise Conflict(
            f"Tài khoản {key} đã thay đổi từ lúc có đề nghị.", "Bỏ đề nghị này rồi đề nghị lại.", "Chưa đổi gì."
        )
    expecting = [
        *require_possible(school, found.after),
        Expect(PROPOSALS, key, proposal),
        *(Expect(STAFF, who, dict(school.document(STAFF, who))) for who in {key, found.by.key, school.account}),
    ]
    edits = [*change_of(now, found.after, found.fields), *edits_for(PROPOSALS, key, proposal, {})]
    note = f"{found.by.name} ({found.by.key}) đề nghị ngày {day_first(found.day)}"
    school.shard.change(school.account, "confirm_account", edits, note, expecting)
    return found.after


def withdraw(desk: Desk, key: str) -> Proposal:
    """Withdraw what is proposed for the account ``key``: who proposed it, whose account it is, or a head may."""
    school = desk.open_school()
    found = _one(school, key)
    if not found.withdrawing:
        raise NotAllowed(
            f"Tài khoản {school.account} không bỏ được đề nghị này.", "Người đề nghị hoặc hiệu trưởng bỏ được."
        )
    school.shard.change(
        school.account, "withdraw_account", edits_for(PROPOSALS, key, school.document(PROPOSALS, key), {})
    )
    return found


def _one(school: OpenSchool, key: str) -> Proposal:
    found = next((found for found in all_proposals(school) if found.before.key == key), None)
    if found is None:
        raise Refused(
            f"Không có đề nghị nào đang chờ cho tài khoản {key[:32]}.",
            f"Xem: hocba account proposals. Đề nghị quá {DAYS} ngày thì hết hiệu lực: đề nghị lại.",
        )
    return found
