"""What the steps of the verifier share: the file under verification, and what each step adds to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree

from hocba_tui.export.record.profile import Profile
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.paths import Path
from hocba_tui.export.trust.revocation import Times
from hocba_tui.export.trust.verdict import StepResult, Verdict, together
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot


class StepFailed(Exception):
    """A step ended the verification: later steps would look at bytes that are not to be trusted."""

    def __init__(self, reason: str, code: Code, verdict: Verdict = Verdict.FAILED) -> None:
        super().__init__(reason)
        self.result = StepResult(verdict, reason, (code,))


@dataclass
class Signer:
    """One signature that holds, and what the steps from 6 on find of it."""

    signed: Signed
    certificate: x509.Certificate
    claimed: datetime
    path: Path | None = None
    """Step 6; None when it leads to no pinned issuer."""
    proved: datetime | None = None
    """The earliest time at which the signature is proven to have existed (step 9)."""
    personal_id: str = ""
    """Whose number the certificate or a registration gives (step 7)."""
    stamp_time: str = ""
    stamp_authority: str = ""
    found: list[StepResult] = field(default_factory=list)
    answers: tuple[str, ...] = ()
    """SHA-256 of the answers about revocation that were relied on (step 10)."""

    def note(self, result: StepResult | None) -> None:
        """Add what a step found; None is nothing."""
        if result is not None:
            self.found.append(result)

    def times(self, now: datetime) -> Times:
        """Return its times, for those who judge a certificate by them."""
        return Times(now, self.claimed, self.proved, self.signed.xades)


@dataclass
class Work:
    """A file under verification. Fields without a default are given; steps fill the others."""

    data: bytes
    profile: Profile
    """The one that was asked for, or (step 1) the one by whose outline the file was recognised."""
    trust: Trust
    complete: bool
    """Whether all required signatures have to be there."""
    now: datetime
    existed: datetime | None = None
    """When the school's own journal proves that this very file existed."""
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
    signers: tuple[Signer, ...] = ()
    """Who made them (step 5, when all of them hold)."""

    def text(self, tag: str) -> str:
        """Return the text of a field of the data region, empty when it is not there."""
        region = self.root.find(self.profile.region_path())
        return "" if region is None or not tag else region.findtext(f".//{tag}") or ""

    def location(self, slot: Slot) -> str:
        """Return the path below the root to the parent of the signature of ``slot``."""
        return f"{self.profile.path(slot)}/"

    def each(self, judge: Callable[[Signer], Iterable[StepResult | None]]) -> StepResult:
        """Judge every signer by itself, and return what the step says of all."""
        said: list[tuple[Signer, StepResult]] = []
        for signer in self.signers:
            for result in judge(signer):
                if result is not None:
                    signer.note(result)
                    said.append((signer, result))
        alike = Counter(result.reason for _, result in said)
        everybody = len(self.signers) if len(self.signers) > 1 else 0
        return together(
            (f"cả {everybody} chữ ký" if alike[result.reason] == everybody else signer.signed.slot.label, result)
            for signer, result in said
        )


def claimed_time(signed: Signed) -> datetime:
    """Return the time that a signer claims."""
    return datetime.fromisoformat(signed.time).astimezone(UTC)
