"""The way back into a store that nobody can manage any more, for whom the machine belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import heads_who_can_enter, login, login_exists, who_manages
from hocba_tui.flow.school.accounts import change_of
from hocba_tui.model.school import School, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.second_person import is_head
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import FolderStore
from hocba_tui.text import clean_line

_OPENED = ("left", "closed", "why_closed", "roles", "system_user", "recovered")
_LONGEST = 120
"""Most characters of a decision's number and date."""


def somebody_can_enter(root: Path) -> bool:
    """Return whether somebody can open the store at ``root`` and manage its accounts."""
    return bool(who_manages(_people(FolderStore(root, Clock().now))))


def recover_account(root: Path, key: str, system_user: str, decision: str, role: Role | None = None) -> Staff:
    """Let the account ``key`` into the store at ``root``, with this login and by this decision; return the account.

    The way back for whom the machine belongs to, the owner of the store's folder or root: of a head (``role``
    principal or deputy, or an account that is one) when no head can open the store, of anybody when nobody can manage
    accounts any more, who then becomes an administrator if need be. Where a head can open the store, two people give
    such a role. The journal says who did it by which decision, and the account is shown it at every log-in.
    NotAllowed for anybody else; Refused when somebody can still do it inside, without the number of the decision, or
    when the account or the login does not exist or is another's.
    """
    decision = clean_line(decision)[:_LONGEST]
    if not any(map(str.isdigit, decision)):
        raise Refused("Chưa ghi số quyết định.", "Ví dụ --decision '12/QĐ-UBND ngày 05/01/2026'.")
    with _as_owner(root) as who:
        clock = Clock()
        store = FolderStore(root, clock.now)
        shard = store.shard(SCHOOL)
        if School.from_fields(SCHOOL, shard.document(SCHOOL, SCHOOL)).training:
            raise Refused("Đây là kho tập huấn: vào bằng --as TÀI_KHOẢN, ví dụ --as hieutruong.")
        people = _people(store)
        before = _account(people, key)
        roles = before.roles if role is None else tuple(dict.fromkeys((*before.roles, role.value)))
        told = f"Quyết định {decision}; người giữ máy chủ ({who}) mở ngày {clock.today():%d/%m/%Y}"
        after = replace(before, system_user=system_user, left="", closed="", why_closed="", roles=roles, recovered=told)
        _require_nobody(people, head=is_head(after))
        if not may(after, Act.MANAGE_STAFF).allowed:
            after = replace(after, roles=(*after.roles, Role.ADMINISTRATOR.value))
        if not login_exists(system_user):
            raise Refused(f"Máy này không có tên đăng nhập “{system_user}”.", "Tạo người dùng ấy trên máy trước.")
        taken = [person.key for person in people if person.system_user == system_user and person.key != key]
        if taken:
            raise Refused(
                f"Tên đăng nhập {system_user} đã gắn với tài khoản {taken[0]}.", "Dùng tên khác, hoặc tài khoản ấy."
            )
        edits = change_of(shard.document(STAFF, key), after, _OPENED)
        shard.change("hocba", "recover_account", edits, told)
        return after


def _account(people: Sequence[Staff], key: str) -> Staff:
    found = next((person for person in people if person.key == key), None)
    if found is None:
        known = ", ".join(person.key for person in people if person.has(Role.ADMINISTRATOR, Role.PRINCIPAL))
        raise Refused(f"Trường không có tài khoản {key}.", f"Tài khoản quản trị, hiệu trưởng: {known or 'không có'}.")
    return found


def _people(store: FolderStore) -> list[Staff]:
    return [Staff.from_fields(key, document) for key, document in store.shard(SCHOOL).table(STAFF).items()]


def _require_nobody(people: Sequence[Staff], *, head: bool) -> None:
    """Raise Refused when somebody inside can do it: a head; for an account of no head, anybody who manages accounts."""
    remaining = heads_who_can_enter(people) if head else who_manages(people)
    if remaining:
        first = remaining[0]
        raise Refused(
            f"Kho vẫn có người quản lí tài khoản vào được: {first.name} ({first.key}, đăng nhập {first.system_user}).",
            "Nhờ người ấy sửa tài khoản: hocba account save; việc cần hai người thì người thứ hai xác nhận.",
            "Chưa đổi gì.",
        )


@contextmanager
def _as_owner(root: Path) -> Iterator[str]:
    """Act as the owner of the store's folder, and yield the login of who really acts; NotAllowed for anybody else.

    Root acts as the owner, so that no file in the store becomes root's.
    """
    require_store(root)
    status, real = root.stat(), os.getuid()
    # The real user, not the effective one: a program that lends out the owner's rights makes nobody the owner.
    if real not in (0, status.st_uid):
        raise NotAllowed(
            "Chỉ chủ của thư mục kho, hoặc root, mở lại được đường vào kho.", "Nhờ người giữ máy chủ chạy lệnh này."
        )
    before = os.geteuid(), os.getegid()
    if before[0] == 0:
        os.setegid(status.st_gid)
        os.seteuid(status.st_uid)
    try:
        yield login()
    finally:
        if before[0] == 0:
            os.seteuid(before[0])
            os.setegid(before[1])
