"""The verifier: it trusts nothing, and says step by step what it found.

(1) the file parses, without DTD, comments or instructions
(2) it has the structure that the profile's XSD demands
(3) it equals its canonical assembly, byte for byte: what no signature covers cannot differ either
(4) every required signature stands at its place
(5) digests and signatures hold over the bytes that are shown
(6) each certificate comes from a pinned issuer and was good at the time of signing
(7) the holders are the people named inside
(8) the signatures were made in their order
(9) revocation: known to be good, or not known here

Everything that is shown to a person comes from the bytes that step 5 returned as signed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from hocba_tui.export.certificate import BadCertificate, holder_id, holder_name, load_certificate
from hocba_tui.export.profile import Profile, load_profile
from hocba_tui.export.schema import NotWellFormed, canonical, parse, schema_problems
from hocba_tui.export.signature import DSIG, assemble
from hocba_tui.export.signed_bytes import BrokenSignature, signed_bytes
from hocba_tui.export.trust import Trust, validity_problem
from hocba_tui.export.verdict import FileVerdict, SlotVerdict, Step, Verdict
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
    "thu hồi chứng thư",
)


class _Stop(Exception):
    """A step failed; later steps would look at bytes that are not to be trusted."""


@dataclass
class _Work:
    data: bytes
    profile: Profile
    trust: Trust
    complete: bool
    root: etree._Element | None = None
    region: bytes = b""
    uuid: str = ""
    signed: tuple[Signed, ...] = ()
    slots: tuple[SlotVerdict, ...] = ()


def verify(data: bytes, trust: Trust, profile: str = "hbs-1.0", *, complete: bool = True) -> FileVerdict:
    """Return the verdict on a record. ``complete`` False accepts a record whose signing goes on."""
    work = _Work(data, load_profile(profile), trust, complete)
    steps: list[Step] = []
    for number, (name, step) in enumerate(zip(_NAMES, _STEPS, strict=True), start=1):
        try:
            verdict, reason = step(work)
        except _Stop as stop:
            verdict, reason = Verdict.FAILED, str(stop)
        steps.append(Step(number, name, verdict, reason))
        if verdict is Verdict.FAILED:
            break
    worst = _worst(step.verdict for step in steps)
    if worst is Verdict.FAILED:
        slots = tuple(replace(slot, verdict=Verdict.FAILED) for slot in work.slots)
        return FileVerdict(worst, tuple(steps), slots, profile)
    return FileVerdict(worst, tuple(steps), work.slots, profile, work.uuid, _values(work))


def _worst(verdicts: object) -> Verdict:
    found = set(verdicts)  # type: ignore[call-overload]
    for verdict in (Verdict.FAILED, Verdict.INDETERMINATE):
        if verdict in found:
            return verdict
    return Verdict.PASSED


def _parse(work: _Work) -> tuple[Verdict, str]:
    try:
        work.root = parse(work.data)
    except NotWellFormed as error:
        raise _Stop(str(error)) from error
    return Verdict.PASSED, ""


def _structure(work: _Work) -> tuple[Verdict, str]:
    assert work.root is not None
    if work.root.tag != work.profile.tree["root"]:
        raise _Stop("không phải tệp học bạ của định dạng này")
    problems = schema_problems(work.profile, work.root)
    if problems:
        raise _Stop("; ".join(problems[:3]))
    return Verdict.PASSED, ""


def _same_bytes(work: _Work) -> tuple[Verdict, str]:
    assert work.root is not None
    region = work.root[0]
    work.region = canonical(region)
    work.uuid = (region.get("Id") or "").removeprefix("data-")
    work.signed = tuple(_read_slot(slot) for slot in work.root[1])
    holders = {p.slot: _text(region, p.holder) for p in work.profile.slots if p.holder}
    try:
        rebuilt = assemble(work.profile, work.uuid, work.region, holders, list(work.signed))
    except ValueError as error:
        raise _Stop("không đọc được chứng thư trong tệp") from error
    if rebuilt != work.data:
        raise _Stop(_what_differs(work))
    if _text(region, "MA_TRA_CUU_UUID") != work.uuid:
        raise _Stop("mã tra cứu khác với mã của vùng dữ liệu")
    return Verdict.PASSED, ""


def _what_differs(work: _Work) -> str:
    """Tell an alteration of what is signed from one beside it; either way the file is refused."""
    for signed in work.signed:
        try:
            signed_bytes(work.data, _location(work.profile, signed.slot), signed.time, signed.certificate)
        except BrokenSignature:
            return f"nội dung đã bị sửa sau khi ký; chữ ký của {signed.slot.label} không còn đúng"
    return "tệp bị sửa ở chỗ không có chữ ký nào phủ; khác với bản dựng lại từ phần đã ký"


def _location(profile: Profile, slot: Slot) -> str:
    return f"./{profile.tree['signatures']}/{slot}/"


def _required_slots(work: _Work) -> tuple[Verdict, str]:
    present = {signed.slot for signed in work.signed}
    missing = [p.slot.label for p in work.profile.slots if p.required and p.slot not in present]
    if missing and work.complete:
        raise _Stop("thiếu chữ ký: " + ", ".join(missing))
    return Verdict.PASSED, ""


def _signatures(work: _Work) -> tuple[Verdict, str]:
    for signed in work.signed:
        try:
            location = _location(work.profile, signed.slot)
            covered = signed_bytes(work.data, location, signed.time, signed.certificate)
        except BrokenSignature as error:
            raise _Stop(f"{signed.slot.label}: {error}") from error
        if covered != work.region:
            raise _Stop(f"{signed.slot.label}: chữ ký không phủ đúng vùng dữ liệu")
    return Verdict.PASSED, ""


def _certificates(work: _Work) -> tuple[Verdict, str]:
    verdict, reasons = Verdict.PASSED, []
    slots = []
    for signed in work.signed:
        certificate = load_certificate(signed.certificate)
        try:
            anchor = work.trust.issuer_of(certificate)
        except BadCertificate as error:
            raise _Stop(f"{signed.slot.label}: {error}") from error
        slot = SlotVerdict(
            slot=signed.slot,
            verdict=Verdict.PASSED,
            time=signed.time,
            holder=holder_name(certificate),
            issuer=certificate.issuer.rfc4514_string(),
            serial=f"{certificate.serial_number:x}",
            training=anchor is not None and anchor.training,
        )
        if problem := validity_problem(certificate, datetime.fromisoformat(signed.time)):
            raise _Stop(f"{signed.slot.label}: {problem}")
        if anchor is None:
            reason = "không có nơi cấp chứng thư này trong danh sách tin cậy ở đây"
            slot = replace(slot, verdict=Verdict.INDETERMINATE, reason=reason)
            verdict = Verdict.INDETERMINATE
            reasons.append(f"{signed.slot.label}: {reason}")
        slots.append(slot)
    work.slots = tuple(slots)
    return verdict, "; ".join(reasons)


def _holders(work: _Work) -> tuple[Verdict, str]:
    assert work.root is not None
    verdict, reasons = Verdict.PASSED, []
    for signed in work.signed:
        place = work.profile.place(signed.slot)
        if not place.holder:
            continue
        named = _text(work.root[0], place.holder)
        held = holder_id(load_certificate(signed.certificate))
        if held and held != named:
            raise _Stop(f"{signed.slot.label}: chứng thư thuộc về người khác với người ghi trong học bạ")
        if not held:
            verdict = Verdict.INDETERMINATE
            reasons.append(f"{signed.slot.label}: chứng thư không ghi số định danh để đối chiếu")
    return verdict, "; ".join(reasons)


def _order(work: _Work) -> tuple[Verdict, str]:
    times = [datetime.fromisoformat(signed.time) for signed in work.signed]
    if times != sorted(times):
        raise _Stop("người ký sau lại có thời điểm ký trước")
    return Verdict.PASSED, ""


def _revocation(work: _Work) -> tuple[Verdict, str]:
    if all(slot.training for slot in work.slots):
        return Verdict.PASSED, ""
    return Verdict.INDETERMINATE, "chưa hỏi được trạng thái thu hồi của chứng thư"


_STEPS: tuple[Callable[[_Work], tuple[Verdict, str]], ...] = (
    _parse,
    _structure,
    _same_bytes,
    _required_slots,
    _signatures,
    _certificates,
    _holders,
    _order,
    _revocation,
)


def _read_slot(element: etree._Element) -> Signed:
    try:
        value = base64.b64decode(element.findtext(f".//{{{DSIG}}}SignatureValue") or "", validate=True)
        certificate = base64.b64decode(element.findtext(f".//{{{DSIG}}}X509Certificate") or "", validate=True)
    except binascii.Error as error:
        raise _Stop("chữ ký hoặc chứng thư không đọc được") from error
    try:
        load_certificate(certificate)
    except BadCertificate as error:
        raise _Stop(str(error)) from error
    return Signed(Slot(element.tag), element.findtext("NGAY_KY") or "", value, certificate)


def _text(region: etree._Element, tag: str) -> str:
    return region.findtext(f".//{tag}") or ""


def _values(work: _Work) -> dict[str, str]:
    """Return what the signed region says, for the screen: tag to text, general and summary facts."""
    region = etree.fromstring(work.region)
    blocks = {field.tag for field in work.profile.fields if field.block in ("general", "summary")}
    return {str(e.tag): e.text or "" for e in region.iter() if e.tag in blocks and len(e) == 0}
