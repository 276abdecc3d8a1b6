"""Describe what changes for a pupil, and write such changes to all their classes as one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hocba_tui.errors import Conflict
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.importing import ImportLine, RowKind
from hocba_tui.flow.pupils.facts import EDITABLE
from hocba_tui.flow.pupils.index import index_edits
from hocba_tui.model.pupil import Pupil, SchoolYearRow
from hocba_tui.model.record import Record
from hocba_tui.model.school import ClassRoom
from hocba_tui.store.backend import SCHOOL, Edit, Expect, class_shard, edits_for

_LABELS = {
    "left": "ngày chuyển đi", "left_reason": "lí do chuyển", "joined": "ngày đến", "disability": "khuyết tật",
    "sex": "giới tính", **{name: label.lower() for name, label in EDITABLE.items()},
}  # fmt: skip


@dataclass(frozen=True)
class PupilLine(ImportLine):
    """One pupil: what would change, and which fields."""

    class_key: str
    pupil: Pupil
    before: Pupil | None = None
    was_in: str = ""
    fields: tuple[str, ...] = ()

    @property
    def renamed(self) -> str:
        """Return the old and the new code, empty when the code stays."""
        if self.before is None or self.before.code == self.pupil.code:
            return ""
        return f"mã học sinh: {self.before.code or 'chưa có'} → {self.pupil.code}"

    @property
    def changes(self) -> str:
        """Return what changes for a pupil of the school: the class, the code, other facts; empty for a new pupil."""
        if self.before is None:
            return ""
        moved = f"lớp {self.was_in} → {self.class_key}" if self.kind is RowKind.MOVED else ""
        rest = (_LABELS.get(name, name) for name in self.fields if name != "code" or not self.renamed)
        return ", ".join(words for words in (moved, self.renamed, *rest) if words)


def write(desk: Desk, lines: Iterable[PupilLine], act: str, note: str = "") -> None:
    """Write the lines to all their classes as one; Conflict when somebody changed a pupil in the meantime."""
    steps: dict[str, list[Edit]] = {}
    rests: dict[str, list[Expect]] = {}
    for line in lines:
        for shard, edits, expected in _plan(desk, line):
            if edits:
                steps.setdefault(shard, []).extend(edits)
            rests.setdefault(shard, []).extend(expected)
    desk.store.across(desk.actor.key, act, steps, note, rests)


def _plan(desk: Desk, line: PupilLine) -> Iterator[tuple[str, list[Edit], list[Expect]]]:
    """Yield for each shard the edits of one pupil and the documents that must be unchanged.

    Both come from the same reading: when somebody types a mark or submits the record in between, the whole act is a
    conflict, and none of their work is lost.
    """
    key, here = line.pupil.key, class_shard(desk.school.year, line.class_key)
    before = line.before.to_fields() if line.before else {}
    if line.before is not None:
        held = desk.class_shard(line.was_in)
        tables = (PUPILS, RESULTS, RECORDS) if line.kind is RowKind.MOVED else (RECORDS,)
        documents = {table: dict(held.document(table, key)) for table in tables}
        if not Record.from_fields(key, documents[RECORDS]).editable:
            raise Conflict(
                f"Học bạ của {line.pupil.name} vừa được nộp.", "Mở lại danh sách lớp để xem.", "Chưa ghi gì."
            )
        expected = [Expect(table, key, document) for table, document in documents.items()]
        if line.kind is RowKind.MOVED:
            gone = [edit for table, document in documents.items() for edit in edits_for(table, key, document, {})]
            yield held.name, gone, expected
            carried = [e for t in (RESULTS, RECORDS) for e in edits_for(t, key, {}, documents[t])]
            yield here, carried, [Expect(table, key, {}) for table in tables]
            before = {}
        else:
            yield held.name, [], expected
    yield here, edits_for(PUPILS, key, before, line.pupil.to_fields()), []
    yield SCHOOL, index_edits(desk.school_shard.document(INDEX, key), line.pupil, line.class_key), []


def plausible_birth(birth: str, year: str, grade: int) -> bool:
    """Return whether a pupil of ``grade`` can have this birth date: one year after the usual one to eight before."""
    usual = int(year[:4]) - 5 - grade
    return usual - 8 <= int(birth[:4]) <= usual + 1


def new_key(desk: Desk, code: str) -> str:
    """Return the key of a new pupil, made from the code so that two people cannot enter one pupil twice."""
    key = "hs" + hashlib.blake2b(code.encode(), digest_size=6).hexdigest()
    taken = desk.school_shard.document(INDEX, key)
    return key if not taken else key + secrets.token_hex(3)


def this_year(desk: Desk, room: ClassRoom, joined: str) -> SchoolYearRow:
    """Return this year's row of a new pupil's history."""
    school = desk.school
    return SchoolYearRow(school.year, room.key, school.name, joined or f"{school.year[:4]}-09-05")
