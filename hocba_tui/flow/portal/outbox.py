"""Read the outbox: its packages, and the state of each record. Nothing is sent here."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.flow.desk import PACKAGES, Desk, OpenSchool
from hocba_tui.model.values import RecordState
from hocba_tui.rules.permits import Act
from hocba_tui.text import moment

QUEUED, UNKNOWN, SENT, ANSWERED = "queued", "unknown", "sent", "answered"
PACKAGE_STATES = {
    QUEUED: "chờ gửi",
    UNKNOWN: "đã gửi, chưa rõ",
    SENT: "đã gửi, chờ kết quả",
    ANSWERED: "đã có kết quả",
}


@dataclass(frozen=True)
class Package:
    """One package of the outbox."""

    message: str
    class_key: str
    uuids: tuple[str, ...]
    state: str
    made: str
    file: str
    accepted: int = 0
    rejected: int = 0
    training: bool = False
    """Signed with training keys: never leaves this computer."""


def outbox(desk: Desk) -> tuple[Package, ...]:
    """Return the packages, oldest first."""
    return _packages(desk.open_school())


def _packages(school: OpenSchool) -> tuple[Package, ...]:
    school.require(Act.SEND)
    found = [
        Package(
            message, doc["class"], tuple(doc["uuids"]), doc["state"], doc["made"], doc["file"],
            doc.get("accepted", 0), doc.get("rejected", 0), bool(doc.get("training")),
        )
        for message, doc in school.outbox.table(PACKAGES).items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda package: (package.made, package.message)))


@dataclass(frozen=True)
class PortalState:
    """Where records go, and when something was last sent there."""

    address: str
    """Empty while the school has none."""
    training: bool
    """Whether the store is for training: then nothing real is sent."""
    sent: str
    """ISO time at which the last package was sent; empty when none was."""

    @property
    def words(self) -> str:
        """Return all of it in a line."""
        kind = "tập huấn, không phải cổng thật" if self.training else "thật"
        last = f"gửi lần cuối {moment(self.sent)}" if self.sent else "chưa gửi lần nào"
        return f"Cổng ({kind}): {self.address or 'chưa có địa chỉ, ghi ở trang Trường'}; {last}."


def portal_state(desk: Desk) -> PortalState:
    """Return where records go, and when something was last sent; for who sends."""
    school = desk.open_school()
    school.require(Act.SEND)
    address, training = desk.portal or school.settings.portal, school.settings.training
    sent = next((entry.at for entry in school.outbox.latest() if entry.act == "sent"), "")
    return PortalState(address, training, sent)


@dataclass(frozen=True)
class Receipt:
    """The portal's answer for one sent record."""

    class_key: str
    name: str
    uuid: str
    state: RecordState
    reason: str


def receipts(desk: Desk, class_key: str = "") -> tuple[Receipt, ...]:
    """Return the receipt of every sent record, of one class or of all."""
    found: list[Receipt] = []
    school = desk.open_school()
    for room in sorted({package.class_key for package in _packages(school)}):
        if class_key in ("", room):
            opened = school.open_class(room)
            for pupil in opened.pupils(with_left=True):
                record = opened.records[pupil.key]
                if record.state in (RecordState.SENT, RecordState.ACCEPTED, RecordState.REJECTED):
                    found.append(Receipt(room, pupil.name, record.uuid, record.state, record.reason))
    return tuple(found)
