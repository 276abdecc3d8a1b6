"""Spreadsheets are read here and not in a process of their own, where a test is about what they say.

To start a process for each takes longer than the rest of such a test. That there is one, with its limits of memory and
time, is what tests/attacks/test_hostile_files.py and tests/intake/test_source.py prove, with the reader itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import IO, Any

import pytest

from hocba_tui.intake import reader, workbook
from hocba_tui.intake.guard import Unfit


@pytest.fixture(scope="module")
def read_here() -> Iterator[None]:
    """Read the spreadsheets of a module's tests within the process of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        known = {name: getattr(subprocess, name) for name in ("PIPE", "DEVNULL", "TimeoutExpired")}
        patch.setattr(workbook, "subprocess", SimpleNamespace(run=_run, **known))
        yield


def _run(command: list[str], *, stdin: IO[bytes], **_: object) -> CompletedProcess[str]:
    """Answer as the process does."""
    assert command[-1] == reader.__name__
    try:
        answer: dict[str, Any] = {"sheets": reader.read(stdin.read())}
    except Unfit as error:
        answer = {"unfit": [error.what, error.now]}
    return CompletedProcess(command, 0, json.dumps(answer, default=reader._tag))
