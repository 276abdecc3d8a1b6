"""Verify an issued file and say it in lines for a person."""

from __future__ import annotations

from hocba_tui.export.verdict import Verdict
from hocba_tui.export.verify import verify
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.sealing import pinned_issuers

_MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.INDETERMINATE: "?"}


def verify_issued(desk: Desk, uuid: str) -> tuple[str, ...]:
    """Return the verdict on an issued file, its steps and its signatures, as lines."""
    found = verify(desk.store.issued(uuid), pinned_issuers(desk))
    head = f"{found.values.get('HO_VA_TEN', uuid)}: {found.verdict.label}"
    note = ("Ký bằng khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ.",) if found.training else ()
    steps = tuple(
        f"{_MARKS[step.verdict]} bước {step.number}: {step.name}" + (f" — {step.reason}" if step.reason else "")
        for step in found.steps
    )
    slots = tuple(f"{slot.slot.label}: {slot.holder}, {slot.time}" for slot in found.slots)
    return (head, *note, *steps, *slots)
