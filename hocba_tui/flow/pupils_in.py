"""Bring in a class list: look through it first, then write all of it or nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.founding import index_edits
from hocba_tui.intake.pupil_list import PupilList, read_pupil_list
from hocba_tui.intake.pupil_row import ListedPupil
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil, SchoolYearRow
from hocba_tui.model.record import Record
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.permits import Act, may
from hocba_tui.store.backend import SCHOOL, Edit, Expect, class_shard, edits_for
from hocba_tui.text import day_first


class Kind(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    LEFT = "left"
    SAME = "same"

    @property
    def label(self) -> str:
        """Return the word on the screen."""
        return {"new": "mới", "changed": "thay đổi", "moved": "chuyển lớp", "left": "chuyển đi", "same": "như cũ"}[
            self.value
        ]


@dataclass(frozen=True)
class Line:
    """One pupil of the file: what would happen, and to which fields."""

    kind: Kind
    classroom: str
    pupil: Pupil
    before: Pupil | None = None
    was_in: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a file would do. It may be written when no finding is an error."""

    listed: PupilList
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    absent: tuple[Pupil, ...] = ()
    """Pupils of the classes in the file whom the file does not name; they stay."""

    accepted: bool = False
    """Whether the offers of the file are taken."""

    @property
    def source(self) -> str:
        """Return the name of the file."""
        return self.listed.source

    @property
    def offers(self) -> int:
        """Return how many cells wait for a person to confirm what they most likely mean."""
        return 0 if self.accepted else self.listed.offers

    @property
    def usable(self) -> bool:
        """Return whether nothing stands against writing it."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def count(self, kind: Kind) -> int:
        """Return how many rows are of ``kind``."""
        return sum(1 for line in self.lines if line.kind is kind)


def preview(desk: Desk, path: Path, *, accept_offers: bool = False) -> Preview:
    """Return what the class list at ``path`` would do; nothing is written.

    Pupils are recognised by their code, wherever in the school they are. What a cell most likely means is
    a finding; it counts only with ``accept_offers``, which is for a person to say.
    """
    return _look_through(desk, read_pupil_list(path, accept_offers=accept_offers), accept_offers)


def accept(desk: Desk, found: Preview) -> Preview:
    """Return what the same rows would do when every offer is taken; nothing is written."""
    return _look_through(desk, found.listed.accepted(), accepted=True)


def _look_through(desk: Desk, listed: PupilList, accepted: bool) -> Preview:
    index = {doc["code"]: (key, doc["class"]) for key, doc in desk.school_shard.table(INDEX).items() if doc.get("code")}
    ids = {doc["personal_id"]: k for k, doc in desk.school_shard.table(INDEX).items() if doc.get("personal_id")}
    rooms = {name: room for room in desk.classrooms() for name in (room.key, room.code) if name}
    lines: list[Line] = []
    findings = list(listed.findings)
    for row in listed.pupils:
        room = rooms.get(row.classroom)
        if room is None:
            findings.append(_error("IN-CLASS", row, f"trường không có lớp “{row.classroom}”"))
            continue
        desk.require(Act.IMPORT_PUPILS, room)
        key, was_in = index.get(row.code, (_new_key(desk, row.code), ""))
        if was_in not in ("", room.key) and not may(desk.actor, Act.IMPORT_PUPILS, desk.classroom(was_in)).allowed:
            findings.append(_error("IN-MOVE", row, f"em này đang ở lớp {was_in}; văn thư mới chuyển lớp được"))
            continue
        line = _line(desk, row, room, key, was_in)
        if line.before is not None and line.kind is not Kind.SAME:
            record = desk.records(line.was_in)[key]
            if not record.editable:
                findings.append(_error("IN-LOCKED", row, f"học bạ của em này {record.state.label}, không đổi được"))
        birth = line.pupil.birth
        if birth and not _plausible_birth(birth, desk.school.year, room.grade):
            findings.append(
                _error("IN-BIRTH", row, f"ngày sinh {day_first(birth)} không thể là của học sinh khối {room.grade}")
            )
        holder = ids.get(line.pupil.personal_id)
        if line.pupil.personal_id and holder not in (None, key):
            findings.append(_error("IN-ID-TAKEN", row, "số định danh này đang thuộc về một em khác của trường"))
        lines.append(line)
    touched = {line.classroom for line in lines}
    named = {line.pupil.key for line in lines}
    absent = tuple(p for room in sorted(touched) for p in desk.pupils(room) if p.key not in named)
    return Preview(listed, tuple(lines), tuple(findings), absent, accepted)


def apply(desk: Desk, found: Preview) -> int:
    """Write a preview, over all its classes as one; return how many pupils it changed.

    Refused when a finding is an error, Conflict when somebody changed a pupil since the preview.
    """
    if not found.usable:
        raise Refused("Danh sách còn lỗi; chưa ghi gì.", "Sửa các dòng lỗi trong Excel rồi nạp lại.")
    changed = [line for line in found.lines if line.kind is not Kind.SAME]
    for room in {name for line in changed for name in (line.classroom, line.was_in) if name}:
        desk.require(Act.IMPORT_PUPILS, desk.classroom(room))
    steps: dict[str, list[Edit]] = {}
    rests: dict[str, list[Expect]] = {}
    for line in changed:
        for shard, edits, expected in _plan(desk, line):
            if edits:
                steps.setdefault(shard, []).extend(edits)
            rests.setdefault(shard, []).extend(expected)
    if changed:
        desk.store.across(desk.actor.key, "import_pupils", steps, found.source, rests)
    return len(changed)


def _plan(desk: Desk, line: Line) -> Iterator[tuple[str, list[Edit], list[Expect]]]:
    """Yield, shard by shard, the edits of one pupil and the documents that they rest on.

    Edits and expectations come from one reading: whoever types a mark or submits the record in between
    makes the whole act a conflict, and nothing of theirs is left behind.
    """
    key, here = line.pupil.key, class_shard(desk.school.year, line.classroom)
    before = line.before.to_fields() if line.before else {}
    if line.before is not None:
        held = desk.class_shard(line.was_in)
        tables = (PUPILS, RESULTS, RECORDS) if line.kind is Kind.MOVED else (RECORDS,)
        documents = {table: dict(held.document(table, key)) for table in tables}
        if not Record.from_fields(key, documents[RECORDS]).editable:
            raise Conflict(f"Học bạ của {line.pupil.name} vừa được nộp; chưa ghi gì.", "Xem trước lại tệp này.", "")
        expected = [Expect(table, key, document) for table, document in documents.items()]
        if line.kind is Kind.MOVED:
            gone = [edit for table, document in documents.items() for edit in edits_for(table, key, document, {})]
            yield held.name, gone, expected
            carried = [e for t in (RESULTS, RECORDS) for e in edits_for(t, key, {}, documents[t])]
            yield here, carried, [Expect(table, key, {}) for table in tables]
            before = {}
        else:
            yield held.name, [], expected
    yield here, edits_for(PUPILS, key, before, line.pupil.to_fields()), []
    yield SCHOOL, index_edits(desk.school_shard.document(INDEX, key), line.pupil, line.classroom), []


def _line(desk: Desk, row: ListedPupil, room: ClassRoom, key: str, was_in: str) -> Line:
    before = None
    if was_in:
        before = Pupil.from_fields(key, desk.class_shard(was_in).document(PUPILS, key))
    base = before or Pupil(key, code=row.code, history=(_this_year(desk, room, row),))
    # A month or a year alone takes nothing from the day that is known.
    facts = {n: value for n, value in row.facts.items() if n != "birth" or not base.birth.startswith(value)}
    pupil = replace(base, **facts)  # type: ignore[arg-type]
    if before is not None and was_in != room.key:
        year = desk.school.year
        moved = (replace(row, class_name=room.key) if row.year == year else row for row in pupil.history)
        pupil = replace(pupil, history=tuple(moved))
    fields = tuple(name for name, value in facts.items() if before is None or getattr(before, name) != value)
    if before is None:
        kind = Kind.NEW if pupil.studying else Kind.LEFT
    elif was_in != room.key:
        kind = Kind.MOVED
    elif pupil.left and not before.left:
        kind = Kind.LEFT
    else:
        kind = Kind.CHANGED if fields else Kind.SAME
    return Line(kind, room.key, pupil, before, was_in, fields)


def _plausible_birth(birth: str, year: str, grade: int) -> bool:
    """Return whether a pupil of ``grade`` can have been born then: from a year early to eight years late."""
    usual = int(year[:4]) - 5 - grade
    return usual - 8 <= int(birth[:4]) <= usual + 1


def _new_key(desk: Desk, code: str) -> str:
    """Return the key of a new pupil: from the code, so that two people cannot enter one pupil twice."""
    key = "hs" + hashlib.blake2b(code.encode(), digest_size=6).hexdigest()
    taken = desk.school_shard.document(INDEX, key)
    return key if not taken else key + secrets.token_hex(3)


def _this_year(desk: Desk, room: ClassRoom, row: ListedPupil) -> SchoolYearRow:
    school = desk.school
    arrived = row.facts.get("joined") or f"{school.year[:4]}-09-05"
    return SchoolYearRow(school.year, room.key, school.name, arrived)


_MENDS = {
    "IN-CLASS": ("class", "Sửa tên hoặc mã lớp trong Excel, rồi nạp lại."),
    "IN-MOVE": ("class", "Nhờ văn thư nạp danh sách này, hoặc bỏ dòng này."),
    "IN-LOCKED": ("name", "Hiệu trưởng trả lại học bạ của em này thì mới đổi được; hoặc bỏ dòng này."),
    "IN-BIRTH": ("birth", "Đối chiếu giấy khai sinh, sửa trong Excel, rồi nạp lại."),
    "IN-ID-TAKEN": ("personal_id", "Đối chiếu giấy khai sinh của cả hai em, sửa trong Excel, rồi nạp lại."),
}


def _error(code: str, row: ListedPupil, message: str) -> Finding:
    return Finding(code, Severity.ERROR, f"Dòng {row.row}: {message}.", str(row.row), *_MENDS[code])
