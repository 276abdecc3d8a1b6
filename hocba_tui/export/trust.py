"""Whose certificates are believed: issuers that the school has pinned, nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from hocba_tui.export.certificate import BadCertificate

TRAINING = "training"
"""Sub-folder of a trust folder: issuers whose signatures have no legal value."""


@dataclass(frozen=True)
class Anchor:
    """A pinned issuer."""

    certificate: x509.Certificate
    training: bool


@dataclass(frozen=True)
class Trust:
    """The pinned issuers."""

    anchors: tuple[Anchor, ...] = ()

    @classmethod
    def from_folders(cls, folders: Iterable[Path]) -> Trust:
        """Read ``*.pem`` of each folder, and of its ``training`` sub-folder as training issuers."""
        anchors = []
        for folder in folders:
            for path in sorted(folder.glob("*.pem")):
                anchors += [Anchor(c, False) for c in x509.load_pem_x509_certificates(path.read_bytes())]
            for path in sorted((folder / TRAINING).glob("*.pem")):
                anchors += [Anchor(c, True) for c in x509.load_pem_x509_certificates(path.read_bytes())]
        return cls(tuple(anchors))

    def issuer_of(self, certificate: x509.Certificate) -> Anchor | None:
        """Return the pinned issuer that signed ``certificate``, None when it names none of them.

        Raises BadCertificate when it names a pinned issuer, by name or key, who did not sign it.
        """
        claimed = False
        for anchor in self.anchors:
            try:
                certificate.verify_directly_issued_by(anchor.certificate)
            except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
                claimed = claimed or _names(certificate, anchor.certificate)
                continue
            return anchor
        if claimed:
            raise BadCertificate("chứng thư bị sửa hoặc giả mạo: nơi cấp ghi trong đó không hề ký")
        return None


def _names(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether ``certificate`` claims ``issuer``, by distinguished name or by key identifier."""
    if certificate.issuer == issuer.subject:
        return True
    try:
        claimed = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        held = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False
    return claimed == held


def validity_problem(certificate: x509.Certificate, at: datetime) -> str:
    """Return why the certificate was not good at ``at``, empty when it was."""
    if at < certificate.not_valid_before_utc:
        return "chứng thư chưa có hiệu lực lúc ký"
    if at > certificate.not_valid_after_utc:
        return "chứng thư đã hết hạn lúc ký"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    if not (usage.digital_signature or usage.content_commitment):
        return "chứng thư không được cấp để ký số"
    return ""
