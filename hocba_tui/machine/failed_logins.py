"""Who tried to log in over ssh and failed, as the system keeps it in ``btmp``, which root alone may read.

sshd writes a record there for each wrong password or code, not for a key that opens nothing. The school's people are
named; what others typed as a name may be a password, so of those it is only counted from where they came.
"""

from __future__ import annotations

import json
import os
import platform
import pwd
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import Refused, system_reason
from hocba_tui.machine.answers import Answers
from hocba_tui.text import foreign

PLACES = (Path("/var/log/btmp.1"), Path("/var/log/btmp"))
"""The file, and the one before it was last turned over."""
_FORMS = {"x86_64": struct.Struct("<h2xi32s4s32s256s4i36x"), "aarch64": struct.Struct("<h2xi32s4s32s256s4x3q40x")}
"""A record of the C library (``struct utmp``) on the computers that schools have."""
_SSH, _MOST = b"ssh:", 64 * 1024 * 1024
"""How sshd names its line; bytes of a file that are read, from its end."""
_PATIENCE = 60.0


@dataclass(frozen=True)
class Failed:
    """Tries of one login from one address: how many, and when the last one was (ISO)."""

    login: str
    """Empty for names that are not the school's."""
    came_from: str
    at: str
    times: int


def failed_logins(
    paths: Iterable[Path], is_ours: Callable[[str], bool], since: str, until: str, machine: str = ""
) -> tuple[Failed, ...]:
    """Return the failed log-ins after ``since`` and up to ``until`` (ISO), by login and address.

    Refused where they cannot be read.
    """
    form = _FORMS.get(machine or platform.machine())
    if form is None:
        raise Refused(f"Chưa biết đọc /var/log/btmp trên máy loại {foreign(platform.machine(), 20)}.", "", "")
    found: dict[tuple[str, str], Failed] = {}
    for login, came_from, seconds, micro in _records(paths, form):
        at = datetime.fromtimestamp(seconds, VIETNAM).replace(microsecond=micro % 1_000_000).isoformat()
        if since < at <= until:
            key = login if is_ours(login) else "", came_from
            before = found.get(key)
            found[key] = Failed(*key, max(at, before.at if before else ""), 1 + (before.times if before else 0))
    return tuple(sorted(found.values(), key=lambda each: (each.at, each.login, each.came_from)))


def hand_over(answers: Answers, is_ours: Callable[[str], bool]) -> int:
    """Give what has failed since the last time to the owner of the store, who notes it; return how many entries.

    Root writes nothing in the store: it would be a file of root's there.
    """
    since = _as_owner(answers, ["--failed-until"], b"").decode().strip()
    # sshd knows the second only: what fails in this one waits for the next time, so that nothing is lost between two.
    until = (datetime.now(VIETNAM) - timedelta(seconds=2)).isoformat()
    found = failed_logins([path for path in PLACES if path.exists()], is_ours, since, until)
    if found:
        _as_owner(answers, ["--take-failed"], json.dumps([asdict(each) for each in found]).encode())
    return len(found)


def _records(paths: Iterable[Path], form: struct.Struct) -> Iterator[tuple[str, str, int, int]]:
    for path in paths:
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - _MOST) // form.size * form.size)
                data = file.read(_MOST)
        except OSError as error:
            raise Refused(f"Không đọc được {path}: {system_reason(error)}.", "Chạy bằng sudo.", "") from error
        for _, _, line, _, user, host, *numbers in form.iter_unpack(data[: len(data) // form.size * form.size]):
            if line.startswith(_SSH):
                # What is before the two of the time the forms write differently: exit status and session.
                yield _text(user), _text(host), numbers[-2], numbers[-1]


def _text(field: bytes) -> str:
    return foreign(field.partition(b"\0")[0].decode("utf-8", "replace"), 64)


def _as_owner(answers: Answers, words: list[str], given: bytes) -> bytes:
    owner = pwd.getpwnam(answers.owner)
    try:
        done = subprocess.run(
            [answers.program, "log", *words, "--store", answers.store], input=given, capture_output=True, check=False,
            timeout=_PATIENCE, cwd="/", user=owner.pw_uid, group=owner.pw_gid, extra_groups=[],
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": owner.pw_dir},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"Chủ của kho không ghi được: {error}.", "", "") from error
    if done.returncode:
        first = done.stderr.decode(errors="replace").strip().splitlines()[:1] or [f"mã thoát {done.returncode}"]
        raise Refused(f"Chủ của kho không ghi được: {foreign(first[0])}", "Xem: hocba store check.", "")
    return done.stdout
