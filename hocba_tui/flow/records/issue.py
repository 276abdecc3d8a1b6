"""Seal what was approved, and put the sealed files of a class into the outbox as one package."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from hocba_tui.errors import NotAllowed, Refused, SigningFailed
from hocba_tui.flow.desk import RECORDS, Desk, OpenClass
from hocba_tui.flow.records.packages import queue, require_outbox, sign_packages, unpackaged, unpackaged_files
from hocba_tui.flow.records.sign_batch import Done, Gate, Job, jobs_at, sign_records
from hocba_tui.flow.records.unknown_files import issued_unknown
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Signer


async def issue(desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None) -> AsyncGenerator[Done, None]:
    """Seal every approved record of a class, write the files, and queue them as one signed package."""
    opened = desk.open_class(class_key, Act.ISSUE)
    found = sealable(opened)
    jobs = [job for job in found if isinstance(job, Job)]
    for refused in found:
        if isinstance(refused, Done):
            yield refused
    if jobs:
        async with contextlib.aclosing(sign_records(desk, opened, Slot.SEAL, jobs, signer, "issue", gate)) as batch:
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
    return sealable(desk.open_class(class_key, Act.ISSUE))


def sealable(opened: OpenClass) -> list[Job | Done]:
    """Return the approved records of a class that was opened to seal them, as :func:`jobs_to_issue` does."""
    opened.require_sound()
    require_outbox(opened.school)
    jobs = jobs_at(opened, RecordState.APPROVED)
    if not jobs and not unpackaged(opened):
        raise Refused(f"Lớp {opened.key} không có học bạ nào chờ đóng dấu.")
    approvers = {opened.document(RECORDS, job.pupil.key).get(f"by.{Slot.PRINCIPAL}") for job in jobs}
    if opened.school.account in approvers:
        raise NotAllowed("Người đã duyệt không được tự đóng dấu.", "Văn thư giữ con dấu thực hiện việc này.")
    unknown = issued_unknown(opened, [job.pupil for job in jobs])
    return [Done(job.pupil, "", unknown[job.pupil.key]) if job.pupil.key in unknown else job for job in jobs]


async def _queue(desk: Desk, class_key: str, signer: Signer) -> None:
    """Put sealed records that are in no package yet into packages, each under the portal's size limit."""
    opened = desk.open_class(class_key)  # Again: the records were sealed while the token worked.
    files = unpackaged_files(opened)
    async for made in sign_packages(files, signer, desk.clock.now):
        queue(opened, made, files, signer.certificate)
    if left := unpackaged(desk.open_class(class_key)):  # Again: the packages were signed meanwhile.
        raise SigningFailed(f"Còn {len(left)} học bạ đã đóng dấu mà chưa xếp vào hộp gửi.", "Ký lại ở lớp này.")
