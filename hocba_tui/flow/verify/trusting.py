"""Pin whose seal is which school's, and which issuers are trusted; who did it, when and from which file is kept.

What a person compares by telephone is a fingerprint; nothing here asks the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.clock import Clock
from hocba_tui.errors import Refused, system_reason
from hocba_tui.export.trust.certificate import (
    BadCertificate,
    fingerprint,
    holder_id,
    holder_name,
    in_pairs,
    load_certificate,
    unit_of,
)
from hocba_tui.export.trust.issuers import SEAL, Trust, no_issuer
from hocba_tui.export.trust.pins import SchoolFacts, named_pem
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.export.verify.holders import SCHOOL_CODE
from hocba_tui.export.verify.verify import certificates_in, verify
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import login
from hocba_tui.flow.registrations import facts_of
from hocba_tui.flow.verify.files import read_file
from hocba_tui.model.values import Slot
from hocba_tui.rules.identity import is_school_code
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Edit
from hocba_tui.store.disk import make_folder, write_atomic
from hocba_tui.text import clean_line

NOTES = "pins.jsonl"
"""File of a trust folder: one line for each pin that was set or removed."""
PINS = "pins"
"""Table of the school's shard: the same for a store, where every act stands in the journal."""
ISSUER = ""
"""The school's code of a pin that is an issuer."""
_BOUNDARY = 5
"""The step of the verifier that proves the bytes to be signed."""
_NOTHING = "Chưa ghim gì."


@dataclass(frozen=True)
class Shown:
    """A certificate, as a person compares it."""

    certificate: bytes
    """DER."""
    role: str
    """What it signed in a record, or what it is by itself."""
    code: str = ""
    """The school's code in the record that it sealed."""
    pinned: str = ""
    """For whom it is pinned here, in words; empty when it is not."""

    @property
    def sha256(self) -> str:
        """Return its fingerprint, hexadecimal."""
        return fingerprint(self.certificate)

    @property
    def holder(self) -> str:
        """Return who holds it."""
        return clean_line(holder_name(load_certificate(self.certificate)))

    @property
    def lines(self) -> tuple[str, ...]:
        """Return who holds it, its fingerprint, its issuer and its period, in words."""
        loaded = load_certificate(self.certificate)
        number, unit = holder_id(loaded), unit_of(loaded)
        return tuple(
            clean_line(line)
            for line in (
                f"{self.role}: {holder_name(loaded)}"
                + (f" (số định danh {number})" if number else "")
                + (f", {unit}" if unit else ""),
                f"SHA-256: {in_pairs(self.sha256)}",
                f"nơi cấp: {loaded.issuer.rfc4514_string()}",
                f"hiệu lực: {loaded.not_valid_before_utc:%d/%m/%Y} đến {loaded.not_valid_after_utc:%d/%m/%Y}",
                self.pinned or "chưa ghim ở đây",
            )
        )


@dataclass(frozen=True)
class Pin:
    """A line of the notes: who pinned (or removed) what, when, from which file."""

    act: str
    """"add" or "remove"."""
    sha256: str
    code: str
    holder: str
    by: str
    at: str
    file: str = ""
    file_sha256: str = ""


@dataclass(frozen=True)
class Place:
    """A trust folder, by itself or of a store; ``desk`` is who acts in a store."""

    folder: Path
    desk: Desk | None = None

    @classmethod
    def of_store(cls, desk: Desk) -> Place:
        """Return the trust folder of a store."""
        return cls(desk.root / "trust", desk)

    @property
    def who(self) -> str:
        """Return the account that acts; without a store, the login."""
        return self.desk.actor.key if self.desk is not None else login()

    @property
    def now(self) -> datetime:
        """Return the real time."""
        return self.desk.clock.now() if self.desk is not None else Clock().now()

    def require(self, act: Act) -> None:
        """Raise NotAllowed unless the actor may; a folder by itself belongs to who can write it."""
        if self.desk is not None:
            self.desk.require(act)

    def trust(self) -> Trust:
        """Return what is trusted here."""
        if not self.folder.is_dir():
            return Trust()
        facts = facts_of(self.desk.school_shard, self.desk.root) if self.desk is not None else SchoolFacts()
        return Trust.from_folders([self.folder], facts)


def show(place: Place, path: Path) -> tuple[Shown, ...]:
    """Return the certificates in a file: of a record's signers (as far as its signatures hold), or a PEM or DER file.

    Raises Refused when there is none to be shown.
    """
    place.require(Act.VERIFY)
    data = _bytes(path)
    trust = place.trust()
    if data.lstrip().startswith(b"<"):
        return tuple(_signers(data, trust))
    return tuple(Shown(der, "Chứng thư", pinned=_pinned(der, trust)) for der in _plain(data, path))


def seal_in(place: Place, path: Path) -> Shown:
    """Return the one certificate in a file that can be pinned: of a record the one that sealed it.

    NotAllowed unless the actor may pin, which is asked before the file is read.
    """
    place.require(Act.PIN)
    found = show(place, path)
    chosen = [each for each in found if each.role == Slot.SEAL.label] or list(found)
    if len(chosen) != 1:
        raise Refused(
            f"{path.name} có {len(chosen)} chứng thư, không rõ là cái nào.", "Để riêng một chứng thư.", _NOTHING
        )
    return chosen[0]


def pin_seal(place: Place, path: Path, shown: Shown, code: str) -> Path:
    """Pin a certificate as the seal of the school ``code``, after a person has compared its fingerprint.

    Return the file of the pin.

    Raises NotAllowed, and Refused for a personal certificate, an odd code, or a record of another school.
    """
    place.require(Act.PIN)
    if not is_school_code(code):
        raise Refused(f"Mã trường “{clean_line(code)[:30]}” không đúng dạng.", "Gõ mã như ghi trong học bạ.", _NOTHING)
    if holder_id(load_certificate(shown.certificate)):
        raise Refused("Đây là chứng thư cá nhân, không phải con dấu của trường.", "", _NOTHING)
    if shown.code and shown.code != code:
        raise Refused(f"Học bạ này ghi mã trường {shown.code}, không phải {code}.", "Gõ đúng mã trường.", _NOTHING)
    others = place.trust().seals.get(shown.sha256, frozenset()) - {code}
    if others:
        whose = ", ".join(sorted(others))
        raise Refused(
            f"Con dấu này đang ghim cho trường mã {whose}.", "Gỡ ghim cũ trước: hocba trust remove.", _NOTHING
        )
    return _write(place, place.folder / SEAL / code, path, shown, code)


def pin_issuer(place: Place, path: Path, shown: Shown) -> Path:
    """Pin an issuer, return the file of the pin; raise Refused for an end-entity certificate."""
    place.require(Act.PIN)
    if problem := no_issuer(load_certificate(shown.certificate)):
        raise Refused(f"Không ghim được: {problem}.", "Xin chứng thư của chính nơi cấp.", _NOTHING)
    return _write(place, place.folder, path, shown, ISSUER)


def unpin(place: Place, sha256: str) -> int:
    """Remove every pin of the certificate whose fingerprint begins with ``sha256``; return how many files went.

    Raises Refused when none or several certificates are meant, or it is the school's own registered seal.
    """
    place.require(Act.PIN)
    wanted = _digits(sha256)
    found = [(path, certificate) for path, certificate, _ in _pins(place.folder) if wanted and
             _sha256(certificate).startswith(wanted)]  # fmt: skip
    meant = {_sha256(certificate) for _, certificate in found}
    if len(meant) != 1:
        raise Refused(f"Có {len(meant)} chứng thư đã ghim bắt đầu bằng dãy ấy.", "Xem hocba trust list.", _NOTHING)
    (full,) = meant
    if place.desk is not None and full == place.desk.school.seal_certificate:
        raise Refused(
            "Đây là con dấu đã đăng ký của chính trường này.", "Đổi con dấu bằng hocba token register.", _NOTHING
        )
    for path, certificate in found:
        code = path.parent.name if path.parent.parent.name == SEAL else ISSUER
        _note(place, Pin("remove", full, code, holder_name(certificate), place.who, place.now.isoformat()))
        path.unlink()
    return len(found)


def pins(place: Place) -> Iterator[tuple[Shown, str]]:
    """Yield what is pinned, each with who pinned it, when, from which file; empty where nobody noted it."""
    place.require(Act.VERIFY)
    noted = {(pin.sha256, pin.code): pin for pin in _notes(place.folder) if pin.act == "add"}
    trust = place.trust()
    listed = list(_pins(place.folder))
    of_schools = {certificate for _, certificate, code in listed if code}
    for _, certificate, code in listed:
        if code == "" and certificate in of_schools:
            continue
        der = certificate.public_bytes(Encoding.DER)
        role = "Con dấu" if code is not None else "Nơi cấp"
        pin = noted.get((_sha256(certificate), code or ISSUER))
        said = f"{pin.by} ghim lúc {pin.at[:16].replace('T', ' ')} từ tệp {pin.file}" if pin is not None else ""
        yield Shown(der, role, code or "", _pinned(der, trust)), said


def refused(place: Place) -> tuple[str, ...]:
    """Return sentences about certificates among the issuers that are none."""
    return place.trust().refused


def _signers(data: bytes, trust: Trust) -> Iterator[Shown]:
    found = verify(data, trust)
    if not _is_signed(found):
        raise Refused(f"Không có chữ ký nào đáng tin trong tệp: {found.reason}", "", _NOTHING)
    by_sha = {fingerprint(der): der for der in certificates_in(data)}
    for slot in found.slots:
        der = by_sha[slot.fingerprint]
        code = found.values.get(SCHOOL_CODE, "") if slot.slot is Slot.SEAL else ""
        yield Shown(der, slot.slot.label, code, _pinned(der, trust))


def _is_signed(found: FileVerdict) -> bool:
    return any(step.number == _BOUNDARY and step.verdict is Verdict.PASSED for step in found.steps)


def _plain(data: bytes, path: Path) -> Sequence[bytes]:
    try:
        loaded = (
            x509.load_pem_x509_certificates(data) if b"-----BEGIN" in data else [x509.load_der_x509_certificate(data)]
        )
        ders = [certificate.public_bytes(Encoding.DER) for certificate in loaded]
        for der in ders:
            load_certificate(der)
    except (ValueError, BadCertificate) as error:
        raise Refused(f"{path.name} không phải học bạ, cũng không phải tệp chứng thư.", "", _NOTHING) from error
    return ders


def _pinned(der: bytes, trust: Trust) -> str:
    sha256 = fingerprint(der)
    if sha256 in trust.seals:
        whose = ", ".join(sorted(trust.seals[sha256]))
        return f"đã ghim là con dấu của trường mã {whose}" if whose else "đã ghim nhưng chưa ghi là của trường nào"
    if any(anchor.certificate.public_bytes(Encoding.DER) == der for anchor in trust.anchors):
        return "đã ghim là nơi cấp"
    return ""


def _write(place: Place, folder: Path, path: Path, shown: Shown, code: str) -> Path:
    loaded = load_certificate(shown.certificate)
    pin = Pin(
        "add", shown.sha256, code, holder_name(loaded), place.who, place.now.isoformat(), path.name,
        hashlib.sha256(_bytes(path)).hexdigest(),
    )  # fmt: skip
    _note(place, pin)
    make_folder(folder)
    made = folder / f"{shown.sha256[:32]}.pem"
    write_atomic(made, loaded.public_bytes(Encoding.PEM))
    return made


def _note(place: Place, pin: Pin) -> None:
    """Note a pin before it takes effect: in a store also in the journal, which nobody can change unseen."""
    if place.desk is not None:
        shard, key = place.desk.school_shard, f"{pin.code or 'issuer'}/{pin.sha256}"
        before = shard.document(PINS, key)
        after = {} if pin.act == "remove" else {"holder": pin.holder, "file": pin.file, "file_sha256": pin.file_sha256}
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        edits = [Edit(PINS, key, name, before.get(name), after.get(name)) for name in names]
        if edits:
            shard.change(pin.by, f"{pin.act}_pin", edits)
    make_folder(place.folder)
    path = place.folder / NOTES
    write_atomic(path, (path.read_bytes() if path.is_file() else b"") + orjson.dumps(asdict(pin)) + b"\n")


def _notes(folder: Path) -> Iterator[Pin]:
    path = folder / NOTES
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            pin = Pin(**orjson.loads(line))
        except (orjson.JSONDecodeError, TypeError):
            continue  # A line that somebody edited by hand says nothing; the pins themselves are the files.
        if all(isinstance(text, str) for text in asdict(pin).values()):
            yield pin


def _pins(folder: Path) -> Iterator[tuple[Path, x509.Certificate, str | None]]:
    """Yield the pinned certificates with their files: issuers (None), then seals with their school's code."""
    yield from ((path, certificate, None) for path, certificate in named_pem(folder))
    seals = folder / SEAL
    yield from ((path, certificate, "") for path, certificate in named_pem(seals))
    for inner in sorted(seals.glob("*/")):
        yield from ((path, certificate, inner.name) for path, certificate in named_pem(inner))


def _bytes(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise Refused(f"Không đọc được {path}: {system_reason(error)}.", "", _NOTHING) from error


def _sha256(certificate: x509.Certificate) -> str:
    return fingerprint(certificate.public_bytes(Encoding.DER))


def _digits(text: str) -> str:
    return "".join(text.lower().replace(":", "").split())


def same_fingerprint(shown: Shown, typed: str) -> bool:
    """Return whether ``typed`` is the fingerprint, or its last eight digits or more, as a person reads them out."""
    digits = _digits(typed)
    return len(digits) >= 8 and shown.sha256.endswith(digits)
