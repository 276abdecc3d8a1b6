"""Unusual tokens for tests, made in SoftHSM: keys of any kind, ids that do not match, a PIN for every signature.

``python -m tests.support.tokens MODULE`` reads JSON lines and makes them, in a process of its own like every
use of a module.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pkcs11 import Attribute
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate, decode_x509_public_key

from hocba_tui.signing.softhsm import CONFIGURATION

PIN = "1234"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class OddKey:
    """A key with its certificate (DER), and what is unusual about it on the token."""

    key: PrivateKey
    certificate: bytes
    key_id: bytes = b"\x01"
    certificate_id: bytes = b"\x01"
    each_time: bool = False
    """Whether the key requires the PIN with every signature."""
    shows_public: bool = True
    """Whether the token has the public key as a separate object."""


def self_signed(key: PrivateKey, name: str = "Nguyễn Thị Thử", number: str = "") -> bytes:
    """Return a certificate (DER) that nobody trusts."""
    numbers = [x509.NameAttribute(NameOID.USER_ID, number)] if number else []
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), *numbers])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(Encoding.DER)


def issued_to(key: PrivateKey, name: str) -> tuple[bytes, bytes]:
    """Return a certificate by an authority of its own (DER), and that of the authority (PEM)."""
    above = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Nơi cấp cho {name}")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

    def certify(whose: x509.Name, public: PrivateKey, *, authority: bool) -> x509.Certificate:
        return (
            x509.CertificateBuilder(issuer, whose, public.public_key(), x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(above, hashes.SHA256())
        )

    pem = certify(issuer, above, authority=True).public_bytes(Encoding.PEM)
    return certify(subject, key, authority=False).public_bytes(Encoding.DER), pem


def make_token(folder: Path, module: Path, *keys: OddKey, label: str = "thử") -> dict[str, str]:
    """Make one token with these keys in ``folder``; return the environment in which it is found."""
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n", encoding="utf-8"
    )
    environment = {CONFIGURATION: str(configuration)}
    surroundings = {**os.environ, **environment}
    make = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN]
    subprocess.run(make, env=surroundings, check=True, capture_output=True)
    lines = [
        json.dumps(
            {
                "label": label,
                "kind": "ec" if isinstance(odd.key, ec.EllipticCurvePrivateKey) else "rsa",
                "key": _text(odd.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())),
                "certificate": _text(odd.certificate),
                "key_id": _text(odd.key_id),
                "certificate_id": _text(odd.certificate_id),
                "each_time": odd.each_time,
                "shows_public": odd.shows_public,
            }
        )
        for odd in keys
    ]
    subprocess.run(
        [sys.executable, "-m", "tests.support.tokens", str(module)],
        env=surroundings, input="\n".join(lines), text=True, check=True, capture_output=True,
    )  # fmt: skip
    return environment


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _store(module: str) -> None:
    library = pkcs11.lib(module)
    for line in sys.stdin:
        item = json.loads(line)
        key, certificate, key_id, certificate_id = (
            base64.b64decode(item[name]) for name in ("key", "certificate", "key_id", "certificate_id")
        )
        decode = decode_ec_private_key if item["kind"] == "ec" else decode_rsa_private_key
        private: dict[Attribute, Any] = {
            **decode(key),
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.SIGN: True,
            Attribute.ID: key_id,
        }
        if item["each_time"]:
            private[Attribute.ALWAYS_AUTHENTICATE] = True
        public = {**decode_x509_public_key(certificate), Attribute.TOKEN: True, Attribute.ID: key_id}
        shown = {**decode_x509_certificate(certificate), Attribute.TOKEN: True, Attribute.ID: certificate_id}
        with library.get_token(token_label=item["label"]).open(rw=True, user_pin=PIN) as session:
            session.create_object(private)
            session.create_object(shown)
            if item["shows_public"]:
                session.create_object(public)


if __name__ == "__main__":
    _store(sys.argv[1])
