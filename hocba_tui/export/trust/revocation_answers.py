"""Read what issuers answered about certificates: OCSP responses and lists of revoked certificates (CRL).

An answer counts when the issuer signed it (or a responder whom the issuer certified for that and has not revoked),
with SHA-256 or better, when it is about this very certificate, and when nothing in it says more than is understood
here (RFC 5280, 5; RFC 6960, 4.2.2). Nothing here touches the network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from hocba_tui.export.trust.extensions import Extensions, extensions_of

FOLDER = "answers"
"""Sub-folder of a trust folder: stored answers, ``*.ocsp`` and ``*.crl`` (DER)."""
SKEW = timedelta(minutes=5)
"""How far the clocks of a school, a signer and an issuer may be apart."""
WITHOUT_END = timedelta(days=1)
"""How long an answer that names no next one is taken as the newest."""
_GOOD_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_UNREADABLE = (
    ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
"""What cryptography, which parses lazily, raises on bytes that are no answer."""
_NOT_THE_KEY = frozenset(
    {
        x509.ReasonFlags.superseded, x509.ReasonFlags.affiliation_changed, x509.ReasonFlags.cessation_of_operation,
        x509.ReasonFlags.privilege_withdrawn,
    }
)  # fmt: skip
"""Reasons that say something of the certificate alone."""
_FRACTION = re.compile(rb"\d{14}\.\d+Z")


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
    about_key: bool = True
    """Whether it may be the key that is not to be relied on; superseded, affiliation changed, cessation are not."""
    doubt: str = ""
    """Why it proves nothing by itself: who signed it may have been revoked. Such an answer calms nobody."""
    digest: str = ""
    """SHA-256 of the whole answer, hexadecimal."""

    def is_from_the_future(self, now: datetime) -> bool:
        """Return whether it says that it was made later than now."""
        return self.this_update > now + SKEW

    def is_newest(self, now: datetime) -> bool:
        """Return whether it is the issuer's present word."""
        return now <= (self.next_update or self.this_update + WITHOUT_END)

    def covers(self, proved: datetime) -> bool:
        """Return whether it speaks of a time at which a signature is proven to have existed, or of a later one."""
        return self.this_update >= proved - SKEW or (self.next_update is not None and proved <= self.next_update)


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

    def __bool__(self) -> bool:
        return bool(self.ocsp or self.crls)


@lru_cache(maxsize=512)
def revocation_answers(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Answers
) -> tuple[RevocationAnswer, ...]:
    """Return what the issuer's own answers say of a certificate; answers of others are left out."""
    return (*_by_ocsp(certificate, issuer, answers), *_by_crl(certificate, issuer, answers.crls))


def unreadable_times(answers: Answers) -> bool:
    """Return whether an answer writes times with fractions of a second, against RFC 5280 and 6960, so that no library
    here reads it.
    """  # noqa: D205
    return any(_load_ocsp(data) is None and _FRACTION.search(data) for data in answers.ocsp)


def key_of(certificate: x509.Certificate) -> bytes:
    """Return the public key of a certificate (DER), by which two certificates over one key are recognised."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=2048)
def _load_ocsp(data: bytes) -> ocsp.OCSPResponse | None:
    try:
        response = ocsp.load_der_ocsp_response(data)
        good = response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        # Reading them is what may fail; an unknown critical one would say something that is not understood.
        unknown = good and _strange((response.extensions,))
    except _UNREADABLE:
        return None
    return response if good and not unknown else None


def _by_ocsp(certificate: x509.Certificate, issuer: x509.Certificate, answers: Answers) -> list[RevocationAnswer]:
    found: list[RevocationAnswer] = []
    for data in answers.ocsp:
        response = _load_ocsp(data)
        if response is None:
            continue
        try:
            singles = [single for single in response.responses if _is_about(single, certificate, issuer)]
            doubt = _doubt(response, issuer, answers) if singles else None
            if doubt is not None:
                digest = hashlib.sha256(data).hexdigest()
                found += [_of_single(single, doubt, digest) for single in singles]
        except _UNREADABLE:
            continue
    return found


def _is_about(single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, single.hash_algorithm).build()
    return (single.issuer_name_hash, single.issuer_key_hash) == (asked.issuer_name_hash, asked.issuer_key_hash)


def _doubt(response: ocsp.OCSPResponse, issuer: x509.Certificate, answers: Answers) -> str | None:
    """Return None when neither the issuer nor its responder signed; else why that is in doubt, "" for no doubt.

    A responder is certified by the issuer for that purpose (RFC 6960, 4.2.2.2), and not revoked: it says that nobody
    checks that (id-pkix-ocsp-nocheck), or the issuer's own answer is here.
    """
    if _holds(response, issuer):
        return ""
    for responder in response.certificates:
        if not _may_answer(responder, issuer, response.produced_at_utc) or not _holds(response, responder):
            continue
        if extensions_of(responder).of(x509.OCSPNoCheck) is not None:
            return ""
        own = [
            *_by_crl(responder, issuer, answers.crls),
            *(each for each in _by_ocsp_of_issuer(responder, issuer, answers)),
        ]
        if any(each.state in (RevocationState.REVOKED, RevocationState.HELD) for each in own):
            return None
        good = any(each.state is RevocationState.GOOD and each.covers(response.produced_at_utc) for each in own)
        return "" if good else "chưa biết chứng thư của máy trả lời có bị thu hồi không"
    return None


def _by_ocsp_of_issuer(
    responder: x509.Certificate, issuer: x509.Certificate, answers: Answers
) -> Iterator[RevocationAnswer]:
    """Yield what the issuer's own key said of a responder: a responder does not vouch for itself."""
    for data in answers.ocsp:
        response = _load_ocsp(data)
        if response is not None and _holds(response, issuer):
            yield from (_of_single(one) for one in response.responses if _is_about(one, responder, issuer))


def _may_answer(responder: x509.Certificate, issuer: x509.Certificate, produced: datetime) -> bool:
    try:
        responder.verify_directly_issued_by(issuer)
    except (*_UNREADABLE, TypeError, InvalidSignature):
        # TypeError is for an unsupported kind of key of the issuer.
        return False
    extensions = extensions_of(responder)
    extended, usage = extensions.of(x509.ExtendedKeyUsage), extensions.of(x509.KeyUsage)
    if extended is None or ExtendedKeyUsageOID.OCSP_SIGNING not in extended or extensions.unknown_critical():
        return False
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return False
    return responder.not_valid_before_utc <= produced <= responder.not_valid_after_utc


@lru_cache(maxsize=4096)
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


def _of_single(single: ocsp.OCSPSingleResponse, doubt: str = "", digest: str = "") -> RevocationAnswer:
    state = {
        ocsp.OCSPCertStatus.GOOD: RevocationState.GOOD,
        ocsp.OCSPCertStatus.REVOKED: RevocationState.REVOKED,
        ocsp.OCSPCertStatus.UNKNOWN: RevocationState.UNKNOWN,
    }[single.certificate_status]
    reason = single.revocation_reason
    if reason is x509.ReasonFlags.certificate_hold:
        state = RevocationState.HELD
    return RevocationAnswer(
        state, single.this_update_utc, single.next_update_utc, single.revocation_time_utc,
        reason not in _NOT_THE_KEY, doubt, digest,
    )  # fmt: skip


def _by_crl(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Iterable[bytes]
) -> list[RevocationAnswer]:
    found: list[RevocationAnswer] = []
    for data in answers:
        crl = _load_crl(data)
        try:
            if crl is None or crl.issuer != certificate.issuer or not _signed_list(data, issuer):
                continue
            if _about_all(crl, certificate):
                found.append(_of_list(crl, certificate, hashlib.sha256(data).hexdigest()))
        except _UNREADABLE:
            continue
    return found


@lru_cache(maxsize=256)
def _load_crl(data: bytes) -> x509.CertificateRevocationList | None:
    try:
        crl = x509.load_der_x509_crl(data)
        return crl if not _strange((crl.extensions,)) else None
    except _UNREADABLE:
        return None


@lru_cache(maxsize=1024)
def _signed_list(data: bytes, issuer: x509.Certificate) -> bool:
    crl = _load_crl(data)
    assert crl is not None
    key, usage = issuer.public_key(), extensions_of(issuer).of(x509.KeyUsage)
    if not isinstance(crl.signature_hash_algorithm, _GOOD_HASHES) or (usage is not None and not usage.crl_sign):
        return False
    return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)


def _strange(found: Iterable[x509.Extensions]) -> bool:
    """Return whether something critical is among the extensions of an answer that is not understood here."""
    return any(each.critical and isinstance(each.value, x509.UnrecognizedExtension) for some in found for each in some)


def _about_all(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Return whether a list would name this certificate if it were revoked (RFC 5280, 5.2.5 and 6.3.3).

    A delta, an indirect list, one of some reasons or kinds only does not count, nor a part of a list that the
    certificate does not point to.
    """
    extensions = {each.oid: each.value for each in crl.extensions}
    if x509.DeltaCRLIndicator.oid in extensions:
        return False
    scope = extensions.get(x509.IssuingDistributionPoint.oid)
    if scope is None:
        return True
    if not isinstance(scope, x509.IssuingDistributionPoint):
        return False
    basic = extensions_of(certificate).of(x509.BasicConstraints)
    is_authority = basic is not None and basic.ca
    if scope.indirect_crl or scope.only_contains_attribute_certs or scope.only_some_reasons or scope.relative_name:
        return False
    if (scope.only_contains_ca_certs and not is_authority) or (scope.only_contains_user_certs and is_authority):
        return False
    return scope.full_name is None or bool(set(scope.full_name) & set(_points(extensions_of(certificate))))


def _points(extensions: Extensions) -> Iterator[x509.GeneralName]:
    """Yield where a certificate says that lists about it are found: those of all reasons, by its own issuer."""
    for point in extensions.of(x509.CRLDistributionPoints) or ():
        if point.reasons is None and point.crl_issuer is None:
            yield from point.full_name or ()


def _of_list(crl: x509.CertificateRevocationList, certificate: x509.Certificate, digest: str) -> RevocationAnswer:
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return RevocationAnswer(RevocationState.GOOD, crl.last_update_utc, crl.next_update_utc, digest=digest)
    reason, state = x509.ReasonFlags.unspecified, RevocationState.REVOKED
    try:
        for each in entry.extensions:
            if isinstance(each.value, x509.CRLReason):
                reason = each.value.reason
            elif each.critical and isinstance(each.value, x509.UnrecognizedExtension | x509.CertificateIssuer):
                state = RevocationState.UNKNOWN
    except _UNREADABLE:
        state = RevocationState.UNKNOWN
    if state is RevocationState.REVOKED and reason is x509.ReasonFlags.certificate_hold:
        state = RevocationState.HELD
    return RevocationAnswer(
        state, crl.last_update_utc, crl.next_update_utc, entry.revocation_date_utc, reason not in _NOT_THE_KEY,
        digest=digest,
    )  # fmt: skip
