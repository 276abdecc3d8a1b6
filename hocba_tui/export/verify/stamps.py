"""Step 9 of the verifier: what the time-stamps prove, where there are any."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hocba_tui.clock import VIETNAM
from hocba_tui.export.record.signature import stamped_bytes
from hocba_tui.export.trust.certificate import BadCertificate, holder_name, in_words, load_certificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.extensions import extensions_of
from hocba_tui.export.trust.issuers import TSA, Trust, time_problem
from hocba_tui.export.trust.paths import issuer_among
from hocba_tui.export.trust.revocation import Times, standing
from hocba_tui.export.trust.revocation_answers import SKEW
from hocba_tui.export.trust.verdict import StepResult, Verdict, failed, not_known, remark
from hocba_tui.export.verify.work import Signer, Work
from hocba_tui.model.record import Signed
from hocba_tui.text import moment

if TYPE_CHECKING:
    from hocba_tui.export.trust.timestamp import Stamp

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
    return work.each(lambda signer: _stamp(work, signer))


def _stamp(work: Work, signer: Signer) -> Iterator[StepResult]:
    if work.existed is not None and work.existed >= signer.claimed - SKEW:
        signer.proved = work.existed
    if not signer.signed.stamp:
        if signer.proved is None:
            yield remark("không có dấu thời gian, giờ ký là lời khai", Code.NO_POE)
        return
    # Only where there is a stamp: asn1crypto is 8 MB that no other file needs.
    from hocba_tui.export.trust.timestamp import BadStamp

    try:
        found = judge_stamp(signer.signed, work.trust, work.now)
    except BadStamp as error:
        yield failed(str(error), Code.TIMESTAMP_ORDER_FAILURE)
        return
    if found.reason:
        yield not_known(found.reason, Code.NO_POE)
        return
    time = datetime.fromisoformat(found.time)
    signer.stamp_time, signer.stamp_authority = found.time, found.authority
    signer.proved = min(filter(None, (signer.proved, time)))
    if time - signer.claimed > _LATE:
        both = f"khai ký lúc {moment(signer.signed.time)}, dấu thời gian {moment(found.time)}"
        yield StepResult(Verdict.PASSED, both)


def judge_stamp(signed: Signed, trust: Trust, now: datetime) -> JudgedStamp:
    """Return what the stamp of a signature proves; nothing proves when the stamp itself was made, so it is judged now.

    Raises BadStamp (its message is for a person) when the stamp covers something else, when its signature does not
    hold, when its authority's certificate did not allow it, or when its time is impossible.
    """
    # Only where there is a stamp: asn1crypto is 8 MB that no other file needs.
    from hocba_tui.export.trust.timestamp import BadStamp, read_stamp

    stamp = read_stamp(signed.stamp, stamped_bytes(signed.value, signed.certificate))
    claimed, made = datetime.fromisoformat(signed.time), stamp.time
    time, authority = made.astimezone(VIETNAM).isoformat(), holder_name(stamp.certificate)
    try:
        issuer = issuer_among(stamp.certificate, trust.stampers)
    except BadCertificate as error:
        raise BadStamp(f"nơi cấp dấu thời gian: {error}") from error
    problem = _purpose_problem(stamp.certificate) or time_problem(stamp.certificate, made)
    if problem or (issuer is not None and (problem := time_problem(issuer, made))):
        raise BadStamp(f"nơi cấp dấu thời gian: {problem}")
    both = f"khai ký lúc {moment(signed.time)}, dấu thời gian {moment(time)}"
    if made < claimed - SKEW:
        raise BadStamp(f"khai là ký vào một lúc chưa tới khi có dấu thời gian ({both})")
    if made > now + SKEW:
        raise BadStamp("dấu thời gian ở tương lai")
    if issuer is None:
        needed = in_words(stamp.certificate.issuer)
        why = f"cần chứng thư của “{needed}” trong {TSA}/ của thư mục tin cậy"
        return JudgedStamp(time, authority, False, f"dấu thời gian của “{authority}” chưa kiểm được: {why}")
    if problem := _authority_problem(stamp, issuer, trust, Times(now, made)):
        return JudgedStamp(time, authority, True, problem)
    if problem := time_problem(load_certificate(signed.certificate), made):
        return JudgedStamp(time, authority, True, f"đến lúc có dấu thời gian thì {problem} ({both})")
    return JudgedStamp(time, authority, True)


def _authority_problem(stamp: Stamp, issuer: x509.Certificate, trust: Trust, times: Times) -> str:
    """Return why an authority is not known to be good now, empty when it is; raise BadStamp when it was not then."""
    from hocba_tui.export.trust.timestamp import BadStamp

    name = holder_name(stamp.certificate)
    verdict, reason, _ = standing(stamp.certificate, issuer, trust, times).result
    if verdict is Verdict.FAILED:
        raise BadStamp(f"nơi cấp dấu thời gian: {reason}")
    if verdict is Verdict.INDETERMINATE:
        return f"nơi cấp dấu thời gian “{name}”: {reason}"
    ended = min(stamp.certificate.not_valid_after_utc, issuer.not_valid_after_utc)
    if times.now > ended:
        why = f"chứng thư của nơi cấp dấu thời gian “{name}” đã hết hạn ngày {ended.astimezone(VIETNAM):%d/%m/%Y}"
        return f"{why}, nên dấu ấy không còn tự chứng minh được"
    return ""


def stamper_certificates(tokens: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the certificate (DER) in each token that can be read, trusted or not."""
    for token in tokens:
        from hocba_tui.export.trust.timestamp import BadStamp, certificate_of

        with contextlib.suppress(BadStamp):
            yield certificate_of(token)


def _purpose_problem(certificate: x509.Certificate) -> str | None:
    """Return why a certificate may not sign time-stamps: it must be for that alone, critically (RFC 3161, 2.3)."""
    extensions = extensions_of(certificate)
    found = extensions.read.get(x509.ExtendedKeyUsage.oid)
    usage = extensions.of(x509.KeyUsage)
    if found is None or not isinstance(found.value, x509.ExtendedKeyUsage):
        return "chứng thư không được cấp để đóng dấu thời gian"
    if not found.critical or list(found.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return "chứng thư không được cấp riêng để đóng dấu thời gian"
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return "chứng thư không được cấp để ký số"
    return None
