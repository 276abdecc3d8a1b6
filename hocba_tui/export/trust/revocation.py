"""Decide from stored answers of the issuer (OCSP, CRL) whether a certificate was revoked.

An answer counts when the issuer signed it (or a responder whom the issuer certified for that), with SHA-256 or
better, and when it was current at the time of signing or later. Nothing here touches the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from hocba_tui.export.trust.verdict import PASSED, StepResult, Verdict

FOLDER = "answers"
"""Sub-folder of a trust folder: stored answers, ``*.ocsp`` and ``*.crl`` (DER)."""
_SKEW = timedelta(minutes=5)
"""How far the clocks of a school and of an issuer may be apart."""
_GOOD_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_UNREADABLE = (
    ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
)  # fmt: skip
"""What cryptography, which parses lazily, raises on bytes that are no answer."""


class RevocationState(Enum):
    """What an issuer says of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RevocationAnswer:
    """One answer that the issuer signed, about one certificate."""

    state: RevocationState
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Return whether the answer is valid for the time ``at``: made later, or still current then."""
        if self.this_update >= at - _SKEW:
            return True
        return self.next_update is not None and at <= self.next_update


@dataclass(frozen=True)
class Answers:
    """Stored answers of issuers, unchanged (DER)."""

    ocsp: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    @classmethod
    def from_folder(cls, folder: Path) -> Answers:
        """Read what is stored in ``folder``; nothing when there is no such folder."""
        return cls(*(tuple(p.read_bytes() for p in sorted(folder.glob(f"*.{kind}"))) for kind in ("ocsp", "crl")))

    def __add__(self, other: Answers) -> Answers:
        return Answers(self.ocsp + other.ocsp, self.crls + other.crls)


def revocation_verdict(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    answers: Answers,
    stamped: datetime | None = None,
) -> StepResult:
    """Return whether the certificate was not revoked when it signed, with the reason when it is not PASSED.

    ``at`` is the claimed time; ``stamped`` a later one at which a time-stamp proves that the signature existed, and
    at which the certificate is judged then. Revoked before ``at``: FAILED. Revoked later, held, unknown, stale or no
    answer: INDETERMINATE, since nothing proves that the claimed time is true. Revoked after ``stamped``: PASSED.
    """
    found = revocation_answers(certificate, issuer, answers)
    for answer in found:
        if answer.state is RevocationState.REVOKED and answer.revoked_at is not None:
            day = f"{answer.revoked_at:%d/%m/%Y}"
            if answer.revoked_at <= at:
                return StepResult(Verdict.FAILED, f"chứng thư đã bị thu hồi ngày {day}, trước khi ký")
            if stamped is None or answer.revoked_at <= stamped:
                which = "không có dấu thời gian" if stamped is None else "dấu thời gian có sau đó, không đủ"
                why = f"chứng thư bị thu hồi ngày {day}; {which} để chứng minh đã ký trước đó"
                return StepResult(Verdict.INDETERMINATE, why)
    current = [answer for answer in found if answer.covers(stamped or at)]
    if not current:
        older = f"câu trả lời đã lưu cũ hơn {'dấu thời gian' if stamped else 'lúc ký'}"
        why = older if found else "chưa có câu trả lời nào của nơi cấp"
        return StepResult(Verdict.INDETERMINATE, f"chưa biết chứng thư có bị thu hồi không ({why})")
    latest = max(current, key=lambda answer: answer.this_update)
    # A certificate revoked at a known time was good until then, which is after the time-stamp: see the loop above.
    if latest.state is RevocationState.GOOD or (
        latest.state is RevocationState.REVOKED and latest.revoked_at is not None
    ):
        return PASSED
    if latest.state is RevocationState.HELD:
        return StepResult(Verdict.INDETERMINATE, "chứng thư đang bị tạm dừng")
    return StepResult(Verdict.INDETERMINATE, "nơi cấp trả lời là không biết chứng thư này")


def revocation_answers(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Answers
) -> tuple[RevocationAnswer, ...]:
    """Return what the issuer's own answers say of a certificate; answers of others are left out."""
    return (*_by_ocsp(certificate, issuer, answers.ocsp), *_by_crl(certificate, issuer, answers.crls))


def request_for(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return an OCSP request (DER). SHA-1 names the certificate here and signs nothing (RFC 6960, 4.3)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(Encoding.DER)


def asked_at(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return where the issuer answers about a certificate: addresses for OCSP, and of CRLs; http and https only."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        responders = [d.access_location for d in access if d.access_method == AuthorityInformationAccessOID.OCSP]
    except x509.ExtensionNotFound:
        responders = []
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        lists = [name for point in points for name in point.full_name or ()]
    except x509.ExtensionNotFound:
        lists = []
    return _addresses(responders), _addresses(lists)


def _addresses(names: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    texts = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return tuple(text for text in texts if text.startswith(("http://", "https://")))


def _by_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Iterable[bytes]
) -> list[RevocationAnswer]:
    found: list[RevocationAnswer] = []
    for data in answers:
        try:
            response = ocsp.load_der_ocsp_response(data)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                continue
            singles = [single for single in response.responses if _is_about(single, certificate, issuer)]
            if singles and _signed_by_issuer(response, issuer):
                found += [_of_single(single) for single in singles]
        except _UNREADABLE:
            continue
    return found


def _is_about(single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, single.hash_algorithm).build()
    return (single.issuer_name_hash, single.issuer_key_hash) == (asked.issuer_name_hash, asked.issuer_key_hash)


def _signed_by_issuer(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Return whether the issuer, or a responder certified by it for that purpose, signed (RFC 6960, 4.2.2.2)."""
    if _holds(response, issuer):
        return True
    for responder in response.certificates:
        try:
            responder.verify_directly_issued_by(issuer)
            usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (*_UNREADABLE, TypeError, InvalidSignature, x509.ExtensionNotFound):
            # verify_directly_issued_by raises TypeError for an unsupported kind of key of the issuer.
            continue
        alive = responder.not_valid_before_utc <= response.produced_at_utc <= responder.not_valid_after_utc
        if alive and ExtendedKeyUsageOID.OCSP_SIGNING in usage and _holds(response, responder):
            return True
    return False


def _holds(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    algorithm, key = response.signature_hash_algorithm, signer.public_key()
    if not isinstance(algorithm, _GOOD_HASHES):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _of_single(single: ocsp.OCSPSingleResponse) -> RevocationAnswer:
    state = {
        ocsp.OCSPCertStatus.GOOD: RevocationState.GOOD,
        ocsp.OCSPCertStatus.REVOKED: RevocationState.REVOKED,
        ocsp.OCSPCertStatus.UNKNOWN: RevocationState.UNKNOWN,
    }[single.certificate_status]
    if single.revocation_reason is x509.ReasonFlags.certificate_hold:
        state = RevocationState.HELD
    return RevocationAnswer(state, single.this_update_utc, single.next_update_utc, single.revocation_time_utc)


def _by_crl(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Iterable[bytes]
) -> list[RevocationAnswer]:
    found: list[RevocationAnswer] = []
    for data in answers:
        try:
            crl = x509.load_der_x509_crl(data)
            if crl.issuer != certificate.issuer or not isinstance(crl.signature_hash_algorithm, _GOOD_HASHES):
                continue
            key = issuer.public_key()
            if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
                continue
            if not _whole(crl) or not crl.is_signature_valid(key):
                continue
            found.append(_of_list(crl, certificate))
        except _UNREADABLE:
            continue
    return found


def _whole(crl: x509.CertificateRevocationList) -> bool:
    """Return whether a list covers all certificates; a delta, or a list limited to some reasons or kinds, does not."""
    for kind in (x509.DeltaCRLIndicator, x509.IssuingDistributionPoint):
        try:
            value = crl.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            continue
        if not isinstance(value, x509.IssuingDistributionPoint):
            return False
        if value.only_contains_ca_certs or value.only_contains_attribute_certs or value.indirect_crl:
            return False
        if value.only_some_reasons:
            return False
    return True


def _of_list(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> RevocationAnswer:
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return RevocationAnswer(RevocationState.GOOD, crl.last_update_utc, crl.next_update_utc)
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        reason = x509.ReasonFlags.unspecified
    state = RevocationState.HELD if reason is x509.ReasonFlags.certificate_hold else RevocationState.REVOKED
    return RevocationAnswer(state, crl.last_update_utc, crl.next_update_utc, entry.revocation_date_utc)
