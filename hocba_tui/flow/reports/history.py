"""Who wrote what about a pupil, and when: read from the journal, which keeps everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.model.pupil import Pupil
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Value
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
    pupils = desk.open_class(class_key, Act.VIEW_CLASS).pupils(with_left=True)
    exact = [pupil for pupil in pupils if text in (pupil.key, pupil.code)]
    found = exact or [pupil for pupil in pupils if fold(text) in fold(pupil.name)]
    if len(found) != 1:
        many = "; ".join(f"{pupil.name} ({pupil.code or pupil.key})" for pupil in found[:5])
        raise Refused(
            f"Lớp {class_key} có {len(found)} em ứng với “{text}”{': ' + many if many else ''}.",
            "Gõ mã học sinh.", "",
        )  # fmt: skip
    return found[0]


def history(desk: Desk, class_key: str, pupil: str, field: str = "") -> Iterator[Written]:
    """Yield every change to a pupil's facts, results and record, or to one field of them, oldest first.

    The reading is noted in the access log. Raise StoreUnusable where the journal is damaged.
    """
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    desk.store.log_access(desk.account, "history", f"{class_key}/{pupil}")
    for entry in opened.shard.entries():
        for edit in entry.edits:
            if edit.key == pupil and edit.table in (PUPILS, RESULTS, RECORDS) and field in ("", edit.field):
                yield Written(
                    entry.seq, entry.at, entry.actor, entry.act, edit.table, edit.field, edit.before, edit.after,
                    entry.note,
                )  # fmt: skip
