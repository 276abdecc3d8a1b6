"""Examine a school's server: each missing piece, with the command that sets it right. Root sees all, others most."""

from __future__ import annotations

import contextlib
import grp
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import HocbaError, system_reason
from hocba_tui.machine import codes, services
from hocba_tui.machine.answers import FOLDER, Answers
from hocba_tui.machine.outcomes import PENDING
from hocba_tui.machine.people import plan, wanted
from hocba_tui.machine.running import succeeds
from hocba_tui.machine.server_setup import steps
from hocba_tui.machine.steps import JOURNAL
from hocba_tui.machine.units import DOOR

_SETUP = "sudo hocba setup"
_ALL = "sudo hocba doctor"
_APPLY = "sudo hocba account apply"
_WORKERS = ("hocba-backup", "hocba-drill", "hocba-certificates", "hocba-logins")


class Seen(NamedTuple):
    """One thing that was looked at; ``now`` is the command where it is not good."""

    good: bool
    what: str
    now: str = ""


def examine() -> Iterator[Seen]:
    """Yield what is missing, and one line when nothing is; nothing at all where no server was ever set up."""
    try:
        if (answers := Answers.read()) is None:
            return
        wanted = steps(answers, lambda _: "")
    except HocbaError as error:
        yield Seen(False, f"Máy chủ của trường: {error.what}", error.now or f"{_SETUP} --check")
        return
    except OSError:  # A session on the server may start no program.
        yield Seen(True, f"Máy chủ của trường: ở đây không xem được; người trông máy chạy {_ALL}")
        return
    hidden, bad = False, False
    for step in wanted:
        try:
            lacks, mended = step.missing(), _SETUP
        except PermissionError:
            hidden = True
            continue
        except OSError as error:
            lacks, mended = system_reason(error), _SETUP
        except HocbaError as error:
            lacks, mended = error.what, error.now or _SETUP
        if lacks:
            bad = True
            yield Seen(False, f"Máy chủ của trường, {step.what}: {lacks}", mended)
    if not bad:
        more = f", phần chỉ root xem được thì chưa xem ({_ALL})" if hidden else ""
        yield Seen(True, f"Máy chủ của trường: như đã cài đặt{more}")
    with contextlib.suppress(OSError):
        yield from _services(answers)
    with contextlib.suppress(PermissionError):  # What only root sees is told to root.
        yield from _left_over(answers)


def _services(answers: Answers) -> Iterator[Seen]:
    """Yield which units do not run, or did not succeed."""
    if not services.running():
        yield Seen(
            False, "systemd không chạy ở máy này: cửa vào, sao lưu, hẹn giờ không tự chạy",
            f"Chạy {answers.program} serve, và các lệnh ExecStart của hocba-*.service bằng cách khác.",
        )  # fmt: skip
        return
    for name in _WORKERS:
        if succeeds("systemctl", "is-failed", "--quiet", f"{name}.service"):
            yield Seen(
                False, f"{name}.service: lần chạy gần nhất không xong hoặc có điều phải xem",
                f"Xem: journalctl -u {name} -n 20; sửa rồi chạy lại: sudo systemctl start {name}",
            )  # fmt: skip
    if not succeeds("systemctl", "is-active", "--quiet", DOOR):
        yield Seen(False, "Cửa vào không chạy: chưa ai vào được bằng SSH", f"sudo systemctl start {DOOR}")


def _left_over(answers: Answers) -> Iterator[Seen]:
    """Yield what lies about and should not: sheets with passwords, outcomes that the store does not know, no code."""
    slips = FOLDER / "phieu"
    if slips.exists() and (count := len(list(slips.iterdir()))):
        yield Seen(False, f"{count} tệp phiếu mật khẩu còn trên máy", f"In, đưa tận tay, rồi: sudo rm {slips}/*")
    if not os.geteuid() and Path(answers.store, JOURNAL).exists():
        with contextlib.suppress(HocbaError):  # Whatever keeps the store from saying it is told elsewhere.
            found = plan(wanted(answers), answers.group, with_codes=answers.codes)
            if found.changes:
                names = "; ".join(f"{one.what.value}: {one.login}" for one in found.changes[:5])
                yield Seen(False, f"Đăng nhập còn {len(found.changes)} việc chưa làm ({names})", _APPLY)
            for line in found.left_alone:
                yield Seen(
                    False, f"Đăng nhập: {line}", "Sửa tên đăng nhập: hocba account save TÀI_KHOẢN --system-user TÊN"
                )
    if PENDING.exists():
        yield Seen(False, "Việc đã làm cho đăng nhập chưa ghi được vào kho", _APPLY)
    for login in _without_code() if answers.codes else ():
        yield Seen(
            False,
            f"{login} phải gõ mã 6 số mà chưa có mã: không vào được",
            f"sudo hocba account apply --new-code {login}",
        )


def _without_code(folder: Path = codes.FOLDER) -> list[str]:
    try:
        asked = grp.getgrnam(codes.GROUP).gr_mem
        held = {path.name for path in folder.iterdir()}
    except (KeyError, FileNotFoundError):
        return []
    return [login for login in asked if login not in held]
