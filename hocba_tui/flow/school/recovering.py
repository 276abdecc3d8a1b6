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
from hocba_tui.flow.opening import login, login_exists, who_manages
from hocba_tui.model.school import School, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Act, may
from hocba_tui.store.backend import SCHOOL, edits_for
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import FolderStore


def somebody_can_enter(root: Path) -> bool:
    """Return whether somebody can open the store at ``root`` and manage its accounts."""
    return bool(who_manages(_people(FolderStore(root, Clock().now))))


def recover_account(root: Path, key: str, system_user: str) -> Staff:
    """Let the account ``key`` into the store at ``root`` again, with this login, as an administrator if need be.

    The way back in when nobody can open the store and manage accounts any more, for whom the machine belongs to: who
    owns the store's folder, or root. The journal says who did it. Return the account. NotAllowed for anybody else,
    Refused when somebody can still manage accounts, or the account or the login does not exist or is another's.
    """
    with _as_owner(root) as who:
        store = FolderStore(root, Clock().now)
        shard = store.shard(SCHOOL)
        if School.from_fields(SCHOOL, shard.document(SCHOOL, SCHOOL)).training:
            raise Refused("Đây là kho tập huấn: vào bằng --as TÀI_KHOẢN, ví dụ --as hieutruong.")
        people = _people(store)
        _require_nobody(people)
        before = next((person for person in people if person.key == key), None)
        if before is None:
            known = ", ".join(person.key for person in people if person.has(Role.ADMINISTRATOR, Role.PRINCIPAL))
            raise Refused(
                f"Trường không có tài khoản {key}.", f"Tài khoản quản trị, hiệu trưởng: {known or 'không có'}."
            )
        if not login_exists(system_user):
            raise Refused(f"Máy này không có tên đăng nhập “{system_user}”.", "Tạo người dùng ấy trên máy trước.")
        taken = [person.key for person in people if person.system_user == system_user and person.key != key]
        if taken:
            raise Refused(
                f"Tên đăng nhập {system_user} đã gắn với tài khoản {taken[0]}.", "Dùng tên khác, hoặc tài khoản ấy."
            )
        after = replace(before, system_user=system_user, left="")
        if not may(after, Act.MANAGE_STAFF).allowed:
            after = replace(after, roles=(*after.roles, Role.ADMINISTRATOR.value))
        old, new = (
            {name: list(value) if isinstance(value, tuple) else value for name, value in person.to_fields().items()}
            for person in (before, after)
        )
        note = f"Người giữ máy chủ ({who}) mở lại đường vào kho"
        shard.change("hocba", "recover_account", edits_for(STAFF, key, old, new), note)
        return after


def _people(store: FolderStore) -> list[Staff]:
    return [Staff.from_fields(key, document) for key, document in store.shard(SCHOOL).table(STAFF).items()]


def _require_nobody(people: Sequence[Staff]) -> None:
    """Raise Refused when somebody can open the store and manage accounts."""
    if remaining := who_manages(people):
        first = remaining[0]
        raise Refused(
            f"Kho vẫn có người quản lí tài khoản vào được: {first.name} ({first.key}, đăng nhập {first.system_user}).",
            "Nhờ người ấy sửa tài khoản: hocba account save.",
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
