"""Seal what was approved, and put the sealed files of a class into the outbox as one package."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from hocba_tui.errors import NotAllowed, Refused, SigningFailed
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.records.packages import queue, require_outbox, sign_packages, unpackaged, unpackaged_files
from hocba_tui.flow.records.sign_batch import Done, Gate, Job, jobs_at, sign_records
from hocba_tui.flow.records.unknown_files import issued_unknown
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Signer


async def issue(desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None) -> AsyncGenerator[Done, None]:
    """Seal every approved record of a class, write the files, and queue them as one signed package."""
    found, shard = jobs_to_issue(desk, class_key), desk.class_shard(class_key)
    jobs = [job for job in found if isinstance(job, Job)]
    for refused in found:
        if isinstance(refused, Done):
            yield refused
    if jobs:
        async with contextlib.aclosing(sign_records(desk, shard, Slot.SEAL, jobs, signer, "issue", gate)) as batch:
            try:
                async for done in batch:
                    yield done
            finally:
                desk.store.note_heads()
    await _queue(desk, class_key, signer)


def jobs_to_issue(desk: Desk, class_key: str) -> list[Job | Done]:
    """Return the approved records of a class, or why one may not be sealed.

    There is none when only the package is missing (a crash after the last seal). Raises Refused when nothing waits,
    NotAllowed when the same person approved a record: the seal and the principal's signature need two people.
    StoreUnusable when the class or the outbox can only be read.
    """
    desk.require(Act.ISSUE)
    desk.require_sound(class_key)
    require_outbox(desk)
    jobs, shard = jobs_at(desk, class_key, RecordState.APPROVED), desk.class_shard(class_key)
    if not jobs and not unpackaged(desk, class_key):
        raise Refused(f"Lớp {class_key} không có học bạ nào chờ đóng dấu.")
    if any(shard.document(RECORDS, job.pupil.key).get(f"by.{Slot.PRINCIPAL}") == desk.actor.key for job in jobs):
        raise NotAllowed("Người đã duyệt không được tự đóng dấu.", "Văn thư giữ con dấu thực hiện việc này.")
    unknown = issued_unknown(desk, class_key, [job.pupil for job in jobs])
    return [Done(job.pupil, "", unknown[job.pupil.key]) if job.pupil.key in unknown else job for job in jobs]


async def _queue(desk: Desk, class_key: str, signer: Signer) -> None:
    """Put sealed records that are in no package yet into packages, each under the portal's size limit."""
    files = unpackaged_files(desk, class_key)
    async for made in sign_packages(files, signer, desk.clock.now):
        queue(desk, class_key, made, files, signer.certificate)
    if left := unpackaged(desk, class_key):
        raise SigningFailed(f"Còn {len(left)} học bạ đã đóng dấu mà chưa xếp vào hộp gửi.", "Ký lại ở lớp này.")
