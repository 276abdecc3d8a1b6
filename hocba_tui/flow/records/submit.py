"""Submit: freeze records and sign them as the homeroom teacher (GVCN)."""

from __future__ import annotations

import hashlib
import uuid as uuids_module
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing

from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import load_profile
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.grades.review import ClassReview, review
from hocba_tui.flow.records.freeze import facts_of, freeze
from hocba_tui.flow.records.sign_batch import Done, Gate, Job, sign_records
from hocba_tui.flow.records.unknown_files import issued_unknown
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Results
from hocba_tui.model.school import IssueRound
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Signer
from hocba_tui.store.backend import Expect


def require_round(desk: Desk) -> IssueRound:
    """Return the open issue round; raise Refused before the principal has opened one."""
    found = desk.open_round()
    if found is None:
        raise Refused(
            "Hiệu trưởng chưa mở đợt phát hành (ai ký, chức vụ, nơi và ngày phát hành).",
            "Nhờ hiệu trưởng mở đợt phát hành, rồi nộp lại.",
        )
    return found


def prepare(desk: Desk, class_key: str, *, leave_gaps: bool = False) -> ClassReview:
    """Return the review of a class that may be submitted now.

    Raises Refused when there is no round, when anything is still to be entered (unless ``leave_gaps``: then
    those pupils stay in draft), or when nobody is ready; StoreUnusable when the class can only be read.
    """
    classroom = desk.classroom(class_key)
    desk.require(Act.SUBMIT, classroom)
    desk.require_sound(class_key)  # Before the PIN: nothing could be kept.
    require_round(desk)
    found = review(desk, class_key)
    if found.gaps and not leave_gaps:
        pupils = len({finding.pupil for finding in found.gaps})
        raise Refused(
            f"Lớp {class_key} còn {len(found.gaps)} ô trống của {pupils} em; chưa nộp em nào.",
            "Mở mục Rà soát để xem và nhập từng ô, hoặc chỉ nộp các em đã đủ.",
        )
    if not found.ready:
        raise Refused(f"Lớp {class_key} không còn em nào ở trạng thái nộp được.")
    return found


async def submit(
    desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None, *, leave_gaps: bool = False
) -> AsyncGenerator[Done, None]:
    """Freeze and sign the record of every pupil who is ready; yield each as it becomes durable."""
    jobs, shard = list[Job](), desk.class_shard(class_key)
    for job in jobs_to_submit(desk, class_key, {}, leave_gaps=leave_gaps):
        if isinstance(job, Done):
            yield job
        else:
            shard.keep(job.region)
            jobs.append(job)
    async with aclosing(sign_records(desk, shard, Slot.HOMEROOM, jobs, signer, "submit", gate)) as batch:
        async for done in batch:
            yield done


def jobs_to_submit(
    desk: Desk, class_key: str, uuids: Mapping[str, str], *, leave_gaps: bool = False
) -> Iterator[Job | Done]:
    """Yield the frozen record of every pupil who is ready, or why it cannot be made.

    ``uuids`` (by pupil) are those of an earlier request; other records get new ones. The caller keeps the region.
    """
    found = prepare(desk, class_key, leave_gaps=leave_gaps)
    issue_round = require_round(desk)
    profile = load_profile(desk.school.profile)
    shard = desk.class_shard(class_key)
    unknown = issued_unknown(desk, class_key, found.ready)
    for ready in found.ready:
        if ready.key in unknown:
            yield Done(ready, "", unknown[ready.key])
            continue
        # One snapshot, so that the change below expects exactly what is frozen.
        facts = dict(shard.document(PUPILS, ready.key))
        pupil = Pupil.from_fields(ready.key, facts)
        results = dict(shard.document(RESULTS, pupil.key))
        uuid = uuids.get(pupil.key) or str(uuids_module.uuid4())
        try:
            region = freeze(profile, facts_of(desk, found.classroom, pupil, Results(results), issue_round, uuid))
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
            expecting=(
                Expect(RESULTS, pupil.key, results),
                Expect(PUPILS, pupil.key, facts),
            ),
        )
