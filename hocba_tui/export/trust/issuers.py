"""Trusted issuers of certificates: only those that the school has pinned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from hocba_tui.errors import WrongUse
from hocba_tui.export.trust.certificate import BadCertificate
from hocba_tui.export.trust.revocation import FOLDER, Answers

SEAL = "seal"
"""Sub-folder of a trust folder: the registered seals, each its own certificate."""
TRAINING = "training"
"""Sub-folder of a trust folder: issuers whose signatures have no legal value."""
TSA = "tsa"
"""Sub-folder of a trust folder: issuers of the certificates of trusted time-stamp authorities."""


@dataclass(frozen=True)
class Anchor:
    """A pinned issuer."""

    certificate: x509.Certificate
    training: bool


@dataclass(frozen=True)
class Trust:
    """The pinned issuers, and the registered seals.

    A seal is trusted by its own fingerprint (SHA-256, hexadecimal): an issuer of the state issues
    certificates to every official of the country, so a path to it proves nothing about the school.
    """

    anchors: tuple[Anchor, ...] = ()
    seals: frozenset[str] = frozenset()
    answers: Answers = field(default_factory=Answers)
    """What the issuers answered about revocation."""
    stampers: tuple[x509.Certificate, ...] = ()
    """Pinned issuers of the certificates of time-stamp authorities; other stamps are not trusted."""

    @classmethod
    def from_folders(cls, folders: Iterable[Path]) -> Trust:
        """Read issuers (``*.pem``), training issuers (``training/*.pem``), seals, issuers for time-stamps, answers.

        Raises WrongUse when a folder is missing or holds something else.
        """
        anchors: list[Anchor] = []
        seals: list[str] = []
        stampers: list[x509.Certificate] = []
        answers = Answers()
        for folder in folders:
            if not folder.is_dir():
                raise WrongUse(f"Không có thư mục chứng thư tin cậy {folder}.", safe="")
            anchors += [Anchor(found, False) for found in _read(folder)]
            anchors += [Anchor(found, True) for found in _read(folder / TRAINING)]
            seals += [found.fingerprint(hashes.SHA256()).hex() for found in _read(folder / SEAL)]
            stampers += _read(folder / TSA)
            answers += Answers.from_folder(folder / FOLDER)
        return cls(tuple(anchors), frozenset(seals), answers, tuple(stampers))

    def issuer_of(self, certificate: x509.Certificate) -> Anchor | None:
        """Return the pinned issuer that signed ``certificate``, None when it names none of them.

        Raises BadCertificate when it names a pinned issuer, by name or key, who did not sign it.
        """
        issuer = _issuer(certificate, [anchor.certificate for anchor in self.anchors])
        return next((anchor for anchor in self.anchors if anchor.certificate is issuer), None)

    def issuer_of_stamper(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """Return the pinned issuer of a time-stamp authority's certificate, otherwise as ``issuer_of``."""
        return _issuer(certificate, self.stampers)


def _issuer(certificate: x509.Certificate, pinned: Iterable[x509.Certificate]) -> x509.Certificate | None:
    claimed = False
    for issuer in pinned:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            # verify_directly_issued_by raises TypeError for an unsupported kind of key of the issuer.
            claimed = claimed or _names(certificate, issuer)
            continue
        return issuer
    if claimed:
        raise BadCertificate(
            "nơi cấp ghi trong chứng thư không ký chứng thư này bằng khóa đã ghim"
            " (bị sửa, giả mạo, hoặc nơi cấp có khóa khác chưa ở trong thư mục tin cậy)"
        )
    return None


def _read(folder: Path) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in sorted(folder.glob("*.pem")):
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise WrongUse(f"{path} không phải tệp chứng thư PEM.", safe="") from error
    return found


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


def time_problem(certificate: x509.Certificate, at: datetime) -> str | None:
    """Return why the certificate was not valid at ``at``, None when it was."""
    if at < certificate.not_valid_before_utc:
        return "chứng thư chưa có hiệu lực lúc ký"
    if at > certificate.not_valid_after_utc:
        return "chứng thư đã hết hạn lúc ký"
    return None


def validity_problem(certificate: x509.Certificate, at: datetime) -> str | None:
    """Return why the certificate was not good for signing at ``at``, None when it was."""
    if problem := time_problem(certificate, at):
        return problem
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if not (usage.digital_signature or usage.content_commitment):
        return "chứng thư không được cấp để ký số"
    return None


def issuer_problem(issuer: x509.Certificate, at: datetime) -> str | None:
    """Return why a pinned issuer could not certify anybody at ``at``, None when it could."""
    if not issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc:
        return "chứng thư của nơi cấp không có hiệu lực lúc ký"
    return None
