"""The path from a certificate to a pinned issuer: who signed whom, and whether each was allowed to (RFC 5280, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import verification

from hocba_tui.export.trust.certificate import BadCertificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.extensions import extensions_of
from hocba_tui.export.trust.issuers import Anchor, Trust
from hocba_tui.export.trust.verdict import StepResult, not_known
from hocba_tui.text import clean_line

_STEPS = 5
"""Authorities between a person and the pinned issuer; a state has one or two."""


@dataclass(frozen=True)
class Path:
    """Those who certified, from the issuer of the certificate up to the pinned one."""

    issuers: tuple[x509.Certificate, ...]
    anchor: Anchor

    @property
    def issuer(self) -> x509.Certificate:
        """Return who issued the certificate itself."""
        return self.issuers[0]

    def pairs(self, certificate: x509.Certificate) -> tuple[tuple[x509.Certificate, x509.Certificate], ...]:
        """Return each certificate of the path below the pinned issuer, with its own issuer."""
        below = (certificate, *self.issuers[:-1])
        return tuple(zip(below, self.issuers, strict=True))


def find_path(certificate: x509.Certificate, trust: Trust, more: Sequence[x509.Certificate] = ()) -> Path | None:
    """Return the path to a pinned issuer, None when there is none; ``more`` are certificates that came with a file.

    Raises BadCertificate when it names a pinned issuer, by name or key, who did not sign it.
    """
    return _path(certificate, trust.anchors, (*trust.chain, *more))


@lru_cache(maxsize=1024)
def _path(
    certificate: x509.Certificate, anchors: tuple[Anchor, ...], others: tuple[x509.Certificate, ...]
) -> Path | None:
    found = _climb(certificate, [anchor.certificate for anchor in anchors], others, _STEPS)
    if found is None:
        return None
    return Path(found, next(anchor for anchor in anchors if anchor.certificate == found[-1]))


def issuer_among(certificate: x509.Certificate, pinned: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """Return the one of ``pinned`` that signed ``certificate``, otherwise as :func:`find_path`."""
    claimed = False
    for issuer in pinned:
        if signed_by(certificate, issuer):
            return issuer
        claimed = claimed or _names(certificate, issuer)
    if claimed:
        raise BadCertificate(
            "nơi cấp ghi trong chứng thư không ký chứng thư này bằng khóa đã ghim"
            " (bị sửa, giả mạo, hoặc nơi cấp có khóa khác chưa ở trong thư mục tin cậy)"
        )
    return None


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether ``issuer`` is named by a certificate, and its key signed it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        # TypeError is for an unsupported kind of key of the issuer.
        return False
    return True


@lru_cache(maxsize=1024)
def path_result(certificate: x509.Certificate, path: Path) -> StepResult | None:
    """Return why a path does not hold by RFC 5280, None when it does.

    Constraints, critical extensions, path length and the issuers' own right to certify are judged by cryptography's
    verification, at a time at which all were valid; whether they were at another time is asked by itself.
    """
    everybody = (certificate, *path.issuers)
    at = max(each.not_valid_before_utc for each in everybody)
    if at > min(each.not_valid_after_utc for each in everybody):
        return not_known("chứng thư và các nơi cấp không có lúc nào cùng còn hạn", Code.CHAIN_CONSTRAINTS_FAILURE)
    try:
        _verifier(path, at).verify(certificate, list(path.issuers[:-1]))
    except (verification.VerificationError, ValueError) as error:
        words = clean_line(str(error))[:160]
        return not_known(
            f"đường dẫn từ chứng thư tới nơi cấp đã ghim không đúng quy định ({words})", Code.CHAIN_CONSTRAINTS_FAILURE
        )
    return None


def issuers_at(path: Path, at: datetime) -> bool:
    """Return whether every issuer of a path was valid at ``at``."""
    return all(issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc for issuer in path.issuers)


def _climb(
    certificate: x509.Certificate, anchors: Sequence[x509.Certificate], others: Sequence[x509.Certificate], left: int
) -> tuple[x509.Certificate, ...] | None:
    bad: BadCertificate | None = None
    try:
        issuer = issuer_among(certificate, anchors)
    except BadCertificate as error:
        bad = error
    else:
        if issuer is not None:
            return (issuer,)
    for other in others:
        if left and other != certificate and other.subject == certificate.issuer and signed_by(certificate, other):
            above = _climb(other, anchors, others, left - 1)
            if above is not None:
                return (other, *above)
    if bad is not None:
        raise bad
    return None


def _verifier(path: Path, at: datetime) -> verification.ClientVerifier:
    people = verification.ExtensionPolicy.permit_all()
    issuers = verification.ExtensionPolicy.permit_all().require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
    )
    return (
        verification.PolicyBuilder()
        .store(verification.Store([path.issuers[-1]]))
        .time(at)
        .max_chain_depth(_STEPS + 1)
        .extension_policies(ca_policy=issuers.may_be_present(
            x509.KeyUsage, verification.Criticality.AGNOSTIC, _must_certify
        ), ee_policy=people)
        .build_client_verifier()
    )  # fmt: skip


def _must_certify(_policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an issuer whose key may not sign certificates")


def _names(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether ``certificate`` claims ``issuer``, by distinguished name or by key identifier."""
    if certificate.issuer == issuer.subject:
        return True
    claimed = extensions_of(certificate).of(x509.AuthorityKeyIdentifier)
    held = extensions_of(issuer).of(x509.SubjectKeyIdentifier)
    return claimed is not None and held is not None and claimed.key_identifier == held.digest
