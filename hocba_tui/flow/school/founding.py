"""Found a school: write the first documents of a new store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.flow.desk import CLASSES, INDEX, PUPILS, RESULTS, STAFF
from hocba_tui.flow.pupils.index import index_edits
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom, School, Staff
from hocba_tui.store.backend import SCHOOL, Edit, Value, class_shard, edits_for
from hocba_tui.store.folder import FolderStore


@dataclass(frozen=True)
class ClassYear:
    """A class with its pupils and their results of the year."""

    classroom: ClassRoom
    pupils: tuple[Pupil, ...]
    results: Mapping[str, Mapping[str, Value]]


def found_school(
    root: Path, school: School, staff: Iterable[Staff], classes: Iterable[ClassYear], identity: str = ""
) -> FolderStore:
    """Make a store in ``root`` (empty or absent, and in no other store) with this school in it, and return it.

    It is there as a whole or not at all. ``identity`` is the store's, by default a random one.
    """
    years = list(classes)
    return FolderStore.create(root, Clock().now, identity, lambda store: _fill(store, school, staff, years))


def _fill(store: FolderStore, school: School, staff: Iterable[Staff], years: Iterable[ClassYear]) -> None:
    shard = store.shard(SCHOOL)
    edits = edits_for(SCHOOL, SCHOOL, {}, school.to_fields())
    for person in staff:
        edits += edits_for(STAFF, person.key, {}, person.to_fields())
    for year in years:
        edits += edits_for(CLASSES, year.classroom.key, {}, year.classroom.to_fields())
        for pupil in year.pupils:
            edits += index_edits(shard.document(INDEX, pupil.key), pupil, year.classroom.key)
    shard.change("hocba", "found", edits)
    for year in years:
        class_edits: list[Edit] = []
        for pupil in year.pupils:
            class_edits += edits_for(PUPILS, pupil.key, {}, pupil.to_fields())
            class_edits += edits_for(RESULTS, pupil.key, {}, year.results.get(pupil.key, {}))
        target = store.shard(class_shard(school.year, year.classroom.key))
        target.change("hocba", "found", class_edits)
        target.checkpoint()
    shard.checkpoint()
