"""The verifier: it trusts nothing, and says step by step what it found.

(1) the file parses, without DTD, comments or instructions
(2) it has the structure that the profile's XSD demands
(3) it equals its canonical assembly, byte for byte: what no signature covers cannot differ either
(4) every required signature stands at its place
(5) digests and signatures hold over the bytes that are shown
(6) each certificate comes from a pinned issuer and was good at the time of signing
(7) the holders are the people named inside
(8) the signatures were made in their order
(9) a time-stamp, where there is one, proves when a signature existed
(10) revocation: known to be good, or not known here

Everything that is shown to a person comes from the bytes that step 5 returned as signed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.profile import DEFAULT, load_profile, recognise
from hocba_tui.export.record.schema import NotWellFormed, canonical, parse, schema_problems
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.record.xmldsig_check import BrokenSignature, signed_bytes
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.certificate import BadCertificate, load_certificate
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import FileVerdict, Step, Verdict, worst
from hocba_tui.export.verify.signers import certificates, holders, order, revocation
from hocba_tui.export.verify.stamps import stamper_certificates, stamps
from hocba_tui.export.verify.work import Found, StepFailed, Work
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot

_NAMES = (
    "đọc tệp",
    "cấu trúc",
    "khuôn từng byte",
    "đủ chữ ký",
    "toàn vẹn và chữ ký",
    "chứng thư",
    "đúng người ký",
    "thứ tự ký",
    "dấu thời gian",
    "thu hồi chứng thư",
)


def verify(data: bytes, trust: Trust, profile: str = "", *, complete: bool = True) -> FileVerdict:
    """Return the verdict on a record. ``complete`` False accepts a record whose signing goes on.

    Without a profile, the file is held to the one by whose outline it is recognised, and the verdict names it.
    """
    work = Work(data, load_profile(profile or DEFAULT), trust, complete, recognises=not profile)
    steps: list[Step] = []
    for number, (name, step) in enumerate(zip(_NAMES, _STEPS, strict=True), start=1):
        try:
            verdict, reason = step(work)
        except StepFailed as failed:
            verdict, reason = Verdict.FAILED, str(failed)
        except Exception:  # noqa: BLE001 - a file on which a step stumbles is a file that fails
            verdict, reason = Verdict.FAILED, "tệp có nội dung bất thường, bước này không làm được"
        steps.append(Step(number, name, verdict, reason))
        if verdict is Verdict.FAILED:
            break
    found = worst(step.verdict for step in steps)
    if found is Verdict.FAILED:
        slots = tuple(replace(slot, verdict=Verdict.FAILED) for slot in work.slots)
        return FileVerdict(found, tuple(steps), slots, work.profile.name)
    return FileVerdict(found, tuple(steps), work.slots, work.profile.name, work.uuid, _values(work))


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) that a file and its time-stamps carry; none when it cannot be read."""
    try:
        root = parse(data)
        signers, tokens = (
            [base64.b64decode(element.text or "", validate=True) for element in root.iter(name)]
            for name in (f"{{{DSIG}}}X509Certificate", f"{{{XADES}}}EncapsulatedTimeStamp")
        )
    except (NotWellFormed, binascii.Error, ValueError):
        return ()
    return (*signers, *stamper_certificates(tokens))


def _parse(work: Work) -> Found:
    try:
        work.root = parse(work.data)
    except NotWellFormed as error:
        raise StepFailed(str(error)) from error
    if work.recognises:
        work.profile = recognise(str(work.root.tag), tuple(str(child.tag) for child in work.root))
    return Verdict.PASSED, ""


def _structure(work: Work) -> Found:
    assert work.root is not None
    if work.root.tag != work.profile.tree["root"]:
        raise StepFailed("không phải tệp học bạ của định dạng này")
    problems = schema_problems(work.profile, work.root)
    if problems:
        raise StepFailed("; ".join(problems[:3]))
    return Verdict.PASSED, ""


def _same_bytes(work: Work) -> Found:
    assert work.root is not None
    region = work.root.find(work.profile.region_path())
    assert region is not None
    work.region = canonical(region)
    work.uuid = (region.get("Id") or "").removeprefix(work.profile.region_id(""))
    slots = (work.root.find(work.profile.path(place.slot)) for place in work.profile.slots)
    work.signed = tuple(_read_slot(slot) for slot in slots if slot is not None)
    try:
        rebuilt = record_file(work.profile, work.uuid, work.region, work.signed)
    except ValueError as error:
        raise StepFailed("không đọc được chứng thư trong tệp") from error
    if rebuilt != work.data:
        raise StepFailed(_what_differs(work))
    if work.text("MA_TRA_CUU_UUID") != work.uuid:
        raise StepFailed("mã tra cứu khác với mã của vùng dữ liệu")
    return Verdict.PASSED, ""


def _what_differs(work: Work) -> str:
    """Tell an alteration of what is signed from one beside it; either way the file is refused."""
    for signed in work.signed:
        try:
            _covered(work, signed)
        except BrokenSignature:
            return f"nội dung đã bị sửa sau khi ký; chữ ký của {signed.slot.label} không còn đúng"
    return "tệp bị sửa ở chỗ không có chữ ký nào phủ; khác với bản dựng lại từ phần đã ký"


def _required_slots(work: Work) -> Found:
    present = {signed.slot for signed in work.signed}
    # Whoever is named inside as a signer must have signed, also where the format calls it optional.
    missing = [
        place.slot.label
        for place in work.profile.slots
        if (place.required or work.text(place.holder)) and place.slot not in present
    ]
    if missing and work.complete:
        raise StepFailed("thiếu chữ ký: " + ", ".join(missing))
    return Verdict.PASSED, ""


def _signatures(work: Work) -> Found:
    for signed in work.signed:
        try:
            covered = _covered(work, signed)
        except BrokenSignature as error:
            raise StepFailed(f"{signed.slot.label}: {error}") from error
        # The references to time and properties are held by step 3: it rebuilt the very SignedInfo.
        if covered != record_target(work.profile, work.uuid, signed.slot, work.region, work.signed).data:
            raise StepFailed(f"{signed.slot.label}: chữ ký không phủ đúng vùng dữ liệu")
    return Verdict.PASSED, ""


def _covered(work: Work, signed: Signed) -> bytes:
    references = 3 if signed.xades else 2
    return signed_bytes(work.data, work.location(signed.slot), signed.time, signed.certificate, references)


_STEPS: tuple[Callable[[Work], Found], ...] = (
    _parse,
    _structure,
    _same_bytes,
    _required_slots,
    _signatures,
    certificates,
    holders,
    order,
    stamps,
    revocation,
)


def _read_slot(element: etree._Element) -> Signed:
    try:
        value = base64.b64decode(element.findtext(f".//{{{DSIG}}}SignatureValue") or "", validate=True)
        certificate = base64.b64decode(element.findtext(f".//{{{DSIG}}}X509Certificate") or "", validate=True)
        stamp = base64.b64decode(element.findtext(f".//{{{XADES}}}EncapsulatedTimeStamp") or "", validate=True)
    except binascii.Error as error:
        raise StepFailed("chữ ký hoặc chứng thư không đọc được") from error
    try:
        load_certificate(certificate)
    except BadCertificate as error:
        raise StepFailed(str(error)) from error
    xades = element.find(f".//{{{XADES}}}QualifyingProperties") is not None
    return Signed(Slot(element.tag), element.findtext("NGAY_KY") or "", value, certificate, xades, stamp)


def _values(work: Work) -> dict[str, str]:
    """Return what the signed region says, for the screen: tag to text of the general and summary facts."""
    region = etree.fromstring(work.region)
    blocks = [region.find(work.profile.tree[name]) for name in ("general", "summary")]
    return {str(e.tag): e.text or "" for block in blocks if block is not None for e in block if len(e) == 0}
