"""Sign with training keys in PKCS#12 files, on machines without SoftHSM. They have no legal value."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from hocba_tui.errors import SigningFailed, WrongPin
from hocba_tui.signing.signer import Request, Signature


class SoftKeySigner:
    """See :class:`hocba_tui.signing.signer.Signer`."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: bytes) -> None:
        self._key: rsa.RSAPrivateKey | None = key
        self.certificate = certificate

    @classmethod
    def open(cls, path: Path, pin: str) -> SoftKeySigner:
        """Open a PKCS#12 file; WrongPin when the passphrase is wrong, SigningFailed when the file cannot be used."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SigningFailed("Không thấy khóa tập huấn của bạn.", "Báo quản trị tạo lại khóa tập huấn.") from error
        try:
            key, certificate, _ = pkcs12.load_key_and_certificates(data, pin.encode())
        except ValueError as error:
            raise WrongPin("Sai mã PIN của khóa tập huấn; chưa ký gì.", "Kiểm tra rồi nhập lại.") from error
        if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
            raise SigningFailed("Tệp khóa tập huấn không dùng được.", "Báo quản trị tạo lại khóa tập huấn.")
        return cls(key, certificate.public_bytes(Encoding.DER))

    async def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        """Yield a signature for each request, in order."""
        async for request in requests:
            if self._key is None:
                raise SigningFailed("Khóa đã đóng.")
            yield Signature(request.name, self._key.sign(request.data, padding.PKCS1v15(), hashes.SHA256()))

    async def close(self) -> None:
        """Forget the key."""
        self._key = None
