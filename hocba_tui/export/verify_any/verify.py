"""Judge each signature of an XML file that is no record (``hocba verify --any``).

Tax documents, invoices, another vendor's học bạ, health insurance: XMLDSig of the state's recipe, with references by
Id without transforms, or enveloped. The form that such a file must have is not known here, so the file is
INDETERMINATE at best. A signature may be PASSED: this certificate signed these elements.

Steps of the file: (1) it parses; (2) it has signatures; (3) the verdict on each; (4) what none of them covers;
(5) what cannot be known. Steps of each signature: (1) its shape and algorithms; (2) digests and value hold; (3) its
claimed time; (4) its certificate; (5) revocation; (6) no other element has the name of what it covers.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree

from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.certificate import load_certificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.program_error import program_error
from hocba_tui.export.trust.revocation import Times
from hocba_tui.export.trust.verdict import (
    PASSED,
    Step,
    StepResult,
    Verdict,
    basis_for,
    failed,
    not_known,
    together,
    worst,
)
from hocba_tui.export.verify_any.algorithms import Unsupported, Weak
from hocba_tui.export.verify_any.coverage import Coverage
from hocba_tui.export.verify_any.crypto import checked, require_shape, signing_certificates, weakness
from hocba_tui.export.verify_any.document import Document, NotJudged
from hocba_tui.export.verify_any.paths import is_element
from hocba_tui.export.verify_any.references import Broken, Covered, tag
from hocba_tui.export.verify_any.signer import claimed_time, judge_certificate, judge_revocation
from hocba_tui.export.verify_any.verdict import AnySignature, AnyVerdict, NamedSigner

_MAX_SIGNATURES = 500
_SIGNATURE_STEPS = (
    "thuật toán",
    "toàn vẹn và chữ ký",
    "thời điểm ký",
    "chứng thư",
    "thu hồi chứng thư",
    "phần được ký",
)
_FILE_STEPS = ("đọc tệp", "tìm chữ ký", "từng chữ ký", "phần không được ký", "điều không thể biết")
"""Names of the numbered steps, in their order."""
UNKNOWN = (
    "Không có lược đồ cho loại tệp này: không biết tệp có đủ và đúng các phần bắt buộc không.",
    "Không biết tệp phải có những chữ ký nào, của ai, ở đâu; tên chỗ đặt chữ ký không được ký.",
    "Không so người giữ chứng thư với người hay đơn vị ghi trong tệp: hãy tự đối chiếu.",
    "Chỉ những phần kể ra dưới từng chữ ký là được ký; chương trình khác có thể đọc chỗ khác trong tệp.",
    "Thời điểm ký do người ký tự khai; không kiểm dấu thời gian nào.",
)


@dataclass
class _Steps:
    """Steps that are carried out one after the other, each numbered and named by its place in ``names``."""

    names: tuple[str, ...]
    done: list[Step] = field(default_factory=list)

    def note(self, verdict: Verdict, reason: str = "", codes: tuple[Code, ...] = ()) -> Verdict:
        """Record the result of the next step; return its verdict."""
        number = len(self.done) + 1
        self.done.append(Step(number, self.names[number - 1], verdict, reason, codes))
        return verdict

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of the steps so far."""
        return worst(step.verdict for step in self.done)


@dataclass
class _Judged:
    """A signature under verification."""

    place: str
    element: etree._Element
    steps: _Steps = field(default_factory=lambda: _Steps(_SIGNATURE_STEPS))
    covered: tuple[Covered, ...] = ()
    certificate: x509.Certificate | None = None
    beside: tuple[x509.Certificate, ...] = ()
    """All certificates that came with it."""
    signer: NamedSigner = field(default_factory=NamedSigner)
    time: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the steps."""
        return self.steps.verdict

    def said(self, document: Document, number: int) -> AnySignature:
        """Return its verdict; for a FAILED one without what it covers, since nothing proves that."""
        good = self.verdict is not Verdict.FAILED
        return AnySignature(
            number, self.place, self.verdict, tuple(self.steps.done), self.signer, self.time,
            tuple(dict.fromkeys(document.paths.of(each.element) for each in self.covered)) if good else (),
        )  # fmt: skip


def verify_any(data: bytes, trust: Trust, now: datetime | None = None) -> AnyVerdict:
    """Return the verdict on any XML file; ``now`` is the time of asking.

    An exception that no step foresees is an error of this program: the file is INDETERMINATE, and none of it is shown.
    """
    steps = _Steps(_FILE_STEPS)
    asked = now or datetime.now(UTC)
    basis = basis_for(data, asked)
    try:
        return replace(_verify(data, trust, asked, steps), basis=basis)
    except (NotWellFormed, NotJudged) as error:
        # Nothing that was found before is reported of a file that is not examined to its end.
        refused = _Steps(_FILE_STEPS)
        result = _refusal(error)
        refused.note(*result)
        return AnyVerdict(result.verdict, tuple(refused.done), basis=basis)
    except Exception as error:  # noqa: BLE001 - a hostile file must not end the verification of the others
        steps.note(Verdict.INDETERMINATE, program_error(error), (Code.PROGRAM_ERROR,))
        return AnyVerdict(Verdict.INDETERMINATE, tuple(steps.done), program_error=True, basis=basis)


def any_certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) in a file, trusted or not; none when it cannot be read."""
    found: list[bytes] = []
    try:
        for signature in Document(data).signatures[:_MAX_SIGNATURES]:
            with contextlib.suppress(Broken, Unsupported):
                found += signing_certificates(signature)
    except (NotWellFormed, NotJudged):
        return ()
    return tuple(dict.fromkeys(found))


def _verify(data: bytes, trust: Trust, now: datetime, steps: _Steps) -> AnyVerdict:
    """Return the verdict; each step is noted in ``steps`` as soon as it is carried out."""
    document = Document(data)
    steps.note(Verdict.PASSED)
    elements = document.signatures
    if not elements:
        return AnyVerdict(steps.note(*failed("tệp không có chữ ký nào", Code.FORMAT_FAILURE)), tuple(steps.done))
    if len(elements) > _MAX_SIGNATURES:
        many = not_known(f"tệp có {len(elements)} chữ ký, quá {_MAX_SIGNATURES}, không xét ở đây", Code.NOT_JUDGED)
        return AnyVerdict(steps.note(*many), tuple(steps.done))
    steps.note(Verdict.PASSED)
    judged = [_judge(document, element, trust, now) for element in elements]
    passed = Coverage(document, _covered_by(judged, Verdict.PASSED))
    held = Coverage(document, _covered_by(judged, Verdict.PASSED, Verdict.INDETERMINATE))
    for one in judged:
        if one.verdict is not Verdict.FAILED and one.certificate is not None:
            # Beside a PASSED signature, one of an unknown issuer must not make a forged twin look signed.
            others = passed if one.verdict is Verdict.PASSED else held
            one.steps.note(*_of_coverage(document, one, others.twins_of(one.covered)))
    signatures = tuple(one.said(document, number) for number, one in enumerate(judged, start=1))
    if steps.note(*_of_all(signatures)) is Verdict.FAILED:
        return AnyVerdict(Verdict.FAILED, tuple(steps.done), signatures)
    uncovered, values, unknown = held.uncovered(), held.values(), _unknown(document, judged)
    steps.note(*_of_the_rest(uncovered))
    steps.note(Verdict.INDETERMINATE, "tệp không phải học bạ mà hocba biết khuôn")
    return AnyVerdict(steps.verdict, tuple(steps.done), signatures, uncovered, values, unknown)


def _judge(document: Document, element: etree._Element, trust: Trust, now: datetime) -> _Judged:
    """Judge one signature by itself; step 6, which compares it with the rest of the file, follows later."""
    judged = _Judged(document.paths.of(element), element)
    try:
        require_shape(element)
        old = weakness(element)
        judged.steps.note(*(not_known(old, Code.CRYPTO_CONSTRAINTS_FAILURE) if old else PASSED))
        ders = signing_certificates(element)
        judged.certificate, judged.covered = checked(document, element, ders)
        judged.beside = tuple(map(load_certificate, ders))
        judged.steps.note(Verdict.PASSED)
    except (Broken, Weak, Unsupported) as error:
        judged.steps.note(*_refusal(error))
        return judged
    time = claimed_time(element, judged.covered, now)
    judged.time = time.text
    judged.steps.note(time.verdict, time.reason)
    times = Times(now, time.at)
    found, judged.signer, path = judge_certificate(judged.certificate, trust, times, judged.beside)
    judged.steps.note(*found)
    if judged.verdict is not Verdict.FAILED:
        judged.steps.note(*judge_revocation(judged.certificate, path, trust, times))
    return judged


def _covered_by(judged: list[_Judged], *verdicts: Verdict) -> list[Covered]:
    return [each for one in judged if one.verdict in verdicts for each in one.covered]


_REFUSALS: dict[type[ValueError], tuple[Verdict, Code]] = {
    NotWellFormed: (Verdict.FAILED, Code.FORMAT_FAILURE),
    Broken: (Verdict.FAILED, Code.SIG_CRYPTO_FAILURE),
    Weak: (Verdict.INDETERMINATE, Code.CRYPTO_CONSTRAINTS_FAILURE),
    Unsupported: (Verdict.INDETERMINATE, Code.NOT_JUDGED),
    NotJudged: (Verdict.INDETERMINATE, Code.NOT_JUDGED),
}
"""What is proven to be wrong, and what is only not judged here."""


def _refusal(error: ValueError) -> StepResult:
    verdict, code = next(said for kind, said in _REFUSALS.items() if isinstance(error, kind))
    return StepResult(verdict, str(error), (code,))


def _of_coverage(document: Document, one: _Judged, twins: tuple[str, ...]) -> StepResult:
    """Return what is open about that which a signature covers."""
    found: list[StepResult] = []
    own = [each for each in one.covered if not _says_only_when(each.element, one.element)]
    if not own:
        found.append(
            not_known("chữ ký không phủ gì ngoài giờ ký và thuộc tính của chính nó", Code.SIGNED_DATA_NOT_FOUND)
        )
    lists = [each for each in document.manifests() if _covers(one.covered, each)]
    if lists:
        where = _few(tuple(document.paths.of(each) for each in lists))
        found.append(not_known(f"chữ ký phủ danh mục {where}; những gì danh mục ấy kể ra không được xét ở đây",
                               Code.NOT_JUDGED))  # fmt: skip
    if twins:
        reason = f"trong tệp có phần tử cùng tên không được ký, đừng đọc nhầm: {_few(twins)}"
        found.append(not_known(reason, Code.NOT_JUDGED))
    return together(("", each) for each in found)


def _says_only_when(element: etree._Element, signature: etree._Element) -> bool:
    """Return whether an element is a part of its signature that says nothing but when, how and with which key."""
    if signature not in (element, *element.iterancestors()):
        return False
    own = {tag("SignatureProperties"), tag("Manifest"), tag("KeyInfo"), tag("SignedInfo"),
           f"{{{XADES}}}QualifyingProperties", f"{{{XADES}}}SignedProperties"}  # fmt: skip
    inner = [element] if element.tag != tag("Object") else [child for child in element if is_element(child)]
    return all(
        child.tag in own or etree.QName(child).localname in ("SignatureProperties", "SignatureProperty")
        for child in inner
    ) and not (element.tag == tag("Object") and (element.text or "").strip())


def _covers(covered: tuple[Covered, ...], element: etree._Element) -> bool:
    around = (element, *element.iterancestors())
    return any(each.element in around for each in covered)


def _of_all(signatures: tuple[AnySignature, ...]) -> StepResult:
    verdict = worst(signature.verdict for signature in signatures)
    bad = ", ".join(str(signature.number) for signature in signatures if signature.verdict is verdict)
    reason = "" if verdict is Verdict.PASSED else f"{verdict.label.lower()}: chữ ký số {bad}"
    return StepResult(verdict, reason)


def _of_the_rest(uncovered: tuple[str, ...]) -> StepResult:
    if not uncovered:
        return PASSED
    return StepResult(Verdict.INDETERMINATE, f"không chữ ký nào phủ {_few(uncovered)}")


def _few(texts: tuple[str, ...]) -> str:
    shown = ", ".join(texts[:3])
    return f"{shown} và {len(texts) - 3} chỗ nữa" if len(texts) > 3 else shown


def _unknown(document: Document, judged: list[_Judged]) -> tuple[str, ...]:
    found = list(UNKNOWN)
    covered = tuple(each for one in judged for each in one.covered)
    loose = tuple(document.paths.of(each) for each in document.manifests() if not _covers(covered, each))
    if loose:
        found.append(f"Có danh mục (Manifest) không chữ ký nào phủ: {_few(loose)}.")
    if document.has_xades:
        found.append("Chữ ký có thuộc tính XAdES: chỉ đọc thời điểm ký, không kiểm phần còn lại.")
    if document.has_comments:
        found.append("Tệp có chú thích hoặc chỉ thị xử lí ngoài phần được ký.")
    return tuple(found)
