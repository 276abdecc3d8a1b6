"""Load certificates strictly, and read whom they name."""

from __future__ import annotations

import hashlib
import warnings
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from hocba_tui.text import foreign

_ID_PREFIX = "CCCD:"
_LONGEST_NAME = 600


class BadCertificate(ValueError):
    """A certificate that cannot be read, or that its issuer did not sign."""


@lru_cache(maxsize=256)
def load_certificate(data: bytes) -> x509.Certificate:
    """Return a DER certificate; raise BadCertificate unless everything that is used later can be read.

    cryptography parses lazily: without this, a damaged field would raise some exception later.
    """
    try:
        with warnings.catch_warnings():
            # A warning about a field of unusual length must not appear on a teacher's screen.
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(data)
            certificate.public_key()
            _ = certificate.extensions, certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.serial_number
    except (
        ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType, x509.AttributeNotFound,
    ) as error:  # fmt: skip
        raise BadCertificate("chứng thư trong tệp không đọc được") from error
    # The count of unused bits before the signature is neither read nor signed: without this check it could be changed.
    if not data.endswith(b"\x00" + certificate.signature):
        raise BadCertificate("chứng thư trong tệp không ở dạng DER chuẩn")
    return certificate


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a DER certificate in hexadecimal, by which it is registered."""
    return hashlib.sha256(data).hexdigest()


def holder_name(certificate: x509.Certificate) -> str:
    """Return the common name of the holder, harmless."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return foreign(str(names[0].value)) if names else in_words(certificate.subject)


def in_words(name: x509.Name) -> str:
    """Return a distinguished name in one harmless line (RFC 4514): anybody can have a certificate made."""
    return foreign(name.rfc4514_string(), _LONGEST_NAME)


def holder_id(certificate: x509.Certificate) -> str:
    """Return the personal id in the subject's UID (``CCCD:…``), empty when there is none."""
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.USER_ID):
        text = str(attribute.value)
        if text.startswith(_ID_PREFIX):
            return text.removeprefix(_ID_PREFIX).strip()
    return ""
