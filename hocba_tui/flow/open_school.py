"""The school and its classes as one verb sees them: each is read again once, when it is opened.

What was opened is one moment. A verb that has waited since (for a PIN, a token, the network, a person) opens it again.
What others write meanwhile is found under the lock, because a change names what its author saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

from hocba_tui.errors import FilesReplaced, NotAllowed, Refused, StoreUnusable
from hocba_tui.model.pupil import Pupil, class_order
from hocba_tui.model.record import Record
from hocba_tui.model.results import Cell, Results, is_companion
from hocba_tui.model.school import ClassRoom, IssueRound, School, Staff
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.permits import Act, Permission, may
from hocba_tui.rules.reading import CELLS, Sensitive, as_read, may_read_cell, readable
from hocba_tui.store.backend import OUTBOX, SCHOOL, Expect, Shard, Store, Value, class_shard

PUPILS, RESULTS, RECORDS = "pupils", "results", "records"
STAFF, CLASSES, ISSUE_ROUNDS, INDEX, BANK = "staff", "classes", "rounds", "index", "bank"
PROPOSALS = "proposals"
REQUESTS, APPLIED = "login_requests", "login_outcomes"
PACKAGES, CLAIMS = "batches", "claims"
Documents = Mapping[str, Mapping[str, Value]]
"""The documents of a table by key. A table is replaced and never changed, so it stays as it was read."""
_NAMED = 12
"""How many lost cells are named one by one: a notice has to fit on a screen."""
_NOTHING: Mapping[str, Value] = {}


class _Moment:
    """The tables of a shard as they are when it is opened; opening reads it again."""

    def __init__(self, shard: Shard, *tables: str) -> None:
        shard.refresh()
        self.shard = shard
        """For changes and for the history; its own tables go on, unlike :meth:`table`."""
        self.seq = shard.seq  # Before the tables: a change between the two is noticed at the next look.
        self._tables = {name: shard.table(name) for name in tables}

    def table(self, name: str) -> Documents:
        """Return a table as it was."""
        return self._tables[name]

    def document(self, name: str, key: str) -> Mapping[str, Value]:
        """Return one document as it was, empty when there was none."""
        return self._tables[name].get(key, _NOTHING)


class OpenSchool(_Moment):
    """The school at one moment, for one account."""

    def __init__(self, store: Store, account: str, today: date) -> None:
        tables = (SCHOOL, STAFF, CLASSES, ISSUE_ROUNDS, INDEX, BANK, PROPOSALS, REQUESTS, APPLIED)
        super().__init__(store.shard(SCHOOL), *tables)
        self.store = store
        self.account = account
        """The acting account."""
        self.today = today
        self.settings = School.from_fields(SCHOOL, self.document(SCHOOL, SCHOOL))
        self._opened: dict[str, OpenClass] = {}

    @cached_property
    def actor(self) -> Staff:
        """Return the acting member of staff as the school knows them now: a person who has left may do nothing."""
        return self.staff(self.account)

    def staff(self, account: str) -> Staff:
        """Return a member of staff; an unknown account has no name and no roles."""
        return Staff.from_fields(account, self.document(STAFF, account))

    def everybody(self) -> tuple[Staff, ...]:
        """Return all staff."""
        return tuple(Staff.from_fields(key, document) for key, document in self.table(STAFF).items())

    def may(self, act: Act, classroom: ClassRoom | None = None, subject: str = "") -> Permission:
        """Return whether the actor may do ``act`` today."""
        return may(self.actor, act, classroom, subject, self.today)

    def require(self, act: Act, classroom: ClassRoom | None = None, subject: str = "") -> None:
        """Raise NotAllowed unless the actor may do ``act``."""
        permission = self.may(act, classroom, subject)
        if not permission.allowed:
            where = f" ở lớp {classroom.key}" if classroom is not None else ""
            raise NotAllowed(f"Tài khoản {self.account} không được làm việc này{where}.", permission.reason)

    def require_somewhere(self, *acts: Act, rooms: Iterable[ClassRoom] | None = None) -> None:
        """Raise NotAllowed unless the actor may do one of ``acts`` in the school or one of its classes (``rooms``).

        For what is asked before a file says which class it is about.
        """
        places = (None, *(self._each_classroom() if rooms is None else rooms))
        if not any(self.may(act, room).allowed for room in places for act in acts):
            self.require(acts[0])

    def open_round(self) -> IssueRound | None:
        """Return the issue round that is open, None before the principal has opened one."""
        rounds = (IssueRound.from_fields(key, doc) for key, doc in self.table(ISSUE_ROUNDS).items())
        return next((found for found in rounds if found.open), None)

    @cached_property
    def outbox(self) -> Shard:
        """Return the outbox; it is read again when it is first asked for."""
        shard = self.store.shard(OUTBOX)
        shard.refresh()
        return shard

    # --- classes -------------------------------------------------------------------------------

    def classroom(self, key: str) -> ClassRoom:
        """Return a class; Refused when there is no class of that name."""
        document = self.document(CLASSES, key)
        if not document:
            raise Refused(f"Không có lớp “{key}”.", "Xem danh sách lớp rồi gõ đúng tên, ví dụ 5A.")
        return replace(ClassRoom.from_fields(key, document), year=self.settings.year)

    def classrooms(self) -> tuple[ClassRoom, ...]:
        """Return all classes, in order."""
        return tuple(self._each_classroom())

    def _each_classroom(self) -> Iterator[ClassRoom]:
        """Yield all classes in order, one at a time: a teacher keeps one out of hundreds in a big school."""
        return (self.classroom(key) for key in sorted(self.table(CLASSES)))

    def my_classes(self) -> tuple[ClassRoom, ...]:
        """Return the classes that the actor may see, the actor's own homeroom class first."""
        mine = [room for room in self._each_classroom() if self.may(Act.VIEW_CLASS, room).allowed]
        return tuple(sorted(mine, key=lambda room: (room.homeroom != self.account, room.key)))

    def open_class(self, key: str, act: Act | None = None, subject: str = "") -> OpenClass:
        """Open a class; it is read again at the first opening and then stays as it was.

        Refused when there is no such class, NotAllowed unless the actor may do ``act`` there (in ``subject``, where
        that matters), StoreUnusable when its files cannot be read.
        """
        classroom = self.classroom(key)
        if act is not None:
            self.require(act, classroom, subject)
        if key not in self._opened:
            self._opened[key] = OpenClass(self, classroom)
        return self._opened[key]

    def unreadable(self, key: str) -> str:
        """Return why a class cannot be read at all (another owner, a link, a lock); empty when it can."""
        try:
            self.open_class(key)
        except StoreUnusable as error:
            return error.what
        return ""

    def damage(self, key: str) -> str:
        """Return why a class cannot be read, or can only be read; empty when nothing is wrong with its files."""
        return self.unreadable(key) or self.open_class(key).shard.damage or ""

    def trouble(self, key: str) -> str:
        """Return, in a line for who counts or exports a class, why it is left out or may lack something; else empty."""
        if why := self.unreadable(key):
            return f"Lớp {key}: KHÔNG ĐỌC ĐƯỢC: {why}"
        damage = self.open_class(key).shard.damage
        return f"Lớp {key}: TỆP BỊ HỎNG, số liệu có thể thiếu: {damage}" if damage else ""

    def readable(self, rooms: Iterable[ClassRoom]) -> tuple[ClassRoom, ...]:
        """Return the classes whose files can be read, so that one that cannot does not stop work on the others."""
        return tuple(room for room in rooms if not self.unreadable(room.key))


class OpenClass(_Moment):
    """One class at the moment in which it was opened: made by :meth:`OpenSchool.open_class`."""

    def __init__(self, school: OpenSchool, classroom: ClassRoom) -> None:
        shard = school.store.shard(class_shard(school.settings.year, classroom.key))
        super().__init__(shard, PUPILS, RESULTS, RECORDS)
        self.school = school
        self.classroom = classroom
        self.key = classroom.key

    def pupils(self, *, with_left: bool = False) -> tuple[Pupil, ...]:
        """Return the pupils in class order, with those who have left when ``with_left`` is set."""
        return self._everybody if with_left else tuple(pupil for pupil in self._everybody if pupil.studying)

    @cached_property
    def _everybody(self) -> tuple[Pupil, ...]:
        found = (Pupil.from_fields(key, document) for key, document in self.table(PUPILS).items())
        return tuple(sorted(found, key=class_order))

    @cached_property
    def readable(self) -> frozenset[Sensitive]:
        """Return the sensitive fields that the actor may read of these pupils; others must not be shown to them."""
        return readable(self.school.actor, self.classroom)

    def shown_pupils(self, *, with_left: bool = False) -> tuple[Pupil, ...]:
        """Return the pupils as the actor may read them: to be shown, and not for the rules."""
        return tuple(as_read(pupil, self.readable) for pupil in self.pupils(with_left=with_left))

    def pupil(self, key: str) -> Pupil | None:
        """Return a pupil; None when the class has none of that key."""
        document = self.document(PUPILS, key)
        return Pupil.from_fields(key, document) if document else None

    @cached_property
    def results(self) -> Mapping[str, Results]:
        """Return the results by pupil key."""
        return {key: Results(document) for key, document in self.table(RESULTS).items()}

    def shown_results(self) -> Mapping[str, Results]:
        """Return the results as the actor may read them: to be shown, and not for the rules."""
        hidden = {cell.field for cell in CELLS if not may_read_cell(cell, self.readable)}
        if not hidden:
            return self.results
        return {
            key: Results({field: value for field, value in document.items() if field not in hidden})
            for key, document in self.table(RESULTS).items()
        }

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """Return the record of every pupil by pupil key; a draft where nothing was submitted."""
        return {key: self.record(key) for key in self.table(PUPILS)}

    def record(self, key: str) -> Record:
        """Return one pupil's record."""
        return Record.from_fields(key, self.document(RECORDS, key))

    def as_read(self, key: str, *tables: str) -> list[Expect]:
        """Return a pupil's documents for a change that depends on them: it is a Conflict when they are others by then.

        Without ``tables`` they are the record and the facts: no result is written into a record that was submitted.
        """
        return [Expect(name, key, dict(self.document(name, key))) for name in tables or (RECORDS, PUPILS)]

    def require_sound(self) -> None:
        """Raise StoreUnusable when the files of the class are damaged, or are others than those opened here.

        The class can then only be read.
        """
        try:
            self.shard.require_place()
        except FilesReplaced as replaced:
            raise StoreUnusable(
                f"{replaced.found}; lớp {self.key} chỉ xem được, chưa nhập được.",
                replaced.now,
                self._gone() or "Những ô bạn nhập từ lúc mở chương trình đều có trong tệp ấy.",
            ) from None
        if damage := self.shard.damage:
            raise StoreUnusable(
                f"Tệp dữ liệu của lớp {self.key} bị hỏng nên lớp này chỉ xem được, chưa nhập được.",
                f"Báo người phụ trách máy chủ: {damage}.",
                "Những gì đang hiện trên màn hình vẫn còn; các lớp khác vẫn dùng được.",
            )

    def _gone(self) -> str:
        """Return which of the actor's own cells the file that is there now does not hold."""
        cells = [edit for edit in self.shard.gone() if edit.table == RESULTS]
        if not cells:
            return ""
        named = [
            f"{self.document(PUPILS, edit.key).get('name', edit.key)}, {label_of(Cell.parse(edit.field))}: "
            f"{'trống' if edit.after is None else edit.after}"
            for edit in cells[-_NAMED:]
            if not is_companion(Cell.parse(edit.field))
        ]
        more = f"; và {len(cells) - len(named)} ô nữa" if len(cells) > len(named) else ""
        return f"Các ô bạn đã nhập mà tệp ấy KHÔNG có: {'; '.join(named)}{more}."
