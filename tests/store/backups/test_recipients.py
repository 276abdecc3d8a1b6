"""Backups are encrypted to recipients: nobody else reads them, and any altered byte is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hocba_tui.errors import HocbaError, WrongUse
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.backup import recipients_of, write_backup
from hocba_tui.store.backups.restore import restore
from tests.support.stores import NAME, facts, flaws, flip, now


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


def test_nothing_can_be_read_in_an_encrypted_copy(root: Path, copies: Path, key: tuple[Path, str]) -> None:
    made = write_backup(root, copies, now, [key[1]])
    data = made.path.read_bytes()
    for word in (NAME.encode(), b"journal", b"2025-2026", b"HOC_BA", b"files.json"):
        assert word not in data
    assert made.path.name == "hocba-20260610-223000.tar.gz.age"
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_only_the_right_identity_opens_it(root: Path, copies: Path, key: tuple[Path, str], tmp_path: Path) -> None:
    made = write_backup(root, copies, now, [key[1]])
    new_identity(tmp_path / "other.txt")
    before = facts(tmp_path)
    with pytest.raises(HocbaError, match="không đúng khóa") as refused:
        restore(made.path, tmp_path / "new", now, tmp_path / "other.txt")
    assert refused.value.exit_code == 6
    with pytest.raises(WrongUse, match="đã mã hóa"):
        restore(made.path, tmp_path / "new", now)
    assert facts(tmp_path) == before
    restore(made.path, tmp_path / "new", now, key[0])
    assert flaws(tmp_path / "new") == []


def test_each_of_several_recipients_opens_it(root: Path, copies: Path, tmp_path: Path) -> None:
    keys = [tmp_path / f"key{number}" for number in range(3)]
    recipients = ["# của hiệu trưởng", "", *(f"  {new_identity(path)}  " for path in keys)]
    made = write_backup(root, copies, now, recipients)
    for number, path in enumerate(keys):
        restore(made.path, tmp_path / f"new{number}", now, path)
        assert flaws(tmp_path / f"new{number}") == []


def test_an_ssh_key_opens_it(root: Path, copies: Path, tmp_path: Path) -> None:
    secret = Ed25519PrivateKey.generate()
    form, kept = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    (tmp_path / "id").write_bytes(secret.private_bytes(serialization.Encoding.PEM, form, kept))
    public = secret.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    made = write_backup(root, copies, now, [public.decode() + " hieutruong@truong"])
    restore(made.path, tmp_path / "new", now, tmp_path / "id")
    assert flaws(tmp_path / "new") == []


@pytest.mark.parametrize("line", ["age1nonsense", "ssh-ed25519 AAAA", "ssh-dss AAAAB3Nza", "AGE-SECRET-KEY-1QQ", "x\0"])
def test_what_is_no_recipient_is_refused_and_leaves_nothing(root: Path, copies: Path, line: str) -> None:
    before = facts(copies)
    with pytest.raises(WrongUse, match="Không phải khóa nhận"):
        write_backup(root, copies, now, [line])
    assert facts(copies) == before


@pytest.mark.parametrize("lines", [["# chưa có"], [""], ["  ", "#age1x"]])
def test_a_list_of_recipients_that_names_nobody_is_refused(root: Path, copies: Path, lines: list[str]) -> None:
    before = facts(copies)
    with pytest.raises(HocbaError):  # A copy that nobody can decrypt would be useless.
        write_backup(root, copies, now, lines)
    assert facts(copies) == before


def test_a_list_of_recipients_that_is_no_text_is_refused(root: Path) -> None:
    (root / "backup-recipients.txt").write_bytes(b"\xff\xfe\x00age1")
    with pytest.raises(HocbaError):
        recipients_of(root, ())


def test_the_list_of_recipients_may_come_from_notepad(root: Path, copies: Path, key: tuple[Path, str]) -> None:
    (root / "backup-recipients.txt").write_bytes(b"\xef\xbb\xbf" + key[1].encode() + b"\r\n")
    assert write_backup(root, copies, now, recipients_of(root, ())).size > 0


def test_a_damaged_byte_of_a_kept_copy_is_found(
    root: Path, copies: Path, key: tuple[Path, str], tmp_path: Path
) -> None:
    made = write_backup(root, copies, now, [key[1]])
    size, whole = made.size, made.path.read_bytes()
    before = facts(tmp_path)
    for position in (*range(0, size, size // 60), size - 1):
        flip(made.path, position)
        with pytest.raises(HocbaError):
            restore(made.path, tmp_path / "new", now, key[0])
        made.path.write_bytes(whole)
        made.path.write_bytes(whole[:position])
        with pytest.raises(HocbaError):
            restore(made.path, tmp_path / "new", now, key[0])
        made.path.write_bytes(whole)
    made.path.write_bytes(whole + b"x")
    with pytest.raises(HocbaError):
        restore(made.path, tmp_path / "new", now, key[0])
    made.path.write_bytes(whole)
    assert facts(tmp_path) == before
