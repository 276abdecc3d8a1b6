"""Rebuild the shards of a store, and measure them. No account is needed: the store may be damaged."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.checking import check_shard, journals_in
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import ISSUED
from hocba_tui.store.formats import SHARDS
from hocba_tui.store.measure import Length, length_of
from hocba_tui.store.protect import Protected, protect
from hocba_tui.store.rebuild import Rebuilt, rebuild
from hocba_tui.store.shard import DATA, FROZEN


def rebuild_shards(root: Path, names: Sequence[str] = (), *, accept_loss: bool = False) -> Iterator[Rebuilt]:
    """Rebuild the named shards, or all of them, and yield what became of each.

    Raises StoreUnusable when there is no store in ``root``, and what :func:`~hocba_tui.store.rebuild.rebuild` raises;
    the shards before that one are rebuilt.
    """
    require_store(root)
    for name in names or _known(root):
        yield rebuild(root, name, Clock().now, accept_loss=accept_loss)


def _known(root: Path) -> Sequence[str]:
    """Return the names of all shards that have a journal or that the school names."""
    school = check_shard(root, SCHOOL, lambda _: "")
    return list(dict.fromkeys([SCHOOL, *journals_in(root), *school.tables.table(SHARDS)]))


def protect_store(root: Path) -> Iterator[Protected]:
    """Return an iterator over what was open to others and is not any more. StoreUnusable when there is no store."""
    require_store(root)
    return protect(root)


@dataclass(frozen=True)
class ShardSize:
    """How big one shard is; sizes are in bytes."""

    name: str
    journal: Length
    checkpoint: int
    """0 when there is no checkpoint."""
    frozen: int
    """Number of frozen files that it keeps."""


def shard_sizes(root: Path) -> Iterator[ShardSize]:
    """Return an iterator over the sizes of all shards. StoreUnusable when there is no store in ``root``.

    What only the journals hold behind their checkpoints is read; what lies before is taken from the checkpoints.
    """
    require_store(root)
    return (_measured(root, name) for name in [SCHOOL, *journals_in(root)])


def _measured(root: Path, name: str) -> ShardSize:
    folder = root / name
    length, checkpoint, frozen = length_of(folder), 0, 0
    with contextlib.suppress(OSError):
        checkpoint = (folder / DATA).lstat().st_size
    with contextlib.suppress(OSError):
        frozen = sum(not kept.name.startswith(".") for kept in os.scandir(folder / FROZEN))
    return ShardSize(name, length, checkpoint, frozen)


def issued_size(root: Path) -> tuple[int, int]:
    """Return how many files the school has issued, and their size in bytes."""
    sizes = [path.stat().st_size for path in (root / ISSUED).glob("*.xml")]
    return len(sizes), sum(sizes)
