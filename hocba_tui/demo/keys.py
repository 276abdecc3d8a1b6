"""Make a training certificate authority and keys. Their certificates say that they have no legal value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from hocba_tui.clock import VIETNAM
from hocba_tui.signing.softhsm import TrainingKey, make_tokens
from hocba_tui.signing.training import PIN, SEAL, key_file, tokens_folder
from hocba_tui.store.disk import make_folder, write_atomic

NO_VALUE = "KHÓA TẬP HUẤN - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"


@dataclass(frozen=True)
class Holder:
    """The holder of a training certificate; a seal has no personal id."""

    label: str
    name: str
    organisation: str
    personal_id: str = ""


@dataclass(frozen=True)
class TrainingKeys:
    """The certificate of the authority and the keys of all holders, in memory."""

    authority: bytes
    """PEM."""
    keys: Mapping[str, tuple[rsa.RSAPrivateKey, x509.Certificate]]

    def fingerprint(self, label: str) -> str:
        """Return the SHA-256 of a certificate in hexadecimal; empty when there is none."""
        return self.keys[label][1].fingerprint(hashes.SHA256()).hex() if label in self.keys else ""

    def until(self, label: str) -> str:
        """Return the day on which a certificate ends (ISO); empty when there is none."""
        if label not in self.keys:
            return ""
        return self.keys[label][1].not_valid_after_utc.astimezone(VIETNAM).date().isoformat()


def make_keys(holders: Iterable[Holder]) -> TrainingKeys:
    """Make an authority and a key for each holder. The key of the authority is discarded."""
    people = list(holders)
    with ThreadPoolExecutor() as pool:
        root, *keys = pool.map(lambda _: rsa.generate_private_key(65537, 2048), range(len(people) + 1))
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, NO_VALUE),
            x509.NameAttribute(NameOID.COMMON_NAME, "Hocba CA tập huấn"),
        ]
    )
    authority = _certificate(issuer, issuer, root, root, authority=True)
    made = {
        person.label: (key, _certificate(_subject(person), issuer, key, root, authority=False))
        for person, key in zip(people, keys, strict=True)
    }
    return TrainingKeys(authority.public_bytes(Encoding.PEM), made)


def write_keys(store: Path, made: TrainingKeys, module: Path | None, code: str) -> None:
    """Store the keys on SoftHSM tokens when ``module`` is given, else in PKCS#12 files.

    The authority becomes a pinned training issuer of the store, the seal that of the school with this ``code``.
    """
    trust = store / "trust" / "training"
    make_folder(trust)
    write_atomic(trust / "hocba-training-ca.pem", made.authority)
    seal = store / "trust" / "seal" / code
    make_folder(seal)
    write_atomic(seal / "school.pem", made.keys[SEAL][1].public_bytes(Encoding.PEM))
    if module is not None:
        keys = [
            TrainingKey(
                label,
                key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
                certificate.public_bytes(Encoding.DER),
            )
            for label, (key, certificate) in made.keys.items()
        ]
        make_tokens(tokens_folder(store), module, keys, PIN)
        return
    for label, (key, certificate) in made.keys.items():
        path = key_file(store, label)
        make_folder(path.parent)
        write_atomic(
            path,
            pkcs12.serialize_key_and_certificates(
                label.encode(), key, certificate, None, BestAvailableEncryption(PIN.encode())
            ),
        )


def _subject(holder: Holder) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder.organisation),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, NO_VALUE),
        x509.NameAttribute(NameOID.COMMON_NAME, holder.name),
    ]
    if holder.personal_id:
        attributes.append(x509.NameAttribute(NameOID.USER_ID, f"CCCD:{holder.personal_id}"))
    return x509.Name(attributes)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, signer: rsa.RSAPrivateKey, *, authority: bool
) -> x509.Certificate:
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=5 * 365))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
