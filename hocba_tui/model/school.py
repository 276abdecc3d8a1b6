"""The school: its names and codes, staff, classes, and the round in which records are issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Self

from hocba_tui.model.values import Role


@dataclass(frozen=True)
class _FromFields:
    """Reading from and writing to a store's document; unknown fields are ignored."""

    key: str

    @classmethod
    def from_fields(cls, key: str, document: Mapping[str, Any]) -> Self:
        """Build from ``document``, which the store keeps under ``key``."""
        names = {f.name for f in fields(cls)} - {"key"}
        known = {name: value for name, value in document.items() if name in names and value is not None}
        return cls(key=key, **{n: tuple(v) if isinstance(v, list) else v for n, v in known.items()})

    def to_fields(self) -> dict[str, Any]:
        """Return the document for the store."""
        document = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "key"}
        return {name: value for name, value in document.items() if value not in ("", (), {}, None)}


@dataclass(frozen=True)
class School(_FromFields):
    """Settings of the school."""

    name: str = ""
    code: str = ""
    department: str = ""
    """Sở Giáo dục và Đào tạo."""
    department_code: str = ""
    commune: str = ""
    district: str = ""
    """Abolished on 1 July 2025, still required by hbs-1.0; see docs/data.md for the default."""
    province: str = ""
    address: str = ""
    commune_code: str = ""
    province_code: str = ""
    former_codes: tuple[str, ...] = ()
    """The Ministry's codes that the school had earlier, such as before the merger of July 2025."""
    year: str = ""
    training: bool = False
    today: str = ""
    """Training stores only: the day that windows and deadlines use (ISO)."""
    deadline_completed: str = ""
    deadline_others: str = ""
    open_periods: tuple[str, ...] = ()
    """Periods whose window the principal has opened, until closed again."""
    windows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Window of each period, its first and last day (ISO): on these days the period is open automatically."""
    portal: str = ""
    seal_certificate: str = ""
    """SHA-256 fingerprint (hex) of the registered seal certificate."""
    seal_until: str = ""
    """The day on which it ends; ISO, empty where an older version registered it."""
    profile: str = "hbs-1.0"
    xades: bool = False
    """Whether new signatures carry XAdES properties in addition to the state's recipe."""
    timestamps: str = ""
    """Address of the time-stamp authority for new signatures (RFC 3161); empty for none."""
    idle_minutes: int = 15
    """Minutes without a key after which a session on the server ends."""
    idle_admin: int = 5
    """The same for who manages accounts."""
    trusted_by_key: bool = False
    """Whether heads, clerks and administrators may come in by a key of the login account that all share."""


class Post(NamedTuple):
    """A role by duty, as a decision of the school gives it: it holds from its first to its last day and no longer."""

    role: str
    """``group_head`` or ``working_group``."""
    since: str
    until: str
    """ISO dates, both included."""
    decision: str
    """Number and date of the decision."""
    grades: Sequence[int] = ()
    """The grades of the subject group; none: all grades in which its subjects are taught."""
    subjects: Sequence[str] = ()
    """Codes of the subjects of the group; none: all subjects of its grades."""


@dataclass(frozen=True)
class Staff(_FromFields):
    """A member of staff and the account of their login; ``key`` is the account name."""

    name: str = ""
    sex: str = ""
    personal_id: str = ""
    title: str = ""
    """Post as printed: Hiệu trưởng, Phó hiệu trưởng, Giáo viên, Văn thư."""
    roles: tuple[str, ...] = ()
    system_user: str = ""
    """Name of this person's user of the operating system."""
    certificate: str = ""
    """SHA-256 fingerprint (hex) of the registered personal certificate."""
    certificate_until: str = ""
    """The day on which it ends; ISO, empty where an older version registered it."""
    email: str = ""
    job: str = ""
    """Vị trí việc làm and nhóm chức vụ, as listed by CSDL ngành."""
    birth: str = ""
    """ISO."""
    subjects: tuple[str, ...] = ()
    """Codes of the subjects that the person teaches."""
    left: str = ""
    """ISO date on which the person left the school; from then on the account can do nothing."""
    closed: str = ""
    """ISO date from which the account is switched off until somebody opens it again; the person still belongs here."""
    why_closed: str = ""
    recovered: str = ""
    """Who let this account into the store from the machine, when, and by which decision; shown at every log-in."""

    posts: tuple[Sequence[Any], ...] = ()
    """The roles by duty; see :class:`Post`."""

    @classmethod
    def from_fields(cls, key: str, document: Mapping[str, Any]) -> Self:
        """Build from ``document``; a value that no version of the program has written gives nothing and opens nothing.

        A role that there is not and a text that is none are as if they were not there; with such a ``left`` the person
        has left, with such a ``closed`` the account is switched off. In a damaged store an account may do less, never
        more, and stops nobody else.
        """
        return super().from_fields(key, {name: _sound(name, value) for name, value in document.items()})

    @classmethod
    def odd_fields(cls, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the fields of a document that :meth:`from_fields` does not read as they are."""
        known = {f.name for f in fields(cls)}
        return tuple(name for name, value in document.items() if name in known and _sound(name, value) != value)

    @property
    def barred(self) -> bool:
        """Return whether the account can do nothing: the person has left, or it is switched off."""
        return bool(self.left or self.closed)

    def has(self, *roles: Role) -> bool:
        """Return whether the person holds one of ``roles``."""
        return any(role.value in self.roles for role in roles)

    @property
    def duties(self) -> tuple[Post, ...]:
        """Return the roles by duty, also those that have ended or not begun."""
        return tuple(Post(*row[:4], *map(tuple, row[4:])) for row in self.posts)


ODD_DAY = "?"
"""The day on which somebody has left of whom the store says it in a way that cannot be read."""
_LISTS = ("roles", "subjects")


def _sound(name: str, value: Any) -> Any:  # noqa: ANN401
    """Return a field of an account as it may be read, None where that is nothing."""
    if name == "posts":
        return [row for row in value if _is_post(row)] if isinstance(value, list | tuple) else None
    if name in _LISTS:
        texts = [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []
        return [text for text in texts if name != "roles" or text in set(Role)]
    if value is None or isinstance(value, str):
        return value
    return ODD_DAY if name in ("left", "closed") else None


def _is_post(row: Any) -> bool:  # noqa: ANN401
    if not isinstance(row, list | tuple) or len(row) not in (4, 6) or row[0] not in list(Role):
        return False
    kinds = zip(row[4:], (int, str), strict=False)
    return all(isinstance(text, str) for text in row[:4]) and all(
        isinstance(many, list | tuple) and all(isinstance(one, kind) for one in many) for many, kind in kinds
    )


class Duty(NamedTuple):
    """One row of the assignment of teachers: a replacement during the year adds a row."""

    what: str
    """A subject's code, or ``homeroom``."""
    account: str
    since: str
    """ISO date."""


@dataclass(frozen=True)
class ClassRoom(_FromFields):
    """A class of one school year; ``key`` is its name, such as 5A."""

    grade: int = 0
    code: str = ""
    homeroom: str = ""
    """Account of the homeroom teacher."""
    teachers: Mapping[str, str] = field(default_factory=dict)
    """Subject code to account; subjects not named are the homeroom teacher's."""
    optional: tuple[str, ...] = ()
    """Optional subjects that the class studies."""
    tested: tuple[str, ...] = ()
    """Optional subjects for which the province requires a periodic test; the law requires none."""
    combined: tuple[int, ...] = ()
    """Further grades in a combined class (lớp ghép); each pupil there has a grade of their own."""
    year: str = ""
    """School year, such as 2025-2026: it decides which version of the rules applies."""
    duties: tuple[Sequence[str], ...] = ()
    """Who taught what, and since when, oldest first; see :class:`Duty`."""

    def teacher_of(self, subject: str) -> str:
        """Return the account that teaches ``subject`` here."""
        return self.teachers.get(subject) or self.homeroom

    @property
    def grades(self) -> tuple[int, ...]:
        """Return the grades of this class."""
        return tuple(sorted({self.grade, *self.combined})) if self.combined else (self.grade,)


@dataclass(frozen=True)
class IssueRound(_FromFields):
    """Đợt phát hành: who signs, with which title, where, and on which date. Copied into each record."""

    name: str = ""
    year: str = ""
    signer: str = ""
    """Account of the principal or deputy who signs."""
    signer_name: str = ""
    signer_id: str = ""
    signer_title: str = ""
    place: str = ""
    date: str = ""
    """ISO: the date of issue printed in the record."""
    open: bool = True
