"""Decide from stored answers of the issuer whether a certificate was revoked when it signed.

Without proof that a signature existed at some time, the control time is now: a claimed time proves nothing, so only
the issuer's present word counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from hocba_tui.clock import VIETNAM
from hocba_tui.export.trust.certificate import BadCertificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.extensions import extensions_of
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.paths import Path, find_path
from hocba_tui.export.trust.revocation_answers import (
    Answers,
    RevocationAnswer,
    RevocationState,
    key_of,
    revocation_answers,
    unreadable_times,
)
from hocba_tui.export.trust.verdict import StepResult, Verdict, failed, not_known

_ASK = "hỏi lại nơi cấp: hocba verify --online"


@dataclass(frozen=True)
class Times:
    """The times of a signature, in UTC or with a zone."""

    now: datetime
    claimed: datetime | None = None
    """What the signer says; None where no time is signed."""
    proved: datetime | None = None
    """When a time-stamp or the school's own journal proves that it existed."""
    names_certificate: bool = False
    """Whether the signature covers which certificate it was made with (SigningCertificateV2)."""

    @property
    def control(self) -> datetime:
        """Return the time at which certificates are judged."""
        return self.proved or self.now


@dataclass(frozen=True)
class Standing:
    """Whether a certificate was revoked, and on which answers (SHA-256) that rests."""

    result: StepResult
    used: tuple[str, ...] = ()


GOOD = Standing(StepResult(Verdict.PASSED))


def path_standing(certificate: x509.Certificate, path: Path, trust: Trust, times: Times) -> Standing:
    """Return the standing of a certificate and of every authority between it and the pinned issuer.

    A training authority revokes nothing.
    """
    if path.anchor.training:
        return GOOD
    used: list[str] = []
    for number, (below, issuer) in enumerate(path.pairs(certificate)):
        found = standing(below, issuer, trust, times)
        used += found.used
        if found.result.verdict is not Verdict.PASSED:
            reason = f"nơi cấp trung gian: {found.result.reason}" if number else found.result.reason
            return Standing(StepResult(found.result.verdict, reason, found.result.codes), tuple(used))
    return Standing(GOOD.result, tuple(used))


def standing(certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust, times: Times) -> Standing:
    """Return whether a certificate was not revoked when it signed.

    Revoked before the claimed time: FAILED. Revoked later without proof that the signature is older, held, unknown,
    stale or no answer: INDETERMINATE. A key that was revoked through any certificate counts as revoked.
    """
    found = revocation_answers(certificate, issuer, trust.answers)
    believed = [each for each in found if not each.is_from_the_future(times.now)]
    said = [(each, _revoked(each, times, "chứng thư")) for each in believed]
    said += [(each, _revoked_elsewhere(each, times)) for each in _of_same_key(certificate, trust)]
    bad = [(each, result) for each, result in said if result is not None]
    if bad:
        answer, result = min(bad, key=lambda pair: pair[1].verdict is not Verdict.FAILED)
        return Standing(result, (answer.digest,))
    current = [each for each in believed if _is_current(each, times)]
    if not current:
        return Standing(not_known(_why_nothing(found, believed, trust, times), Code.TRY_LATER))
    latest = max(current, key=lambda each: (not each.doubt, each.this_update))
    return Standing(_of_latest(latest), (latest.digest,))


def _revoked(answer: RevocationAnswer, times: Times, whose: str) -> StepResult | None:
    if answer.state is not RevocationState.REVOKED or answer.revoked_at is None:
        return None
    day = f"{answer.revoked_at.astimezone(VIETNAM):%d/%m/%Y}"
    if answer.doubt:
        return not_known(f"{whose} bị ghi là thu hồi ngày {day}, nhưng {answer.doubt}", Code.TRY_LATER)
    if times.claimed is not None and answer.revoked_at <= times.claimed:
        return failed(f"{whose} đã bị thu hồi ngày {day}, trước khi ký", Code.REVOKED)
    if times.proved is None or answer.revoked_at <= times.proved:
        which = "không có dấu thời gian" if times.proved is None else "dấu thời gian có sau đó, không đủ"
        why = f"{whose} bị thu hồi ngày {day}; {which} để chứng minh đã ký trước đó"
        return not_known(why, Code.REVOKED_NO_POE)
    return None


def _revoked_elsewhere(answer: RevocationAnswer, times: Times) -> StepResult | None:
    """Judge what an issuer says of another certificate over the same key."""
    found = _revoked(answer, times, "khóa của chứng thư này (qua một chứng thư khác có cùng khóa)")
    if found is not None and times.names_certificate and not answer.about_key:
        # The signer herself says that she used this one; the other was only replaced by it.
        return not_known(found.reason, Code.REVOKED_NO_POE)
    return found


def _is_current(answer: RevocationAnswer, times: Times) -> bool:
    return answer.covers(times.proved) if times.proved is not None else answer.is_newest(times.now)


def _of_latest(latest: RevocationAnswer) -> StepResult:
    if latest.doubt:
        return not_known(f"câu trả lời chưa đủ tin: {latest.doubt}; {_ASK}", Code.TRY_LATER)
    # A certificate revoked at a known time was good until then, which is after the proof: see _revoked.
    if latest.state is RevocationState.GOOD or (
        latest.state is RevocationState.REVOKED and latest.revoked_at is not None
    ):
        return GOOD.result
    if latest.state is RevocationState.HELD:
        return not_known("chứng thư đang bị tạm dừng", Code.TRY_LATER)
    return not_known("nơi cấp trả lời là không biết chứng thư này", Code.TRY_LATER)


def _why_nothing(
    found: Sequence[RevocationAnswer], believed: Sequence[RevocationAnswer], trust: Trust, times: Times
) -> str:
    newest = max((each.this_update for each in believed), default=None)
    if newest is not None:
        day = f"{newest.astimezone(VIETNAM):%d/%m/%Y}"
        older = "cũ hơn lúc chứng minh được là đã ký" if times.proved else "đã hết hạn, mà không gì chứng minh lúc ký"
        why = f"câu trả lời mới nhất đã lưu là của ngày {day}, {older}"
    elif found:
        why = "câu trả lời đã lưu ghi giờ ở tương lai"
    elif unreadable_times(trust.answers):
        why = "câu trả lời đã lưu ghi giờ có phần lẻ của giây, trái quy định, nên không đọc được"
    else:
        why = "chưa có câu trả lời nào của nơi cấp"
    return f"chưa biết chứng thư có bị thu hồi không ({why}); {_ASK}"


def _of_same_key(certificate: x509.Certificate, trust: Trust) -> Iterator[RevocationAnswer]:
    """Yield what issuers say of other certificates over the same key: a key that is lost is lost in all of them."""
    if not trust.answers or not trust.known:
        return
    for other in trust.known.get(key_of(certificate), ()):
        with contextlib.suppress(BadCertificate):
            if other != certificate and (path := find_path(other, trust)) is not None:
                yield from revocation_answers(other, path.issuer, trust.answers)


def request_for(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return an OCSP request (DER). SHA-1 names the certificate here and signs nothing (RFC 6960, 4.3)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(Encoding.DER)


def asked_at(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return where the issuer answers about a certificate: addresses for OCSP, and of CRLs; http and https only."""
    extensions = extensions_of(certificate)
    access = extensions.of(x509.AuthorityInformationAccess) or ()
    responders = [d.access_location for d in access if d.access_method == AuthorityInformationAccessOID.OCSP]
    points = extensions.of(x509.CRLDistributionPoints) or ()
    lists = [name for point in points for name in point.full_name or ()]
    return _addresses(responders), _addresses(lists)


def answers_about(certificate: x509.Certificate, issuer: x509.Certificate, answers: Answers) -> bool:
    """Return whether there is an answer of the issuer that says something by itself."""
    return any(not each.doubt for each in revocation_answers(certificate, issuer, answers))


def _addresses(names: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    texts = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return tuple(text for text in texts if text.startswith(("http://", "https://")))
