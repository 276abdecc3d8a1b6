"""What the steps of the verifier share: the file under verification, and what each step adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lxml import etree

from hocba_tui.export.record.profile import Profile
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import SlotVerdict
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot

CLOCK_SKEW = timedelta(days=1)
"""How far ahead of this computer's clock a time may be before it is called the future."""


class StepFailed(Exception):
    """A step failed because of the file; later steps would look at bytes that are not to be trusted."""


@dataclass
class Work:
    """A file under verification. Fields without a default are given; steps fill the others."""

    data: bytes
    profile: Profile
    """The one that was asked for, or (step 1) the one by whose outline the file was recognised."""
    trust: Trust
    complete: bool
    """Whether all required signatures have to be there."""
    recognises: bool = False
    """Whether the profile follows from the file."""
    root: etree._Element = field(init=False)
    """Step 1; there is none before."""
    region: bytes = b""
    """Canonical bytes of the data region (step 3)."""
    uuid: str = ""
    """Of the record, from the Id of the data region (step 3)."""
    signed: tuple[Signed, ...] = ()
    """The signatures in the profile's order (step 3)."""
    slots: tuple[SlotVerdict, ...] = ()
    """What is said of each signature (steps 6, 9 and 10)."""
    proved: dict[Slot, datetime] = field(default_factory=dict)
    """When time-stamps prove that signatures existed (step 9)."""

    def text(self, tag: str) -> str:
        """Return the text of a field of the data region, empty when it is not there."""
        region = self.root.find(self.profile.region_path())
        return "" if region is None or not tag else region.findtext(f".//{tag}") or ""

    def location(self, slot: Slot) -> str:
        """Return the path below the root to the parent of the signature of ``slot``."""
        return f"{self.profile.path(slot)}/"
