"""A class with everything that its folder can hold, written again and again with one file damaged."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from hocba_tui.clock import VIETNAM
from hocba_tui.store import syncing
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal import GENESIS, encode
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA, FROZEN, FileShard

NAME, TABLE = "2025-2026/5A", "results"
SYNC = syncing.LOCK
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECTOR = 512
LAST = Edit(TABLE, "hs3", "toan", None, 8)
Documents = dict[str, dict[str, Any]]


class Sample(NamedTuple):
    """The class as it was before any damage; every entry was acknowledged."""

    files: Mapping[str, bytes]
    """By path: files of the class relative to its folder, the issued one to the store's root."""
    entries: tuple[Entry, ...]
    states: tuple[Documents, ...]
    """The documents after each entry."""
    starts: tuple[int, ...]
    """Where each line of the journal begins, and where the last one ends."""
    covered: int
    """Last entry that the checkpoint covers."""
    digest: str
    """Digest of the frozen file."""


def now() -> datetime:
    return datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


def open_class(folder: Path) -> FileShard:
    """Open it as a store does whose school lists the class."""
    return FileShard(NAME, folder, now, known=True)


def documents(shard: FileShard) -> Documents:
    return copy.deepcopy({key: dict(document) for key, document in shard.table(TABLE).items()})


def make_sample(root: Path) -> Sample:
    """Make a store with one class: entries before and after the checkpoint, plain and accented, short and long."""
    store = FolderStore.create(root, now)
    shard = store.shard(NAME)
    states = [documents(shard)]

    def size() -> int:
        return (root / NAME / JOURNAL).stat().st_size

    def enter(actor: str, *edits: Edit, note: str = "", undoes: int = 0) -> None:
        shard.change(actor, "enter", edits, note, undoes=undoes)
        states.append(documents(shard))

    enter("gv.5a", Edit(TABLE, "hs1", "toan", None, 9))
    enter("gv.5a", Edit(TABLE, "hs1", "nhan_xet", None, "Em đã cố gắng nhiều."))
    enter("gv.5a", Edit(TABLE, "hs2", "toan", None, 7), Edit(TABLE, "hs1", "toan", 9, 10), note="chấm lại")
    enter("gv.5a", Edit(TABLE, "hs2", "toan", 7, None), undoes=2)
    shard.checkpoint()
    covered = shard.seq
    enter("gv.tin", Edit(TABLE, "hs2", "tin", None, "T"))
    enter("gv.tin", *(Edit(TABLE, f"hs{number}", "cn", None, "H") for number in range(8)))
    # The last line's newline is alone in its sector: a disk may have written all of the line but that.
    last = len(encode(Entry(shard.seq + 1, now().isoformat(), "gv.5a", "enter", (LAST,), "x"), GENESIS, size()))
    enter("gv.5a", LAST, note="x" * ((1 - size() - last) % SECTOR + 1))
    digest, issued = shard.keep(b"<HOC_BA/>"), b"<HOC_BA><HO_TEN>An</HO_TEN></HOC_BA>"
    store.issue(UUID, issued)
    folder, starts = root / NAME, [0]
    names = (JOURNAL, DATA, SYNC, f"{FROZEN}/{digest}")
    files = {name: (folder / name).read_bytes() for name in names} | {f"issued/{UUID}.xml": issued}
    for line in files[JOURNAL].splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return Sample(files, tuple(shard.entries()), tuple(states), tuple(starts), covered, digest)


class Harm(NamedTuple):
    """The damage of one file: a byte is changed, the file ends early, or it is gone."""

    file: str
    place: int = 0
    kept: int = 0xFF
    """Bits of the byte that are kept."""
    flipped: int = 0
    """Bits of the byte that are then inverted; with all kept and none inverted the file ends there."""
    gone: bool = False

    @property
    def cut(self) -> bool:
        """Return whether the file ends before ``place``."""
        return self.kept == 0xFF and not self.flipped and not self.gone

    @property
    def words(self) -> str:
        """Return it in words."""
        how = "gone" if self.gone else f"cut at {self.place}" if self.cut else f"byte {self.place}"
        return f"{self.file} {how}" + ("" if self.gone or self.cut else f" & {self.kept:#04x} ^ {self.flipped:#04x}")

    def done_to(self, data: bytes) -> bytes | None:
        """Return what is left of ``data``; None when there is no file any more."""
        if self.gone:
            return None
        if self.cut or self.place >= len(data):
            return data[: self.place]
        return data[: self.place] + bytes([data[self.place] & self.kept ^ self.flipped]) + data[self.place + 1 :]


def lay(sample: Sample, folder: Path, harm: Harm, *, restarted: bool) -> None:
    """Write the class's three changing files, one of them damaged.

    ``restarted``: the computer was restarted since, so that sync.lock no longer counts.
    """
    files = {name: sample.files[name] for name in (JOURNAL, DATA)}
    (folder / JOURNAL).touch(0o600)
    which = b"%s-%d" % (b"before" if restarted else syncing._boot(), (folder / JOURNAL).stat().st_ino)
    far = b"%020d" % len(sample.files[JOURNAL])
    files[SYNC] = b"%s %s %s\n" % (which, far, syncing._check(which, far))
    for name, data in files.items():
        left = harm.done_to(data) if harm.file == name else data
        if left is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).touch(0o600)
            (folder / name).write_bytes(left)
