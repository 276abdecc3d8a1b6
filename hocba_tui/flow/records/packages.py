"""Sealed files of a class become batches in the outbox, each signed by the school as one transaction."""

from __future__ import annotations

import contextlib
import uuid as uuids
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hocba_tui.errors import Conflict, SigningFailed
from hocba_tui.export.record.package import batch_file, batch_target, open_batch, portions
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.record.xmldsig_check import BrokenSignature
from hocba_tui.flow.desk import BATCHES, CLAIMS, Desk
from hocba_tui.flow.portal.outbox import QUEUED
from hocba_tui.flow.records.signatures import settle_file
from hocba_tui.model.record import Record
from hocba_tui.model.values import RecordState
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import OUTBOX, Edit, edits_for


def unbatched(desk: Desk, class_key: str) -> dict[str, Record]:
    """Return the sealed records of a class that are in no batch yet, by UUID in class order."""
    outbox = desk.store.shard(OUTBOX)
    outbox.refresh()
    claimed = outbox.table(CLAIMS)
    records = desk.records(class_key)
    own = (records[pupil.key] for pupil in desk.pupils(class_key))
    return {record.uuid: record for record in own if record.state is RecordState.ISSUED and record.uuid not in claimed}


def unbatched_files(desk: Desk, class_key: str) -> dict[str, bytes]:
    """Return their files by UUID, written to the disk where a crash kept that from happening."""
    shard = desk.class_shard(class_key)
    return {uuid: settle_file(desk, shard, record) for uuid, record in unbatched(desk, class_key).items()}


def queue(desk: Desk, class_key: str, made: Transaction, files: Mapping[str, bytes], certificate: bytes) -> None:
    """Put sealed records into the outbox as one batch; ``files`` has theirs by UUID, ``certificate`` is DER.

    SigningFailed when the transaction's signature does not hold over them. When somebody else has put one of them
    into a batch meanwhile, nothing happens: they stay :func:`unbatched`.
    """
    members = [files[uuid] for uuid in made.uuids]
    data = batch_file(batch_target(made.message, members), made.time, made.value, certificate)
    try:
        holds = open_batch(data).files == tuple(members)
    except (NotWellFormed, BrokenSignature):
        holds = False
    if not holds:
        raise SigningFailed("Chữ ký của gói gửi không kiểm được; không giữ lại.")
    training = any(record.training for record in desk.records(class_key).values() if record.uuid in made.uuids)
    outbox = desk.store.shard(OUTBOX)
    batch = {
        "class": class_key,
        "uuids": list(made.uuids),
        "file": outbox.keep(data),
        "state": QUEUED,
        "made": made.time,
        "training": training or None,
    }
    # Each record is claimed by its batch in the same change, so that it is never in two.
    claims = [Edit(CLAIMS, uuid, "batch", None, made.message) for uuid in made.uuids]
    with contextlib.suppress(Conflict):
        outbox.change(desk.actor.key, "queue", [*edits_for(BATCHES, made.message, {}, batch), *claims])


@dataclass(frozen=True)
class Transaction:
    """The signature of one batch of sealed records, made at ``time`` (as written in the file)."""

    message: str
    uuids: tuple[str, ...]
    time: str
    value: bytes


async def sign_transactions(
    files: Mapping[str, bytes], signer: Signer, now: Callable[[], datetime]
) -> AsyncIterator[Transaction]:
    """Sign sealed files (by UUID) in batches, each under the portal's size limit."""
    plans = {str(uuids.uuid4()): tuple(portion) for portion in portions(files)}
    times: dict[str, str] = {}

    async def requests() -> AsyncIterator[Request]:
        for message, members in plans.items():
            times[message] = now().isoformat()
            target = batch_target(message, [files[uuid] for uuid in members])
            yield Request(message, signed_info(target, times[message], signer.certificate))

    async for made in signer.sign(requests()):
        yield Transaction(made.name, plans[made.name], times[made.name], made.value)
