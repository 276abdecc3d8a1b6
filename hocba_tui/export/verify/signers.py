"""Steps 6 to 8 and 10 of the verifier: who signed, with what right, when, and whether a certificate was revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509

from hocba_tui.export.trust.algorithms import key_problem
from hocba_tui.export.trust.certificate import (
    BadCertificate,
    fingerprint,
    holder_id,
    holder_name,
    in_words,
    load_certificate,
)
from hocba_tui.export.trust.issuers import issuer_problem, validity_problem
from hocba_tui.export.trust.revocation import revocation_verdict
from hocba_tui.export.trust.verdict import PASSED, SlotVerdict, StepResult, Verdict, result_of
from hocba_tui.export.verify.work import CLOCK_SKEW, StepFailed, Work
from hocba_tui.model.record import Signed
from hocba_tui.text import fold


def certificates(work: Work) -> StepResult:
    """Judge whether each certificate comes from a pinned issuer and was good at the time of signing."""
    reasons = []
    slots = []
    for signed in work.signed:
        certificate = load_certificate(signed.certificate)
        try:
            anchor = work.trust.issuer_of(certificate)
        except BadCertificate as error:
            raise StepFailed(f"{signed.slot.label}: {error}") from error
        at = datetime.fromisoformat(signed.time)
        problem = key_problem(certificate) or validity_problem(certificate, at)
        if anchor is not None and not problem:
            problem = issuer_problem(anchor.certificate, at)
        if problem:
            raise StepFailed(f"{signed.slot.label}: {problem}")
        slot = SlotVerdict(
            slot=signed.slot,
            verdict=Verdict.PASSED,
            time=signed.time,
            holder=holder_name(certificate),
            issuer=in_words(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            training=anchor is not None and anchor.training,
        )
        if anchor is None:
            reason = "không có nơi cấp chứng thư này trong danh sách tin cậy ở đây"
            slot = replace(slot, verdict=Verdict.INDETERMINATE, reason=reason)
            reasons.append(f"{signed.slot.label}: {reason}")
        slots.append(slot)
    work.slots = tuple(slots)
    return result_of(reasons)


def holders(work: Work) -> StepResult:
    """Judge whether the people named inside hold the certificates, and the seal is the school's registered one."""
    reasons = []
    for signed in work.signed:
        certificate = load_certificate(signed.certificate)
        place = work.profile.place(signed.slot)
        if place.holder:
            reasons += _person(work, signed, certificate, place.holder, place.name)
        else:
            reasons += _seal(work, signed, certificate)
    return result_of(reasons)


def order(work: Work) -> StepResult:
    """Require that the signatures were made in their order, and not in the future."""
    times = [datetime.fromisoformat(signed.time) for signed in work.signed]
    if times != sorted(times):
        raise StepFailed("người ký sau lại có thời điểm ký trước")
    if times and times[-1] > datetime.now(UTC) + CLOCK_SKEW:
        raise StepFailed("thời điểm ký ở tương lai")
    return PASSED


def revocation(work: Work) -> StepResult:
    """Judge whether a certificate was revoked, as far as it is known here. A training authority revokes nothing."""
    reasons = []
    slots = []
    for signed, slot in zip(work.signed, work.slots, strict=True):
        certificate = load_certificate(signed.certificate)
        anchor = work.trust.issuer_of(certificate)
        if slot.training or anchor is None:
            slots.append(slot)
            continue
        at = datetime.fromisoformat(signed.time)
        verdict, reason = revocation_verdict(
            certificate, anchor.certificate, at, work.trust.answers, work.proved.get(signed.slot)
        )
        if verdict is Verdict.FAILED:
            raise StepFailed(f"{signed.slot.label}: {reason}")
        if verdict is Verdict.PASSED:
            slots.append(slot)
            continue
        reasons.append(f"{signed.slot.label}: {reason}")
        slots.append(replace(slot, verdict=verdict, reason=slot.reason or reason))
    work.slots = tuple(slots)
    return result_of(reasons)


def _person(work: Work, signed: Signed, certificate: x509.Certificate, holder: str, name: str) -> list[str]:
    held = holder_id(certificate)
    if held and held != work.text(holder):
        raise StepFailed(f"{signed.slot.label}: chứng thư thuộc về người khác với người ghi trong học bạ")
    if fold(work.text(name)) not in fold(holder_name(certificate)):
        if held:
            raise StepFailed(f"{signed.slot.label}: tên trên chứng thư khác tên ghi trong học bạ")
        return [f"{signed.slot.label}: tên trên chứng thư khác tên ghi trong học bạ"]
    return [] if held else [f"{signed.slot.label}: chứng thư không ghi số định danh để đối chiếu"]


def _seal(work: Work, signed: Signed, certificate: x509.Certificate) -> list[str]:
    """Judge the seal. An issuer of the state certifies every official, so only the registered seal is accepted."""
    others = [other.certificate for other in work.signed if other is not signed]
    if holder_id(certificate) or signed.certificate in others:
        raise StepFailed(f"{signed.slot.label}: đây là chứng thư cá nhân, không phải con dấu của trường")
    if not work.trust.seals:
        return [f"{signed.slot.label}: ở đây chưa biết con dấu đã đăng ký của trường để đối chiếu"]
    if fingerprint(signed.certificate) not in work.trust.seals:
        raise StepFailed(f"{signed.slot.label}: không phải con dấu đã đăng ký của trường")
    return []
