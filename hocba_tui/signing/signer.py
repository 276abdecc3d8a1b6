"""The interface of everything that makes signatures.

A signer takes bytes to sign and returns signatures one by one, perhaps minutes later. Today it is a token on this
machine, a forwarded token or a training key; it could be a remote service.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """Bytes that one record needs signed: RSA PKCS#1 v1.5 or ECDSA, with SHA-256."""

    name: str
    """A name by which the caller recognises the request."""
    data: bytes


@dataclass(frozen=True)
class Signature:
    """The signature for the request of the same name."""

    name: str
    value: bytes
    """In the form of XMLDSig: the RSA value, or r and s of ECDSA joined together."""


class Signer(Protocol):
    """An unlocked key."""

    certificate: bytes
    """DER."""

    def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        """Yield a signature for each request, in order; a request is taken only when it can be signed.

        Raises SigningFailed at the first signature that cannot be made; those yielded before are valid.
        """

    async def close(self) -> None:
        """Forget the PIN and release the token."""
