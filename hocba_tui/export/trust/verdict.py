"""The verifier's results: the verdict on a file, on each step and on each signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from hocba_tui.model.values import Slot


class Verdict(StrEnum):
    """PASSED, FAILED, or INDETERMINATE: something that is needed to decide is not known here."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"

    @property
    def label(self) -> str:
        """Return the word on the screen."""
        return {"PASSED": "HỢP LỆ", "FAILED": "KHÔNG HỢP LỆ", "INDETERMINATE": "CHƯA KẾT LUẬN ĐƯỢC"}[self.value]


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return FAILED when one is, else INDETERMINATE when one is, else PASSED."""
    found = set(verdicts)
    for verdict in (Verdict.FAILED, Verdict.INDETERMINATE):
        if verdict in found:
            return verdict
    return Verdict.PASSED


class StepResult(NamedTuple):
    """What one step found; ``reason`` says why when it is not PASSED, and may add a remark when it is."""

    verdict: Verdict
    reason: str = ""


PASSED = StepResult(Verdict.PASSED)


def result_of(reasons: Iterable[str]) -> StepResult:
    """Return INDETERMINATE for these reasons, PASSED when there are none."""
    reason = "; ".join(reasons)
    return StepResult(Verdict.INDETERMINATE, reason) if reason else PASSED


@dataclass(frozen=True)
class Step:
    """One numbered step and what it found."""

    number: int
    name: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class SlotVerdict:
    """One signature: who signed, when, and whether that holds."""

    slot: Slot
    verdict: Verdict
    time: str = ""
    holder: str = ""
    issuer: str = ""
    serial: str = ""
    training: bool = False
    reason: str = ""
    stamp_time: str = ""
    """When a time-stamp proves that the signature existed (ISO); empty when nothing proves it."""
    stamp_authority: str = ""
    """Who made that time-stamp."""


@dataclass(frozen=True)
class FileVerdict:
    """The whole answer. ``values`` holds only what is in the signed bytes, and only if no step stopped."""

    verdict: Verdict
    steps: tuple[Step, ...]
    slots: tuple[SlotVerdict, ...] = ()
    profile: str = ""
    uuid: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    program_error: bool = False
    """Whether an error of this program ended the verification, so that the file is not known to be good or bad."""

    @property
    def training(self) -> bool:
        """Return whether a training key signed: the file has no legal value."""
        return any(slot.training for slot in self.slots)

    @property
    def reason(self) -> str:
        """Return the first step with this verdict and its reason, with its number: the step that decided it."""
        for step in self.steps:
            if step.verdict is self.verdict is not Verdict.PASSED:
                return f"Bước {step.number} ({step.name}): {step.reason}"
        return ""
