"""Bring the code that sessions run together, so that they share more of the memory around it.

CPython counts the references to an object in the object: who calls a function changes its code object, and so gets a
page of memory of its own. Sessions run a quarter of the code that they import, and that quarter lies on most of the
pages. Copies of it that are made in one go lie side by side. What they replace must stay where it is: its holes would
be filled by the objects of each session, all over the memory.
"""

from __future__ import annotations

import contextlib
import gc
import os
import struct
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType

_ADDRESS = struct.Struct("P")


def run_by(act: Callable[[], object]) -> set[int]:
    """Return the addresses of the code that ``act`` runs; a forked process does it, so nothing of it is left here.

    Taking notes leaves traces in the memory, which no session shall inherit. Addresses are the same in both processes.
    """
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        # Whatever happens here happens to the parent too, which says so.
        with contextlib.suppress(BaseException):
            os.close(reads)
            with os.fdopen(writes, "wb") as report:
                report.write(b"".join(map(_ADDRESS.pack, _noted(act))))
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as report:
        found = {address for (address,) in _ADDRESS.iter_unpack(report.read())}
    os.waitpid(child, 0)
    return found


def gather(addresses: set[int]) -> list[CodeType]:
    """Give functions whose code is at one of the addresses a copy of it; return the code that must not be freed."""
    copies: dict[int, CodeType] = {}

    def runs(code: object) -> bool:
        return isinstance(code, CodeType) and (id(code) in addresses or any(map(runs, code.co_consts)))

    def copy(code: CodeType) -> CodeType:
        if id(code) not in copies:
            inner = tuple(copy(each) if runs(each) else each for each in code.co_consts)
            copies[id(code)] = code.replace(co_consts=inner)
        return copies[id(code)]

    functions = [each for each in gc.get_objects() if isinstance(each, FunctionType) and runs(each.__code__)]
    replaced = [each.__code__ for each in functions]
    for function in functions:
        function.__code__ = copy(function.__code__)
    return replaced


def _noted(act: Callable[[], object]) -> list[int]:
    seen: dict[int, CodeType] = {}  # Not a set: equal code of two functions is not the same.

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen[id(frame.f_code)] = frame.f_code

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return list(seen)
