"""Send the outbox and record the receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import NotAllowed, PortalFailed, StoreUnusable, WrongUse
from hocba_tui.flow.desk import PACKAGES, RECORDS, Desk
from hocba_tui.flow.portal.other_copies import Foremost, foremost
from hocba_tui.flow.portal.outbox import ANSWERED, QUEUED, SENT, UNKNOWN, Package, outbox
from hocba_tui.model.values import RecordState
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import OUTBOX, Edit
from hocba_tui.sync.address import is_loopback, portal_problem
from hocba_tui.sync.client import NoAnswer, PackageRefused, Portal
from hocba_tui.sync.envelope import Account, RecordReceipt

PINNED = Path("trust", "portal")
"""Folder of a store: certificates (``*.pem``) of which one must have issued the portal's own, where there are any."""


@dataclass(frozen=True)
class Sending:
    """What became of the outbox."""

    packages: tuple[Package, ...]
    unknown: str = ""
    """Why it is not known whether another copy of this store has gone on, as a sentence; empty when it has not."""


def portal_of(desk: Desk, url: str = "") -> Portal:
    """Return the portal at ``url`` or the school's own.

    A training store sends to this computer only: its records have no legal value. A real school sends over https, and
    to another address than its own only for those who may set that one. Raises NotAllowed, WrongUse when there is none.
    """
    school = desk.school
    other = url or desk.portal
    chosen = other or school.portal
    if not chosen:
        raise WrongUse("Chưa có địa chỉ cổng tiếp nhận.", "Đặt trong cài đặt của trường (portal=https://…).", "")
    if other and other != school.portal and not school.training:
        desk.require(Act.SET_SCHOOL)
    if problem := portal_problem(chosen, training=school.training):
        raise NotAllowed(
            f"Không gửi tới {chosen}: {problem}.",
            "Chạy: hocba sandbox, rồi gửi tới địa chỉ mà lệnh ấy in ra."
            if school.training
            else "Hiệu trưởng hoặc quản trị sửa địa chỉ: hocba school set portal=https://…",
        )
    account = Account(user=school.code, password="", unit=school.code, year=school.year)
    return Portal(chosen, account, "" if school.training else _pinned(desk))


def _pinned(desk: Desk) -> str:
    """Return the certificates (PEM) of which one must have issued the portal's; empty when none is pinned."""
    try:
        return "\n".join(path.read_text(encoding="ascii") for path in sorted((desk.root / PINNED).glob("*.pem")))
    except (OSError, ValueError) as error:
        raise StoreUnusable(
            f"Không đọc được chứng thư ghim cho cổng ở {desk.root / PINNED}.", "Đặt lại các tệp .pem ở đó rồi gửi lại."
        ) from error


def send(desk: Desk, portal: Portal, stopped: Callable[[], bool] = lambda: False) -> Sending:
    """Send every waiting package and ask for results; return the outbox afterwards.

    A package whose answer never came is asked about first, and sent again only when the portal does
    not know it. A package that the portal refuses does not hold up the others. Raises PortalFailed at
    the end when one was refused, at once when the portal cannot be reached; what was sent stays sent.
    Conflict when somebody else is sending: two senders could submit the same package. StoreUnusable, before anything
    is sent, when another copy of this store has gone on without it. Once ``stopped`` returns true no other package is
    begun.
    """
    desk.require(Act.SEND)
    with desk.store.exclusive("sending"), foremost(desk) as copies:
        packages = _send_all(desk, portal, copies, stopped)
    return Sending(packages, copies.unknown)


def _send_all(desk: Desk, portal: Portal, copies: Foremost, stopped: Callable[[], bool]) -> tuple[Package, ...]:
    refused: PackageRefused | None = None
    for package in outbox(desk):
        if stopped():
            break
        if package.state == ANSWERED:
            continue
        if package.training and not is_loopback(portal.url):
            raise NotAllowed("Học bạ ký bằng khóa tập huấn không được gửi ra ngoài máy này.")
        try:
            _send_one(desk, package, portal, copies)
        except PackageRefused as error:
            refused = error
    if refused is not None:
        raise refused
    return outbox(desk)


def _send_one(desk: Desk, package: Package, portal: Portal, copies: Foremost) -> None:
    receipts = portal.query(package.message) if package.state in (UNKNOWN, SENT) else None
    if receipts is None:
        copies.require()
        _submit(desk, package, portal)
        receipts = portal.query(package.message)
    if receipts:
        _take_in(desk, package, receipts)


def _submit(desk: Desk, package: Package, portal: Portal) -> None:
    shard = desk.store.shard(OUTBOX)
    data = shard.kept(package.file)
    # Noted before it is sent: after a crash the portal is asked first, and nothing is submitted twice.
    if package.state != UNKNOWN:
        shard.change(desk.account, "sending", [Edit(PACKAGES, package.message, "state", package.state, UNKNOWN)])
    desk.store.note_sent(package.message, package.uuids)
    try:
        portal.submit(package.message, data)
    except NoAnswer:
        raise
    except PortalFailed:
        shard.change(desk.account, "not_sent", [Edit(PACKAGES, package.message, "state", UNKNOWN, QUEUED)])
        raise
    shard.change(desk.account, "sent", [Edit(PACKAGES, package.message, "state", UNKNOWN, SENT)])
    _move(desk, package, dict.fromkeys(package.uuids, (RecordState.SENT, "")))


def _take_in(desk: Desk, package: Package, receipts: tuple[RecordReceipt, ...]) -> None:
    fates = {
        r.uuid: (RecordState.ACCEPTED, "")
        if r.accepted
        else (RecordState.REJECTED, f"{r.field}: {r.description} ({r.error})")
        for r in receipts
        if r.uuid in package.uuids
    }
    _move(desk, package, dict.fromkeys(package.uuids, (RecordState.SENT, "")))
    _move(desk, package, fates)
    accepted = sum(1 for state, _ in fates.values() if state is RecordState.ACCEPTED)
    if len(fates) == len(package.uuids):
        shard = desk.store.shard(OUTBOX)
        shard.refresh()
        held = shard.document(PACKAGES, package.message)
        shard.change(
            desk.account,
            "receipts",
            [
                Edit(PACKAGES, package.message, "state", held.get("state"), ANSWERED),
                Edit(PACKAGES, package.message, "accepted", held.get("accepted"), accepted),
                Edit(PACKAGES, package.message, "rejected", held.get("rejected"), len(fates) - accepted),
            ],
        )


def _move(desk: Desk, package: Package, fates: dict[str, tuple[RecordState, str]]) -> None:
    """Write the new state of each record; a record that has it already is not changed."""
    opened = desk.open_class(package.class_key)  # Each time: the portal took its time, or a change was just written.
    edits: list[Edit] = []
    for key, record in opened.records.items():
        state, reason = fates.get(record.uuid, (record.state, ""))
        before = RecordState.ISSUED if state is RecordState.SENT else RecordState.SENT
        if record.uuid in fates and record.state is before:
            edits.append(Edit(RECORDS, key, "state", record.state.value, state.value))
            if reason:
                held = opened.document(RECORDS, key).get("reason")
                edits.append(Edit(RECORDS, key, "reason", held or None, reason))
    if edits:
        opened.shard.change(desk.account, "receipts", edits)
