"""Open a store for a person: the login decides which account acts, never a choice on the screen."""

from __future__ import annotations

import os
import pwd
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from hocba_tui.clock import Clock
from hocba_tui.errors import NotAllowed, WrongUse
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.model.school import School, Staff
from hocba_tui.rules.permits import Act, may, why_barred
from hocba_tui.rules.second_person import is_head, may_come_by_key
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import ensure_identity
from hocba_tui.text import day_first


def open_desk(
    root: Path | None,
    as_account: str | None = None,
    user: str | None = None,
    *,
    by_key: bool = False,
    came_from: str = "",
) -> Desk:
    """Open the store at ``root``.

    The actor is the account whose ``system_user`` is the operating system's user. ``as_account``
    (``--as``) is accepted in training stores only. ``user`` is for the server alone, whose sessions all run as one
    user: the login of the person at the other end, as the kernel says. So is ``by_key``: that ``as_account`` was said
    by sshd's forced command for a key, and by nobody else. ``came_from`` is the address of that person's
    computer.

    Raises WrongUse when ``root`` is None or there is no account of that name; NotAllowed when the system's user has no
    account or several, when ``--as`` is not accepted, when the account may not come in by a key, and when the person
    has left the school; StoreUnusable when there is no store in ``root``, or none that may be used.
    """
    if root is None:
        raise WrongUse("Chưa biết kho dữ liệu ở đâu.", "Thêm --store THƯ_MỤC hoặc đặt biến HOCBA_STORE.", "")
    store = FolderStore(root, Clock().now)
    ensure_identity(root)  # A store of an older version, or one that was copied, gets one here.
    shard = store.shard(SCHOOL)
    school = School.from_fields(SCHOOL, shard.document(SCHOOL, SCHOOL))
    actor = _actor(school, shard.table(STAFF), as_account, user or login(), by_key=by_key)
    if actor.left:
        raise NotAllowed(
            f"Tài khoản {actor.key} là của người đã rời trường ngày {day_first(actor.left)}.",
            "Nếu nhầm, nhờ ban giám hiệu nạp lại danh sách cán bộ.",
        )
    if actor.closed:
        raise NotAllowed(why_barred(actor), "Hỏi ban giám hiệu hoặc người quản lí tài khoản.")
    by_key = by_key and not school.training  # There everybody chooses whom to be.
    if by_key:
        _require_by_key(actor, school)
    store.sign_in(actor.key, came_from, "key" if by_key else "ssh" if came_from else "local")
    return Desk(store, actor.key, clock_of(school), root, by_key=by_key)


def clock_of(school: School) -> Clock:
    """Return the clock of a school: a training store may have a day of its own."""
    return Clock(date.fromisoformat(school.today) if school.training and school.today else None)


def require_servable(root: Path) -> None:
    """Raise an error of ours unless this user may serve the store in ``root`` to others.

    NotAllowed for root, whose sessions could do anything to the machine, unless the store is for training;
    StoreUnusable when there is no store, or none that may be used.
    """
    store = FolderStore(root, Clock().now)
    school = School.from_fields(SCHOOL, store.shard(SCHOOL).document(SCHOOL, SCHOOL))
    if os.geteuid() == 0 and not school.training:
        raise NotAllowed(
            "root không mở cửa cho kho thật: mọi phiên sẽ có quyền của root.",
            "Giao kho cho một tài khoản riêng, không có quyền gì khác, rồi chạy bằng tài khoản ấy.",
        )


def login(uid: int | None = None) -> str:
    """Return the login of who runs this process, as the system says, not LOGNAME or USER, which anybody can set.

    With ``uid`` that of another user. The number in digits where the system knows no such user.
    """
    number = os.getuid() if uid is None else uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def login_exists(name: str) -> bool:
    """Return whether somebody can log in to this machine under ``name``."""
    try:
        pwd.getpwnam(name)
    except (KeyError, ValueError):
        return name == login()
    return True


def who_can_enter(people: Iterable[Staff]) -> tuple[Staff, ...]:
    """Return who can open the store: who is not barred and has a login of this machine of their own.

    Who shares a login with another account cannot open the store.
    """
    everybody = tuple(people)
    times = Counter(person.system_user for person in everybody)
    return tuple(
        person
        for person in everybody
        if person.system_user
        and not person.barred
        and times[person.system_user] == 1
        and login_exists(person.system_user)
    )


def who_manages(people: Iterable[Staff]) -> tuple[Staff, ...]:
    """Return who can open the store and manage accounts."""
    return tuple(person for person in who_can_enter(people) if may(person, Act.MANAGE_STAFF).allowed)


def heads_who_can_enter(people: Iterable[Staff]) -> tuple[Staff, ...]:
    """Return the principals and deputies who can open the store."""
    return tuple(filter(is_head, who_can_enter(people)))


def _require_by_key(actor: Staff, school: School) -> None:
    """Raise NotAllowed when the account needs a user of the machine of its own."""
    permission = may_come_by_key(actor, school)
    if not permission.allowed:
        raise NotAllowed(
            permission.reason,
            "Đăng nhập bằng tài khoản máy của riêng mình; hoặc nhờ hiệu trưởng, phó hiệu trưởng cho phép cả trường: "
            "hocba school set trusted_by_key=có",
        )


def _actor(
    school: School, people: Mapping[str, Mapping[str, Any]], as_account: str | None, user: str, *, by_key: bool
) -> Staff:
    if as_account is not None:
        if not (school.training or by_key):
            raise NotAllowed("--as chỉ dùng trong kho tập huấn.", "Đăng nhập máy chủ bằng tài khoản của chính mình.")
        if as_account in people:
            return Staff.from_fields(as_account, people[as_account])
        if not school.training:
            raise NotAllowed(
                f"Khóa này mở tài khoản “{as_account}”, mà trường không có tài khoản ấy.",
                "Nhờ người phụ trách máy xem lại khóa: hocba ssh-key list.",
            )
        raise WrongUse(f"Không có tài khoản “{as_account}” trong trường này.", "Ví dụ: hieutruong, vanthu, gv.5a.", "")
    found = [
        Staff.from_fields(key, document) for key, document in people.items() if document.get("system_user") == user
    ]
    if len(found) > 1:
        raise NotAllowed(f"Người dùng “{user}” của máy đang gắn với nhiều tài khoản.", "Nhờ quản trị sửa lại.")
    if found:
        return found[0]
    if school.training:
        hint = "Kho tập huấn: thêm --as TÀI_KHOẢN, ví dụ --as gv.5a."
    elif who_manages(Staff.from_fields(key, document) for key, document in people.items()):
        hint = "Nhờ quản trị gắn tên đăng nhập này với một tài khoản của trường."
    else:
        hint = "Không còn ai quản lí tài khoản mà vào được kho: người giữ máy chủ chạy hocba account recover."
    raise NotAllowed(f"Người dùng “{user}” của máy chưa gắn với tài khoản nào của trường.", hint)
