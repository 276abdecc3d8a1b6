"""Sort algorithms into accepted ones, weak ones that prove nothing, and those that are not supported here."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from hocba_tui.export.trust.algorithms import C14N, rsa_problem
from hocba_tui.text import clean_line

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N_FORMS = frozenset({C14N, "http://www.w3.org/2006/12/xml-c14n11", EXCLUSIVE})
"""Without comments. 1.1 differs from 1.0 only where an ancestor has xml: attributes, and those are refused."""
METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512,
        SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512,
    }
)  # fmt: skip
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
OLD_METHODS = frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.ECDSA_SHA1})
OLD_DIGESTS = frozenset({DigestAlgorithm.SHA1})
"""Computed too, since what does not hold even so is proven wrong; what does proves nothing, for it can be forged."""
_METHOD_NAMES = frozenset(method.value for method in METHODS | OLD_METHODS)
_DIGEST_NAMES = frozenset(digest.value for digest in DIGESTS | OLD_DIGESTS)
_OLD_NAMES = frozenset([*(method.value for method in OLD_METHODS), *(digest.value for digest in OLD_DIGESTS)])
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_WEAK = {
    "hmac": "HMAC (mã xác thực bằng khóa chung, không phải chữ ký của một người)",
    "md5": "MD5",
    "sha1": "SHA-1",
    "ripemd": "RIPEMD-160",
    "dsa-sha": "DSA",
    "sha224": "SHA-224",
}
"""Parts of an identifier and what they mean; looked for in this order."""


class Weak(ValueError):
    """An algorithm or a key that is too weak to prove anything; the message names it."""


class Unsupported(ValueError):
    """Something that is not supported here, so that it is neither confirmed nor refuted."""


def is_old(name: str) -> bool:
    """Return whether ``name`` is an algorithm with SHA-1, which is computed and proves nothing."""
    return name in _OLD_NAMES


def require_method(name: str) -> None:
    """Raise Weak or Unsupported unless ``name`` is a signature method that is computed here."""
    _require(name, _METHOD_NAMES, "thuật toán ký")


def require_digest(name: str) -> None:
    """Raise Weak or Unsupported unless ``name`` is a digest that is computed here."""
    _require(name, _DIGEST_NAMES, "thuật toán băm")


def require_c14n(name: str) -> None:
    """Raise Unsupported unless ``name`` is a canonical form that is known here."""
    if name not in C14N_FORMS:
        raise Unsupported(f"cách chuẩn hóa “{shown(name)}” không được kiểm tra ở đây")


def weak_key(certificate: x509.Certificate) -> str | None:
    """Return why a certificate's key proves nothing, None when it will do."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return rsa_problem(certificate, key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return None
    return "khóa không phải RSA từ 2048 bit hoặc ECDSA trên P-256, P-384, P-521"


def shown(name: str) -> str:
    """Return an identifier out of a file, clean and short enough for a line."""
    text = clean_line(name)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _require(name: str, good: frozenset[str], what: str) -> None:
    if name in good:
        return
    bare = name.lower().rpartition("/")[2].replace("ecdsa-", "ec-")
    for part, label in _WEAK.items():
        if part in bare:
            raise Weak(f"{what} {label} quá yếu, không chứng minh được gì")
    raise Unsupported(f"{what} “{shown(name)}” không được kiểm tra ở đây")
