"""Submit: freeze records and sign them as the homeroom teacher (GVCN)."""

from __future__ import annotations

import hashlib
import uuid as uuids_module
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing

from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import load_profile
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk, OpenClass
from hocba_tui.flow.records.freeze import facts_of, freeze
from hocba_tui.flow.records.jobs import Done, Job
from hocba_tui.flow.records.ready import prepared, require_round
from hocba_tui.flow.records.sign_batch import Gate, sign_records
from hocba_tui.flow.records.unknown_files import issued_unknown
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Signer


async def submit(
    desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None, *, leave_gaps: bool = False
) -> AsyncGenerator[Done, None]:
    """Freeze and sign the record of every pupil who is ready; yield each as it becomes durable."""
    opened = desk.open_class(class_key, Act.SUBMIT)
    jobs = list[Job]()
    for job in jobs_to_submit(opened, {}, leave_gaps=leave_gaps):
        if isinstance(job, Done):
            yield job
        else:
            opened.shard.keep(job.region)
            jobs.append(job)
    async with aclosing(sign_records(desk, opened, Slot.HOMEROOM, jobs, signer, "submit", gate)) as batch:
        async for done in batch:
            yield done


def jobs_to_submit(opened: OpenClass, uuids: Mapping[str, str], *, leave_gaps: bool = False) -> Iterator[Job | Done]:
    """Yield the frozen record of every pupil who is ready, or why it cannot be made.

    ``uuids`` (by pupil) are those of an earlier request; other records get new ones. The caller keeps the region. What
    is frozen is the moment that was reviewed, and the change that names it expects exactly that. Errors as for
    :func:`~hocba_tui.flow.records.ready.prepare`.
    """
    found = prepared(opened, leave_gaps=leave_gaps)
    issue_round = require_round(opened.school)
    profile = load_profile(opened.school.settings.profile)
    unknown = issued_unknown(opened, found.ready)
    for pupil in found.ready:
        if pupil.key in unknown:
            yield Done(pupil, "", unknown[pupil.key])
            continue
        uuid = uuids.get(pupil.key) or str(uuids_module.uuid4())
        try:
            region = freeze(profile, facts_of(opened, pupil, issue_round, uuid))
        except Refused as refused:
            yield Done(pupil, "", refused.what)
            continue
        yield Job(
            pupil,
            found.records[pupil.key],
            uuid,
            profile,
            region,
            facts={
                "uuid": uuid,
                "frozen": hashlib.sha256(region).hexdigest(),
                "round": issue_round.key,
                "profile": profile.name,
                "reason": None,
            },
            expecting=tuple(opened.as_read(pupil.key, RESULTS, PUPILS)),
        )
