"""``python as_unit.py [--unit FILE] COMMAND…``: start a program as systemd would by a unit, as far as it can by itself.

The unit is that of the door, or the one in the file.

That is which system calls there are (a forbidden one kills), and that no memory is both written and executed.
first_way.sh does the mounts.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.confine import seccomp
from hocba_tui.machine.units import door

_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_MDWE, _REFUSE_EXEC_GAIN = 65, 1


def groups() -> dict[str, list[str]]:
    """Return systemd's groups of system calls: each names calls and other groups."""
    found: dict[str, list[str]] = {}
    said = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        if line.startswith("@"):
            found[line.strip()] = []
        elif line.startswith("    ") and found and not line.strip().startswith("#"):
            found[list(found)[-1]].append(line.strip())
    return found


def calls(words: list[str], known: dict[str, list[str]]) -> Iterator[str]:
    """Yield the calls that these words of a filter mean."""
    for word in words:
        if word.startswith("@"):
            yield from calls(known[word], known)
        else:
            yield word


def allowed(unit: str) -> set[str]:
    """Return the system calls that a unit leaves to the service."""
    known, found = groups(), set[str]()
    for line in unit.splitlines():
        name, _, value = line.partition("=")
        if name == "SystemCallFilter":
            named = set(calls(value.removeprefix("~").split(), known))
            found = found - named if value.startswith("~") else found | named
    return found


def main(command: list[str]) -> None:
    """Give up what the unit does not leave, and become the program."""
    unit = door("/bin/true", "/srv/hocba", "hocba")
    if command[0] == "--unit":
        unit, command = Path(command[1]).read_text(encoding="utf-8"), command[2:]
    ctypes.CDLL(None).prctl(_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)  # Older kernels do not know it.
    library = seccomp.library()
    rules = library.seccomp_init(_KILL)
    for name in sorted(allowed(unit)):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # Not one of another processor.
            assert library.seccomp_rule_add_array(rules, _ALLOW, number, 0, None) == 0, name
    library.seccomp_load.argtypes = (ctypes.c_void_p,)
    assert library.seccomp_load(rules) == 0
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
