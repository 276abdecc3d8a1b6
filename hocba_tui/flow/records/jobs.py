"""Records to sign: what a batch takes, and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hocba_tui.export.record.profile import Profile, load_profile
from hocba_tui.flow.desk import RECORDS, OpenClass
from hocba_tui.flow.records.signatures import signatures_of
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record, Signed
from hocba_tui.model.values import RecordState
from hocba_tui.store.backend import Expect


@dataclass(frozen=True)
class Job:
    """One record to sign. ``region`` are its frozen bytes; ``made`` the signatures it has."""

    pupil: Pupil
    record: Record
    uuid: str
    profile: Profile
    region: bytes
    made: tuple[Signed, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """More fields of the record's document that this act sets."""
    expecting: tuple[Expect, ...] = ()
    """Documents that must be unchanged: the frozen bytes were made from them."""


@dataclass(frozen=True)
class Done:
    """A record that is signed and durable, or why it is not."""

    pupil: Pupil
    uuid: str
    problem: str = ""
    unstamped: str = ""
    """Why the signature has no time-stamp, where the school wants one; the record is signed all the same."""


def jobs_at(opened: OpenClass, state: RecordState) -> list[Job]:
    """Return the records of a class in ``state``, as jobs."""
    jobs = []
    for pupil in opened.pupils():
        record = opened.records[pupil.key]
        if record.state is state:
            jobs.append(
                Job(
                    pupil,
                    record,
                    record.uuid,
                    load_profile(record.profile),
                    opened.shard.kept(record.frozen),
                    signatures_of(opened.shard, record),
                    expecting=tuple(opened.as_read(pupil.key, RECORDS)),
                )
            )
    return jobs
