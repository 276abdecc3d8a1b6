"""Describe what changes for a pupil, and write such changes to all their classes as one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hocba_tui.errors import Conflict
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, RESULTS, OpenSchool
from hocba_tui.flow.importing import ImportLine, RowKind
from hocba_tui.flow.pupils.facts import EDITABLE
from hocba_tui.flow.pupils.index import index_edits
from hocba_tui.model.pupil import Pupil, SchoolYearRow
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


def write(school: OpenSchool, lines: Iterable[PupilLine], act: str, note: str = "") -> None:
    """Write the lines to all their classes as one; Conflict when somebody changed a pupil in the meantime."""
    steps: dict[str, list[Edit]] = {}
    rests: dict[str, list[Expect]] = {}
    for line in lines:
        for shard, edits, expected in _plan(school, line):
            if edits:
                steps.setdefault(shard, []).extend(edits)
            rests.setdefault(shard, []).extend(expected)
    school.store.across(school.account, act, steps, note, rests)


def _plan(school: OpenSchool, line: PupilLine) -> Iterator[tuple[str, list[Edit], list[Expect]]]:
    """Yield for each shard the edits of one pupil and the documents that must be unchanged.

    Both come from the same moment: when somebody types a mark or submits the record in between, the whole act is a
    conflict, and none of their work is lost.
    """
    key, here = line.pupil.key, class_shard(school.settings.year, line.class_key)
    before = line.before.to_fields() if line.before else {}
    if line.before is not None:
        held = school.open_class(line.was_in)
        tables = (PUPILS, RESULTS, RECORDS) if line.kind is RowKind.MOVED else (RECORDS,)
        if not held.record(key).editable:
            raise Conflict(
                f"Học bạ của {line.pupil.name} vừa được nộp.", "Mở lại danh sách lớp để xem.", "Chưa ghi gì."
            )
        expected = held.as_read(key, *tables)
        if line.kind is RowKind.MOVED:
            gone = [edit for table, _, document in expected for edit in edits_for(table, key, document, {})]
            yield held.shard.name, gone, expected
            carried = [e for t in (RESULTS, RECORDS) for e in edits_for(t, key, {}, held.document(t, key))]
            yield here, carried, [Expect(table, key, {}) for table in tables]
            before = {}
        else:
            yield held.shard.name, [], expected
    yield here, edits_for(PUPILS, key, before, line.pupil.to_fields()), []
    yield SCHOOL, index_edits(school.document(INDEX, key), line.pupil, line.class_key), []


def plausible_birth(birth: str, year: str, grade: int) -> bool:
    """Return whether a pupil of ``grade`` can have this birth date: one year after the usual one to eight before."""
    usual = int(year[:4]) - 5 - grade
    return usual - 8 <= int(birth[:4]) <= usual + 1


def new_key(school: OpenSchool, code: str) -> str:
    """Return the key of a new pupil, made from the code so that two people cannot enter one pupil twice."""
    key = "hs" + hashlib.blake2b(code.encode(), digest_size=6).hexdigest()
    return key if key not in school.table(INDEX) else key + secrets.token_hex(3)


def this_year(school: OpenSchool, room: ClassRoom, joined: str) -> SchoolYearRow:
    """Return this year's row of a new pupil's history."""
    year = school.settings.year
    return SchoolYearRow(year, room.key, school.settings.name, joined or f"{year[:4]}-09-05")
