"""A verdict in sections for a screen: the steps, who signed, what the signed bytes say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.record_words import in_words
from hocba_tui.export.trust.verdict import FileVerdict, SlotVerdict, Verdict
from hocba_tui.export.verdict_lines import MARKS, NO_VALUE, step_line
from hocba_tui.text import clean_line, moment

STEPS = "Các bước"
NOTHING_SHOWN = "Không hiện nội dung: tệp không hợp lệ thì không dòng nào của nó đáng tin."


@dataclass(frozen=True)
class Section:
    """A title, and lines that a file could not forge: every text out of it is cleaned."""

    title: str
    lines: tuple[str, ...]


def record_sections(found: FileVerdict) -> Iterator[Section]:
    """Yield what was found of a record; its values only from the signed bytes."""
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
