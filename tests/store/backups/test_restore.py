"""Restoring: only what our backups can contain, private, into a new folder, and nothing left after a failure."""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import resource
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from hocba_tui.errors import HocbaError, NotSaved, Refused, StoreUnusable
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups import restore as restoring
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.folder import FolderStore
from tests.support.stores import A, B, facts, filled, flaws, flip, now, put

Member = tuple[tarfile.TarInfo, bytes]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return write_backup(tmp_path / "store", tmp_path / "copies", now, ()).path


def member(name: str, data: bytes = b"x") -> Member:
    header = tarfile.TarInfo(name)
    header.size = len(data)
    return header, data


def special(name: str, kind: bytes, target: str = "") -> Member:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, target
    return header, b""


def pack(path: Path, members: Sequence[Member]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for header, data in members:
            tar.addfile(header, io.BytesIO(data))
    return path


def members_of(path: Path) -> list[Member]:
    with tarfile.open(path) as tar:
        found = []
        for header in tar:
            file = tar.extractfile(header)
            assert file is not None
            found.append((header, file.read()))
        return found


def refused(path: Path, folder: Path) -> HocbaError:
    """Restore what must not be restored; check that nothing is left of it."""
    before = facts(folder)
    with pytest.raises(HocbaError) as error:
        restore(path, folder / "new", now)
    assert facts(folder) == before
    return error.value


# --- members that are not ours ---------------------------------------------------------------------

STRANGE = [
    member("../outside"),
    member("school/../../outside"),
    member("/etc/outside"),
    member("//outside"),
    member(".."),
    member("."),
    member(""),
    member("./"),
    member("backups/sent.log"),
    member("./backups/sent.log"),
    member("drafts/gv.json"),
    member("a\\..\\b"),
    member("a" * 300),
    member("a/" * 3000 + "b"),
    special("link", tarfile.SYMTYPE, "/etc/passwd"),
    special("school", tarfile.SYMTYPE, "/tmp"),  # noqa: S108
    special("hard", tarfile.LNKTYPE, "school/journal.log"),
    special("device", tarfile.CHRTYPE),
    special("disk", tarfile.BLKTYPE),
    special("pipe", tarfile.FIFOTYPE),
    special("folder", tarfile.DIRTYPE),
    special("sparse", tarfile.GNUTYPE_SPARSE),
    special("what", b"Z"),
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: repr(strange[0].name[:12]) + str(strange[0].type))
@pytest.mark.parametrize("first", [True, False])
def test_a_strange_member_is_refused(backup: Path, tmp_path: Path, strange: Member, *, first: bool) -> None:
    ours = members_of(backup)
    mixed = [strange, *ours] if first else [*ours[:-1], strange, ours[-1]]
    error = refused(pack(tmp_path / "strange.tar.gz", mixed), tmp_path)
    assert error.exit_code == 6 or "tên quá dài" in str(error)


def test_a_name_that_comes_twice_is_refused(backup: Path, tmp_path: Path) -> None:
    ours = members_of(backup)
    for name in (ours[0][0].name, f"./{ours[0][0].name}"):
        twice = [*ours[:-1], member(name, ours[0][1]), ours[-1]]
        assert refused(pack(tmp_path / "twice.tar.gz", twice), tmp_path).exit_code == 6


def test_a_name_that_is_file_and_folder_is_refused(backup: Path, tmp_path: Path) -> None:
    mixed = [member("school"), *members_of(backup)]
    assert refused(pack(tmp_path / "mixed.tar.gz", mixed), tmp_path).exit_code == 6


def test_an_archive_without_its_list_is_refused(backup: Path, tmp_path: Path) -> None:
    assert refused(pack(tmp_path / "cut.tar.gz", members_of(backup)[:-1]), tmp_path).exit_code == 6


def test_a_list_that_lies_is_refused(backup: Path, tmp_path: Path) -> None:
    ours = members_of(backup)
    said = json.loads(ours[-1][1])
    name = f"{A}/journal.log"
    digest, size = said["files"][name]
    lies: list[object] = [
        {**said, "files": {**said["files"], name: ["0" * 64, size]}},
        {**said, "files": {**said["files"], name: [digest, size + 1]}},
        {**said, "files": {**said["files"], "issued/u2.xml": ["0" * 64, 1]}},
        {**said, "files": {key: value for key, value in said["files"].items() if key != name}},
        {"files": said["files"]},
        {"at": said["at"]},
        {**said, "files": []},
        {**said, "files": None},
        {**said, "files": {**said["files"], name: [digest]}},
        {**said, "files": {**said["files"], name: []}},
        {**said, "files": {**said["files"], name: None}},
        {**said, "files": {**said["files"], name: [digest, "many"]}},
        [],
        None,
        5,
        "files",
    ]
    texts = [json.dumps(lie).encode() for lie in lies] + [b"", b"{", b"\xff", b"[" * 5000]
    for text in texts:
        lying = [*ours[:-1], member("files.json", text)]
        assert refused(pack(tmp_path / "lying.tar.gz", lying), tmp_path).exit_code == 6, text


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    said = {"at": "2026", "files": {}}
    empty = pack(tmp_path / "empty.tar.gz", [member("files.json", json.dumps(said).encode())])
    assert "không phải bản sao lưu" in refused(empty, tmp_path).what
    garbage = tmp_path / "garbage"
    for data in (
        b"",
        b"x",
        b"\x1f\x8b",
        b"\x1f\x8b\x08\xff" + b"\0" * 9,
        b"PK\x03\x04",
        b"age-encryption.org/v1",
        b"\0" * 999,
    ):
        garbage.write_bytes(data)
        assert isinstance(refused(garbage, tmp_path), HocbaError)
    assert refused(tmp_path / "none", tmp_path).exit_code == 2
    assert refused(tmp_path, tmp_path).exit_code == 2


def test_an_encrypted_archive_of_a_stranger_is_judged_like_any_other(tmp_path: Path) -> None:
    """Recipients are not secret: with a recipient anybody can make an archive that decrypts."""
    from pyrage import encrypt, x25519

    recipient = x25519.Recipient.from_str(new_identity(tmp_path / "key"))
    evil = pack(
        tmp_path / "evil.tar.gz", [member("a", os.urandom(1 << 20)), member("../b"), member("c", os.urandom(1 << 20))]
    )
    (tmp_path / "evil.age").write_bytes(encrypt(evil.read_bytes(), [recipient]))
    before = facts(tmp_path)
    with pytest.raises(StoreUnusable, match="mục lạ"):
        restore(tmp_path / "evil.age", tmp_path / "new", now, tmp_path / "key")
    assert facts(tmp_path) == before


def test_a_damaged_byte_of_a_plain_copy_is_found_or_harmless(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    wanted = restore(backup, tmp_path / "right", now)
    # Only gzip's checksum protects the list at the end: try every byte of it.
    positions = (*range(0, len(whole), max(1, len(whole) // 50)), *range(len(whole) - 600, len(whole), 7))
    for position in positions:
        flip(backup, position)
        try:
            assert restore(backup, tmp_path / "new", now) == wanted, position
        except HocbaError:
            assert not (tmp_path / "new").exists()
        else:
            for name in wanted.files:
                held = (tmp_path / "new" / name).read_bytes()
                assert held.startswith((tmp_path / "store" / name).read_bytes()), (position, name)
            shutil.rmtree(tmp_path / "new")
        backup.write_bytes(whole)
        if position < len(whole) - 600:  # After the list there is only padding and gzip's checksum.
            backup.write_bytes(whole[:position])
            with pytest.raises(HocbaError):
                restore(backup, tmp_path / "new", now)
            backup.write_bytes(whole)


def test_a_plain_copy_is_read_to_its_last_byte(backup: Path, tmp_path: Path) -> None:
    """The list itself is protected by gzip's checksum, in the last eight bytes."""
    whole = backup.read_bytes()
    for data in (whole[:-1], whole[:-8], whole[:-8] + bytes(8)):
        backup.write_bytes(data)
        with pytest.raises(HocbaError):
            restore(backup, tmp_path / "new", now)


# --- where it goes, and how it is stored there -----------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_everything_is_private_whatever_the_umask(backup: Path, tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        restore(backup, tmp_path / "new", now)
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "new").rglob("*"):
        once = path.parent.name in ("issued", "frozen")
        wanted = 0o700 if path.is_dir() else 0o400 if once else 0o600
        assert path.stat().st_mode & 0o777 == wanted, path


def test_a_restored_store_is_as_it_was_and_can_be_worked_in(backup: Path, tmp_path: Path) -> None:
    old, _ = FolderStore(tmp_path / "store", now), restore(backup, tmp_path / "new", now)
    store = FolderStore(tmp_path / "new", now)
    for name in (A, B):
        assert {t: dict(store.shard(name).table(t)) for t in store.shard(name).tables()} == {
            t: dict(old.shard(name).table(t)) for t in old.shard(name).tables()
        }
    assert [entry.act for entry in store.shard("school").entries()][-1] == "restored"
    assert store.issued("u1") == old.issued("u1")
    put(store, A, "later", 9)
    store.across("vanthu", "both", {n: [Edit("t", "k", "f", None, 1)] for n in (A, B)})
    assert flaws(tmp_path / "new") == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_living_store_is_never_overwritten(backup: Path, tmp_path: Path) -> None:
    before = facts(tmp_path)
    for target in (tmp_path / "store", tmp_path / "store" / A, backup, tmp_path / "copies"):
        with pytest.raises(Refused, match="thư mục mới"):
            restore(backup, target, now)
    assert facts(tmp_path) == before


def test_what_somebody_makes_meanwhile_is_never_overwritten(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = restoring._unpack

    def unpack(*arguments: object) -> object:
        filled(tmp_path / "new")
        gc.collect()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(restoring, "_unpack", unpack)
    with pytest.raises(HocbaError):
        restore(backup, tmp_path / "new", now)
    monkeypatch.undo()
    assert flaws(tmp_path / "new") == []
    assert [entry.act for entry in FolderStore(tmp_path / "new", now).shard("school").entries()][-1] != "restored"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("target", [".", "", "..", "./"])
def test_a_target_that_names_no_new_folder_is_refused(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = facts(tmp_path)
    try:
        restore(backup, Path(target), now)
    except HocbaError:
        assert facts(tmp_path) == before


def test_a_target_behind_a_file_is_refused_with_the_right_reason(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    before = facts(tmp_path)
    with pytest.raises(HocbaError) as error:
        restore(backup, tmp_path / "file" / "new", now)
    assert "dấu vết" not in str(error.value)
    assert facts(tmp_path) == before


def test_a_target_that_is_a_link_is_not_followed(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for where in (tmp_path / "elsewhere", tmp_path / "nowhere"):
        (tmp_path / "link").symlink_to(where)
        before = facts(tmp_path)
        with pytest.raises(HocbaError):
            restore(backup, tmp_path / "link", now)
        assert facts(tmp_path) == before
        (tmp_path / "link").unlink()


# --- nothing left after a failure ------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 200, 700])
def test_a_full_disk_leaves_nothing(backup: Path, tmp_path: Path, size: int) -> None:
    before, limit = facts(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        with pytest.raises(NotSaved, match="tệp quá lớn"):
            restore(backup, tmp_path / "new", now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert facts(tmp_path) == before


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_full_disk_is_not_taken_for_a_wrong_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, encrypted: bool
) -> None:
    store = filled(tmp_path / "store")
    for _ in range(10):
        store.shard(A).keep(os.urandom(1 << 17))
    recipient = new_identity(tmp_path / "key")
    made = write_backup(tmp_path / "store", tmp_path / "copies", now, [recipient] if encrypted else ())
    before = facts(tmp_path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NotSaved, match="đĩa đầy"):
            restore(made.path, tmp_path / "new", now, tmp_path / "key")
    assert facts(tmp_path) == before


def test_a_disk_that_refuses_at_the_very_end_leaves_nothing(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    for place in ("sync_folder", "Path.rename"):
        with monkeypatch.context() as patch:
            patch.setattr(f"hocba_tui.store.backups.restore.{place}", refuse)
            with pytest.raises(NotSaved, match="đĩa hỏng"):
                restore(backup, tmp_path / "new", now)
        assert facts(tmp_path) == before, place


def test_a_missing_identity_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    filled(tmp_path / "store")
    made = write_backup(tmp_path / "store", tmp_path / "copies", now, [new_identity(tmp_path / "key")])
    (tmp_path / "rac").write_bytes(b"\xff\xfe")
    before = facts(tmp_path)
    for identity in (tmp_path / "none", tmp_path, tmp_path / "rac"):
        with pytest.raises(HocbaError) as error:
            restore(made.path, tmp_path / "new", now, identity)
        assert error.value.exit_code == 2, identity
        assert facts(tmp_path) == before


def test_what_an_attempt_left_that_was_killed_is_pointed_out(backup: Path, tmp_path: Path) -> None:
    (tmp_path / ".new.restoring").mkdir()
    with pytest.raises(Refused, match="dấu vết"):
        restore(backup, tmp_path / "new", now)
    assert (tmp_path / ".new.restoring").is_dir()


def test_an_act_that_a_crash_cut_off_is_finished_in_the_copy(tmp_path: Path) -> None:
    store = filled(tmp_path / "store")
    plan = {n: [list(Edit("t", "k", "f", None, 1))] for n in (A, B)}
    intent = {"actor": "vanthu", "act": "both", "note": "", "steps": plan}
    store.shard("school").change("vanthu", "both", [Edit("intents", "k1", "plan", None, intent)])
    store.shard(A).change("vanthu", "both", [Edit("t", "k", "f", None, 1)], intent="k1")
    made = write_backup(tmp_path / "store", tmp_path / "copies", now, ())
    restore(made.path, tmp_path / "new", now)
    copy = FolderStore(tmp_path / "new", now)
    assert [copy.shard(n).document("t", "k") for n in (A, B)] == [{"f": 1}, {"f": 1}]
    assert not copy.shard("school").table("intents")
