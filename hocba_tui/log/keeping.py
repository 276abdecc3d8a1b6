"""Keep the log while a command or a session runs. What writes the lines is imported when there is a store to log in."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

UNEXPECTED = 70
"""Exit code of a command or session that ended with an error that nobody foresaw."""


@dataclass
class Work:
    """A command or session that is running."""

    act: str
    """The words of the command, without its arguments: those may name a pupil."""
    account: str = ""
    way: str = ""
    """How the person came in, where that is not their own login of the machine: ``key``."""
    code: int = UNEXPECTED
    """The exit code; what runs it says which, unless it fails."""


_running: Work | None = None
"""What is being logged in this process; None while nothing is."""


@contextlib.contextmanager
def keeping(store: Path | None, act: str, *, account_follows: bool = False) -> Iterator[Work]:
    """Log what happens in the block in the store; nothing where ``store`` is None or no store.

    The beginning is noted at once, or with ``account_follows`` when :func:`acting_as` says who it is; the end with the
    seconds that it took. An error that leaves the block is noted and raised. A log that cannot be written is not kept.
    """
    work = Work(act)
    if store is None or not _is_store(store):
        yield work
        return
    with _open(store, work):
        begun = time.monotonic()
        if not account_follows:
            _note("begin")
        try:
            yield work
        except Exception as error:
            unexpected(error)
            raise
        finally:
            _note("end", code=work.code, seconds=round(time.monotonic() - begun, 3))


def acting_as(account: str, *, by_key: bool = False) -> None:
    """Note which account acts from now on, and that it came in by a key of the login that all share."""
    if _running is not None and _running.account != account:
        _running.account, _running.way = account, "key" if by_key else ""
        _note("begin")


def unexpected(error: BaseException) -> None:
    """Note an error that nobody foresaw, with its frames."""
    _note("unexpected", error)


def shown(error: BaseException) -> None:
    """Note that an error of ours, or of the system, was shown to a person: its type and place, not its text."""
    _note("shown", error)


def exported(what: str, to: str, files: int, size: int) -> None:
    """Note that data went out: its kind, whether ``to`` a file or the standard output, how many files and bytes.

    Not their names: those often hold a pupil's.
    """
    _note("export", what=what, to=to, files=files, bytes=size)


def changed(what: str, to: str) -> None:
    """Note that a way into the store was opened or closed: which one, and to what."""
    _note("changed", what=what, to=to)


def place_of(error: BaseException) -> str:
    """Return where an error was raised: name of the file and line."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _is_store(store: Path) -> bool:
    try:
        return (store / "school" / "journal.log").is_file()
    except (OSError, ValueError):
        return False


def _note(event: str, error: BaseException | None = None, **facts: object) -> None:
    if _running is None:
        return
    import logging

    from hocba_tui.log.lines import NAME

    level = {"unexpected": logging.ERROR, "shown": logging.WARNING}.get(event, logging.INFO)
    with contextlib.suppress(Exception):
        logging.getLogger(NAME).log(level, event, exc_info=error, extra={"facts": {"event": event, **facts}})


@contextlib.contextmanager
def _open(store: Path, work: Work) -> Iterator[None]:
    """Send our lines to the store's log, with the warnings of other packages and the errors of threads."""
    global _running  # noqa: PLW0603 # A process runs one command; errors come from rooms that do not know it.
    import logging

    from hocba_tui.log.lines import NAME, LogFile

    def about() -> dict[str, object]:
        return {"by": work.account, "do": work.act, **({"way": work.way} if work.way else {})}

    file, ours, others = LogFile(store, about), logging.getLogger(NAME), logging.getLogger()
    before, hook, propagates, level = _running, threading.excepthook, ours.propagate, ours.level

    def thread_failed(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            unexpected(failure.exc_value)
        hook(failure)

    ours.addHandler(file)
    others.addHandler(file)
    ours.propagate = False
    ours.setLevel(logging.INFO)
    threading.excepthook = thread_failed
    _running = work
    try:
        yield
    finally:
        _running, threading.excepthook, ours.propagate = before, hook, propagates
        ours.setLevel(level)
        ours.removeHandler(file)
        others.removeHandler(file)
