"""``hocba store``, ``backup``, ``restore``: what they print, how they end, and never a traceback."""

from __future__ import annotations

import errno
import gc
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyrage import x25519

from hocba_tui.cli.main import main
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups.backup import write_backup
from tests.support.activity import noted
from tests.support.stores import Ticking, damage_line, facts

Run = Callable[..., int]
KEY = re.compile(r"age1[0-9a-z]{58}")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def hocba(store_root: Path) -> Run:
    return lambda *words: main([*words, "--store", str(store_root)])


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["backup", "--new-key", str(tmp_path / "key.txt")]) == 0
    found = KEY.search(capsys.readouterr().out)
    assert found
    return found[0]


def class_shard(root: Path) -> str:
    shard = f"{open_desk(root, 'admin').school.year}/5A"
    gc.collect()
    return shard


def harm(root: Path) -> str:
    """Damage 5A beyond what its checkpoint holds; return its name."""
    shard = class_shard(root)
    (root / shard / "data.json").unlink(missing_ok=True)
    damage_line(root / shard / "journal.log", 1)
    return shard


def backup_in(folder: Path) -> Path:
    return next(folder.glob("hocba-*.age"))


# --- check -----------------------------------------------------------------------------------------


def test_check_of_a_whole_store_exits_0(hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = facts(store_root)
    assert hocba("store", "check") == 0
    assert re.search(r"Kho còn nguyên: \d+ nhật ký, \d+ bản ghi", capsys.readouterr().out)
    assert hocba("store", "check", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert facts(store_root) == before


def test_check_of_a_damaged_store_exits_6_and_names_the_place(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = harm(store_root)
    for words in (("store", "check"), ("store", "check", "--quiet")):
        assert hocba(*words) == 6
        shown = capsys.readouterr().out
        assert f"✗ {shard}/journal.log: sau bản ghi số 0, byte " in shown
        assert "Kho CÓ 1 CHỖ HỎNG" in shown


# --- rebuild ---------------------------------------------------------------------------------------


def test_rebuild_of_sound_shards_exits_0(hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = class_shard(store_root)
    assert hocba("store", "rebuild", shard) == 0
    assert f"✓ {shard}: " in capsys.readouterr().out
    assert hocba("store", "rebuild") == 0
    shown = capsys.readouterr().out
    assert "✓ school: " in shown
    assert f"✓ {shard}: " in shown
    assert hocba("store", "check", "--quiet") == 0


def test_rebuild_of_a_damaged_shard_asks_for_consent(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = harm(store_root)
    before = facts(store_root)
    assert hocba("store", "rebuild", shard) == 1
    assert "--accept-loss" in capsys.readouterr().err
    assert facts(store_root) == before
    assert hocba("store", "rebuild", shard, "--accept-loss") == 0
    assert f"phần hỏng để riêng ở {shard}/damaged-" in capsys.readouterr().out
    assert hocba("store", "check", "--quiet") == 0


@pytest.mark.parametrize("name", ["9Z", "2025-2026/9Z", "../here/la", ""])
@pytest.mark.parametrize("consent", [(), ("--accept-loss",)])
def test_rebuild_of_what_is_no_shard_makes_nothing(
    hocba: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, consent: tuple[str, ...]
) -> None:
    before = facts(tmp_path)
    assert hocba("store", "rebuild", name, *consent) != 0
    assert capsys.readouterr().err.startswith("hocba: ")
    assert facts(tmp_path) == before


def test_rebuild_of_everything_finds_a_journal_that_is_gone(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = class_shard(store_root)
    (store_root / shard / "journal.log").unlink()
    assert hocba("store", "rebuild") == 1
    assert shard in capsys.readouterr().err


# --- history ---------------------------------------------------------------------------------------


def looks(root: Path) -> list[tuple[str, str]]:
    return [(look.by, "/".join(look.touched[:2])) for look in noted(root, "history")]


def test_history_is_shown_to_who_may_see_the_class_and_is_noted(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    assert hocba("store", "history", "--class", "5A", "--pupil", pupil.code, "--as", "gv.5a") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{pupil.name} ({pupil.code}), lớp 5A"
    assert len(lines) > 10
    assert all(re.match(r" *\d+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \[\w+\] \S+: .* → ", line) for line in lines[1:])
    assert looks(store_root) == [("gv.5a", f"5A/{pupil.key}")]


def test_history_of_a_class_that_is_not_ones_own_tells_nothing(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pupils = open_desk(store_root, "gv.5a").pupils("5A")
    for text in (pupils[0].code, "a", "n", "khong-co"):
        assert hocba("store", "history", "--class", "5A", "--pupil", text, "--as", "gv.1a") == 3
        shown = capsys.readouterr()
        assert shown.out == ""
        assert not [pupil.name for pupil in pupils if pupil.name in shown.err]
    assert looks(store_root) == []


def test_history_of_somebody_not_clear_exits_1(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("store", "history", "--class", "5A", "--pupil", "n", "--as", "gv.5a") == 1
    assert "Gõ mã học sinh" in capsys.readouterr().err
    assert hocba("store", "history", "--class", "5A", "--pupil", "khong-co", "--as", "gv.5a") == 1
    assert "có 0 em" in capsys.readouterr().err
    assert hocba("store", "history", "--class", "9Z", "--pupil", "n", "--as", "hieutruong") == 1


def test_history_of_a_damaged_class_tells_what_it_can_and_exits_6(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = class_shard(store_root)
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    gc.collect()
    lines = (store_root / shard / "journal.log").read_bytes().count(b"\n")
    damage_line(store_root / shard / "journal.log", lines - 1)
    assert hocba("store", "history", "--class", "5A", "--pupil", pupil.code, "--as", "gv.5a") == 6
    shown = capsys.readouterr()
    assert "hỏng sau bản ghi số" in shown.err


# --- stats -----------------------------------------------------------------------------------------


def test_stats_count_every_shard(hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = class_shard(store_root)
    before = facts(store_root)
    assert hocba("store", "stats") == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].split()[0] == "phần"
    assert "school" in shown
    assert shard in shown
    assert "tệp đã phát hành" in shown
    assert {k: v for k, v in facts(store_root).items() if k in before} == before
    harm(store_root)
    assert hocba("store", "stats") == 6
    shown = capsys.readouterr().out
    assert f"✗ {shard}: hỏng sau bản ghi số 0" in shown
    assert "tệp đã phát hành" in shown


# --- backup and restore ----------------------------------------------------------------------------


def test_a_key_is_made_once_and_privately(tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key.txt"
    data = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"AGE-SECRET-KEY-1" in data
    assert key.encode() in data
    assert main(["backup", "--new-key", str(path)]) == 1
    assert "không ghi đè" in capsys.readouterr().err
    assert path.read_bytes() == data
    assert main(["backup", "--new-key", str(tmp_path / "none" / "key.txt")]) == 5


def test_a_backup_comes_back(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (store_root / "backup-recipients.txt").write_text(f"# két sắt\n{key}\n", encoding="utf-8")
    (store_root / "backup-recipients.txt").chmod(0o600)
    assert hocba("backup") == 0
    assert "Đã đọc lại từ đĩa, giải mã và đối chiếu từng tệp." in capsys.readouterr().out
    archive = backup_in(store_root / "backups")
    words = ["restore", str(archive), "--to", str(tmp_path / "new"), "--identity", str(tmp_path / "key.txt")]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "Kiểm tra: còn nguyên." in shown
    assert "Không thấy sổ gửi" in shown
    assert main(["store", "check", "--quiet", "--store", str(tmp_path / "new")]) == 0
    before = facts(tmp_path)
    assert main(words) == 1
    assert "thư mục mới" in capsys.readouterr().err
    assert facts(tmp_path) == before


def test_a_copy_that_is_older_than_what_was_sent_exits_6(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hocba("backup", "--recipient", key, "--to", str(tmp_path / "usb")) == 0
    open_desk(store_root, "vanthu").store.note_sent("goi-1", ["u1"])
    common = ["restore", str(backup_in(tmp_path / "usb")), "--identity", str(tmp_path / "key.txt")]
    log = ["--sent-log", str(store_root / "backups" / "sent.log")]
    assert main([*common, "--to", str(tmp_path / "new"), *log]) == 6
    shown = capsys.readouterr().out
    assert "goi-1" in shown
    assert "CÓ 1 ĐIỀU PHẢI XEM" in shown
    assert main(["store", "check", "--quiet", "--store", str(tmp_path / "new")]) == 6


def test_a_backup_of_a_damaged_store_is_made_and_exits_6(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(store_root)
    assert hocba("backup", "--recipient", key, "--to", str(tmp_path / "usb")) == 6  # As its own text says.
    common = ["restore", str(backup_in(tmp_path / "usb")), "--identity", str(tmp_path / "key.txt")]
    assert main([*common, "--to", str(tmp_path / "new")]) == 6


def test_what_keeps_the_school_from_being_copied_is_said(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = facts(tmp_path)
    assert hocba("backup") == 2
    assert "Chưa biết mã hóa cho ai" in capsys.readouterr().err
    assert hocba("backup", "--recipient", "age1sai") == 2
    assert main(["backup", "--recipient", key]) == 2
    assert main(["backup", "--recipient", key, "--store", str(tmp_path / "none")]) == 6
    assert main(["backup", "--recipient", key, "--store", str(tmp_path / "here"), "--to", str(tmp_path / "usb")]) == 6
    assert facts(tmp_path) == before


@pytest.mark.parametrize("text", ["", "# chưa có khóa\n", "\n\n", "   \n"])
def test_a_list_that_names_nobody_is_as_good_as_none(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (store_root / "backup-recipients.txt").write_text(text, encoding="utf-8")
    assert hocba("backup") == 2
    assert "Chưa biết mã hóa cho ai" in capsys.readouterr().err
    assert not list(store_root.rglob("*.age"))


KEEP_ONE = [word for part in ("days", "weeks", "months") for word in (f"--keep-{part}", "1")]


def test_old_copies_go_and_the_one_just_made_never(
    hocba: Run, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 0
    first = backup_in(usb)
    assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 0
    shown = capsys.readouterr().out
    assert "Đã bỏ 1 bản cũ." in shown
    assert not first.exists()
    assert Path(re.findall(r"kB: (.*)$", shown, re.MULTILINE)[-1]).exists()


def test_copies_of_an_older_version_stay_and_are_said_once(
    hocba: Run, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    for name in ("20200101-000000", "20200102-000000", "20990101-000000"):
        (usb / f"hocba-{name}.tar.gz.age").write_bytes(b"age-encryption.org/v1")
    shown = []
    for _ in range(2):
        assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 0
        shown.append(capsys.readouterr().out)
    assert ["3 bản ở đó được giữ lại" in text for text in shown] == [True, False]
    assert len(list(usb.glob("*.age"))) == 4


def test_a_clock_that_was_set_back_drops_nothing_and_exits_1(
    hocba: Run, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    assert hocba("backup", "--recipient", key, "--to", str(usb)) == 0
    first = backup_in(usb)
    first.rename(usb / re.sub(r"-\d{8}-\d{6}\.", "-20990101-000000.", first.name))
    for count in (2, 3):
        assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 1
        assert "đồng hồ của máy đang chậm hơn" in capsys.readouterr().out
        assert len(list(usb.glob("*.age"))) == count


def test_a_backup_after_damage_keeps_the_good_one(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 0
    good = backup_in(usb)
    harm(store_root)
    assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 6
    shown = capsys.readouterr().out
    assert "Đã bỏ" not in shown
    assert "không bản cũ nào bị bỏ" in shown
    assert good.exists()


def test_a_disk_that_refuses_in_the_middle_of_dropping_says_that_the_new_one_is_there(
    hocba: Run,
    tmp_path: Path,
    key: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    clock: Ticking,
) -> None:
    usb = tmp_path / "usb"
    for _ in range(3):
        assert hocba("backup", "--recipient", key, "--to", str(usb)) == 0
    older = backup_in(usb)
    real = Path.unlink

    def full(self: Path, *, missing_ok: bool = False) -> None:
        if self.suffix == ".age":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", full)
    assert hocba("backup", "--recipient", key, "--to", str(usb), *KEEP_ONE) == 5
    shown = capsys.readouterr().err
    assert "đĩa đầy" in shown
    assert "Bản sao lưu mới đã ghi xong" in shown
    assert older.exists()


def test_a_strange_name_among_the_copies_stops_nothing(hocba: Run, tmp_path: Path, key: str) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "hocba-20261399-000000.tar.gz").write_bytes(b"x")
    (tmp_path / "usb" / "hocba-20200101-000000.tar.gz").mkdir()
    assert hocba("backup", "--recipient", key, "--to", str(tmp_path / "usb")) == 0


def test_a_drill_says_that_the_newest_copy_comes_back(
    hocba: Run, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    usb = ["--to", str(tmp_path / "usb")]
    assert hocba("backup", "--drill", *usb) == 1
    assert "Không đọc được thư mục" in capsys.readouterr().err
    assert hocba("backup", "--recipient", key, *usb) == 0
    capsys.readouterr()
    assert hocba("backup", "--drill", *usb) == 2
    assert hocba("backup", "--drill", "--identity", str(tmp_path / "key.txt"), *usb) == 0
    assert f"Diễn tập khôi phục ĐẠT: {backup_in(tmp_path / 'usb')}" in capsys.readouterr().out


# --- in the place of the store ---------------------------------------------------------------------


def test_a_copy_takes_the_place_of_the_store(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], clock: Ticking
) -> None:
    assert hocba("backup", "--recipient", key, "--to", str(tmp_path / "usb")) == 0
    words = ["restore", str(backup_in(tmp_path / "usb")), "--swap", "--identity", str(tmp_path / "key.txt")]
    desk = open_desk(store_root, "vanthu")
    before = facts(store_root)
    assert hocba(*words) == 4
    assert "Còn người đang dùng kho" in capsys.readouterr().err
    assert facts(store_root) == before
    desk.store.note_sent("goi-1", ["u1"])
    del desk
    gc.collect()
    before = facts(store_root)
    assert hocba(*words) == 6  # What the portal has and the copy does not know; the swap is done.
    shown = capsys.readouterr().out
    aside = re.search(r"Kho cũ còn nguyên ở (\S+);", shown)
    assert aside
    assert facts(Path(aside[1])) == before
    assert "goi-1" in shown
    assert main([*words]) == 2  # No store is named.
    with pytest.raises(SystemExit) as left:
        hocba(*words, "--to", str(tmp_path / "new"))
    assert left.value.code == 2


def test_restoring_beside_says_what_the_store_in_use_has_since(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hocba("backup", "--recipient", key, "--to", str(tmp_path / "usb")) == 0
    words = ["restore", str(backup_in(tmp_path / "usb")), "--identity", str(tmp_path / "key.txt")]
    open_desk(store_root, "admin").school_shard.change("admin", "x", [Edit("t", "k", "f", None, 1)])
    gc.collect()
    assert hocba(*words, "--to", str(tmp_path / "new")) == 0
    assert "không có 1 bản ghi mà kho đang dùng đã có:\n  · school: 1 bản ghi" in capsys.readouterr().out
    assert main([*words, "--to", str(tmp_path / "other")]) == 0
    assert "bản ghi mà" not in capsys.readouterr().out


# --- never a traceback -----------------------------------------------------------------------------

PARTS = (("store", "check"), ("store", "rebuild"), ("store", "stats"))


@pytest.mark.parametrize("words", PARTS)
@pytest.mark.parametrize("place", ["none", "file", "empty", "", "/proc", "/dev/null", "long"])
def test_what_is_no_store_exits_6_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], place: str
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    where = "a" * 300 if place == "long" else place
    before = facts(tmp_path)
    code = main([*words, "--store", str(tmp_path / where) if where else ""])
    shown = capsys.readouterr()
    assert shown.err.startswith("hocba: ")
    assert code in ((2,) if not place else (5, 6) if place == "long" else (6,))
    assert facts(tmp_path) == before


TARGETS = ("new", "../here", ".", "..", "", "file", "file/new", "a/b", "x" * 300)


@pytest.mark.parametrize("target", TARGETS)
def test_restore_never_ends_in_a_traceback(store_root: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    here = Path.cwd()
    stranger = str(x25519.Identity.generate().to_public())
    write_backup(store_root, here, Ticking(), [stranger]).path.rename("made")
    write_backup(store_root, here, Ticking(), ()).path.rename("plain")
    (here / "file").write_bytes(b"x")
    (here / "rac").write_bytes(b"\xff\x00rac")
    (here / "empty").write_bytes(b"")
    for archive in ("none", ".", "rac", "empty", "/dev/null", "made", "plain"):
        for identity in ("none", ".", "rac", "/dev/null"):
            if target in ("a/b", "new") and archive == "plain":
                continue
            before = facts(here)
            code = main(["restore", archive, "--to", target, "--identity", identity])
            assert code in (1, 2, 5, 6)
            assert capsys.readouterr().err.startswith("hocba: ")
            before.pop("a", None)
            assert {name: value for name, value in facts(here).items() if name != "a"} == before


@pytest.mark.parametrize("target", [".", "", "./"])
def test_restore_into_the_empty_folder_where_one_stands_never_ends_in_a_traceback(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    archive = write_backup(store_root, tmp_path / "copies", Ticking(), ()).path
    code = main(["restore", str(archive), "--to", target])
    assert code in (0, 1, 2)
    assert code == 0 or not list(Path.cwd().iterdir())


def test_no_sub_command_exits_2_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["store"],
        ["store", "khong-co"],
        ["restore"],
        ["restore", "x"],
        ["store", "history"],
        ["backup", "--keep-days", "x"],
    ):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 2
        assert capsys.readouterr().err.startswith("hocba: gõ sai lệnh: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_wrong_account_harms_nothing(
    hocba: Run, store_root: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root's cron job on a store of the account ``hocba`` would leave files there that ``hocba`` cannot open."""
    for path in (store_root, *store_root.rglob("*")):
        os.chown(path, 1234, 1234)
    (store_root / "intents.lock").unlink(missing_ok=True)
    before = facts(store_root)
    assert hocba("backup", "--recipient", key) == 6
    assert "người dùng khác" in capsys.readouterr().err
    assert hocba("store", "rebuild", "--accept-loss") != 0
    assert facts(store_root) == before
    assert not [path for path in store_root.rglob("*") if path.lstat().st_uid == 0]
