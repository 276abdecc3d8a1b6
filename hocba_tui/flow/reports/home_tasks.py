"""Today's tasks: what a person still has to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import PUPILS, Desk, OpenSchool
from hocba_tui.flow.grades.counts import Counted, counted, known
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.portal.outbox import QUEUED, UNKNOWN, outbox
from hocba_tui.flow.proposals import Proposal, proposals, scope_in_words
from hocba_tui.flow.reports.backup_note import backup_note
from hocba_tui.flow.reports.certificate_note import endings
from hocba_tui.flow.reports.certificates import certificates
from hocba_tui.flow.reports.progress import Claims, claims, known_unpackaged, progress, unpackaged
from hocba_tui.flow.reports.server_state import in_short, state_of
from hocba_tui.flow.requested import Request, notices
from hocba_tui.flow.requested import waiting as waiting_requests
from hocba_tui.flow.without_teacher import without_teacher
from hocba_tui.model.counts import NO_GAPS
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, RecordState, Role
from hocba_tui.rules.curriculum import subjects_of
from hocba_tui.rules.permits import Act, in_force
from hocba_tui.rules.windows import is_open
from hocba_tui.text import day_first, moment

COUNTING = "đang đếm…"
"""Instead of a number that is not known yet."""


@dataclass(frozen=True)
class Task:
    """One line of the home screen: what, how much, and which screen it leads to; none where ``screen`` is empty."""

    label: str
    detail: str
    screen: str
    class_key: str = ""
    sheet: str = ""
    pupil: str = ""
    field: str = ""
    """The cell to go to, where there is one."""
    urgent: bool = False
    first_gap: bool = False
    """Whether it leads to the actor's first empty cell of the class, see :func:`place_of`."""

    @property
    def name(self) -> str:
        """Return what tells the task from others, whatever is still to do of it."""
        return f"{self.label}/{self.screen}/{self.class_key}/{self.sheet}/{self.pupil}/{self.field}"

    @property
    def params(self) -> dict[str, str]:
        """Return the parameters of the screen."""
        named = {"class_key": self.class_key, "sheet": self.sheet, "pupil": self.pupil, "field": self.field}
        return {name: value for name, value in named.items() if value}


def current_period(desk: Desk) -> Period:
    """Return the latest period whose window is open; the year's end when none is."""
    opened = [period for period in Period if is_open(desk.school, period, desk.clock.today())]
    return opened[-1] if opened else Period.END_YEAR


def tasks(desk: Desk) -> tuple[Task, ...]:
    """Return the actor's tasks as they are now."""
    return _Day(desk, counted, unpackaged).tasks()


def known_tasks(desk: Desk) -> tuple[Task, ...]:
    """Return the actor's tasks with what this session has counted, however long ago, without opening a class.

    What has not been counted yet says so.
    """
    return _Day(desk, known, known_unpackaged).tasks()


def place_of(desk: Desk, task: Task) -> dict[str, str]:
    """Return the parameters of a task's screen, with the actor's first empty cell where it leads to that."""
    if not task.first_gap:
        return task.params
    room = desk.classroom(task.class_key)
    cells = (
        {"pupil": one.pupil.key, "field": cell.field}
        for one in missing(desk, room.key, Period.END_YEAR)
        for cell in one.cells
        if _teacher_of(room, cell.item) == desk.actor.key
    )
    return task.params | next(cells, {})


def _teacher_of(room: ClassRoom, item: str) -> str:
    return room.teacher_of(item) if item in SUBJECTS else room.homeroom


class _Day:
    """The tasks of one day, from the counts of the classes; a class may be still to be counted."""

    def __init__(
        self,
        desk: Desk,
        count: Callable[[Desk, ClassRoom], Counted | None],
        left: Callable[[Desk, Counted, Claims], int | None],
    ) -> None:
        self._desk = desk
        self._actor, self._school, self._today = desk.actor, desk.school, desk.clock.today()
        self._rooms = desk.my_classes()
        self._left = left
        self._found = {room.key: count(desk, room) for room in self._rooms}

    def tasks(self) -> tuple[Task, ...]:
        """Return all of them."""
        actor, school = self._actor, self._desk.open_school()
        found = [*self._unreadable(), *self._own_account(), *self._drafts()]
        for room in self._rooms:
            if room.homeroom == actor.key and self._can_be_read(room):
                enters = school.may(Act.ENTER_HOMEROOM, room).allowed  # Not who keeps the accounts too.
                found += [task for task in self._homeroom(room) if enters or task.screen not in ("grid", "submit")]
        found += self._subjects()
        if actor.has(Role.PRINCIPAL, Role.DEPUTY):
            found += self._principal()
        if actor.has(Role.CLERK):
            found += self._clerk()
        if school.may(Act.VERIFY).allowed:
            found.append(Task("Kiểm tra tệp từ nơi khác", "học bạ nhận về, tệp XML có chữ ký", "verify"))
        if actor.has(Role.ADMINISTRATOR):
            found.append(Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"))
        found += self._looked_after(school)
        found += self._people(school)
        if any(school.may(Act.REPORT, room).allowed for room in self._rooms):
            found.append(Task("Thống kê", "số liệu để báo cáo, xuất Excel", "statistics"))
        if school.may(Act.READ_LOGINS).allowed:
            found.append(Task("Nhật ký", "ai đã làm gì, vào từ đâu", "activity"))
        if len(self._rooms) > 1 or school.may(Act.MANAGE_CLASSES).allowed:
            found.append(Task("Các lớp", f"{len(self._rooms)} lớp, tiến độ từng lớp", "classes"))
        return tuple(found)

    def _looked_after(self, school: OpenSchool) -> Iterator[Task]:
        """Yield what who looks after the school's settings and its server has to look at."""
        if school.may(Act.LOOK_AFTER).allowed:
            detail, urgent = backup_note(self._desk)
            made, comma, tried = detail.partition(", ")
            yield Task("Sao lưu", made, "doctor", urgent=urgent)
            if comma:
                yield Task("Sao lưu: khôi phục thử", tried, "doctor", urgent=urgent)
            detail, urgent = in_short(state_of(self._desk))
            yield Task("Tình trạng máy chủ", detail, "doctor", urgent=urgent)
        found = certificates(self._desk)
        missing = sum(not held.sha256 for held in found)
        if school.may(Act.SET_SCHOOL).allowed:
            lacking = f", {missing} chưa đăng ký" if missing else ""
            yield Task("Chứng thư số", f"{len(found) - missing} đã đăng ký{lacking}", "certificates")
            yield Task("Thông tin, cài đặt của trường", f"{school.settings.name}, {school.settings.year}", "settings")
        elif missing:
            yield Task("Chứng thư số", "chưa đăng ký", "certificates")

    def _people(self, school: OpenSchool) -> Iterator[Task]:
        """Yield the pages about the people of the school, to whom keeps the accounts or assigns."""
        manages = school.may(Act.MANAGE_STAFF).allowed
        if manages:
            here = [one for one in school.everybody() if not one.left]
            lacking = sum(not one.system_user for one in here)
            detail = f"{len(here)} người" + (f", {lacking} chưa có tên đăng nhập" if lacking else "")
            yield Task("Cán bộ, tài khoản", detail, "staff")
        if manages or school.may(Act.ASSIGN).allowed:
            lacking = sum(len(without_teacher(room, school.staff)) for room in self._rooms)
            detail = f"{lacking} việc chưa có người" if lacking else "việc nào cũng có người dạy"
            urgent = lacking > 0 and school.may(Act.ASSIGN).allowed
            yield Task("Phân công", detail, "assignments", urgent=urgent)

    def _can_be_read(self, room: ClassRoom) -> bool:
        found = self._found[room.key]
        return found is None or not found.unreadable

    def _unreadable(self) -> Iterator[Task]:
        """Yield what keeps the actor from a part of their work, while the rest goes on."""
        if damage := self._desk.school_shard.damage:
            yield Task("Kho chỉ xem được, không ghi được", damage, "", urgent=True)
        for room in self._rooms:
            if (found := self._found[room.key]) and found.unreadable:
                yield Task(f"Lớp {room.key}: KHÔNG ĐỌC ĐƯỢC", found.unreadable, "", urgent=True)

    def _own_account(self) -> Iterator[Task]:
        """Yield how a head came in, what the actor's duty is, and what waits for a second person."""
        if self._actor.recovered:
            yield Task("Tài khoản mở lại từ máy chủ", self._actor.recovered, "proposals", urgent=True)
        for told in notices(self._desk):
            yield Task(f"Đăng nhập: {told.kind.label}", f"lúc {moment(told.done)}", "proposals", urgent=not told.seen)
        if ending := endings(self._desk):
            count = f"{len(ending)} chứng thư, sớm nhất " if len(ending) > 1 else "ngày "
            words = count + day_first(min(one.until for one in ending))
            yield Task("Chứng thư số sắp hết hạn", words, "certificates", urgent=True)
        for post in in_force(self._actor, self._today):
            yield Task(Role(post.role).label, f"{scope_in_words(post)}, đến hết {day_first(post.until)}", "classes")
        waiting: list[Proposal | Request] = [*proposals(self._desk), *waiting_requests(self._desk)]
        if waiting:
            mine = sum(1 for found in waiting if found.confirming.allowed)
            detail = f"{mine} đề nghị chờ bạn xác nhận" if mine else f"{len(waiting)} đề nghị đang chờ người thứ hai"
            yield Task("Quyền, tên đăng nhập", detail, "proposals", urgent=mine > 0)

    def _drafts(self) -> list[Task]:
        """Return the comments that were being typed when the connection dropped."""
        desk, rooms = self._desk, {key for key, found in self._found.items() if found and not found.unreadable}
        return [
            Task(
                f"Nhận xét đang gõ dở lớp {draft.class_key}",
                Pupil.from_fields(draft.pupil, desk.class_shard(draft.class_key).document(PUPILS, draft.pupil)).name,
                "grid", draft.class_key, pupil=draft.pupil, field=draft.cell.field, urgent=True,
            )
            for draft in drafts(desk) if draft.class_key in rooms
        ]  # fmt: skip

    def _homeroom(self, room: ClassRoom) -> list[Task]:
        closed = not is_open(self._school, Period.END_YEAR, self._today)
        entry, check = Task(f"Nhập kết quả lớp {room.key}", COUNTING, "grid", room.key), f"Rà soát lớp {room.key}"
        submit, roster = f"Nộp học bạ lớp {room.key}", f"Danh sách lớp {room.key}"
        found = self._found[room.key]
        if found is None:
            places = ((check, "review"), (submit, "submit"), (roster, "roster"))
            return [entry, *(Task(label, COUNTING, screen, room.key) for label, screen in places)]
        at, counts = progress(found), found.value
        mine = {
            i: g for i, g in counts.gaps.get(Period.END_YEAR, {}).items() if _teacher_of(room, i) == self._actor.key
        }
        own = sum(gaps.cells for gaps in mine.values())
        left = f"{own} ô của bạn còn trống" if own else "không còn ô trống nào của bạn"
        if found.damage:
            closed, reason = True, "tệp của lớp bị hỏng, chỉ xem được"
        else:
            reason = "kỳ cuối năm đang khóa"
        lines = [
            replace(entry, detail=reason if closed else left, urgent=own > 0 and not closed, first_gap=own > 0),
            Task(check, f"{at.gaps} ô trống, {at.ready} em nộp được", "review", room.key, urgent=at.gaps > 0),
        ]
        if counts.returned:
            detail = f"{counts.returned} em, xem lí do"
            lines.append(Task("Hiệu trưởng trả lại", detail, "review", room.key, urgent=True))
        if found.damage:
            pass  # Nothing can be submitted: the first line says why.
        elif self._desk.open_round() is None:
            lines.append(Task(submit, "hiệu trưởng chưa mở đợt phát hành", "submit", room.key))
        else:
            sent = at.pupils - counts.count(RecordState.DRAFT)
            waiting = f"{at.ready} em sẵn sàng" if at.ready else f"đã nộp {sent}/{at.pupils} em"
            lines.append(Task(submit, waiting, "submit", room.key, urgent=at.ready > 0))
        lines.append(Task(roster, f"{at.pupils} em", "roster", room.key))
        issued = at.issued + at.accepted + at.rejected
        if issued:
            refused = f", cổng từ chối {at.rejected}" if at.rejected else ""
            lines.append(Task(f"Học bạ đã phát hành lớp {room.key}", f"{issued} em{refused}", "issued", room.key))
        return lines

    def _subjects(self) -> Iterator[Task]:
        """Yield a subject teacher's tasks, one for each subject and class where they are not the homeroom teacher."""
        for room in self._rooms:
            if room.homeroom == self._actor.key or not self._can_be_read(room):
                continue
            found = self._found[room.key]
            for subject in subjects_of(room):
                mine = room.teacher_of(subject.code) == self._actor.key
                if mine and self._desk.may(Act.ENTER_SUBJECT, room, subject.code).allowed:
                    gaps = found.value.gaps.get(Period.END_YEAR, {}).get(subject.code, NO_GAPS).cells if found else 0
                    detail = COUNTING if found is None else f"{gaps} ô trống" if gaps else "đã đủ"
                    label = f"{subject.name} lớp {room.key}"
                    yield Task(label, detail, "grid", room.key, subject.code, urgent=gaps > 0)

    def _waiting(self, state: RecordState) -> int | None:
        """Return how many records are in a state in all classes that can be read; None while that is not known."""
        found = [each.value.count(state) for each in self._found.values() if each is not None]
        return sum(found) if len(found) == len(self._rooms) else None

    def _principal(self) -> list[Task]:
        waiting = self._waiting(RecordState.SUBMITTED)
        opened = self._desk.open_round()
        detail = f"{opened.name}, ngày {day_first(opened.date)}" if opened else "chưa mở; giáo viên chưa nộp được"
        periods = [period.label for period in Period if is_open(self._school, period, self._today)]
        return [
            Task("Đợt phát hành", detail, "round", urgent=opened is None),
            Task("Duyệt và ký học bạ", _records(waiting, "chờ duyệt"), "approve", urgent=bool(waiting)),
            Task("Mở, khóa các kỳ nhập", ", ".join(periods) or "đang khóa cả", "periods"),
            Task("Còn thiếu theo giáo viên", f"kỳ {current_period(self._desk).label}, và các kỳ khác", "owing"),
            Task("Hộp gửi và kết quả tiếp nhận", "", "outbox"),
        ]  # fmt: skip

    def _clerk(self) -> list[Task]:
        try:
            claimed, packages = claims(self._desk), outbox(self._desk)
        except StoreUnusable as error:
            # The outbox has files of its own: lists and seals do not need them.
            return [
                Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"),
                Task("Đóng dấu (ký số phát hành)", "chưa đếm được", "seal"),
                Task("Hộp gửi: KHÔNG ĐỌC ĐƯỢC", error.what, "", urgent=True),
            ]
        left = [self._left(self._desk, found, claimed) for found in self._found.values() if found is not None]
        approved = self._waiting(RecordState.APPROVED)
        waiting = None if approved is None or None in left else approved + sum(filter(None, left))
        unsent = sum(len(package.uuids) for package in packages if package.state in (QUEUED, UNKNOWN))
        return [
            Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"),
            Task("Đóng dấu (ký số phát hành)", _records(waiting, "chờ"), "seal", urgent=bool(waiting)),
            Task("Hộp gửi và kết quả tiếp nhận", f"{unsent} học bạ chưa gửi", "outbox", urgent=unsent > 0),
        ]


def _records(count: int | None, state: str) -> str:
    return COUNTING if count is None else f"{count} học bạ {state}"
