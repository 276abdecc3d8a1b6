"""Seal what was approved, and put the sealed files of a class into the outbox as one package."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from hocba_tui.errors import SigningFailed
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.records.jobs import Done, Job
from hocba_tui.flow.records.journal_heads import sign_heads
from hocba_tui.flow.records.packages import queue, sign_packages, unpackaged_files
from hocba_tui.flow.records.ready import sealable, unpackaged
from hocba_tui.flow.records.sign_batch import Gate, sign_records
from hocba_tui.model.values import Slot
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
    if jobs:
        await sign_heads(desk, signer)


async def _queue(desk: Desk, class_key: str, signer: Signer) -> None:
    """Put sealed records that are in no package yet into packages, each under the portal's size limit."""
    opened = desk.open_class(class_key)  # Again: the records were sealed while the token worked.
    files = unpackaged_files(opened)
    async for made in sign_packages(files, signer, desk.clock.now):
        queue(opened, made, files, signer.certificate)
    if left := unpackaged(desk.open_class(class_key)):  # Again: the packages were signed meanwhile.
        raise SigningFailed(f"Còn {len(left)} học bạ đã đóng dấu mà chưa xếp vào hộp gửi.", "Ký lại ở lớp này.")
