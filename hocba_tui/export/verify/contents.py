"""Steps 1 to 5 of the verifier: the contents of the file, and whether its signatures hold over them."""

from __future__ import annotations

import base64

from lxml import etree

from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.profile import recognise
from hocba_tui.export.record.schema import NotWellFormed, canonical, parse, schema_problems
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.record.xmldsig_check import BrokenSignature, signed_bytes
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.certificate import BadCertificate, load_certificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.verdict import PASSED, StepResult, remark
from hocba_tui.export.verify.work import Signer, StepFailed, Work, claimed_time
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot


def parse_file(work: Work) -> StepResult:
    """Require that the file parses, without DTD, comments or instructions; recognise its profile."""
    try:
        work.root = parse(work.data)
    except NotWellFormed as error:
        raise StepFailed(str(error), Code.FORMAT_FAILURE) from error
    if work.recognises:
        work.profile = recognise(str(work.root.tag), tuple(str(child.tag) for child in work.root))
    return PASSED


def structure(work: Work) -> StepResult:
    """Require the structure that the profile's XSD demands."""
    if work.root.tag != work.profile.tree["root"]:
        raise StepFailed("không phải tệp học bạ của định dạng này", Code.FORMAT_FAILURE)
    problems = schema_problems(work.profile, work.root)
    if problems:
        raise StepFailed("; ".join(problems[:3]), Code.FORMAT_FAILURE)
    return PASSED


def same_bytes(work: Work) -> StepResult:
    """Require that the file equals its canonical assembly: what no signature covers cannot differ either."""
    region = work.root.find(work.profile.region_path())
    assert region is not None, "the XSD demands a data region"
    work.region = canonical(region)
    work.uuid = (region.get("Id") or "").removeprefix(work.profile.region_id(""))
    slots = (work.root.find(work.profile.path(place.slot)) for place in work.profile.slots)
    work.signed = tuple(_read_slot(slot) for slot in slots if slot is not None)
    try:
        rebuilt = record_file(work.profile, work.uuid, work.region, work.signed)
    except BadCertificate as error:
        raise StepFailed("không đọc được chứng thư trong tệp", Code.FORMAT_FAILURE) from error
    except NotWellFormed as error:
        raise StepFailed(str(error), Code.FORMAT_FAILURE) from error
    if rebuilt != work.data:
        raise StepFailed(*_what_differs(work))
    if work.text("MA_TRA_CUU_UUID") != work.uuid:
        raise StepFailed("mã tra cứu khác với mã của vùng dữ liệu", Code.FORMAT_FAILURE)
    return PASSED


def required_slots(work: Work) -> StepResult:
    """Require every signature of the profile at its place; say whose is not required because nobody is named."""
    present = {signed.slot for signed in work.signed}
    absent = [place for place in work.profile.slots if place.slot not in present]
    # A person who is named inside as a signer, by name or by id, must have signed, also where the format calls it
    # optional: leaving one of the two out of the record excuses nobody.
    missing = [p.slot.label for p in absent if p.required or work.text(p.holder) or work.text(p.name)]
    if not work.complete:
        return PASSED
    if missing:
        raise StepFailed("thiếu chữ ký: " + ", ".join(missing), Code.MISSING_SIGNER)
    if not absent:
        return PASSED
    unnamed = ", ".join(_inside(place.slot.label) for place in absent)
    made = ", ".join(signed.slot.label for signed in work.signed)
    return remark(f"học bạ không ghi {unnamed}; chỉ có {len(work.signed)} chữ ký: {made}", Code.FEWER_SIGNERS)


def signatures(work: Work) -> StepResult:
    """Require that digests and signatures hold over the bytes that are shown."""
    for signed in work.signed:
        try:
            covered = _covered(work, signed)
        except BrokenSignature as error:
            raise StepFailed(f"{signed.slot.label}: {error}", Code.SIG_CRYPTO_FAILURE) from error
        # Step 3 has checked the references to time and properties: it rebuilt the same SignedInfo.
        if covered != record_target(work.profile, work.uuid, signed.slot, work.region, work.signed).data:
            raise StepFailed(f"{signed.slot.label}: chữ ký không phủ đúng vùng dữ liệu", Code.HASH_FAILURE)
    work.signers = tuple(
        Signer(signed, load_certificate(signed.certificate), claimed_time(signed)) for signed in work.signed
    )
    return PASSED


def signed_values(work: Work) -> dict[str, str]:
    """Return what the signed region says, for the screen: tag to text of the general and summary facts."""
    region = etree.fromstring(work.region)
    blocks = [region.find(work.profile.tree[name]) for name in ("general", "summary")]
    return {str(e.tag): e.text or "" for block in blocks if block is not None for e in block if len(e) == 0}


def _inside(label: str) -> str:
    """Return a label as it is written inside a sentence."""
    return label[:1].lower() + label[1:]


def _what_differs(work: Work) -> tuple[str, Code]:
    """Return whether what is signed was altered, or something beside it; the file is refused in both cases."""
    for signed in work.signed:
        try:
            _covered(work, signed)
        except BrokenSignature:
            said = f"nội dung đã bị sửa sau khi ký; chữ ký của {signed.slot.label} không còn đúng"
            return said, Code.HASH_FAILURE
    return "tệp bị sửa ở chỗ không có chữ ký nào phủ; khác với bản dựng lại từ phần đã ký", Code.FORMAT_FAILURE


def _covered(work: Work, signed: Signed) -> bytes:
    references = 3 if signed.xades else 2
    return signed_bytes(work.data, work.location(signed.slot), signed.time, signed.certificate, references)


def _read_slot(element: etree._Element) -> Signed:
    value = _decoded(element, f"{{{DSIG}}}SignatureValue")
    certificate = _decoded(element, f"{{{DSIG}}}X509Certificate")
    stamp = _decoded(element, f"{{{XADES}}}EncapsulatedTimeStamp")
    try:
        load_certificate(certificate)
    except BadCertificate as error:
        raise StepFailed(str(error), Code.FORMAT_FAILURE) from error
    xades = element.find(f".//{{{XADES}}}QualifyingProperties") is not None
    return Signed(Slot(element.tag), element.findtext("NGAY_KY") or "", value, certificate, xades, stamp)


def _decoded(element: etree._Element, tag: str) -> bytes:
    try:
        return base64.b64decode(element.findtext(f".//{tag}") or "", validate=True)
    except ValueError as error:
        raise StepFailed("chữ ký hoặc chứng thư không đọc được", Code.FORMAT_FAILURE) from error
