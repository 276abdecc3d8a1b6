"""Sign records one by one: each is its own unit, verified on the very bytes before it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hocba_tui.errors import Conflict, Refused, SigningFailed
from hocba_tui.export.certificate import fingerprint, load_certificate
from hocba_tui.export.profile import load_profile
from hocba_tui.export.signature import key_problem, record_target, signed_info
from hocba_tui.export.trust import Trust, validity_problem
from hocba_tui.export.verdict import Verdict
from hocba_tui.export.verify import verify
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.keyring import certificate_for
from hocba_tui.flow.signatures import pack, pinned_issuers, record_file, settle_file, signatures_of
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record, Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.transitions import SIGNED_AT, may_move
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import Edit, Expect, Shard


@dataclass(frozen=True)
class Job:
    """One record to sign. ``region`` are its frozen bytes; ``made`` the signatures it has."""

    pupil: Pupil
    record: Record
    uuid: str
    region: bytes
    made: tuple[Signed, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """More fields of the record's document that this act sets."""
    expecting: tuple[Expect, ...] = ()
    """Documents on which the frozen bytes rest."""


@dataclass(frozen=True)
class Done:
    """A record that is signed and durable, or why it is not."""

    pupil: Pupil
    uuid: str
    problem: str = ""


def require_right_certificate(desk: Desk, slot: Slot, certificate: bytes, trust: Trust) -> bool:
    """Refuse a wrong certificate before anything is signed; return whether it is a training one."""
    loaded = load_certificate(certificate)
    if fingerprint(certificate) != certificate_for(desk, slot):
        raise SigningFailed("Chứng thư trên token không phải chứng thư đã đăng ký.", "Cắm đúng token rồi thử lại.")
    if problem := key_problem(loaded) or validity_problem(loaded, desk.clock.now()):
        raise SigningFailed(f"Không ký được: {problem}.", "Liên hệ nơi cấp chứng thư.")
    anchor = trust.issuer_of(loaded)
    if anchor is None:
        raise SigningFailed(
            "Nơi cấp chứng thư này chưa nằm trong danh sách tin cậy của trường.",
            "Nhờ quản trị thêm chứng thư của nơi cấp vào thư mục trust.",
        )
    return anchor.training


async def sign_records(
    desk: Desk, shard: Shard, slot: Slot, jobs: list[Job], signer: Signer, act: str
) -> AsyncIterator[Done]:
    """Sign ``jobs`` in order; yield each as soon as it is durable.

    A record that somebody changed meanwhile is yielded with its problem and the rest goes on. A
    token that fails raises SigningFailed; what was yielded before stays signed.
    """
    trust = pinned_issuers(desk)
    training = require_right_certificate(desk, slot, signer.certificate, trust)
    pending: dict[str, tuple[Job, str]] = {}

    def requests() -> Iterator[Request]:
        for job in jobs:
            time = desk.clock.now().isoformat()
            pending[job.uuid] = (job, time)
            yield Request(job.uuid, signed_info(record_target(job.uuid, slot, job.region), time))

    async for made in signer.sign(requests()):
        job, time = pending.pop(made.name)
        signed = Signed(slot, time, made.value, signer.certificate)
        try:
            _keep(desk, shard, job, signed, trust, act, training=training)
        except Refused as refused:
            yield Done(job.pupil, job.uuid, refused.what)
        else:
            yield Done(job.pupil, job.uuid)


def _keep(desk: Desk, shard: Shard, job: Job, signed: Signed, trust: Trust, act: str, *, training: bool) -> None:
    profile = load_profile(job.record.profile or desk.school.profile)
    complete = signed.slot is Slot.SEAL
    data = record_file(profile, job.uuid, job.region, (*job.made, signed))
    verdict = verify(data, trust, profile.name, complete=complete)
    if verdict.verdict is Verdict.FAILED:
        raise SigningFailed(f"Chữ ký vừa tạo không kiểm được ({verdict.reason}); không giữ lại.")
    state = SIGNED_AT[signed.slot]
    if not may_move(job.record.state, state):
        raise Refused(f"Học bạ của {job.pupil.name} {job.record.state.label}, không ký được ở bước này.")
    before = shard.document(RECORDS, job.pupil.key)
    after: dict[str, Any] = {
        **job.facts,
        "state": state.value,
        f"signed.{signed.slot}": shard.keep(pack(signed)),
        f"by.{signed.slot}": desk.actor.key,
    }
    if training:
        after["training"] = True
    # The state is compared with what the job was prepared from: whoever moved the record first wins.
    seen = {**before, "state": None if job.record.state is RecordState.DRAFT else job.record.state.value}
    edits = [Edit(RECORDS, job.pupil.key, n, seen.get(n), v) for n, v in after.items() if seen.get(n) != v]
    try:
        shard.change(desk.actor.key, act, edits, expecting=job.expecting)
    except Conflict as error:
        raise Refused(f"{error.what} Chưa ký em này.") from error
    if complete:
        settle_file(desk, shard, Record.from_fields(job.pupil.key, shard.document(RECORDS, job.pupil.key)))


def jobs_at(desk: Desk, class_key: str, state: RecordState) -> list[Job]:
    """Return the records of a class that stand at ``state``, ready to be signed on."""
    shard = desk.class_shard(class_key)
    records = desk.records(class_key)
    jobs = []
    for pupil in desk.pupils(class_key):
        record = records[pupil.key]
        if record.state is state:
            document = dict(shard.document(RECORDS, pupil.key))
            jobs.append(
                Job(
                    pupil,
                    record,
                    record.uuid,
                    shard.kept(record.frozen),
                    signatures_of(shard, record),
                    expecting=(Expect(RECORDS, pupil.key, document),),
                )
            )
    return jobs
