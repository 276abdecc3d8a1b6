"""Send the outbox and record the receipts."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.errors import NotAllowed, PortalFailed, WrongUse
from hocba_tui.flow.desk import PACKAGES, RECORDS, Desk
from hocba_tui.flow.portal.other_copies import Foremost, foremost
from hocba_tui.flow.portal.outbox import ANSWERED, QUEUED, SENT, UNKNOWN, Package, outbox
from hocba_tui.model.values import RecordState
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import OUTBOX, Edit
from hocba_tui.sync.address import is_loopback
from hocba_tui.sync.client import NoAnswer, PackageRefused, Portal
from hocba_tui.sync.envelope import Account, RecordReceipt


@dataclass(frozen=True)
class Sending:
    """What became of the outbox."""

    packages: tuple[Package, ...]
    unknown: str = ""
    """Why it is not known whether another copy of this store has gone on, as a sentence; empty when it has not."""


def portal_of(desk: Desk, url: str = "") -> Portal:
    """Return the portal at ``url`` or the school's own.

    A training store sends to this computer only: its records have no legal value.
    """
    school = desk.school
    chosen = url or desk.portal or school.portal
    if not chosen:
        raise WrongUse("Chưa có địa chỉ cổng tiếp nhận.", "Thêm --portal URL, hoặc đặt trong cài đặt của trường.", "")
    if school.training and not is_loopback(chosen):
        raise NotAllowed(
            "Kho tập huấn chỉ gửi được tới cổng thử trên máy này; học bạ tập huấn không có giá trị pháp lý.",
            "Chạy: hocba sandbox, rồi gửi tới địa chỉ mà lệnh ấy in ra.",
        )
    return Portal(chosen, Account(user=school.code, password="", unit=school.code, year=school.year))


def send(desk: Desk, portal: Portal) -> Sending:
    """Send every waiting package and ask for results; return the outbox afterwards.

    A package whose answer never came is asked about first, and sent again only when the portal does
    not know it. A package that the portal refuses does not hold up the others. Raises PortalFailed at
    the end when one was refused, at once when the portal cannot be reached; what was sent stays sent.
    Conflict when somebody else is sending: two senders could submit the same package. StoreUnusable, before anything
    is sent, when another copy of this store has gone on without it.
    """
    desk.require(Act.SEND)
    with desk.store.exclusive("sending"), foremost(desk) as copies:
        packages = _send_all(desk, portal, copies)
    return Sending(packages, copies.unknown)


def _send_all(desk: Desk, portal: Portal, copies: Foremost) -> tuple[Package, ...]:
    refused: PackageRefused | None = None
    for package in outbox(desk):
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
        shard.change(desk.actor.key, "sending", [Edit(PACKAGES, package.message, "state", package.state, UNKNOWN)])
    desk.store.note_sent(package.message, package.uuids)
    try:
        portal.submit(package.message, data)
    except NoAnswer:
        raise
    except PortalFailed:
        shard.change(desk.actor.key, "not_sent", [Edit(PACKAGES, package.message, "state", UNKNOWN, QUEUED)])
        raise
    shard.change(desk.actor.key, "sent", [Edit(PACKAGES, package.message, "state", UNKNOWN, SENT)])
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
            desk.actor.key,
            "receipts",
            [
                Edit(PACKAGES, package.message, "state", held.get("state"), ANSWERED),
                Edit(PACKAGES, package.message, "accepted", held.get("accepted"), accepted),
                Edit(PACKAGES, package.message, "rejected", held.get("rejected"), len(fates) - accepted),
            ],
        )


def _move(desk: Desk, package: Package, fates: dict[str, tuple[RecordState, str]]) -> None:
    """Write the new state of each record; a record that has it already is not changed."""
    shard = desk.class_shard(package.class_key)
    edits: list[Edit] = []
    for key, record in desk.records(package.class_key).items():
        state, reason = fates.get(record.uuid, (record.state, ""))
        before = RecordState.ISSUED if state is RecordState.SENT else RecordState.SENT
        if record.uuid in fates and record.state is before:
            edits.append(Edit(RECORDS, key, "state", record.state.value, state.value))
            if reason:
                held = shard.document(RECORDS, key).get("reason")
                edits.append(Edit(RECORDS, key, "reason", held or None, reason))
    if edits:
        shard.change(desk.actor.key, "receipts", edits)
