"""Assign teachers to a class, at the beginning of the year or as a replacement during it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import CLASSES, STAFF, Desk, OpenSchool, past_day
from hocba_tui.flow.seen import changed_since
from hocba_tui.model.school import ClassRoom, Duty, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.curriculum import subjects_of
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Edit, Expect, Value
from hocba_tui.text import day_first

HOMEROOM = "homeroom"
"""The duty of a homeroom teacher; the other duties are the codes of subjects."""


def duties_of(classroom: ClassRoom) -> dict[str, str]:
    """Return the duties of a class, ``homeroom`` and the code of each subject, with their Vietnamese names."""
    return {HOMEROOM: "Chủ nhiệm", **{subject.code: subject.name for subject in subjects_of(classroom)}}


def holder_of(classroom: ClassRoom, what: str) -> str:
    """Return the account that has the duty now, empty when nobody has."""
    return classroom.homeroom if what == HOMEROOM else classroom.teacher_of(what)


def may_teach(person: Staff) -> bool:
    """Return whether a person can be assigned: a teacher, principal or deputy who has not left, not an administrator.

    The teacher of a subject enters its results, and an administrator must not change any (QĐ 1789 Điều 5.3c).
    """
    teaches = person.has(Role.TEACHER, Role.PRINCIPAL, Role.DEPUTY) and not person.has(Role.ADMINISTRATOR)
    return teaches and not person.left


@dataclass(frozen=True)
class Change:
    """An assignment that is about to be made: who has the duty now and who will, from which day (ISO)."""

    classroom: ClassRoom
    what: str
    before: Staff | None
    """None when nobody has it."""
    after: Staff
    since: str


def assign(desk: Desk, class_key: str, what: str, account: str, since: str, seen: str | None = None) -> ClassRoom:
    """Assign the duty ``what`` (a subject's code or ``homeroom``) to ``account`` from ``since`` (dd/mm/yyyy) on.

    Return the class. Its list of duties keeps the person who had the duty before. Submitted records do not change:
    they keep the names of the day of submission. Refused when the person cannot teach, the class does not study the
    subject, or the day is in the future or before the last change of the same duty; Conflict when the duty is not
    ``seen``'s any more, the account that the actor was shown, and when another person changes the class or the account
    at the same time.
    """
    assign_in(desk, {class_key: seen}, what, account, since)
    return desk.classroom(class_key)  # Opened again: as it is with the change.


def assign_in(desk: Desk, seen: Mapping[str, str | None], what: str, account: str, since: str) -> tuple[Change, ...]:
    """Assign a duty in several classes as one change, all or none; ``seen`` says for each whom the actor was shown.

    Errors as for :func:`assign`.
    """
    school, changes, edits = _look_through(desk, seen, what, account, since)
    # A change of a class or of this account by another person after the opening is a conflict.
    expecting = [Expect(CLASSES, key, dict(school.document(CLASSES, key))) for key in seen]
    expecting.append(Expect(STAFF, account, dict(school.document(STAFF, account))))
    school.shard.change(desk.account, "assign", edits, expecting=expecting)
    return changes


def look_at_assignment(
    desk: Desk, seen: Mapping[str, str | None], what: str, account: str, since: str
) -> tuple[Change, ...]:
    """Return what :func:`assign_in` would do, errors included; nothing is written."""
    return _look_through(desk, seen, what, account, since)[1]


def _look_through(
    desk: Desk, seen: Mapping[str, str | None], what: str, account: str, since: str
) -> tuple[OpenSchool, tuple[Change, ...], list[Edit]]:
    school = desk.open_school()
    school.require(Act.ASSIGN)
    what = what if what == HOMEROOM else what.upper()
    changes, edits = list[Change](), list[Edit]()
    for class_key, shown in seen.items():
        classroom = school.classroom(class_key)
        if what not in duties_of(classroom):
            raise Refused(f"Lớp {class_key} không học môn mã “{what[:16]}”.", "Mã: " + ", ".join(duties_of(classroom)))
        before = holder_of(classroom, what)
        if shown is not None and before != shown:
            now = school.staff(before).name or before or "chưa có ai"
            duty = f"phân công lớp {class_key}, {duties_of(classroom)[what]}: nay là {now}"
            raise changed_since(school, CLASSES, class_key, ("homeroom", "teachers"), duty)
        _require_teacher(account, school.staff(account))
        if before == account:
            raise Refused(f"{account} đang được phân công việc này ở lớp {class_key}; không có gì để đổi.")
        day = past_day(school, since)
        edits += _edits(classroom, school.document(CLASSES, class_key), what, account, day)
        changes.append(Change(classroom, what, school.staff(before) if before else None, school.staff(account), day))
    return school, tuple(changes), edits


def _edits(classroom: ClassRoom, held: Mapping[str, Value], what: str, account: str, day: str) -> Iterator[Edit]:
    after: dict[str, Value] = {"duties": _duties(classroom, what, holder_of(classroom, what), account, day)}
    if what == HOMEROOM:
        after["homeroom"] = account
    else:
        others = {code: who for code, who in classroom.teachers.items() if code != what}
        after["teachers"] = others if account == classroom.homeroom else {**others, what: account}
    for name, value in after.items():
        yield Edit(CLASSES, classroom.key, name, held.get(name), value)


def _require_teacher(account: str, person: Staff) -> None:
    if not person.name:
        raise Refused(f"Không có tài khoản “{account[:32]}” trong trường này.", "Nạp danh sách cán bộ trước.")
    if person.left:
        raise Refused(f"{person.name} đã rời trường ngày {day_first(person.left)}; không phân công được.")
    if not may_teach(person):
        raise Refused(f"{person.name} ({account}) không phải giáo viên hay ban giám hiệu; không phân công được.")


def _duties(classroom: ClassRoom, what: str, before: str, account: str, day: str) -> list[list[str]]:
    """Return the duties of the class with the new one, and with the person who had it from the start of the year."""
    earlier = [Duty(*row) for row in classroom.duties]
    last = max((duty.since for duty in earlier if duty.what == what), default="")
    if day < last:
        raise Refused(
            f"Việc này ở lớp {classroom.key} đã được phân công lại ngày {day_first(last)}, sau ngày {day_first(day)}.",
            "Ghi ngày từ đó trở đi.",
        )
    start = f"{classroom.year[:4]}-09-05"
    if before and not last and start <= day:
        earlier.append(Duty(what, before, start))
    return [list(duty) for duty in (*earlier, Duty(what, account, day))]
