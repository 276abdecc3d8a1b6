"""The settings as OpenSSH itself reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hocba_tui.machine.sshd import drop_in, own_settings, shared_login, terminals_usable
from tests.support.table import table

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ATTACH, COMMAND = "/bin/true", "exec /bin/true"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+BiUEW0W4B1m2gnBpVX0d6vIgZFmQpWQzG7XcXqY3e cô Hoa"
needs_sshd = pytest.mark.skipif(SSHD is None and not os.environ.get("CI"), reason="openssh-server is not installed")


@pytest.fixture
def host_key(tmp_path: Path) -> Path:
    key = tmp_path / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key


def as_read(settings: Path, *words: str) -> dict[str, str]:
    """Return the settings that sshd would use; the first of a keyword."""
    assert SSHD is not None
    command = [SSHD, "-T", "-f", str(settings), *words]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found: dict[str, str] = {}
    for name, _, value in (line.partition(" ") for line in lines):
        found[name] = f"{found[name]} {value}" if name == "acceptenv" and name in found else value
    return found


@needs_sshd
def test_a_teacher_gets_the_command_and_nothing_else_also_before_debians_own_settings(
    tmp_path: Path, host_key: Path
) -> None:
    settings, ours = tmp_path / "sshd_config", tmp_path / "hocba.conf"
    # What Debian's file says behind its Include.
    debians = "KbdInteractiveAuthentication no\nX11Forwarding yes\nAcceptEnv LANG LC_*\nSubsystem sftp internal-sftp\n"
    group = subprocess.run(["id", "-gn", "nobody"], capture_output=True, text=True, check=True).stdout.strip()
    ours.write_text(drop_in(group, ATTACH))
    settings.write_text(f"Include {ours}\nHostKey {host_key}\n{debians}")
    found = as_read(settings, "-C", "user=nobody,host=pc1,addr=192.0.2.1")
    wanted = {
        "forcecommand": COMMAND, "authenticationmethods": "publickey keyboard-interactive", "permitopen": "none",
        "permitlisten": "none", "allowtcpforwarding": "remote", "allowagentforwarding": "no", "x11forwarding": "no",
        "permittunnel": "no", "gatewayports": "no", "permituserrc": "no", "permituserenvironment": "no",
        "kbdinteractiveauthentication": "yes", "allowstreamlocalforwarding": "remote", "maxsessions": "2",
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    others = as_read(settings, "-C", "user=root,host=pc1,addr=192.0.2.1")
    assert others["forcecommand"] == "none"
    assert others["x11forwarding"] == "yes"


@needs_sshd
def test_who_types_a_code_does_not_come_in_by_a_key_alone(tmp_path: Path, host_key: Path) -> None:
    settings = tmp_path / "sshd_config"
    group = subprocess.run(["id", "-gn", "nobody"], capture_output=True, text=True, check=True).stdout.strip()
    settings.write_text(f"{drop_in('hocba-gv', ATTACH, group)}Match all\nHostKey {host_key}\n")
    found = as_read(settings, "-C", "user=nobody,host=pc1,addr=192.0.2.1")
    assert found["authenticationmethods"] == "publickey,keyboard-interactive keyboard-interactive"
    settings.write_text(f"{drop_in(group, ATTACH, group)}Match all\nHostKey {host_key}\n")
    found = as_read(settings, "-C", "user=nobody,host=pc1,addr=192.0.2.1")
    assert found["authenticationmethods"] == "publickey,keyboard-interactive keyboard-interactive"
    assert found["forcecommand"] == COMMAND
    assert as_read(settings, "-C", "user=root,host=pc1,addr=192.0.2.1")["authenticationmethods"] == "any"


@needs_sshd
def test_one_login_for_all_gets_keys_only_and_no_forwarding_of_any_kind(tmp_path: Path, host_key: Path) -> None:
    settings, ours = tmp_path / "sshd_config", tmp_path / "hocba.conf"
    debians = "X11Forwarding yes\nAcceptEnv LANG LC_*\nSubsystem sftp internal-sftp\nStreamLocalBindUnlink yes\n"
    ours.write_text(shared_login("nobody"))
    settings.write_text(f"Include {ours}\nHostKey {host_key}\n{debians}")
    found = as_read(settings, "-C", "user=nobody,host=pc1,addr=192.0.2.1")
    wanted = {
        "authenticationmethods": "publickey", "authorizedkeysfile": ".ssh/authorized_keys",
        "authorizedkeyscommand": "none",
        "disableforwarding": "yes", "streamlocalbindunlink": "no", "permittunnel": "no", "permituserrc": "no",
        "maxsessions": "2", "permittty": "yes",
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    others = as_read(settings, "-C", "user=root,host=pc1,addr=192.0.2.1")
    assert (others["disableforwarding"], others["authenticationmethods"]) == ("no", "any")


@needs_sshd
def test_the_sshd_of_an_ordinary_user_listens_on_loopback_and_knows_keys_only(tmp_path: Path, host_key: Path) -> None:
    settings = tmp_path / "sshd_config"
    settings.write_text(own_settings(host_key.parent, 2222))
    found = as_read(settings)
    assert found["listenaddress"] == "127.0.0.1:2222"
    for name, value in {
        "usepam": "no", "passwordauthentication": "no", "kbdinteractiveauthentication": "no",
        "disableforwarding": "yes", "permituserrc": "no", "strictmodes": "yes", "streamlocalbindunlink": "no",
    }.items():  # fmt: skip
        assert found[name] == value, name


@table(
    ("mounts", "usable"),
    [
        ("24 30 0:22 / /dev/pts rw shared:3 - devpts devpts rw,gid=5,mode=620,ptmxmode=000", True),
        ("24 30 0:22 / /dev/pts rw shared:3 - devpts devpts rw,mode=600,ptmxmode=000", False),
        ("24 30 0:22 / /dev/pts rw - devpts devpts rw,gid=5\n25 30 0:23 / /dev/pts rw - devpts devpts rw", False),
        ("24 30 0:22 / /dev/pts rw - devpts devpts rw,gid=55", False),
        ("21 30 0:5 / /dev rw - devtmpfs udev rw", False),
    ],
)
def test_terminals_of_an_sshd_without_root_need_their_group(mounts: str, *, usable: bool) -> None:
    assert terminals_usable(mounts) is usable
