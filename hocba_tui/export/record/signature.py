"""The state's recipe of XMLDSig, written as the exact bytes of a file.

References by Id without transforms, inclusive C14N 1.0, SHA-256, RSA or ECDSA on P-256; the time of signing in
Object/SignatureProperties, referenced too; subject name and certificate in KeyInfo; each Signature
outside what it references. (CV 2088 §1.6; recomputed on a signed file of the tax authority.) XAdES properties are
an addition, referenced as a third.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from hocba_tui.export.record.region import escape
from hocba_tui.export.record.xades import SIGNED_PROPERTIES, XADES, signed_properties, unsigned_properties
from hocba_tui.export.trust.algorithms import C14N, DSIG, SHA256, one_form, signature_method
from hocba_tui.export.trust.certificate import load_certificate

_XMLNS = f' xmlns="{DSIG}"'
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Target:
    """What one signature covers, and the Ids that tie its parts together."""

    data_id: str
    signature_id: str
    time_id: str
    data: bytes
    """Canonical bytes of the element with Id ``data_id``."""
    properties_id: str = ""
    """Id of the XAdES properties, empty when the signature carries none."""

    @property
    def reference_ids(self) -> tuple[str, str]:
        """Return the Ids of the references to the data and to the time, by which XAdES names them."""
        return f"{self.signature_id}-data", f"{self.signature_id}-time"


def signed_info(target: Target, time: str, certificate: bytes) -> bytes:
    """Return the bytes that the key of a certificate (DER) has to sign: canonical SignedInfo."""
    return _signed_info(target, time, _XMLNS, certificate).encode()


def stamped_bytes(value: bytes, certificate: bytes) -> bytes:
    """Return the bytes that a time-stamp of a signature covers: its canonical SignatureValue (EN 319 132-1, 5.3)."""
    return _value(value, certificate, _XMLNS).encode()


def signature_element(target: Target, time: str, value: bytes, certificate: bytes, stamp: bytes = b"") -> str:
    """Return the whole Signature element, canonical.

    ``stamp`` is a time-stamp token over it (DER), which is possible only in a signature with XAdES properties.
    """
    return (
        f'<Signature{_XMLNS} Id="{target.signature_id}">'
        f"{_signed_info(target, time, '', certificate)}"
        f"{_value(value, certificate, '')}"
        f"<KeyInfo><X509Data><X509SubjectName>{escape(subject_name(certificate))}</X509SubjectName>"
        f"<X509Certificate>{base64.b64encode(certificate).decode()}</X509Certificate></X509Data></KeyInfo>"
        f"{_time_object(target, time, '')}{_xades_object(target, time, certificate, stamp)}</Signature>"
    )


@lru_cache(maxsize=256)
def subject_name(certificate: bytes) -> str:
    """Return X509SubjectName (RFC 4514) of a DER certificate."""
    return load_certificate(certificate).subject.rfc4514_string()


def _value(value: bytes, certificate: bytes, xmlns: str) -> str:
    return f"<SignatureValue{xmlns}>{base64.b64encode(one_form(value, certificate)).decode()}</SignatureValue>"


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _time_object(target: Target, time: str, xmlns: str) -> str:
    return (
        f'<Object{xmlns} Id="{target.time_id}"><SignatureProperties xmlns="">'
        f'<SignatureProperty Target="#{target.signature_id}"><SigningTime>{escape(time)}</SigningTime>'
        "</SignatureProperty></SignatureProperties></Object>"
    )


def _xades_object(target: Target, time: str, certificate: bytes, stamp: bytes) -> str:
    if not target.properties_id:
        return ""
    return (
        f'<Object><QualifyingProperties xmlns="{XADES}" Target="#{target.signature_id}">'
        f"{_properties(target, time, certificate, '')}{unsigned_properties(stamp)}</QualifyingProperties></Object>"
    )


def _properties(target: Target, time: str, certificate: bytes, xmlns: str) -> str:
    return signed_properties(target.properties_id, target.reference_ids, escape(time), certificate, xmlns)


def _signed_info(target: Target, time: str, xmlns: str, certificate: bytes) -> str:
    time_object = _time_object(target, time, _XMLNS).encode()
    of_data, of_time = (f' Id="{name}"' if target.properties_id else "" for name in target.reference_ids)
    references = _reference(target.data_id, target.data, of_data) + _reference(target.time_id, time_object, of_time)
    if target.properties_id:
        properties = _properties(target, time, certificate, f' xmlns="{XADES}"').encode()
        references += _reference(target.properties_id, properties, f' Type="{SIGNED_PROPERTIES}"')
    return (
        f'<SignedInfo{xmlns}><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{signature_method(certificate)}"></SignatureMethod>{references}</SignedInfo>'
    )


def _reference(target: str, data: bytes, attributes: str = "") -> str:
    return (
        f'<Reference{attributes} URI="#{target}"><DigestMethod Algorithm="{SHA256}"></DigestMethod>'
        f"<DigestValue>{_digest(data)}</DigestValue></Reference>"
    )
