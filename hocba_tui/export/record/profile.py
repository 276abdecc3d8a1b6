"""Profiles: a format of the record as data, a folder with element order, names, sources, lengths, slots and XSD.

A profile with an ``enclosure`` nests: its region, and the signatures that cover only the region, are inside one
more element, which the later signatures cover with everything in it.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any

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
    label: str
    """What a person calls it."""


class Covers(StrEnum):
    """What a signature covers, beside its own time of signing."""

    REGION = "region"
    ENCLOSURE = "enclosure"


@dataclass(frozen=True)
class SlotPlace:
    """A signature's place: an element of a list of signatures, outside what the signature covers."""

    slot: Slot
    required: bool
    within: str
    """Tag of the list."""
    covers: Covers
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

    @property
    def enclosure(self) -> str:
        """Return the tag of the element around region and inner signatures, empty when the format has none."""
        return self.tree.get("enclosure", "")

    def region_id(self, uuid: str) -> str:
        """Return the Id of a record's region; unique also when many records are in one list."""
        return f"{self.tree['region_id']}{uuid}"

    def enclosure_id(self, uuid: str) -> str:
        """Return the Id of a record's enclosure."""
        return f"{self.tree['enclosure_id']}{uuid}"

    def region_path(self) -> str:
        """Return the path of the region below the root."""
        return "/".join(filter(None, (".", self.enclosure, self.tree["region"])))

    def path(self, slot: Slot) -> str:
        """Return the path of the element of ``slot`` below the root."""
        place = self.place(slot)
        return "/".join(filter(None, (".", self.enclosure if self.is_inner(place) else "", place.within, slot)))

    def is_inner(self, place: SlotPlace) -> bool:
        """Return whether a signature is inside the enclosure."""
        return bool(self.enclosure) and place.covers is Covers.REGION

    def lists(self, *, inner: bool) -> Mapping[str, tuple[SlotPlace, ...]]:
        """Return the lists of signatures inside the enclosure, or outside, each with its slots in order."""
        places = [place for place in self.slots if self.is_inner(place) is inner]
        return {name: tuple(p for p in places if p.within == name) for name in dict.fromkeys(p.within for p in places)}

    def outline(self) -> tuple[str, ...]:
        """Return the tags below the root, by which a file of this format is recognised."""
        return (self.enclosure or self.tree["region"], *self.lists(inner=False))

    def place(self, slot: Slot) -> SlotPlace:
        """Return the place of ``slot``."""
        return next(place for place in self.slots if place.slot is slot)


_FOLDER = files("hocba_tui.export") / "profiles"
DEFAULT = "hbs-1.0"


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles in this package, the default one first."""
    names = sorted(folder.name for folder in _FOLDER.iterdir() if (folder / "profile.toml").is_file())
    return (DEFAULT, *(name for name in names if name != DEFAULT))


def recognise(root_tag: str, outline: tuple[str, ...]) -> Profile:
    """Return the profile of a file with these tags, the default one when none fits."""
    profiles = map(load_profile, profile_names())
    fitting = (p for p in profiles if (p.tree["root"], p.outline()) == (root_tag, outline))
    return next(fitting, load_profile(DEFAULT))


@cache
def load_profile(name: str) -> Profile:
    """Return the profile ``name`` of this package; raise StoreUnusable when there is none."""
    if name not in profile_names():
        raise StoreUnusable(f"Không có định dạng “{name}” trong bản cài này.")
    data, rows = read_profile(name)
    return Profile(
        name=data["name"],
        title=data["title"],
        status=data["status"],
        tree=data["tree"],
        constants=data["constants"],
        subject_codes=data["subject_codes"],
        slots=tuple(map(_place, data["slot"])),
        fields=tuple(
            Field(r["block"], r["tag"], r["source"], r["kind"], int(r["max"]), r["required"] == "x", r["label"])
            for r in rows
        ),
        xsd=(_FOLDER / name / f"{name}.xsd").read_bytes(),
    )


def _place(said: Mapping[str, Any]) -> SlotPlace:
    slot, covers = Slot(said["name"]), Covers(said["covers"])
    return SlotPlace(slot, said["required"], said["within"], covers, said.get("holder", ""), said.get("name_in", ""))


def read_profile(name: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what ``profile.toml`` says and the rows of ``fields.csv``; what is absent comes from the ``base``."""
    folder = _FOLDER / name
    data = tomllib.loads((folder / "profile.toml").read_text(encoding="utf-8"))
    base, rows = read_profile(data["base"]) if "base" in data else ({}, [])
    own = folder / "fields.csv"
    if own.is_file():
        rows = list(csv.DictReader(StringIO(own.read_text(encoding="utf-8"))))
    return {**base, **data}, rows
