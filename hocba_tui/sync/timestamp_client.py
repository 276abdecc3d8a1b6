"""Ask a time-stamp authority over http (RFC 3161, 3.4), within a deadline for the whole of each answer."""

from __future__ import annotations

from hocba_tui.sync.exchange import Exchange, Terms

DEADLINE = 10.0
"""Seconds for one stamp. Usual are 0.1 to 2."""


class TimestampClient:
    """One connection to one authority: only the address in the settings is asked."""

    def __init__(self, url: str, deadline: float) -> None:
        self._url = url
        self._exchange = Exchange(Terms("nơi cấp dấu thời gian", deadline))

    async def post(self, body: bytes, content_type: str, limit: int) -> bytes:
        """Return what is answered to ``body``, at most ``limit`` bytes; raise NotFetched when it does not come so."""
        return await self._exchange.ask(self._url, body, content_type, limit)

    async def close(self) -> None:
        """Close the connection."""
        await self._exchange.close()
