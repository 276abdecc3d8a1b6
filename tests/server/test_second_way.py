"""One login of the machine for all, a key for each: through a real sshd that is set up as Debian ships it.

Nothing in its settings is ours: where nobody may change them, the lines that ``hocba ssh-key`` writes are all there is.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.store.backend import SCHOOL, Edit, Value
from hocba_tui.store.folder import FolderStore
from tests.conftest import require
from tests.server.test_over_ssh import descendants, name_of
from tests.support.over_ssh import SshDoor
from tests.support.served import wait_until
from tests.support.terminal import LIMIT

DEBIANS = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
PermitRootLogin forced-commands-only
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
MaxStartups 100:30:200
"""
TEACHER, OTHER, PRINCIPAL = "gv.5a", "gv.4a", "hieutruong"
AS_ROOT = os.geteuid() == 0 and bool(os.environ.get("CI") or os.environ.get("HOCBA_TEST_ROOT"))
"""Read before the tests hide what the environment holds."""
NOT_BY_KEY = "nên không vào bằng khóa chung được"


@pytest.fixture
def real_store(store_root: Path) -> Path:
    """A school that is no training: there is no ``--as`` in it."""
    edits = [Edit(SCHOOL, SCHOOL, "training", True, None)]
    held = open_desk(store_root, "admin").school_shard
    held.change("test", "test", edits)
    return store_root


@pytest.fixture
def door(real_store: Path) -> Iterator[SshDoor]:
    with SshDoor(real_store, settings=DEBIANS, each=2) as found:
        for account in (TEACHER, OTHER, PRINCIPAL):
            let_in(found, real_store, account)
        yield found


def let_in(door: SshDoor, store: Path, account: str) -> None:
    key = door.folder / account
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    where = ["--keys", str(door.folder / "authorized_keys"), "--socket", str(door.path), "--store", str(store)]
    assert main(["ssh-key", "add", account, f"{key}.pub", *where]) == 0


def set_field(store: Path, account: str, field: str, value: Value) -> None:
    shard = desk_of(store, PRINCIPAL).school_shard
    shard.change("test", "test", [Edit(STAFF, account, field, shard.document(STAFF, account).get(field), value)])


def desk_of(store: Path, account: str) -> Desk:
    """Be somebody in a real school, as a login of the machine would be."""
    return Desk(FolderStore(store, Clock().now), account, Clock(), store)


def logged(store: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in (store / "log").glob("*.log") for line in path.read_text().splitlines()]


def told(door: SshDoor, account: str) -> str:
    """Log in and return what is said to somebody who is not let in."""
    with door.terminal(account) as terminal:
        terminal.wait_for_end()
        return terminal.bytes.decode(errors="replace")


# --- who comes in ----------------------------------------------------------------------------------


def test_a_key_opens_its_account_in_a_real_school_and_the_log_says_that_it_was_a_key(
    door: SshDoor, real_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with door.opened(TEACHER) as terminal:
        (session,) = door.sessions
        assert (session.account, session.by_key) == (TEACHER, True)
        assert main(["serve", "status", "--socket", str(door.path)]) == 0
        assert "bằng khóa" in capsys.readouterr().out
        terminal.press("f10")
        terminal.wait_for_end()
    found = door.run(TEACHER, "hocba", "verify", "-", give=b"<a/>")
    assert found.returncode == 10
    another = door.run(TEACHER, "hocba", "submit", "--class", "4A", "--request", "-")
    assert another.returncode == 3
    assert f"Tài khoản {TEACHER} không được làm việc này ở lớp 4A" in another.stderr.decode()
    own = door.run(TEACHER, "hocba", "submit", "--class", "5A", "--request", "-")
    assert own.returncode == 1, "its own class, in which something is missing"
    ways = [(line["by"], line["do"], line.get("way")) for line in logged(real_store) if line["event"] == "begin"]
    assert {way for way in ways if way[0]} == {(TEACHER, "open", "key"), (TEACHER, "submit", "key")}


def test_heads_clerks_and_administrators_come_in_only_when_a_head_has_said_so(door: SshDoor, real_store: Path) -> None:
    assert NOT_BY_KEY in told(door, PRINCIPAL)
    assert ("shown", PRINCIPAL, "key") in [(line["event"], line["by"], line.get("way")) for line in logged(real_store)]
    refused = door.run(PRINCIPAL, "hocba", "approve", "--class", "5A", "--request", "-")
    assert refused.returncode == 3
    assert NOT_BY_KEY in refused.stderr.decode()
    change_settings(desk_of(real_store, PRINCIPAL), {"trusted_by_key": "có"})
    with door.opened(PRINCIPAL):
        pass


@pytest.mark.parametrize("role", ["deputy", "clerk", "administrator"])
def test_a_teacher_who_has_such_a_role_as_well_is_not_let_in(real_store: Path, role: str) -> None:
    assert open_desk(real_store, TEACHER, "root", by_key=True).by_key
    set_field(real_store, TEACHER, "roles", ["teacher", role])
    with pytest.raises(NotAllowed, match=NOT_BY_KEY):
        open_desk(real_store, TEACHER, "root", by_key=True)


def test_a_closed_account_and_one_that_is_gone_are_not_let_in(door: SshDoor, real_store: Path) -> None:
    set_field(real_store, TEACHER, "left", "2026-06-30")
    assert "là của người đã rời trường" in told(door, TEACHER)
    keys = door.folder / "authorized_keys"
    keys.write_text(keys.read_text().replace(f"--as {OTHER}", "--as khong.co"))
    assert "Khóa này mở tài khoản “khong.co”, mà trường không có" in told(door, OTHER)
    keys.write_text("")
    assert "Permission denied" in told(door, OTHER)


def test_one_account_cannot_take_all_the_room(door: SshDoor) -> None:
    with door.opened(TEACHER), door.opened(TEACHER):
        with door.terminal(TEACHER) as third:
            third.wait(lambda: "Bạn đã mở nhiều phiên cùng lúc".encode() in third.bytes, "to be told")
            third.wait_for_end()
        with door.opened(OTHER):
            pass
        assert [one.account for one in door.sessions].count(TEACHER) == 2


def test_who_loses_the_key_loses_the_session_too_and_nobody_else_does(
    door: SshDoor, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--keys", str(door.folder / "authorized_keys"), "--socket", str(door.path)]
    with door.opened(TEACHER) as mine, door.opened(OTHER) as theirs:
        assert main(["ssh-key", "remove", TEACHER, *where]) == 0
        assert "1 phiên đang mở bằng khóa" in capsys.readouterr().out
        mine.wait(lambda: "Khóa SSH của bạn vừa bị bỏ".encode() in mine.bytes, "to be told")
        mine.wait_for_end()
        assert [one.account for one in door.sessions] == [OTHER]
        theirs.press("f10")
        theirs.wait_for_end()
    assert "Permission denied" in told(door, TEACHER)
    assert main(["ssh-key", "remove", TEACHER, *where]) == 1


# --- and nothing else does -------------------------------------------------------------------------


def test_no_other_command_shell_or_file_goes_through(door: SshDoor, real_store: Path) -> None:
    for words in (["sh"], ["/bin/sh", "-c", "id"], ["hocba", "--as", PRINCIPAL, "verify", "-"],
                  ["--", "--as", PRINCIPAL],
                  ["hocba", "verify", "-", ";", "id"], ["hocba", "verify", "-", "--as", PRINCIPAL],
                  ["hocba", "submit", "--class", "5A", "--request", "-", "--as", PRINCIPAL]):  # fmt: skip
        found = door.run(TEACHER, *words)
        assert (found.stdout, found.returncode) == (b"", 2), words
    with_terminal = subprocess.run(
        [*door.ssh(TEACHER, "-tt"), "/bin/sh"], stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT,
        check=False,
    )  # fmt: skip
    assert with_terminal.returncode == 2
    assert "Lệnh này không đi qua cửa máy chủ được." in with_terminal.stdout.decode()
    subsystem = subprocess.run(
        [*door.ssh(TEACHER, "-s"), "sftp"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert (subsystem.stdout, subsystem.returncode) == (b"", 2)


def test_nothing_is_forwarded_and_no_file_of_the_store_is_removed_for_a_socket(
    door: SshDoor, real_store: Path, tmp_path: Path
) -> None:
    journal = real_store / SCHOOL / "journal.log"
    before = journal.read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as inside:
        target = f"127.0.0.1:{inside.getsockname()[1]}"
        for way in (
            ["-R", f"0:{target}"],
            ["-R", f"{journal}:{target}"],
            ["-R", f"{tmp_path}/s:{target}"],
            ["-W", target],
        ):
            done = subprocess.run(
                door.ssh(TEACHER, "-N", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", *way),
                stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False,
            )  # fmt: skip
            assert done.returncode == 255, (way, done.stderr)
    assert journal.read_bytes() == before
    assert not (tmp_path / "s").exists()


def test_the_client_brings_no_variable_agent_or_display(door: SshDoor) -> None:
    names = ("HOCBA_STORE", "HOCBA_PIN", "LD_PRELOAD", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV", "ENV")
    sets = " ".join(f"{name}=/x" for name in names)
    sends = [word for name in names for word in ("-o", f"SendEnv={name}")]
    client_of = door.ssh(TEACHER, "-tt", "-A", "-X", "-o", f"SetEnv={sets} LC_ALL=C.UTF-8", *sends)
    environment = {**os.environ, "DISPLAY": ":9", "SSH_AUTH_SOCK": "/x", **dict.fromkeys(names, "/x")}
    environment.pop("LD_PRELOAD")
    with subprocess.Popen(client_of, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=environment) as client:  # fmt: skip
        try:
            door.session_of(TEACHER)
            (cat,) = [pid for pid in descendants(door.sshd.pid) if name_of(pid) == "cat"]
            text = Path(f"/proc/{cat}/environ").read_text(encoding="utf-8")
        finally:
            client.kill()
    found = {entry.partition("=")[0] for entry in text.split("\0") if entry}
    assert "LC_ALL" in found
    assert not found & {*names, "SSH_AUTH_SOCK", "DISPLAY"}


IN_ANOTHER_HOME = 'mount --bind "$1" /etc/passwd && shift && exec "$@"'


def test_neither_rc_nor_environment_of_the_shared_home_counts(real_store: Path, tmp_path: Path) -> None:
    """In a mount namespace with another home for this user; a key without our options shows that rc would run."""
    require(None if AS_ROOT else "only root can give this user another home, and only where HOCBA_TEST_ROOT says so")
    me, home, ran = pwd.getpwuid(os.geteuid()), tmp_path / "home", tmp_path / "ran"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "rc").write_text(f"echo x >> {ran}\n")
    (home / ".ssh" / "environment").write_text("HOCBA_STORE=/x\n")
    lines = Path("/etc/passwd").read_text().splitlines()
    mine = ":".join([me.pw_name, "x", str(me.pw_uid), str(me.pw_gid), "", str(home), "/bin/sh"])
    passwd = tmp_path / "passwd"
    passwd.write_text("\n".join([mine, *(line for line in lines if not line.startswith(f"{me.pw_name}:"))]) + "\n")
    passwd.chmod(0o644)
    around = ["unshare", "--mount", "sh", "-c", IN_ANOTHER_HOME, "sh", str(passwd)]
    with SshDoor(real_store, settings=DEBIANS, around=around) as door:
        let_in(door, real_store, TEACHER)
        found = door.run(TEACHER, "hocba", "verify", "-", give=b"<a/>")
        assert found.returncode == 10, found.stderr
        assert not ran.exists()
        keys = door.folder / "authorized_keys"
        keys.write_text(keys.read_text().replace("restrict,", ""))
        assert door.run(TEACHER, "hocba", "verify", "-", give=b"<a/>").returncode == 10
        wait_until(ran.exists, "rc to have run without our options")
