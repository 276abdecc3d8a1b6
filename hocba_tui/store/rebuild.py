"""Rebuild a shard from what can still be read, and keep a copy of the damaged files."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import Conflict, Refused, StoreUnusable
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, edits_for
from hocba_tui.store.checking import check_shard
from hocba_tui.store.disk import make_folder, open_append, sync_folder
from hocba_tui.store.filesystem import require_own_local
from hocba_tui.store.heads import Head, note_head
from hocba_tui.store.journal_file import DAMAGED, JOURNAL, SET_ASIDE, lines_of, read_journal
from hocba_tui.store.locks import take
from hocba_tui.store.shard import DATA, FileShard
from hocba_tui.store.syncing import SharedSync
from hocba_tui.store.tables import Documents, Tables

_BY, _ACT = "hocba", "rebuild"
_UNTOUCHED = "Chưa có gì bị thay đổi."


@dataclass(frozen=True)
class Rebuilt:
    """The result of rebuilding one shard."""

    name: str
    entries: int
    """Lines in its journal now."""
    set_aside: Path | None = None
    """Where the damaged files were copied to; None when the journal was sound."""
    brought_back: int = 0
    """Number of fields that only the checkpoint, or lines after the damage, still held."""


def rebuild(root: Path, name: str, now: Callable[[], datetime], *, accept_loss: bool = False) -> Rebuilt:
    """Write ``data.json`` again from the journal.

    When the journal itself is damaged, or shorter than its checkpoint, raise Refused unless ``accept_loss``:
    then the damaged files are copied aside, the journal is cut after its last good line, and what the
    checkpoint and complete lines after the damage still hold is written as one more change. Raise Conflict when
    somebody writes meanwhile, OSError when the disk refuses.
    """
    folder = root / name
    require_own_local(root)
    there = (folder / JOURNAL).is_file() or (folder / DATA).is_file()
    if not there or not name or ".." in Path(name).parts:
        raise Refused(f"Kho không có phần “{name}”, hoặc nó đã mất hết.", "Xem hocba store check.", _UNTOUCHED)
    proof = check_shard(root, name, lambda _: "")
    wrong = [flaw for flaw in proof.flaws if flaw.lost and not flaw.place.startswith(f"{name}/frozen/")]
    aside: Path | None = None
    found = checkpoints.load(folder / DATA)
    brought_back = 0
    if wrong:
        if not accept_loss:
            raise Refused(
                f"{wrong[0].place}: {wrong[0].what}.",
                "Khôi phục từ bản sao lưu; chỉ khi không có bản nào thì thêm --accept-loss: phần hỏng được "
                f"để riêng trong {name}/damaged-…, phần đọc được được dùng tiếp.",
                _UNTOUCHED,
            )
        if proof.unread and (folder / JOURNAL).exists():
            raise Refused(f"{name}: {proof.unread}.", "Đĩa đang hỏng: chép cả kho sang đĩa khác trước đã.", _UNTOUCHED)
        content = read_journal(folder / JOURNAL) if (folder / JOURNAL).exists() else b""
        begin = (proof.size, proof.tables.documents)
        if found and found[1].end > proof.size:
            begin = (found[1].end, found[0])
        wanted = _readable(content, *begin)
        aside = _set_aside(folder, now)
        _cut(folder / JOURNAL, len(content), proof.size)
        shard = FileShard(name, folder, now)
        edits = _differences(shard, wanted)
        shard.change(_BY, _ACT, edits, note=aside.name)
        brought_back = len(edits)
    else:
        (folder / DATA).unlink(missing_ok=True)
        shard = FileShard(name, folder, now, known=True)
        if not shard.damage:
            shard.settle()
    if shard.damage:
        raise StoreUnusable(f"{shard.damage}; không dựng lại được.", "Khôi phục từ bản sao lưu.", "")
    shard.checkpoint()
    if aside is not None and (mark := shard.head()):
        note_head(root, name, Head(mark, now().isoformat(), reset=True))
    return Rebuilt(name, shard.seq + 1, aside, brought_back)


def _set_aside(folder: Path, now: Callable[[], datetime]) -> Path:
    aside = folder / f"{SET_ASIDE}{now():%Y%m%d-%H%M%S}"
    if aside.exists():
        raise Refused(f"Đã có {aside.name}.", "Đợi một giây rồi chạy lại.", _UNTOUCHED)
    make_folder(aside)
    for file in (JOURNAL, DATA):
        if (folder / file).exists():
            shutil.copy2(folder / file, aside / f"{file}{DAMAGED}")
            with (aside / f"{file}{DAMAGED}").open("rb") as copy:
                os.fsync(copy.fileno())
    sync_folder(aside)
    return aside


def _readable(content: bytes, start: int, documents: Documents) -> Documents:
    """Return ``documents`` changed by the complete lines from byte ``start`` on."""
    tables = Tables(documents)
    for position, line in lines_of(content):
        with contextlib.suppress(journal.BadRecord):
            if position >= start:
                tables.apply(journal.decode(line, None).entry.edits)
    return tables.documents


def _cut(path: Path, size: int, good: int) -> None:
    """Cut a journal after its last good line, under its lock, so that open sessions see it too."""
    handle = open_append(path)
    try:
        take(handle, fcntl.LOCK_EX, f"Tệp của {path.parent.name}")
        if os.fstat(handle).st_size != size:
            raise Conflict("Có người đang ghi vào phần này.", "Đợi họ xong rồi chạy lại.", _UNTOUCHED)
        os.ftruncate(handle, good)
        os.fsync(handle)
        sync = SharedSync(path.parent, handle, path.parent.name)
        sync.publish(good)
        os.close(sync.handle)
    finally:
        os.close(handle)
    path.with_name(DATA).unlink(missing_ok=True)


def _differences(shard: FileShard, wanted: Documents) -> list[Edit]:
    """Return the edits that lead from the shard to ``wanted``."""
    edits: list[Edit] = []
    for table in dict.fromkeys([*shard.tables(), *wanted]):
        held, want = shard.table(table), wanted.get(table, {})
        for key in dict.fromkeys([*held, *want]):
            edits += edits_for(table, key, held.get(key, {}), want.get(key, {}))
    return edits
