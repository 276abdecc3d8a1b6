"""A door for bytes from outside, and what may come of them: a value, a finding, an error of ours in Vietnamese.

Anything else is a fault: another exception, a limit of memory or processor time, a file outside of the scratch folder,
a program that was started, a connection that was tried.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hocba_tui.errors import HocbaError
from tests.attacks.fuzz.material import Material
from tests.attacks.fuzz.watch import WATCH

MOST_SECONDS = 10.0
"""Of processor time, for one example: a record of ordinary size takes a hundredth."""
MOST_MEMORY = 400_000
"""Kilobytes by which one example may raise what the process has ever used."""


@dataclass(frozen=True)
class Door:
    """One way in. ``covers`` names the modules of the program that read these bytes."""

    name: str
    form: str
    """What the bytes are, for the mutators."""
    covers: tuple[str, ...]
    seeds: Callable[[Material], Sequence[bytes]]
    enter: Callable[[Material, bytes], object]
    refusals: tuple[type[BaseException], ...] = ()
    """What it raises for its callers, besides errors of ours."""
    examples: int = 25
    """In the short run."""


def open_door(door: Door, material: Material, data: bytes) -> bool:
    """Hand ``data`` in, and return whether something was read; AssertionError when more happened than may."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    passed, said = False, ""
    with WATCH.within(material.scratch):
        try:
            door.enter(material, data)
            passed = True
        except HocbaError as error:
            said = error.what
        except door.refusals:
            pass
    assert not said.isascii() or not said, f"not in Vietnamese: {said!r}"
    spent = time.process_time() - begun
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert spent < MOST_SECONDS, f"{spent:.1f} s"
    assert grown < MOST_MEMORY, f"{grown} kB"
    return passed
