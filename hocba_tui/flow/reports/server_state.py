"""The state of the server, in a few lines: last backup and drill, last check, disk, who is in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.flow.reports.backup_note import backup_note, days_since, in_days
from hocba_tui.rules.permits import Act
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.presence import who_is_in

_CHECK_DAYS = 8
"""Age in days from which a check is too old: one a night, or at least one a week by hand."""
_LEAST_FREE, _LEAST_SHARE = 1_000_000_000, 0.05


@dataclass(frozen=True)
class Fact:
    """One line of the state."""

    key: str
    words: str
    wrong: bool = False
    """Whether something should be done about it."""
    now: str = ""
    """What to do, or more about it."""


def state_of(desk: Desk) -> tuple[Fact, ...]:
    """Return the state of the server, for who looks after it."""
    school = desk.open_school()
    school.require(Act.LOOK_AFTER)
    return (_backup(desk), _check(desk), _disk(desk), _people(school, desk))


def _backup(desk: Desk) -> Fact:
    words, wrong = backup_note(desk)
    folder = read_state(desk.root).folder
    where = f" Bản cuối ở {folder}." if folder else ""
    return Fact("backup", f"Sao lưu: {words}", wrong, f"F3: sao lưu ngay. Diễn tập: hocba backup --drill.{where}")


def _check(desk: Desk) -> Fact:
    last, training = read_state(desk.root).check, desk.school.training
    if last is None:
        return Fact("check", "Kiểm tra kho: chưa lần nào", not training, "F3: kiểm tra kho.")
    days = days_since(desk, last.at)
    found = f"CÓ {last.lost} CHỖ HỎNG" if last.lost else "còn nguyên"
    remedy = "Báo người giữ máy chủ: hocba store check." if last.lost else "F3: kiểm tra kho."
    wrong = last.lost > 0 or (days > _CHECK_DAYS and not training)
    return Fact("check", f"Kiểm tra kho: {found}, {in_days(days)}", wrong, remedy)


def _disk(desk: Desk) -> Fact:
    try:
        found = shutil.disk_usage(desk.root)
    except OSError:
        return Fact("disk", "Đĩa của kho: không đo được", wrong=True, now="Báo người giữ máy chủ.")
    low = found.free < max(_LEAST_FREE, found.total * _LEAST_SHARE)
    words = f"Đĩa của kho: còn {_gigabytes(found.free)} trên {_gigabytes(found.total)}"
    return Fact("disk", words, low, "Đầy đĩa thì không ghi được điểm: dọn bớt, hoặc thêm đĩa." if low else "")


def _people(school: OpenSchool, desk: Desk) -> Fact:
    lines = list(_sessions(school, desk))
    return Fact("people", f"Đang vào: {len(lines)} phiên", now="; ".join(lines))


def _sessions(school: OpenSchool, desk: Desk) -> Iterator[str]:
    """Yield who has the store open and since when, the first first; a command counts like a screen."""
    for one in sorted(who_is_in(desk.root), key=lambda holder: holder.at):
        name = school.staff(one.account).name or one.account or "?"
        own = ", phiên này" if one.pid == os.getpid() else ""
        yield f"{name} ({one.account or '?'}) từ {_clock_time(one.at)}{own}"


def _clock_time(at: str) -> str:
    try:
        return f"{datetime.fromisoformat(at):%H:%M %d/%m}"
    except ValueError:
        return "?"


def _gigabytes(size: int) -> str:
    return f"{size / 1_000_000_000:.1f} GB".replace(".", ",")


def in_short(facts: Sequence[Fact]) -> tuple[str, bool]:
    """Return what a line of the home screen says of the state without the backup, and whether it is urgent."""
    others = {fact.key: fact for fact in facts if fact.key != "backup"}
    if wrong := [fact for fact in others.values() if fact.wrong]:
        what, _, words = wrong[0].words.partition(": ")
        return f"{what.lower()}: {words.partition(' trên ')[0]}", True
    return f"{others['people'].words.partition(': ')[2]} đang vào, đĩa {_free(others['disk'])}", False


def _free(disk: Fact) -> str:
    return disk.words.partition(": ")[2].partition(" trên ")[0]
