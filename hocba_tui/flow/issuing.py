"""The clerk seals what was approved; the sealed files of a class become one batch in the outbox."""

from __future__ import annotations

import contextlib
import uuid as uuids
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

from hocba_tui.errors import Conflict, NotAllowed, Refused, SigningFailed
from hocba_tui.export.batch import MAX_BATCH_BYTES, batch_file, batch_target
from hocba_tui.export.signature import Target, signed_info
from hocba_tui.flow.desk import BATCHES, CLAIMS, RECORDS, Desk
from hocba_tui.flow.outbox import QUEUED
from hocba_tui.flow.sealing import Done, Gate, jobs_at, sign_records
from hocba_tui.flow.signatures import settle_file
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import OUTBOX, Edit, edits_for

_PORTION_BYTES = MAX_BATCH_BYTES - 100_000
"""Room for the list around the records and the transaction's signature."""


async def issue(desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None) -> AsyncGenerator[Done, None]:
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
        async with contextlib.aclosing(sign_records(desk, shard, Slot.SEAL, jobs, signer, "issue", gate)) as batch:
            async for done in batch:
                yield done
    await _queue(desk, class_key, signer)


def unbatched(desk: Desk, class_key: str) -> tuple[str, ...]:
    """Return the UUIDs of issued records that are in no batch yet (a crash between seal and batch)."""
    outbox = desk.store.shard(OUTBOX)
    outbox.refresh()
    queued = outbox.table(CLAIMS)
    records = desk.records(class_key)
    return tuple(
        records[pupil.key].uuid
        for pupil in desk.pupils(class_key)
        if records[pupil.key].state is RecordState.ISSUED and records[pupil.key].uuid not in queued
    )


async def _queue(desk: Desk, class_key: str, signer: Signer) -> None:
    """Put sealed records that are in no batch yet into batches, each under the portal's size limit."""
    shard = desk.class_shard(class_key)
    waiting = set(unbatched(desk, class_key))
    files = {r.uuid: settle_file(desk, shard, r) for r in desk.records(class_key).values() if r.uuid in waiting}
    training = any(r.training for r in desk.records(class_key).values() if r.uuid in waiting)
    plans = {str(uuids.uuid4()): uuids_of for uuids_of in _portions(files)}
    times: dict[str, tuple[Target, str]] = {}

    async def requests() -> AsyncIterator[Request]:
        for message, members in plans.items():
            target, time = batch_target(message, [files[uuid] for uuid in members]), desk.clock.now().isoformat()
            times[message] = (target, time)
            yield Request(message, signed_info(target, time, signer.certificate))

    async for made in signer.sign(requests()):
        target, time = times[made.name]
        outbox = desk.store.shard(OUTBOX)
        batch = {
            "class": class_key,
            "uuids": plans[made.name],
            "file": outbox.keep(batch_file(target, time, made.value, signer.certificate)),
            "state": QUEUED,
            "made": time,
            "training": training or None,
        }
        # Each record is claimed by its batch in the same change, so that it is never in two.
        claims = [Edit(CLAIMS, uuid, "batch", None, made.name) for uuid in plans[made.name]]
        with contextlib.suppress(Conflict):
            outbox.change(desk.actor.key, "queue", [*edits_for(BATCHES, made.name, {}, batch), *claims])
    if left := unbatched(desk, class_key):
        raise SigningFailed(f"Còn {len(left)} học bạ đã đóng dấu mà chưa xếp vào hộp gửi.", "Ký lại ở lớp này.")


def _portions(files: Mapping[str, bytes]) -> Iterator[list[str]]:
    """Yield the records in portions that fit into one transaction."""
    portion: list[str] = []
    size = 0
    for uuid, data in files.items():
        if portion and size + len(data) > _PORTION_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(uuid)
        size += len(data)
    if portion:
        yield portion
