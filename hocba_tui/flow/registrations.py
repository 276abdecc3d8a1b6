"""Whose certificate is whose: read from the school's journal, where every registration stands with its day.

A token that was replaced in June, or a seal of last year, stays what it was for the records that it signed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hocba_tui.clock import VIETNAM, Clock
from hocba_tui.errors import HocbaError
from hocba_tui.export.trust.pins import Registration, SchoolFacts
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.model.school import School, Staff
from hocba_tui.store.backend import SCHOOL, Edit, Entry, Shard

SEEN = "seen"
"""Table of the school's shard: the first sight of files from elsewhere."""
_SEAL = "seal_certificate"
_read: dict[str, tuple[int, SchoolFacts]] = {}
"""What was read of a school's journal up to an entry, by the place of its store."""


def facts_of(shard: Shard, place: Path) -> SchoolFacts:
    """Return what the school's own journal says of codes, seals and people; of a damaged one, what can be read."""
    known = _read.get(str(place))
    if known is None or known[0] != shard.seq:
        known = (shard.seq, _facts(shard))
        _read[str(place)] = known
    return known[1]


def facts_of_folder(folder: Path) -> SchoolFacts:
    """Return the facts of the store whose trust folder this is; none when it is no store's, or not ours to read."""
    # Only here: another computer, which has no store, imports this module too.
    from hocba_tui.store.folder import FolderStore

    try:
        store = FolderStore(folder.resolve().parent, Clock().now)
        return facts_of(store.shard(SCHOOL), folder.resolve().parent)
    except HocbaError:
        return SchoolFacts()


def _facts(shard: Shard) -> SchoolFacts:
    school = School.from_fields(SCHOOL, shard.document(SCHOOL, SCHOOL))
    staff = {key: Staff.from_fields(key, document) for key, document in shard.table(STAFF).items()}
    people: dict[str, Registration] = {}
    seals = {school.seal_certificate}
    try:
        for entry in shard.entries():
            _follow(entry, staff, people, seals)
    except HocbaError:
        pass  # What follows damage is read from the documents below.
    for person in staff.values():
        if person.certificate and person.certificate not in people:
            people[person.certificate] = Registration(person.personal_id, person.name)
    codes = frozenset(filter(None, (school.code, *school.former_codes)))
    seen = tuple((key, datetime.fromisoformat(document["at"])) for key, document in shard.table(SEEN).items())
    return SchoolFacts(codes, frozenset(filter(None, seals)), tuple(people.items()), seen)


def note_seen(desk: Desk, digests: Iterable[str], at: datetime) -> None:
    """Note in the journal the files (SHA-256) that are seen here for the first time: from now on it proves that.

    A school whose journal cannot be written verifies without it.
    """
    with contextlib.suppress(HocbaError):
        shard = desk.school_shard
        known = shard.table(SEEN)
        edits = [Edit(SEEN, one, "at", None, at.isoformat()) for one in dict.fromkeys(digests) if one not in known]
        if edits:
            shard.change(desk.actor.key, "see_files", edits)


def _follow(entry: Entry, staff: Mapping[str, Staff], people: dict[str, Registration], seals: set[str]) -> None:
    for edit in entry.edits:
        if edit.table == SCHOOL and edit.field == _SEAL:
            seals.update(_texts(edit.before, edit.after))
        elif edit.table == STAFF and edit.field == "certificate" and edit.key in staff:
            person, at = staff[edit.key], datetime.fromisoformat(entry.at).astimezone(VIETNAM)
            for ended in _texts(edit.before):
                held = people.get(ended, Registration(person.personal_id, person.name))
                people[ended] = replace(held, until=at)
            for begun in _texts(edit.after):
                people[begun] = Registration(person.personal_id, person.name, at)


def _texts(*values: Any) -> Iterable[str]:  # noqa: ANN401 - a value of the store
    return (value for value in values if isinstance(value, str) and value)
