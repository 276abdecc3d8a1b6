"""The desk of a person at work: an open store, the acting account, and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import Refused
from hocba_tui.flow.open_school import (
    APPLIED,
    BANK,
    CLAIMS,
    CLASSES,
    INDEX,
    ISSUE_ROUNDS,
    PACKAGES,
    PROPOSALS,
    PUPILS,
    RECORDS,
    REQUESTS,
    RESULTS,
    STAFF,
    OpenClass,
    OpenSchool,
)
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom, IssueRound, School, Staff
from hocba_tui.rules.permits import Act, Permission
from hocba_tui.store.backend import Shard, Store
from hocba_tui.text import clean_line, day_first

__all__ = [
    "APPLIED", "BANK", "CLAIMS", "CLASSES", "INDEX", "ISSUE_ROUNDS", "PACKAGES", "PROPOSALS", "PUPILS", "RECORDS",
    "REQUESTS", "RESULTS", "STAFF", "WITHOUT_STAMPS", "Desk", "OpenClass", "OpenSchool", "past_day",
]  # fmt: skip


@dataclass
class Desk:
    """What every verb needs. A verb opens the school or a class once; what it opened is one moment.

    The other methods open the school again, each for one look: for screens and commands, which hold nothing open. What
    they return of a class is for whom may see it: NotAllowed for others.
    """

    store: Store
    account: str
    """The acting account, which belongs to the login."""
    clock: Clock
    root: Path
    """Folder of the school's files; the trusted issuers are in its folder ``trust``."""
    portal: str = ""
    """Address of the portal for this session; empty: the school's own."""
    tray: bool = False
    """Whether the person sits at another computer and has no files on this one: see :mod:`hocba_tui.flow.handing_out`.
    """
    memory: dict[tuple[str, str], object] = field(default_factory=dict, compare=False, repr=False)
    """What this session has worked out, to be worked out again only when what it rests on has changed."""
    by_key: bool = False
    """Whether the actor is whom a key of the login that all share belongs to, and not a user of the machine."""

    def open_school(self) -> OpenSchool:
        """Open the school as it is now."""
        return OpenSchool(self.store, self.account, self.clock.today())

    def open_class(self, key: str, act: Act | None = None, subject: str = "") -> OpenClass:
        """Open a class as it is now; errors as for :meth:`OpenSchool.open_class`."""
        return self.open_school().open_class(key, act, subject)

    # --- one look ------------------------------------------------------------------------------

    @property
    def school_shard(self) -> Shard:
        """Return the school's own shard, refreshed."""
        return self.open_school().shard

    @property
    def school(self) -> School:
        """Return the school's settings."""
        return self.open_school().settings

    @property
    def actor(self) -> Staff:
        """Return the acting member of staff as the school knows them now."""
        return self.open_school().actor

    def staff(self, account: str) -> Staff:
        """Return a member of staff; an unknown account has no name and no roles."""
        return self.open_school().staff(account)

    def everybody(self) -> tuple[Staff, ...]:
        """Return all staff."""
        return self.open_school().everybody()

    def require(self, act: Act, classroom: ClassRoom | None = None, subject: str = "") -> None:
        """Raise NotAllowed unless the actor may do ``act``."""
        self.open_school().require(act, classroom, subject)

    def may(self, act: Act, classroom: ClassRoom | None = None, subject: str = "") -> Permission:
        """Return whether the actor may do ``act`` today."""
        return self.open_school().may(act, classroom, subject)

    def open_round(self) -> IssueRound | None:
        """Return the issue round that is open, None before the principal has opened one."""
        return self.open_school().open_round()

    def classroom(self, key: str) -> ClassRoom:
        """Return a class; Refused when there is no class of that name."""
        return self.open_school().classroom(key)

    def classrooms(self) -> tuple[ClassRoom, ...]:
        """Return all classes, in order."""
        return self.open_school().classrooms()

    def my_classes(self) -> tuple[ClassRoom, ...]:
        """Return the classes that the actor may see, the actor's own homeroom class first."""
        return self.open_school().my_classes()

    def class_shard(self, key: str) -> Shard:
        """Return the shard of a class in the present school year, refreshed; the actor must be allowed to see it."""
        return self.open_class(key, Act.VIEW_CLASS).shard

    def pupils(self, key: str, *, with_left: bool = False) -> tuple[Pupil, ...]:
        """Return the pupils of a class in class order, with those who have left when ``with_left`` is set.

        Without the sensitive fields that the actor may not read.
        """
        return self.open_class(key, Act.VIEW_CLASS).shown_pupils(with_left=with_left)

    def results(self, key: str) -> Mapping[str, Results]:
        """Return the results of a class by pupil key, without the cells that the actor may not read."""
        return self.open_class(key, Act.VIEW_CLASS).shown_results()

    def records(self, key: str) -> Mapping[str, Record]:
        """Return the record of every pupil of a class by pupil key; a draft where nothing was submitted."""
        return self.open_class(key, Act.VIEW_CLASS).records

    def unreadable(self, key: str) -> str:
        """Return why a class cannot be read at all (another owner, a link, a lock); empty when it can."""
        return self.open_school().unreadable(key)

    def damage(self, key: str) -> str:
        """Return why a class cannot be read, or can only be read; empty when nothing is wrong with its files."""
        return self.open_school().damage(key)

    def readable(self, rooms: Iterable[ClassRoom]) -> tuple[ClassRoom, ...]:
        """Return the classes whose files can be read, so that one that cannot does not stop work on the others."""
        return self.open_school().readable(rooms)


WITHOUT_STAMPS = (
    "Chữ ký không có dấu thời gian: từ ngày chứng thư hết hạn, nơi khác không tự chứng minh được nữa là đã ký lúc còn "
    "hạn. Muốn có: hocba school set xades=có timestamps=ĐỊA_CHỈ."
)
"""What a school that asks for no time-stamps is told when it is set up, and who registers a certificate."""


def past_day(school: OpenSchool, typed: str) -> str:
    """Return the ISO date of ``typed`` (dd/mm/yyyy, or dd/mm of the school year).

    Refused when it cannot be read or is in the future.
    """
    from hocba_tui.intake.dates import in_school_year, read_date

    text = clean_line(typed)
    day = None if text.isdigit() else read_date(in_school_year(text, school.settings.year))
    if not day:
        raise Refused(f"Ngày “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 12/01/2026.")
    if day > school.today.isoformat():
        raise Refused(f"Ngày {day_first(day)} chưa tới.", "Ghi hôm nay hoặc một ngày đã qua.")
    return day
