"""``hocba verify --any``: the signatures of an XML file that is no record of ours, each judged for itself.

Tax documents, invoices, another vendor's học bạ, health insurance: XMLDSig of the state's recipe, with references by
Id without transforms, or enveloped. Nobody says here what such a file must be, so the file is INDETERMINATE at best;
a signature may be PASSED: this certificate signed these elements.

Of the file: (1) it parses; (2) it has signatures; (3) what each of them is worth; (4) what none of them covers;
(5) what nobody can tell. Of each signature: (1) its shape and algorithms; (2) digests and value hold; (3) its claimed
time; (4) its certificate; (5) revocation; (6) nothing else in the file bears the name of what it covers.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree

from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Step, Verdict, worst
from hocba_tui.export.verify_any.algorithms import Unsupported, Weak
from hocba_tui.export.verify_any.coverage import Coverage
from hocba_tui.export.verify_any.crypto import checked, require_shape, signing_certificates
from hocba_tui.export.verify_any.document import Document, TooMuch
from hocba_tui.export.verify_any.references import Broken, Covered
from hocba_tui.export.verify_any.signer import claimed_time, judge_certificate, judge_revocation
from hocba_tui.export.verify_any.verdict import AnySignature, AnyVerdict, Signer

_MAX_SIGNATURES = 500
_STEPS = ("thuật toán", "toàn vẹn và chữ ký", "thời điểm ký", "chứng thư", "thu hồi chứng thư", "phần được ký")
_FILE_STEPS = ("đọc tệp", "tìm chữ ký", "từng chữ ký", "phần không được ký", "điều không thể biết")
UNKNOWN = (
    "Không có lược đồ cho loại tệp này: không biết tệp có đủ và đúng các phần bắt buộc không.",
    "Không biết tệp phải có những chữ ký nào, của ai, ở đâu; tên chỗ đặt chữ ký không được ký.",
    "Không so người giữ chứng thư với người hay đơn vị ghi trong tệp: hãy tự đối chiếu.",
    "Chỉ những phần kể ra dưới từng chữ ký là được ký; chương trình khác có thể đọc chỗ khác trong tệp.",
    "Thời điểm ký do người ký tự khai; không kiểm dấu thời gian nào.",
)


@dataclass
class _Judged:
    """A signature under verification."""

    place: str
    element: etree._Element
    steps: list[Step] = field(default_factory=list)
    covered: tuple[Covered, ...] = ()
    certificate: x509.Certificate | None = None
    signer: Signer = field(default_factory=Signer)
    time: str = ""

    def note(self, verdict: Verdict, reason: str = "") -> None:
        """Write down the next step."""
        self.steps.append(Step(len(self.steps) + 1, _STEPS[len(self.steps)], verdict, reason))

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the steps."""
        return worst(step.verdict for step in self.steps)

    def said(self, document: Document, number: int) -> AnySignature:
        """Return what is told of it; of a signature that FAILED nothing that it covers, since nothing proves that."""
        good = self.verdict is not Verdict.FAILED
        return AnySignature(
            number, self.place, self.verdict, tuple(self.steps), self.signer, self.time,
            tuple(dict.fromkeys(document.paths.of(each.element) for each in self.covered)) if good else (),
        )  # fmt: skip


def verify_any(data: bytes, trust: Trust, now: datetime | None = None) -> AnyVerdict:
    """Return the verdict on any XML file; ``now`` is the time of asking."""
    try:
        return _verify(Document(data), trust, now or datetime.now(UTC))
    except (NotWellFormed, TooMuch) as error:
        return _refused(str(error))
    except Exception:  # noqa: BLE001 - a file on which a step stumbles is a file that fails
        return _refused("tệp có nội dung bất thường, không kiểm tra được")


def any_certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) that a file carries, whoever signed it; none when it cannot be read."""
    found: list[bytes] = []
    try:
        for signature in Document(data).signatures[:_MAX_SIGNATURES]:
            with contextlib.suppress(Broken, Unsupported):
                found += signing_certificates(signature)
    except NotWellFormed:
        return ()
    return tuple(dict.fromkeys(found))


def _refused(reason: str) -> AnyVerdict:
    return AnyVerdict(Verdict.FAILED, (Step(1, _FILE_STEPS[0], Verdict.FAILED, reason),))


def _verify(document: Document, trust: Trust, now: datetime) -> AnyVerdict:
    read = Step(1, _FILE_STEPS[0], Verdict.PASSED)
    elements = document.signatures
    if not elements or len(elements) > _MAX_SIGNATURES:
        why = "tệp có quá nhiều chữ ký" if elements else "tệp không có chữ ký nào"
        return AnyVerdict(Verdict.FAILED, (read, Step(2, _FILE_STEPS[1], Verdict.FAILED, why)))
    judged = [_judge(document, element, trust, now) for element in elements]
    passed = Coverage(document, _covered_by(judged, Verdict.PASSED))
    held = Coverage(document, _covered_by(judged, Verdict.PASSED, Verdict.INDETERMINATE))
    for one in judged:
        if one.verdict is not Verdict.FAILED and one.certificate is not None:
            # What somebody unknown signs must not make a forged twin look signed beside one that is PASSED.
            others = passed if one.verdict is Verdict.PASSED else held
            one.note(*_twins(others.twins_of(one.covered)))
    signatures = tuple(one.said(document, number) for number, one in enumerate(judged, start=1))
    steps = [read, Step(2, _FILE_STEPS[1], Verdict.PASSED), _of_all(signatures)]
    if steps[-1].verdict is Verdict.FAILED:
        return AnyVerdict(Verdict.FAILED, tuple(steps), signatures)
    uncovered = held.uncovered()
    steps.append(_of_the_rest(uncovered))
    steps.append(Step(5, _FILE_STEPS[4], Verdict.INDETERMINATE, "tệp không phải học bạ mà hocba biết khuôn"))
    return AnyVerdict(
        worst(step.verdict for step in steps), tuple(steps), signatures, uncovered, held.values(), _unknown(document)
    )


def _judge(document: Document, element: etree._Element, trust: Trust, now: datetime) -> _Judged:
    """Judge one signature by itself: all but what else is in the file."""
    judged = _Judged(document.paths.of(element), element)
    try:
        require_shape(element)
        judged.note(Verdict.PASSED)
        judged.certificate, judged.covered = checked(document, element, signing_certificates(element))
        judged.note(Verdict.PASSED)
    except (Broken, Weak) as error:
        judged.note(Verdict.FAILED, str(error))
        return judged
    except Unsupported as error:
        judged.note(Verdict.INDETERMINATE, str(error))
        return judged
    time = claimed_time(element, judged.covered, now)
    judged.time = time.text
    judged.note(time.verdict, time.reason)
    found, judged.signer, anchor = judge_certificate(judged.certificate, trust, time.at, now)
    judged.note(*found)
    if judged.verdict is not Verdict.FAILED:
        judged.note(*judge_revocation(judged.certificate, anchor, trust, time.at, now))
    return judged


def _covered_by(judged: list[_Judged], *verdicts: Verdict) -> list[Covered]:
    return [each for one in judged if one.verdict in verdicts for each in one.covered]


def _twins(twins: tuple[str, ...]) -> tuple[Verdict, str]:
    if not twins:
        return Verdict.PASSED, ""
    return Verdict.INDETERMINATE, f"trong tệp có phần tử cùng tên không được ký, đừng đọc nhầm: {_few(twins)}"


def _of_all(signatures: tuple[AnySignature, ...]) -> Step:
    verdict = worst(signature.verdict for signature in signatures)
    bad = ", ".join(str(signature.number) for signature in signatures if signature.verdict is verdict)
    reason = "" if verdict is Verdict.PASSED else f"{verdict.label.lower()}: chữ ký số {bad}"
    return Step(3, _FILE_STEPS[2], verdict, reason)


def _of_the_rest(uncovered: tuple[str, ...]) -> Step:
    if not uncovered:
        return Step(4, _FILE_STEPS[3], Verdict.PASSED)
    return Step(4, _FILE_STEPS[3], Verdict.INDETERMINATE, f"không chữ ký nào phủ {_few(uncovered)}")


def _few(texts: tuple[str, ...]) -> str:
    shown = ", ".join(texts[:3])
    return f"{shown} và {len(texts) - 3} chỗ nữa" if len(texts) > 3 else shown


def _unknown(document: Document) -> tuple[str, ...]:
    found = list(UNKNOWN)
    if document.has_xades:
        found.append("Chữ ký có thuộc tính XAdES: chỉ đọc thời điểm ký, không kiểm phần còn lại.")
    if document.has_comments:
        found.append("Tệp có chú thích hoặc chỉ thị xử lí ngoài phần được ký.")
    return tuple(found)
