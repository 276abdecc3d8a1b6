"""A machine that a test may change: accounts, PAM, homes and /run exist in namespaces of its own (machine.sh)."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import require
from tests.support.served import children
from tests.support.terminal import LIMIT

TOOLS = (
    "unshare", "nsenter", "setpriv", "useradd", "chpasswd", "sshd", "ssh", "sftp", "ssh-keygen", "systemd-analyze",
    "google-authenticator", "oathtool",
)  # fmt: skip
_MAY = bool(os.environ.get("CI")) or os.environ.get("HOCBA_TEST_ROOT") == "1"
"""Read here: the tests' own environment hides what begins with HOCBA_."""
_ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_suffix(".sh")
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def require_root() -> None:
    """Skip where nobody has allowed tests that make accounts and mounts; in CI they must be possible."""
    require(None if _MAY else "HOCBA_TEST_ROOT=1 is not set: this makes accounts, in a namespace")
    require(None if os.geteuid() == 0 else "only root can make accounts")
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=_PATH)]
    require(f"missing: {', '.join(missing)}" if missing else None)


class Machine:
    """Namespaces in which a script runs; leaving the context ends all that was started in there."""

    def __init__(self, work: Path, script: Path, **variables: str) -> None:
        """``work`` is a folder that the script finds at ``$work``; ``variables`` are further ones for it."""
        self.work = work
        needed = {Path(sys.base_prefix), Path(sys.prefix), Path(sys.prefix).resolve(), _ROOT}
        environment = {
            "WORK": str(work), "SCRIPT": str(script), "PYTHON": sys.executable, "PROGRAM": str(_ROOT),
            "CLOSED": _words({place for path in needed for place in closed_above(path)}), "NEEDED": _words(needed),
        }  # fmt: skip
        self._log = (work / "log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sh", str(_SCRIPT)],
            env={**environment, **variables}, cwd="/", stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    @property
    def said(self) -> str:
        """Return what the script and what it started have written."""
        return (self.work / "log").read_text(encoding="utf-8")

    def end(self) -> None:
        """End everything in there."""
        self.process.kill()  # Process 1 is killed with it, and with that all the others.
        self.process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def inside(self, user: str, *command: str) -> list[str]:
        """Return a command that runs in there as a user of that machine."""
        (first,) = children(self.process.pid)
        change = ["setpriv", f"--reuid={user}", f"--regid={self.group(user)}", "--init-groups"]
        return [
            str(shutil.which("nsenter")), f"--target={first}", "--mount", "--pid", "--",
            *(change if user != "root" else []),
            "env", f"PYTHONPATH={_ROOT}", *command,
        ]  # fmt: skip

    def group(self, user: str) -> str:
        """Return the group of a user of that machine."""
        return user

    def run(self, user: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in there as a user of that machine."""
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
