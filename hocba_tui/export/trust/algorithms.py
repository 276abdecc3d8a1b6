"""Algorithms and kinds of keys that a signature may use."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import PublicKeyAlgorithmOID

from hocba_tui.export.trust.certificate import load_certificate

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256, ECDSA_SHA256 = f"{_MORE}rsa-sha256", f"{_MORE}ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_MIN_RSA_BITS, _MIN_RSA_EXPONENT = 2048, 65537
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_BYTES = 32


def signature_method(certificate: bytes) -> str:
    """Return the one method with which the key of a certificate (DER) may sign; it follows from the kind of key."""
    return (
        ECDSA_SHA256
        if isinstance(load_certificate(certificate).public_key(), ec.EllipticCurvePublicKey)
        else RSA_SHA256
    )


def key_problem(certificate: x509.Certificate) -> str | None:
    """Return why a certificate's key may not sign a record, None when it may: RSA, or ECDSA on P-256."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return rsa_problem(certificate, key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return None
    return "chứng thư không dùng khóa RSA từ 2048 bit trở lên hoặc ECDSA P-256"


def rsa_problem(certificate: x509.Certificate, key: rsa.RSAPublicKey) -> str | None:
    """Return why the RSA key of a certificate is too weak, None when it will do.

    With a small exponent a careless check of the padding allows forgeries (NIST SP 800-89, 5.3.3). A key certified for
    PSS only may not sign as the recipe does (RFC 4055, 1.2).
    """
    if key.key_size < _MIN_RSA_BITS:
        return f"khóa RSA chỉ có {key.key_size} bit, yếu quá (cần từ {_MIN_RSA_BITS})"
    if certificate.public_key_algorithm_oid != PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
        return "khóa RSA chỉ được cấp cho kiểu ký PSS"
    if key.public_numbers().e < _MIN_RSA_EXPONENT:
        return f"khóa RSA có số mũ công khai nhỏ hơn {_MIN_RSA_EXPONENT}"
    return None


def one_form(value: bytes, certificate: bytes) -> bytes:
    """Return an ECDSA value (r and s in one) in its lower form, others unchanged.

    (r, s) and (r, n - s) both verify: without one form, anybody could alter a file that still holds.
    """
    if signature_method(certificate) != ECDSA_SHA256 or len(value) != 2 * _P256_BYTES:
        return value
    s = int.from_bytes(value[_P256_BYTES:], "big")
    return value[:_P256_BYTES] + min(s, abs(_P256_ORDER - s)).to_bytes(_P256_BYTES, "big")


def lower_ecdsa(value: bytes) -> bytes:
    """Return an ECDSA value on P-256 in DER in its lower form; raise ValueError when it is no such value."""
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, min(s, abs(_P256_ORDER - s)))
