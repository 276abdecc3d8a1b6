"""Talk to the server of this machine: who is in, end it, let it take a newer program, have the store alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple

from hocba_tui import door
from hocba_tui.clock import VIETNAM
from hocba_tui.errors import Conflict, NotAllowed, NotSaved, WrongUse
from hocba_tui.store.formats import FORMAT, read_format

RUNTIME = Path("/run/hocba")
"""The folder that the system makes for the service; the attach program has its path written out, too."""
SOCKET = "door.sock"
_PATIENCE = 10.0
_NEXT_READY = 120.0
"""Seconds for the newer program to prepare itself."""
_LEFT = 300.0
"""Seconds between two words of a server that waits for its sessions to end."""

Told = Callable[[int], None]
"""Called with the number of sessions that are still there."""


class Session(NamedTuple):
    """One who is in; ``kind`` is a screen or a command without one."""

    account: str
    kind: str
    began: datetime
    pid: int
    by_key: bool
    """Whether it came in by a key of the login that all share."""


class Serving(NamedTuple):
    """A server that runs; ``ready``: it lets people in."""

    store: Path
    version: str
    pid: int
    ready: bool
    sessions: tuple[Session, ...]


def socket_path(given: str | None) -> Path:
    """Return the socket of the server of this machine; of one's own where the machine has none."""
    if given:
        return Path(given)
    places = _places()
    return next((path for path in places if path.exists()), places[0])


def place_to_listen(given: str | None) -> Path:
    """Return where this user's server puts its socket; WrongUse when there is no folder for it."""
    for path in [Path(given).absolute()] if given else _places():
        if path.parent != RUNTIME and not given:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        if os.access(path.parent, os.W_OK | os.X_OK):
            return path
    raise WrongUse("Chưa biết mở cửa máy chủ ở đâu.", "Thêm --socket ĐƯỜNG_DẪN trong một thư mục của mình.", "")


def status(path: Path) -> Serving | None:
    """Return what the server behind ``path`` says, None when nobody listens there."""
    line = _ask(path, "status")
    if line is None:
        return None
    with line:
        said = list(_answers(line))
    if not said:
        raise NotSaved("Máy chủ không trả lời.", "Thử lại; nếu vẫn thế, xem nhật kí của dịch vụ.")
    first, *guests = said
    sessions = [
        Session(
            str(one["account"]),
            str(one["kind"]),
            datetime.fromtimestamp(float(one["began"]), VIETNAM),
            int(one["pid"]),
            one.get("key") is True,
        )
        for one in guests
    ]
    return Serving(
        Path(first["store"]), str(first["version"]), int(first["pid"]), bool(first["ready"]),
        tuple(sorted(sessions, key=lambda one: one.began)),
    )  # fmt: skip


def stop(path: Path, told: Told) -> bool:
    """End the server when all sessions have saved and ended; return False when nobody listens there.

    NotSaved when it does not say that they have.
    """
    line = _ask(path, "stop")
    if line is None:
        return False
    with line:
        line.settimeout(_LEFT)
        _wait_for(line, "done", told)
    return True


def reload(path: Path) -> bool:
    """Let new logins have the program that is on disk now; return False when nobody listens there.

    Conflict when the server is doing something of the kind already; NotSaved when the newer program does not start:
    then the one before goes on.
    """
    line = _ask(path, "reload")
    if line is None:
        return False
    with line:
        line.settimeout(_NEXT_READY)
        said = next(_answers(line), {}).get("say")
    if said == "busy":
        raise _busy()
    if said != "done":
        raise NotSaved(
            "Bản mới không khởi động được; máy chủ tiếp tục với bản cũ.", "Xem nhật kí của dịch vụ rồi cài lại."
        )
    return True


def upgrade_waits(path: Path) -> int:
    """Return how many sessions must end before a newer program can be used, which has another format of the store."""
    found = status(path)
    return len(found.sessions) if found and read_format(found.store) < FORMAT else 0


def end_sessions(path: Path, account: str) -> int:
    """End the sessions of an account that came in by a key, once they have saved; return how many there were."""
    line = _ask(path, "end", account=account)
    if line is None:
        return 0
    with line:
        return int(next(_answers(line), {}).get("count", 0))


@contextmanager
def without_sessions(path: Path, store: Path, told: Told) -> Iterator[None]:
    """Have the sessions in ``store`` end, and nobody let in, until the block is left; nothing when it is not served.

    Conflict when the server is doing something of the kind already, NotSaved when it does not say that all have ended.
    """
    served = status(path)
    line = _ask(path, "pause") if served and served.store.resolve() == store.resolve() else None
    if line is None:
        yield
        return
    with line:
        line.settimeout(_LEFT)
        _wait_for(line, "empty", told)
        yield


def _wait_for(line: socket, word: str, told: Told) -> None:
    """Wait until the server says ``word``."""
    for said in _answers(line):
        if said.get("say") == word:
            return
        if said.get("say") == "busy":
            raise _busy()
        told(int(said.get("count", 0)))
    raise NotSaved("Máy chủ không trả lời nữa khi còn phiên đang mở.", "Xem hocba serve status, rồi chạy lại.")


def _busy() -> Conflict:
    return Conflict("Máy chủ đang dừng, nạp bản mới hoặc nhường kho cho lệnh khác.", "Đợi một phút rồi chạy lại.")


def _places() -> list[Path]:
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return [RUNTIME / SOCKET, *([Path(own) / "hocba" / SOCKET] if own.startswith("/") else [])]


def _ask(path: Path, want: str, **facts: str) -> socket | None:
    """Return a connection on which ``want`` was said, with ``facts``; None when nobody listens."""
    try:
        line = door.connect(str(path), _PATIENCE)
    except PermissionError as error:
        raise NotAllowed(f"Không được phép gọi máy chủ ở {path}.", "Chạy bằng tài khoản giữ kho, hoặc root.") from error
    except OSError:
        return None
    if door.peer(line)[1] != os.getuid() and os.getuid() != 0:
        line.close()
        raise NotAllowed("Chỉ tài khoản giữ kho, hoặc root, ra lệnh được cho máy chủ.", "Dùng đúng tài khoản ấy.")
    door.send(line, {"want": want, **facts})
    return line


def _answers(line: socket) -> Iterator[dict[str, Any]]:
    """Yield what the server says until it hangs up, or says nothing for too long."""
    while True:
        try:
            message, _ = door.receive(line)
        except (EOFError, OSError, door.BadMessage):
            return
        yield message
