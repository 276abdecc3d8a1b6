"""The small interface behind which every maker of signatures stands.

Bytes to sign go out, signatures come back one by one, perhaps minutes later: a token on this machine
today; a forwarded token, a request file or a remote service later.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """Bytes that one record needs signed: RSA PKCS#1 v1.5 or ECDSA, with SHA-256."""

    name: str
    """Whatever the caller recognises it by."""
    data: bytes


@dataclass(frozen=True)
class Signature:
    """The signature for the request of the same name."""

    name: str
    value: bytes
    """As XMLDSig writes it: the RSA value, or r and s of ECDSA in one."""


class Signer(Protocol):
    """A key that somebody has unlocked."""

    certificate: bytes
    """DER."""

    def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        """Yield a signature for each request, in order; the next one is asked for when it can be made.

        Raises SigningFailed at the first that cannot be made; those yielded before stay good.
        """

    async def close(self) -> None:
        """Forget the PIN and let go of the token."""
