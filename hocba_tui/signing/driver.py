"""Use a PKCS#11 module inside the helper process: one module, one session, one thread."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, Object, ObjectClass, PrivateKey, Session, Token, TokenFlag
from pkcs11.util.x509 import decode_x509_public_key

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 without the digest (RFC 8017, 9.2): what RSA PKCS#1 v1.5 signs."""


class Driver:
    """One module. Only :meth:`login` passes a PIN to a token to log in, and it does so once."""

    def __init__(self, module: str) -> None:
        self._library = pkcs11.lib(module)
        self._key: Any = None
        self._hashes_itself = False
        self._context_pin: str | None = None
        """Kept only for a key that needs the PIN for every signature (CKA_ALWAYS_AUTHENTICATE)."""

    def tokens(self) -> list[dict[str, Any]]:
        """Return every token with its certificates and the state of its PIN tries, without logging in."""
        return [
            {
                "label": token.label.strip(),
                "maker": _text(token.manufacturer_id),
                "model": _text(token.model),
                "serial": _text(token.serial),
                "certificates": [base64.b64encode(der).decode() for der, _ in _certificates(token)],
                "count_low": TokenFlag.USER_PIN_COUNT_LOW in token.flags,
                "final_try": TokenFlag.USER_PIN_FINAL_TRY in token.flags,
                "locked": TokenFlag.USER_PIN_LOCKED in token.flags,
            }
            for token in self._initialised()
        ]

    def login(self, fingerprint: str, pin: str, *, final: bool) -> dict[str, Any]:
        """Log in to the token that holds the certificate (SHA-256, hexadecimal) and find its key.

        Return ``{"ok": True}``, or an error by its name. ``final`` says that the person knows that this is the last try
        before the token locks.
        """
        for token in self._initialised():
            for certificate, identifier in _certificates(token):
                if hashlib.sha256(certificate).hexdigest() != fingerprint:
                    continue
                if TokenFlag.USER_PIN_LOCKED in token.flags:
                    return {"error": "locked"}
                if TokenFlag.USER_PIN_FINAL_TRY in token.flags and not final:
                    return {"error": "final_try"}
                session = token.open(user_pin=pin)
                self._key = _key_of(session, certificate, identifier)
                if self._key is None:
                    session.close()
                    return {"error": "no_key"}
                self._hashes_itself = Mechanism.RSA_PKCS not in token.slot.get_mechanisms()
                if _asks_each_time(self._key):
                    self._context_pin = pin
                return {"ok": True}
        return {"error": "no_token"}

    def sign(self, data: bytes) -> bytes:
        """Return a signature over the SHA-256 of ``data``: RSA PKCS#1 v1.5, or ECDSA as r and s in one.

        Both are the forms of XMLDSig. The digest is computed here where the token allows it: few tokens hash as fast.
        """
        digest = hashlib.sha256(data).digest()
        if self._key.key_type is KeyType.EC:
            mechanism, subject = Mechanism.ECDSA, digest
        elif self._hashes_itself:
            mechanism, subject = Mechanism.SHA256_RSA_PKCS, data
        else:
            mechanism, subject = Mechanism.RSA_PKCS, _SHA256_INFO + digest
        value: bytes = self._key.sign(subject, mechanism=mechanism, pin=self._context_pin)
        return value

    def _initialised(self) -> Iterator[Token]:
        for slot in self._library.get_slots(token_present=True):
            token = slot.get_token()
            if TokenFlag.TOKEN_INITIALIZED in token.flags:
                yield token


def _text(value: bytes | str) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else value).strip(" \0")


def _certificates(token: Token) -> list[tuple[bytes, bytes]]:
    """Return the certificates (DER) with their ids; an id may be empty."""
    with token.open() as session:
        found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        return [(_value(item, Attribute.VALUE), _value(item, Attribute.ID)) for item in found]


def _key_of(session: Session, certificate: bytes, identifier: bytes) -> PrivateKey | None:
    """Return the private key of a certificate: by the public key, or by the common id where the token hides it.

    Many tokens do not give the two a common id, and some give the same id to every object.
    """
    public = decode_x509_public_key(certificate)
    template = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.KEY_TYPE: public[Attribute.KEY_TYPE]}
    unknown = []
    # One search at a time: a session allows only one (PKCS#11 v2.40, 5.7).
    for key in list(session.get_objects(template)):
        assert isinstance(key, PrivateKey)
        belongs = _belongs(session, key, public)
        if belongs:
            return key
        if belongs is None:
            unknown.append(key)
    named = [key for key in unknown if identifier and _value(key, Attribute.ID) == identifier]
    candidates = named or unknown
    return candidates[0] if len(candidates) == 1 else None


def _belongs(session: Session, key: PrivateKey, public: Mapping[Attribute, Any]) -> bool | None:
    """Return whether a private key belongs to a public one; None when the token does not show it."""
    if public[Attribute.KEY_TYPE] is KeyType.RSA:
        modulus = _value(key, Attribute.MODULUS)
        return _number(modulus) == _number(public[Attribute.MODULUS]) if modulus else None
    identifier = _value(key, Attribute.ID)
    if not identifier:
        return None
    # The point of an EC key is an attribute of its public key; not all tokens wrap it in an OCTET STRING.
    template = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: identifier}
    points = [point for found in session.get_objects(template) if (point := _value(found, Attribute.EC_POINT))]
    return any(public[Attribute.EC_POINT].endswith(point) for point in points) if points else None


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _value(item: Object, attribute: Attribute) -> bytes:
    """Return an attribute, empty when the token does not give it."""
    try:
        return bytes(item[attribute])
    except (KeyError, pkcs11.PKCS11Error):
        return b""


def _asks_each_time(key: PrivateKey) -> bool:
    """Return whether the key needs the PIN for every signature."""
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except (KeyError, pkcs11.PKCS11Error):
        return False
