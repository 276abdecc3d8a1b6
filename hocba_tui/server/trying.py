"""Show the door with the made-up school: the server, an sshd of one's own on loopback, and a key for each role.

``python -m hocba_tui.server.trying FOLDER`` where FOLDER holds the made-up school; no root is needed. Everything that
it makes lies in ``FOLDER/door``. It serves until Ctrl+C, which ends the server and its sessions in good order.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from hocba_tui.confine.environment import program
from hocba_tui.flow.school.ssh_keys import key_line, open_folders
from hocba_tui.flow.serving import status, stop
from hocba_tui.machine.sshd import own_settings, terminals_usable
from hocba_tui.server import attach

ROLES = {"gv.5a": "giáo viên chủ nhiệm 5A", "hieutruong": "hiệu trưởng", "vanthu": "văn thư", "admin": "quản trị"}
_FIRST_PORT = 2222
_READY = 120.0
"""Seconds for the server to prepare itself on a slow computer."""
_SEPARATION = Path("/run/sshd")
"""A folder that an sshd of root demands; Debian's service makes it."""


def main(base: Path) -> int:
    """Serve the school below ``base``; return the exit code."""
    door = base / "door"
    door.mkdir(mode=0o700, exist_ok=True)
    if lines := list(obstacles(door)):
        print(*lines, sep="\n", file=sys.stderr)
        return 9
    with contextlib.ExitStack() as held:
        path = door / "door.sock"
        print("Đang chuẩn bị máy chủ…", flush=True)
        server = held.enter_context(_started([sys.executable, "-m", "hocba_tui", "serve", "--store",
                                              str(base / "school"), "--socket", str(path)]))  # fmt: skip
        held.callback(stop, path, _print_left)
        if not _ready(server, path):
            print("Máy chủ không khởi động được; xem lời báo ở trên.", file=sys.stderr)
            return 5
        port = free_port()
        held.enter_context(_started(sshd_command(door, path, port)))
        print(*invitation(door, port), sep="\n", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
        print("\nĐang đóng: đợi các phiên lưu xong…", flush=True)
    return 0


def obstacles(door: Path) -> Iterator[str]:
    """Yield why the door cannot be shown here, and what to do."""
    for name in ("sshd", "ssh", "ssh-keygen"):
        if not _program(name):
            yield f"Thiếu {name}: sudo apt install openssh-server openssh-client"
    for place in open_folders(door):
        yield f"Người khác ghi được thư mục {place}, nên sshd không tin khóa ở dưới nó: đặt dự án ở chỗ khác."
    if os.geteuid() != 0 and not terminals_usable():
        yield (
            "Hệ tệp /dev/pts của máy này không có gid=5 (thường gặp trong container), nên sshd không có quyền root\n"
            "không cấp được màn hình. Trên máy thường thì có sẵn. Trong container: chạy bằng root, hoặc gắn lại:\n"
            "  mount -o remount,gid=5,mode=620 /dev/pts"
        )


def sshd_command(door: Path, path: Path, port: int, accounts: Iterable[str] = ROLES) -> list[str]:
    """Write keys and settings into ``door`` where they are missing; return the command of an sshd in front of ``path``.

    Each account has a key; what sshd starts for it is the attach program with that account.
    """
    if os.geteuid() == 0:
        _SEPARATION.mkdir(mode=0o755, exist_ok=True)
    _key(door / "host_key")
    lines = []
    for account in accounts:
        _key(door / account)
        words = [sys.executable, "-I", "-S", attach.__file__, "--socket", str(path), "--as", account]
        public = (door / f"{account}.pub").read_text(encoding="utf-8")
        lines.append(key_line(public, f"exec {shlex.join(words)}"))
    (door / "authorized_keys").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (door / "authorized_keys").chmod(0o600)
    settings, host = door / "sshd_config", (door / "host_key.pub").read_text(encoding="utf-8")
    settings.write_text(own_settings(door, port), encoding="utf-8")
    (door / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}", encoding="utf-8")
    return [str(_program("sshd")), "-D", "-f", str(settings), "-E", str(door / "sshd.log")]


def invitation(door: Path, port: int) -> Iterator[str]:
    """Yield what a person may type."""
    yield f"\nCửa mở ở 127.0.0.1, cổng {port}, kho tập huấn. Mở một cửa sổ dòng lệnh khác rồi gõ:"
    for account, words in ROLES.items():
        yield f"\n  # {words}\n  {shlex.join(ssh_command(door, port, account))}"
    yield "\nCtrl+C ở đây để đóng cửa; mọi ô đã báo “đã lưu” vẫn an toàn."


def ssh_command(door: Path, port: int, account: str) -> list[str]:
    """Return the command with which ``account`` comes in."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    options = ["-F", "none", "-o", f"UserKnownHostsFile={door}/known_hosts", "-o", "IdentitiesOnly=yes"]
    return ["ssh", *options, "-i", str(door / account), "-p", str(port), f"{user}@127.0.0.1"]


@contextlib.contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program of our own group; end it when the block is left.

    Ctrl+C of the terminal goes to this process alone, which ends the others in their order.
    """
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _ready(server: subprocess.Popen[bytes], path: Path) -> bool:
    deadline = time.monotonic() + _READY
    while server.poll() is None and time.monotonic() < deadline:
        found = status(path) if path.exists() else None
        if found and found.ready:
            return True
        time.sleep(0.2)
    return False


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    for port in range(_FIRST_PORT, _FIRST_PORT + 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _key(path: Path) -> None:
    if not path.exists():
        command = [str(_program("ssh-keygen")), "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
        subprocess.run(command, check=True)


def _program(name: str) -> str | None:
    """Return where a program of OpenSSH is; sshd is not in an ordinary user's path."""
    return program(name, ("/usr/sbin", "/sbin"))


def _print_left(count: int) -> None:
    if count:
        print(f"Còn {count} phiên…", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
