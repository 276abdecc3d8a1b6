"""An https server on loopback, with an issuer of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.hostile_server import Answer, answering


class Web:
    """Makes an issuer and a certificate for 127.0.0.1 in ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "server.pem"
        issuer, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"issuer in {folder.name}")])
        root = _built(name, name, issuer, issuer, x509.BasicConstraints(ca=True, path_length=0))
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        leaf = _built(own, name, server, issuer, here)
        self.issuer = root.public_bytes(Encoding.PEM).decode()
        key = server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._file.write_bytes(key + leaf.public_bytes(Encoding.PEM))

    @contextlib.contextmanager
    def serving(self, behaviour: Callable[[Answer], None]) -> Iterator[str]:
        """Serve over TLS; yield the address."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._file)
        with answering(behaviour) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            yield server.url.replace("http:", "https:")


def _built(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=30))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension in extensions:
        built = built.add_extension(extension, critical=True)
    return built.sign(signer, hashes.SHA256())
