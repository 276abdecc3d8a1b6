"""A record signed with certificates of a state's authority, for tests that training keys cannot cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.schema import parse
from hocba_tui.export.record.signature import signed_info, stamped_bytes
from hocba_tui.export.trust.certificate import fingerprint
from hocba_tui.export.trust.issuers import Anchor, Trust
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.export.trust.verdict import FileVerdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.record import Signed
from hocba_tui.model.values import RecordState, Slot
from tests.support.authority import Authority

Stamp = Callable[[Slot, bytes], bytes]
"""From a slot and the bytes of its signature to a time-stamp token, empty for none."""
PROFILE = load_profile("hbs-1.0")
SIGNED = datetime(2026, 6, 10, 8, 0, tzinfo=timezone(timedelta(hours=7)))
NOW = SIGNED + timedelta(days=91)
"""When the answers of :meth:`State.answers` are the newest ones."""
LABELS = {Slot.HOMEROOM: "teacher", Slot.PRINCIPAL: "principal", Slot.SEAL: "seal"}


class State:
    """A record of the demo school, with keys of a state's authority for the people in it."""

    def __init__(self, root: Path, folder: Path) -> None:
        desk = open_desk(root, "vanthu")
        record = next(r for r in desk.records("5A").values() if r.state is RecordState.ISSUED)
        self.uuid, self.region = record.uuid, desk.class_shard("5A").kept(record.frozen)
        facts = parse(self.region)
        people = {
            name: facts.findtext(f".//{tag}") or ""
            for name, tag in (
                ("GIAO_VIEN", "TEN_GIAO_VIEN_CHU_NHIEM"),
                ("SO_GIAO_VIEN", "SO_CCCD_GIAO_VIEN_CHU_NHIEM"),
                ("HIEU_TRUONG", "TEN_GIAM_HIEU_KY_HOC_BA"),
                ("SO_HIEU_TRUONG", "SO_CCCD_GIAM_HIEU_KY_HOC_BA"),
            )
        }
        self.code = facts.findtext(".//MA_TRUONG") or ""
        self.authority = Authority(folder, people)

    def trust(self, *answers: bytes) -> Trust:
        """Pin the authority and the seal."""
        anchors = tuple(Anchor(self.authority.certificate(name), training=False) for name in ("root", "old-root"))
        root = self.authority.certificate("root")
        seal = self.authority.certificate("seal").public_bytes(Encoding.DER)
        pinned = {fingerprint(seal): frozenset({self.code})}
        return Trust(anchors, pinned, Answers(ocsp=answers), (root,), own=frozenset({self.code}))

    def write_trust(self, folder: Path, *answers: bytes) -> None:
        """Write the pinned root, the seal and the answers in the form that the command reads."""
        for inside, label in (("", "root"), (f"seal/{self.code}", "seal")):
            (folder / inside).mkdir(parents=True, exist_ok=True)
            pem = self.authority.certificate(label).public_bytes(Encoding.PEM)
            (folder / inside / f"{label}.pem").write_bytes(pem)
        (folder / "answers").mkdir(exist_ok=True)
        for number, answer in enumerate(answers):
            (folder / "answers" / f"{number}.ocsp").write_bytes(answer)

    def file(self, stamp: Stamp | None = None, **certificates: str) -> bytes:
        """Return the record signed by all three; a slot's certificate may be another one.

        ``stamp`` makes a time-stamp token over a signature's bytes; then the signatures carry properties of XAdES.
        """
        return self.signed(self.region, Slot, stamp, certificates)

    def signed(
        self,
        region: bytes,
        slots: Iterable[Slot],
        stamp: Stamp | None = None,
        certificates: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return a file with this data region, signed in these slots, otherwise as :meth:`file`."""
        made = []
        for minutes, slot in enumerate(slots):
            label = (certificates or {}).get(slot.name, LABELS[slot])
            der = self.authority.certificate(label).public_bytes(Encoding.DER)
            time = (SIGNED + timedelta(minutes=minutes)).isoformat()
            target = record_target(PROFILE, self.uuid, slot, region, (), xades=stamp is not None)
            data = signed_info(target, time, der)
            value = self.authority.keys[LABELS[slot]].sign(data, padding.PKCS1v15(), hashes.SHA256())
            token = stamp(slot, stamped_bytes(value, der)) if stamp else b""
            made.append(Signed(slot, time, value, der, stamp is not None, token))
        return record_file(PROFILE, self.uuid, region, tuple(made))

    def answers_of_today(self, *labels: str) -> tuple[bytes, ...]:
        """Return good answers for a command, whose clock is the real one."""
        return self.answers(*labels, days=datetime.now(UTC).replace(microsecond=0) - SIGNED - timedelta(hours=1))

    def answers(self, *labels: str, days: timedelta = timedelta(days=90)) -> tuple[bytes, ...]:
        return tuple(self.authority.ocsp(label, SIGNED + days) for label in labels)

    def verdict(self, teacher: str, *answered: str) -> FileVerdict:
        return verify(self.file(HOMEROOM=teacher), self.trust(*self.answers(*answered)), now=NOW)
