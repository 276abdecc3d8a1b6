"""Rebuild the shards of a store, and measure them. No account is needed: the store may be damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.store.checking import check
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import ISSUED
from hocba_tui.store.formats import SHARDS
from hocba_tui.store.protect import Protected, protect
from hocba_tui.store.rebuild import Rebuilt, rebuild
from hocba_tui.store.shard import DATA


def rebuild_shards(root: Path, names: Sequence[str] = (), *, accept_loss: bool = False) -> Iterator[Rebuilt]:
    """Rebuild the named shards, or all of them, and yield what became of each.

    Raises StoreUnusable when there is no store in ``root``, and what :func:`~hocba_tui.store.rebuild.rebuild` raises;
    the shards before that one are rebuilt.
    """
    require_store(root)
    proofs = list(check(root, lambda _: ""))
    known = dict.fromkeys([*(proof.name for proof in proofs), *proofs[0].tables.table(SHARDS)])
    for name in names or known:
        yield rebuild(root, name, Clock().now, accept_loss=accept_loss)


def protect_store(root: Path) -> Iterator[Protected]:
    """Return an iterator over what was open to others and is not any more. StoreUnusable when there is no store."""
    require_store(root)
    return protect(root)


@dataclass(frozen=True)
class ShardSize:
    """How big one shard is; sizes are in bytes."""

    name: str
    entries: int
    journal: int
    checkpoint: int
    """0 when there is no checkpoint."""
    blobs: int
    """Number of frozen files that its journal names."""
    last: str
    """Time of the last entry in ISO form, empty when there is none."""


def shard_sizes(root: Path) -> Iterator[ShardSize]:
    """Return an iterator over the sizes of all shards. StoreUnusable when there is no store in ``root``."""
    require_store(root)
    return _measure(root)


def _measure(root: Path) -> Iterator[ShardSize]:
    from hocba_tui.flow.school.store_check import blob_of

    for proof in check(root, blob_of):
        data = root / proof.name / DATA
        size = data.stat().st_size if data.exists() else 0
        last = proof.last.at if proof.last else ""
        yield ShardSize(proof.name, proof.entries, proof.size, size, len(proof.blobs), last)


def issued_size(root: Path) -> tuple[int, int]:
    """Return how many files the school has issued, and their size in bytes."""
    sizes = [path.stat().st_size for path in (root / ISSUED).glob("*.xml")]
    return len(sizes), sum(sizes)
