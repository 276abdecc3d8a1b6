"""Time-stamps (RFC 3161): write requests to an authority and read its answers.

A token says that a signature existed at a time that the signer's own computer does not choose. It is kept in one form
only, built again from what its signature covers, so that not a byte of it can differ. Whether the authority is trusted
is judged in ``verify/stamps.py``. The libraries that verify tokens are not used: they cannot distinguish a broken token
from one of an unknown authority, and need the root above a pinned issuer.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto.algos import DigestAlgorithm, SignedDigestAlgorithm  # type: ignore[import-untyped]
from asn1crypto.cms import (  # type: ignore[import-untyped]
    CMSAttributes,
    ContentInfo,
    EncapsulatedContentInfo,
    SignedData,
    SignerInfo,
)
from asn1crypto.core import ParsableOctetString, Sequence  # type: ignore[import-untyped]
from asn1crypto.tsp import PKIStatusInfo, TimeStampReq, TSTInfo  # type: ignore[import-untyped]
from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hocba_tui.export.trust.algorithms import key_problem, lower_ecdsa
from hocba_tui.export.trust.certificate import load_certificate
from hocba_tui.export.trust.program_error import raised_in_own_code

REQUEST = "application/timestamp-query"
"""Content type of what is asked over http (RFC 3161, 3.4)."""
MAX_BYTES = 20_000
"""A token with one certificate is 1 to 3 kB, an answer with the certificates of a whole chain 4 to 8."""
_ACCURACY = timedelta(minutes=1)
"""A less accurate time of the authority proves too little; one second is usual (EN 319 421, 7.7.1)."""

_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip
_UNREADABLE = (ValueError, OverflowError, RecursionError)
"""What reading raises on bytes that are no token."""
_UNREADABLE_TO_LIBRARY = (TypeError, LookupError, AttributeError)
"""What asn1crypto, which parses lazily, raises besides; raised in our own lines they are bugs."""


_NAMES_OF_CERTIFICATE = {"signing_certificate", "signing_certificate_v2"}
"""Attributes that name the certificate of the key that signed."""


class BadStamp(ValueError):
    """A token that proves nothing; the message is for a person."""


@dataclass(frozen=True)
class Stamp:
    """What a token says; its authority is not judged yet."""

    time: datetime
    """In UTC."""
    certificate: x509.Certificate
    """Of the authority's key that signed it."""


@dataclass(frozen=True)
class _Parts:
    """The parts of a token. Its signature covers each, except its own value and the name of the digest."""

    info: bytes
    certificate: bytes
    digest: str
    attributes: Any
    value: bytes


class _Answer(Sequence):  # type: ignore[misc]
    """TimeStampResp whose token is optional, unlike in asn1crypto's class: a refusal has none (RFC 3161, 2.4.2)."""

    _fields = [("status", PKIStatusInfo), ("time_stamp_token", ContentInfo, {"optional": True})]


def request_stamp(message: bytes) -> tuple[bytes, int]:
    """Return the request for a time-stamp over ``message`` (DER), and the number that the answer must repeat."""
    nonce = secrets.randbits(63)
    imprint = {
        "hash_algorithm": DigestAlgorithm({"algorithm": "sha256"}),
        "hashed_message": hashlib.sha256(message).digest(),
    }
    request = TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    made: bytes = request.dump()
    return made, nonce


def token_of(answer: bytes, message: bytes, nonce: int) -> bytes:
    """Return the token of an answer (DER) in its one form; BadStamp when it is not the answer to what was asked."""
    with _reading("câu trả lời không đọc được"):
        found = _Answer.load(answer, strict=True)
        if found["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise BadStamp("nơi cấp dấu thời gian từ chối")
        parts = _read(found["time_stamp_token"])
        if TSTInfo.load(parts.info, strict=True)["nonce"].native != nonce:
            raise BadStamp("câu trả lời không phải cho chữ ký này")
        token = _written(parts)
    read_stamp(token, message)
    return token


def read_stamp(token: bytes, message: bytes) -> Stamp:
    """Return what a token says of ``message``.

    BadStamp when it is not in its one form, over something else, by a weak algorithm, or when its signature does not
    hold. The certificate in it is not judged.
    """
    if len(token) > MAX_BYTES:
        raise BadStamp("dấu thời gian lớn bất thường")
    with _reading("dấu thời gian không đọc được"):
        parts = _read(ContentInfo.load(token, strict=True))
        if _written(parts) != token:
            raise BadStamp("dấu thời gian không ở dạng chuẩn")
        certificate = load_certificate(parts.certificate)
        _require_signature(parts, certificate)
        return Stamp(_time_of(parts.info, message), certificate)


def certificate_of(token: bytes) -> bytes:
    """Return the certificate (DER) that a token names as its signer's; raise BadStamp when there is none."""
    with _reading("dấu thời gian không đọc được"):
        return _read(ContentInfo.load(token[:MAX_BYTES], strict=True)).certificate


@contextlib.contextmanager
def _reading(problem: str) -> Iterator[None]:
    try:
        yield
    except BadStamp:
        raise
    except _UNREADABLE as error:
        raise BadStamp(problem) from error
    except _UNREADABLE_TO_LIBRARY as error:
        if raised_in_own_code(error):
            raise
        raise BadStamp(problem) from error


def _time_of(data: bytes, message: bytes) -> datetime:
    """Return the time in TSTInfo (DER), which has to be about ``message``."""
    info = TSTInfo.load(data, strict=True)
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise BadStamp("dấu thời gian dùng thuật toán khác SHA-256")
    if imprint["hashed_message"].native != hashlib.sha256(message).digest():
        raise BadStamp("dấu thời gian của một chữ ký khác")
    if info["version"].native != "v1" or any(extension["critical"].native for extension in info["extensions"]):
        raise BadStamp("dấu thời gian có phần mở rộng lạ")
    accuracy = {name: value or 0 for name, value in (info["accuracy"].native or {}).items()}
    unsure = timedelta(
        seconds=accuracy.get("seconds", 0),
        milliseconds=accuracy.get("millis", 0),
        microseconds=accuracy.get("micros", 0),
    )
    time = info["gen_time"].native
    if unsure > _ACCURACY or not isinstance(time, datetime) or time.tzinfo is None:
        raise BadStamp("dấu thời gian không ghi giờ đủ chính xác")
    return time.astimezone(UTC)


def _require_signature(parts: _Parts, certificate: x509.Certificate) -> None:
    """Raise BadStamp unless the key of the certificate signed TSTInfo together with the name of the certificate.

    RFC 5652, 5.4 (what is signed) and 11; RFC 3161, 2.4.2 and RFC 5816 (the certificate is named by its hash).
    """
    _require_attributes(parts)
    if problem := key_problem(certificate):
        raise BadStamp(f"nơi cấp dấu thời gian: {problem}")
    key, signed, digest = certificate.public_key(), parts.attributes.dump(), _DIGESTS[parts.digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(parts.value, signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(parts.value, signed, ec.ECDSA(digest))
    except InvalidSignature as error:
        raise BadStamp("chữ ký trong dấu thời gian không đúng") from error


def _require_attributes(parts: _Parts) -> None:
    """Raise BadStamp unless what is signed beside TSTInfo names its kind, its digest and the certificate."""
    said = {attribute["type"].native: attribute["values"] for attribute in parts.attributes}
    if len(said) != len(parts.attributes) or any(len(values) != 1 for values in said.values()):
        raise BadStamp("dấu thời gian ghi một thuộc tính hai lần")
    if not {"content_type", "message_digest"} <= said.keys() or not said.keys() & _NAMES_OF_CERTIFICATE:
        raise BadStamp("dấu thời gian không đọc được")
    if said["content_type"][0].native != "tst_info":
        raise BadStamp("dấu thời gian không phải là dấu thời gian")
    if said["message_digest"][0].native != hashlib.new(parts.digest, parts.info).digest():
        raise BadStamp("dấu thời gian đã bị sửa")
    if "signing_certificate_v2" in said:
        named = said["signing_certificate_v2"][0]["certs"][0]
        algorithm = named["hash_algorithm"]["algorithm"].native
        names = algorithm in _DIGESTS and hashlib.new(algorithm, parts.certificate).digest()
    else:
        # Older authorities name it by SHA-1 (RFC 2634): the verification does not rely on that name.
        named = said["signing_certificate"][0]["certs"][0]
        names = hashlib.sha1(parts.certificate).digest()  # noqa: S324
    if named["cert_hash"].native != names:
        raise BadStamp("dấu thời gian kèm một chứng thư khác")


def _read(token: Any) -> _Parts:  # noqa: ANN401 - asn1crypto is untyped
    """Return the parts of a ContentInfo."""
    if not isinstance(token, ContentInfo):
        raise BadStamp("câu trả lời không kèm dấu thời gian")
    if token["content_type"].native != "signed_data":
        raise BadStamp("dấu thời gian không phải là dấu thời gian")
    signed = token["content"]
    if not isinstance(signed, SignedData):  # There is none: it is optional in a ContentInfo.
        raise BadStamp("dấu thời gian không đọc được")
    (signer,) = signed["signer_infos"]
    digest = signer["digest_algorithm"]["algorithm"].native
    own = [choice.chosen for choice in signed["certificates"] if _is_of(signer["sid"], choice)]
    if len(own) != 1 or digest not in _DIGESTS:
        raise BadStamp("dấu thời gian không kèm đúng chứng thư của nơi cấp, hoặc dùng thuật toán yếu")
    certificate: bytes = own[0].dump()
    named, elliptic = signer["signature_algorithm"]["algorithm"].native, _is_elliptic(certificate)
    if named not in ({f"{digest}_ecdsa"} if elliptic else {"rsassa_pkcs1v15", f"{digest}_rsa"}):
        raise BadStamp("dấu thời gian ký bằng thuật toán lạ")
    value = signer["signature"].native
    info = bytes(signed["encap_content_info"]["content"])
    # Loaded again from what is signed, without the header, whose length can be written in several ways.
    attributes = CMSAttributes.load(signer["signed_attrs"].untag().dump(), strict=True)
    return _Parts(info, certificate, digest, attributes, lower_ecdsa(value) if elliptic else value)


def _is_of(named: Any, choice: Any) -> bool:  # noqa: ANN401 - asn1crypto is untyped
    """Return whether a certificate is the one that SignerIdentifier names."""
    if choice.name != "certificate":
        return False
    if named.name == "subject_key_identifier":
        return bool(choice.chosen.key_identifier == named.native)
    issuer, serial = named.chosen["issuer"], named.chosen["serial_number"].native
    return bool(choice.chosen.issuer == issuer and choice.chosen.serial_number == serial)


def _is_elliptic(certificate: bytes) -> bool:
    return isinstance(load_certificate(certificate).public_key(), ec.EllipticCurvePublicKey)


def _written(parts: _Parts) -> bytes:
    """Return the one form of a token: its signer's certificate alone, nothing unsigned, one spelling of the rest."""
    certificate = Certificate.load(parts.certificate)
    algorithm = f"{parts.digest}_ecdsa" if _is_elliptic(parts.certificate) else "rsassa_pkcs1v15"
    signer = SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": DigestAlgorithm({"algorithm": parts.digest}),
            "signed_attrs": parts.attributes,
            "signature_algorithm": SignedDigestAlgorithm({"algorithm": algorithm}),
            "signature": parts.value,
        }
    )
    content = ParsableOctetString(parts.info)
    signed = SignedData(
        {
            "version": "v3",
            "digest_algorithms": [DigestAlgorithm({"algorithm": parts.digest})],
            "encap_content_info": EncapsulatedContentInfo({"content_type": "tst_info", "content": content}),
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    made: bytes = ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made
