"""The desk of a person at work: an open store, the acting account, and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import FilesReplaced, NotAllowed, Refused, StoreUnusable
from hocba_tui.model.pupil import Pupil, class_order
from hocba_tui.model.record import Record
from hocba_tui.model.results import Cell, Results, is_companion
from hocba_tui.model.school import ClassRoom, IssueRound, School, Staff
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.permits import Act, may
from hocba_tui.store.backend import SCHOOL, Shard, Store, class_shard
from hocba_tui.text import clean_line, day_first

PUPILS, RESULTS, RECORDS = "pupils", "results", "records"
STAFF, CLASSES, ISSUE_ROUNDS, INDEX = "staff", "classes", "rounds", "index"
PACKAGES, CLAIMS = "batches", "claims"
_NAMED = 12
"""How many lost cells are named one by one: a notice has to fit on a screen."""


@dataclass
class Desk:
    """What every verb needs. Reading refreshes from the disk, so that the changes of other people are seen."""

    store: Store
    account: str
    """The acting account, which belongs to the login."""
    clock: Clock
    root: Path
    """Folder of the school's files; the trusted issuers are in its folder ``trust``."""
    portal: str = ""
    """Address of the portal for this session; empty: the school's own."""

    # --- the school ----------------------------------------------------------------------------

    @property
    def school_shard(self) -> Shard:
        """Return the school's own shard, refreshed."""
        shard = self.store.shard(SCHOOL)
        shard.refresh()
        return shard

    @property
    def school(self) -> School:
        """Return the school's settings."""
        return School.from_fields(SCHOOL, self.school_shard.document(SCHOOL, SCHOOL))

    @property
    def actor(self) -> Staff:
        """Return the acting member of staff as the school knows them now: a person who has left may do nothing."""
        return self.staff(self.account)

    def staff(self, account: str) -> Staff:
        """Return a member of staff; an unknown account has no name and no roles."""
        return Staff.from_fields(account, self.school_shard.document(STAFF, account))

    def everybody(self) -> tuple[Staff, ...]:
        """Return all staff."""
        return tuple(Staff.from_fields(key, doc) for key, doc in self.school_shard.table(STAFF).items())

    def classroom(self, key: str) -> ClassRoom:
        """Return a class; Refused when there is no class of that name."""
        document = self.school_shard.document(CLASSES, key)
        if not document:
            raise Refused(f"Không có lớp “{key}”.", "Xem danh sách lớp rồi gõ đúng tên, ví dụ 5A.")
        return replace(ClassRoom.from_fields(key, document), year=self.school.year)

    def classrooms(self) -> tuple[ClassRoom, ...]:
        """Return all classes, in order."""
        return tuple(self._each_class())

    def _each_class(self) -> Iterator[ClassRoom]:
        """Yield all classes in order, one at a time: a teacher keeps one out of hundreds in a big school."""
        year, table = self.school.year, self.school_shard.table(CLASSES)
        for key in sorted(table):
            yield replace(ClassRoom.from_fields(key, table[key]), year=year)

    def my_classes(self) -> tuple[ClassRoom, ...]:
        """Return the classes that the actor may see, the actor's own homeroom class first."""
        actor = self.actor
        mine = [classroom for classroom in self._each_class() if may(actor, Act.VIEW_CLASS, classroom).allowed]
        return tuple(sorted(mine, key=lambda classroom: (classroom.homeroom != actor.key, classroom.key)))

    def open_round(self) -> IssueRound | None:
        """Return the issue round that is open, None before the principal has opened one."""
        rounds = (IssueRound.from_fields(key, doc) for key, doc in self.school_shard.table(ISSUE_ROUNDS).items())
        return next((found for found in rounds if found.open), None)

    # --- one class -----------------------------------------------------------------------------

    def class_shard(self, key: str) -> Shard:
        """Return the shard of a class in the present school year, refreshed."""
        self.classroom(key)
        shard = self.store.shard(class_shard(self.school.year, key))
        shard.refresh()
        return shard

    def unreadable(self, key: str) -> str:
        """Return why a class cannot be read at all (another owner, a link, a lock); empty when it can."""
        try:
            self.class_shard(key)
        except StoreUnusable as error:
            return error.what
        return ""

    def damage(self, key: str) -> str:
        """Return why a class cannot be read, or can only be read; empty when nothing is wrong with its files."""
        return self.unreadable(key) or self.class_shard(key).damage or ""

    def readable(self, rooms: Iterable[ClassRoom]) -> tuple[ClassRoom, ...]:
        """Return the classes whose files can be read, so that one that cannot does not stop work on the others."""
        return tuple(room for room in rooms if not self.unreadable(room.key))

    def require_sound(self, key: str) -> None:
        """Raise StoreUnusable when the files of a class are damaged, or are others than those opened here.

        The class can then only be read.
        """
        shard = self.class_shard(key)
        try:
            shard.require_place()
        except FilesReplaced as replaced:
            raise StoreUnusable(
                f"{replaced.found}; lớp {key} chỉ xem được, chưa nhập được.",
                replaced.now,
                self._gone(shard) or "Những ô bạn nhập từ lúc mở chương trình đều có trong tệp ấy.",
            ) from None
        if damage := shard.damage:
            raise StoreUnusable(
                f"Tệp dữ liệu của lớp {key} bị hỏng nên lớp này chỉ xem được, chưa nhập được.",
                f"Báo người phụ trách máy chủ: {damage}.",
                "Những gì đang hiện trên màn hình vẫn còn; các lớp khác vẫn dùng được.",
            )

    def _gone(self, shard: Shard) -> str:
        """Return which of the actor's own cells the file that is there now does not hold."""
        cells = [edit for edit in shard.gone() if edit.table == RESULTS]
        if not cells:
            return ""
        named = [
            f"{shard.document(PUPILS, edit.key).get('name', edit.key)}, {label_of(Cell.parse(edit.field))}: "
            f"{'trống' if edit.after is None else edit.after}"
            for edit in cells[-_NAMED:]
            if not is_companion(Cell.parse(edit.field))
        ]
        more = f"; và {len(cells) - len(named)} ô nữa" if len(cells) > len(named) else ""
        return f"Các ô bạn đã nhập mà tệp ấy KHÔNG có: {'; '.join(named)}{more}."

    def pupils(self, key: str, *, with_left: bool = False) -> tuple[Pupil, ...]:
        """Return the pupils of a class in class order, with those who have left when ``with_left`` is set."""
        found = (Pupil.from_fields(k, doc) for k, doc in self.class_shard(key).table(PUPILS).items())
        return tuple(sorted((p for p in found if with_left or p.studying), key=class_order))

    def results(self, key: str) -> Mapping[str, Results]:
        """Return the results of a class by pupil key."""
        return {k: Results(doc) for k, doc in self.class_shard(key).table(RESULTS).items()}

    def records(self, key: str) -> Mapping[str, Record]:
        """Return the record of every pupil of a class by pupil key; a draft where nothing was submitted."""
        shard = self.class_shard(key)
        return {k: Record.from_fields(k, shard.document(RECORDS, k)) for k in shard.table(PUPILS)}

    # --- permission ----------------------------------------------------------------------------

    def require(self, act: Act, classroom: ClassRoom | None = None, subject: str = "") -> None:
        """Raise NotAllowed unless the actor may do ``act``."""
        permission = may(self.actor, act, classroom, subject)
        if not permission.allowed:
            where = f" ở lớp {classroom.key}" if classroom is not None else ""
            raise NotAllowed(f"Tài khoản {self.actor.key} không được làm việc này{where}.", permission.reason)


WITHOUT_STAMPS = (
    "Chữ ký không có dấu thời gian: từ ngày chứng thư hết hạn, nơi khác không tự chứng minh được nữa là đã ký lúc còn "
    "hạn. Muốn có: hocba school set xades=có timestamps=ĐỊA_CHỈ."
)
"""What a school that asks for no time-stamps is told when it is set up, and who registers a certificate."""


def past_day(desk: Desk, typed: str) -> str:
    """Return the ISO date of ``typed`` (dd/mm/yyyy); Refused when it cannot be read or is in the future."""
    from hocba_tui.intake.dates import read_date

    text = clean_line(typed)
    day = None if text.isdigit() else read_date(text)
    if not day:
        raise Refused(f"Ngày “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 12/01/2026.")
    if day > desk.clock.today().isoformat():
        raise Refused(f"Ngày {day_first(day)} chưa tới.", "Ghi hôm nay hoặc một ngày đã qua.")
    return day
