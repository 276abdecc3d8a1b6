"""Measuring a journal from its checkpoint says the same as reading it whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store.checking import check_shard
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.measure import Length, length_of
from tests.support.stores import A, Ticking, blob_of, damage_line, filled, journal, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


def whole(root: Path) -> Length:
    proof = check_shard(root, A, blob_of)
    return Length(proof.entries, proof.size, proof.last.at if proof.last else "")


def go_on(root: Path, changes: int) -> None:
    store = FolderStore(root, Ticking())
    for number in range(changes):
        put(store, A, "again", number + 1, number or None)


def hand_made(root: Path, **changed: Any) -> None:
    """Write a checkpoint whose mark does not fit, with a proof of its own that does."""
    found = checkpoints.load(root / A / "data.json")
    assert found
    checkpoints.save(root / A / "data.json", found[0], found[1]._replace(**changed))


def test_what_is_only_in_the_journal_counts(root: Path) -> None:
    assert length_of(root / A) == whole(root)
    go_on(root, 7)
    assert length_of(root / A) == whole(root)
    (root / A / "data.json").unlink()
    assert length_of(root / A) == whole(root)


def test_only_what_lies_behind_the_checkpoint_is_read(root: Path) -> None:
    go_on(root, 3)
    damage_line(journal(root), 1)
    expected = whole(root).entries
    assert length_of(root / A).entries > expected


@pytest.mark.parametrize(
    "changed",
    [{"seq": 0}, {"seq": 99}, {"start": 0}, {"end": 10}, {"end": 10**9}, {"start": -1}, {"digest": "0" * 64}],
)
def test_a_checkpoint_that_does_not_fit_the_journal_is_not_believed(root: Path, changed: dict[str, Any]) -> None:
    hand_made(root, **changed)
    assert length_of(root / A) == whole(root)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"_checkpoint": {"1": 5}}', b'"_checkpoint": {']
)
def test_garbage_in_place_of_a_checkpoint_is_not_believed(root: Path, data: bytes) -> None:
    (root / A / "data.json").write_bytes(data)
    assert length_of(root / A) == whole(root)


def test_damage_behind_the_checkpoint_is_said_and_a_torn_end_does_not_count(root: Path) -> None:
    go_on(root, 3)
    sound = length_of(root / A)
    with journal(root).open("ab") as file:
        file.write(b"000000")
    assert length_of(root / A) == sound
    damage_line(journal(root), sound.entries - 2)
    found = length_of(root / A)
    assert found.entries == sound.entries - 2
    assert f"hỏng sau bản ghi số {found.entries - 1}" in found.problem


def test_what_cannot_be_read_is_said_and_nothing_is_counted(root: Path) -> None:
    journal(root).unlink()
    assert length_of(root / A) == Length(problem="không đọc được nhật ký (không có tệp hoặc thư mục này)")
    os.mkfifo(journal(root))
    assert length_of(root / A).problem


def test_an_empty_journal_has_no_entry(root: Path) -> None:
    os.truncate(journal(root), 0)
    assert length_of(root / A) == Length()
