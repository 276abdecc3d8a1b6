"""A pupil, with the facts of the birth certificate and the class list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import Any, NamedTuple

from hocba_tui.text import given_name, name_order


class Sex(StrEnum):
    """Sex as written in the birth certificate."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = ""

    @property
    def label(self) -> str:
        """Return the word on the screen and in the card."""
        return {"male": "Nam", "female": "Nữ", "": ""}[self.value]


@dataclass(frozen=True)
class SchoolYearRow:
    """One row of QUÁ TRÌNH HỌC TẬP: an earlier year or the present one."""

    year: str
    class_name: str
    school: str
    arrived: str
    province: str = ""
    extract: str = ""
    """Not empty when the row was copied from a paper card (TrichLuc): the paper's number or date."""


class Movement(StrEnum):
    """What happened to a pupil's place in the school."""

    CAME = "came"
    LEFT = "left"
    RETURNED = "returned"
    CHANGED_CLASS = "changed_class"
    REPEATS = "repeats"

    @property
    def label(self) -> str:
        """Return the words on the screen."""
        return {
            "came": "vào trường",
            "left": "rời trường",
            "returned": "học lại",
            "changed_class": "chuyển lớp",
            "repeats": "lưu ban",
        }[self.value]


class Enrolment(NamedTuple):
    """One movement: ``day`` is ISO, ``place`` a class or a school, depending on the kind."""

    kind: str
    day: str
    place: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Pupil:
    """One pupil of one class. ``key`` is ours and never changes; ``code`` is the Ministry's and may change."""

    key: str
    code: str = ""
    name: str = ""
    birth: str = ""
    """ISO, possibly only ``YYYY-MM`` or ``YYYY``."""
    sex: str = ""
    personal_id: str = ""
    ethnic: str = ""
    nationality: str = "Việt Nam"
    birthplace: str = ""
    hometown: str = ""
    address: str = ""
    father: str = ""
    mother: str = ""
    guardian: str = ""
    register_no: str = ""
    disability: str = ""
    assessed: bool = True
    """False for a disabled pupil who is not assessed (CoKhuyetTatKhongDanhGia)."""
    exempt: str = ""
    """Subject codes from which the pupil is exempt, separated by spaces."""
    plan: str = ""
    """The individual plan (kế hoạch giáo dục cá nhân) that the pupil follows: its number or date."""
    not_in_plan: str = ""
    """Codes of subjects, qualities and competencies that the plan leaves out, separated by spaces."""
    grade: int | None = None
    """The pupil's own grade in a combined class; None: the grade of the class."""
    policy: str = ""
    """Đối tượng chính sách, as in the national dictionary."""
    former_codes: tuple[str, ...] = ()
    """Codes that the pupil had before, such as a temporary one."""
    birthplace_code: str = ""
    hometown_code: str = ""
    address_code: str = ""
    """Codes of commune (5 digits) or province (2), QĐ 19/2025/QĐ-TTg; optional everywhere."""
    joined: str = ""
    left: str = ""
    """ISO date of leaving; empty while the pupil studies here."""
    left_reason: str = ""
    history: tuple[SchoolYearRow, ...] = ()
    enrolment: tuple[Enrolment, ...] = ()

    @property
    def studying(self) -> bool:
        """Return whether the pupil is in the class now."""
        return not self.left

    @property
    def given(self) -> str:
        """Return the given name."""
        return given_name(self.name)

    @property
    def exempt_subjects(self) -> frozenset[str]:
        """Return the subjects from which the pupil is exempt."""
        return frozenset(self.exempt.split())

    @property
    def left_out(self) -> frozenset[str]:
        """Return what the individual plan leaves out."""
        return frozenset(self.not_in_plan.split())

    @classmethod
    def from_fields(cls, key: str, document: Mapping[str, Any]) -> Pupil:
        """Build a pupil from the store's document; unknown fields are ignored."""
        known = {name: document[name] for name in PUPIL_FIELDS if document.get(name) is not None}
        for name, kind in (("history", SchoolYearRow), ("enrolment", Enrolment)):
            known[name] = tuple(kind(*row) for row in known.get(name) or ())
        known["former_codes"] = tuple(known.get("former_codes") or ())
        return cls(key=key, **known)

    def to_fields(self) -> dict[str, Any]:
        """Return the document for the store, without fields that hold nothing."""
        document: dict[str, Any] = {name: getattr(self, name) for name in PUPIL_FIELDS}
        document["history"] = [_short(astuple(row)) for row in self.history]
        document["enrolment"] = [_short(row) for row in self.enrolment]
        document["former_codes"] = list(self.former_codes)
        return {name: value for name, value in document.items() if value not in ("", [], None)}


def _short(row: tuple[Any, ...]) -> list[Any]:
    """Return a row without the empty columns at its end, as earlier versions wrote it."""
    cells = list(row)
    while cells and cells[-1] == "":
        cells.pop()
    return cells


PUPIL_FIELDS = tuple(field.name for field in fields(Pupil) if field.name != "key")


def class_order(pupil: Pupil) -> tuple[object, ...]:
    """Return the sort key of a class list: given name, family name, middle names, then code."""
    return (name_order(pupil.name), pupil.birth, pupil.code, pupil.key)
