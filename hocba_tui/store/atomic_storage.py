"""TinyDB on a file that is never half written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from hocba_tui.store.disk import read_plain, write_atomic


class AtomicStorage(Storage):
    """TinyDB storage whose file is at all times either the complete old one or the complete new one."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the tables, None when there is no file or it does not parse."""
        try:
            data = orjson.loads(read_plain(self._path))
        except (OSError, orjson.JSONDecodeError):
            return None
        return data if isinstance(data, dict) else None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file by ``data``."""
        write_atomic(self._path, orjson.dumps(data, option=orjson.OPT_INDENT_2), durable=self._durable)
