"""The lines that let a key in as one account and as nobody else, and the setting that is a head's."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import NotAllowed, Refused, WrongUse
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school import ssh_keys
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.flow.school.ssh_keys import (
    add_key,
    attach_words,
    authorized_keys,
    command_for,
    fingerprint,
    key_line,
    known_keys,
    open_folders,
    remove_keys,
)
from hocba_tui.rules.permits import PERMITS, Act
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.table import table

COMMAND = "exec /opt/hocba/bin/hocba-attach --as gv.5a"
BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIJ+BiUEW0W4B1m2gnBpVX0d6vIgZFmQpWQzG7XcXqY3e"
KEY = f"ssh-ed25519 {BLOB} cô Hoa"
SHORT_RSA = base64.b64encode(b"\0\0\0\x07ssh-rsa" + b"\0\0\0\x03\1\0\1" + b"\0\0\0\x81" + b"\0" * 129).decode()

Add = Callable[..., ssh_keys.SshKey]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".ssh" / "authorized_keys"


@pytest.fixture
def add(store_root: Path, file: Path, tmp_path: Path) -> Add:
    def added(account: str, key: str = KEY) -> ssh_keys.SshKey:
        public = tmp_path / "key.pub"
        public.write_text(key + "\n", encoding="utf-8")
        return add_key(store_root, file, account, public, command_for(account, program="/opt/attach"))

    return added


def another(number: int) -> str:
    blob = base64.b64decode(BLOB)
    return f"ssh-ed25519 {base64.b64encode(blob[:-1] + bytes([number])).decode()} another"


# --- a line ----------------------------------------------------------------------------------------


def test_a_key_gets_its_command_and_a_terminal_and_nothing_else() -> None:
    assert key_line(KEY, COMMAND) == f'restrict,pty,command="{COMMAND}" ssh-ed25519 {BLOB}'


@table(
    "text",
    [
        "", "ssh-ed25519", f"{KEY}\n{KEY}", f'command="sh" {KEY}', f"ssh-rsa {BLOB}", "ssh-ed25519 AAAA",
        f"{BLOB} {BLOB}",
        f"ssh-ed25519-cert-v01@openssh.com {BLOB}", f"ssh-dss {BLOB}", f"ssh-rsa {SHORT_RSA}", f"ssh-ed25519 {BLOB}!",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_what_is_no_single_safe_public_key_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        key_line(text, COMMAND)


@table("command", ['exec x" ssh-ed25519', "exec x\nssh-ed25519", "exec x\\"])
def test_a_command_cannot_end_its_own_quotes(command: str) -> None:
    with pytest.raises(WrongUse, match="dấu nháy kép"):
        key_line(KEY, command)


def test_the_fingerprint_is_the_one_that_openssh_shows(tmp_path: Path) -> None:
    public = tmp_path / "key.pub"
    public.write_text(KEY + "\n", encoding="utf-8")
    shown = subprocess.run(["ssh-keygen", "-lf", str(public)], capture_output=True, text=True, check=True).stdout
    assert shown.split()[1] == fingerprint(base64.b64decode(BLOB))


def test_the_command_is_the_script_of_the_package_or_what_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    attach = attach_words("gv.5a")
    assert attach[:3] == [str(tmp_path / "python"), "-I", "-S"]
    assert Path(attach[3]).is_file()
    (tmp_path / "hocba-attach").touch()
    assert attach_words("gv.5a", "/x.sock") == [str(tmp_path / "hocba-attach"), "--socket", "/x.sock", "--as", "gv.5a"]
    assert command_for("gv.5a", program="/opt/a b") == "exec '/opt/a b' --as gv.5a"


# --- the file --------------------------------------------------------------------------------------


def test_keys_are_added_listed_and_removed_and_other_lines_stay(add: Add, file: Path) -> None:
    file.parent.mkdir(parents=True, mode=0o700)
    others = f"# theirs\n\n{another(1)}\n"
    file.write_text(others, encoding="utf-8")
    file.chmod(0o644)
    first, second, third = add("gv.5a"), add("gv.5a", another(2)), add("gv.4a", another(3))
    assert file.stat().st_mode & 0o777 == 0o600
    assert known_keys(file) == ((first, second, third), 1)
    assert (first.account, len(first.since)) == ("gv.5a", 10)
    assert remove_keys(file, "gv.5a") == (first, second)
    assert known_keys(file) == ((third,), 1)
    assert file.read_text(encoding="utf-8").startswith(others)
    assert remove_keys(file, "gv.5a") == ()
    assert not list(file.parent.glob("*.tmp")), "nothing is left beside it"


def test_a_key_opens_one_account_and_no_shell_besides(add: Add, file: Path) -> None:
    add("gv.5a")
    before = file.read_bytes()
    for account in ("gv.4a", "gv.5a"):
        with pytest.raises(Refused, match=r"đã mở tài khoản gv\.5a"):
            add(account)
    file.write_text(f'from="10.0.0.0/8" {another(9)}\n{before.decode()}', encoding="utf-8")
    with pytest.raises(Refused, match="đã có một dòng khác"):
        add("gv.4a", another(9))
    assert file.read_text(encoding="utf-8").endswith(before.decode())


def test_only_an_account_that_is_there_and_has_not_left_gets_a_key(add: Add, file: Path, desk_as: DeskAs) -> None:
    desk_as("admin").school_shard.change("admin", "set_account", [Edit(STAFF, "gv.4a", "left", None, "2026-01-01")])
    for account in ("khong.co", "gv.4a", 'x" ssh-ed25519'):
        with pytest.raises(Refused, match="Tài khoản"):
            add(account)
    assert not file.exists()


def test_a_folder_that_others_may_write_or_a_link_in_its_place_is_refused(add: Add, file: Path, tmp_path: Path) -> None:
    file.parent.mkdir(parents=True, mode=0o700)
    file.parent.chmod(0o770)
    with pytest.raises(Refused, match="không phải của riêng"):
        add("gv.5a")
    file.parent.chmod(0o700)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x\n", encoding="utf-8")
    file.symlink_to(elsewhere)
    with pytest.raises(Refused, match="Không đọc được"):
        add("gv.5a")
    assert elsewhere.read_text(encoding="utf-8") == "x\n"


def test_a_write_that_fails_leaves_the_file_as_it_was(add: Add, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add("gv.5a")
    before = file.read_bytes()

    def fails(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space"):
        add("gv.4a", another(2))
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_folders_that_others_may_write_are_named(tmp_path: Path) -> None:
    inner = tmp_path / "open" / "keys"
    inner.mkdir(parents=True)
    before = list(open_folders(inner))
    inner.parent.chmod(0o777)
    assert set(open_folders(inner)) - set(before) == {inner.parent}


def test_the_keys_are_those_of_this_user_whatever_home_says(monkeypatch: pytest.MonkeyPatch) -> None:
    before = authorized_keys()
    monkeypatch.setenv("HOME", "/elsewhere")
    assert authorized_keys() == before
    assert before.parts[-2:] == (".ssh", "authorized_keys")


# --- the command -----------------------------------------------------------------------------------


def test_the_command_says_what_it_did_and_who_cannot_come_in_yet(
    store_root: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = tmp_path / "key.pub"
    public.write_text(KEY, encoding="utf-8")
    where = ["--keys", str(file), "--store", str(store_root)]
    assert main(["ssh-key", "add", "hieutruong", str(public), *where]) == 0
    shown = capsys.readouterr().out
    assert f"Khóa {fingerprint(base64.b64decode(BLOB))} nay mở tài khoản hieutruong" in shown
    assert "Chưa vào được: Tài khoản hieutruong có quyền Hiệu trưởng" in shown
    assert main(["ssh-key", "list", *where]) == 0
    shown = capsys.readouterr().out
    assert "hieutruong" in shown
    assert "từ " in shown
    assert "1 khóa trong" in shown
    change_settings(open_desk(store_root, "hieutruong"), {"trusted_by_key": "có"})
    assert main(["ssh-key", "list", *where]) == 0
    assert "Chưa vào được" not in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf-8").replace("--as hieutruong", "--as ai.do"), encoding="utf-8")
    assert main(["ssh-key", "list", *where]) == 0
    assert "Chưa vào được: trường không có tài khoản này" in capsys.readouterr().out
    gone = ["ssh-key", "remove", "ai.do", *where, "--socket", str(tmp_path / "none.sock")]
    assert [main(gone), main(gone)] == [0, 1]
    assert main(["ssh-key", "add", "gv.5a", str(tmp_path / "none.pub"), *where]) == 1
    notes = [json.loads(line) for path in (store_root / "log").glob("*.log") for line in path.read_text().splitlines()]
    assert [(note["what"], note["to"].split(":")[0]) for note in notes if note["event"] == "changed"] == [
        ("key hieutruong", "SHA256"), ("key ai.do", "off SHA256"),
    ]  # fmt: skip


# --- the setting -----------------------------------------------------------------------------------


def test_only_a_head_lets_the_trusted_roles_in_by_a_key(
    store_root: Path, desk_as: DeskAs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not desk_as("admin").school.trusted_by_key
    with pytest.raises(NotAllowed, match="admin"):
        change_settings(desk_as("admin"), {"trusted_by_key": "có"})
    words = ["school", "set", "trusted_by_key=có", "--store", str(store_root)]
    assert main([*words, "--as", "vanthu"]) == 3
    assert main([*words, "--as", "phohieutruong"]) == 0
    assert "tài khoản máy chung (có, không): có" in capsys.readouterr().out
    change_settings(desk_as("admin"), {"trusted_by_key": "có", "address": "Xóm 1"})  # It changes nothing.
    with pytest.raises(NotAllowed):
        change_settings(desk_as("admin"), {"trusted_by_key": "không"})
    entry = [one for one in desk_as("admin").school_shard.entries("phohieutruong") if one.act == "set_school"][-1]
    assert [(edit.field, edit.after) for edit in entry.edits] == [("trusted_by_key", True)]
    notes = [json.loads(line) for path in (store_root / "log").glob("*.log") for line in path.read_text().splitlines()]
    assert [(note["by"], note["what"], note["to"]) for note in notes if note["event"] == "changed"] == [
        ("phohieutruong", "trusted_by_key", "on")
    ]


def test_the_act_is_the_heads_alone() -> None:
    assert PERMITS[Act.ADMIT_BY_KEY] == PERMITS[Act.CONFIRM_STAFF]
