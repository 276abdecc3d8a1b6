"""The state's recipe of XMLDSig, written as the exact bytes of a file.

References by Id without transforms, inclusive C14N 1.0, SHA-256, RSA or ECDSA on P-256; the time of signing in
Object/SignatureProperties, referenced too; subject name and certificate in KeyInfo; each Signature
outside what it references. (CV 2088 §1.6; recomputed on a signed file of the tax authority.)
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hocba_tui.export.certificate import load_certificate
from hocba_tui.export.region import escape

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256, ECDSA_SHA256 = f"{_MORE}rsa-sha256", f"{_MORE}ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_XMLNS = f' xmlns="{DSIG}"'
_MIN_RSA_BITS = 2048
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_BYTES = 32
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Target:
    """What one signature covers, and the Ids that tie its parts together."""

    data_id: str
    signature_id: str
    time_id: str
    data: bytes
    """Canonical bytes of the element with Id ``data_id``."""


def signed_info(target: Target, time: str, certificate: bytes) -> bytes:
    """Return the bytes that the key of a certificate (DER) has to sign: canonical SignedInfo."""
    return _signed_info(target, time, _XMLNS, signature_method(certificate)).encode()


def signature_method(certificate: bytes) -> str:
    """Return the one method with which the key of a certificate (DER) may sign; the kind of key decides."""
    return (
        ECDSA_SHA256
        if isinstance(load_certificate(certificate).public_key(), ec.EllipticCurvePublicKey)
        else RSA_SHA256
    )


def signature_element(target: Target, time: str, value: bytes, certificate: bytes) -> str:
    """Return the whole Signature element, canonical."""
    return (
        f'<Signature{_XMLNS} Id="{target.signature_id}">'
        f"{_signed_info(target, time, '', signature_method(certificate))}"
        f"<SignatureValue>{base64.b64encode(_one_form(value, certificate)).decode()}</SignatureValue>"
        f"<KeyInfo><X509Data><X509SubjectName>{escape(subject_name(certificate))}</X509SubjectName>"
        f"<X509Certificate>{base64.b64encode(certificate).decode()}</X509Certificate></X509Data></KeyInfo>"
        f"{_time_object(target, time, '')}</Signature>"
    )


@lru_cache(maxsize=256)
def subject_name(certificate: bytes) -> str:
    """Return X509SubjectName (RFC 4514) of a DER certificate."""
    return load_certificate(certificate).subject.rfc4514_string()


def key_problem(certificate: x509.Certificate) -> str:
    """Return why the certificate's key is too weak or of another kind, empty when it will do."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
        return ""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return ""
    return "chứng thư không dùng khóa RSA từ 2048 bit trở lên hoặc ECDSA P-256"


def _one_form(value: bytes, certificate: bytes) -> bytes:
    """Return an ECDSA value in its lower form, others unchanged.

    (r, s) and (r, n - s) both verify: without one form, anybody could alter a file that still holds.
    """
    if signature_method(certificate) != ECDSA_SHA256 or len(value) != 2 * _P256_BYTES:
        return value
    s = int.from_bytes(value[_P256_BYTES:], "big")
    return value[:_P256_BYTES] + min(s, abs(_P256_ORDER - s)).to_bytes(_P256_BYTES, "big")


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _time_object(target: Target, time: str, xmlns: str) -> str:
    return (
        f'<Object{xmlns} Id="{target.time_id}"><SignatureProperties xmlns="">'
        f'<SignatureProperty Target="#{target.signature_id}"><SigningTime>{escape(time)}</SigningTime>'
        "</SignatureProperty></SignatureProperties></Object>"
    )


def _signed_info(target: Target, time: str, xmlns: str, method: str) -> str:
    time_object = _time_object(target, time, _XMLNS).encode()
    return (
        f'<SignedInfo{xmlns}><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{method}"></SignatureMethod>'
        f"{_reference(target.data_id, target.data)}{_reference(target.time_id, time_object)}</SignedInfo>"
    )


def _reference(target: str, data: bytes) -> str:
    return (
        f'<Reference URI="#{target}"><DigestMethod Algorithm="{SHA256}"></DigestMethod>'
        f"<DigestValue>{_digest(data)}</DigestValue></Reference>"
    )
