"""A small number of simulated power cuts; ``python -m tests.faults.power_cut --full`` does many."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.platter import Platter, Tree, states
from tests.faults.power_cut import MEMORY, cut, problems, run
from tests.faults.recording import Call, Step

STATES = 80


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("killed_at", [1, 6, 8, 22], ids=["new year", "first line", "first kept file", "half a move"])
def test_whatever_a_power_cut_leaves_holds_every_acknowledged_act_and_goes_on(place: Path, killed_at: int) -> None:
    chance = random.Random(killed_at)
    recorded = run(place, "1", 2, killed_at)
    cuts = cut(recorded, chance, tears=2)
    assert len(cuts.acknowledged) > 12
    assert len(cuts.states) > STATES
    assert cuts.early == []
    for state in chance.sample(cuts.states, STATES):
        assert problems(recorded.truth, cuts.acknowledged, place, state) == []


class Disk:
    """A modelled disk on which one process does one thing after another."""

    def __init__(self, tree: Tree | None = None) -> None:
        self.platter = Platter("/disk", tree or {})

    def do(self, name: str, *paths: str, data: bytes = b"", number: int = 0) -> None:
        call = Call(name, "O_CREAT", len(data), "", tuple(f"/disk/{path}" for path in paths), data, number)
        self.platter.take(Step(call, begun=True))
        self.platter.take(Step(call, begun=False))

    def left(self) -> list[Tree]:
        return [tree for _, tree in states(self.platter, random.Random(1), 200)]


def test_a_synced_file_may_lose_its_name_until_its_folder_is_synced() -> None:
    disk = Disk()
    disk.do("openat", "a")
    disk.do("write", "a", data=b"1")
    disk.do("fsync", "a")
    assert {} in disk.left()
    disk.do("fsync", "")
    assert all(tree == {"a": b"1"} for tree in disk.left())


def test_a_renamed_file_that_was_not_synced_may_be_empty() -> None:
    disk = Disk({"a": b"old"})
    disk.do("openat", "b")
    disk.do("write", "b", data=b"new")
    disk.do("rename", "b", "a")
    disk.do("fsync", "")
    assert {"a": b""} in disk.left()
    assert {"a": b"new"} in disk.left()


def test_sectors_are_lost_whole_and_one_by_one() -> None:
    disk = Disk({"a": b"0" * 100})
    disk.do("write", "a", data=b"1" * 1200)
    found = {tree["a"] for tree in disk.left()}
    assert b"0" * 100 + b"1" * 412 + b"\0" * 512 + b"1" * 276 in found
    assert b"0" * 100 + b"\0" * 412 + b"1" * 788 in found
    disk.do("fdatasync", "a")
    assert {tree["a"] for tree in disk.left()} == {b"0" * 100 + b"1" * 1200}


def test_what_was_cut_off_may_show_through_what_came_after_it() -> None:
    disk = Disk({"a": b"old" * 500})
    disk.do("ftruncate", "a", number=9)
    disk.do("write", "a", data=b"1" * 1000)
    assert b"oldoldold" + b"1" * 503 + (b"old" * 500)[512:1009] in {tree["a"] for tree in disk.left()}


def test_a_write_that_had_not_returned_when_the_sync_began_is_not_kept_by_it() -> None:
    disk = Disk({"a": b""})
    late = Call("write", "", 1, "", ("/disk/a",), b"1")
    disk.platter.take(Step(late, begun=True))
    disk.do("fdatasync", "a")
    assert {"a": b""} in disk.left()
    disk.do("fdatasync", "a")
    disk.platter.take(Step(late, begun=False))
    disk.do("fdatasync", "a")
    assert disk.left() == [{"a": b"1"}] * len(disk.left())
