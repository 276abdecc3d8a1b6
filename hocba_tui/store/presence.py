"""Who is in a store: who has it open holds ``in-use.lock`` shared, who needs it alone holds it exclusively."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import time
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.errors import Conflict
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.disk import open_append, open_plain
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.locks import IN_USE, PATIENCE, Holder, holders_in, holding

_RETRY = 0.02
_UNTOUCHED = "Chưa có gì bị thay đổi."


def is_at(path: Path, handle: int) -> bool:
    """Return whether ``path`` still names the open file: a store may have been swapped while its lock was awaited."""
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(handle))
    except OSError:
        return False


@contextlib.contextmanager
def present(root: Path) -> Iterator[None]:
    """Be in the store in ``root`` like an open session; on a read-only disk, where nobody can swap it, do nothing."""
    while True:
        try:
            handle = open_append(root / IN_USE)
        except OSError:
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if is_at(root / IN_USE, handle):
                yield
                return
        finally:
            os.close(handle)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep everybody else out of the store in ``root``; raise Conflict, with who is in, when somebody is.

    Also what is done without opening the store (rebuilding, measuring for a backup) keeps it from being held.
    OSError when the disk refuses.
    """
    with contextlib.ExitStack() as held:
        first = open_append(root / IN_USE)
        held.callback(os.close, first)
        _take(first, root / IN_USE)
        if not is_at(root / IN_USE, first):
            raise Conflict(f"Kho {root} vừa được đổi.", "Chạy lại.", _UNTOUCHED)
        journals = sorted(root.rglob(JOURNAL), key=lambda path: (path.parent.name != SCHOOL, path))
        for path in (*sorted(root.glob("*.lock")), *journals):
            if path.name == IN_USE:
                continue
            with contextlib.suppress(OSError):  # What cannot be opened is damage, and not somebody who works.
                handle = open_plain(path)
                held.callback(os.close, handle)
                _take(handle, path)
        yield


def _take(handle: int, path: Path) -> None:
    """Lock a file exclusively; a process that is ending closes its files one by one, and is waited for."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() < deadline and all(_is_ending(pid) for pid in holding(os.fstat(handle))):
                time.sleep(_RETRY)
                continue
            names = holders(path)
            who = f": {'; '.join(names)}" if names else ""
            raise Conflict(f"Còn người đang dùng kho{who}.", "Đợi họ thoát rồi chạy lại.", _UNTOUCHED) from error
        else:
            return


def _is_ending(process: int) -> bool:
    """Return whether a process is gone, or ends: it has given up its memory, and with it its command line."""
    try:
        return not (Path("/proc") / str(process) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True
    except OSError:
        return False


def who_is_in(root: Path) -> tuple[Holder, ...]:
    """Return the sessions and commands that have the store in ``root`` open, as far as they have said who they are."""
    try:
        handle = open_plain(root / IN_USE)
    except OSError:
        return ()
    try:
        return holders_in(handle)
    finally:
        os.close(handle)


def holders(path: Path) -> tuple[str, ...]:
    """Return who holds a lock on ``path``, as far as the kernel tells: command, process, user of the machine."""
    try:
        return tuple(_describe(pid) for pid in holding(path.stat()))
    except OSError:
        return ()


def _describe(process: int) -> str:
    folder = Path("/proc") / str(process)
    try:
        # The command and nothing behind it: the rest may name a pupil.
        words = [Path(word).name for word in (folder / "cmdline").read_text(encoding="utf-8").split("\0") if word]
        uid = folder.stat().st_uid
    except (OSError, UnicodeDecodeError):
        return f"tiến trình {process}"
    after = words.index("hocba") + 1 if "hocba" in words else 0
    name = " ".join(("hocba", *words[after : after + 1])) if after else (words[0] if words else "?")
    with contextlib.suppress(KeyError):
        return f"{name} (tiến trình {process}, người dùng {pwd.getpwuid(uid).pw_name})"
    return f"{name} (tiến trình {process})"
