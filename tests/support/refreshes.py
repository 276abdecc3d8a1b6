"""Count how often a verb reads a shard again, and whether it does so before it waits for a token."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from hocba_tui.flow.desk import Desk
from hocba_tui.signing.signer import Request, Signature, Signer
from hocba_tui.store.backend import Entry, Shard, Store


@dataclass
class Refreshes:
    """How often each shard was refreshed, by its name; of a class only the class's own name counts."""

    counted: Counter[str] = field(default_factory=Counter)
    before_signing: Counter[str] | None = None
    """What had been counted when a token was first asked for signatures; None when none was asked."""

    def note(self, shard: str) -> None:
        """Count one refresh."""
        self.counted[shard.rpartition("/")[2]] += 1


class _CountedShard:
    def __init__(self, shard: Shard, refreshes: Refreshes) -> None:
        self._shard = shard
        self._refreshes = refreshes

    def refresh(self) -> tuple[Entry, ...]:
        self._refreshes.note(self._shard.name)
        return self._shard.refresh()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shard, name)


class _CountedStore:
    def __init__(self, store: Store, refreshes: Refreshes) -> None:
        self._store = store
        self._refreshes = refreshes

    def shard(self, name: str) -> Shard:
        return cast("Shard", _CountedShard(self._store.shard(name), self._refreshes))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def counting(desk: Desk) -> tuple[Desk, Refreshes]:
    """Return the desk over a store that counts the refreshes that flow asks for, and the count.

    What the store itself reads again while it writes is not counted.
    """
    refreshes = Refreshes()
    return replace(desk, store=cast("Store", _CountedStore(desk.store, refreshes))), refreshes


class CountingSigner:
    """A signer that notes what had been counted when it was first asked for signatures."""

    def __init__(self, signer: Signer, refreshes: Refreshes) -> None:
        self.certificate = signer.certificate
        self._signer = signer
        self._refreshes = refreshes

    def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        """Sign as the signer does."""
        if self._refreshes.before_signing is None:
            self._refreshes.before_signing = Counter(self._refreshes.counted)
        return self._signer.sign(requests)

    async def close(self) -> None:
        """Close the signer."""
        await self._signer.close()
