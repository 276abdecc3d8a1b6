"""A small crowd: nothing is lost, nothing is doubled, and the examination would find it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.store.backend import Edit
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import FileShard
from tests.crowd.crowd import Size, run, shard_names
from tests.crowd.examination import SHARED, TABLE, Ack, examine, now, rising


@pytest.mark.parametrize("size", [Size(6, 3, changes=30), Size(4, 1, seconds=0.5)])
def test_every_acknowledged_change_is_there_exactly_once(tmp_path: Path, size: Size) -> None:
    outcome = run(tmp_path, size)
    assert outcome.problems == []
    assert sorted(outcome.acks) == [f"w{number:02}" for number in range(size.processes)]
    assert all(len(acks) >= max(size.changes, 1) for acks in outcome.acks.values())


def left(folder: Path) -> list[Ack]:
    """Make three changes as a writer does and return what was acknowledged."""
    shard, acks = FileShard("5A", folder, now), list[Ack]()
    for number in range(3):
        edits = [
            Edit(TABLE, SHARED, "count0", number or None, number + 1),
            Edit(TABLE, "w00", f"c{number}", None, f"w00-{number}"),
        ]
        acks.append(Ack("5A", shard.change("w00", "enter", edits).seq, f"w00-{number}", "count0", number + 1))
    return acks


def test_the_examination_finds_a_lost_a_moved_and_a_doubled_change(tmp_path: Path) -> None:
    acks = left(tmp_path)
    assert examine(tmp_path, "5A", acks) == []
    assert examine(tmp_path, "5A", acks[:-1])
    assert examine(tmp_path, "5A", [*acks, Ack("5A", 4, "w00-3", "count0", 4)])
    assert examine(tmp_path, "5A", [acks[0]._replace(seq=2), acks[1]._replace(seq=1), acks[2]])
    assert examine(tmp_path, "5A", [acks[0], acks[1]._replace(total=1), acks[2]])
    journal = tmp_path / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    for wrong in ([*lines, lines[-1]], lines[:-1], [*lines[:2], *lines[3:]], [*lines[:1], lines[2], lines[1]]):
        journal.write_bytes(b"".join(wrong))
        assert examine(tmp_path, "5A", acks)


def test_rising_is_asked_for_each_shard_by_itself() -> None:
    first, second = shard_names(2)
    acks = [Ack(first, 5, "a", "c", 1), Ack(second, 3, "b", "c", 1), Ack(first, 6, "c", "c", 2)]
    assert rising(acks)
    assert not rising([*acks, Ack(second, 3, "d", "c", 2)])
