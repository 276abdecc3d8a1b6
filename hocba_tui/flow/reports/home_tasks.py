"""Today's tasks: what a person still has to do, and the progress of each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import CLAIMS, PUPILS, RECORDS, Desk
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.grades.review import ClassReview, review
from hocba_tui.flow.portal.outbox import QUEUED, UNKNOWN, outbox
from hocba_tui.flow.reports.backup_note import backup_note
from hocba_tui.flow.reports.statistics import countable_classes
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, RecordState, Role
from hocba_tui.rules.curriculum import subjects_of
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.windows import is_open
from hocba_tui.store.backend import OUTBOX
from hocba_tui.text import day_first


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

    @property
    def params(self) -> dict[str, str]:
        """Return the parameters of the screen."""
        named = {"class_key": self.class_key, "sheet": self.sheet, "pupil": self.pupil, "field": self.field}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class ClassProgress:
    """The progress of a class."""

    classroom: ClassRoom
    pupils: int
    ready: int
    gaps: int
    submitted: int
    approved: int
    issued: int
    accepted: int
    rejected: int
    unpackaged: int = 0
    """Sealed, but in no package yet: the seal's token failed before the package was signed."""
    unreadable: str = ""
    """Why the files of the class cannot be read: then nothing is counted."""


def progress(found: ClassReview) -> ClassProgress:
    """Return the progress of a reviewed class."""
    return ClassProgress(
        found.classroom,
        len(found.pupils),
        len(found.ready),
        len(found.gaps),
        found.count(RecordState.SUBMITTED),
        found.count(RecordState.APPROVED),
        found.count(RecordState.ISSUED, RecordState.SENT),
        found.count(RecordState.ACCEPTED),
        found.count(RecordState.REJECTED),
    )


def all_progress(desk: Desk) -> tuple[ClassProgress, ...]:
    """Return the progress of every class that the actor may see."""
    claimed = _claimed(desk)
    return tuple(_progress(desk, room, claimed) for room in desk.my_classes())


def _progress(desk: Desk, room: ClassRoom, claimed: Container[str]) -> ClassProgress:
    if why := desk.unreadable(room.key):
        return ClassProgress(room, 0, 0, 0, 0, 0, 0, 0, 0, unreadable=why)
    found = review(desk, room.key)
    waiting = sum(_in_no_batch(record.state, record.uuid, claimed) for record in found.records.values())
    return replace(progress(found), unpackaged=waiting)


def _claimed(desk: Desk) -> Container[str]:
    outbox = desk.store.shard(OUTBOX)
    outbox.refresh()
    return outbox.table(CLAIMS)


def _in_no_batch(state: str, uuid: str, claimed: Container[str]) -> bool:
    return state == RecordState.ISSUED and uuid not in claimed


def count_records(desk: Desk) -> Counter[RecordState]:
    """Return how many records of the classes that can be read are in each state; much faster than a review."""
    return Counter(
        RecordState(document.get("state") or RecordState.DRAFT)
        for room in desk.readable(desk.my_classes())
        for document in desk.class_shard(room.key).table(RECORDS).values()
    )


def current_period(desk: Desk) -> Period:
    """Return the latest period whose window is open; the year's end when none is."""
    opened = [period for period in Period if is_open(desk.school, period, desk.clock.today())]
    return opened[-1] if opened else Period.END_YEAR


def tasks(desk: Desk) -> tuple[Task, ...]:
    """Return the actor's tasks."""
    found = [*_unreadable(desk), *_drafts(desk)]
    for room in desk.readable(desk.my_classes()):
        if room.homeroom == desk.actor.key:
            found += _homeroom(desk, room)
    found += _subjects(desk)
    if desk.actor.has(Role.PRINCIPAL, Role.DEPUTY):
        found += _principal(desk)
    if desk.actor.has(Role.CLERK):
        found += _clerk(desk)
    if may(desk.actor, Act.VERIFY).allowed:
        found.append(Task("Kiểm tra tệp từ nơi khác", "học bạ nhận về, tệp XML có chữ ký", "verify"))
    if desk.actor.has(Role.ADMINISTRATOR):
        found.append(Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"))
        detail, urgent = backup_note(desk)
        found.append(Task("Sao lưu", detail, "doctor", urgent=urgent))
        found.append(Task("Khám máy", "cài gì, token nào, thiếu gì", "doctor"))
    if countable_classes(desk):
        found.append(Task("Thống kê", "số liệu để báo cáo, xuất Excel", "statistics"))
    if len(desk.my_classes()) > 1:
        found.append(Task("Các lớp", f"{len(desk.my_classes())} lớp, tiến độ từng lớp", "classes"))
    return tuple(found)


def _unreadable(desk: Desk) -> Iterator[Task]:
    """Yield what keeps the actor from a part of their work, while the rest goes on."""
    if damage := desk.school_shard.damage:
        yield Task("Kho chỉ xem được, không ghi được", damage, "", urgent=True)
    for room in desk.my_classes():
        if why := desk.unreadable(room.key):
            yield Task(f"Lớp {room.key}: KHÔNG ĐỌC ĐƯỢC", why, "", urgent=True)


def _drafts(desk: Desk) -> list[Task]:
    """Return the comments that were being typed when the connection dropped."""
    rooms = {room.key for room in desk.readable(desk.my_classes())}
    return [
        Task(
            f"Nhận xét đang gõ dở lớp {draft.class_key}",
            Pupil.from_fields(draft.pupil, desk.class_shard(draft.class_key).document(PUPILS, draft.pupil)).name,
            "grid", draft.class_key, pupil=draft.pupil, field=draft.cell.field, urgent=True,
        )
        for draft in drafts(desk) if draft.class_key in rooms
    ]  # fmt: skip


def _homeroom(desk: Desk, room: ClassRoom) -> list[Task]:
    found = review(desk, room.key)
    at = progress(found)
    mine = [gap for gap in found.gaps if _teacher_of(room, gap.field) == desk.actor.key]
    own = len(mine)
    closed = not is_open(desk.school, Period.END_YEAR, desk.clock.today())
    left = f"{own} ô của bạn còn trống" if own else "không còn ô trống nào của bạn"
    if damaged := bool(desk.class_shard(room.key).damage):
        closed, reason = True, "tệp của lớp bị hỏng, chỉ xem được"
    else:
        reason = "kỳ cuối năm đang khóa"
    first = {"pupil": mine[0].pupil, "field": mine[0].field} if mine else {}
    returned = [pupil for pupil in found.drafts if found.records[pupil.key].reason]
    lines = [
        Task(f"Nhập kết quả lớp {room.key}", reason if closed else left, "grid", room.key,
             urgent=own > 0 and not closed, **first),
        Task(f"Rà soát lớp {room.key}", f"{at.gaps} ô trống, {at.ready} em nộp được", "review", room.key,
             urgent=at.gaps > 0),
    ]  # fmt: skip
    if returned:
        lines.append(Task("Hiệu trưởng trả lại", f"{len(returned)} em, xem lí do", "review", room.key, urgent=True))
    if damaged:
        pass  # Nothing can be submitted: the first line says why.
    elif desk.open_round() is None:
        lines.append(Task(f"Nộp học bạ lớp {room.key}", "hiệu trưởng chưa mở đợt phát hành", "submit", room.key))
    else:
        waiting = f"{at.ready} em sẵn sàng" if at.ready else f"đã nộp {at.pupils - len(found.drafts)}/{at.pupils} em"
        lines.append(Task(f"Nộp học bạ lớp {room.key}", waiting, "submit", room.key, urgent=at.ready > 0))
    lines.append(Task(f"Danh sách lớp {room.key}", f"{at.pupils} em", "roster", room.key))
    issued = at.issued + at.accepted + at.rejected
    if issued:
        refused = f", cổng từ chối {at.rejected}" if at.rejected else ""
        lines.append(Task(f"Học bạ đã phát hành lớp {room.key}", f"{issued} em{refused}", "issued", room.key))
    return lines


def _teacher_of(room: ClassRoom, field: str) -> str:
    item = Cell.parse(field).item
    return room.teacher_of(item) if item in SUBJECTS else room.homeroom


def _subjects(desk: Desk) -> list[Task]:
    """Return a subject teacher's tasks, one for each subject and class where they are not the homeroom teacher."""
    lines = []
    for room in desk.readable(desk.my_classes()):
        for subject in subjects_of(room):
            if room.homeroom != desk.actor.key and room.teacher_of(subject.code) == desk.actor.key:
                gaps = sum(1 for gap in review(desk, room.key).gaps if Cell.parse(gap.field).item == subject.code)
                detail = f"{gaps} ô trống" if gaps else "đã đủ"
                lines.append(
                    Task(f"{subject.name} lớp {room.key}", detail, "grid", room.key, subject.code, urgent=gaps > 0)
                )
    return lines


def _open_periods(desk: Desk) -> list[str]:
    school, today = desk.school, desk.clock.today()
    return [period.label for period in Period if is_open(school, period, today)]


def _principal(desk: Desk) -> list[Task]:
    waiting = count_records(desk)[RecordState.SUBMITTED]
    opened = desk.open_round()
    detail = f"{opened.name}, ngày {day_first(opened.date)}" if opened else "chưa mở; giáo viên chưa nộp được"
    return [
        Task("Đợt phát hành", detail, "round", urgent=opened is None),
        Task("Duyệt và ký học bạ", f"{waiting} học bạ chờ duyệt", "approve", urgent=waiting > 0),
        Task("Mở, khóa các kỳ nhập", ", ".join(_open_periods(desk)) or "đang khóa cả", "periods"),
        Task("Còn thiếu theo giáo viên", f"kỳ {current_period(desk).label}, và các kỳ khác", "owing"),
        Task("Hộp gửi và kết quả tiếp nhận", "", "outbox"),
    ]  # fmt: skip


def _clerk(desk: Desk) -> list[Task]:
    try:
        claimed, packages = _claimed(desk), outbox(desk)
    except StoreUnusable as error:
        # The outbox has files of its own: lists and seals do not need them.
        return [
            Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"),
            Task("Đóng dấu (ký số phát hành)", "chưa đếm được", "seal"),
            Task("Hộp gửi: KHÔNG ĐỌC ĐƯỢC", error.what, "", urgent=True),
        ]
    waiting = count_records(desk)[RecordState.APPROVED] + sum(
        _in_no_batch(document.get("state", ""), document.get("uuid", ""), claimed)
        for room in desk.readable(desk.my_classes())
        for document in desk.class_shard(room.key).table(RECORDS).values()
    )
    unsent = sum(len(package.uuids) for package in packages if package.state in (QUEUED, UNKNOWN))
    return [
        Task("Nạp danh sách lớp từ Excel", "tệp C1-HocSinh", "intake"),
        Task("Đóng dấu (ký số phát hành)", f"{waiting} học bạ chờ", "seal", urgent=waiting > 0),
        Task("Hộp gửi và kết quả tiếp nhận", f"{unsent} học bạ chưa gửi", "outbox", urgent=unsent > 0),
    ]
