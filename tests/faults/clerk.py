"""A process that writes cells into every shard of a store, and notes what it was told in a file of its own."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import MutableSequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from hocba_tui.errors import HocbaError, LockHeld
from hocba_tui.store import journal_file, locks, syncing
from hocba_tui.store import shard as shards
from hocba_tui.store.backend import OUTBOX, SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal_file import JournalFile
from hocba_tui.store.shard import FileShard

CLASSES = ("2025-2026/5A", "2025-2026/5B", "2025-2026/5C")
NAMES = (SCHOOL, OUTBOX, *CLASSES)
TABLE = "cells"
CELLS = 7
GO, HOLD, END = 0.0, 1.0, 2.0
PHASE, CLOCK, STOP = 0, 1, 2
"""Places on the board that all processes share: what to do, by how many seconds the clock is wrong, who is to stop.

It has no lock, since a stopped process would keep it.
"""
OTHER_BOOT = b"00000000-1111-2222-3333-444444444444"
PAUSE = 0.006
"""Seconds that a clerk takes at most from one cell to the next."""
_LOOKS = 5
Board = MutableSequence[float]
STOPS_IN = {1.0: "append", 2.0: "sync"}
"""In which step of a change a clerk stops itself: with the lock of the journal, or of its syncs."""


@dataclass(frozen=True)
class Desk:
    """Where a clerk works and how."""

    root: str
    said: str
    name: str
    seed: int
    patience: float
    """Seconds until a wait for a lock ends, see :data:`hocba_tui.store.locks.PATIENCE`."""
    stride: int
    """Bytes of journal after which data.json is renewed."""
    target: str = ""
    """The shard that is to meet with the accident."""
    other_boot: bool = False
    spoilt: str = ""
    """The rule of the store that is broken, a key of SPOILT: the proof must notice."""


class Told(NamedTuple):
    """What a clerk was told about one change; times are monotonic seconds."""

    shard: str
    value: str
    begun: float
    ended: float
    error: str = ""
    """The name of the error's class, empty when the change was saved."""
    words: str = ""


def _look(shard: FileShard) -> None:
    """Read what others wrote as a session does, which looks again when somebody has kept the lock."""
    for _ in range(_LOOKS):
        try:
            shard.refresh()
        except LockHeld:
            continue
        except HocbaError:
            return
        return


def sit_down(desk: Desk, board: Board) -> None:
    """Prepare this process for the desk, before the store is opened."""
    locks.PATIENCE, shards.CHECKPOINT_STRIDE = desk.patience, desk.stride
    if desk.other_boot:
        syncing._boot = lambda: OTHER_BOOT  # type: ignore[assignment]
    for owner, name, broken in SPOILT.get(desk.spoilt, ()):
        patch.object(owner, name, broken).start()
    true_time = time.time
    time.time = lambda: true_time() + board[CLOCK]


SPOILT = {
    "heads": ((FolderStore, "note_heads", lambda _: None),),
    "place": ((journal_file, "_file_of", lambda _: (0, 0)), (JournalFile, "_require_all_read", lambda _: None)),
}
"""What is changed to break a rule: nothing is noted of how far a journal had come; any file at its place will do."""


def work(desk: Desk, board: Board) -> None:
    """Write cells until the board says otherwise; what was refused is tried again, as its author would."""
    sit_down(desk, board)
    chance, log = Random(f"{desk.seed} {desk.name}"), _Log(desk.said)
    store = FolderStore(Path(desk.root), lambda: datetime.now(UTC) + timedelta(seconds=board[CLOCK]))
    store.sign_in(desk.name)
    opened = {name: store.shard(name) for name in NAMES}
    held: dict[tuple[str, str], str] = {}
    waiting: dict[str, Edit] = {}
    number = 0
    while True:
        if board[PHASE] != GO:
            for shard in opened.values():
                _look(shard)
                log.say("gone", shard.name, [edit.after for edit in shard.gone()])
            log.say("phase", board[PHASE])
            if board[PHASE] == END:
                break
            while board[PHASE] == HOLD:
                time.sleep(0.005)
            continue
        name = chance.choice(NAMES)
        if name not in waiting:
            cell, number = f"c{number % CELLS}", number + 1
            waiting[name] = Edit(TABLE, desk.name, cell, held.get((name, cell)), f"{desk.name}-{number}")
        edit = waiting[name]
        if board[STOP] and desk.name == "clerk0" and name == desk.target:
            _stop_in(opened[name], STOPS_IN[board[STOP]])
            board[STOP] = 0
        if log.told(opened[name], desk.name, edit):
            held[name, edit.field] = edit.after
            del waiting[name]
        time.sleep(chance.uniform(0, PAUSE))
    store.note_heads()
    log.say("end", time.process_time())


def _stop_in(shard: FileShard, step: str) -> None:
    """Stop this process in the next change, once, while it has the lock."""
    owner = shard._journal if step == "append" else shard._journal.sync
    done = getattr(owner, step)

    def stop_first(*given: Any) -> Any:
        setattr(owner, step, done)
        os.kill(os.getpid(), signal.SIGSTOP)
        return done(*given)

    setattr(owner, step, stop_first)


def visit(desk: Desk, board: Board) -> None:
    """Open the store as somebody who comes later, and write one cell into every shard."""
    sit_down(desk, board)
    log = _Log(desk.said)
    try:
        store = FolderStore(Path(desk.root), lambda: datetime.now(UTC) + timedelta(seconds=board[CLOCK]))
    except HocbaError as error:
        log.refused("", desk.name, error)
    else:
        for name in NAMES:
            try:
                shard = store.shard(name)
            except HocbaError as error:
                log.refused(name, desk.name, error)
            else:
                log.told(shard, desk.name, Edit(TABLE, desk.name, "c0", None, desk.name))
        store.note_heads()
    log.say("end")


class _Log:
    """What one process was told, in a file that is not in the store: a line is there as soon as it is said."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, *what: Any) -> None:
        os.writev(self._handle, [json.dumps(what).encode() + b"\n"])

    def refused(self, name: str, value: str, error: HocbaError) -> None:
        now = time.monotonic()
        self.say("told", *Told(name, value, now, now, type(error).__name__, error.what))

    def told(self, shard: FileShard, actor: str, edit: Edit) -> bool:
        """Make one change and note its result; errors that are not the store's own are noted by their names."""
        begun, error, words = time.monotonic(), "", ""
        try:
            shard.change(actor, "enter", [edit])
        except HocbaError as refusal:
            error, words = type(refusal).__name__, refusal.what
        except Exception as bare:  # noqa: BLE001 - the store must never raise anything else
            error, words = "bare", repr(bare)
        self.say("told", *Told(shard.name, edit.after, begun, time.monotonic(), error, words))
        return not error
