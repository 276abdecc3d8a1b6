"""The school's signatures over batches of sealed files, as the portal wants them. Needs no store."""

from __future__ import annotations

import uuid as uuids
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hocba_tui.export.record.package import batch_target, portions
from hocba_tui.export.record.signature import signed_info
from hocba_tui.signing.signer import Request, Signer


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
