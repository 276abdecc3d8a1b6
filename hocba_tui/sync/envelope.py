"""The exchange envelope v1.0 (CV 2088 §2, Phụ lục 1.2): JSON around packed XML.

``content`` is Base64 of the length of the UTF-8 bytes (4 bytes, little-endian) and their gzip.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from hocba_tui.text import foreign

MAX_BYTES = 10_000_000


class Transaction(IntEnum):
    """Types of transaction, one request to the portal; 3 to 6 (certificates, revocation) are not used yet."""

    SUBMIT = 1
    QUERY = 2


class BadEnvelope(ValueError):
    """The content is not packed as agreed, or is too large."""


def pack(data: bytes) -> str:
    """Return ``data`` (at most 10 MB) as the envelope's content."""
    if len(data) > MAX_BYTES:
        raise BadEnvelope("gói quá 10 MB")
    return base64.b64encode(struct.pack("<I", len(data)) + gzip.compress(data, mtime=0)).decode()


def unpack(content: str) -> bytes:
    """Return the bytes in ``content``; never more than it announces, never more than 10 MB."""
    try:
        raw = base64.b64decode(content, validate=True)
        (size,) = struct.unpack("<I", raw[:4])
    except (ValueError, struct.error) as error:
        raise BadEnvelope("nội dung không đóng gói đúng") from error
    if size > MAX_BYTES:
        raise BadEnvelope("gói quá 10 MB")
    unzip = zlib.decompressobj(wbits=31)
    try:
        data = unzip.decompress(raw[4:], size + 1)
    except zlib.error as error:
        raise BadEnvelope("nội dung không giải nén được") from error
    if len(data) != size or not unzip.eof or unzip.unused_data:
        raise BadEnvelope("độ dài không khớp")
    return data


@dataclass(frozen=True)
class Account:
    """How the school is known at the portal."""

    user: str
    password: str
    unit: str
    year: str


def request(account: Account, kind: Transaction, message: str, content: str = "") -> dict[str, Any]:
    """Return the body of one transaction; ``message`` makes resending safe."""
    return {
        "authenticationRequest": {
            "token": "",
            "user_name": account.user,
            "password": hashlib.sha256(account.password.encode()).hexdigest(),
            "ma_don_vi": account.unit,
            "nam_hoc": account.year,
            "messageid": message,
            "type": int(kind),
            "function": "",
        },
        "content": content,
    }


@dataclass(frozen=True)
class RecordReceipt:
    """What the portal says about one record (CV 2088 §2.3), each text harmless and cut."""

    uuid: str
    accepted: bool
    error: str
    field: str
    description: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> RecordReceipt:
        """Read one row of a query's answer."""
        return cls(
            uuid=foreign(str(body["ma_tra_cuu_uuid"]), 40),
            accepted=str(body["trang_thai"]) == "1",
            error=foreign(str(body.get("error") or ""), 40),
            field=foreign(str(body.get("error_field_title") or ""), 80),
            description=foreign(str(body.get("error_description") or "")),
        )
