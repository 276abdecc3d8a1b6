"""The verdict on a record in words: lines for a person, sections for a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.record_words import in_words
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.verdict import Basis, FileVerdict, SlotVerdict, Step, Verdict
from hocba_tui.text import day_first, foreign, moment

LONGEST_VALUE = 2000
"""Letters that are shown of one value of a file; a comment has at most a thousand."""
NO_VALUE = "ký bằng khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"


MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.INDETERMINATE: "?"}


_MEANING = {
    Verdict.PASSED: "Học bạ còn nguyên như lúc ký, đúng người ký, đúng con dấu của trường.",
    Verdict.FAILED: "Đã chứng minh được là có điều sai: đừng dùng tệp này, hãy hỏi lại trường đã cấp.",
    Verdict.INDETERMINATE: "Chưa thấy gì sai, nhưng còn điều chưa biết được: xem dòng có dấu “?” và việc cần làm.",
}


def headline(name: str, found: FileVerdict) -> str:
    """Return the verdict in one line; ``name`` is the pupil or the file."""
    note = f" ({NO_VALUE})" if found.training else ""
    count = f", {len(found.slots)} chữ ký" if found.slots else ""
    return f"{foreign(name)}: {found.verdict.label} ({found.verdict}){count}{note}"


def step_line(step: Step) -> str:
    """Return one numbered step, with its reason when it has one."""
    reason = f" — {foreign(step.reason, LONGEST_VALUE)}" if step.reason else ""
    return f"{MARKS[step.verdict]} bước {step.number}: {step.name}{reason}"


def details(found: FileVerdict) -> Iterator[str]:
    """Yield the steps, the signatures, and what the signed bytes say.

    Every text that comes out of the file is cleaned: a hostile one must not move the cursor or forge lines.
    """
    yield _MEANING[found.verdict]
    yield from (step_line(step) for step in found.steps)
    for slot in found.slots:
        yield from _slot(slot)
    yield from (f"Chú ý: {foreign(warning)}" for warning in found.warnings)
    if line := summary(found):
        yield line
    yield from basis_lines(found.basis)


def summary(found: FileVerdict) -> str:
    """Return in one line whose record it is, of which school, with which result, and how many signed, who.

    Empty for a file of which nothing may be shown.
    """
    if not found.values:
        return ""
    said = {tag: foreign(text) for tag, text in found.values.items()}
    signers = ", ".join(f"{slot.slot.label} {foreign(slot.holder)}" for slot in found.slots)
    parts = (
        said.get("HO_VA_TEN", ""),
        f"sinh {_birth(said.get('NGAY_SINH', ''))}",
        f"số định danh {said['SO_CCCD']}" if "SO_CCCD" in said else "",
        f"lớp {said.get('TEN_LOP', '')}, năm học {said.get('TEN_NAM_HOC', '')}",
        f"{said.get('TEN_TRUONG', '')} (mã trường {said.get('MA_TRUONG', '')})",
        f"kết quả: {said.get('KET_QUA_XEP_LOAI', '')}",
        f"{len(found.slots)} chữ ký: {signers}",
    )
    return " · ".join(part for part in parts if part)


def _birth(text: str) -> str:
    return day_first(text) if len(text) == 10 else "/".join(reversed(text.split("-")))


STEPS = "Các bước"


NOTHING_SHOWN = "Không hiện nội dung: tệp không hợp lệ thì không dòng nào của nó đáng tin."


@dataclass(frozen=True)
class Section:
    """A title with lines. Every text out of a file is cleaned, so that a file cannot forge lines."""

    title: str
    lines: tuple[str, ...]


def record_sections(found: FileVerdict) -> Iterator[Section]:
    """Yield the verdict on a record in sections; its values come only from the signed bytes."""
    yield Section(_MEANING[found.verdict], tuple(step_line(step) for step in found.steps))
    if found.slots:
        yield Section("Người ký", tuple(line for slot in found.slots for line in _slot(slot)))
    if found.warnings:
        yield Section("Chú ý", tuple(map(foreign, found.warnings)))
    if line := summary(found):
        yield Section("Tóm tắt", (line,))
    if found.values:
        yield Section("Nội dung, đọc từ chính phần đã được ký", tuple(_values(found)))
    elif found.verdict is Verdict.FAILED:
        yield Section("Nội dung", (NOTHING_SHOWN,))
    yield Section("Căn cứ", tuple(basis_lines(found.basis)))


def _slot(slot: SlotVerdict) -> Iterator[str]:
    """Yield what TT 15/2025/TT-BKHCN, Điều 6 wants to be shown of a signature; why it is not good, the steps say."""
    yield f"{MARKS[slot.verdict]} {slot.slot.label}: {foreign(slot.holder)} — {slot.verdict.label}"
    yield f"  khai ký lúc {moment(foreign(slot.time))}; {_proof(slot)}"
    yield "  toàn vẹn: phần được ký còn nguyên như lúc ký"
    yield f"  chứng thư số {slot.serial}, có hiệu lực từ {moment(slot.valid_from)} đến {moment(slot.valid_to)}"
    yield f"  {_validity(slot)}"
    yield f"  đơn vị quản lý, như chứng thư ghi: {foreign(slot.unit) or 'không ghi'}"
    yield f"  nơi cấp: {foreign(slot.issuer)}"
    if slot.training:
        yield f"  {NO_VALUE}"


def _proof(slot: SlotVerdict) -> str:
    if slot.stamp_time:
        authority = foreign(slot.stamp_authority)
        return f"dấu thời gian {moment(slot.stamp_time)} của {authority}, chứng thư được xét tại lúc ấy"
    if slot.proved_time:
        return f"nhật kí của trường này chứng minh chữ ký đã có lúc {moment(slot.proved_time)}"
    return "không có dấu thời gian, nên chứng thư được xét tại lúc kiểm tra"


_OUT_OF_TIME = {
    Code.EXPIRED: "đã hết hạn lúc ký",
    Code.NOT_YET_VALID: "chưa có hiệu lực lúc ký",
    Code.REVOKED: "đã bị thu hồi trước khi ký",
    Code.OUT_OF_BOUNDS_NO_POE: "còn hạn ở giờ khai ký, nay đã hết hạn",
    Code.REVOKED_NO_POE: "đã bị thu hồi sau giờ khai ký",
    Code.TRY_LATER: "còn hạn ở giờ khai ký, chưa biết có bị thu hồi không",
    Code.NO_CERTIFICATE_CHAIN_FOUND: "còn hạn ở giờ khai ký, chưa biết nơi cấp",
}


def _validity(slot: SlotVerdict) -> str:
    said = next((text for code, text in _OUT_OF_TIME.items() if code in slot.codes), "còn hạn, không bị thu hồi")
    return f"hiệu lực của chứng thư lúc ký: {said}"


def basis_lines(basis: Basis) -> Iterator[str]:
    """Yield when, by which program and on what a verdict was reached."""
    if basis.verified_at:
        yield f"Kiểm tra lúc {moment(basis.verified_at)}, bằng hocba {basis.version}"
        yield f"SHA-256 của tệp: {basis.digest}"
        yield f"Dựa vào {len(basis.anchors)} nơi cấp đã ghim, {len(basis.answers)} câu trả lời về thu hồi"


def _values(found: FileVerdict) -> Iterator[str]:
    fields = {field.tag: field for field in load_profile(found.profile).fields}
    for tag, text in found.values.items():
        said = in_words(fields[tag], text) if tag in fields else text
        yield f"{fields[tag].label if tag in fields else tag}: {foreign(said, LONGEST_VALUE)}"
