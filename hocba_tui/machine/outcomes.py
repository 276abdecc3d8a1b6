"""What root did to logins, kept in a file of root's until the owner of the store has written it down.

So nothing is done twice because the store could not be written, and what broke off in the middle is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hocba_tui.errors import HocbaError, Refused
from hocba_tui.machine.answers import FOLDER, Answers
from hocba_tui.machine.people import as_owner
from hocba_tui.machine.steps import write_settings

PENDING = FOLDER / "chua-ghi.json"
_INTERRUPTED = "máy chủ bị ngắt giữa chừng; xem đã có phiếu chưa, chưa có thì yêu cầu lại"


@dataclass(frozen=True)
class Done:
    """One thing that was done to one login."""

    kind: str
    login: str
    at: str = ""
    """Which request it was, as the store calls it; empty when nobody asked."""
    keeper: str = ""
    """Who did it unasked."""
    problem: str = ""
    """Why it could not be done; empty when it was."""


class Outcomes:
    """What is not in the store yet."""

    def __init__(self, path: Path = PENDING) -> None:
        """Read them; Refused when that file is none of ours."""
        self._path = path
        self._done: list[Done] = []
        try:
            self._done = [Done(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError) as error:
            raise Refused(f"Không đọc được {path}.", "Xem tệp ấy, xóa rồi chạy lại.", "Chưa đổi gì của máy.") from error

    def carry_out(self, done: Done, act: Callable[[], None]) -> Done:
        """Do something, and keep what became of it; what breaks off in the middle is kept as that."""
        before = self._done
        self._keep([*before, replace(done, problem=_INTERRUPTED)])
        try:
            act()
        except HocbaError as error:
            done = replace(done, problem=error.what)
        self._keep([*before, done])
        return done

    def note(self, answers: Answers) -> None:
        """Have the owner of the store write it down; Refused when that fails: it is kept for the next time."""
        if self._done:
            as_owner(answers, "--note", json.dumps([asdict(one) for one in self._done]).encode())
            self._path.unlink()
            self._done = []

    def _keep(self, done: list[Done]) -> None:
        write_settings(self._path, json.dumps([asdict(one) for one in done], ensure_ascii=False), 0o600)
        self._done = done
