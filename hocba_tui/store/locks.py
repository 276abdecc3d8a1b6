"""Locks of files: who waits for one too long is told who holds it, and since when.

The kernel's list of locks names the process that holds one. Its account is in the line that each session adds to
``in-use.lock`` when it begins. A lock that may be held for long has such a line in itself, from when it was taken.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import LockHeld

IN_USE = "in-use.lock"
PATIENCE = 5.0
"""Seconds for which one process may keep others waiting before they are told."""
_WAKE = signal.SIGURG
"""A signal that programs ignore unless they ask for it."""
_RETRY = 0.01
"""Seconds between two tries where the kernel's queue cannot be used."""
_MARK = "hocba"
"""The first word of a line that says who holds a lock."""


class Holder(NamedTuple):
    """A process that holds a lock; what is not known is 0 or empty."""

    pid: int
    started: str = ""
    """When the process began, in ticks since the computer was started: numbers of processes are used again."""
    account: str = ""
    at: str = ""
    """When it wrote this about itself, in ISO form."""

    @property
    def words(self) -> str:
        """Return who it is, in Vietnamese."""
        known = f"tiến trình {self.pid}" if self.pid else "một tiến trình không rõ"
        return f"tài khoản {self.account}, {known}" if self.account else known


def take(handle: int, how: int, name: str) -> None:
    """Lock an open file, shared or exclusively; raise LockHeld when one process keeps it for PATIENCE seconds.

    ``name`` says what is locked, for the person who waits.
    """
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait(handle, how, name)


def _wait(handle: int, how: int, name: str) -> None:
    """Wait in the kernel's queue, which is fair and costs nothing; the watch ends it."""
    woken = be_woken()
    waiting = _Waiting(os.dup(handle), threading.get_ident())
    _watch.add(waiting)
    try:
        while not woken and waiting.holder is None and not _free(waiting.handle, how):
            time.sleep(_RETRY)  # Nothing could end a wait in the kernel: the main thread has never opened a store.
        if woken:
            fcntl.flock(waiting.handle, how)
    except OSError:
        if waiting.holder is None:
            raise
    finally:
        _watch.remove(waiting)
    if waiting.holder is not None and not _free(handle, how):  # It may have been given to us at the last moment.
        seen = datetime.now(VIETNAM) - timedelta(seconds=time.monotonic() - waiting.began)
        since = waiting.holder.at[11:19] or f"{seen:%H:%M:%S}"
        raise LockHeld(name, waiting.holder.words, since)


class _Waiting:
    """One thread that waits for a lock, through a descriptor of its own."""

    __slots__ = ("began", "handle", "holder", "pid", "thread")

    def __init__(self, handle: int, thread: int) -> None:
        self.handle = handle
        self.thread = thread
        self.began, self.pid = time.monotonic(), -1
        self.holder: Holder | None = None
        """Who has had the lock for too long; None while it may still be waited for."""

    def look(self) -> None:
        """See who has the lock: where many share a slow disk, each has it for a while, and none of them too long."""
        now = time.monotonic()
        if now - self.began < PATIENCE / 10:
            return
        if (pid := _holding(self.handle)) != self.pid:
            if self.pid >= 0:
                self.began = now
            self.pid = pid
        if now - self.began >= PATIENCE:
            self.holder = holder_of(self.handle)

    def give_up(self) -> None:
        """Make the waiting thread go on: its system call ends, and is tried again on what cannot be locked."""
        nothing = os.open("/", os.O_PATH | os.O_CLOEXEC)
        os.dup2(nothing, self.handle, inheritable=False)
        os.close(nothing)
        signal.pthread_kill(self.thread, _WAKE)


class _Watch:
    """A thread that looks after all who wait in this process; it begins when somebody waits for the first time."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def forget(self) -> None:
        """Begin without the threads of the process that this one was forked from."""
        self._waiting.clear()
        self._lock, self._some, self._thread = threading.Lock(), threading.Event(), None

    def add(self, waiting: _Waiting) -> None:
        """Look after one more."""
        self._waiting.append(waiting)
        if not self._some.is_set():
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            self._some.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="locks", daemon=True)
                self._thread.start()

    def remove(self, waiting: _Waiting) -> None:
        """Let go of one who waits no longer."""
        with self._lock:
            self._waiting.remove(waiting)
            os.close(waiting.handle)

    def _run(self) -> None:
        while True:
            self._some.wait()
            time.sleep(PATIENCE / 10)
            with self._lock:
                if not self._waiting:
                    self._some.clear()
                    if self._waiting:  # Added just now, when it did not have to wake us.
                        self._some.set()
                for waiting in self._waiting:
                    if waiting.holder is None:
                        waiting.look()
                    if waiting.holder is not None:
                        waiting.give_up()


_watch = _Watch()
os.register_at_fork(after_in_child=_watch.forget)


def _free(handle: int, how: int) -> bool:
    """Return whether a lock could be taken at once."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def be_woken() -> bool:
    """Let a signal end a wait for a lock; it is ignored everywhere else. Return whether it will.

    Only the main thread can ask for that, and all threads have it then.
    """
    if signal.getsignal(_WAKE) is _nothing:
        return True
    if threading.current_thread() is not threading.main_thread():
        return False
    signal.signal(_WAKE, _nothing)
    return True


def _nothing(number: int, frame: object) -> None:
    """Do nothing: the signal has ended a system call."""


def holder_of(handle: int) -> Holder:
    """Return who holds the lock of an open file; ``at`` is when it was taken, empty when that is not known."""
    pid, path = _holding(handle), Path(f"/proc/self/fd/{handle}").readlink()
    if path.suffix == ".lock" and path.name != IN_USE and (own := _last_of(_read(path), pid)):
        return own
    for folder in path.parents:
        if (folder / IN_USE).exists():
            return (_last_of(_read(folder / IN_USE), pid) or Holder(pid))._replace(at="")
    return Holder(pid)


def accounts_in(handle: int) -> tuple[str, ...]:
    """Return the accounts of those who hold a lock of an open ``in-use.lock``, as far as they have said."""
    return tuple(sorted({holder.account for holder in holders_in(handle) if holder.account}))


def holders_in(handle: int) -> tuple[Holder, ...]:
    """Return those who hold a lock of an open ``in-use.lock``, as far as they have said who they are."""
    lines = _read(Path(f"/proc/self/fd/{handle}").readlink())
    found = (_last_of(lines, pid) for pid in holding(os.fstat(handle)))
    return tuple(holder for holder in found if holder is not None)


def keep_line(handle: int, account: str) -> None:
    """Write into a lock file, while its lock is held, by whom and since when; errors of the disk are ignored."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        sign_in(handle, account)


def sign_in(handle: int, account: str) -> None:
    """Append to an open ``in-use.lock`` which account this process works for; errors of the disk are ignored."""
    pid, at = os.getpid(), datetime.now(VIETNAM).isoformat(timespec="seconds")
    with contextlib.suppress(OSError):
        os.write(handle, f"{_MARK} {pid} {_start_of(pid)} {account or '-'} {at}\n".encode())


def _last_of(lines: str, pid: int) -> Holder | None:
    """Return what the process said last about itself, if it is still the same one, as far as that can be seen.

    A session that is held apart from others cannot read when they began.
    """
    found, start = None, _start_of(pid)
    for line in lines.splitlines():
        words = line.split()
        if len(words) == 5 and words[0] == _MARK and words[1] == str(pid) and start in ("", words[2]):
            found = Holder(pid, words[2], words[3].strip("-"), words[4])
    return found


def _holding(handle: int) -> int:
    """Return a process that holds the lock of an open file; 0 when the kernel does not say."""
    return next(iter(holding(os.fstat(handle))), 0)


def holding(status: os.stat_result) -> tuple[int, ...]:
    """Return the processes that hold a lock of a file, by the kernel's list; one who waits is not among them.

    Some file systems have another number for the device there; the number of the file decides then.
    """
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    # "1: FLOCK ADVISORY WRITE 1234 08:01:131074 0 EOF"; one who waits has an arrow in front of it.
    lines = [line.split() for line in _read(Path("/proc/locks")).splitlines()]
    locks = [(words[5], int(words[4])) for words in lines if words[1:2] == ["FLOCK"] and words[4].isdigit()]
    same = [pid for where, pid in locks if where == file]
    like = [pid for where, pid in locks if where.rpartition(":")[2] == str(status.st_ino)]
    return tuple(dict.fromkeys(same or like))


def _start_of(pid: int) -> str:
    """Return when a process began; empty when there is none of that number."""
    # The name of the program, in brackets, may hold spaces.
    return next(iter(_read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[19:20]), "")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
