"""Ask the issuers of certificates about the files to verify, over the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.flow.verify.files import asked_about


@dataclass(frozen=True)
class Asked:
    """What the issuers answered, together with the answers that were kept before, and what could not be asked."""

    answers: Answers
    problems: tuple[str, ...]


def ask_issuers(paths: Sequence[Path], folders: Sequence[Path], *, any_xml: bool = False) -> Asked:
    """Ask about every certificate in the files whose issuer is pinned in one of the trust folders.

    Nothing is written: see :func:`hocba_tui.flow.records.revocation.keep_answers`.
    """
    from hocba_tui.sync.fetch import fetch

    trust, problems = asked_about(paths, Trust.from_folders(folders), fetch, any_xml=any_xml)
    return Asked(trust.answers, problems)
