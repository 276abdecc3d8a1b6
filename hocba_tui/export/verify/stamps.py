"""Step 9 of the verifier: what the time-stamps prove, where there are any."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hocba_tui.clock import VIETNAM
from hocba_tui.export.record.signature import stamped_bytes
from hocba_tui.export.trust.certificate import BadCertificate, holder_name, in_words, load_certificate
from hocba_tui.export.trust.issuers import TSA, Trust, issuer_problem, validity_problem
from hocba_tui.export.trust.revocation import revocation_verdict
from hocba_tui.export.trust.verdict import SlotVerdict, StepResult, Verdict, result_of
from hocba_tui.export.verify.work import CLOCK_SKEW, StepFailed, Work
from hocba_tui.model.record import Signed
from hocba_tui.text import moment

_SKEW = timedelta(minutes=5)
"""How far the signer's clock may be ahead of the authority's."""
_LATE = timedelta(days=1)
"""For a stamp that is this much later than the signature both times are shown: it proves less than it seems to."""


@dataclass(frozen=True)
class JudgedStamp:
    """A time-stamp that is not refused."""

    time: str
    """When it was made, in Vietnam (ISO)."""
    authority: str
    """Name on the authority's certificate."""
    known: bool
    """Whether that certificate comes from a pinned issuer."""
    reason: str = ""
    """Why it proves nothing here; empty when it proves that the signature existed at ``time``."""


def stamps(work: Work) -> StepResult:
    """Judge whether each time-stamp is over its signature, from a pinned authority, and possible.

    A signature without one is no failure: the reason then says that its time of signing is a claim.
    """
    without, late, reasons = [], [], []
    slots: list[SlotVerdict] = []
    for signed, slot in zip(work.signed, work.slots, strict=True):
        if not signed.stamp:
            without.append(signed.slot.label)
            slots.append(slot)
            continue
        # Only where there is a stamp: asn1crypto is 8 MB that no other file needs.
        from hocba_tui.export.trust.timestamp import BadStamp

        try:
            found = judge_stamp(signed, work.trust)
        except BadStamp as error:
            raise StepFailed(f"{signed.slot.label}: {error}") from error
        if found.reason:
            reasons.append(f"{signed.slot.label}: {found.reason}")
            slots.append(replace(slot, verdict=Verdict.INDETERMINATE, reason=slot.reason or found.reason))
            continue
        time = datetime.fromisoformat(found.time)
        work.proved[signed.slot] = time
        slots.append(replace(slot, stamp_time=found.time, stamp_authority=found.authority))
        if time - datetime.fromisoformat(signed.time) > _LATE:
            late.append(f"{signed.slot.label}: khai ký lúc {moment(signed.time)}, dấu thời gian {moment(found.time)}")
    work.slots = tuple(slots)
    if reasons:
        return result_of(reasons)
    if without:
        late.append(f"không có dấu thời gian: {', '.join(without)}; thời điểm ký là lời khai")
    return StepResult(Verdict.PASSED, "; ".join(late))


def judge_stamp(signed: Signed, trust: Trust) -> JudgedStamp:
    """Return what the stamp of a signature proves.

    Raises BadStamp (its message is for a person) when the stamp covers something else, when its signature does not
    hold, when its authority's certificate did not allow it, or when its time is impossible.
    """
    # Only where there is a stamp: asn1crypto is 8 MB that no other file needs.
    from hocba_tui.export.trust.timestamp import BadStamp, read_stamp

    stamp = read_stamp(signed.stamp, stamped_bytes(signed.value, signed.certificate))
    claimed, made = datetime.fromisoformat(signed.time), stamp.time
    time, authority = made.astimezone(VIETNAM).isoformat(), holder_name(stamp.certificate)
    try:
        issuer = trust.issuer_of_stamper(stamp.certificate)
    except BadCertificate as error:
        raise BadStamp(f"nơi cấp dấu thời gian: {error}") from error
    problem = _purpose_problem(stamp.certificate) or validity_problem(stamp.certificate, made)
    if issuer is not None and not problem:
        problem = issuer_problem(issuer, made)
    if problem:
        raise BadStamp(f"nơi cấp dấu thời gian: {problem}")
    both = f"khai ký lúc {moment(signed.time)}, dấu thời gian {moment(time)}"
    if made < claimed - _SKEW:
        raise BadStamp(f"khai là ký vào một lúc chưa tới khi có dấu thời gian ({both})")
    if made > datetime.now(UTC) + CLOCK_SKEW:
        raise BadStamp("dấu thời gian ở tương lai")
    if issuer is None:
        needed = in_words(stamp.certificate.issuer)
        why = f"cần chứng thư của “{needed}” trong {TSA}/ của thư mục tin cậy"
        return JudgedStamp(
            time, authority, known=False, reason=f"dấu thời gian của “{authority}” chưa kiểm được: {why}"
        )
    verdict, reason = revocation_verdict(stamp.certificate, issuer, made, trust.answers)
    if verdict is Verdict.FAILED:
        raise BadStamp(f"nơi cấp dấu thời gian: {reason}")
    if verdict is Verdict.INDETERMINATE:
        return JudgedStamp(time, authority, known=True, reason=f"nơi cấp dấu thời gian “{authority}”: {reason}")
    if problem := validity_problem(load_certificate(signed.certificate), made):
        return JudgedStamp(time, authority, known=True, reason=f"đến lúc có dấu thời gian thì {problem} ({both})")
    return JudgedStamp(time, authority, known=True)


def stamper_certificates(tokens: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the certificate (DER) in each token that can be read, trusted or not."""
    for token in tokens:
        from hocba_tui.export.trust.timestamp import BadStamp, certificate_of

        with contextlib.suppress(BadStamp):
            yield certificate_of(token)


def _purpose_problem(certificate: x509.Certificate) -> str | None:
    """Return why a certificate may not sign time-stamps: it must be for that alone, critically (RFC 3161, 2.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return "chứng thư không được cấp để đóng dấu thời gian"
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return "chứng thư không được cấp riêng để đóng dấu thời gian"
    return None
