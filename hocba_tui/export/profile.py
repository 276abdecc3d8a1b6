"""A format is data: a folder with the element order, names, sources, lengths, slots and XSD."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

from hocba_tui.errors import StoreUnusable
from hocba_tui.model.values import Slot


@dataclass(frozen=True)
class Field:
    """One element of the data region."""

    block: str
    tag: str
    source: str
    """Name of the fact that fills it, or ``constant.`` and a name of the profile's constants."""
    kind: str
    max: int
    """Characters."""
    required: bool


@dataclass(frozen=True)
class SlotPlace:
    """A signature's place: an element of the signature list, outside the data region."""

    slot: Slot
    required: bool
    holder: str
    """Tag of the region's field with the holder's personal id, empty for the school's seal."""
    name: str = ""
    """Tag of the region's field with the holder's name."""


@dataclass(frozen=True)
class Profile:
    """One format of the record."""

    name: str
    title: str
    status: str
    tree: Mapping[str, str]
    constants: Mapping[str, str]
    subject_codes: Mapping[str, str]
    slots: tuple[SlotPlace, ...]
    fields: tuple[Field, ...]
    xsd: bytes

    def block(self, name: str) -> tuple[Field, ...]:
        """Return the fields of one block in their order."""
        return tuple(field for field in self.fields if field.block == name)

    def place(self, slot: Slot) -> SlotPlace:
        """Return where ``slot`` stands."""
        return next(place for place in self.slots if place.slot is slot)


@cache
def load_profile(name: str) -> Profile:
    """Return the profile ``name`` that lies in the package; StoreUnusable when there is none."""
    folder = files("hocba_tui.export") / "profiles" / name
    if not folder.is_dir() or "/" in name or name.startswith("."):
        raise StoreUnusable(f"Không có định dạng “{name}” trong bản cài này.")
    data = tomllib.loads((folder / "profile.toml").read_text(encoding="utf-8"))
    rows = csv.DictReader(StringIO((folder / "fields.csv").read_text(encoding="utf-8")))
    return Profile(
        name=data["name"],
        title=data["title"],
        status=data["status"],
        tree=data["tree"],
        constants=data["constants"],
        subject_codes=data["subject_codes"],
        slots=tuple(
            SlotPlace(Slot(s["name"]), s["required"], s.get("holder", ""), s.get("name_in", "")) for s in data["slot"]
        ),
        fields=tuple(
            Field(r["block"], r["tag"], r["source"], r["kind"], int(r["max"]), r["required"] == "x") for r in rows
        ),
        xsd=(folder / f"{name}.xsd").read_bytes(),
    )
