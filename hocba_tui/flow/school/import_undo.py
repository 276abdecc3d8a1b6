"""Take back the actor's last import of a file, as one: a list of pupils or staff, results of one or several classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hocba_tui.errors import CellConflict, Refused
from hocba_tui.flow.desk import INDEX, PUPILS, RECORDS, RESULTS, STAFF, Desk, OpenClass, OpenSchool
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.steps import EARLIER, IMPORT
from hocba_tui.flow.school.accounts import require_for_one
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
_SOME = (Act.IMPORT_PUPILS, Act.MANAGE_STAFF, Act.BRING_EARLIER, Act.ENTER_SUBJECT, Act.ENTER_HOMEROOM)
"""Who may do none of these anywhere has nothing to take back."""
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
    return _last_import(desk.open_school())


def _last_import(school: OpenSchool) -> LastImport:
    """Return it; NotAllowed for who may import nothing at all, and for whom that import was and is not any more."""
    school.require_somewhere(*_SOME)
    found = _found(school)
    if permit := _PERMITS.get(next(iter(found.entries.values())).act):
        for name in found.entries:
            school.require(permit, school.classroom(_class_of(name)) if name != SCHOOL else None)
    return found


def _found(school: OpenSchool) -> LastImport:
    latest = {shard.name: entry for shard in _shards(school) if (entry := _latest(shard, school.account))}
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
    school = desk.open_school()
    found = _last_import(school)
    act = next(iter(found.entries.values())).act
    steps: dict[str, list[Edit]] = {}
    expecting: dict[str, list[Expect]] = {}
    for name, entry in found.entries.items():
        opened = school if name == SCHOOL else school.open_class(_class_of(name))
        try:
            steps[name] = inverse(opened.shard, entry)
        except CellConflict as conflict:
            who = school.staff(conflict.who).name or conflict.who
            what = f"{who} đã sửa tiếp những gì lần nạp ấy ghi."
            raise Refused(what, "Sửa từng chỗ ở danh sách lớp, bảng nhập.") from conflict
        if isinstance(opened, OpenSchool):
            _require_without_duties(school, steps[name])
            require_for_one(school, steps[name])
        elif act in _RESULTS:
            expecting[name] = _open_cells(opened, steps[name], earlier=act == EARLIER)
        else:
            expecting[name] = list(_unchanged(opened, steps[name]))
    if act in _RESULTS:  # As the grid does it, so that its own undo and redo know of it.
        for name, entry in found.entries.items():
            shard = desk.store.shard(name)
            shard.change(desk.account, "undo", steps[name], found.source, expecting[name], undoes=entry.seq)
    else:
        desk.store.across(desk.account, UNDO, steps, found.source, expecting)
    return found


def _class_of(name: str) -> str:
    return name.split("/", 1)[1]


def _open_cells(opened: OpenClass, edits: list[Edit], *, earlier: bool) -> list[Expect]:
    """Return what must stay as it is; Refused when one of the results may not be changed now."""
    locks, expecting = Locks(opened), list[Expect]()
    locked = locks.earlier if earlier else locks.reason
    for key in dict.fromkeys(edit.key for edit in edits):
        pupil = opened.pupil(key)
        if pupil is None:
            raise Refused(f"Không hoàn tác được: một em trong lần nạp ấy không còn ở lớp {opened.key}.")
        for edit in edits:
            if edit.key == key and (reason := locked(pupil, opened.record(key), Cell.parse(edit.field))):
                raise Refused(f"Không hoàn tác được: {reason}")
        expecting += opened.as_read(key)
    return expecting


def _shards(school: OpenSchool) -> Iterator[Shard]:
    yield school.shard
    for classroom in school.my_classes():
        yield school.open_class(classroom.key).shard


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


def _unchanged(opened: OpenClass, edits: list[Edit]) -> Iterator[Expect]:
    """Yield what must stay as it is; Refused when something depends on the import of pupils by now."""
    for key in dict.fromkeys(edit.key for edit in edits if edit.table in (PUPILS, RESULTS)):
        if not opened.record(key).editable:
            raise Refused("Có học bạ trong lần nạp ấy đã nộp.", "Hiệu trưởng trả lại học bạ thì mới hoàn tác được.")
        own = [edit for edit in edits if edit.table == PUPILS and edit.key == key]
        gone = any(edit.field == "name" and edit.after is None for edit in own)
        moved = any(edit.table == RESULTS and edit.key == key for edit in edits)
        if gone and not moved:
            if opened.document(RESULTS, key):
                raise Refused("Một em mới trong lần nạp ấy đã có kết quả.", "Nạp nhầm em ấy thì ghi em rời trường.")
            yield from opened.as_read(key, RESULTS)
        if not any(edit.table == RECORDS and edit.key == key for edit in edits):
            yield from opened.as_read(key, RECORDS)


def _require_without_duties(school: OpenSchool, edits: list[Edit]) -> None:
    """Raise Refused when one of the new members of staff teaches a class, or has been given something, by now."""
    named = {person for room in school.classrooms() for person in (room.homeroom, *room.teachers.values())}
    for edit in edits:
        if edit.table == STAFF and edit.field == "name" and edit.after is None and edit.key in named:
            raise Refused(f"{edit.before} đã được phân công ở một lớp.", "Phân công người khác trước: hocba assign.")
        if edit.table == STAFF and edit.field == "name" and edit.after is None:
            undone = {other.field for other in edits if (other.table, other.key) == (STAFF, edit.key)}
            if set(school.document(STAFF, edit.key)) - undone:
                raise Refused(
                    f"{edit.before} ({edit.key}) đã được cấp thêm quyền, tên đăng nhập hay việc gì khác từ lúc nạp.",
                    "Nạp nhầm người ấy thì nạp lại tệp, ghi người ấy đã nghỉ.",
                )
