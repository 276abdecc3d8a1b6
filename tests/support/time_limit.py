"""A test that runs out of time ends with all that it has started; else leaving a ``with Popen(…)`` waits for ever."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> Generator[None, object, object]:
    """Kill the children of this process before pytest-timeout fails the test."""
    done = yield
    fail = signal.getsignal(signal.SIGALRM)
    if callable(fail):

        def end(number: int, frame: FrameType | None) -> None:
            for child in descendants(os.getpid()):
                os.kill(child, signal.SIGKILL)
            fail(number, frame)

        signal.signal(signal.SIGALRM, end)
    return done


def descendants(ancestor: int) -> list[int]:
    """Return the ids of the processes that ``ancestor`` and its children have started and that still run."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # The name in parentheses may hold anything; what follows it is state and parent.
                _, _, rest = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
            except OSError:
                continue
            parents[int(entry.name)] = int(rest.split()[1])
    found = [ancestor]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
