"""A record: the school year of one pupil; the unit that is signed and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hocba_tui.model.values import RecordState, Slot
from hocba_tui.text import foreign

LONGEST_REASON = 500
"""Letters of a reason for a return that are shown."""


@dataclass(frozen=True)
class Signed:
    """One signature over a record's frozen bytes.

    ``time`` is SigningTime as written in the file; ``value`` the raw signature; ``certificate`` DER.
    """

    slot: Slot
    time: str
    value: bytes
    certificate: bytes
    xades: bool = False
    """Whether XAdES properties are covered by the signature."""
    stamp: bytes = b""
    """Time-stamp token over ``value`` (DER), among the XAdES properties; empty when there is none."""


@dataclass(frozen=True)
class Record:
    """The state of a pupil's record. Blobs are named by their SHA-256 in the shard's frozen folder."""

    pupil: str
    state: RecordState = RecordState.DRAFT
    uuid: str = ""
    frozen: str = ""
    round: str = ""
    profile: str = ""
    signatures: Mapping[Slot, str] | None = None
    reason: str = ""
    """Why it was returned: the principal's reason, or the portal's; harmless, as it may be shown."""
    training: bool = False
    """Signed with training keys: no legal value."""

    @classmethod
    def from_fields(cls, pupil: str, document: Mapping[str, Any]) -> Record:
        """Build from the store's document."""
        return cls(
            pupil=pupil,
            state=RecordState(document.get("state") or RecordState.DRAFT),
            uuid=document.get("uuid") or "",
            frozen=document.get("frozen") or "",
            round=document.get("round") or "",
            profile=document.get("profile") or "",
            signatures={slot: document[f"signed.{slot}"] for slot in Slot if document.get(f"signed.{slot}")},
            # Older stores keep what a portal wrote as it came.
            reason=foreign(document.get("reason") or "", LONGEST_REASON),
            training=bool(document.get("training")),
        )

    @property
    def editable(self) -> bool:
        """Return whether the pupil's results may still be changed: only in draft."""
        return self.state is RecordState.DRAFT
