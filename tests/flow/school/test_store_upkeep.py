"""Rebuilding and measuring a store, also one that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused, StoreUnusable
from hocba_tui.flow.school.store_upkeep import issued_size, rebuild_shards, shard_sizes
from hocba_tui.store.checking import check_shard
from tests.support.stores import damage_line


def test_without_a_store_it_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="Không thấy kho"):
        shard_sizes(tmp_path)
    with pytest.raises(StoreUnusable, match="Không thấy kho"):
        list(rebuild_shards(tmp_path))
    assert not list(tmp_path.iterdir())


def test_sizes_are_those_of_the_files(sealed_root: Path) -> None:
    sizes = list(shard_sizes(sealed_root))
    assert {size.name for size in sizes} == {
        str(p.parent.relative_to(sealed_root)) for p in sealed_root.rglob("journal.log")
    }
    for size in sizes:
        data = sealed_root / size.name / "data.json"
        assert size.checkpoint == (data.stat().st_size if data.exists() else 0)
        assert size.journal.size == (sealed_root / size.name / "journal.log").stat().st_size
        assert size.journal.entries == check_shard(sealed_root, size.name, lambda _: "").entries
        assert size.journal.last
        assert not size.journal.problem
        assert size.frozen == len(list((sealed_root / size.name).glob("frozen/*")))
    assert any(size.frozen for size in sizes)
    files = list((sealed_root / "issued").glob("*.xml"))
    assert issued_size(sealed_root) == (len(files), sum(path.stat().st_size for path in files))


def test_all_shards_are_rebuilt_or_only_the_named_ones(store_root: Path) -> None:
    every = {size.name for size in shard_sizes(store_root)}
    assert {done.name for done in rebuild_shards(store_root)} == every
    one = min(every)
    assert [done.name for done in rebuild_shards(store_root, [one])] == [one]


def test_a_damaged_journal_is_cut_only_when_the_loss_is_accepted(store_root: Path) -> None:
    journal = max(store_root.rglob("5A/journal.log"))
    shard = str(journal.parent.relative_to(store_root))
    (journal.parent / "data.json").unlink(missing_ok=True)
    damage_line(journal, 1)
    with pytest.raises(Refused):
        list(rebuild_shards(store_root, [shard]))
    (done,) = rebuild_shards(store_root, [shard], accept_loss=True)
    assert done.set_aside is not None
