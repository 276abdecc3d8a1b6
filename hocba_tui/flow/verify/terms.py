"""On what terms files are verified: whom to trust, at what time, and what else was seen. Handed to each process."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, reduce
from hashlib import sha256
from operator import or_
from pathlib import Path

from hocba_tui.export.trust.issuers import Trust, by_key
from hocba_tui.export.trust.pins import SchoolFacts
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.flow.registrations import facts_of_folder

_CERTIFICATE = re.compile(rb"X509Certificate[^>]*>([A-Za-z0-9+/=\s]{200,20000})<")
_BESIDE = 500
"""Files of a folder that are looked at for certificates when one of them is verified."""
_MAX_BYTES = 2_000_000


@dataclass(frozen=True)
class Terms:
    """Everything but the file. Certificates cannot be pickled, so each process reads the folders itself."""

    folders: tuple[Path, ...]
    answers: Answers = field(default_factory=Answers)
    """In addition to those in the folders."""
    any_xml: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    facts: SchoolFacts = field(default_factory=SchoolFacts)
    seen: tuple[bytes, ...] = ()
    """Certificates (DER) in the files of this run and beside them."""

    def existed(self, data: bytes) -> datetime | None:
        """Return when the school's journal noted this very file, None when it did not."""
        return self._seen_at.get(sha256(data).hexdigest()) if self.facts.seen else None

    @cached_property
    def _seen_at(self) -> dict[str, datetime]:
        return dict(self.facts.seen)

    def trust(self) -> Trust:
        """Return the trust of these folders; raise WrongUse when one is missing or holds something else."""
        trust = Trust.from_folders(self.folders, self.facts)
        known = by_key(self.seen) if self.seen else {}
        return replace(trust, answers=trust.answers + self.answers, known=known)


def terms_of(
    paths: Sequence[Path],
    folders: Sequence[Path],
    answers: Answers,
    *,
    any_xml: bool,
    now: datetime | None = None,
    facts: SchoolFacts | None = None,
) -> Terms:
    """Return the terms for these files. Certificates are looked for only where issuers have answered anything.

    ``facts`` is what the school's store says; without it, it is read where a folder is a store's.
    """
    facts = facts or reduce(or_, map(facts_of_folder, folders), SchoolFacts())
    terms = Terms(tuple(folders), answers, any_xml, now or datetime.now(UTC), facts)
    if not terms.trust().answers:
        return terms
    seen = dict.fromkeys(der for path in (*paths, *_beside(paths)) for der in _certificates(path))
    return replace(terms, seen=tuple(seen))


def _beside(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the other XML files beside a single one: the same key may stand there with another certificate."""
    if len(paths) != 1:
        return
    try:
        with os.scandir(paths[0].parent) as entries:
            names = sorted(entry.name for entry in entries if entry.name.lower().endswith(".xml") and entry.is_file())
    except OSError:
        return
    yield from (paths[0].parent / name for name in names[:_BESIDE] if name != paths[0].name)


def _certificates(path: Path) -> Iterator[bytes]:
    """Yield what looks like a certificate in a file; each is read strictly before it is used."""
    try:
        if not path.is_file():
            return
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES)
    except OSError:
        return
    for found in _CERTIFICATE.finditer(data):
        try:
            yield base64.b64decode(b"".join(found.group(1).split()), validate=True)
        except binascii.Error:
            continue
