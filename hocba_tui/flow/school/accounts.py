"""Add and change accounts: who a person is on this server, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import PROPOSALS, STAFF, Desk, OpenSchool
from hocba_tui.flow.opening import heads_who_can_enter, who_manages
from hocba_tui.flow.proposals import all_proposals
from hocba_tui.flow.seen import changed_since
from hocba_tui.flow.staff_facts import LABELS as FACTS
from hocba_tui.flow.staff_facts import read_fact
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY, Act
from hocba_tui.rules.second_person import GUARDED, is_head, takes_two
from hocba_tui.store.backend import Edit, Expect, Value, edits_for
from hocba_tui.text import day_first, fold

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
WORDS = {**FACTS, "system_user": "Tên đăng nhập", "roles": "Quyền"}
"""What can be typed of an account, in words."""
_OTHERS = {"posts": "việc được giao", "left": "ngày rời trường", "closed": "việc khóa tài khoản"}
"""What else is compared with what a person was shown."""


def read_account(key: str, before: Staff, typed: Mapping[str, Any]) -> Staff:
    """Return the account with what was typed; Refused when a value is not valid.

    ``typed`` may hold the facts of :mod:`~hocba_tui.flow.staff_facts`, ``system_user`` and ``roles`` (a list of names
    of :class:`~hocba_tui.model.values.Role`).
    """
    if not _ACCOUNT.fullmatch(key):
        raise Refused(
            f"Tên tài khoản “{key[:32]}” không dùng được.", "Chữ thường không dấu, số, dấu chấm; ví dụ gv.hoa."
        )
    changes: dict[str, Any] = {}
    for name, value in typed.items():
        if name == "roles":
            changes[name] = _roles(value, before)
        elif name in WORDS:
            try:
                changes[name] = read_fact(name, value)
            except Refused as error:
                raise Refused(f"{key}: {error.what}", error.now, error.safe) from None
        else:
            raise Refused(f"Tài khoản không có mục “{name}”.", "Các mục: " + ", ".join(WORDS))
    after = replace(before, **changes)
    if not after.name:
        raise Refused(f"Tài khoản {key} chưa có họ tên.")
    return after


@dataclass(frozen=True)
class Saved:
    """An account as it is after a change, and the fields that wait until a second person confirms them."""

    person: Staff
    waiting: tuple[str, ...] = ()


def save_account(desk: Desk, key: str, typed: Mapping[str, Any], seen: Staff | None = None) -> Saved:
    """Add or change an account; what takes two people (:mod:`second_person`) is proposed and waits.

    With ``seen`` only when what was typed is still as the person was shown it; an account without a name is a new one.

    Refused when a person changes their own roles, when a proposal for the account waits already, when the login
    belongs to another account, when nobody would remain who may manage accounts and can open the store with a login of
    this machine, and when a second person is needed in a school without a head who can log in; Conflict when the
    account is not as it was seen, or the one that would remain is changed at the same time; NotAllowed when the actor
    may not manage staff.
    """
    school, saved = _look_through(desk, key, typed, seen)
    now, waiting = saved.person, saved.waiting
    edits = change_of(school.document(STAFF, key), now, typed)
    if waiting:
        after = read_account(key, Staff.from_fields(key, school.document(STAFF, key)), typed)
        proposal = {name: _stored(getattr(after, name)) for name in waiting}
        held = {f"{name}_before": _stored(getattr(now, name)) for name in GUARDED}
        wanted = {**proposal, **held, "by": school.account, "day": school.today.isoformat()}
        edits += edits_for(PROPOSALS, key, school.document(PROPOSALS, key), wanted)
    if edits:
        act = "propose_account" if waiting else "save_account"
        school.shard.change(school.account, act, edits, expecting=require_possible(school, now))
    return saved


def look_at_change(desk: Desk, key: str, typed: Mapping[str, Any], seen: Staff | None = None) -> Saved:
    """Return what :func:`save_account` would do, errors included; nothing is written."""
    return _look_through(desk, key, typed, seen)[1]


def _look_through(desk: Desk, key: str, typed: Mapping[str, Any], seen: Staff | None) -> tuple[OpenSchool, Saved]:
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    before = Staff.from_fields(key, school.document(STAFF, key))
    after = read_account(key, before, typed)
    if seen is not None:
        require_as_seen(school, before, seen, typed)
    if set(after.roles) != set(before.roles) and key == school.account:
        raise Refused("Không ai tự đổi quyền của chính mình.", "Nhờ hiệu trưởng hoặc quản trị khác.")
    if any(getattr(after, name) != getattr(before, name) for name in GUARDED):
        _require_nothing_waits(school, key)
    if after.left:
        _require_less(before, after)
    now, waiting = _at_once(before, after)
    if waiting:
        require_possible(school, after)
        require_head(school)
    if now != before:
        require_possible(school, now)
    return school, Saved(now, waiting)


def require_as_seen(school: OpenSchool, now: Staff, seen: Staff, fields: Iterable[str]) -> None:
    """Raise Conflict, with who did it and when, unless fields of an account are as a person was shown them."""
    if now.name and not seen.name:
        raise Conflict(
            f"Trường đã có tài khoản {now.key}: {now.name}.", "Chọn tên tài khoản khác.", "Chưa ghi gì đè lên."
        )
    if changed := [name for name in fields if getattr(now, name) != getattr(seen, name)]:
        words = ", ".join({**WORDS, **_OTHERS}[name].lower() for name in changed)
        raise changed_since(school, STAFF, now.key, changed, f"{words} của {seen.name} ({now.key})")


def _require_less(before: Staff, after: Staff) -> None:
    """Raise Refused when somebody who has left is given something: it would be theirs at once if they came back."""
    if set(after.roles) - set(before.roles) or (after.system_user and after.system_user != before.system_user):
        raise Refused(
            f"{before.name} đã rời trường ngày {day_first(before.left)}; chỉ bớt được quyền, tên đăng nhập.",
            "Người ấy trở lại thì mở lại tài khoản trước (hocba account back), rồi cấp quyền.",
            "Chưa đổi gì.",
        )


def require_for_one(school: OpenSchool, edits: Sequence[Edit]) -> None:
    """Raise Refused when edits of the staff, which one person makes, would do what takes two."""
    held = {edit.key: dict(school.document(STAFF, edit.key)) for edit in edits if edit.table == STAFF}
    after = {key: dict(document) for key, document in held.items()}
    for edit in edits:
        if edit.table == STAFF:
            after[edit.key][edit.field] = edit.after
    for key, document in held.items():
        before = Staff.from_fields(key, document)
        if takes_two(before, Staff.from_fields(key, after[key])):
            raise Refused(
                f"{before.name} ({key}) giữ quyền hoặc tên đăng nhập mà chỉ hai người mới cấp hay bỏ được.",
                f"Đổi riêng tài khoản ấy: hocba account save {key} …, rồi người thứ hai xác nhận.",
                "Chưa đổi gì.",
            )


def _require_nothing_waits(school: OpenSchool, key: str) -> None:
    """Raise Refused while a proposal for the account waits: what the second person has seen must stay as it was."""
    if (waits := next((found for found in all_proposals(school) if found.before.key == key), None)) is not None:
        raise Refused(
            f"Tài khoản {key} có một đề nghị đang chờ, của {waits.by.name} ({waits.by.key}), đến hết "
            f"{day_first(waits.last_day)}: {waits.words}.",
            "Xác nhận, hoặc bỏ đề nghị ấy trước (màn hình Quyền, tên đăng nhập; hocba account withdraw "
            f"{key}: người đề nghị, hiệu trưởng, phó hiệu trưởng bỏ được), rồi làm lại.",
            "Chưa đổi gì; đề nghị ấy vẫn còn.",
        )


def _at_once(before: Staff, after: Staff) -> tuple[Staff, tuple[str, ...]]:
    """Return the account with what one person may change, and the fields that wait for a second person.

    Somebody without such a role gets the login at once: so the person whose account it is can be the second.
    """
    if not takes_two(before, after):
        return after, ()
    now = replace(after, roles=before.roles)
    if takes_two(before, now):
        now = replace(now, system_user=before.system_user)
    return now, tuple(name for name in GUARDED if getattr(after, name) != getattr(now, name))


def change_of(document: Mapping[str, Value], after: Staff, names: Iterable[str]) -> list[Edit]:
    """Return the edits that make the named fields of a document those of the account ``after``."""
    old = {name: value for name, value in document.items() if name in names}
    new = {name: _stored(value) for name, value in after.to_fields().items() if name in names}
    return edits_for(STAFF, after.key, old, new)


def _stored(value: Any) -> Any:  # noqa: ANN401
    return list(value) if isinstance(value, tuple) else value


def require_head(school: OpenSchool) -> None:
    """Raise Refused when no head can log in; in a training store everybody can."""
    people = school.everybody()
    if not any(map(is_head, people)) if school.settings.training else not heads_who_can_enter(people):
        raise Refused(
            "Việc này cần hai người, mà trường không có hiệu trưởng, phó hiệu trưởng nào vào được kho.",
            "Người giữ máy chủ, theo quyết định bổ nhiệm: sudo hocba account recover … --role principal --decision SỐ.",
            "Chưa đổi gì.",
        )


def require_possible(school: OpenSchool, after: Staff) -> list[Expect]:
    """Return what must stay as it is while the account becomes ``after``; Refused when it may not become that."""
    known = school.table(STAFF)
    others = [Staff.from_fields(other, held) for other, held in known.items() if other != after.key]
    taken = [person.key for person in others if after.system_user and person.system_user == after.system_user]
    if taken:
        raise Refused(f"Tên đăng nhập {after.system_user} đã gắn với tài khoản {taken[0]}.")
    if not any(person.has(Role.ADMINISTRATOR, Role.PRINCIPAL) and not person.barred for person in [*others, after]):
        raise Refused("Đây là người quản lí tài khoản cuối cùng của trường; không bỏ quyền được.")
    if school.settings.training:
        return []
    stays = _who_stays(school.account, [*others, after])
    return [Expect(STAFF, stays.key, dict(known.get(stays.key, {})))]


def _who_stays(actor: str, people: Sequence[Staff]) -> Staff:
    """Return somebody who can still manage accounts, the actor if possible; Refused when there would be nobody.

    That account must stay as it was read: two people who take each other's login away must not both succeed. In a
    training store, where everybody may act for everybody, no login is needed.
    """
    remaining = who_manages(people)
    if not remaining:
        raise Refused(
            "Sau thay đổi này không còn ai quản lí tài khoản mà vào được kho bằng một tên đăng nhập có trên máy này.",
            "Gắn tên đăng nhập cho một hiệu trưởng hoặc quản trị khác trước (hocba account list), rồi làm lại.",
            "Chưa đổi gì.",
        )
    return next((person for person in remaining if person.key == actor), remaining[0])


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


def _roles(value: Any, before: Staff) -> tuple[str, ...]:  # noqa: ANN401
    names = value if isinstance(value, list | tuple) else str(value).replace(",", " ").split()
    unknown = [name for name in names if name not in set(Role)]
    if unknown:
        given = ", ".join(role for role in Role if role not in BY_DUTY)
        raise Refused(f"Không có quyền “{str(unknown[0])[:32]}”.", f"Các quyền: {given}")
    if new := [name for name in names if name in BY_DUTY and name not in before.roles]:
        raise Refused(
            f"{Role(new[0]).label} là việc được giao theo quyết định, có ngày đầu và ngày cuối.",
            f"Ban giám hiệu giao ở thẻ cán bộ, hoặc: hocba account duty {before.key} {new[0]} --since … --decision SỐ.",
        )
    return tuple(dict.fromkeys(names))
