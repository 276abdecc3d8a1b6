"""A machine with a school's server, behind an sshd of root with PAM: what both ways in share."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.machine import Machine
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

_SETTINGS = """\
Include /etc/ssh/sshd_config.d/00-hocba.conf
ListenAddress 127.0.0.1:{port}
HostKey /run/kept/1/host_key
PidFile none
PrintMotd no
# What Debian's file says behind its Include, and one thing worse: sftp inside of sshd.
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
"""


class SchoolMachine(Machine):
    """A machine that a script makes after school_machine.sh; its server has a copy of a store."""

    SCRIPT: Path
    KEYS: tuple[str, ...]
    """Who has a key."""
    LOGIN = "{name}"
    """The login with which somebody comes in."""
    FURTHER = ""
    """Settings of sshd behind Debian's."""
    VARIABLES: dict[str, str] = {}
    """What the script is given."""

    def __init__(self, folder: Path, store: Path) -> None:
        """``folder`` is a new folder for keys and settings; ``store`` is copied: it stays as it is."""
        folder.mkdir(mode=0o700)
        shutil.copytree(store, folder / "store")
        for name in ("host_key", *self.KEYS):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])
        (folder / "sshd_config").write_text(_SETTINGS.format(port=self.port) + self.FURTHER, encoding="utf-8")
        public = (folder / "host_key.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}", encoding="utf-8")
        super().__init__(folder, self.SCRIPT, **self.VARIABLES)
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
        status = self.hocba("serve", "status")
        return status.returncode == 0 and "Đang chuẩn bị" not in status.stdout

    def hocba(self, *words: str, user: str = "hocba") -> subprocess.CompletedProcess[str]:
        """Run a command of hocba in there."""
        return self.run(user, "env", "HOCBA_STORE=/srv/hocba", sys.executable, "-P", "-m", "hocba_tui", *words)

    def ssh(self, name: str, *options: str) -> list[str]:
        """Return the command of a client, with options before the name of the host; who has no key has a password."""
        key = self.work / name
        way = ["-i", str(key)] if key.exists() else ["-o", "PreferredAuthentications=keyboard-interactive"]
        return [
            str(shutil.which("ssh")), "-F", "none", "-o", f"UserKnownHostsFile={self.work}/known_hosts",
            "-o", "IdentitiesOnly=yes", *way, "-p", str(self.port), *options,
            f"{self.LOGIN.format(name=name)}@127.0.0.1",
        ]  # fmt: skip

    def terminal(self, name: str, *options: str) -> Terminal:
        """Log in as somebody."""
        return Terminal(self.ssh(name, *options))
