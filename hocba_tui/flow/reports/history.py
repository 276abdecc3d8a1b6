"""Who wrote what about a pupil, and when: read from the journal, which keeps everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive, as_read, may_read_cell, may_read_field
from hocba_tui.store.backend import Edit, Value
from hocba_tui.text import fold


@dataclass(frozen=True)
class Written:
    """One change of one field."""

    seq: int
    at: str
    who: str
    act: str
    table: str
    field: str
    before: Value
    after: Value
    note: str


def find_pupil(desk: Desk, class_key: str, text: str) -> Pupil:
    """Return the one pupil of a class whose code, key or name (or part of it, without diacritics) is ``text``."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    pupils = opened.pupils(with_left=True)
    exact = [pupil for pupil in pupils if text in (pupil.key, pupil.code)]
    found = exact or [pupil for pupil in pupils if fold(text) in fold(pupil.name)]
    if len(found) != 1:
        many = "; ".join(f"{pupil.name} ({pupil.code or pupil.key})" for pupil in found[:5])
        raise Refused(
            f"Lớp {class_key} có {len(found)} em ứng với “{text}”{': ' + many if many else ''}.",
            "Gõ mã học sinh.", "",
        )  # fmt: skip
    return as_read(found[0], opened.readable)


def _may_read(edit: Edit, groups: frozenset[Sensitive]) -> bool:
    if edit.table == PUPILS:
        return may_read_field(edit.field, groups)
    return edit.table == RECORDS or (edit.table == RESULTS and may_read_cell(Cell.parse(edit.field), groups))


def history(desk: Desk, class_key: str, pupil: str, field: str = "") -> Iterator[Written]:
    """Yield every change to a pupil's facts, results and record, or to one field of them, oldest first.

    Without the sensitive fields that the actor may not read. The reading is noted in the access log. Raise
    StoreUnusable where the journal is damaged.
    """
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    desk.store.log_access(desk.account, "history", class_key=class_key, pupil=pupil)
    for entry in opened.shard.entries():
        for edit in entry.edits:
            if edit.key == pupil and field in ("", edit.field) and _may_read(edit, opened.readable):
                yield Written(
                    entry.seq, entry.at, entry.actor, entry.act, edit.table, edit.field, edit.before, edit.after,
                    entry.note,
                )  # fmt: skip
