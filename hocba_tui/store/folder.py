"""A whole school in one folder: its shards, issued files, drafts and unfinished intents."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import gc
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from hocba_tui.errors import Conflict, HocbaError, NotSaved, StoreUnusable, system_reason
from hocba_tui.store.activity.noting import Touched, note, take_over
from hocba_tui.store.activity.scanning import hits
from hocba_tui.store.backend import SCHOOL, Derived, Edit, Expect, Hit, Sieve, Snapshot
from hocba_tui.store.cache import Cache, Held
from hocba_tui.store.checkpoint import Mark
from hocba_tui.store.disk import (
    make_folder,
    new_beside,
    not_saved,
    open_append,
    read_plain,
    require_empty,
    write_all,
    write_once,
)
from hocba_tui.store.drafts import Drafts
from hocba_tui.store.filesystem import require_outside, require_own_local
from hocba_tui.store.formats import SHARDS, InUse, write_format
from hocba_tui.store.heads import Head, last_head, note_head
from hocba_tui.store.identity import random_identity, short, write_identity
from hocba_tui.store.intents import INTENTS, Intents
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.locks import Holder, holder_of, keep_line, take
from hocba_tui.store.shard import FileShard
from hocba_tui.store.unopened import Trace, stands_at, trace_of

ISSUED, BACKUPS, SENT_LOG = "issued", "backups", "sent.log"
_SHOWN = 40
"""Letters of an odd name in a message."""


class FolderStore:
    """See :class:`hocba_tui.store.backend.Store`."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        try:
            found = (root / SCHOOL / JOURNAL).exists()
        except OSError as error:
            raise StoreUnusable(f"Không vào được kho {root}: {system_reason(error)}.", safe="") from error
        if not found:
            raise StoreUnusable(
                f"Không thấy kho dữ liệu ở {root}.",
                "Kiểm tra --store hoặc HOCBA_STORE. Lập trường mới, ở thư mục còn trống: hocba open --store THƯ_MỤC; "
                "trường mẫu: hocba demo --store THƯ_MỤC.",
                "Chưa có gì bị thay đổi.",
            )
        require_own_local(root)
        self.root = root
        self._now = now
        self._in_use = InUse(root, now)
        self._account = self._came_from = self._way = ""
        self._shards: dict[str, FileShard] = {}
        self._threads = threading.RLock()
        self._drafts = Drafts(root / "drafts", now)
        self._intents = Intents(self.shard)
        self._cache = Cache(root)
        self._finish_intents()

    @classmethod
    def create(
        cls,
        root: Path,
        now: Callable[[], datetime],
        identity: str = "",
        fill: Callable[[FolderStore], object] | None = None,
    ) -> FolderStore:
        """Make a store in ``root``, which must be empty or absent and in no other store.

        ``identity`` is the one it gets, by default a random one. ``fill`` writes what it holds from the beginning;
        nobody sees the store before that is complete, whatever stops it.
        """
        require_empty(root)
        require_outside(root)
        # Made beside and renamed when complete: a half-made store could neither be opened nor created again. Under a
        # name of its own, so that nobody removes what somebody else is making.
        identity = identity or random_identity()
        with new_beside(root, short(identity)) as beside:
            require_own_local(beside)
            make_folder(beside / ISSUED)
            write_format(beside)
            write_identity(beside, identity)
            FileShard(SCHOOL, beside / SCHOOL, now)
            if fill is not None:
                fill(cls(beside, now))
                gc.collect()  # Only then are its files closed.
        return cls(root, now)

    def sign_in(self, account: str, came_from: str = "", way: str = "") -> None:
        """Note which account this process works for, and from where it came in.

        Who has to wait for one of its locks is told the account; all that is noted of what it does says the rest.
        """
        self._account, self._came_from, self._way = account, came_from, way
        self._in_use.sign_in(account)

    def shard(self, name: str) -> FileShard:
        """Return a shard, opened once per process; a new one is entered in the school's list of shards."""
        with self._threads:
            if name not in self._shards:
                school = None if name == SCHOOL else self.shard(SCHOOL)
                if school is not None:
                    school.refresh()
                    school.require_place()
                known = school is None or bool(school.document(SHARDS, name))
                shard = self._open(name, known=known)
                if school is not None and not known:
                    # Somebody else entered it first, or the school cannot be written: then the next opening does it.
                    with contextlib.suppress(HocbaError):
                        shard.settle()  # The list must not name what a power cut can still remove.
                        since = self._now().isoformat()
                        school.change("hocba", "new_shard", [Edit(SHARDS, name, "since", None, since)])
                self._shards[name] = shard
            return self._shards[name]

    def _open(self, name: str, *, known: bool) -> FileShard:
        _require_inside(name, 2)
        head = last_head(self.root, name)
        missed = functools.partial(self._note_missed, name, head)
        return FileShard(name, self.root / name, self._now, known=known, head=head, missed=missed)

    def trace(self, name: str) -> Trace | None:
        """Return what the disk says of a shard's journal; None when it is damaged, or no file of ours."""
        shard = self._shards.get(name)
        return None if shard is not None and shard.damage else trace_of(f"{self.root}/{name}/{JOURNAL}")

    def derived(self, what: str, name: str, basis: str, work: Callable[[Snapshot], bytes]) -> Derived:
        """Return what ``work`` makes of a shard, from its cache file where that counts; see the protocol.

        A shard that this session has not opened is opened for this only, so that hundreds take no more memory than one.
        """
        trace = self.trace(name)
        held = self._cache.read(what, name, basis) if trace is not None else None
        shard = self._shards.get(name)
        if shard is None:
            known = bool(self.shard(SCHOOL).document(SHARDS, name))
            if held and known and stands_at(self.root, name, held.mark):
                return Derived(held.data, trace, None)
            shard = self._open(name, known=True) if known else self.shard(name)
        shard.refresh()
        snapshot, mark = shard.snapshot()
        if mark is None and snapshot.damage is None:
            # After a start of the computer nobody knows what is on disk before somebody has asked for it.
            with contextlib.suppress(HocbaError):
                shard.settle()
            snapshot, mark = shard.snapshot()
        if held and held.mark == mark:
            data = held.data
        else:
            data = work(snapshot)
            if mark is not None:
                self._cache.write(what, name, basis, Held(mark, data))
        sure = mark is not None and trace is not None and trace.size == mark.end
        return Derived(data, trace if sure else None, snapshot.damage)

    def note_heads(self) -> None:
        """Note how far the shards have come that this session has written; errors of the disk are ignored."""
        for name, shard in self._shards.items():
            with contextlib.suppress(OSError, HocbaError):
                if shard.wrote() and (mark := shard.head()):
                    note_head(self.root, name, Head(mark, self._at()))

    def _note_missed(self, name: str, head: Head | None, seen: Mark) -> None:
        """Note how far the journal of a shard had come that others do not find any more: to them that is damage.

        Not where the whole store was exchanged, which is another one then, nor where the shard was rebuilt since it
        was opened with ``head``: then it is known what is gone.
        """
        if not self._in_use.at_its_place():
            return
        with contextlib.suppress(OSError, HocbaError):
            known = last_head(self.root, name)
            if known is None or known == head or not known.reset:
                note_head(self.root, name, Head(seen, self._at()))

    def across(
        self,
        actor: str,
        act: str,
        steps: Mapping[str, Sequence[Edit]],
        note: str = "",
        expecting: Mapping[str, Sequence[Expect]] | None = None,
    ) -> None:
        """Change several shards as one: an intent in the school's journal, then the steps."""
        with self._lock_file(INTENTS, wait=True):
            self._intents.do(actor, act, steps, note, expecting or {})

    def issue(self, uuid: str, data: bytes) -> None:
        """Write a signed file once, read-only."""
        path = Path(self.issued_path(uuid))
        make_folder(path.parent)
        write_once(path, data)

    def issued(self, uuid: str) -> bytes:
        """Return the bytes of an issued file."""
        try:
            return read_plain(Path(self.issued_path(uuid)))
        except OSError as error:
            raise StoreUnusable(f"Thiếu tệp đã phát hành {uuid}.xml.") from error

    def issued_path(self, uuid: str) -> str:
        """Return the path of an issued file."""
        _require_inside(uuid, 1)
        return str(self.root / ISSUED / f"{uuid}.xml")

    def log_access(
        self, actor: str, act: str, what: str = "", *, class_key: str = "", pupil: str = "", account: str = ""
    ) -> None:
        """Note what changes nothing; see the protocol."""
        touched = Touched(class_key, pupil, account, self._came_from, self._way)
        try:
            self.take_over_old_log()
            note(self.shard, self._now(), actor, act, what, touched)
        except HocbaError as error:
            raise NotSaved(
                f"Không ghi được nhật ký truy cập ({error.what.rstrip('.')}), nên việc này chưa làm.",
                "Báo người phụ trách máy chủ.",
            ) from error

    def take_over_old_log(self) -> None:
        """Bring what a version before has noted into the journal of this year, as far as possible."""
        take_over(self.root, self.shard, self._now())

    def names(self) -> tuple[str, ...]:
        """Return the names of all shards, the school's own first."""
        return (SCHOOL, *sorted(self.shard(SCHOOL).table(SHARDS)))

    def hits(self, name: str, sieve: Sieve, floor: Callable[[], str] = str) -> Iterator[Hit]:
        """Yield the entries of a shard that fit, newest first; see the protocol."""
        _require_inside(name, 2)
        try:
            yield from hits(self.root / name / JOURNAL, sieve, floor)
        except OSError as error:
            raise StoreUnusable(f"Không đọc được nhật ký của {name}: {system_reason(error)}.") from error

    def note_sent(self, message: str, uuids: Sequence[str]) -> None:
        """Append one line to the log beside the backups; when that disk is missing, the sending goes on."""
        with contextlib.suppress(OSError, HocbaError):
            make_folder(self.root / BACKUPS)
            _append_line(self.root / BACKUPS / SENT_LOG, {"at": self._at(), "message": message, "uuids": list(uuids)})

    def keep_draft(self, actor: str, place: str, text: str) -> None:
        """Keep what somebody is typing; an empty text removes the draft."""
        self._drafts.put(actor, place, text)

    def drafts(self, actor: str) -> Mapping[str, str]:
        """Return, by place, what this person was typing when the connection dropped."""
        return self._drafts.of(actor)

    @contextlib.contextmanager
    def exclusive(self, what: str) -> Iterator[None]:
        """Hold ``what`` for this process alone; raise Conflict when somebody else holds it."""
        with self._lock_file(what, wait=False) as other:
            if other:
                since = f" từ {other.at[11:16]}" if other.at else ""
                raise Conflict(f"Người khác đang làm việc này{since} ({other.words}).", "Đợi họ xong rồi thử lại.")
            yield

    # --- inside --------------------------------------------------------------------------------

    def _at(self) -> str:
        return self._now().isoformat()

    @contextlib.contextmanager
    def _lock_file(self, what: str, *, wait: bool) -> Iterator[Holder | None]:
        """Take a lock, and yield None; without ``wait``, yield who holds it. Lock files are never removed."""
        try:
            handle = open_append(self.root / f"{what}.lock")
        except OSError as error:
            raise not_saved(error) from error
        try:
            try:
                if wait:
                    take(handle, fcntl.LOCK_EX, "Việc ghi nhiều lớp cùng lúc")
                else:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield holder_of(handle)
            except OSError as error:
                raise not_saved(error) from error
            else:
                keep_line(handle, self._account)
                yield None
        finally:
            os.close(handle)

    def _finish_intents(self) -> None:
        """Finish intents that a crashed process left; those of a running process are left alone."""
        if self.shard(SCHOOL).table(INTENTS):
            with contextlib.suppress(NotSaved), self._lock_file(INTENTS, wait=False) as other:
                if other is None:
                    self._intents.finish_pending()


def _require_inside(name: str, deepest: int) -> None:
    """Raise StoreUnusable unless a name leads to where it belongs: in a restored store anybody may have written it."""
    parts = name.split("/")
    if len(parts) > deepest or not name.isprintable() or any(not part or part.startswith(".") for part in parts):
        raise StoreUnusable(
            f"Kho ghi một tên không dùng được: “{name[:_SHOWN]}”.", "Kho này có thể do người lạ làm ra."
        )


def _append_line(path: Path, facts: Mapping[str, object]) -> None:
    """Append one line, complete or not at all; raise OSError when the disk refuses."""
    line = orjson.dumps(facts) + b"\n"
    handle = open_append(path)
    try:
        take(handle, fcntl.LOCK_EX, f"Sổ {path.name}")
        size = os.fstat(handle).st_size
        try:
            write_all(handle, line)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
