"""Verify one file or thousands, on every core."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.export.record.schema import MAX_BYTES
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.revocation import Answers
from hocba_tui.export.trust.verdict import FileVerdict, Step, Verdict
from hocba_tui.export.verify.verify import certificates_in, verify
from hocba_tui.export.verify_any.document import ANY_MAX_BYTES
from hocba_tui.export.verify_any.verdict import AnyVerdict
from hocba_tui.export.verify_any.verify import any_certificates_in, verify_any
from hocba_tui.export.words import Judgement, details_of, headline_of
from hocba_tui.flow.records.revocation import Fetch, ask
from hocba_tui.flow.verify.not_a_record import saved_again, why_no_file, why_no_record
from hocba_tui.text import clean_line

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
            return f"{clean_line(self.path.name) or self.path}: {self.label}"
        return headline_of(self.path.name, self.verdict)

    @property
    def exit_code(self) -> int:
        """Return 0 passed, 1 failed, 10 could not be read as a record, 11 indeterminate."""
        if self.unreadable:
            return UNREADABLE
        return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INDETERMINATE: INDETERMINATE}[self.verdict.verdict]

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
) -> Generator[Verified, None, None]:
    """Yield the verdict on each file, in order, as soon as it is known.

    What is no record file is ``unreadable`` and INDETERMINATE. Raises Refused when a process that verifies dies.
    ``folders`` are trust folders, ``answers`` are answers about revocation in addition to theirs. ``any_xml``
    judges the signatures of any XML file, instead of asking whether it is a record.
    """
    answers = answers or Answers()
    workers = workers or min(len(os.sched_getaffinity(0)), 1 + len(paths) // _WORTH_A_POOL)
    if workers == 1:
        trust = _trust(folders, answers)
        yield from (_verify(path, trust, any_xml=any_xml) for path in paths)
        return
    # Not forked: this process may have threads, a module of a token, a terminal.
    start = multiprocessing.get_context("spawn")
    _start_tracker()
    pool = ProcessPoolExecutor(workers, start, initializer=_begin, initargs=(folders, answers, any_xml))
    try:
        with pool:
            yield from pool.map(_verify_here, paths, chunksize=_PORTION)
    except BrokenProcessPool as error:
        raise Refused(
            "Tiến trình kiểm tra bị dừng giữa chừng: máy hết bộ nhớ, hoặc một tệp làm hỏng bộ đọc.",
            "Kiểm tra lại từng phần để biết là tệp nào.",
            "Tệp nào đã có kết luận thì kết luận ấy vẫn đúng.",
        ) from error


def worst_exit_code(found: Iterable[Verified]) -> int:
    """Return the exit code of the worst of several files: failed, then unreadable, then indeterminate, then passed."""
    codes = {one.exit_code for one in found}
    return next((code for code in _FROM_WORST if code in codes), 0)


def _start_tracker() -> None:
    """Start the process that a pool needs, with the real stderr: it fails with the screen's, which is no file."""
    with contextlib.redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


_here: list[tuple[Trust, bool]] = []
"""Trust and ``any_xml`` of a process of the pool. Certificates cannot be pickled, so each process loads the folders."""


def _begin(folders: Sequence[Path], answers: Answers, any_xml: bool) -> None:
    _here.append((_trust(folders, answers), any_xml))


def _verify_here(path: Path) -> Verified:
    trust, any_xml = _here[0]
    return _verify(path, trust, any_xml=any_xml)


def _trust(folders: Sequence[Path], answers: Answers) -> Trust:
    trust = Trust.from_folders(folders)
    return replace(trust, answers=trust.answers + answers)


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


def _verify(path: Path, trust: Trust, *, any_xml: bool) -> Verified:
    try:
        data = read_file(path, ANY_MAX_BYTES if any_xml else MAX_BYTES)
    except OSError as error:
        return _unreadable(path, why_no_file(path) or f"không đọc được tệp ({system_reason(error)})", any_xml=any_xml)
    if any_xml:
        return Verified(path, verify_any(data, trust))
    if why := why_no_record(data):
        return _unreadable(path, why, any_xml=False)
    found = verify(data, trust)
    if why := saved_again(data, found, trust):
        *before, last = found.steps
        found = replace(found, steps=(*before, replace(last, reason=why)))
    return Verified(path, found)


def _unreadable(path: Path, why: str, *, any_xml: bool) -> Verified:
    """Return the answer for what is no record file: nothing is known of any record, good or bad."""
    step = Step(1, "đọc tệp", Verdict.INDETERMINATE, why)
    return Verified(path, (AnyVerdict if any_xml else FileVerdict)(Verdict.INDETERMINATE, (step,)), unreadable=True)
