"""Two handles of one shard against a plain dictionary, in any order of acts."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import Conflict
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard

Cell = tuple[str, str, str]
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=VIETNAM)
WHO = st.integers(0, 1)
CELLS = st.tuples(st.sampled_from(["results", "records"]), st.sampled_from(["hs1", "hs2"]), st.sampled_from("abc"))
VALUES = st.none() | st.integers(0, 3) | st.sampled_from(["T", "H", "C", "Đ"])


class ShardAgainstDictionary(RuleBasedStateMachine):
    """The dictionary is right; the shard has to agree with it."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shard-"))
        self.handles = [self.open(), self.open()]
        self.model: dict[Cell, Any] = {}
        self.entries = 0

    def open(self) -> FileShard:
        return FileShard("5A", self.folder, lambda: NOON)

    @rule(who=WHO, after=st.dictionaries(CELLS, VALUES, min_size=1, max_size=3))
    def change(self, who: int, after: dict[Cell, Any]) -> None:
        edits = [Edit(*cell, self.model.get(cell), value) for cell, value in after.items()]
        assert self.handles[who].change(f"w{who}", "enter", edits).seq == self.entries + 1
        self.entries += 1
        self.model |= after
        self.model = {cell: value for cell, value in self.model.items() if value is not None}

    @rule(who=WHO, cell=CELLS, other=CELLS, seen=VALUES)
    def change_what_was_misread(self, who: int, cell: Cell, other: Cell, seen: object) -> None:
        if seen == self.model.get(cell):
            return
        good = Edit(*other, self.model.get(other), "mới")
        before = self.lines()
        try:
            self.handles[who].change(f"w{who}", "enter", [good, Edit(*cell, seen, "đè")])
        except Conflict:
            assert self.lines() == before
        else:
            raise AssertionError("a value that nobody saw was written over")

    def lines(self) -> list[bytes]:
        return (self.folder / "journal.log").read_bytes().split(b"\n")[:-1]

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.handles[who] = self.open()

    @rule(who=WHO)
    def checkpoint(self, who: int) -> None:
        self.handles[who].checkpoint()

    @rule(kept=st.integers(1, 40))
    def tear(self, kept: int) -> None:
        """Somebody was killed while appending, after cutting what another one had left."""
        whole = (self.folder / "journal.log").read_bytes()
        with (self.folder / "journal.log").open("r+b") as journal:
            journal.seek(whole.rfind(b"\n") + 1)
            journal.truncate()
            journal.write(b'000000c8 0a1b2c3d {"n":99,"at":"2026'[:kept])

    @rule(who=WHO)
    def look(self, who: int) -> None:
        self.handles[who].refresh()
        self.agrees(self.handles[who])

    @invariant()
    def a_new_process_agrees(self) -> None:
        self.agrees(self.open())

    def agrees(self, shard: FileShard) -> None:
        held = {
            (table, key, name): value
            for table in ("results", "records")
            for key, document in shard.table(table).items()
            for name, value in document.items()
        }
        assert held == self.model
        assert shard.seq == self.entries

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


TestShardAgainstDictionary = ShardAgainstDictionary.TestCase
TestShardAgainstDictionary.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
