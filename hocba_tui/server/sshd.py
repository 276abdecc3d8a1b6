"""Settings of OpenSSH's server: what it lets in, and what it starts. hocba speaks no SSH and keeps no password."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

SOCKET_OPTION = 'port-forwarding,permitlisten="127.0.0.1:1"'
"""Lets the socket of a token through: OpenSSH has no option for sockets alone, and nothing can listen on port 1."""
_PTS = Path("/dev/pts")
_MOUNTS = Path("/proc/self/mountinfo")
_TTY_GROUP = 5
"""The group of terminals, as systemd and Docker mount them; an sshd without root cannot give a terminal to another."""

_DROP_IN = """\
# hocba: what the teachers' accounts may do over SSH. This file must be read before the rest of sshd_config:
# for each keyword the first value counts.
KbdInteractiveAuthentication yes
UsePAM yes
LoginGraceTime 30
MaxStartups 100:30:200
PerSourceMaxStartups 20
MaxAuthTries 4
PermitUserEnvironment no
PermitUserRC no
Match Group {group}
    AuthenticationMethods publickey keyboard-interactive
    ForceCommand {command}
    PermitTTY yes
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
    GatewayPorts no
    # A token comes as a socket (ssh -R); sshd knows no narrower way, and no port can be opened.
    AllowTcpForwarding remote
    PermitListen none
    PermitOpen none
    AllowStreamLocalForwarding remote
    StreamLocalBindMask 0111
    StreamLocalBindUnlink yes
    PermitUserRC no
    MaxSessions 2
    AcceptEnv LANG LC_ALL LC_CTYPE COLORTERM
    ClientAliveInterval 15
    ClientAliveCountMax 3
"""

_OWN = """\
# An sshd without root, on loopback only: one account of the machine, a key for each teacher.
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
StrictModes yes
LoginGraceTime 30
MaxStartups 100:30:200
PerSourceMaxStartups 20
MaxAuthTries 4
PermitRootLogin forced-commands-only
PermitUserEnvironment no
PermitUserRC no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
GatewayPorts no
AllowTcpForwarding remote
PermitOpen none
AllowStreamLocalForwarding remote
StreamLocalBindMask 0111
StreamLocalBindUnlink yes
MaxSessions 2
AcceptEnv LANG LC_ALL LC_CTYPE COLORTERM
ClientAliveInterval 15
ClientAliveCountMax 3
"""


def drop_in(command: str, group: str) -> str:
    """Return the file for sshd_config.d: everybody of ``group`` gets ``command`` and nothing else."""
    return _DROP_IN.format(group=group, command=command)


def own_settings(folder: Path, port: int) -> str:
    """Return the settings of an sshd that an ordinary user runs; its keys are in ``folder``, an absolute path."""
    return _OWN.format(folder=folder, port=port)


def key_line(public_key: str, command: str, *, token: bool) -> str:
    """Return the line of authorized_keys that lets a key in: it gets ``command`` and nothing else.

    ``public_key`` is a line of a .pub file; with ``token`` the teacher's own computer may forward a token's socket.
    ValueError when it is no single key, or brings options of its own.
    """
    words = public_key.split(maxsplit=2)
    if (
        len(words) < 2
        or "\n" in public_key.strip()
        or '"' in command
        or not words[0].startswith(("ssh-", "ecdsa-", "sk-"))
    ):
        raise ValueError("not a public key")
    options = ",".join(("restrict", "pty", *([SOCKET_OPTION] if token else []), f'command="{command}"'))
    return f"{options} {words[0]} {words[1]}"


def open_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders at or above ``folder`` that others may write: sshd ignores keys that lie below one."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield place


def terminals_usable(mounts: str | None = None) -> bool:
    """Return whether an sshd without root can open terminals: their file system gives them to group 5.

    ``mounts`` is what /proc/self/mountinfo holds; the last mount on /dev/pts counts.
    """
    lines = (_MOUNTS.read_text(encoding="utf-8") if mounts is None else mounts).splitlines()
    options = [line.split()[-1] for line in lines if line.split()[4] == str(_PTS)]
    return bool(options) and f"gid={_TTY_GROUP}" in options[-1].split(",")
