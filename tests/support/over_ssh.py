"""A served school behind a real sshd on loopback, with a key for each account."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hocba_tui.machine.sshd import terminals_usable
from hocba_tui.server import trying
from tests.conftest import require_tool
from tests.support.served import Served, wait_until
from tests.support.terminal import LIMIT, Terminal


class SshDoor(Served):
    """A server with its own sshd; the machine's is not touched."""

    def __init__(
        self, store: Path, *accounts: str, settings: str = "", around: Sequence[str] = (), **served: float
    ) -> None:
        """``settings`` are of another sshd than our own, with ``{folder}`` and ``{port}``; ``around`` starts it.

        ``served`` are settings of the server.
        """
        tools = all(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in ("sshd", "ssh", "sftp"))
        # An sshd without root can open no terminal where these lack their group: in many containers.
        require_tool("openssh-server", present=tools and (os.geteuid() == 0 or terminals_usable()))
        times: dict[str, float] = {"patience": 5, "grace": 3, "farewell": 20}
        super().__init__(store, None, **times, **served)
        with socket.create_server(("127.0.0.1", 0)) as found:  # Two workers would find the same first free port.
            self.port = int(found.getsockname()[1])
        command = trying.sshd_command(self.folder, self.path, self.port, accounts)
        file = self.folder / "sshd_config"
        text = settings.format(folder=self.folder, port=self.port) or file.read_text(encoding="utf-8")
        # The folder of a test lies below one that everybody may write.
        file.write_text("StrictModes no\n" + text, encoding="utf-8")
        self.sshd = subprocess.Popen([*around, *command])
        """The process that listens."""
        wait_until(self._listens, "sshd to listen")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sshd.kill()
        self.sshd.wait()
        super().__exit__(kind, error, trace)

    def ssh(self, account: str, *options: str) -> list[str]:
        """Return the command of a client, with options before the name of the host."""
        _, *middle, host = trying.ssh_command(self.folder, self.port, account)
        return [str(shutil.which("ssh")), *middle, *options, host]

    def terminal(self, account: str) -> Terminal:
        """Log in as somebody."""
        return Terminal(self.ssh(account))

    def run(self, account: str, *words: str, give: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command without a terminal, with ``give`` as its input."""
        return subprocess.run(
            [*self.ssh(account), *words], input=give, capture_output=True, check=False, timeout=LIMIT
        )  # fmt: skip
