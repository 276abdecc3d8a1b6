"""Valid files of every kind, from which the mutators begin."""

from __future__ import annotations

import base64
import itertools
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from hocba_tui.export.trust.issuers import Trust
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.heads import note_all
from tests.attacks.fuzz.reading_worker import Reader
from tests.support.once import copied
from tests.support.stores import filled

NOW = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)


@dataclass(eq=False)
class Material:
    """The stores that the tests have made, never changed, and a folder in which a door may write."""

    scratch: Path
    small: Path
    """A school without signatures."""
    issued: Path
    """The same, with a class of issued records."""
    nested: Path
    """The same in the format whose later signatures cover the earlier ones."""
    stamped: Path
    """One whose signatures have XAdES properties and time-stamps."""
    reader: Reader

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self.kept: set[Path] = set()
        """What in the scratch folder is not removed between two rounds."""

    def path(self, name: str = "x") -> Path:
        """Return a free path in the scratch folder."""
        return self.scratch / f"{next(self._numbers)}-{name}"

    def file(self, data: bytes, name: str = "x") -> Path:
        """Write ``data`` to a free path, and return it."""
        path = self.path(name)
        path.write_bytes(data)
        return path

    def keep(self, path: Path) -> Path:
        """Have a path stay as long as the tests run, and return it."""
        self.kept.add(path)
        return path

    @cached_property
    def desk(self) -> Desk:
        """A copy of the small school, as a teacher has it open."""
        return open_desk(copied(self.small, self.keep(self.path("school"))), "gv.5a")

    @cached_property
    def little(self) -> Path:
        """The smallest store that has every kind of file."""
        filled(root := self.keep(self.path("little")))
        note_all(root, NOW.isoformat())
        return root

    @cached_property
    def key(self) -> tuple[Path, str]:
        """The file of a key that opens backups, and the recipient that belongs to it."""
        path = self.keep(self.path("key.txt"))
        return path, new_identity(path)

    @cached_property
    def trusted(self) -> list[Path]:
        """Trust folders outside of the stores."""
        roots = (self.issued, self.stamped)
        return [Path(shutil.copytree(root / "trust", self.keep(self.path("trust")))) for root in roots]

    @cached_property
    def records(self) -> list[bytes]:
        roots = (self.issued, self.stamped, self.nested)
        return [min((root / "issued").glob("*.xml")).read_bytes() for root in roots]

    @cached_property
    def trust(self) -> Trust:
        return Trust.from_folders(self.trusted)

    @cached_property
    def certificates(self) -> list[bytes]:
        """Certificates (DER) of people, a seal and their issuer."""
        found = {
            base64.b64decode(text)
            for record in self.records
            for text in re.findall(rb"<X509Certificate>([^<]+)</X509Certificate>", record)
        }
        return [*sorted(found), *(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in self.pems)]

    @cached_property
    def pems(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.stamped / "trust").rglob("*.pem"))]

    @cached_property
    def stamps(self) -> list[tuple[bytes, bytes]]:
        """Time-stamp tokens (DER) with the bytes over which they are."""
        from hocba_tui.export.record.signature import stamped_bytes

        tags = (rb"SignatureValue", rb"X509Certificate", rb"EncapsulatedTimeStamp")
        record = self.records[1]
        found = [map(base64.b64decode, re.findall(rb"<%s[^>]*>([^<]+)</%s>" % (tag, tag), record)) for tag in tags]
        return [(stamp, stamped_bytes(value, certificate)) for value, certificate, stamp in zip(*found, strict=True)]

    @cached_property
    def pair(self) -> tuple[x509.Certificate, x509.Certificate, list[bytes], list[bytes]]:
        """A certificate, its issuer, and what the issuer says of it: OCSP answers and lists (DER)."""
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=Nơi cấp thử")
        day, known = timedelta(days=1), x509.BasicConstraints(ca=True, path_length=None)
        builder = x509.CertificateBuilder().issuer_name(name).public_key(key.public_key())
        builder = builder.not_valid_before(NOW - 300 * day).not_valid_after(NOW + 300 * day)
        issuer = (
            builder.subject_name(name).serial_number(1).add_extension(known, critical=True).sign(key, hashes.SHA256())
        )
        person = builder.subject_name(x509.Name.from_rfc4514_string("CN=Nguyễn Thị A")).serial_number(7)
        certificate = person.sign(key, hashes.SHA256())
        answers = [
            ocsp.OCSPResponseBuilder()
            .add_response(
                certificate, issuer, hashes.SHA1(), status, NOW - day, NOW + day, when,  # noqa: S303 - as RFC 6960 has it
                x509.ReasonFlags.key_compromise if when else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
            .certificates([issuer])
            .sign(key, hashes.SHA256())
            .public_bytes(Encoding.DER)
            for status, when in ((ocsp.OCSPCertStatus.GOOD, None), (ocsp.OCSPCertStatus.REVOKED, NOW - 9 * day))
        ]  # fmt: skip
        revoked = x509.RevokedCertificateBuilder().serial_number(7).revocation_date(NOW - 9 * day)
        revoked = revoked.add_extension(x509.CRLReason(x509.ReasonFlags.superseded), critical=False)
        crl = x509.CertificateRevocationListBuilder().issuer_name(name).last_update(NOW - day).next_update(NOW + day)
        crl = crl.add_revoked_certificate(revoked.build()).add_extension(x509.CRLNumber(5), critical=False)
        return certificate, issuer, answers, [crl.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)]
