"""The clerk seals what was approved; the sealed files of a class become one batch in the outbox."""

from __future__ import annotations

import uuid as uuids
from collections.abc import AsyncIterator

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.export.batch import batch_file, batch_target
from hocba_tui.export.signature import signed_info
from hocba_tui.flow.desk import BATCHES, RECORDS, Desk
from hocba_tui.flow.sealing import Done, jobs_at, sign_records
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import OUTBOX, edits_for


async def issue(desk: Desk, class_key: str, signer: Signer) -> AsyncIterator[Done]:
    """Seal every approved record of a class, write the files, and queue them as one signed batch.

    NotAllowed when the same person approved a record: the seal and the principal's signature need two
    people.
    """
    desk.require(Act.ISSUE)
    shard = desk.class_shard(class_key)
    jobs = jobs_at(desk, class_key, RecordState.APPROVED)
    if not jobs and not unbatched(desk, class_key):
        raise Refused(f"Lớp {class_key} không có học bạ nào chờ đóng dấu.")
    if any(shard.document(RECORDS, job.pupil.key).get(f"by.{Slot.PRINCIPAL}") == desk.actor.key for job in jobs):
        raise NotAllowed("Người đã duyệt không được tự đóng dấu.", "Văn thư giữ con dấu thực hiện việc này.")
    if jobs:
        async for done in sign_records(desk, shard, Slot.SEAL, jobs, signer, "issue"):
            yield done
    await _queue(desk, class_key, signer)


def unbatched(desk: Desk, class_key: str) -> tuple[str, ...]:
    """Return the UUIDs of issued records that are in no batch yet (a crash between seal and batch)."""
    outbox = desk.store.shard(OUTBOX)
    outbox.refresh()
    queued = {uuid for batch in outbox.table(BATCHES).values() for uuid in batch["uuids"]}
    records = desk.records(class_key)
    return tuple(
        records[pupil.key].uuid
        for pupil in desk.pupils(class_key)
        if records[pupil.key].state is RecordState.ISSUED and records[pupil.key].uuid not in queued
    )


async def _queue(desk: Desk, class_key: str, signer: Signer) -> None:
    waiting = unbatched(desk, class_key)
    if not waiting:
        return
    message = str(uuids.uuid4())
    files = [desk.store.issued(uuid) for uuid in waiting]
    time = desk.clock.now().isoformat()
    target = batch_target(message, files)
    async for made in signer.sign([Request(message, signed_info(target, time))]):
        data = batch_file(target, time, made.value, signer.certificate)
        outbox = desk.store.shard(OUTBOX)
        batch = {"class": class_key, "uuids": list(waiting), "file": outbox.keep(data), "state": "queued", "made": time}
        outbox.change(desk.actor.key, "queue", edits_for(BATCHES, message, {}, batch))
