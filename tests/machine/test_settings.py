"""What ``hocba serve settings`` and ``hocba serve unit`` print, as the programs that read it see it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.errors import WrongUse
from hocba_tui.machine.names import require_roots
from hocba_tui.machine.sshd import drop_in, shared_login
from hocba_tui.machine.units import door, jobs, logins
from tests.conftest import require_tool
from tests.support.table import table
from tests.support.terminal import LIMIT

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
DOOR = door("/bin/true", "/srv/hocba", "hocba")
JOBS = {
    **jobs("/bin/true", "/srv/hocba", "hocba", "/srv/copies", [RECIPIENT], "/etc/hocba/drill.key"),
    **logins("/bin/true", "/srv/hocba", "/var/lib/hocba-totp"),
}


@pytest.fixture
def attach() -> Iterator[Path]:
    """An attach program that everybody can start: the folders of pytest are closed to others."""
    with tempfile.TemporaryDirectory(prefix="hocba-attach-") as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "hocba-attach"
        path.touch(0o755)
        path.chmod(0o755)
        yield path


def hocba(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hocba_tui", "serve", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


def test_the_drop_in_starts_the_attach_program_for_the_group(attach: Path) -> None:
    done = hocba("settings", "--attach", str(attach), "--group", "giao-vien")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert f"ForceCommand exec {attach}" in lines
    assert "Match Group giao-vien" in lines


def test_where_all_come_in_as_one_user_the_drop_in_is_for_that_one() -> None:
    done = hocba("settings", "--shared", "hocba")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == shared_login("hocba")
    refused = hocba("settings", "--shared", "hocba\nPermitRootLogin yes")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_program_that_teachers_cannot_start_is_named(attach: Path) -> None:
    for place, mode in ((attach, 0o700), (attach.parent, 0o700)):
        attach.chmod(0o755)
        place.chmod(mode)
        with pytest.raises(WrongUse, match=rf"{place} không mở cho người khác"):
            drop_in("hocba-gv", str(attach))
    attach.unlink()
    done = hocba("settings", "--attach", str(attach))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Không thấy chương trình {attach}." in done.stderr


def test_root_runs_no_program_that_others_can_exchange(attach: Path) -> None:
    require_roots(Path("/bin/true"))
    with pytest.raises(WrongUse, match="mà người khác của máy sửa được /"):
        require_roots(attach)  # It lies below a folder in which everybody may write.
    attach.unlink()
    with pytest.raises(WrongUse):
        require_roots(attach)


@table("group", ["", "a b", "gv\nPermitRootLogin yes", "GV", "-gv", "*", "gv,root"])
def test_what_would_be_more_than_a_group_is_refused(attach: Path, group: str) -> None:
    with pytest.raises(WrongUse, match="không dùng làm nhóm được"):
        drop_in(group, str(attach))


@table("path", ["hocba-attach", "/opt/a b", "/opt/x\nUsePAM no", '/opt/"', "/opt/%h"])
def test_what_is_no_plain_path_is_refused(path: str) -> None:
    with pytest.raises(WrongUse, match="không dùng làm đường dẫn"):
        drop_in("hocba-gv", path)
    with pytest.raises(WrongUse, match="không dùng làm đường dẫn"):
        door("/bin/true", path, "hocba")


@table("path", ["/home/gv.hoa/kho", "/run/user/1000/kho", "/root"])
def test_a_store_in_somebodys_home_gets_no_unit(path: str) -> None:
    with pytest.raises(WrongUse, match="nơi dịch vụ không vào được"):
        door("/bin/true", path, "hocba")


@pytest.mark.parametrize("name", ["hocba.service", *JOBS])
def test_systemd_takes_each_unit_and_finds_little_exposed(tmp_path: Path, name: str) -> None:
    require_tool("systemd", present=shutil.which("systemd-analyze") is not None)
    for unit, text in {"hocba.service": DOOR, **JOBS}.items():  # A timer wants its service.
        (tmp_path / unit).write_text(text, encoding="utf-8")
    path = tmp_path / name
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False,
                          env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})  # fmt: skip
    assert (done.returncode, [line for line in done.stderr.splitlines() if "hocba" in line]) == (0, [])
    if path.suffix == ".service":
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(path)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@table("recipient", ["", "age1", 'age1a" --to /', "ssh-ed25519 AAAA\nUser=root", "AGE-SECRET-KEY-1"])
def test_what_is_no_key_for_backups_gets_no_unit(recipient: str) -> None:
    with pytest.raises(WrongUse, match="không dùng làm khóa nhận"):
        jobs("/bin/true", "/srv/hocba", "hocba", "/srv/copies", [recipient], "/etc/hocba/drill.key")


def test_backups_write_to_the_store_and_their_folder_only() -> None:
    assert "\nReadWritePaths=/srv/hocba /srv/copies\n" in JOBS["hocba-backup.service"]
    within = jobs("/bin/true", "/srv/hocba", "hocba", "/srv/hocba/backups", [RECIPIENT], "/etc/hocba/drill.key")
    assert "\nReadWritePaths=/srv/hocba\n" in within["hocba-backup.service"]


def test_the_unit_serves_the_store_and_one_without_a_store_is_refused(tmp_path: Path) -> None:
    assert "\nExecStart=/bin/true serve --store /srv/hocba\n" in DOOR
    assert (hocba("unit").returncode, hocba("unit", "--store", str(tmp_path / "a b")).returncode) == (2, 2)
