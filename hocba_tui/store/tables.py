"""A shard's documents in memory, used by every backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hocba_tui.errors import CellConflict, Conflict
from hocba_tui.store.backend import Edit, Entry, Expect, Value

Documents = dict[str, Mapping[str, dict[str, Value]]]
_EMPTY: Mapping[str, Value] = {}


class Tables:
    """Documents by table and key. Applying edits never changes a mapping that another thread may be reading."""

    def __init__(self, documents: Documents | None = None) -> None:
        self.documents: Documents = documents if documents is not None else {}

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""
        return self.documents.get(table, {})

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""
        return self.documents.get(table, {}).get(key, _EMPTY)

    def apply(self, edits: Iterable[Edit]) -> None:
        """Apply ``edits``, however many: each table and document that they touch is copied once."""
        tables = dict(self.documents)
        fresh_tables: dict[str, dict[str, dict[str, Value]]] = {}
        fresh: set[tuple[str, str]] = set()
        for table, key, field, _, after in edits:
            if table not in fresh_tables:
                fresh_tables[table] = tables[table] = dict(tables.get(table, {}))
            documents = fresh_tables[table]
            if (table, key) not in fresh:
                fresh.add((table, key))
                documents[key] = dict(documents.get(key, {}))
            if after is None:
                documents[key].pop(field, None)
            else:
                documents[key][field] = after
        for table, key in fresh:
            if not fresh_tables[table][key]:
                del fresh_tables[table][key]
        self.documents = tables

    def compare(self, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
        """Raise CellConflict, without its author yet, when a field no longer holds what was seen.

        Raise Conflict when a document in ``expecting`` is not as it was read.
        """
        for table, key, document in expecting:
            if self.document(table, key) != document:
                raise Conflict(
                    "Dữ liệu này vừa được người khác thay đổi.",
                    "Mở lại để xem thay đổi rồi làm lại.",
                    "Chưa ghi gì đè lên.",
                )
        for table, key, field, before, _ in edits:
            held = self.document(table, key).get(field)
            if held != before:
                raise CellConflict(table, key, field, held)


def touches(entry: Entry, table: str, key: str, field: str = "") -> bool:
    """Return whether ``entry`` changed a document or one of its fields."""
    return any(e.table == table and e.key == key and field in ("", e.field) for e in entry.edits)


def is_wanted(entry: Entry, actor: str, key: str) -> bool:
    """Return whether ``entry`` is of this actor and has an edit of a document of this key; empty is any."""
    return actor in ("", entry.actor) and (not key or any(edit.key == key for edit in entry.edits))


def authored(conflict: CellConflict, entry: Entry | None) -> CellConflict:
    """Return the conflict, completed with who wrote the field last, and when."""
    if entry is None:
        return conflict
    return CellConflict(conflict.table, conflict.key, conflict.field, conflict.held, entry.actor, entry.at)
