"""Settings of OpenSSH's server: what it lets in, and what it starts. hocba speaks no SSH and keeps no password."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.machine.names import require_for_all, require_name, require_path

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
{codes}Match Group {group}
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

_CODES = """\
Match Group {group}
    # Who is asked for a code: a key alone does not pass.
    AuthenticationMethods publickey,keyboard-interactive keyboard-interactive
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
# Where bash is this user's shell, it would first run ~/.bashrc; below another shell it does not.
SetEnv SHLVL=2
PermitUserEnvironment no
PermitUserRC no
DisableForwarding yes
StreamLocalBindUnlink no
PermitTunnel no
GatewayPorts no
MaxSessions 2
AcceptEnv LANG LC_ALL LC_CTYPE COLORTERM
ClientAliveInterval 15
ClientAliveCountMax 3
"""

_SHARED = """\
# hocba: one account of the machine for the whole school, a key for each person (hocba ssh-key).
# This file must be read before the rest of sshd_config: for each keyword the first value counts.
Match User {user}
    AuthenticationMethods publickey
    AuthorizedKeysFile .ssh/authorized_keys
    AuthorizedKeysCommand none
    PermitTTY yes
    PermitUserRC no
    # No socket of a token either: sshd would remove any file of this user that stands in its place.
    DisableForwarding yes
    StreamLocalBindUnlink no
    PermitTunnel no
    GatewayPorts no
    MaxSessions 2
    AcceptEnv LANG LC_ALL LC_CTYPE COLORTERM
    ClientAliveInterval 15
    ClientAliveCountMax 3
Match all
"""


def drop_in(group: str, attach: str, codes: str = "") -> str:
    """Return the file for sshd_config.d: everybody of ``group`` gets the attach program and nothing else.

    ``codes`` is the group of those of them who are asked for a code, too; none where nobody is. WrongUse when the group
    or the program cannot be what sshd is told.
    """
    require_name(group, "nhóm")
    require_path(attach, "đường dẫn của hocba-attach")
    require_for_all(Path(attach))
    # The login shell of the same file accepts exactly this command.
    asked = _CODES.format(group=codes) if codes else ""
    return _DROP_IN.format(group=group, command=f"exec {attach}", codes=asked)


def shared_login(user: str) -> str:
    """Return the file for sshd_config.d where all come in as ``user``: keys only, and what their lines say."""
    require_name(user, "người dùng")
    return _SHARED.format(user=user)


def own_settings(folder: Path, port: int) -> str:
    """Return the settings of an sshd that an ordinary user runs; its keys are in ``folder``, an absolute path."""
    return _OWN.format(folder=folder, port=port)


def terminals_usable(mounts: str | None = None) -> bool:
    """Return whether an sshd without root can open terminals: their file system gives them to group 5.

    ``mounts`` is what /proc/self/mountinfo holds; the last mount on /dev/pts counts.
    """
    lines = (_MOUNTS.read_text(encoding="utf-8") if mounts is None else mounts).splitlines()
    options = [line.split()[-1] for line in lines if line.split()[4] == str(_PTS)]
    return bool(options) and f"gid={_TTY_GROUP}" in options[-1].split(",")
