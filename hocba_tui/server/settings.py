"""Print what the machine needs so that a whole school comes in: sshd's drop-in, and the unit of the service.

``python -m hocba_tui.server.settings PART SETTINGS`` with :class:`Wanted` as JSON; ``hocba serve`` starts it.
"""

from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import HocbaError, WrongUse
from hocba_tui.server.attach import forced_command
from hocba_tui.server.sshd import drop_in, shared_login

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_PATH = re.compile(r"/[\w.+/-]+", re.ASCII)
_HOMES = ("/home", "/root", "/run/user")
_UNIT = """\
# hocba: the school's door. Put it into /etc/systemd/system/hocba.service, then: systemctl enable --now hocba
[Unit]
Description=hocba: học bạ số, mở cửa cho cả trường qua SSH
After=local-fs.target

[Service]
Type=exec
ExecStart={program} serve --store {store}
# New logins get the program that was just installed; who is in goes on.
ExecReload=/bin/kill -HUP $MAINPID
# A stop tells everybody and waits until all is saved, for a slow token up to four minutes.
TimeoutStopSec=300
Restart=on-failure
# A crash of the listener ends no session.
KillMode=process
User={owner}
UMask=0077
RuntimeDirectory=hocba
RuntimeDirectoryMode=0711
RuntimeDirectoryPreserve=restart
ReadWritePaths={store}
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=char-pts rw
PrivateIPC=yes
# The kernel's word about who calls would be "nobody" otherwise.
PrivateUsers=no
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
# TCP is for the portal, time-stamps and the state of certificates. Without those: AF_UNIX alone, PrivateNetwork=yes.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @debug @mount @keyring @obsolete
SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp
LimitCORE=0

[Install]
WantedBy=multi-user.target
"""


class Wanted(NamedTuple):
    """What is asked for."""

    group: str
    """The Unix group of everybody who comes in."""
    owner: str
    """The Unix user who keeps the store and runs the service."""
    attach: str
    program: str
    store: str = ""
    shared: str = ""
    """The Unix user as whom all come in, each with a key; empty: everybody is a user of the machine."""


def sshd_settings(wanted: Wanted) -> str:
    """Return the drop-in; WrongUse when a name or the attach program cannot be what sshd is told."""
    if wanted.shared:
        _require(_NAME, wanted.shared, "người dùng")
        return shared_login(wanted.shared)
    _require(_NAME, wanted.group, "nhóm")
    _require(_PATH, wanted.attach, "đường dẫn của hocba-attach")
    place = Path(wanted.attach)
    if not place.is_file():
        raise WrongUse(f"Không thấy chương trình {place}.", "Cài lại gói, hoặc thêm --attach ĐƯỜNG_DẪN.", "")
    if closed := closed_to_others(place):
        raise WrongUse(
            f"Giáo viên không chạy được {place}: {closed} không mở cho người khác.",
            "Cài chương trình vào chỗ mọi người đọc được, ví dụ /opt/hocba.",
            "",
        )
    return drop_in(forced_command(str(place)), wanted.group)


def unit(wanted: Wanted) -> str:
    """Return the unit of the service; WrongUse when a path or the user cannot be put into one."""
    _require(_NAME, wanted.owner, "người dùng")
    for path in (wanted.program, wanted.store):
        _require(_PATH, path, "đường dẫn")
        if any(Path(path).is_relative_to(home) for home in _HOMES):
            raise WrongUse(
                f"{path} nằm trong nhà của một người, nơi dịch vụ không vào được.",
                "Đặt kho ở /srv/hocba, cài chương trình ở /opt/hocba.",
                "",
            )
    return _UNIT.format(program=wanted.program, store=wanted.store, owner=wanted.owner)


def closed_to_others(program: Path) -> Path | None:
    """Return what keeps others from starting a program: itself, or the uppermost folder that they cannot enter."""
    for place in (*reversed(program.parents), program):
        if not place.stat().st_mode & stat.S_IXOTH:
            return place
    return None


def _require(form: re.Pattern[str], text: str, what: str) -> None:
    if not form.fullmatch(text):
        raise WrongUse(
            f"“{text}” không dùng làm {what} được.",
            "Chỉ dùng chữ cái không dấu, chữ số và . _ - (đường dẫn: cả /).",
            "",
        )


def main(part: str, settings: str) -> int:
    """Print one of the two; return the exit code."""
    wanted = Wanted(**json.loads(settings))
    try:
        print((unit if part == "unit" else sshd_settings)(wanted), end="")
    except HocbaError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
