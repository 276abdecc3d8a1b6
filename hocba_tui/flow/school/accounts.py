"""Add and change accounts: who a person is on this server, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.identity import personal_id_problem
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import edits_for
from hocba_tui.text import clean_line, fold

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_TEXTS = ("name", "title", "system_user", "email")


def read_account(key: str, before: Staff, typed: Mapping[str, Any]) -> Staff:
    """Return the account with what was typed; Refused when a value is not valid.

    ``typed`` may hold ``name``, ``title``, ``system_user``, ``email``, ``personal_id`` (12 digits) and
    ``roles`` (a list of names of :class:`~hocba_tui.model.values.Role`).
    """
    if not _ACCOUNT.fullmatch(key):
        raise Refused(
            f"Tên tài khoản “{key[:32]}” không dùng được.", "Chữ thường không dấu, số, dấu chấm; ví dụ gv.hoa."
        )
    changes: dict[str, Any] = {}
    for name, value in typed.items():
        if name == "roles":
            changes[name] = _roles(value)
        elif name == "personal_id":
            changes[name] = clean_line(str(value)).replace(" ", "")
            if changes[name] and (problem := personal_id_problem(changes[name])):
                raise Refused(f"{key}: {problem}")
        elif name in _TEXTS:
            changes[name] = clean_line(str(value))
        else:
            raise Refused(f"Tài khoản không có mục “{name}”.", "Các mục: roles, personal_id, " + ", ".join(_TEXTS))
    after = replace(before, **changes)
    if not after.name:
        raise Refused(f"Tài khoản {key} chưa có họ tên.")
    return after


def save_account(desk: Desk, key: str, typed: Mapping[str, Any]) -> Staff:
    """Add or change an account and return it.

    Refused when a person changes their own roles, when the login belongs to another account, and when nobody who may
    manage accounts would remain; NotAllowed when the actor may not manage staff.
    """
    desk.require(Act.MANAGE_STAFF)
    shard = desk.school_shard
    document = shard.document(STAFF, key)
    before = Staff.from_fields(key, document)
    after = read_account(key, before, typed)
    if set(after.roles) != set(before.roles) and key == desk.actor.key:
        raise Refused("Không ai tự đổi quyền của chính mình.", "Nhờ hiệu trưởng hoặc quản trị khác.")
    others = [person for person in desk.everybody() if person.key != key]
    taken = [person.key for person in others if after.system_user and person.system_user == after.system_user]
    if taken:
        raise Refused(f"Tên đăng nhập {after.system_user} đã gắn với tài khoản {taken[0]}.")
    if not any(person.has(Role.ADMINISTRATOR, Role.PRINCIPAL) and not person.left for person in [*others, after]):
        raise Refused("Đây là người quản lí tài khoản cuối cùng của trường; không bỏ quyền được.")
    names = set(typed)
    old = {name: value for name, value in document.items() if name in names}
    new = {k: list(v) if isinstance(v, tuple) else v for k, v in after.to_fields().items() if k in names}
    edits = edits_for(STAFF, key, old, new)
    if edits:
        shard.change(desk.actor.key, "save_account", edits)
    return after


def new_account(name: str, taken: Collection[str], *, teaches: bool) -> str:
    """Return a free account name: ``gv.`` for a teacher, else ``nv.``, then the given name and the other initials.

    Nguyễn Thị Hoa, a teacher, is ``gv.hoant``; the second one ``gv.hoant2``.
    """
    words = ["".join(char for char in word if char.isascii() and char.isalnum()) for word in fold(name).split()]
    *others, given = [word for word in words if word] or ["x"]
    wanted = f"{'gv' if teaches else 'nv'}.{given}{''.join(word[0] for word in others)}"
    return next(
        account for number in count(1) if (account := wanted if number == 1 else f"{wanted}{number}") not in taken
    )


def _roles(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    names = value if isinstance(value, list | tuple) else str(value).replace(",", " ").split()
    unknown = [name for name in names if name not in set(Role)]
    if unknown:
        raise Refused(f"Không có quyền “{unknown[0]}”.", "Các quyền: " + ", ".join(Role))
    return tuple(dict.fromkeys(names))
