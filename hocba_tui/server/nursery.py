"""The parent process of forked sessions, which share the memory of what it has imported and prepared.

It must be a process of its own, with one thread and without a token's driver: the process that answers the network
asks it over a socket. Started with ``python -OO`` it has no docstrings, which saves half a megabyte in each session.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hocba_tui.server.gathering import gather, run_by
from hocba_tui.server.rehearsal import bring_in, rehearse

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

_CRASHED = 70
_MMAP_THRESHOLD, _LARGE = -3, 128 * 1024
"""The number of a setting of the GNU C library, and its value when a program starts."""


class Nursery:
    """Prepares everything once, then forks a process for each person."""

    def __init__(self) -> None:
        _give_large_blocks_back()
        bring_in()
        # Before this process runs any of it: a copy begins from nothing, and each session would write into it.
        self.replaced = gather(run_by(rehearse))
        """Code that must not be freed, see :func:`gather`."""
        self._stylesheet = rehearse()
        gc.collect()
        # The collector writes into the objects that it visits, which would copy them into each session.
        gc.freeze()

    def fork(self, act: Callable[[Stylesheet], int], closing: Iterable[int] = ()) -> int:
        """Fork a process that does ``act`` and ends with the code that it returns; return its process id.

        ``closing`` are descriptors of this process that the child must not have. RuntimeError when other threads
        run: a lock that one of them holds would stay locked in the child for ever.
        """
        if threading.active_count() > 1:
            raise RuntimeError("a session is forked from a process with one thread")
        child = os.fork()
        if child:
            return child
        code = _CRASHED
        try:
            for descriptor in closing:
                os.close(descriptor)
            code = act(self._stylesheet)
        except BaseException:  # noqa: BLE001 # The child must never return into the loop of the parent.
            with contextlib.suppress(BaseException):  # Its terminal may be gone.
                traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
            os._exit(code)


def _give_large_blocks_back() -> None:
    """Have memory for a whole file go back to the system at once.

    Left alone, the C library takes the first such block as a sign that more will come, and keeps them: 0.4 MB each.
    """
    with contextlib.suppress(AttributeError):  # Another C library.
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
