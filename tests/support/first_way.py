"""The first way in: an account of the machine for each teacher, behind an sshd with PAM of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.machine import Machine
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

PASSWORD = "hoa-phuong-2026"
_SCRIPT = Path(__file__).with_suffix(".sh")
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


class FirstWay(Machine):
    """A server with the accounts gv.hoa and gv.la, who have a key, and gv.lan, who has a password."""

    def __init__(self, folder: Path, store: Path) -> None:
        """``folder`` is a new folder for keys and settings; ``store`` is copied: it stays as it is."""
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
        super().__init__(folder, _SCRIPT, PASSWORD=PASSWORD)
        try:
            wait_until(self._lets_in, "the server to let people in", 2 * LIMIT)
        except BaseException as error:
            self.end()
            raise AssertionError(self.said) from error

    def _lets_in(self) -> bool:
        assert self.process.poll() is None, "it has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)):
                return False
        status = self.run("hocba", *self.hocba("serve", "status"))
        return status.returncode == 0 and "Đang chuẩn bị" not in status.stdout

    def group(self, user: str) -> str:
        """Return the group of a user: teachers have one together."""
        return user if user == "hocba" else "hocba-gv"

    def hocba(self, *words: str) -> list[str]:
        """Return a command of hocba, to be run inside."""
        return [sys.executable, "-P", "-m", "hocba_tui", *words]

    def ssh(self, login: str, *options: str) -> list[str]:
        """Return the command of a client, with options before the name of the host."""
        key = self.work / login
        way = ["-i", str(key)] if key.exists() else ["-o", "PreferredAuthentications=keyboard-interactive"]
        return [
            str(shutil.which("ssh")), "-F", "none", "-o", f"UserKnownHostsFile={self.work}/known_hosts",
            "-o", "IdentitiesOnly=yes", *way, "-p", str(self.port), *options, f"{login}@127.0.0.1",
        ]  # fmt: skip

    def terminal(self, login: str, *options: str) -> Terminal:
        """Log in as somebody."""
        return Terminal(self.ssh(login, *options))
