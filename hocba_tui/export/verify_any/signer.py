"""Judge who signed an XML file: the claimed time, the certificate, and whether it was revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree

from hocba_tui.clock import VIETNAM
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.certificate import BadCertificate, holder_name, in_words, says_training, unit_of
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import Trust, time_problem, time_result, use_result
from hocba_tui.export.trust.paths import Path, find_path, path_result
from hocba_tui.export.trust.revocation import Times, path_standing
from hocba_tui.export.trust.revocation_answers import SKEW
from hocba_tui.export.trust.verdict import StepResult, Verdict, failed, not_known, together
from hocba_tui.export.verify_any.algorithms import weak_key
from hocba_tui.export.verify_any.references import Covered, tag
from hocba_tui.export.verify_any.verdict import NamedSigner

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
    if at > now + SKEW:
        return ClaimedTime(at, Verdict.FAILED, "thời điểm ký ở tương lai")
    if len(believed) < len(stated):
        return ClaimedTime(at, Verdict.INDETERMINATE, "chữ ký còn ghi một thời điểm nữa, không nằm trong phần được ký")
    return ClaimedTime(at, Verdict.PASSED)


def judge_certificate(
    certificate: x509.Certificate, trust: Trust, times: Times, more: Sequence[x509.Certificate] = ()
) -> tuple[StepResult, NamedSigner, Path | None]:
    """Return whether a pinned issuer certified the signer and when, whom the certificate names, and the path.

    ``more`` are the other certificates that came with the signature: links of a path, trusted only through it.
    """
    path: Path | None = None
    found: list[StepResult | None] = []
    if problem := weak_key(certificate):
        found.append(not_known(problem, Code.CRYPTO_CONSTRAINTS_FAILURE))
    try:
        path = find_path(certificate, trust, more)
    except BadCertificate as error:
        found.append(failed(str(error), Code.CERTIFICATE_CHAIN_GENERAL_FAILURE))
    else:
        found += [use_result(certificate), *_by_path(certificate, path, trust)]
    found += _by_time(certificate, path, times)
    training = says_training(certificate) or (path is not None and path.anchor.training)
    signer = NamedSigner(
        holder_name(certificate), in_words(certificate.subject), in_words(certificate.issuer),
        f"{certificate.serial_number:x}", training, unit_of(certificate),
        certificate.fingerprint(hashes.SHA256()).hex(),
        *(at.astimezone(VIETNAM).isoformat() for at in (certificate.not_valid_before_utc,
                                                        certificate.not_valid_after_utc)),
    )  # fmt: skip
    return together(("", each) for each in found if each is not None), signer, path


def _by_path(certificate: x509.Certificate, path: Path | None, trust: Trust) -> list[StepResult | None]:
    if path is None:
        refused = f"; không dùng được {'; '.join(trust.refused)}" if trust.refused else ""
        unknown = f"không có nơi cấp chứng thư này trong danh sách tin cậy ở đây{refused}"
        return [not_known(unknown, Code.NO_CERTIFICATE_CHAIN_FOUND)]
    return [path_result(certificate, path)]


def _by_time(certificate: x509.Certificate, path: Path | None, times: Times) -> list[StepResult | None]:
    """Judge validity by the signer's own claim, which may prove it wrong; without one only now is known."""
    issuers = path.issuers if path is not None else ()
    if times.claimed is not None:
        claimed = times.claimed
        return [
            time_result(certificate, claimed),
            *(time_result(each, claimed, "chứng thư của nơi cấp") for each in issuers),
        ]
    problem = time_problem(certificate, times.now)
    if problem is None:
        return []
    now_only = f"không rõ ký lúc nào; tính đến bây giờ, {problem.removesuffix(' lúc ký')}"
    return [not_known(now_only, Code.OUT_OF_BOUNDS_NO_POE)]


def judge_revocation(certificate: x509.Certificate, path: Path | None, trust: Trust, times: Times) -> StepResult:
    """Return from stored answers whether the certificate is good now, when no earlier time is proven.

    Where no time is claimed, a certificate that is revoked now may have signed before.
    """
    if path is None:
        unknown = "chưa rõ nơi cấp nên không biết chứng thư có bị thu hồi không"
        return not_known(unknown, Code.NO_CERTIFICATE_CHAIN_FOUND)
    found = path_standing(certificate, path, trust, times).result
    if found.verdict is not Verdict.PASSED:
        return found
    if times.claimed is not None and not all(
        each.not_valid_after_utc >= times.now for each in (certificate, *path.issuers)
    ):
        return not_known(
            "chứng thư, hoặc chứng thư của nơi cấp, nay đã hết hạn; không có gì chứng minh đã ký trước đó",
            Code.OUT_OF_BOUNDS_NO_POE,
        )
    return found


def _read_time(element: etree._Element) -> datetime:
    if len(element):
        raise ValueError("children in a time")
    at = datetime.fromisoformat((element.text or "").strip())
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)
