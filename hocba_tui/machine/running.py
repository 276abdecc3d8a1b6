"""Run the system's own programs as root, and look at what they say."""

from __future__ import annotations

import subprocess

from hocba_tui.errors import MissingTool, Refused
from hocba_tui.text import foreign

_PLACES = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are looked for: never in a folder of who called."""
_PATIENCE = 400.0
"""Seconds: a stop of the service waits for a record that is being signed."""


def output(*command: str, said: str = "") -> str:
    """Run a program, which reads ``said``, and return what it printed; Refused when it fails."""
    done = _run(command, said)
    if done.returncode:
        said = foreign(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else str(done.returncode), 300)
        raise Refused(f"Lệnh {' '.join(command[:3])} không làm được: {said}.", "Sửa theo lời báo rồi chạy lại.", "")
    return done.stdout


def succeeds(*command: str) -> bool:
    """Return whether a program says yes (exit code 0)."""
    return _run(command).returncode == 0


def clean_command(*command: str) -> list[str]:
    """Return a command that runs without the environment of who called."""
    return ["/usr/bin/env", "-i", f"PATH={_PLACES}", "LC_ALL=C.UTF-8", *command]


def _run(command: tuple[str, ...], said: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            clean_command(*command), capture_output=True, text=True, check=False, timeout=_PATIENCE, input=said, cwd="/"
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(f"Lệnh {command[0]} không trả lời sau {_PATIENCE:.0f} giây.", "Thử lại.", "") from error


def require_installed(program: str, package: str) -> None:
    """Raise MissingTool when a program of the system is not installed."""
    if not succeeds("sh", "-c", f"command -v {program}"):
        raise MissingTool(f"Máy chưa có {program}.", f"Chạy: apt install {package}", "Chưa đổi gì của máy.")
