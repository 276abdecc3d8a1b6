"""A verdict as lines for a person, on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.export.trust.verdict import FileVerdict, Step, Verdict
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
    if found.values:
        said = (found.values.get(tag, "") for tag in ("HO_VA_TEN", "TEN_LOP", "TEN_NAM_HOC", "KET_QUA_XEP_LOAI"))
        yield " · ".join(clean_line(text) for text in said if text)
