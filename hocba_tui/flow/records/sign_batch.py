"""Sign records one by one; each is verified over its own bytes before its signature is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any

from hocba_tui.errors import Conflict, HocbaError, Refused, SigningFailed
from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import RECORDS, Desk, OpenClass
from hocba_tui.flow.records.jobs import Done, Job
from hocba_tui.flow.records.keys import require_right_certificate
from hocba_tui.flow.records.signatures import pack, pinned_issuers, settle_file
from hocba_tui.flow.records.timestamps import Ahead, Breaker, Stamper, stamper_for
from hocba_tui.model.record import Record, Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.transitions import SIGNED_AT, may_move
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import Edit

_LOOK_EVERY = 0.1
"""Seconds between two checks of a paused batch."""


class Gate:
    """Pauses or stops a batch after the record that is being signed. Thread-safe."""

    def __init__(self) -> None:
        self.paused = False
        self.stopped = False
        self.stamps = Breaker()

    async def passes(self) -> bool:
        """Wait while the batch is paused; return whether to sign the next record."""
        while self.paused and not self.stopped:  # noqa: ASYNC110 - the keys are pressed in another thread
            await asyncio.sleep(_LOOK_EVERY)
        return not self.stopped


async def sign_records(
    desk: Desk, opened: OpenClass, slot: Slot, jobs: Sequence[Job], signer: Signer, act: str, gate: Gate | None = None
) -> AsyncGenerator[Done, None]:
    """Sign ``jobs`` in order; yield each as soon as it is durable. The token signs the next one meanwhile.

    A record that somebody changed meanwhile is yielded with its problem, and the others are signed. A
    token that fails raises SigningFailed; what was yielded before stays signed. Where the school wants time-stamps,
    some signatures wait for theirs while the token goes on; see :mod:`hocba_tui.flow.records.timestamps`.
    """
    trust = pinned_issuers(desk, opened.school)
    training = require_right_certificate(desk, opened.school, slot, signer.certificate, trust)
    gate, settings = gate or Gate(), opened.school.settings
    pending: dict[str, tuple[Job, str]] = {}

    async def requests() -> AsyncIterator[Request]:
        for job in jobs:
            if not await gate.passes():
                return
            time = desk.clock.now().isoformat()
            pending[job.uuid] = (job, time)
            target = record_target(job.profile, job.uuid, slot, job.region, job.made, xades=settings.xades)
            yield Request(job.uuid, signed_info(target, time, signer.certificate))

    async def signatures() -> AsyncIterator[tuple[Job, Signed]]:
        async for made in signer.sign(requests()):
            job, time = pending.pop(made.name)
            yield job, Signed(slot, time, made.value, signer.certificate, settings.xades)

    def keep(job: Job, signed: Signed) -> str | None:
        return keep_signature(opened, job, signed, trust, act, training=training)

    stamper = stamper_for(settings, trust, gate.stamps)
    async with contextlib.aclosing(keep_each(signatures(), stamper, keep)) as batch:
        async for done in batch:
            yield done


async def keep_each(
    coming: AsyncIterator[tuple[Job, Signed]], stamper: Stamper | None, keep: Callable[[Job, Signed], str | None]
) -> AsyncGenerator[Done, None]:
    """Keep each signature, with its time-stamp, and yield its record; ``keep`` returns why it could not be.

    What ``keep`` or the token raises is raised after all that is signed by then has been kept. A caller that closes the
    generator early also finds that kept.
    """
    ahead, failed = Ahead(coming, stamper), None
    keeping: asyncio.Future[str | None] | None = None
    try:
        async for job, signed, unstamped in ahead:
            keeping = asyncio.ensure_future(asyncio.to_thread(keep, job, signed))
            try:
                problem = await asyncio.shield(keeping)
            except (HocbaError, OSError) as error:
                failed = failed or error
                await ahead.stop()
                continue
            yield Done(job.pupil, job.uuid, problem or "", "" if problem else unstamped)
        if failed is not None:
            raise failed
    finally:
        if keeping is not None:
            await asyncio.wait([keeping])
            keeping.exception()  # raised above, unless the batch was given up just then
        for job, signed in await ahead.close():
            with contextlib.suppress(HocbaError, OSError):
                await asyncio.to_thread(keep, job, signed)


def keep_signature(
    opened: OpenClass, job: Job, signed: Signed, trust: Trust, act: str, *, training: bool
) -> str | None:
    """Keep a signature; return why not, None when it is kept. Not kept when somebody changed the record meanwhile.

    Raises SigningFailed when it does not hold over the record's bytes.
    """
    try:
        _keep(opened, job, signed, trust, act, training=training)
    except Refused as refused:
        return refused.what
    return None


def problem_of(job: Job, signed: Signed, trust: Trust) -> str | None:
    """Return why the record's file would be refused with this signature, None when it would not."""
    data = record_file(job.profile, job.uuid, job.region, (*job.made, signed))
    found = verify(data, trust, job.profile.name, complete=signed.slot is Slot.SEAL)
    return found.reason if found.verdict is Verdict.FAILED or found.program_error else None


def _keep(opened: OpenClass, job: Job, signed: Signed, trust: Trust, act: str, *, training: bool) -> None:
    if problem := problem_of(job, signed, trust):
        raise SigningFailed(f"Chữ ký vừa tạo không kiểm được ({problem}); không giữ lại.")
    state = SIGNED_AT[signed.slot]
    if not may_move(job.record.state, state):
        raise Refused(f"Học bạ của {job.pupil.name} {job.record.state.label}, không ký được ở bước này.")
    # Not the moment in which the class was opened: the token, the time-stamp and the person took their time.
    shard, actor = opened.shard, opened.school.account
    before = shard.document(RECORDS, job.pupil.key)
    after: dict[str, Any] = {
        **job.facts,
        "state": state.value,
        f"signed.{signed.slot}": shard.keep(pack(signed)),
        f"by.{signed.slot}": actor,
    }
    if training:
        after["training"] = True
    # The state is compared with what the job was prepared from: the first change of the record wins.
    seen = {**before, "state": None if job.record.state is RecordState.DRAFT else job.record.state.value}
    edits = [Edit(RECORDS, job.pupil.key, n, seen.get(n), v) for n, v in after.items() if seen.get(n) != v]
    try:
        shard.change(actor, act, edits, expecting=job.expecting)
    except Conflict as error:
        raise Refused(f"{error.what} Chưa ký em này.") from error
    if signed.slot is Slot.SEAL:
        settle_file(opened, Record.from_fields(job.pupil.key, shard.document(RECORDS, job.pupil.key)))
