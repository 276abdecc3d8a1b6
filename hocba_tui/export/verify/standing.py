"""Step 10 of the verifier: whether a certificate was good, and not revoked, when its signature is known to exist."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.clock import VIETNAM
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import time_result
from hocba_tui.export.trust.paths import issuers_at
from hocba_tui.export.trust.revocation import path_standing
from hocba_tui.export.trust.verdict import StepResult, not_known
from hocba_tui.export.verify.work import Signer, Work


def revocation(work: Work) -> StepResult:
    """Judge each certificate at the control time: when its signature is proven to have existed, else now."""
    return work.each(lambda signer: _standing(work, signer))


def _standing(work: Work, signer: Signer) -> Iterator[StepResult | None]:
    path = signer.path
    if time_result(signer.certificate, signer.claimed) is not None:
        return  # Step 6 has said it.
    times = signer.times(work.now)
    if path is not None:
        found = path_standing(signer.certificate, path, work.trust, times)
        signer.answers = found.used
        yield found.result if found.result.reason else None
    end = signer.certificate.not_valid_after_utc
    ended = times.control > end
    if ended or (path is not None and not issuers_at(path, times.control)):
        whose = "chứng thư" if ended else "chứng thư của nơi cấp"
        last = min([end, *(each.not_valid_after_utc for each in (path.issuers if path is not None else ()))])
        yield not_known(
            f"{whose} đã hết hạn ngày {last.astimezone(VIETNAM):%d/%m/%Y}, và không có gì chứng minh chữ ký đã có"
            " trước ngày ấy (không có dấu thời gian)",
            Code.OUT_OF_BOUNDS_NO_POE,
        )
