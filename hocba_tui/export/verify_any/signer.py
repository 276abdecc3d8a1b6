"""Judge who signed an XML file: the claimed time, the certificate, and whether it was revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from lxml import etree

from hocba_tui.clock import VIETNAM
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.certificate import BadCertificate, holder_name, in_words
from hocba_tui.export.trust.issuers import Anchor, Trust, issuer_problem, validity_problem
from hocba_tui.export.trust.revocation import revocation_verdict
from hocba_tui.export.trust.verdict import PASSED, StepResult, Verdict
from hocba_tui.export.verify_any.algorithms import weak_key
from hocba_tui.export.verify_any.references import Covered, tag
from hocba_tui.export.verify_any.verdict import NamedSigner

_CLOCK_SKEW = timedelta(days=1)
_YEARS = range(2000, 2101)
_TIMES = (
    "{*}SignatureProperties/{*}SignatureProperty/{*}SigningTime",
    "/".join(
        f"{{{XADES}}}{name}"
        for name in ("QualifyingProperties", "SignedProperties", "SignedSignatureProperties", "SigningTime")
    ),
)
"""Where a SigningTime is below an Object: the state's recipe, in whatever namespace; XAdES."""


@dataclass(frozen=True)
class ClaimedTime:
    """The time of signing that a signer claims; ``at`` is None where the signature covers no readable time."""

    at: datetime | None
    verdict: Verdict
    reason: str = ""

    @property
    def text(self) -> str:
        """Return the time in Vietnam in ISO 8601, empty when there is none."""
        return self.at.astimezone(VIETNAM).isoformat() if self.at else ""


def claimed_time(signature: etree._Element, covered: Sequence[Covered], now: datetime) -> ClaimedTime:
    """Return the SigningTime of a signature, read from an Object of its own that it covers.

    A time without a zone is Vietnam's.
    """
    stated = [time for place in signature.findall(tag("Object")) for way in _TIMES for time in place.findall(way)]
    signed = {each.element for each in covered if each.without is None}
    believed = [time for time in stated if any(above in signed for above in (time, *time.iterancestors()))]
    if not stated:
        return ClaimedTime(None, Verdict.INDETERMINATE, "chữ ký không ghi thời điểm ký")
    if not believed:
        return ClaimedTime(None, Verdict.INDETERMINATE, "thời điểm ghi trong tệp không nằm trong phần được ký")
    try:
        times = {_read_time(time) for time in believed}
    except ValueError:
        return ClaimedTime(None, Verdict.INDETERMINATE, "thời điểm ký không đọc được")
    if len(times) > 1:
        return ClaimedTime(None, Verdict.FAILED, "chữ ký ghi nhiều thời điểm ký khác nhau")
    at = times.pop()
    if at.year not in _YEARS:
        return ClaimedTime(None, Verdict.FAILED, "thời điểm ký không hợp lí")
    if at > now + _CLOCK_SKEW:
        return ClaimedTime(at, Verdict.FAILED, "thời điểm ký ở tương lai")
    if len(believed) < len(stated):
        return ClaimedTime(at, Verdict.INDETERMINATE, "chữ ký còn ghi một thời điểm nữa, không nằm trong phần được ký")
    return ClaimedTime(at, Verdict.PASSED)


def judge_certificate(
    certificate: x509.Certificate, trust: Trust, at: datetime | None, now: datetime
) -> tuple[StepResult, NamedSigner, Anchor | None]:
    """Return whether a pinned issuer certified the signer and when, whom the certificate names, and that issuer."""
    signer = NamedSigner(
        holder_name(certificate),
        in_words(certificate.subject),
        in_words(certificate.issuer),
        f"{certificate.serial_number:x}",
    )
    try:
        anchor = trust.issuer_of(certificate)
    except BadCertificate as error:
        return StepResult(Verdict.FAILED, str(error)), signer, None
    problem = weak_key(certificate)
    if problem:
        return StepResult(Verdict.FAILED, problem), signer, None
    problem = validity_problem(certificate, at or now)
    if anchor is not None and not problem:
        problem = issuer_problem(anchor.certificate, at or now)
    if problem and at is None:
        now_only = f"không rõ ký lúc nào; tính đến bây giờ, {problem.removesuffix(' lúc ký')}"
        return StepResult(Verdict.INDETERMINATE, now_only), signer, anchor
    if problem:
        return StepResult(Verdict.FAILED, problem), signer, anchor
    if anchor is None:
        unknown = "không có nơi cấp chứng thư này trong danh sách tin cậy ở đây"
        return StepResult(Verdict.INDETERMINATE, unknown), signer, None
    signer = NamedSigner(signer.holder, signer.subject, signer.issuer, signer.serial, anchor.training)
    return PASSED, signer, anchor


def judge_revocation(
    certificate: x509.Certificate, anchor: Anchor | None, trust: Trust, at: datetime | None, now: datetime
) -> StepResult:
    """Return from stored answers whether the certificate was revoked. A training authority revokes nothing.

    Where no time is claimed, a certificate that is revoked now may have signed before.
    """
    if anchor is None:
        return StepResult(Verdict.INDETERMINATE, "chưa rõ nơi cấp nên không biết chứng thư có bị thu hồi không")
    if anchor.training:
        return PASSED
    found = revocation_verdict(certificate, anchor.certificate, at or now, trust.answers)
    if found.verdict is Verdict.FAILED and at is None:
        return StepResult(Verdict.INDETERMINATE, "chứng thư đã bị thu hồi; không rõ đã ký trước hay sau đó")
    return found


def _read_time(element: etree._Element) -> datetime:
    if len(element):
        raise ValueError("children in a time")
    at = datetime.fromisoformat((element.text or "").strip())
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)
