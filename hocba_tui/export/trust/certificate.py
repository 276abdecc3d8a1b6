"""Load certificates, and read whom they name."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from hocba_tui.export.trust.extensions import UNREADABLE, extensions_of
from hocba_tui.text import fold, foreign

_LONGEST_NAME = 600
_ID_PREFIX, _TAX_PREFIX = "CCCD:", "MST:"
_SEMANTICS = re.compile(r"(?:PNO|IDC)VN-(\d{9,12})")
"""Natural persons in ETSI EN 319 412-1, 5.1.3: the type of number and the country before it."""
_ORGANISATIONS = re.compile(r"(?:VAT|NTR)VN-([\d-]{10,14})")
_NO_VALUE = fold("không có giá trị pháp lý")
"""Training certificates say this of themselves."""


class BadCertificate(ValueError):
    """A certificate that cannot be read, or that its issuer did not sign."""


@lru_cache(maxsize=256)
def load_certificate(data: bytes) -> x509.Certificate:
    """Return a DER certificate; raise BadCertificate unless names, dates, number and key can be read.

    cryptography parses lazily: without this, a damaged field would raise some exception later. Extensions are read one
    by one (``extensions_of``), because authorities write some against the rules.
    """
    try:
        with warnings.catch_warnings():
            # A warning about a field of unusual length must not appear on a teacher's screen.
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(data)
            certificate.public_key()
            _ = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.serial_number
            _ = certificate.signature_algorithm_parameters
    except (*UNREADABLE, UnsupportedAlgorithm) as error:
        raise BadCertificate("chứng thư trong tệp không đọc được") from error
    if extensions_of(certificate).unread == ("*",):
        raise BadCertificate("chứng thư trong tệp không đọc được")
    # The count of unused bits before the signature is neither read nor signed: without this check it could be changed.
    if not data.endswith(b"\x00" + certificate.signature):
        raise BadCertificate("chứng thư trong tệp không ở dạng DER chuẩn")
    return certificate


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a DER certificate in hexadecimal, by which it is registered."""
    return hashlib.sha256(data).hexdigest()


def in_pairs(digest: str) -> str:
    """Return a fingerprint as it is read out on the telephone: ``3f9a 62c1 …``."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def holder_name(certificate: x509.Certificate) -> str:
    """Return the common name of the holder, harmless."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return foreign(str(names[0].value)) if names else in_words(certificate.subject)


def in_words(name: x509.Name) -> str:
    """Return a distinguished name in one harmless line (RFC 4514): anybody can have a certificate made."""
    return foreign(name.rfc4514_string(), _LONGEST_NAME)


def holder_id(certificate: x509.Certificate) -> str:
    """Return the personal id that the subject names, empty when there is none.

    ``CCCD:…`` as the state's authorities write it, or ETSI's semantics identifiers ``PNOVN-…`` and ``IDCVN-…``.
    """
    for text in _numbers(certificate):
        if text.startswith(_ID_PREFIX):
            return text.removeprefix(_ID_PREFIX).strip()
        if found := _SEMANTICS.fullmatch(text):
            return found.group(1)
    return ""


def tax_code(certificate: x509.Certificate) -> str:
    """Return the organisation's tax code (``MST:…``, ``VATVN-…``, ``NTRVN-…``), empty when there is none."""
    for text in _numbers(certificate):
        if text.startswith(_TAX_PREFIX):
            return text.removeprefix(_TAX_PREFIX).strip()
        if found := _ORGANISATIONS.fullmatch(text):
            return found.group(1)
    return ""


def unit_of(certificate: x509.Certificate) -> str:
    """Return the organisation that the subject names, and its tax code; empty when it names none."""
    names = [
        str(attribute.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    number = tax_code(certificate)
    return foreign(", ".join(dict.fromkeys([*names, *([f"MST {number}"] if number else [])])), _LONGEST_NAME)


def says_training(certificate: x509.Certificate) -> bool:
    """Return whether a certificate says of itself that it has no legal value; nobody gains by a false one."""
    names = f"{certificate.subject.rfc4514_string()} {certificate.issuer.rfc4514_string()}"
    return _NO_VALUE in fold(names)


def _numbers(certificate: x509.Certificate) -> Iterator[str]:
    for oid in (NameOID.USER_ID, NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_IDENTIFIER):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            yield foreign(str(attribute.value))
