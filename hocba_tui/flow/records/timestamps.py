"""Get time-stamps for a batch of signatures while the token makes the next ones.

A signature without a stamp is valid. When an authority is slow, silent or wrong, the record is therefore signed and
kept without a stamp, and the end of the batch says how many and why. Only a stamp that the school's own verifier
accepts is kept: another one would stay in the record forever and prove nothing.

A record is stored once, with its stamp. So up to ``AHEAD`` signatures wait in memory. After a crash of the machine they
are made again; when a batch is only stopped they are kept without a stamp.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from hocba_tui.errors import HocbaError
from hocba_tui.export.record.signature import stamped_bytes
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.program_error import name_and_place
from hocba_tui.export.verify.stamps import judge_stamp
from hocba_tui.model.record import Signed
from hocba_tui.model.school import School

if TYPE_CHECKING:
    from hocba_tui.sync.timestamp_client import TimestampClient

AHEAD = 4
"""Signatures that may wait for their stamps: an authority may take four times as long as the token without a delay."""
_GIVE_UP = 2
"""Failures in a row after which a batch stops asking: an authority that hangs costs only so many deadlines."""

Item = TypeVar("Item")


class Breaker:
    """Decides whether one batch, of one class or many, still asks for time-stamps."""

    def __init__(self) -> None:
        self.answered = False
        self.failures = 0
        """In a row."""
        self.given_up = ""
        """Why it stopped asking; empty while it asks."""

    def note(self, problem: str) -> None:
        """Record an answer of the authority; ``problem`` is empty when it was good."""
        self.answered = self.answered or not problem
        self.failures = self.failures + 1 if problem else 0
        if self.failures >= _GIVE_UP:
            self.given_up = problem


class Stamper:
    """Asks one authority for time-stamps."""

    def __init__(self, client: TimestampClient, trust: Trust, breaker: Breaker) -> None:
        self._client = client
        self._trust = trust
        self._breaker = breaker
        self._alone = asyncio.Lock()

    async def stamp(self, signed: Signed) -> tuple[Signed, str]:
        """Return the signature with its time-stamp, or as it is, and why it has none."""
        if self._breaker.answered and not self._breaker.failures:
            return await self._ask(signed)
        # One at a time until there is a good answer: an authority that hangs is asked twice, not once per signature.
        async with self._alone:
            return await self._ask(signed)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _ask(self, signed: Signed) -> tuple[Signed, str]:
        from hocba_tui.export.trust.timestamp import BadStamp

        if self._breaker.given_up:
            return signed, self._breaker.given_up
        problem = ""
        try:
            signed = await self._stamped(signed)
        except HocbaError as error:
            problem = error.what
        except BadStamp as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - a signature without a stamp is valid: the batch goes on
            problem = f"chương trình gặp lỗi khi xin dấu thời gian ({name_and_place(error)})"
        self._breaker.note(problem)
        return signed, problem

    async def _stamped(self, signed: Signed) -> Signed:
        from hocba_tui.export.trust.timestamp import MAX_BYTES, REQUEST, BadStamp, request_stamp, token_of

        message = stamped_bytes(signed.value, signed.certificate)
        request, nonce = request_stamp(message)
        answer = await self._client.post(request, REQUEST, MAX_BYTES)
        stamped = replace(signed, stamp=token_of(answer, message, nonce))
        found = judge_stamp(stamped, self._trust, datetime.now(UTC))
        if not found.known:
            raise BadStamp(found.reason)
        return stamped


def stamper_for(school: School, trust: Trust, breaker: Breaker | None = None) -> Stamper | None:
    """Return the stamper of the school; None when it wants no time-stamps."""
    if not school.xades or not school.timestamps:
        return None
    from hocba_tui.sync import timestamp_client

    return Stamper(
        timestamp_client.TimestampClient(school.timestamps, timestamp_client.DEADLINE), trust, breaker or Breaker()
    )


class Ahead(Generic[Item]):
    """Iterates over signatures in their order, each with its stamp or the reason for none; the next are made meanwhile.

    ``coming`` yields each signature with its item. Without a ``stamper`` only one signature waits, and not for a stamp.
    """

    def __init__(self, coming: AsyncIterator[tuple[Item, Signed]], stamper: Stamper | None) -> None:
        self._coming = coming
        self._stamper = stamper
        self._room = AHEAD if stamper else 1
        self._next: asyncio.Future[tuple[Item, Signed] | None] | None = self._follow()
        self._waiting: deque[tuple[Item, Signed, asyncio.Future[tuple[Signed, str]]]] = deque()
        self._failed: BaseException | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[Item, Signed, str]:
        """Return the next one; raise what ended the signing after the last signature that was made."""
        while True:
            first = self._waiting[0][2] if self._waiting else None
            if first is not None and first.done():
                item, _, _ = self._waiting.popleft()
                return item, *first.result()
            taken = self._next if len(self._waiting) < self._room else None
            either = [future for future in (first, taken) if future is not None]
            if not either:
                break
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if taken is not None and taken.done():
                self._take(taken)
        if self._failed is not None:
            raise self._failed
        raise StopAsyncIteration

    async def stop(self) -> None:
        """Stop the signing, cancel the signature in progress; those that wait for their stamps are still returned."""
        following, self._next = self._next, None
        if following is not None:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError, HocbaError):
                await following

    async def close(self) -> list[tuple[Item, Signed]]:
        """Stop, and return the signatures that were not returned yet, with the stamps that have arrived."""
        await self.stop()
        left = []
        for item, signed, stamping in self._waiting:
            done = stamping.done() and not stamping.cancelled()
            left.append((item, stamping.result()[0] if done else signed))
            stamping.cancel()
        await asyncio.gather(*(stamping for _, _, stamping in self._waiting), return_exceptions=True)
        self._waiting.clear()
        if self._stamper is not None:
            await self._stamper.close()
        return left

    def _follow(self) -> asyncio.Future[tuple[Item, Signed] | None]:
        return asyncio.ensure_future(anext(self._coming, None))

    def _take(self, taken: asyncio.Future[tuple[Item, Signed] | None]) -> None:
        self._next, self._failed = None, taken.exception()
        found = None if self._failed else taken.result()
        if found is not None:
            self._next = self._follow()
            self._waiting.append((*found, asyncio.ensure_future(self._stamp(found[1]))))

    async def _stamp(self, signed: Signed) -> tuple[Signed, str]:
        return (signed, "") if self._stamper is None else await self._stamper.stamp(signed)


def unstamped_lines(reasons: Sequence[str]) -> tuple[str, ...]:
    """Return lines that say how many records of a batch have no time-stamp, why, and that the work is safe."""
    if not reasons:
        return ()
    why = "; ".join(dict.fromkeys(reasons))
    return (
        f"{len(reasons)} học bạ chưa có dấu thời gian.",
        f"Lí do: {why}.",
        "Chữ ký đã lưu và vẫn hợp lệ, không phải ký lại.",
    )
