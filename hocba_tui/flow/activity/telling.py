"""Tell what somebody did in Vietnamese sentences, without what the reader may not read of a pupil."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hocba_tui.errors import HocbaError
from hocba_tui.flow.activity.failed import UNKNOWN
from hocba_tui.flow.activity.kinds import Kind, words_of
from hocba_tui.flow.activity.searching import Row
from hocba_tui.flow.desk import CLAIMS, INDEX, PACKAGES, PUPILS, RECORDS, RESULTS, STAFF, Desk
from hocba_tui.flow.pupils.facts import EDITABLE
from hocba_tui.flow.school.settings import LABELS
from hocba_tui.model.results import Cell, is_companion
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, RecordState
from hocba_tui.rules.labels import brief, label_of
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive, may_read_cell, may_read_field, readable
from hocba_tui.store.activity.noting import Touched, is_activity
from hocba_tui.store.backend import OUTBOX, SCHOOL, Edit, Entry, Sieve, Value, class_shard
from hocba_tui.store.formats import SHARDS
from hocba_tui.text import foreign

OURSELVES = "hocba"
"""The actor of what the program does for nobody."""
_LONGEST = 80
_MOST = 12
"""Edits that are told one by one."""
_DAY = timedelta(hours=24)
_WAYS = {"key": "bằng khóa của tài khoản máy chung", "local": "ngay trên máy chủ"}
_STAFF = {
    "name": "họ tên", "roles": "quyền", "posts": "việc được giao", "system_user": "tên đăng nhập", "left": "rời trường",
    "closed": "khóa từ ngày", "why_closed": "lí do khóa", "sex": "giới tính", "job": "vị trí việc làm",
    "subjects": "môn dạy",
    "certificate": "chứng thư", "title": "chức vụ", "email": "thư điện tử", "recovered": "mở lại từ máy chủ",
}  # fmt: skip
_SECRET = frozenset({"personal_id", "birth"})
"""Facts of staff that nobody needs to see in the log."""


class Teller:
    """Tells rows to one reader; what it has looked up it keeps."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._school = desk.open_school()
        self._groups: dict[str, frozenset[Sensitive] | None] = {}

    def who(self, account: str) -> str:
        """Return the name of an account; the account itself where the school has no name for it."""
        if account == OURSELVES:
            return "chương trình"
        if account == UNKNOWN:
            return "(tên lạ)"
        return self._school.staff(account).name or foreign(account, 32) or "không rõ ai"

    def pupil(self, key: str) -> str:
        """Return the name of a pupil of this year, the key where the reader may not see the class."""
        room = str(self._school.document(INDEX, key).get("class") or "")
        entry = Entry(0, "", "", "", (Edit(PUPILS, key, "name", None, None),))
        shard = class_shard(self._school.settings.year, room)
        return self._pupils(Row.of(shard, entry)) if room else key

    def line(self, row: Row) -> str:
        """Return what was done, in one line."""
        place = " ".join(part for part in (row.class_key, self._pupils(row)) if part)
        done = " ".join(part for part in (words_of(row.entry.act), self._what(row)) if part)
        return f"{place}: {done}" if place else done

    def details(self, row: Row) -> Iterator[str]:
        """Yield all that the reader may know of it."""
        entry = row.entry
        at = datetime.fromisoformat(entry.at)
        yield f"{at:%d/%m/%Y %H:%M:%S}, {self.who(entry.actor)} ({foreign(entry.actor, 32)})"
        yield self.line(row)
        if came := self._came_from(row):
            yield came
        if entry.note and not is_activity(row.shard) and self._may_see(row):
            yield f"Ghi: {foreign(entry.note)}"
        told = [line for edit in entry.edits if (line := self._edit(row, edit))]
        yield from told[:_MOST]
        if len(told) > _MOST:
            yield f"… và {len(told) - _MOST} ô, mục nữa."
        yield f"Nhật ký {row.shard}, bản ghi số {entry.seq}."

    # --- inside --------------------------------------------------------------------------------

    def _readable(self, row: Row) -> frozenset[Sensitive] | None:
        """Return what the reader may read of the pupils of the row's class; None when the class may not be seen."""
        key = row.shard if not is_activity(row.shard) else row.class_key
        if key not in self._groups:
            self._groups[key] = self._groups_of(row)
        return self._groups[key]

    def _groups_of(self, row: Row) -> frozenset[Sensitive] | None:
        room: ClassRoom | None = None
        now = class_shard(self._school.settings.year, row.class_key)
        if row.class_key and (is_activity(row.shard) or row.shard == now):
            try:
                room = self._school.classroom(row.class_key)
            except HocbaError:
                room = None
        if not self._school.may(Act.VIEW_CLASS, room).allowed:
            return None
        return readable(self._school.actor, room or ClassRoom(row.class_key))

    def _may_see(self, row: Row) -> bool:
        return not row.pupils or self._readable(row) is not None

    def _pupils(self, row: Row) -> str:
        if len(row.pupils) != 1:
            return f"{len(row.pupils)} em" if row.pupils else ""
        if not row.class_key:  # Somebody has looked for the pupil, in whatever class.
            return self.pupil(row.pupils[0])
        if self._readable(row) is None:
            return "một em"
        year = self._school.settings.year
        name = class_shard(year, row.class_key) if is_activity(row.shard) else row.shard
        if name not in self._school.store.names():
            return "một em"
        try:
            document = self._school.store.shard(name).document(PUPILS, row.pupils[0])
        except HocbaError:
            return "một em"
        return str(document.get("name") or row.pupils[0])

    def _what(self, row: Row) -> str:
        """Return what is told behind whom it is about: the one cell, how many, from where."""
        entry = row.entry
        if is_activity(row.shard):
            touched = Touched.of(entry)
            parts = [foreign(entry.note, _LONGEST) if row.kind is not Kind.VIEW else ""]
            parts.append(f"về {self.who(touched.account)}" if touched.account else "")
            if row.kind is Kind.LOGIN:
                parts.append(_from(touched))
            return ", ".join(part for part in parts if part)
        if row.shard == OUTBOX:
            packages = dict.fromkeys(edit.key for edit in entry.edits if edit.table == PACKAGES)
            records = {edit.key for edit in entry.edits if edit.table == CLAIMS}
            parts = [*(f"gói {foreign(key, 9)}" for key in packages), f"{len(records)} học bạ" if records else ""]
            return ", ".join(part for part in parts if part)
        if row.kind is Kind.ACCOUNT:
            return ", ".join(self.who(key) for key in sorted(row.accounts - {entry.actor}))
        cells = [edit for edit in entry.edits if edit.table == RESULTS and not _is_companion(edit)]
        if len(cells) == 1 and len(row.pupils) == 1:
            return self._edit(row, cells[0], short=True)
        if len(cells) > 1:
            return f"{len(cells)} ô"
        told = [line for edit in entry.edits if edit.table != RECORDS and (line := self._edit(row, edit))]
        return told[0] if len(told) == 1 else f"{len(told)} mục" if told else ""

    def _edit(self, row: Row, edit: Edit, *, short: bool = False) -> str:
        """Return one edit in words; empty when it says nothing to a person, or may not be read."""
        if is_activity(row.shard):
            return ""
        groups = self._readable(row) if edit.table in (PUPILS, RESULTS, RECORDS) else frozenset[Sensitive]()
        if groups is None:
            return ""
        values = f"{_said(edit.before)} → {_said(edit.after)}"
        if edit.table == RESULTS:
            return "" if _is_companion(edit) else _cell(edit, values, groups, short=short)
        if edit.table == PUPILS:
            label = EDITABLE.get(edit.field, edit.field)
            return f"{label}: {values if may_read_field(edit.field, groups) else '(đã sửa)'}"
        if edit.table == RECORDS:
            states = {state.value: state.label for state in RecordState}
            before, after = (states.get(str(value), _said(value)) for value in (edit.before, edit.after))
            return f"học bạ: {before} → {after}" if edit.field == "state" else ""
        if edit.table == STAFF:
            label = _STAFF.get(edit.field, edit.field)
            return f"{self.who(edit.key)}: {label}: {'(đã sửa)' if edit.field in _SECRET else values}"
        if edit.table == SHARDS:
            return edit.key
        label = LABELS.get(edit.field, edit.field) if edit.table == SCHOOL else f"{foreign(edit.key, 32)} {edit.field}"
        return f"{label}: {values}"

    def _came_from(self, row: Row) -> str:
        """Return from where the actor had come in, by the log-ins of that account that had not ended by then."""
        if row.kind is Kind.LOGIN:
            return ""
        if is_activity(row.shard):
            said = _from(Touched.of(row.entry))
            return f"Vào {said}." if said else ""
        places = list(dict.fromkeys(_from(Touched.of(entry)) for entry in self._open_sessions(row)))
        return f"Lúc ấy tài khoản này đang vào {'; và '.join(places)}." if places else ""

    def _open_sessions(self, row: Row) -> list[Entry]:
        at, store = datetime.fromisoformat(row.entry.at), self._desk.store
        sieve = Sieve((at - _DAY).isoformat(), "", (row.entry.actor,), frozenset({"log_in", "log_out"}))
        found: list[Entry] = []
        for name in filter(is_activity, store.names()):
            try:
                hits = [hit.entry() for hit in store.hits(name, sieve) if hit.at <= row.entry.at]
            except HocbaError:
                continue
            found += [entry for entry in hits if entry.actor == row.entry.actor]
        still: list[Entry] = []
        for entry in sorted(found, key=lambda each: (each.at, each.seq)):
            if entry.act == "log_in":
                still.append(entry)
            elif same := [each for each in still if each.edits == entry.edits]:
                still.remove(same[0])
        return still


def _from(touched: Touched) -> str:
    place = f"từ {foreign(touched.came_from, 64)}" if touched.came_from else ""
    return " ".join(part for part in (place, _WAYS.get(touched.way, "")) if part)


def _is_companion(edit: Edit) -> bool:
    return is_companion(Cell.parse(edit.field))


def _cell(edit: Edit, values: str, groups: frozenset[Sensitive], *, short: bool) -> str:
    cell = Cell.parse(edit.field)
    label = brief([cell]) if short else label_of(cell)
    if cell.period in set(Period):
        label = f"{label} {Period(cell.period).short}"
    return f"{label}: {values if may_read_cell(cell, groups) else '(đã sửa)'}"


def _said(value: Value) -> str:
    if value is None:
        return "trống"
    return foreign("có" if value is True else "không" if value is False else str(value), _LONGEST)
