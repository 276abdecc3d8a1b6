"""What a process does while a door is tried: files that it changes, programs that it starts, connections."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.bind")
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
    "shutil.rmtree",
)


class _Watch:
    """What the process does while a door is tried, as Python's audit events say."""

    def __init__(self) -> None:
        self.inside: Path | None = None
        self.seen: list[str] = []
        self._hooked = False

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the block do what it wants: it belongs to the tests."""
        inside, self.inside = self.inside, None
        try:
            yield
        finally:
            self.inside = inside

    @contextlib.contextmanager
    def within(self, folder: Path) -> Iterator[None]:
        if not self._hooked:
            sys.addaudithook(self._hook)
            self._hooked = True
        self.inside, self.seen = folder, []
        try:
            yield
        finally:
            self.inside = None
        assert not self.seen, f"more than reading was done: {self.seen[:3]}"

    def _hook(self, event: str, facts: tuple[object, ...]) -> None:
        if self.inside is None:
            return
        if event == "open":
            name, _, flags = (*facts, None, None, None)[:3]
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                self._outside(event, name)
        elif event in _CHANGES:
            # What is changed is named last of the names; behind them stands the folder from which it is meant.
            names = [fact for fact in facts if isinstance(fact, (str, bytes, os.PathLike))]
            folder = facts[-1] if event != "shutil.rmtree" and isinstance(facts[-1], int) and facts[-1] >= 0 else None
            self._outside(event, names[-1] if names else None, folder)
        elif event in _STARTS:
            self.seen.append(event)

    def _outside(self, event: str, name: object, folder: int | None = None) -> None:
        if isinstance(name, (str, bytes, os.PathLike)):
            beside = os.readlink(f"/proc/self/fd/{folder}") if folder is not None else ""  # noqa: PTH115
            path = os.path.abspath(os.path.join(beside, os.fsdecode(name)))  # noqa: PTH100, PTH118 - links are not followed, and it is called often
            if (
                path != os.devnull
                and not path.startswith((f"{self.inside}/", "/proc/self/fd/"))
                and path != str(self.inside)
            ):
                self.seen.append(f"{event} {path}")


WATCH = _Watch()
