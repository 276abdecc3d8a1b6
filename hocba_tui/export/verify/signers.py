"""Steps 6 and 8 of the verifier: on what certificate each signed, and in what order."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.export.trust.algorithms import key_problem
from hocba_tui.export.trust.certificate import BadCertificate, says_training
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import time_result, use_result
from hocba_tui.export.trust.paths import find_path, path_result
from hocba_tui.export.trust.revocation_answers import SKEW
from hocba_tui.export.trust.verdict import PASSED, StepResult, Verdict, failed, not_known, remark, together
from hocba_tui.export.verify.work import Signer, Work


def certificates(work: Work) -> StepResult:
    """Judge whether each certificate comes from a pinned issuer and was good at the time of signing."""
    return work.each(lambda signer: _certificate(work, signer))


def _certificate(work: Work, signer: Signer) -> Iterator[StepResult | None]:
    certificate, claimed = signer.certificate, signer.claimed
    if problem := key_problem(certificate):
        yield failed(problem, Code.CRYPTO_CONSTRAINTS_FAILURE)
    out_of_time = time_result(certificate, claimed)
    yield out_of_time
    yield use_result(certificate)
    try:
        signer.path = find_path(certificate, work.trust)
    except BadCertificate as error:
        yield failed(str(error), Code.CERTIFICATE_CHAIN_GENERAL_FAILURE)
        return
    if says_training(certificate) or (signer.path is not None and signer.path.anchor.training):
        yield remark("", Code.NO_LEGAL_VALUE)  # The headline says it.
    if signer.path is None:
        yield not_known(_no_path(work), Code.NO_CERTIFICATE_CHAIN_FOUND)
    elif out_of_time is None:
        for issuer in signer.path.issuers:
            yield time_result(issuer, claimed, "chứng thư của nơi cấp")
        yield path_result(certificate, signer.path)
    if not signer.signed.xades:
        yield remark("chữ ký không phủ chứng thư (không có SigningCertificateV2)",
                     Code.CERTIFICATE_NOT_COVERED)  # fmt: skip


def _no_path(work: Work) -> str:
    refused = f"; không dùng được {'; '.join(work.trust.refused)}" if work.trust.refused else ""
    return f"không có nơi cấp chứng thư này trong danh sách tin cậy ở đây{refused}"


def order(work: Work) -> StepResult:
    """Require that the signatures were made in their order, and not in the future."""
    found: list[tuple[str, StepResult]] = []
    times = [signer.claimed for signer in work.signers]
    if times != sorted(times):
        found.append(("", failed("người ký sau lại có thời điểm ký trước", Code.ORDER_OF_SIGNING)))
    late = [signer for signer in work.signers if signer.claimed > work.now + SKEW]
    found += [(signer.signed.slot.label, failed("thời điểm ký ở tương lai", Code.SIG_CONSTRAINTS_FAILURE))
              for signer in late]  # fmt: skip
    for signer in late:
        signer.note(failed("thời điểm ký ở tương lai", Code.SIG_CONSTRAINTS_FAILURE))
    return together(found) if found else PASSED


def verdict_of(signer: Signer) -> Verdict:
    """Return the worst of what was found of a signer."""
    return together(("", each) for each in signer.found).verdict
