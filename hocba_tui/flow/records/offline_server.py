"""Write requests for signatures on another computer, and take the signatures back record by record.

Only the signatures of the file that comes back are used. Each record is built again from the store as it is now, and
the signature must hold over those bytes: a record that changed meanwhile stays unsigned.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from hocba_tui.errors import HocbaError, Refused, SigningFailed
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.records.approve import jobs_to_approve
from hocba_tui.flow.records.issue import jobs_to_issue
from hocba_tui.flow.records.keys import certificate_for, require_right_certificate
from hocba_tui.flow.records.offline_files import (
    Answered,
    Asked,
    SignedAnswers,
    SigningRequest,
    pack_request,
    read_answers,
)
from hocba_tui.flow.records.packages import PackageSignature, queue, unpackaged, unpackaged_files
from hocba_tui.flow.records.sign_batch import Done, Job, keep_each, keep_signature, problem_of
from hocba_tui.flow.records.signatures import pinned_issuers, signatures_of
from hocba_tui.flow.records.submit import jobs_to_submit
from hocba_tui.flow.records.timestamps import stamper_for
from hocba_tui.log.keeping import exported
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Shard
from hocba_tui.store.outgoing import require_new, write_out

_CHANGED = "Học bạ đã thay đổi từ lúc xuất ra, hoặc chữ ký không phải của học bạ này: xuất lại rồi ký lại."
_ACTS = {Slot.HOMEROOM: "submit", Slot.PRINCIPAL: "approve", Slot.SEAL: "issue"}


def require_request_place(path: Path) -> None:
    """Raise Refused when a request cannot become a new file at ``path``, or would lie in a store."""
    require_new(path)


def write_request(path: Path, data: bytes) -> None:
    """Write a request as a new file; Refused when that is not possible."""
    write_out(path, data, "request")


def note_request_shown(data: bytes) -> None:
    """Log a request that went to the standard output: from there it goes to a file like any other."""
    exported("request", "stdout", 0, len(data))


def make_request(desk: Desk, class_key: str, slot: Slot, *, leave_gaps: bool = False) -> tuple[bytes, tuple[Done, ...]]:
    """Return the request for everything in a class that waits for ``slot``, and the records left out, with reasons.

    Raises what the act itself raises: no round, gaps, nothing waiting.
    """
    shard = desk.class_shard(class_key)
    certificate = certificate_for(desk, slot)
    asked: list[Asked] = []
    behind: list[Done] = []
    for job in _jobs(desk, class_key, slot, {}, leave_gaps=leave_gaps):
        if isinstance(job, Done):
            behind.append(job)
            continue
        # Kept so that take_back recognises these bytes when the signature comes back.
        shard.keep(job.region)
        asked.append(Asked(job.pupil.key, job.uuid, job.profile.name, job.region, job.made, desk.school.xades))
    # A package covers the sealed files with their time-stamps, which take_back adds: it is requested after that.
    packages = slot is Slot.SEAL and not (asked and desk.school.timestamps)
    if packages:
        asked += _sealed(desk, class_key, shard)
    request = SigningRequest(slot, certificate, tuple(asked), packages=packages)
    desk.store.log_access(desk.actor.key, "signing-request", f"{class_key} {slot} {len(asked)}")
    return pack_request(request), tuple(behind)


async def take_back(desk: Desk, class_key: str, slot: Slot, data: bytes) -> AsyncGenerator[Done, None]:
    """Keep the signatures of a file, each if it holds over the record as it stands now; yield each record.

    Where the school wants time-stamps they are asked for now. Raises SigningFailed when the certificate is not the
    registered one, Refused when the file is of another act.
    """
    answers = read_answers(data)
    if answers.slot is not slot:
        raise Refused(f"Tệp này là chữ ký {answers.slot.label}, không phải {slot.label}.")
    trust, shard = pinned_issuers(desk), desk.class_shard(class_key)
    training = require_right_certificate(desk, slot, answers.certificate, trust)
    refused: list[Done] = []

    def keep(job: Job, signed: Signed) -> str | None:
        try:
            return keep_signature(desk, shard, job, signed, trust, _ACTS[slot], training=training)
        except SigningFailed:
            return _CHANGED

    good = _those_that_hold(desk, class_key, answers, trust, refused)
    async with contextlib.aclosing(keep_each(good, stamper_for(desk, trust), keep)) as batch:
        async for done in batch:
            yield done
    for done in refused:
        yield done


async def _those_that_hold(
    desk: Desk, class_key: str, answers: SignedAnswers, trust: Trust, refused: list[Done]
) -> AsyncIterator[tuple[Job, Signed]]:
    """Yield the signatures that hold, and add the others to ``refused``, before an authority is asked."""
    shard, slot, xades = desk.class_shard(class_key), answers.slot, desk.school.xades
    answered = {answer.pupil: answer for answer in answers.answered}
    for job in _jobs(desk, class_key, slot, answered, leave_gaps=True):
        answer = answered.get(job.pupil.key)
        if answer is None:
            continue
        if isinstance(job, Done):
            refused.append(job)
            continue
        signed = Signed(slot, answer.time, answer.value, answers.certificate, xades)
        if job.uuid == answer.uuid and _went_out(shard, job) and not problem_of(job, signed, trust):
            yield job, signed
        else:
            refused.append(Done(job.pupil, job.uuid, _CHANGED))


def _went_out(shard: Shard, job: Job) -> bool:
    """Return whether exactly these bytes were once in a request from here."""
    try:
        return shard.kept(hashlib.sha256(job.region).hexdigest()) == job.region
    except (HocbaError, OSError):
        return False


def _jobs(
    desk: Desk, class_key: str, slot: Slot, answered: Mapping[str, Answered], *, leave_gaps: bool
) -> Iterator[Job | Done]:
    if slot is Slot.HOMEROOM:
        uuids = {pupil: answer.uuid for pupil, answer in answered.items()}
        return jobs_to_submit(desk, class_key, uuids, leave_gaps=leave_gaps)
    if slot is Slot.PRINCIPAL:
        return iter(jobs_to_approve(desk, class_key))
    return iter(jobs_to_issue(desk, class_key))


def _sealed(desk: Desk, class_key: str, shard: Shard) -> list[Asked]:
    """Return the sealed records that are in no package: it did not come back, or a record of it was refused."""
    return [
        Asked(record.pupil, uuid, record.profile, shard.kept(record.frozen), signatures_of(shard, record))
        for uuid, record in unpackaged(desk, class_key).items()
    ]


def take_packages(desk: Desk, class_key: str, data: bytes) -> tuple[int, int]:
    """Queue the packages of a file whose records are all sealed by now; return how many records, and how many are left.

    A package of which one record was left out must be signed again: its signature covers all of its records.
    """
    desk.require(Act.ISSUE)
    answers = read_answers(data)
    require_right_certificate(desk, Slot.SEAL, answers.certificate, pinned_issuers(desk))
    files = unpackaged_files(desk, class_key)
    for package in answers.packages:
        if _well_formed(package) and all(uuid in files for uuid in package.uuids):
            with contextlib.suppress(SigningFailed):
                queue(desk, class_key, package, files, answers.certificate)
    left = len(unpackaged(desk, class_key))
    return len(files) - left, left


def _well_formed(package: PackageSignature) -> bool:
    try:
        named, time = str(UUID(package.message)), datetime.fromisoformat(package.time).isoformat()
    except ValueError:
        return False
    return (named, time) == (package.message, package.time) and len(set(package.uuids)) == len(package.uuids) > 0
