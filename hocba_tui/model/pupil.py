"""A pupil as the birth certificate and the class list know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

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
    """One row of QUÁ TRÌNH HỌC TẬP: an earlier or the present year."""

    year: str
    class_name: str
    school: str
    arrived: str


@dataclass(frozen=True)
class Pupil:
    """One pupil of one class. ``key`` is ours and never changes; ``code`` is the Ministry's and may."""

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
    joined: str = ""
    left: str = ""
    """ISO date of leaving; empty while the pupil studies here."""
    left_reason: str = ""
    history: tuple[SchoolYearRow, ...] = ()

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

    @classmethod
    def from_fields(cls, key: str, document: Mapping[str, Any]) -> Pupil:
        """Build a pupil from the store's document; unknown fields are ignored."""
        known = {name: document[name] for name in PUPIL_FIELDS if document.get(name) is not None}
        rows = known.pop("history", None) or ()
        return cls(key=key, history=tuple(SchoolYearRow(*row) for row in rows), **known)

    def to_fields(self) -> dict[str, Any]:
        """Return the document for the store: only what is known."""
        document: dict[str, Any] = {name: getattr(self, name) for name in PUPIL_FIELDS}
        document["history"] = [[r.year, r.class_name, r.school, r.arrived] for r in self.history]
        return {name: value for name, value in document.items() if value not in ("", [], None)}


PUPIL_FIELDS = tuple(field.name for field in fields(Pupil) if field.name != "key")


def class_order(pupil: Pupil) -> tuple[object, ...]:
    """Return the order of a class list: given name, family name, middle names, then code."""
    return (name_order(pupil.name), pupil.birth, pupil.code, pupil.key)
