"""Four processes write to one shard at once: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hocba_tui.errors import Conflict
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard

WRITERS, CHANGES = 4, 50


def open_shard(folder: Path) -> FileShard:
    return FileShard("2025-2026/5A", folder, lambda: datetime.now(UTC))


def write_much(folder: Path, writer: str) -> list[tuple[int, int]]:
    """Count one shared cell upwards and fill a cell of one's own each time; return what was acknowledged."""
    shard = open_shard(folder)
    done: list[tuple[int, int]] = []
    while len(done) < CHANGES:
        shard.refresh()
        seen = shard.document("results", "shared").get("count")
        mine = Edit("results", writer, str(len(done)), None, os.getpid())
        try:
            entry = shard.change(writer, "enter", [Edit("results", "shared", "count", seen, (seen or 0) + 1), mine])
        except Conflict:
            continue
        done.append((entry.seq, (seen or 0) + 1))
    return done


def test_every_acknowledged_change_is_there_exactly_once(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, __file__, str(tmp_path), f"w{number}"], stdout=subprocess.PIPE, text=True)
        for number in range(WRITERS)
    ]
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * WRITERS
    acknowledged = [pair for answer in answers for pair in json.loads(answer)]

    shard = open_shard(tmp_path)
    assert shard.document("results", "shared") == {"count": WRITERS * CHANGES}
    for number in range(WRITERS):
        assert list(shard.document("results", f"w{number}")) == [str(change) for change in range(CHANGES)]
    assert sorted(seq for seq, _ in acknowledged) == list(range(1, WRITERS * CHANGES + 1))
    assert sorted(count for _, count in acknowledged) == list(range(1, WRITERS * CHANGES + 1))


def test_the_sequence_has_no_holes_and_the_chain_no_break(tmp_path: Path) -> None:
    processes = [subprocess.Popen([sys.executable, __file__, str(tmp_path), f"w{n}"], stdout=-3) for n in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    previous, actors = journal.GENESIS, Counter[str]()
    for number, line in enumerate((tmp_path / "journal.log").read_bytes().splitlines(keepends=True)):
        decoded = journal.decode(line, previous, number)
        previous = decoded.digest
        actors[decoded.entry.actor] += 1
    assert actors == {"hocba": 1, "w0": CHANGES, "w1": CHANGES}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(write_much(Path(sys.argv[1]), sys.argv[2])))
