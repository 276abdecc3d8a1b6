"""Verify one file or thousands, on every core."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from hocba_tui.flow.verify.not_a_record import saved_again, why_no_file, why_no_record
from hocba_tui.flow.verify.terms import Terms, terms_of
from hocba_tui.text import foreign
from hocba_tui.workers import WorkerDied, cores, spread

UNREADABLE, INDETERMINATE = 10, 11
"""Exit codes beside 0 (passed) and 1 (failed)."""
_FROM_WORST = (1, UNREADABLE, INDETERMINATE, 0)
_WORTH_A_POOL = 150
"""Number of files from which more processes are worth their start."""
_PORTION = 16


@dataclass(frozen=True)
class Verified:
    """A file with its verdict."""

    path: Path
    verdict: Judgement
    unreadable: bool = False
    """Whether it could not be read as a record, so that nothing is known of any record."""

    @property
    def passed(self) -> bool:
        """Return whether the verdict is PASSED."""
        return self.verdict.verdict is Verdict.PASSED

    @property
    def label(self) -> str:
        """Return the word on the screen."""
        return "KHÔNG KIỂM TRA ĐƯỢC" if self.unreadable else self.verdict.verdict.label

    @property
    def headline(self) -> str:
        """Return the verdict in one line."""
        if self.unreadable:
            return f"{foreign(self.path.name) or foreign(str(self.path))}: {self.label}"
        return headline_of(self.path.name, self.verdict)

    @property
    def exit_code(self) -> int:
        """Return 0 passed, 1 failed, 10 could not be read as a record, 11 indeterminate."""
        if self.unreadable:
            return UNREADABLE
        return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INDETERMINATE: INDETERMINATE}[self.verdict.verdict]

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

    What is no record file is ``unreadable`` and INDETERMINATE. Raises Refused when a process that verifies dies.
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


def worst_exit_code(found: Iterable[Verified]) -> int:
    """Return the exit code of the worst of several files: failed, then unreadable, then indeterminate, then passed."""
    codes = {one.exit_code for one in found}
    return next((code for code in _FROM_WORST if code in codes), 0)


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
        return _unreadable(path, why_no_file(path) or f"không đọc được tệp ({system_reason(error)})", any_xml=any_xml)
    if any_xml:
        return Verified(path, verify_any(data, trust, terms.now))
    if why := why_no_record(data):
        return _unreadable(path, why, any_xml=False)

    def judge(record: bytes) -> FileVerdict:
        return verify(record, trust, now=terms.now, existed=terms.existed(record))

    found = judge(data)
    if why := saved_again(data, found, judge):
        *before, last = found.steps
        found = replace(found, steps=(*before, replace(last, reason=why)))
    return Verified(path, found)


def _unreadable(path: Path, why: str, *, any_xml: bool) -> Verified:
    """Return the answer for what is no record file: nothing is known of any record, good or bad."""
    step = Step(1, "đọc tệp", Verdict.INDETERMINATE, why)
    return Verified(path, (AnyVerdict if any_xml else FileVerdict)(Verdict.INDETERMINATE, (step,)), unreadable=True)
