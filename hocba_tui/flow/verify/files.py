"""Verify one file or thousands, on every core."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hocba_tui.errors import Refused, system_reason
from hocba_tui.export.record.schema import MAX_BYTES
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.pins import SchoolFacts
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.export.trust.verdict import FileVerdict, Step, Verdict
from hocba_tui.export.verify.verify import certificates_in, verify
from hocba_tui.export.verify_any.document import ANY_MAX_BYTES
from hocba_tui.export.verify_any.verdict import AnyVerdict
from hocba_tui.export.verify_any.verify import any_certificates_in, verify_any
from hocba_tui.export.words import Judgement, details_of, headline_of, summary_of
from hocba_tui.flow.records.revocation import Fetch, ask
from hocba_tui.flow.verify.terms import Terms, terms_of
from hocba_tui.workers import WorkerDied, cores, spread

_WORTH_A_POOL = 150
"""Number of files from which more processes are worth their start."""
_PORTION = 16


@dataclass(frozen=True)
class Verified:
    """A file with its verdict."""

    path: Path
    verdict: Judgement

    @property
    def passed(self) -> bool:
        """Return whether the verdict is PASSED."""
        return self.verdict.verdict is Verdict.PASSED

    @property
    def headline(self) -> str:
        """Return the verdict in one line."""
        return headline_of(self.path.name, self.verdict)

    def summary(self) -> Iterator[str]:
        """Yield one line on whose file it is and who signed, none where nothing of it may be shown."""
        return summary_of(self.verdict)

    def details(self) -> Iterator[str]:
        """Yield the steps, signatures and values of the verdict, a line each."""
        return details_of(self.verdict)


def verify_files(
    paths: Sequence[Path],
    folders: Sequence[Path],
    answers: Answers | None = None,
    workers: int | None = None,
    *,
    any_xml: bool = False,
    now: datetime | None = None,
    facts: SchoolFacts | None = None,
) -> Generator[Verified, None, None]:
    """Yield the verdict on each file, in order, as soon as it is known.

    A file that cannot be read is FAILED. Raises Refused when a process that verifies dies.
    ``folders`` are trust folders, ``answers`` are answers about revocation in addition to theirs. ``any_xml``
    judges the signatures of any XML file, instead of asking whether it is a record. ``now`` is the time of
    asking, ``facts`` what an opened store says.
    """
    terms = terms_of(paths, folders, answers or Answers(), any_xml=any_xml, now=now, facts=facts)
    workers = workers or min(cores(), 1 + len(paths) // _WORTH_A_POOL)
    try:
        with spread(_verifier, (terms,), paths, workers, portion=_PORTION) as found:
            yield from found
    except WorkerDied as error:
        raise Refused(
            "Tiến trình kiểm tra bị dừng giữa chừng: máy hết bộ nhớ, hoặc một tệp làm hỏng bộ đọc.",
            "Kiểm tra lại từng phần để biết là tệp nào.",
            "Tệp nào đã có kết luận thì kết luận ấy vẫn đúng.",
        ) from error


def _verifier(terms: Terms) -> Callable[[Path], Verified]:
    """Return what verifies one file; each process loads the folders, since certificates cannot be pickled."""
    return partial(_verify, trust=terms.trust(), terms=terms)


def asked_about(
    paths: Sequence[Path], trust: Trust, fetch: Fetch, *, any_xml: bool = False
) -> tuple[Trust, tuple[str, ...]]:
    """Return ``trust`` with what the issuers answer about the certificates in these files, and what failed."""
    found_in = any_certificates_in if any_xml else certificates_in
    certificates = (der for path in paths for der in found_in(_read(path, any_xml=any_xml)))
    return ask(trust, certificates, fetch)


def _read(path: Path, *, any_xml: bool) -> bytes:
    """Return a file of reasonable size, empty when it cannot be read."""
    try:
        return read_file(path, ANY_MAX_BYTES if any_xml else MAX_BYTES)
    except OSError:
        return b""


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return a file's bytes, at most one more than ``limit``, so that a parser refuses what is longer.

    Raises OSError for a pipe, a device, or a file that is missing.
    """
    if not path.is_file():
        raise OSError(errno.EINVAL, "không phải là tệp" if path.exists() else "không có tệp này")
    with path.open("rb") as stream:
        return stream.read(limit + 1)


@contextlib.contextmanager
def in_memory(stream: BinaryIO) -> Iterator[Path]:
    """Yield a file that is on no disk, with what can be read from ``stream`` up to what any file may have."""
    with os.fdopen(os.memfd_create("hocba"), "wb") as file:
        file.write(stream.read(max(MAX_BYTES, ANY_MAX_BYTES) + 1))
        file.flush()
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _verify(path: Path, trust: Trust, terms: Terms) -> Verified:
    any_xml = terms.any_xml
    try:
        data = read_file(path, ANY_MAX_BYTES if any_xml else MAX_BYTES)
    except OSError as error:
        step = Step(1, "đọc tệp", Verdict.FAILED, f"không đọc được tệp ({system_reason(error)})")
        return Verified(path, (AnyVerdict if any_xml else FileVerdict)(Verdict.FAILED, (step,)))
    if any_xml:
        return Verified(path, verify_any(data, trust, terms.now))
    return Verified(path, verify(data, trust, now=terms.now, existed=terms.existed(data)))
