"""Ask a time-stamp authority over http (RFC 3161, 3.4), within a deadline for the whole of each answer."""

from __future__ import annotations

import asyncio

import httpx

from hocba_tui.sync.client import is_loopback
from hocba_tui.sync.fetch import NotFetched

DEADLINE = 10.0
"""Seconds for one stamp. Usual are 0.1 to 2."""
_WHO = "nơi cấp dấu thời gian"


class TimestampClient:
    """One connection to one authority. Redirects are not followed: only the address in the settings is asked."""

    def __init__(self, url: str, deadline: float) -> None:
        self._url = url
        self._deadline = deadline
        self._client: httpx.AsyncClient | None = None

    async def post(self, body: bytes, content_type: str, limit: int) -> bytes:
        """Return what is answered to ``body``, at most ``limit`` bytes; raise NotFetched when it does not come in time.

        The deadline is for the whole answer: httpx's own time-outs restart with every byte that arrives.
        """
        # Not compressed: a few bytes could become gigabytes.
        headers = {"Content-Type": content_type, "Accept-Encoding": "identity"}
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(body, headers, limit)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NotFetched(f"{_WHO} không trả lời xong trong {self._deadline:g} giây") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise NotFetched(f"không nói chuyện được với {_WHO}") from error

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _post(self, body: bytes, headers: dict[str, str], limit: int) -> bytes:
        # Made here: a proxy or a certificate file that the environment names wrongly is a failure like any other.
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._deadline, trust_env=not is_loopback(self._url))
        found = bytearray()
        async with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise NotFetched(f"{_WHO} báo lỗi HTTP {answer.status_code}")
            async for chunk in answer.aiter_raw():
                found += chunk
                if len(found) > limit:
                    raise NotFetched(f"câu trả lời của {_WHO} quá dài")
        return bytes(found)
