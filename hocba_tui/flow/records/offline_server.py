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
from hocba_tui.flow.desk import Desk, OpenClass
from hocba_tui.flow.records.jobs import Done, Job
from hocba_tui.flow.records.keys import certificate_for, require_right_certificate
from hocba_tui.flow.records.offline_files import (
    Answered,
    Asked,
    SignedAnswers,
    SigningRequest,
    pack_request,
    read_answers,
)
from hocba_tui.flow.records.packages import PackageSignature, queue, unpackaged_files
from hocba_tui.flow.records.ready import approvable, sealable, unpackaged
from hocba_tui.flow.records.sign_batch import keep_each, keep_signature, problem_of
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
_PERMITS = {Slot.HOMEROOM: Act.SUBMIT, Slot.PRINCIPAL: Act.APPROVE, Slot.SEAL: Act.ISSUE}


def require_slot(desk: Desk, class_key: str, slot: Slot) -> None:
    """Raise NotAllowed unless the actor may sign a class in ``slot``: asked before a file is read or looked for."""
    school = desk.open_school()
    school.require(_PERMITS[slot], school.classroom(class_key))


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
    opened = desk.open_class(class_key, _PERMITS[slot])
    settings, certificate = opened.school.settings, certificate_for(opened.school, slot)
    asked: list[Asked] = []
    behind: list[Done] = []
    for job in _jobs(opened, slot, {}, leave_gaps=leave_gaps):
        if isinstance(job, Done):
            behind.append(job)
            continue
        # Kept so that take_back recognises these bytes when the signature comes back.
        opened.shard.keep(job.region)
        asked.append(Asked(job.pupil.key, job.uuid, job.profile.name, job.region, job.made, settings.xades))
    # A package covers the sealed files with their time-stamps, which take_back adds: it is requested after that.
    packages = slot is Slot.SEAL and not (asked and settings.timestamps)
    if packages:
        asked += _sealed(opened)
    request = SigningRequest(slot, certificate, tuple(asked), packages=packages)
    desk.store.log_access(desk.account, "signing-request", f"{slot}: {len(asked)}", class_key=class_key)
    return pack_request(request), tuple(behind)


async def take_back(desk: Desk, class_key: str, slot: Slot, data: bytes) -> AsyncGenerator[Done, None]:
    """Keep the signatures of a file, each if it holds over the record as it stands now; yield each record.

    Where the school wants time-stamps they are asked for now. Raises SigningFailed when the certificate is not the
    registered one, Refused when the file is of another act.
    """
    opened = desk.open_class(class_key, _PERMITS[slot])
    trust = pinned_issuers(desk, opened.school)
    answers = read_answers(data)
    if answers.slot is not slot:
        raise Refused(f"Tệp này là chữ ký {answers.slot.label}, không phải {slot.label}.")
    training = require_right_certificate(desk, opened.school, slot, answers.certificate, trust)
    refused: list[Done] = []

    def keep(job: Job, signed: Signed) -> str | None:
        try:
            return keep_signature(opened, job, signed, trust, _ACTS[slot], training=training)
        except SigningFailed:
            return _CHANGED

    good = _those_that_hold(opened, answers, trust, refused)
    stamper = stamper_for(opened.school.settings, trust)
    async with contextlib.aclosing(keep_each(good, stamper, keep)) as batch:
        async for done in batch:
            yield done
    for done in refused:
        yield done


async def _those_that_hold(
    opened: OpenClass, answers: SignedAnswers, trust: Trust, refused: list[Done]
) -> AsyncIterator[tuple[Job, Signed]]:
    """Yield the signatures that hold, and add the others to ``refused``, before an authority is asked."""
    slot, xades = answers.slot, opened.school.settings.xades
    answered = {answer.pupil: answer for answer in answers.answered}
    for job in _jobs(opened, slot, answered, leave_gaps=True):
        answer = answered.get(job.pupil.key)
        if answer is None:
            continue
        if isinstance(job, Done):
            refused.append(job)
            continue
        signed = Signed(slot, answer.time, answer.value, answers.certificate, xades)
        if job.uuid == answer.uuid and _went_out(opened.shard, job) and not problem_of(job, signed, trust):
            yield job, signed
        else:
            refused.append(Done(job.pupil, job.uuid, _CHANGED))


def _went_out(shard: Shard, job: Job) -> bool:
    """Return whether exactly these bytes were once in a request from here."""
    try:
        return shard.kept(hashlib.sha256(job.region).hexdigest()) == job.region
    except (HocbaError, OSError):
        return False


def _jobs(opened: OpenClass, slot: Slot, answered: Mapping[str, Answered], *, leave_gaps: bool) -> Iterator[Job | Done]:
    if slot is Slot.HOMEROOM:
        uuids = {pupil: answer.uuid for pupil, answer in answered.items()}
        return jobs_to_submit(opened, uuids, leave_gaps=leave_gaps)
    if slot is Slot.PRINCIPAL:
        return iter(approvable(opened))
    return iter(sealable(opened))


def _sealed(opened: OpenClass) -> list[Asked]:
    """Return the sealed records that are in no package: it did not come back, or a record of it was refused."""
    return [
        Asked(record.pupil, uuid, record.profile, opened.shard.kept(record.frozen), signatures_of(opened.shard, record))
        for uuid, record in unpackaged(opened).items()
    ]


def take_packages(desk: Desk, class_key: str, data: bytes) -> tuple[int, int]:
    """Queue the packages of a file whose records are all sealed by now; return how many records, and how many are left.

    A package of which one record was left out must be signed again: its signature covers all of its records.
    """
    opened = desk.open_class(class_key, Act.ISSUE)
    answers = read_answers(data)
    require_right_certificate(desk, opened.school, Slot.SEAL, answers.certificate, pinned_issuers(desk, opened.school))
    files = unpackaged_files(opened)
    for package in answers.packages:
        if _well_formed(package) and all(uuid in files for uuid in package.uuids):
            with contextlib.suppress(SigningFailed):
                queue(opened, package, files, answers.certificate)
    left = len(unpackaged(desk.open_class(class_key)))  # Again: another clerk may have packed some.
    return len(files) - left, left


def _well_formed(package: PackageSignature) -> bool:
    try:
        named, time = str(UUID(package.message)), datetime.fromisoformat(package.time).isoformat()
    except ValueError:
        return False
    return (named, time) == (package.message, package.time) and len(set(package.uuids)) == len(package.uuids) > 0
