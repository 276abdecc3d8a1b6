"""What the verifier's steps hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lxml import etree

from hocba_tui.export.record.profile import Profile
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import SlotVerdict, Verdict
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot

Found = tuple[Verdict, str]
"""A step's verdict, and the reason when it is not PASSED."""
CLOCK_SKEW = timedelta(days=1)
"""How far ahead of this computer's clock a time may be before it is called the future."""


class StepFailed(Exception):
    """A step failed; later steps would look at bytes that are not to be trusted."""


@dataclass
class Work:
    """A file under verification."""

    data: bytes
    profile: Profile
    """The one that was asked for, or the one by whose outline the file was recognised."""
    trust: Trust
    complete: bool
    recognises: bool = False
    """Whether the profile follows from the file."""
    root: etree._Element | None = None
    region: bytes = b""
    uuid: str = ""
    signed: tuple[Signed, ...] = ()
    slots: tuple[SlotVerdict, ...] = ()
    proved: dict[Slot, datetime] = field(default_factory=dict)
    """When time-stamps prove that signatures existed."""

    def text(self, tag: str) -> str:
        """Return the text of a field of the data region, empty when it is not there."""
        region = None if self.root is None else self.root.find(self.profile.region_path())
        return "" if region is None or not tag else region.findtext(f".//{tag}") or ""

    def location(self, slot: Slot) -> str:
        """Return the path below the root where the signature of ``slot`` stands."""
        return f"{self.profile.path(slot)}/"


def judged(reasons: list[str]) -> Found:
    """Return a step's finding: INDETERMINATE for these reasons, PASSED when there are none."""
    return (Verdict.INDETERMINATE if reasons else Verdict.PASSED), "; ".join(reasons)
