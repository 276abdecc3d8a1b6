"""Take back the actor's last import of a file, as one: a list of pupils or staff, results of one or several classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hocba_tui.errors import CellConflict, Refused
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, RESULTS, STAFF, Desk
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.steps import EARLIER, IMPORT
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import Cell
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit, Entry, Expect, Shard
from hocba_tui.store.undo import inverse
from hocba_tui.text import moment

UNDO = "undo_import"
PUPILS_IN, STAFF_IN = "import_pupils", "import_staff"
_WORDS = {
    PUPILS_IN: "nạp danh sách học sinh",
    STAFF_IN: "nạp danh sách cán bộ",
    IMPORT: "nạp kết quả",
    EARLIER: "nạp kết quả của kỳ đã qua",
}
_TABLES = (PUPILS, RESULTS, RECORDS, STAFF, INDEX)
"""What imports change; the plan of a change to several classes is kept beside it in the school's journal."""
_RESULTS = (IMPORT, EARLIER)
_PERMITS = {PUPILS_IN: Act.IMPORT_PUPILS, STAFF_IN: Act.MANAGE_STAFF, EARLIER: Act.BRING_EARLIER}


class LastImport(NamedTuple):
    """An import: what it was, when, from which file, and its entry in each shard."""

    what: str
    at: str
    source: str
    entries: Mapping[str, Entry]

    @property
    def words(self) -> str:
        """Return the import in words."""
        return f"{self.what} từ {self.source}, {moment(self.at)}"


def last_import(desk: Desk) -> LastImport:
    """Return the actor's last import that is not taken back; Refused when there is none."""
    latest = {shard.name: entry for shard in _shards(desk) if (entry := _latest(shard, desk.actor.key))}
    if not latest:
        raise Refused("Bạn chưa nạp tệp nào, hoặc lần nạp cuối đã được hoàn tác.", "Không có gì để hoàn tác.")
    newest = max(latest.values(), key=lambda entry: entry.at)
    found = {
        name: entry for name, entry in latest.items()
        if entry is newest or (entry.intent and entry.intent == newest.intent)
    }  # fmt: skip
    return LastImport(_WORDS[newest.act], newest.at, newest.note, found)


def undo_import(desk: Desk) -> LastImport:
    """Take back all that the actor's last import wrote, in all classes at once, and return the import.

    Refused when something depends on it by now (a record is submitted, a new pupil has results, a new member of staff
    has classes); CellConflict when somebody else has changed one of its fields since.
    """
    found = last_import(desk)
    act = next(iter(found.entries.values())).act
    if permit := _PERMITS.get(act):
        for name in found.entries:
            desk.require(permit, desk.classroom(_class_of(name)) if name != SCHOOL else None)
    steps: dict[str, list[Edit]] = {}
    expecting: dict[str, list[Expect]] = {}
    for name, entry in found.entries.items():
        shard = desk.store.shard(name)
        try:
            steps[name] = inverse(shard, entry)
        except CellConflict as conflict:
            who = desk.staff(conflict.who).name or conflict.who
            what = f"{who} đã sửa tiếp những gì lần nạp ấy ghi."
            raise Refused(what, "Sửa từng chỗ ở danh sách lớp, bảng nhập.") from conflict
        if act in _RESULTS:
            _require_open(desk, shard, steps[name], earlier=act == EARLIER)
        expecting[name] = list(_unchanged(desk, shard, steps[name], results=act in _RESULTS))
    if act in _RESULTS:  # As the grid does it, so that its own undo and redo know of it.
        for name, entry in found.entries.items():
            shard = desk.store.shard(name)
            shard.change(desk.actor.key, "undo", steps[name], found.source, expecting[name], undoes=entry.seq)
    else:
        desk.store.across(desk.actor.key, UNDO, steps, found.source, expecting)
    return found


def _class_of(name: str) -> str:
    return name.split("/", 1)[1]


def _require_open(desk: Desk, shard: Shard, edits: list[Edit], *, earlier: bool) -> None:
    """Raise Refused when one of the results may not be changed now."""
    classroom = desk.classroom(_class_of(shard.name))
    locks = Locks(desk, classroom)
    for edit in edits:
        pupil = Pupil.from_fields(edit.key, shard.document(PUPILS, edit.key))
        record = Record.from_fields(edit.key, shard.document(RECORDS, edit.key))
        reason = (locks.earlier if earlier else locks.reason)(pupil, record, Cell.parse(edit.field))
        if reason:
            raise Refused(f"Không hoàn tác được: {reason}")


def _shards(desk: Desk) -> Iterator[Shard]:
    yield desk.school_shard
    for classroom in desk.my_classes():
        yield desk.class_shard(classroom.key)


def _latest(shard: Shard, actor: str) -> Entry | None:
    """Return the actor's last import in a shard that stands; one that was taken back, here or in the grid, does not."""
    undone: set[int] = set()
    whole = 0
    for entry in shard.latest(actor):
        if entry.undoes:
            if entry.seq not in undone:
                undone.add(entry.undoes)
        elif entry.act == UNDO:
            whole += 1
        elif entry.act in _WORDS and entry.seq not in undone and any(edit.table in _TABLES for edit in entry.edits):
            if not whole or entry.act in _RESULTS:
                return entry
            whole -= 1
    return None


def _unchanged(desk: Desk, shard: Shard, edits: list[Edit], *, results: bool) -> Iterator[Expect]:
    """Yield what must stay as it is; Refused when something depends on the import by now."""
    for key in dict.fromkeys(edit.key for edit in edits if edit.table in (PUPILS, RESULTS)):
        record = dict(shard.document(RECORDS, key))
        if not Record.from_fields(key, record).editable:
            raise Refused("Có học bạ trong lần nạp ấy đã nộp.", "Hiệu trưởng trả lại học bạ thì mới hoàn tác được.")
        own = [edit for edit in edits if edit.table == PUPILS and edit.key == key]
        gone = not results and any(edit.field == "name" and edit.after is None for edit in own)
        moved = any(edit.table == RESULTS and edit.key == key for edit in edits)
        if gone and not moved and shard.document(RESULTS, key):
            raise Refused("Một em mới trong lần nạp ấy đã có kết quả.", "Nạp nhầm em ấy thì ghi em rời trường.")
        if not any(edit.table == RECORDS and edit.key == key for edit in edits):
            yield Expect(RECORDS, key, record)
    named = {person for room in desk.classrooms() for person in (room.homeroom, *room.teachers.values())}
    for edit in edits:
        if edit.table == STAFF and edit.field == "name" and edit.after is None and edit.key in named:
            raise Refused(f"{edit.before} đã được phân công ở một lớp.", "Phân công người khác trước: hocba assign.")
