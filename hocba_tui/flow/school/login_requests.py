"""Ask for something to be done to a login, confirm it as the second person, withdraw it; and note what was done.

The machine's part is :mod:`hocba_tui.machine.asked`: it alone has rights, and takes nothing from the store but names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import APPLIED, REQUESTS, STAFF, Desk, OpenSchool
from hocba_tui.flow.opening import clock_of
from hocba_tui.flow.requested import Kind, Request, all_requests, needs_second, notices
from hocba_tui.flow.school.accounts import require_head, save_account
from hocba_tui.model.school import School, Staff
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit, Expect
from hocba_tui.store.folder import FolderStore
from hocba_tui.text import clean_line, day_first

_UNCHANGED = "Chưa đổi gì."
_LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """What became of asking: the request, or the name of the login that waits for a second person first."""

    request: Request | None
    login_waits: str = ""


def ask(desk: Desk, key: str, kind: Kind) -> Asked:
    """Ask the machine for something for the account ``key``; for a head, clerk or administrator some of it waits.

    A login for an account that has none is given the account's name first, which takes two people as ever
    (:func:`~hocba_tui.flow.school.accounts.save_account`, also for errors). NotAllowed when the actor may not manage
    accounts; Refused when there is no such account, it has left or has no login, when the same was asked already, and
    when a second person is needed in a school without a head who can log in.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    if kind is Kind.NO_CODE:
        raise Refused("Chỉ người giữ máy chủ bỏ được mã 6 số.", "sudo hocba account apply --no-code TÊN", _UNCHANGED)
    person = _person(school, key)
    if kind is Kind.LOGIN and not person.system_user:
        if save_account(desk, key, {"system_user": key}).waiting:
            return Asked(None, key)
        school = desk.open_school()
        person = _person(school, key)
    if not person.system_user:
        raise Refused(
            f"Tài khoản {key} chưa có tên đăng nhập.",
            f"Yêu cầu tạo đăng nhập trước: hocba account ask {key} login",
            _UNCHANGED,
        )
    if (waits := _find(school, key, kind)) is not None:
        raise Refused(
            f"{waits.by.name} ({waits.by.key}) đã yêu cầu việc này ngày {day_first(waits.day)}: {waits.words}.",
            "Đợi máy chủ làm, hoặc bỏ yêu cầu ấy rồi yêu cầu lại.",
            "Chưa đổi gì; yêu cầu ấy vẫn còn.",
        )
    if needs_second(person, kind):
        require_head(school)
    held = school.document(REQUESTS, key).get(kind)
    wanted = {"by": school.account, "at": desk.clock.now().isoformat(), "day": school.today.isoformat()}
    school.shard.change(school.account, "ask_login", [Edit(REQUESTS, key, kind, held, wanted)], kind.label)
    return Asked(_one(desk.open_school(), key, kind))


def confirm_request(desk: Desk, key: str, kind: Kind, seen: Request | None = None) -> Request:
    """Confirm as the second person what was asked for the account ``key``, and return it.

    With ``seen`` only that, as the person was shown it. NotAllowed when the actor may not, Refused when nothing of the
    kind was asked, Conflict when it is another request by now.
    """
    school = desk.open_school()
    found = _one(school, key, kind)
    if not found.confirming.allowed:
        raise NotAllowed(f"Tài khoản {school.account} không xác nhận được yêu cầu này.", found.confirming.reason)
    if seen is not None and (found.at, found.by.key, found.words) != (seen.at, seen.by.key, seen.words):
        raise Conflict(
            f"Yêu cầu đang chờ cho tài khoản {key} không còn là yêu cầu bạn vừa xem: {found.words}.",
            "Xem lại rồi xác nhận.",
            _UNCHANGED,
        )
    held = school.document(REQUESTS, key)[kind]
    expecting = [Expect(STAFF, who, dict(school.document(STAFF, who))) for who in {key, found.by.key, school.account}]
    edit = Edit(REQUESTS, key, kind, held, {**held, "second": school.account})
    note = f"{kind.label}; {found.by.name} ({found.by.key}) yêu cầu ngày {day_first(found.day)}"
    school.shard.change(school.account, "confirm_ask_login", [edit], note, expecting)
    return _one(desk.open_school(), key, kind)


def withdraw_request(desk: Desk, key: str, kind: Kind) -> Request:
    """Withdraw what was asked for the account ``key``: who asked, whose account it is, or a head may."""
    school = desk.open_school()
    found = _one(school, key, kind)
    if not found.withdrawing:
        raise NotAllowed(
            f"Tài khoản {school.account} không bỏ được yêu cầu này.", "Người yêu cầu hoặc hiệu trưởng bỏ được."
        )
    edit = Edit(REQUESTS, key, kind, school.document(REQUESTS, key)[kind], None)
    school.shard.change(school.account, "withdraw_ask_login", [edit], kind.label)
    return found


def saw_notices(desk: Desk) -> None:
    """Note that the actor has seen what was done to the own login."""
    school = desk.open_school()
    document = school.document(APPLIED, school.account)
    today = {"seen": school.today.isoformat()}
    edits = [
        Edit(APPLIED, school.account, one.kind, document[one.kind], {**document[one.kind], **today})
        for one in notices(desk)
        if not one.seen
    ]
    if edits:
        school.shard.change(school.account, "see_login_notice", edits)


def ready(root: Path) -> Iterable[Request]:
    """Return what the machine is to do, for the owner of the store: what waits for nobody."""
    store = FolderStore(root, Clock().now)
    settings = School.from_fields(SCHOOL, store.shard(SCHOOL).document(SCHOOL, SCHOOL))
    school = OpenSchool(store, "", clock_of(settings).today())
    return (found for found in all_requests(school) if not found.waiting and found.before.system_user)


def note_outcomes(root: Path, said: Sequence[Mapping[str, object]]) -> int:
    """Write down what the machine did, for the owner of the store; return how many were noted.

    Each with ``login``, ``kind``, ``at`` (which request; empty for what the keeper of the machine did unasked),
    ``problem`` and ``keeper``. What names no account of the school is left out.
    """
    clock = Clock()
    shard = FolderStore(root, clock.now).shard(SCHOOL)
    accounts = {str(document.get("system_user") or ""): key for key, document in shard.table(STAFF).items()}
    edits = list[Edit]()
    for one in said:
        login, kind, at = (str(one.get(name) or "") for name in ("login", "kind", "at"))
        key = accounts.get(login) if login else None
        if key is None or kind not in set(Kind) or any((edit.key, edit.field) == (key, kind) for edit in edits):
            continue
        asked = shard.document(REQUESTS, key).get(kind) or {}
        mine = asked if at and asked.get("at") == at else {}
        told = {name: clean_line(str(one.get(name) or ""))[:_LONGEST] for name in ("problem", "keeper")}
        now = {name: value for name, value in {**mine, **told, "done": clock.now().isoformat()}.items() if value}
        edits.append(Edit(APPLIED, key, kind, shard.document(APPLIED, key).get(kind), now))
        if mine:
            edits.append(Edit(REQUESTS, key, kind, asked, None))
    if edits:
        shard.change("hocba", "apply_login", edits, "máy chủ")
    return len({(edit.key, edit.field) for edit in edits})


def _person(school: OpenSchool, key: str) -> Staff:
    person = school.staff(key)
    if not person.name:
        raise Refused(f"Trường không có tài khoản {key[:32]}.", "Xem: hocba account list.", _UNCHANGED)
    if person.left:
        raise Refused(
            f"{person.name} đã rời trường ngày {day_first(person.left)}.",
            "Người ấy trở lại thì nạp danh sách cán bộ trước.",
            _UNCHANGED,
        )
    return person


def _find(school: OpenSchool, key: str, kind: Kind) -> Request | None:
    return next((found for found in all_requests(school) if (found.before.key, found.kind) == (key, kind)), None)


def _one(school: OpenSchool, key: str, kind: Kind) -> Request:
    if (found := _find(school, key, kind)) is None:
        raise Refused(
            f"Không có yêu cầu nào như vậy cho tài khoản {key[:32]}.",
            "Xem: hocba account asked. Máy chủ đã làm, hoặc yêu cầu quá hạn: yêu cầu lại.",
        )
    return found
