"""A whole school in one folder: its shards, issued files, access log and unfinished intents."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hocba_tui.errors import Conflict, HocbaError, NotSaved, StoreUnusable, system_reason
from hocba_tui.store.backend import SCHOOL, Edit, Expect
from hocba_tui.store.disk import make_folder, not_saved, open_append, require_private, write_all, write_once
from hocba_tui.store.shard import FileShard

_INTENTS = "intents"


class FolderStore:
    """See :class:`hocba_tui.store.backend.Store`."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        try:
            found = (root / SCHOOL / "journal.log").exists()
        except OSError as error:
            raise StoreUnusable(f"Không vào được kho {root}: {system_reason(error)}.", safe="") from error
        if not found:
            raise StoreUnusable(
                f"Không thấy kho dữ liệu ở {root}.",
                "Kiểm tra --store hoặc HOCBA_STORE; tạo trường mẫu bằng: hocba demo --store THƯ_MỤC",
                "Chưa có gì bị thay đổi.",
            )
        require_private(root)
        self.root = root
        self._now = now
        self._shards: dict[str, FileShard] = {}
        self._threads = threading.RLock()
        self._finish_intents()

    @classmethod
    def create(cls, root: Path, now: Callable[[], datetime]) -> FolderStore:
        """Make an empty store in ``root``, which must be empty or absent."""
        if root.exists() and any(root.iterdir()):
            raise StoreUnusable(f"Thư mục {root} không rỗng; không tạo kho đè lên.", safe="Chưa có gì bị thay đổi.")
        make_folder(root)
        root.chmod(0o700)
        make_folder(root / "issued")
        FileShard(SCHOOL, root / SCHOOL, now)
        return cls(root, now)

    def shard(self, name: str) -> FileShard:
        """Return a shard, opened once per process."""
        with self._threads:
            if name not in self._shards:
                self._shards[name] = FileShard(name, self.root / name, self._now)
            return self._shards[name]

    def across(
        self,
        actor: str,
        act: str,
        steps: Mapping[str, Sequence[Edit]],
        note: str = "",
        expecting: Mapping[str, Sequence[Expect]] | None = None,
    ) -> None:
        """Change several shards as one: an intent in the school's journal, then the steps."""
        rests = expecting or {}
        with self._lock_file(_INTENTS, wait=True):
            self._finish_pending()
            for name, edits in steps.items():
                shard = self.shard(name)
                shard.refresh()
                shard.compare(edits, rests.get(name, ()))
            key = secrets.token_hex(8)
            plan = {name: [list(edit) for edit in edits] for name, edits in steps.items()}
            kept = {name: [list(expect) for expect in expects] for name, expects in rests.items()}
            intent = {"actor": actor, "act": act, "note": note, "steps": plan, "rests": kept}
            school = self.shard(SCHOOL)
            school.change(actor, act, [Edit(_INTENTS, key, "plan", None, intent)], note)
            self._carry_out(key, intent)

    def issue(self, uuid: str, data: bytes) -> None:
        """Write a signed file once, read-only."""
        write_once(self.root / "issued" / f"{uuid}.xml", data)

    def issued(self, uuid: str) -> bytes:
        """Return the bytes of an issued file."""
        try:
            return Path(self.issued_path(uuid)).read_bytes()
        except OSError as error:
            raise StoreUnusable(f"Thiếu tệp đã phát hành {uuid}.xml.") from error

    def issued_path(self, uuid: str) -> str:
        """Return where an issued file lies."""
        return str(self.root / "issued" / f"{uuid}.xml")

    def log_access(self, actor: str, act: str, what: str) -> None:
        """Append one line to access.log; no personal data, only keys and counts."""
        line = orjson.dumps({"at": self._now().isoformat(), "by": actor, "do": act, "what": what}) + b"\n"
        try:
            handle = open_append(self.root / "access.log")
            try:
                write_all(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise NotSaved(
                f"Không ghi được nhật ký truy cập ({system_reason(error)}), nên việc này chưa làm.",
                "Báo người phụ trách máy chủ.",
            ) from error

    @contextlib.contextmanager
    def exclusive(self, what: str) -> Iterator[None]:
        """Hold ``what`` for this process alone; Conflict when somebody else does."""
        with self._lock_file(what, wait=False) as mine:
            if not mine:
                raise Conflict("Người khác đang làm việc này.", "Đợi họ xong rồi thử lại.")
            yield

    # --- inside --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _lock_file(self, what: str, *, wait: bool) -> Iterator[bool]:
        """Yield whether the lock was taken. Lock files are never removed."""
        try:
            handle = open_append(self.root / f"{what}.lock")
        except OSError as error:
            raise not_saved(error) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def _finish_intents(self) -> None:
        """Finish, after a crash, what somebody had begun; a living process is left alone.

        What cannot be finished now (a full disk, a damaged class) waits for the next opening: it must
        not keep the rest of the school from working.
        """
        school = self.shard(SCHOOL)
        if not school.table(_INTENTS):
            return
        with self._lock_file(_INTENTS, wait=False) as mine:
            if mine:
                self._finish_pending()

    def _finish_pending(self) -> None:
        school = self.shard(SCHOOL)
        school.refresh()
        for key, document in list(school.table(_INTENTS).items()):
            with contextlib.suppress(HocbaError):
                self._carry_out(key, document["plan"])

    def _carry_out(self, key: str, intent: Mapping[str, Any]) -> None:
        """Do the steps of an intent that are not done yet; undo them all when one meets a conflict.

        Whether a step is done is read from the journal, not from the values: somebody may have worked
        on since. That it is to be undone is written down before the first step is taken back.
        """
        actor, act, note = intent["actor"], intent["act"], intent["note"]
        steps = {name: [Edit(*edit) for edit in raw] for name, raw in intent["steps"].items()}
        school = self.shard(SCHOOL)
        conflict: Conflict | None = None
        if not school.document(_INTENTS, key).get("undo"):
            try:
                for name, edits in steps.items():
                    rests = [Expect(*expect) for expect in intent.get("rests", {}).get(name, ())]
                    if not self.shard(name).steps_of(key):
                        self.shard(name).change(actor, act, edits, note, rests, intent=key)
            except Conflict as error:
                conflict = error
                school.change(actor, f"{act}:give_up", [Edit(_INTENTS, key, "undo", None, True)], note)
        undo = school.document(_INTENTS, key).get("undo")
        if undo:
            for name, edits in reversed(steps.items()):
                self._undo(self.shard(name), actor, f"{act}:undo", edits, key)
        closing = [Edit(_INTENTS, key, "plan", intent, None), Edit(_INTENTS, key, "undo", undo, None)]
        school.change(actor, f"{act}:end", closing, note)
        if conflict is not None:
            raise conflict

    @staticmethod
    def _undo(shard: FileShard, actor: str, act: str, edits: list[Edit], key: str) -> None:
        """Take a step back once, except for fields that somebody has changed since: theirs is newer."""
        while True:
            done = shard.steps_of(key)
            if not done or any(entry.act == act for entry in done):
                return
            shard.refresh()
            back = [
                Edit(e.table, e.key, e.field, e.after, e.before)
                for e in edits
                if shard.document(e.table, e.key).get(e.field) == e.after
            ]
            # A conflict means that one of the fields was changed this very moment: look again.
            with contextlib.suppress(Conflict):
                shard.change(actor, act, back, intent=key)
