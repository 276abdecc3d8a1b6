"""What people are typing and have not saved yet: one small TinyDB file per person.

It is brought back after a dropped connection or a killed session. It is not a result yet: it is written
without a sync, nobody else sees it, and it is removed as soon as the text is saved or discarded.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from hocba_tui.store.disk import make_folder, not_saved, open_append
from hocba_tui.store.locks import take

UNREADABLE = "unreadable"
_TABLE = "drafts"


class Drafts:
    """The drafts in ``folder``."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def of(self, actor: str) -> dict[str, str]:
        """Return a person's drafts by place."""
        return self._read(actor) or {}

    def _read(self, actor: str) -> dict[str, str] | None:
        """Return a person's drafts by place; None when there is a file and it cannot be read."""
        path = self._file(actor)
        if not os.path.lexists(path):
            return {}
        # Imported here, since every session asks and few have a draft: TinyDB takes 0.3 MB.
        from hocba_tui.store.atomic_storage import AtomicStorage

        try:
            table = (AtomicStorage(path).read() or {})[_TABLE]
            found = {document["place"]: document["text"] for document in table.values()}
        except (KeyError, TypeError, AttributeError):
            return None
        return found if all(isinstance(text, str) for pair in found.items() for text in pair) else None

    def put(self, actor: str, place: str, text: str) -> None:
        """Keep ``text``, or remove the draft when it is empty; raise NotSaved when the disk refuses."""
        try:
            if not text and not self._file(actor).exists():
                return
            make_folder(self._folder)
            handle = open_append(self._folder / "drafts.lock")
            try:
                take(handle, fcntl.LOCK_EX, "Bản nháp")  # One person may have two sessions.
                drafts = self._read(actor)
                if drafts is None:
                    self._set_aside(actor)
                held = {where: said for where, said in (drafts or {}).items() if where != place}
                self._write(actor, held | {place: text} if text else held)
            finally:
                os.close(handle)
        except OSError as error:
            raise not_saved(error) from error

    def _file(self, actor: str) -> Path:
        return self._folder / f"{quote(actor, safe='')}.json"

    def _set_aside(self, actor: str) -> None:
        """Keep a file that cannot be read, under another name: somebody may still find their words in it."""
        path = self._file(actor)
        path.rename(path.with_name(f"{path.name}.{UNREADABLE}-{self._now():%Y%m%d-%H%M%S}"))

    def _write(self, actor: str, drafts: dict[str, str]) -> None:
        from hocba_tui.store.atomic_storage import AtomicStorage

        at = self._now().isoformat()
        rows = {
            str(number): {"place": place, "text": text, "at": at}
            for number, (place, text) in enumerate(drafts.items(), start=1)
        }
        AtomicStorage(self._file(actor), durable=False).write({_TABLE: rows})
