"""Two handles of one shard compared with plain dictionaries, in any order of acts, kills and failing disks.

HOCBA_STEPS sets how many steps are tried; without it a small fixed number is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import CellConflict, Conflict, NotSaved
from hocba_tui.store.backend import Edit, Expect, Value
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA, FileShard

STEPS = int(os.environ.get("HOCBA_STEPS", "0"))
STEPS_EACH = 40
TABLES, KEYS, FIELDS, ACTORS = ("results", "records"), ("hs1", "hs2"), "abc", ("gv.5a", "gv.tin")
Cell = tuple[str, str, str]
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=VIETNAM)
WHO = st.integers(0, 1)
ACTOR = st.sampled_from(ACTORS)
CELLS = st.tuples(st.sampled_from(TABLES), st.sampled_from(KEYS), st.sampled_from(FIELDS))
VALUES = st.none() | st.integers(0, 3) | st.sampled_from(["T", "H", "C", "Đ", "nhận xét " * 60])
AFTER = st.dictionaries(CELLS, VALUES, min_size=1, max_size=3)
PLACE = st.integers(0, 2000)
"""A byte somewhere in a line or a file, taken modulo its length."""
REFUSAL = st.sampled_from([errno.EIO, errno.ENOSPC])


class Killed(BaseException):
    """The process ends here: no handler of the store may clean up."""


class Moment(NamedTuple):
    """The shard after one entry: its cells, and who wrote each of them last."""

    cells: Mapping[Cell, Value]
    writers: Mapping[Cell, str]

    def then(self, actor: str, after: Mapping[Cell, Value]) -> Moment:
        cells = {cell: value for cell, value in {**self.cells, **after}.items() if value is not None}
        return Moment(cells, {**self.writers, **dict.fromkeys(after, actor)})


class ShardAgainstDictionary(RuleBasedStateMachine):
    """The dictionaries are right; the shard has to agree with them."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shard-"))
        self.patch = pytest.MonkeyPatch()
        self.starts_of_computer = 0
        self.patch.setattr("hocba_tui.store.syncing._boot", lambda: b"start-%d" % self.starts_of_computer)
        # What has reached the disk is noted, without real syncs; power_cut below loses everything else.
        self.durable = 0
        self.patch.setattr(os, "fsync", lambda *_: None)
        self.patch.setattr(os, "fdatasync", self.synced)
        self.patch.setattr(os, "ftruncate", self.truncated)
        FileShard("5A", self.folder, lambda: NOON)
        self.moments = [Moment({}, {})]
        self.acknowledged = 0
        self.older = b""
        self.lock_lost = False
        """Whether sync.lock was lost and nothing has been acknowledged since."""
        self.handles = [self.open(), self.open()]

    def synced(self, handle: int) -> None:
        if os.fstat(handle).st_ino == (self.folder / JOURNAL).stat().st_ino:
            self.durable = os.fstat(handle).st_size

    def truncated(self, handle: int, size: int) -> None:
        os.truncate(handle, size)
        self.durable = min(self.durable, size)

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    def open(self) -> FileShard:
        return FileShard("5A", self.folder, lambda: NOON, known=True)

    # --- what people do ------------------------------------------------------------------------

    def edits(self, after: Mapping[Cell, Value]) -> list[Edit]:
        return [Edit(*cell, self.moments[-1].cells.get(cell), value) for cell, value in after.items()]

    @rule(who=WHO, actor=ACTOR, after=AFTER)
    def change(self, who: int, actor: str, after: dict[Cell, Value]) -> None:
        self.acknowledge(self.handles[who].change(actor, "enter", self.edits(after)).seq, actor, after)

    def acknowledge(self, seq: int, actor: str, after: Mapping[Cell, Value]) -> None:
        assert seq == len(self.moments)
        self.moments.append(self.moments[-1].then(actor, after))
        self.lock_lost = False
        self.acknowledged = seq

    @rule(who=WHO, actor=ACTOR, cell=CELLS, other=CELLS, seen=VALUES)
    def change_what_was_misread(self, who: int, actor: str, cell: Cell, other: Cell, seen: Value) -> None:
        held = self.moments[-1].cells.get(cell)
        if seen == held:
            return
        good, before = Edit(*other, self.moments[-1].cells.get(other), "mới"), self.lines()
        with pytest.raises(CellConflict) as told:
            self.handles[who].change(actor, "enter", [good, Edit(*cell, seen, "đè")])
        assert (told.value.key, told.value.field, told.value.held) == (*cell[1:], held)
        assert told.value.who == self.moments[-1].writers.get(cell, "")
        assert self.lines() == before

    @rule(
        who=WHO, actor=ACTOR, after=AFTER, table=st.sampled_from(TABLES), key=st.sampled_from(KEYS), right=st.booleans()
    )
    def change_resting_on(
        self, who: int, actor: str, after: dict[Cell, Value], table: str, key: str, *, right: bool
    ) -> None:
        document = {cell[2]: value for cell, value in self.moments[-1].cells.items() if cell[:2] == (table, key)}
        rests = [Expect(table, key, document if right else {**document, "a": "misread"})]
        before = self.lines()
        if right:
            entry = self.handles[who].change(actor, "enter", self.edits(after), expecting=rests)
            self.acknowledge(entry.seq, actor, after)
        else:
            with pytest.raises(Conflict):
                self.handles[who].change(actor, "enter", self.edits(after), expecting=rests)
            assert self.lines() == before

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.handles[who] = self.open()

    @rule(who=WHO)
    def checkpoint(self, who: int) -> None:
        self.handles[who].checkpoint()

    @rule(who=WHO)
    def look(self, who: int) -> None:
        self.handles[who].refresh()
        self.agrees(self.handles[who])
        entries = list(self.handles[who].entries())
        assert [entry.seq for entry in entries] == list(range(len(self.moments)))
        assert {e.actor for e in entries[1:]} <= set(ACTORS)

    # --- what happens to processes -------------------------------------------------------------

    @rule(who=WHO, actor=ACTOR, after=AFTER)
    def killed_before_its_sync(self, who: int, actor: str, after: dict[Cell, Value]) -> None:
        def die(handle: int) -> None:
            raise Killed

        with self.broken("fdatasync", die), pytest.raises(Killed):
            self.handles[who].change(actor, "enter", self.edits(after))
        self.handles[who] = self.open()
        self.settle_for(self.moments[-1].then(actor, after), least=len(self.moments) - 1)

    @rule(who=WHO, actor=ACTOR, after=AFTER, place=PLACE)
    def killed_while_appending(self, who: int, actor: str, after: dict[Cell, Value], place: int) -> None:
        def die(handle: int, data: memoryview) -> int:
            real(handle, data[: place % (len(data) + 1)])
            raise Killed

        real = os.write
        with self.broken("write", die), pytest.raises(Killed):
            self.handles[who].change(actor, "enter", self.edits(after))
        self.handles[who] = self.open()
        self.settle_for(self.moments[-1].then(actor, after), least=len(self.moments) - 1)

    @rule(who=WHO, actor=ACTOR, after=AFTER, place=PLACE, killed=st.booleans())
    def half_written_during_a_sync(
        self, who: int, actor: str, after: dict[Cell, Value], place: int, *, killed: bool
    ) -> None:
        """While one syncs, the other one has written half a line, and then dies or meets a full disk."""
        one, other = self.handles[who], self.handles[1 - who]
        moment = self.moments[-1].then(actor, after)
        edits = [Edit(*cell, moment.cells.get(cell), "x" * 300) for cell in after]
        real, write = one._journal.sync.sync, os.write

        def half(handle: int, data: memoryview) -> int:
            write(handle, data[: place % len(data)])
            self.patch.setattr(os, "write", write)
            real()
            raise Killed if killed else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def sync_meanwhile() -> None:
            if len(self.lines()) == before:  # Its own line is not there yet: this sync is for something else.
                return real()
            self.patch.setattr(one._journal.sync, "sync", real)
            self.patch.setattr(os, "write", half)
            with contextlib.suppress(Killed, NotSaved, Conflict):
                other.change("gv.5a", "enter", edits)
            self.patch.setattr(os, "write", write)
            return real()

        before = len(self.lines())
        self.patch.setattr(one._journal.sync, "sync", sync_meanwhile)
        self.acknowledge(one.change(actor, "enter", self.edits(after)).seq, actor, after)
        if killed:
            self.handles[1 - who] = self.open()

    # --- what happens to disks -----------------------------------------------------------------

    @rule(who=WHO, actor=ACTOR, after=AFTER, code=REFUSAL, times=st.integers(1, 3))
    def a_sync_fails(self, who: int, actor: str, after: dict[Cell, Value], code: int, times: int) -> None:
        left = times

        def refuse(handle: int) -> None:
            nonlocal left
            left -= 1
            if left >= 0:
                raise OSError(code, os.strerror(code))

        with self.broken("fdatasync", refuse), pytest.raises(NotSaved):
            self.handles[who].change(actor, "enter", self.edits(after))
        # What a killed process had appended was never acknowledged and may be cut off too. When the
        # lock file was lost it is unknown how far to cut, so the refused change may stay.
        possible = [self.moments[-1].then(actor, after)] if self.lock_lost else []
        self.settle_for(*possible, least=self.acknowledged)

    @rule(who=WHO, actor=ACTOR, after=AFTER, code=REFUSAL, place=PLACE, stuck=st.booleans())
    def a_write_fails_half_way(
        self, who: int, actor: str, after: dict[Cell, Value], code: int, place: int, *, stuck: bool
    ) -> None:
        def fill(handle: int, data: memoryview) -> int:
            real(handle, data[: place % len(data)])
            raise OSError(code, os.strerror(code))

        def refuse(handle: int, size: int) -> None:
            raise OSError(code, os.strerror(code))

        real = os.write
        with self.broken("write", fill), self.broken("ftruncate", refuse if stuck else os.ftruncate):
            if stuck and self.torn():
                return
            with pytest.raises(NotSaved):
                self.handles[who].change(actor, "enter", self.edits(after))
        self.settle_for(least=len(self.moments) - 1)

    @rule(place=PLACE)
    def power_cut(self, place: int) -> None:
        """All processes end, and what was not synced is there only up to some byte."""
        size = (self.folder / JOURNAL).stat().st_size
        self.durable += place % (size - self.durable + 1)
        os.truncate(self.folder / JOURNAL, self.durable)
        self.starts_of_computer += 1
        self.handles = [self.open(), self.open()]
        self.settle_for(least=self.acknowledged)

    @rule()
    def lose_checkpoint(self) -> None:
        (self.folder / DATA).unlink(missing_ok=True)

    @precondition(lambda self: (self.folder / DATA).exists())
    @rule(place=PLACE)
    def halve_checkpoint(self, place: int) -> None:
        size = (self.folder / DATA).stat().st_size
        os.truncate(self.folder / DATA, place % max(size, 1))

    @precondition(lambda self: (self.folder / DATA).exists())
    @rule()
    def keep_checkpoint(self) -> None:
        self.older = (self.folder / DATA).read_bytes()

    @precondition(lambda self: self.older)
    @rule()
    def put_older_checkpoint_back(self) -> None:
        (self.folder / DATA).write_bytes(self.older)

    @rule()
    def lose_sync_lock(self) -> None:
        """Somebody removes the lock file while people work."""
        (self.folder / "sync.lock").unlink(missing_ok=True)
        self.lock_lost = True

    # --- what has to hold ----------------------------------------------------------------------

    @contextlib.contextmanager
    def broken(self, name: str, instead: Callable[..., object]) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, instead)
            yield

    def settle_for(self, *possible: Moment, least: int) -> None:
        """Accept the journal's end as it is: nothing before ``least`` may be missing, and every line must be known."""
        shard = self.open()
        moments = [*self.moments, *possible]
        assert least <= shard.seq < len(moments)
        self.moments = moments[: shard.seq + 1]
        self.agrees(shard)

    @invariant()
    def a_new_process_agrees_and_leaves_the_journal_alone(self) -> None:
        before, shard = (self.folder / JOURNAL).read_bytes(), self.open()
        self.agrees(shard)
        # A change before it would be acknowledged without a sync.
        assert shard._journal.sync.durable() <= len(before)
        assert (self.folder / JOURNAL).read_bytes() == before

    def agrees(self, shard: FileShard) -> None:
        held = {
            (table, key, name): value
            for table in TABLES
            for key, document in shard.table(table).items()
            for name, value in document.items()
        }
        assert shard.damage is None
        assert held == self.moments[-1].cells
        assert shard.seq == len(self.moments) - 1

    def lines(self) -> list[bytes]:
        return (self.folder / JOURNAL).read_bytes().split(b"\n")[:-1]

    def torn(self) -> bool:
        return not (self.folder / JOURNAL).read_bytes().endswith(b"\n")


TestShardAgainstDictionary = ShardAgainstDictionary.TestCase
TestShardAgainstDictionary.settings = settings(
    max_examples=max(STEPS // STEPS_EACH, 1) if STEPS else 25,
    stateful_step_count=STEPS_EACH,
    deadline=None,
    derandomize=not STEPS,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
