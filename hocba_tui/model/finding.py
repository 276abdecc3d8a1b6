"""Findings: what a rule reports about the facts. They are data, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """An error stops the submission; a warning asks for a second look; a hint is only advice."""

    HINT = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """Return the word on the screen."""
        return {1: "gợi ý", 2: "cần xem lại", 3: "phải sửa"}[self.value]


@dataclass(frozen=True)
class Finding:
    """One thing that is missing, unlawful, contradictory or unlikely.

    ``code`` is stable (listed in docs/findings.md); ``pupil`` is a pupil's key or empty; ``field``
    is the cell (see :class:`~hocba_tui.model.results.Cell`) or an attribute of the pupil.
    """

    code: str
    severity: Severity
    message: str
    pupil: str = ""
    field: str = ""
    remedy: str = ""
