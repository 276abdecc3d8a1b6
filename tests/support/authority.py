"""A certificate authority of a state for tests (certomancer): certificates, OCSP answers and CRLs at any time."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto.algos import SignedDigestAlgorithm  # type: ignore[import-untyped]
from asn1crypto.keys import PrivateKeyInfo, PublicKeyInfo  # type: ignore[import-untyped]
from asn1crypto.ocsp import OCSPRequest  # type: ignore[import-untyped]
from asn1crypto.tsp import TimeStampReq  # type: ignore[import-untyped]
from certomancer import crypto_utils
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from hocba_tui.export.trust.revocation import request_for
from hocba_tui.export.trust.timestamp import request_stamp, token_of

_ARCH = ArchLabel("state")
_KEYS = ("root", "old-root", "other-root", "ocsp", "tsa", "teacher", "principal", "seal")


class _Signing(crypto_utils.PycaCryptographyBackend):
    """Signs as certomancer does, but reads each key once: to read and check one takes longer than to sign."""

    def generic_sign(self, private_key: PrivateKeyInfo, tbs_bytes: bytes, sd_algo: SignedDigestAlgorithm) -> bytes:
        key = _read(private_key.dump())
        if isinstance(key, rsa.RSAPrivateKey) and sd_algo.signature_algo == "rsassa_pkcs1v15":
            return key.sign(tbs_bytes, padding.PKCS1v15(), getattr(hashes, sd_algo.hash_algo.upper())())
        return super().generic_sign(private_key, tbs_bytes, sd_algo)

    def load_private_key(self, key_bytes: bytes, password: bytes | None = None) -> tuple[PrivateKeyInfo, PublicKeyInfo]:
        assert password is None
        key = _read(key_bytes)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return PrivateKeyInfo.load(private), PublicKeyInfo.load(public)


@cache
def _read(data: bytes) -> Any:
    """Return one of the keys below, from PEM or DER; they were made here, so nobody has to check them."""
    load = load_pem_private_key if data.startswith(b"-----") else load_der_private_key
    return load(data, None, unsafe_skip_rsa_key_validation=True)


crypto_utils.CRYPTO_BACKEND = _Signing()


@cache
def _keys() -> dict[str, rsa.RSAPrivateKey]:
    """Return the keys of all authorities of this process: names differ, and no test has two that meet."""
    return {name: rsa.generate_private_key(65537, 2048) for name in _KEYS}


class Authority:
    """``people`` maps GIAO_VIEN, SO_GIAO_VIEN, HIEU_TRUONG and SO_HIEU_TRUONG to names and ids."""

    def __init__(self, folder: Path, people: dict[str, str]) -> None:
        self.keys = _keys()
        elliptic = {"tsa-ec": ec.generate_private_key(ec.SECP256R1())}
        for name, key in (self.keys | elliptic).items():
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{name}.pem").write_bytes(pem)
        text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
        for word, value in sorted(people.items(), key=lambda item: -len(item[0])):
            text = text.replace(word, value)
        self._config = CertomancerConfig.from_yaml(text, key_search_dir=str(folder))
        self._pki = self._config.get_pki_arch(_ARCH)
        self._made: dict[str, x509.Certificate] = {}

    def certificate(self, label: str) -> x509.Certificate:
        """Return a certificate by its label in authority.yml."""
        if label not in self._made:
            self._made[label] = x509.load_der_x509_certificate(self._pki.get_cert(CertLabel(label)).dump())
        return self._made[label]

    def ocsp(self, label: str, at: datetime, responder: str = "root") -> bytes:
        """Return a responder's answer about a certificate at a time (DER)."""
        service = self._pki.service_registry.summon_responder(ServiceLabel(responder), at)
        request = request_for(self.certificate(label), self.certificate("root"))
        answer: bytes = service.build_ocsp_response(OCSPRequest.load(request)).dump()
        return answer

    def crl(self, at: datetime) -> bytes:
        """Return the list of revoked certificates at a time (DER)."""
        found: bytes = self._pki.service_registry.get_crl(ServiceLabel("root"), at).dump()
        return found

    def stamp_answer(self, request: bytes, at: datetime, service: str = "tsa") -> bytes:
        """Return the answer of a time-stamp authority to a request at a time (DER)."""
        stamper = self._pki.service_registry.summon_timestamper(ServiceLabel(service), at)
        answer: bytes = stamper.request_tsa_response(TimeStampReq.load(request)).dump()
        return answer

    def token(self, message: bytes, at: datetime, service: str = "tsa") -> bytes:
        """Return a time-stamp over ``message``, in the form in which it is kept."""
        request, nonce = request_stamp(message)
        return token_of(self.stamp_answer(request, at, service), message, nonce)
