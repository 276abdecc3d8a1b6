"""What of the log somebody may read: by their duty, and always what was done with their own account."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.flow.activity.kinds import Kind
from hocba_tui.flow.desk import OpenSchool
from hocba_tui.rules.permits import Act

OF_THE_MACHINE = frozenset({Kind.EXPORT, Kind.LOGIN, Kind.ACCOUNT, Kind.SETTING, Kind.MACHINE})
"""What who looks after accounts and the server needs, without anybody's results (QĐ 1789, Điều 5.3c)."""
OF_THE_CLASS = frozenset({Kind.CHANGE, Kind.EXPORT, Kind.SIGN, Kind.SEND})
"""What the homeroom teacher sees of the own class: what happened to it, and not who has looked."""


@dataclass(frozen=True)
class Reach:
    """What one person may read."""

    own: str
    """The account: what it did, and what was done to it."""
    whole: bool
    everywhere: frozenset[Kind]
    classes: frozenset[str]

    @classmethod
    def of(cls, school: OpenSchool) -> Reach:
        """Return the reach of the actor."""
        rooms = [room.key for room in school.classrooms() if school.may(Act.READ_LOG, room).allowed]
        everywhere = OF_THE_MACHINE if school.may(Act.READ_LOGINS).allowed else frozenset[Kind]()
        return cls(school.account, school.may(Act.READ_LOG).allowed, everywhere, frozenset(rooms))

    def has(self, kind: Kind, class_key: str, accounts: frozenset[str]) -> bool:
        """Return whether an act of a kind, in a class (empty: in none), by and about accounts may be read."""
        return (
            self.whole
            or self.own in accounts
            or kind in self.everywhere
            or (class_key in self.classes and kind in OF_THE_CLASS)
        )

    @property
    def words(self) -> str:
        """Return what may be read, for the person."""
        if self.whole:
            return "cả trường"
        found = ["việc của tài khoản này"]
        if self.classes:
            found.append(f"sửa, ký, gửi, xuất ở lớp {', '.join(sorted(self.classes))}")
        if self.everywhere:
            found.append("vào ra, tài khoản, cài đặt, xuất tệp của cả trường")
        return "; ".join(found)
