"""Units of systemd: the school's door, what is done by night, and root's part of what the school asks for its logins.

By night: the backup with a check of the store, the drill, the look at certificates that end.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hocba_tui.machine.names import require_name, require_outside_homes, require_path, require_recipient

DOOR = "hocba.service"
_JOURNAL = "school/journal.log"
"""What a store has from its founding on; before that nothing is started."""

_CLOSED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
DevicePolicy=closed
PrivateIPC=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
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
"""

_ROOTS_OWN = ("NoNewPrivileges", "CapabilityBoundingSet", "ProtectSystem", "ProtectHome")

_DOOR = """\
# hocba: the school's door. Put it into /etc/systemd/system/hocba.service, then: systemctl enable --now hocba
[Unit]
Description=hocba: học bạ số, mở cửa cho cả trường qua SSH
After=local-fs.target
ConditionPathExists={store}/{journal}

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
ReadWritePaths={places}
DeviceAllow=char-pts rw
# The kernel's word about who calls would be "nobody" otherwise.
PrivateUsers=no
# TCP is for the portal, time-stamps and the state of certificates. Without those: AF_UNIX alone, PrivateNetwork=yes.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
{closed}
[Install]
WantedBy=multi-user.target
"""

_JOB = """\
# hocba: {what}
[Unit]
Description=hocba: {description}
ConditionPathExists={store}/{journal}

[Service]
Type=oneshot
{commands}
User={owner}
UMask=0077
ReadWritePaths={places}
Nice=10
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
{closed}"""

_LOGINS = """\
# hocba: root does what the school asks for its logins, and nothing else
[Unit]
Description=hocba: làm những gì trường yêu cầu cho đăng nhập
ConditionPathExists={store}/{journal}

[Service]
Type=oneshot
# What is asked together is done together.
ExecStartPre=/bin/sleep 10
ExecStart={program} account apply --timer
# Whether it worked or not, who failed to log in is noted.
ExecStopPost=-{program} log --failed
UMask=0077
# Only root makes users of the machine. It reads the store as its owner, and takes nothing from there but names.
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_SETUID CAP_SETGID
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/etc /home /run {places}
PrivateDevices=yes
PrivateNetwork=yes
IPAddressDeny=any
RestrictAddressFamilies=AF_UNIX
Nice=10
{closed}# Homes are made, files are given away, and the owner of the store is asked.
SystemCallFilter=@chown @setuid
"""

_WATCH = """\
# hocba: begins {unit} soon after the school has written something about itself
[Unit]
Description=hocba: {description}

[Path]
PathModified={store}/{journal}
Unit={unit}

[Install]
WantedBy=multi-user.target
"""

_TIMER = """\
# hocba: when {unit} runs
[Unit]
Description=hocba: {description}

[Timer]
OnCalendar={when}
# A computer that was off does it when it is on again.
Persistent=yes

[Install]
WantedBy=timers.target
"""


def door(program: str, store: str, owner: str, places: Sequence[str] = ()) -> str:
    """Return the unit of the service; WrongUse when a path or the user cannot be put into one.

    ``places`` are folders outside of the store that it may write to.
    """
    _require(program, store, owner, places)
    return _DOOR.format(
        program=program, store=store, owner=owner, journal=_JOURNAL, places=" ".join((store, *places)), closed=_CLOSED
    )


def jobs(
    program: str, store: str, owner: str, backups: str, recipients: Sequence[str], drill_key: str
) -> dict[str, str]:
    """Return the units, by their names, that back a store up and check it, and that prove a backup; with their timers.

    ``backups`` is the folder for them, ``recipients`` those for whom they are encrypted, ``drill_key`` the file with
    the key that opens them.
    """
    _require(program, store, owner, (backups, drill_key))
    for recipient in recipients:
        require_recipient(recipient)
    own = f"{program} backup --store {store} --to {backups}"
    known = "".join(f' --recipient "{recipient}"' for recipient in recipients)
    nightly = f"ExecStart={own}{known}\nExecStart={program} store check --quiet --note --store {store}"
    weekly = f"ExecStart={own} --drill --identity {drill_key}"
    daily = f"ExecStart={program} token check --quiet --store {store}"
    made = {}
    for name, description, when, commands in (
        ("hocba-backup", "sao lưu và kiểm tra kho hằng đêm", "*-*-* 22:30", nightly),
        ("hocba-drill", "diễn tập khôi phục bản sao lưu mới nhất", "Sun *-*-* 06:00", weekly),
        ("hocba-certificates", "xem chứng thư số nào sắp hết hạn", "*-*-* 06:30", daily),
    ):
        made[f"{name}.service"] = _JOB.format(
            what=name, description=description, store=store, journal=_JOURNAL, commands=commands, owner=owner,
            places=" ".join((store, *outside(store, backups))), closed=_CLOSED,
        )  # fmt: skip
        made[f"{name}.timer"] = _TIMER.format(unit=f"{name}.service", description=description, when=when)
    return made


def logins(program: str, store: str, codes: str) -> dict[str, str]:
    """Return the units, by their names, by which root does what the school asks for its logins.

    They begin when the school has written something, and four times an hour. ``codes`` is the folder of the codes.
    """
    _require(program, store, "root", (codes,))
    unit, description = "hocba-logins.service", "xem trường yêu cầu gì cho đăng nhập"
    # Root is given all that the others are not: what is left out here stands in the unit, in its own form.
    closed = "".join(f"{line}\n" for line in _CLOSED.splitlines() if not line.startswith(_ROOTS_OWN))
    return {
        unit: _LOGINS.format(program=program, store=store, journal=_JOURNAL, places=f"{store} {codes}", closed=closed),
        "hocba-logins.path": _WATCH.format(unit=unit, description=description, store=store, journal=_JOURNAL),
        "hocba-logins.timer": _TIMER.format(unit=unit, description=description, when="*:00/15"),
    }


def outside(store: str, backups: str) -> tuple[str, ...]:
    """Return the folder of the backups when it is not in the store."""
    return () if Path(backups).is_relative_to(store) else (backups,)


def _require(program: str, store: str, owner: str, places: Sequence[str]) -> None:
    require_name(owner, "người dùng")
    for path in (program, store, *places):
        require_path(path)
        require_outside_homes(path)
