"""A folder in which somebody works, with modules and programs that somebody else has put there."""

from __future__ import annotations

from pathlib import Path

MODULES = (
    "signal", "json", "argparse", "pickle", "threading", "queue", "multiprocessing", "concurrent", "base64", "socket",
    "resource", "zipfile", "asyncio", "pkcs11", "python_calamine", "sitecustomize", "usercustomize", "hocba_tui",
)  # fmt: skip
"""Modules that a new interpreter, or hocba itself, loads."""
PROGRAMS = (
    "softhsm2-util",
    "xmlsec1",
    "sshd",
    "ssh",
    "ssh-keygen",
    "systemctl",
    "timedatectl",
    "cat",
    "age",
    "python3",
)
RAN = "ran"


def folder_with_others(path: Path) -> Path:
    """Make ``path``, and return it; what runs of it leaves its name in the file ``ran`` there."""
    path.mkdir()
    for name in MODULES:
        (path / f"{name}.py").write_text(f"open({str(path / RAN)!r}, 'a').write('{name}\\n')\nraise SystemExit(99)\n")
    for name in PROGRAMS:
        (path / name).write_text(f"#!/bin/sh\necho {name} >> '{path / RAN}'\nexit 99\n")
        (path / name).chmod(0o700)
    return path


def has_run(folder: Path) -> str:
    """Return what of the folder has run, empty for nothing; it is forgotten then."""
    found = (folder / RAN).read_text() if (folder / RAN).exists() else ""
    (folder / RAN).unlink(missing_ok=True)
    return found
