"""Rebuilding a shard: what can be read is kept, the damaged files are copied aside, open sessions see it."""

from __future__ import annotations

import errno
import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import HocbaError, Refused
from hocba_tui.store import rebuild as rebuilding
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.rebuild import rebuild
from tests.support.stores import NAME, A, B, Facts, Ticking, damage_line, facts, filled, flaws, journal, now, put

ALL = {"f0": 0, "f1": 1, "f2": 2, "f3": 3}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    gc.collect()
    return tmp_path / "store"


def results(root: Path, shard: str = B) -> dict[str, Any]:
    found = FolderStore(root, now).shard(shard)
    assert found.damage is None
    return dict(found.document("results", "hs1"))


def lost(root: Path) -> list[str]:
    return [flaw.place for flaw in flaws(root) if flaw.lost]


# --- a sound journal -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, b"", b"{}", b"\xff\xfe"])
def test_data_json_is_rebuilt_from_a_sound_journal(root: Path, data: bytes | None) -> None:
    path = root / B / "data.json"
    wanted, before = path.read_bytes(), journal(root, B).read_bytes()
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    done = rebuild(root, B, now)
    assert (done.set_aside, done.brought_back, done.name) == (None, 0, B)
    assert done.entries == before.count(b"\n")
    assert path.read_bytes() == wanted
    assert journal(root, B).read_bytes() == before
    assert flaws(root) == []


def test_data_json_is_rebuilt_also_after_the_computer_was_started_again(root: Path) -> None:
    (root / B / "sync.lock").unlink()  # Its content does not count after a restart, which has the same effect.
    rebuild(root, B, now)
    assert (root / B / "data.json").exists()
    assert flaws(root) == []


def test_a_torn_tail_needs_no_consent(root: Path) -> None:
    with journal(root, B).open("ab") as file:
        file.write(b"00000100 0000")
    assert rebuild(root, B, now).set_aside is None
    put(FolderStore(root, now), B, "later", 1)
    assert results(root) == {**ALL, "later": 1}
    assert flaws(root) == []


def test_it_asks_nobody_to_stop(root: Path) -> None:
    store = FolderStore(root, Ticking())
    put(store, B, "before", 1)
    rebuild(root, B, now)
    put(store, B, "after", 2)
    assert results(root) == {**ALL, "before": 1, "after": 2}
    assert flaws(root) == []


# --- damage ----------------------------------------------------------------------------------------


def harm_middle(root: Path) -> None:
    damage_line(journal(root, B), 3)


def harm_middle_and_checkpoint(root: Path) -> None:
    harm_middle(root)
    (root / B / "data.json").write_bytes(b"{}")


def cut_behind_checkpoint(root: Path) -> None:
    lines = journal(root, B).read_bytes().splitlines(keepends=True)
    os.truncate(journal(root, B), sum(len(line) for line in lines[:-2]))


def lose_journal(root: Path) -> None:
    journal(root, B).unlink()


HARMS = (harm_middle, harm_middle_and_checkpoint, cut_behind_checkpoint, lose_journal)


@pytest.mark.parametrize("harm", HARMS)
def test_without_consent_nothing_changes(root: Path, harm: Callable[[Path], None]) -> None:
    harm(root)
    before = facts(root)
    with pytest.raises(Refused, match="--accept-loss"):
        rebuild(root, B, now)
    assert facts(root) == before


@pytest.mark.parametrize("harm", HARMS)
def test_the_damaged_bytes_are_set_aside_as_they_are(root: Path, harm: Callable[[Path], None]) -> None:
    harm(root)
    before = {
        name: (root / B / name).read_bytes() for name in ("journal.log", "data.json") if (root / B / name).exists()
    }
    done = rebuild(root, B, now, accept_loss=True)
    assert done.set_aside == root / B / "damaged-20260610-223000"
    assert done.set_aside.stat().st_mode & 0o777 == 0o700
    held = {path.name.removesuffix(".damaged"): path for path in done.set_aside.iterdir()}
    assert {name: path.read_bytes() for name, path in held.items()} == before
    assert {path.stat().st_mode & 0o777 for path in held.values()} == {0o600}
    assert flaws(root) == []


@pytest.mark.parametrize("harm", HARMS)
def test_what_the_checkpoint_still_holds_comes_back(root: Path, harm: Callable[[Path], None]) -> None:
    harm(root)
    done = rebuild(root, B, now, accept_loss=True)
    store = FolderStore(root, Ticking())
    if harm is harm_middle_and_checkpoint:
        # Only the damaged line is lost; complete lines after it are read.
        assert results(root) == {name: value for name, value in ALL.items() if name != "f1"}
    else:
        assert results(root) == ALL
        assert store.shard(B).document("pupils", "hs1") == {"name": NAME, "nick": "Bống"}
    assert done.brought_back > 0
    last = list(store.shard(B).entries())[-1]
    assert (last.actor, last.act, last.seq + 1) == ("hocba", "rebuild", done.entries)
    put(store, B, "later", 1)
    assert flaws(root) == []


def test_what_the_checkpoint_no_longer_holds_is_taken_out(root: Path) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B).change("gv.5b", "clear", [Edit("results", "hs1", "f0", 0, None)])
    store.shard(B).checkpoint()
    harm_middle(root)
    rebuild(root, B, now, accept_loss=True)
    assert results(root) == {"f1": 1, "f2": 2, "f3": 3}


def test_the_school_itself_can_be_made_whole(root: Path) -> None:
    damage_line(journal(root, "school"), 2)
    rebuild(root, "school", now, accept_loss=True)
    assert flaws(root) == []
    assert results(root) == ALL


def test_twice_in_one_second_the_first_bytes_are_kept(root: Path) -> None:
    harm_middle(root)
    first = journal(root, B).read_bytes()
    rebuild(root, B, now, accept_loss=True)
    damage_line(journal(root, B), 1)
    second = journal(root, B).read_bytes()
    try:
        rebuild(root, B, now, accept_loss=True)
    except HocbaError:
        second = b""
    kept = {path.read_bytes() for path in (root / B).rglob("journal.log.damaged")}
    assert kept >= {first} | ({second} if second else set())


def test_the_bytes_set_aside_are_on_disk_before_the_journal_is_cut(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harm_middle(root)
    done: list[str] = []
    fsync, ftruncate = os.fsync, os.ftruncate

    def synced(handle: int) -> None:
        done.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def cut(handle: int, size: int) -> None:
        done.append("cut")
        ftruncate(handle, size)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "ftruncate", cut)
    rebuild(root, B, now, accept_loss=True)
    before = done[: done.index("cut")]
    assert any("journal.log" in name for name in before)
    assert any(name.startswith("damaged-") for name in before)


def test_a_disk_that_refuses_while_setting_aside_loses_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harm_middle(root)
    before = {name: (root / B / name).read_bytes() for name in ("journal.log", "data.json")}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for call in ("write", "fsync", "sendfile"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            patch.setattr(shutil, "copy2", full)
            with pytest.raises((OSError, HocbaError)):
                rebuild(root, B, now, accept_loss=True)
        assert {name: (root / B / name).read_bytes() for name in before} == before


def test_a_journal_that_cannot_be_read_now_is_never_cut(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails for a moment is no reason to rebuild."""
    before, real = journal(root, B).read_bytes(), os.open
    failed: list[Any] = []

    def loose(path: Any, *rest: Any, **named: Any) -> int:
        if Path(path) == journal(root, B) and not failed:
            failed.append(path)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path, *rest, **named)

    monkeypatch.setattr(os, "open", loose)
    with pytest.raises((OSError, HocbaError)):
        rebuild(root, B, now, accept_loss=True)
    monkeypatch.undo()
    assert failed
    assert journal(root, B).read_bytes() == before


@pytest.mark.parametrize("name", ["2025-2026/9Z", "../elsewhere", "khong-co", "", "backups"])
def test_what_is_no_shard_is_refused_and_nothing_is_made(root: Path, tmp_path: Path, name: str) -> None:
    before = facts(tmp_path)
    with pytest.raises(HocbaError):
        rebuild(root, name, now, accept_loss=True)
    assert facts(tmp_path) == before


# --- other sessions --------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["refresh", "change"])
def test_an_open_session_sees_it_and_works_on(root: Path, first: str) -> None:
    store = FolderStore(root, Ticking())
    session = store.shard(B)
    session.refresh()
    harm_middle_and_checkpoint(root)  # In a part that the session has already read: it does not notice.
    assert session.refresh() == ()
    rebuild(root, B, now, accept_loss=True)
    if first == "refresh":
        session.refresh()
        assert dict(session.document("results", "hs1")) == {name: v for name, v in ALL.items() if name != "f1"}
    put(store, B, "later", 1)
    wanted = {name: value for name, value in ALL.items() if name != "f1"} | {"later": 1}
    assert dict(session.document("results", "hs1")) == results(root) == wanted
    assert flaws(root) == []


def test_an_open_session_does_not_accept_what_rests_on_lost_values(root: Path) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B).refresh()
    harm_middle_and_checkpoint(root)
    rebuild(root, B, now, accept_loss=True)
    with pytest.raises(HocbaError):
        put(store, B, "f1", 9, before=1)  # f1 is lost: there is nothing to compare with.
    assert flaws(root) == []
    assert "f1" not in results(root)


def test_a_session_that_knew_the_damage_can_go_on_when_it_opens_again(root: Path) -> None:
    harm_middle_and_checkpoint(root)
    session = FolderStore(root, Ticking()).shard(B)
    assert session.damage
    rebuild(root, B, now, accept_loss=True)
    with pytest.raises(HocbaError):
        session.change("gv.5b", "enter", [Edit("results", "hs1", "x", None, 1)])
    put(FolderStore(root, Ticking()), B, "x", 1)
    assert flaws(root) == []


def test_a_change_that_is_acknowledged_meanwhile_is_not_cut_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal is sound but shorter than its checkpoint; a session that has it open goes on writing."""
    store = FolderStore(root, Ticking())
    session = store.shard(B)
    cut_behind_checkpoint(root)
    real = rebuilding._set_aside

    def set_aside(folder: Path, clock: Any) -> Path:
        found = real(folder, clock)
        session.refresh()
        if not session.damage:
            try:
                put(store, B, "meanwhile", 1)
                acknowledged.append(1)
            except HocbaError:
                pass
        return found

    acknowledged: list[int] = []
    monkeypatch.setattr(rebuilding, "_set_aside", set_aside)
    rebuild(root, B, now, accept_loss=True)
    monkeypatch.undo()
    if acknowledged:
        assert results(root).get("meanwhile") == 1
    assert flaws(root) == []


def test_others_are_not_touched(root: Path) -> None:
    def others() -> Facts:
        return {name: value for name, value in facts(root).items() if not name.startswith((B, "heads"))}

    before = others()
    harm_middle(root)
    rebuild(root, B, now, accept_loss=True)
    assert others() == before
    assert [str(path.relative_to(root)) for path in (root / "heads").rglob("*.log")] == [f"heads/{B}.log"]
    assert results(root, A) == ALL


def cut_at_a_line(root: Path) -> None:
    """Cut the last line, and take the checkpoint away: only sync.lock still says how long the journal was."""
    path = journal(root, B)
    os.truncate(path, path.read_bytes().rstrip(b"\n").rfind(b"\n") + 1)
    (root / B / "data.json").unlink()


def test_a_journal_cut_at_a_line_is_damage_for_all_and_a_rebuild_leads_out(root: Path) -> None:
    put(FolderStore(root, Ticking()), B, "last", 1)
    cut_at_a_line(root)
    assert FolderStore(root, Ticking()).shard(B).damage
    assert [flaw for flaw in flaws(root) if flaw.lost and "ngắn hơn" in flaw.what]
    before = facts(root)
    with pytest.raises(Refused, match="ngắn hơn"):
        rebuild(root, B, now)
    assert facts(root) == before
    done = rebuild(root, B, now, accept_loss=True)
    assert done.set_aside
    assert flaws(root) == []
    put(FolderStore(root, Ticking()), B, "later", 1)
    assert results(root) == ALL | {"later": 1}
