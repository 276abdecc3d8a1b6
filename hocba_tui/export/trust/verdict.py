"""The verifier's results: the verdict on a file, on each step and on each signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from hocba_tui import __version__
from hocba_tui.clock import VIETNAM
from hocba_tui.export.trust.codes import Code
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
    codes: tuple[Code, ...] = ()


PASSED = StepResult(Verdict.PASSED)


def failed(reason: str, code: Code) -> StepResult:
    """Return FAILED: proven to be wrong."""
    return StepResult(Verdict.FAILED, reason, (code,))


def not_known(reason: str, code: Code) -> StepResult:
    """Return INDETERMINATE: it cannot be known here."""
    return StepResult(Verdict.INDETERMINATE, reason, (code,))


def remark(reason: str, code: Code) -> StepResult:
    """Return PASSED with something that a person should know."""
    return StepResult(Verdict.PASSED, reason, (code,))


def together(found: Iterable[tuple[str, StepResult]]) -> StepResult:
    """Return the result of a step from what it found, each with the name of whom it concerns.

    What the same sentence says of several is said once, the worst first; beside what is wrong, no remarks.
    """
    each = [(whose, one) for whose, one in found if one.verdict is not Verdict.PASSED or one.reason]
    verdict = worst(one.verdict for _, one in each)
    said: dict[str, list[str]] = {}
    for whose, one in sorted(each, key=lambda pair: _ORDER[pair[1].verdict]):
        if one.verdict is not Verdict.PASSED or verdict is Verdict.PASSED:
            names = said.setdefault(one.reason, [])
            names += [whose] if whose not in names else []
    reasons = (f"{', '.join(filter(None, whose))}: {reason}".removeprefix(": ") for reason, whose in said.items())
    codes = dict.fromkeys(code for _, one in each for code in one.codes if one.verdict is not Verdict.PASSED)
    codes = codes or dict.fromkeys(code for _, one in each for code in one.codes)
    return StepResult(verdict, "; ".join(reasons), tuple(codes))


_ORDER = {Verdict.FAILED: 0, Verdict.INDETERMINATE: 1, Verdict.PASSED: 2}


@dataclass(frozen=True)
class Step:
    """One numbered step and what it found."""

    number: int
    name: str
    verdict: Verdict
    reason: str = ""
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True)
class SlotVerdict:
    """One signature that holds: who signed, when, on what certificate, and whether that can be relied on."""

    slot: Slot
    verdict: Verdict
    time: str = ""
    """What the signer claims (ISO)."""
    holder: str = ""
    unit: str = ""
    """The organisation that the certificate names as its holder's."""
    personal_id: str = ""
    """The number that the certificate, or a registration here, gives its holder; empty when neither does."""
    issuer: str = ""
    serial: str = ""
    fingerprint: str = ""
    """SHA-256 of the certificate, hexadecimal."""
    valid_from: str = ""
    valid_to: str = ""
    """The certificate's own period (ISO)."""
    training: bool = False
    reason: str = ""
    codes: tuple[Code, ...] = ()
    stamp_time: str = ""
    """When a time-stamp proves that the signature existed (ISO); empty when nothing proves it."""
    stamp_authority: str = ""
    """Who made that time-stamp."""
    proved_time: str = ""
    """The earliest time at which a time-stamp or this school's journal proves that it existed (ISO)."""


@dataclass(frozen=True)
class Basis:
    """On what a verdict was reached: with the same, it is reached again."""

    verified_at: str = ""
    """ISO."""
    version: str = ""
    """Of this program."""
    digest: str = ""
    """SHA-256 of the file, hexadecimal."""
    anchors: tuple[str, ...] = ()
    """SHA-256 of the pinned issuers that were relied on."""
    answers: tuple[str, ...] = ()
    """SHA-256 of the answers about revocation that were relied on."""


def basis_for(data: bytes, now: datetime, anchors: Iterable[str] = (), answers: Iterable[str] = ()) -> Basis:
    """Return the basis of a verdict on these bytes at this time."""
    at = now.astimezone(VIETNAM).replace(microsecond=0).isoformat()
    return Basis(at, __version__, sha256(data).hexdigest(), tuple(sorted(set(anchors))), tuple(sorted(set(answers))))


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
    warnings: tuple[str, ...] = ()
    """What contradicts itself in the signed content; it does not change the verdict."""
    basis: Basis = field(default_factory=Basis)

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
