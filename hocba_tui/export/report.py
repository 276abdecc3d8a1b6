"""The verdict on a record in words: lines for a person, sections for a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.record_words import in_words
from hocba_tui.export.trust.verdict import FileVerdict, SlotVerdict, Step, Verdict
from hocba_tui.text import clean_line, moment

NO_VALUE = "ký bằng khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"


MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.INDETERMINATE: "?"}


def headline(name: str, found: FileVerdict) -> str:
    """Return the verdict in one line; ``name`` is the pupil or the file."""
    note = f" ({NO_VALUE})" if found.training else ""
    return f"{clean_line(name)}: {found.verdict.label} ({found.verdict}){note}"


def step_line(step: Step) -> str:
    """Return one numbered step, with its reason when it has one."""
    reason = f" — {clean_line(step.reason)}" if step.reason else ""
    return f"{MARKS[step.verdict]} bước {step.number}: {step.name}{reason}"


def details(found: FileVerdict) -> Iterator[str]:
    """Yield the steps, the signatures, and what the signed bytes say.

    Every text that comes out of the file is cleaned: a hostile one must not move the cursor or forge lines.
    """
    yield from (step_line(step) for step in found.steps)
    for slot in found.slots:
        stamp = f"; dấu thời gian {moment(slot.stamp_time)} của {clean_line(slot.stamp_authority)}"
        line = f"{slot.slot.label}: {clean_line(slot.holder)}, {moment(clean_line(slot.time))}"
        yield line + (stamp if slot.stamp_time else "")
    yield from (f"Chú ý: {clean_line(warning)}" for warning in found.warnings)
    if found.values:
        said = (found.values.get(tag, "") for tag in ("HO_VA_TEN", "TEN_LOP", "TEN_NAM_HOC", "KET_QUA_XEP_LOAI"))
        yield " · ".join(clean_line(text) for text in said if text)


STEPS = "Các bước"


NOTHING_SHOWN = "Không hiện nội dung: tệp không hợp lệ thì không dòng nào của nó đáng tin."


@dataclass(frozen=True)
class Section:
    """A title with lines. Every text out of a file is cleaned, so that a file cannot forge lines."""

    title: str
    lines: tuple[str, ...]


def record_sections(found: FileVerdict) -> Iterator[Section]:
    """Yield the verdict on a record in sections; its values come only from the signed bytes."""
    yield Section(STEPS, tuple(step_line(step) for step in found.steps))
    if found.slots:
        yield Section("Người ký", tuple(line for slot in found.slots for line in _slot(slot)))
    if found.values:
        yield Section("Nội dung, đọc từ chính phần đã được ký", tuple(_values(found)))
    elif found.verdict is Verdict.FAILED:
        yield Section("Nội dung", (NOTHING_SHOWN,))


def _slot(slot: SlotVerdict) -> Iterator[str]:
    yield f"{MARKS[slot.verdict]} {slot.slot.label}: {clean_line(slot.holder)} — {slot.verdict.label}"
    yield f"  khai ký lúc {moment(clean_line(slot.time))}; chứng thư số {slot.serial}"
    if slot.stamp_time:
        proof = f"{moment(slot.stamp_time)}, của {clean_line(slot.stamp_authority)}"
        yield f"  dấu thời gian: {proof}; hiệu lực và thu hồi của chứng thư xét tại lúc này"
    yield f"  nơi cấp: {clean_line(slot.issuer)}"
    if slot.training:
        yield f"  {NO_VALUE}"
    if slot.reason:
        yield f"  {clean_line(slot.reason)}"


def _values(found: FileVerdict) -> Iterator[str]:
    fields = {field.tag: field for field in load_profile(found.profile).fields}
    for tag, text in found.values.items():
        said = in_words(fields[tag], text) if tag in fields else text
        yield f"{fields[tag].label if tag in fields else tag}: {clean_line(said)}"
