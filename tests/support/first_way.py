"""The first way in: an account of the machine for each teacher, behind an sshd with PAM of its own.

Accounts, PAM, homes and the store exist in namespaces only (first_way.sh): a test changes nothing of the machine.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import require
from tests.support.served import children, wait_until
from tests.support.terminal import LIMIT, Terminal

PASSWORD = "hoa-phuong-2026"
TOOLS = ("unshare", "nsenter", "setpriv", "useradd", "chpasswd", "sshd", "ssh", "sftp", "ssh-keygen")
_MAY = bool(os.environ.get("CI")) or os.environ.get("HOCBA_TEST_ROOT") == "1"
"""Read here: the tests' own environment hides what begins with HOCBA_."""
_ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_suffix(".sh")
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
_SETTINGS = """\
Include /etc/ssh/sshd_config.d/hocba.conf
ListenAddress 127.0.0.1:{port}
HostKey /run/kept/1/host_key
PidFile none
PrintMotd no
# What Debian's file says behind its Include, and one thing worse: sftp inside of sshd.
KbdInteractiveAuthentication no
PasswordAuthentication no
X11Forwarding yes
Subsystem sftp internal-sftp
"""


def require_root() -> None:
    """Skip where nobody has allowed tests that make accounts and mounts; in CI they must be possible."""
    require(None if _MAY else "HOCBA_TEST_ROOT=1 is not set: this makes accounts, in a namespace")
    require(None if os.geteuid() == 0 else "only root can make accounts")
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=_PATH)]
    require(f"missing: {', '.join(missing)}" if missing else None)


class FirstWay:
    """A server with the accounts gv.hoa and gv.la, who have a key, and gv.lan, who has a password."""

    def __init__(self, folder: Path, store: Path) -> None:
        """``folder`` is a new folder for keys and settings; ``store`` is copied: it stays as it is."""
        self.folder = folder
        folder.mkdir(mode=0o700)
        shutil.copytree(store, folder / "store")
        for name in ("host_key", "gv.hoa", "gv.la"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])
        (folder / "sshd_config").write_text(_SETTINGS.format(port=self.port), encoding="utf-8")
        public = (folder / "host_key.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}", encoding="utf-8")
        needed = {Path(sys.base_prefix), Path(sys.prefix), Path(sys.prefix).resolve(), _ROOT}
        environment = {
            "WORK": str(folder), "PYTHON": sys.executable, "PROGRAM": str(_ROOT), "PASSWORD": PASSWORD,
            "CLOSED": _words({place for path in needed for place in closed_above(path)}), "NEEDED": _words(needed),
        }  # fmt: skip
        self.log = (folder / "log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sh", str(_SCRIPT)],
            env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        try:
            wait_until(self._lets_in, "the server to let people in", 2 * LIMIT)
        except BaseException as error:
            self.end()
            raise AssertionError((folder / "log").read_text(encoding="utf-8")) from error

    def _lets_in(self) -> bool:
        assert self._process.poll() is None, "it has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)):
                return False
        status = self.run("hocba", *self.hocba("serve", "status"))
        return status.returncode == 0 and "Đang chuẩn bị" not in status.stdout

    def end(self) -> None:
        """End everything in the namespaces."""
        self._process.kill()  # What it has started is killed with it, and with that all processes in there.
        self._process.wait()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    # --- through the door ----------------------------------------------------------------------

    def ssh(self, login: str, *options: str) -> list[str]:
        """Return the command of a client, with options before the name of the host."""
        key = self.folder / login
        way = ["-i", str(key)] if key.exists() else ["-o", "PreferredAuthentications=keyboard-interactive"]
        return [
            str(shutil.which("ssh")), "-F", "none", "-o", f"UserKnownHostsFile={self.folder}/known_hosts",
            "-o", "IdentitiesOnly=yes", *way, "-p", str(self.port), *options, f"{login}@127.0.0.1",
        ]  # fmt: skip

    def terminal(self, login: str, *options: str) -> Terminal:
        """Log in as somebody."""
        return Terminal(self.ssh(login, *options))

    def hocba(self, *words: str) -> list[str]:
        """Return a command of hocba, to be run inside."""
        return [sys.executable, "-P", "-m", "hocba_tui", *words]

    # --- inside --------------------------------------------------------------------------------

    def inside(self, user: str, *command: str) -> list[str]:
        """Return a command that runs inside as a user of the machine, past sshd."""
        (first,) = children(self._process.pid)
        change = ["setpriv", "--reuid", user, "--regid", user if user == "hocba" else "hocba-gv", "--init-groups"]
        return [
            str(shutil.which("nsenter")), "--target", str(first), "--mount", "--pid", "--",
            *(change if user != "root" else []),
            "env", f"PYTHONPATH={_ROOT}", *command,
        ]  # fmt: skip

    def run(self, user: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside as a user of the machine, past sshd."""
        return subprocess.run(self.inside(user, *command), capture_output=True, text=True, timeout=LIMIT, check=False)


def closed_above(path: Path) -> Iterator[Path]:
    """Yield the uppermost folder above ``path`` that only its owner can enter, if there is one."""
    for place in reversed(path.parents):
        if not place.stat().st_mode & stat.S_IXOTH:
            yield place
            return


def _words(paths: set[Path]) -> str:
    words = sorted(str(path) for path in paths)
    assert not any(" " in word for word in words), "the script splits at blanks"
    return " ".join(words)
