"""Verify files, one or thousands: every core works, and each file gets its own answer."""

from __future__ import annotations

import errno
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from hocba_tui.errors import system_reason
from hocba_tui.export.schema import MAX_BYTES
from hocba_tui.export.standing import Answers
from hocba_tui.export.trust import Trust
from hocba_tui.export.verdict import FileVerdict, Step, Verdict
from hocba_tui.export.verify import certificates_in, verify
from hocba_tui.flow.asking import Fetch, ask

_WORTH_A_POOL = 150
"""Files from which more processes pay for their start."""
_PORTION = 16


@dataclass(frozen=True)
class Verified:
    """A file with its verdict."""

    path: Path
    verdict: FileVerdict


def verify_files(
    paths: Sequence[Path], folders: Sequence[Path], answers: Answers | None = None, workers: int | None = None
) -> Iterator[Verified]:
    """Yield the verdict on each file, in order, as soon as it is known. A file that cannot be read is FAILED.

    ``folders`` are trust folders, ``answers`` more answers about revocation than lie in them.
    """
    answers = answers or Answers()
    workers = workers or min(len(os.sched_getaffinity(0)), 1 + len(paths) // _WORTH_A_POOL)
    if workers == 1:
        trust = _trust(folders, answers)
        yield from (_verify(path, trust) for path in paths)
        return
    # Not forked: this process may hold threads, a module of a token, a terminal.
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, start, initializer=_begin, initargs=(folders, answers)) as pool:
        yield from pool.map(_verify_here, paths, chunksize=_PORTION)


_here: list[Trust] = []
"""What the processes of a pool trust: certificates cannot be handed over, folders can."""


def _begin(folders: Sequence[Path], answers: Answers) -> None:
    _here.append(_trust(folders, answers))


def _verify_here(path: Path) -> Verified:
    return _verify(path, _here[0])


def _trust(folders: Sequence[Path], answers: Answers) -> Trust:
    trust = Trust.from_folders(folders)
    return replace(trust, answers=trust.answers + answers)


def asked_about(paths: Sequence[Path], trust: Trust, fetch: Fetch) -> tuple[Trust, tuple[str, ...]]:
    """Return ``trust`` with what the issuers answer about the certificates in these files, and what failed."""
    certificates = (der for path in paths for der in certificates_in(_read(path)))
    return ask(trust, certificates, fetch)


def _read(path: Path) -> bytes:
    """Return a file of reasonable size, empty when it cannot be read."""
    try:
        return read_file(path)
    except OSError:
        return b""


def read_file(path: Path) -> bytes:
    """Return a file of reasonable size; OSError for a pipe, a device or nothing at all. A giant is cut off."""
    if not path.is_file():
        raise OSError(errno.EINVAL, "không phải là tệp" if path.exists() else "không có tệp này")
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _verify(path: Path, trust: Trust) -> Verified:
    try:
        return Verified(path, verify(read_file(path), trust))
    except OSError as error:
        step = Step(1, "đọc tệp", Verdict.FAILED, f"không đọc được tệp ({system_reason(error)})")
        return Verified(path, FileVerdict(Verdict.FAILED, (step,)))
