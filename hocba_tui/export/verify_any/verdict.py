"""The verdict on an XML file that is no record: on each signature, and what cannot be known."""

from __future__ import annotations

from dataclasses import dataclass, field

from hocba_tui.export.trust.verdict import Basis, Step, Verdict


@dataclass(frozen=True)
class NamedSigner:
    """Whom a certificate names, and who issued it; RFC 4514 names, serial number in hexadecimal."""

    holder: str = ""
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    training: bool = False
    unit: str = ""
    fingerprint: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class AnySignature:
    """One signature of a file, judged for itself.

    ``place`` and ``covers`` are paths. ``time`` is what the signer claims (ISO 8601), empty where the signature
    covers no time. ``verdict`` PASSED says that this certificate signed these elements, and nothing about the file.
    """

    number: int
    place: str
    verdict: Verdict
    steps: tuple[Step, ...]
    signer: NamedSigner = NamedSigner()
    time: str = ""
    covers: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Return the first step with this verdict and its reason, with its number."""
        for step in self.steps:
            if step.verdict is self.verdict is not Verdict.PASSED:
                return f"Bước {step.number} ({step.name}): {step.reason}"
        return ""


@dataclass(frozen=True)
class AnyVerdict:
    """The whole answer; FAILED, or INDETERMINATE at best, since the form that such a file must have is not known here.

    ``uncovered`` are the paths of which nothing is signed, ``values`` what the covered elements say (path and text,
    only if not FAILED), ``unknown`` the sentences about what the file cannot show.
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    signatures: tuple[AnySignature, ...] = ()
    uncovered: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    program_error: bool = False
    """Whether an error of this program ended the verification."""
    basis: Basis = field(default_factory=Basis)

    @property
    def training(self) -> bool:
        """Return whether a training key signed: the file has no legal value."""
        return any(signature.signer.training for signature in self.signatures)

    @property
    def reason(self) -> str:
        """Return the first step with this verdict and its reason, with its number."""
        for step in self.steps:
            if step.verdict is self.verdict:
                return f"Bước {step.number} ({step.name}): {step.reason}"
        return ""
