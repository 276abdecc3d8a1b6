"""What was worked out from a shard is believed exactly where opening the shard would find the same."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.errors import NotSaved, StoreUnusable
from hocba_tui.store import cache
from hocba_tui.store.backend import Derived, Edit, Snapshot
from hocba_tui.store.backups.archive import unpack
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.checkpoint import load
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.memory import MemoryStore
from tests.support.stores import A, B, Ticking, filled, flaws, journal, now, put


class Counting:
    """Counts the results of hs1, and how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, found: Snapshot) -> bytes:
        self.times += 1
        return b"%d" % len(found.tables.get("results", {}).get("hs1", {}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def work() -> Counting:
    return Counting()


def ask(root: Path, work: Callable[[Snapshot], bytes], basis: str = "rules", name: str = A) -> Derived:
    """Ask as a session that begins now."""
    return FolderStore(root, Ticking()).derived("count", name, basis, work)


def kept(root: Path) -> Path:
    return root / "cache" / "count" / f"{A}.json"


def test_it_is_worked_out_once_and_then_the_shard_is_not_opened(
    root: Path, work: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(root, work).data == b"4"
    store = FolderStore(root, Ticking())

    def opened(*_: object, **__: object) -> None:
        pytest.fail("opened")

    monkeypatch.setattr(store, "_open", opened)
    found = store.derived("count", A, "rules", work)
    assert (found.data, found.damage, work.times) == (b"4", None, 1)
    assert found.trace == store.trace(A)


def test_a_change_by_anybody_counts_and_what_it_rests_on_too(root: Path, work: Counting) -> None:
    store, other = FolderStore(root, Ticking()), FolderStore(root, Ticking())
    first = store.derived("count", A, "rules", work)
    put(other, A, "new", 1)
    assert store.trace(A) != first.trace
    assert store.derived("count", A, "rules", work).data == b"5"
    put(store, A, "newer", 1)
    assert store.derived("count", A, "rules", work).data == other.derived("count", A, "rules", work).data == b"6"
    assert work.times == 3
    assert ask(root, work, "other rules").data == b"6"
    assert work.times == 4


def test_another_class_in_its_place_never_meets_its_answer(root: Path, work: Counting) -> None:
    put(FolderStore(root, Ticking()), B, "more", 1)
    assert (ask(root, work).data, ask(root, work, name=B).data) == (b"4", b"5")
    for one, two in ((A, "aside"), (B, A), ("aside", B)):
        (root / one).rename(root / two)
    assert (ask(root, work).data, ask(root, work, name=B).data) == (b"5", b"4")


def test_an_older_copy_that_was_put_back_is_told_and_not_taken_for_what_it_was(root: Path, work: Counting) -> None:
    shutil.copytree(root / A, root.parent / "older")
    assert ask(root, work).data == b"4"
    store = FolderStore(root, Ticking())
    put(store, A, "new", 1)
    assert store.derived("count", A, "rules", work).data == b"5"
    del store
    newer = kept(root).read_bytes()
    shutil.rmtree(root / A)
    shutil.copytree(root.parent / "older", root / A)
    assert ask(root, work).data == b"4"
    kept(root).write_bytes(newer)
    assert ask(root, work).data == b"4"


def test_what_a_journal_has_lost_is_damage_though_the_answer_was_once_right(root: Path, work: Counting) -> None:
    """The journal is cut exactly where the answer was worked out; data.json, the lock file or a head knows more."""
    length = journal(root).stat().st_size
    ask(root, work)
    older = kept(root).read_bytes()
    store = FolderStore(root, Ticking())
    put(store, A, "new", 1)
    store.shard(A).checkpoint()
    store.note_heads()
    del store
    saved = {name: (root / A / name).read_bytes() for name in ("data.json", "sync.lock")}
    log = (root / "heads" / f"{A}.log").read_bytes()
    for survivor in ("data.json", "sync.lock", "head"):
        for name, data in saved.items():
            (root / A / name).write_bytes(data) if name == survivor else (root / A / name).unlink(missing_ok=True)
        (root / "heads" / f"{A}.log").write_bytes(log if survivor == "head" else b"")
        with journal(root).open("r+b") as file:
            file.truncate(length)
        (root / A / "sync.lock").touch(0o600)
        kept(root).write_bytes(older)
        assert ask(root, work).damage, survivor


@pytest.mark.parametrize("spoil", ["journal", "folder", "lock", "link", "gone"])
def test_a_class_that_cannot_be_opened_is_told_also_when_its_answer_was_kept(
    root: Path, work: Counting, spoil: str
) -> None:
    ask(root, work)
    if spoil == "link":
        journal(root).rename(root / A / "aside")
        journal(root).symlink_to("aside")
    elif spoil == "gone":
        journal(root).unlink()
    else:
        {"journal": journal(root), "folder": root / A, "lock": root / A / "sync.lock"}[spoil].chmod(0o777)
    if spoil == "gone":
        assert ask(root, work).damage
    else:
        with pytest.raises(StoreUnusable):
            ask(root, work)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_spoilt_file_is_as_good_as_none(root: Path, data: st.DataObject) -> None:
    work = Counting()
    assert ask(root, work).data == b"4"
    whole = kept(root).read_bytes()
    spoilt = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.integers(0, len(whole) - 1).map(lambda end: whole[:end]),
            st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 255)).map(
                lambda at: whole[: at[0]] + bytes([whole[at[0]] ^ at[1]]) + whole[at[0] + 1 :]
            ),
            st.sampled_from([b"[" * 100_000, whole + b"0", whole.replace(b'"end":', b'"end":-'), b"x" * 300_000]),
        ).filter(lambda found: found != whole)
    )
    kept(root).write_bytes(spoilt)
    assert ask(root, work).data == b"4"


def test_a_file_of_somebody_else_is_not_read(root: Path, work: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(root, work)
    kept(root).chmod(0o666)
    assert ask(root, work).data == b"4"
    assert work.times == 2
    outside = root.parent / "outside.json"
    kept(root).rename(outside)
    kept(root).symlink_to(outside)
    assert ask(root, work).data == b"4"
    assert work.times == 3
    os.mkfifo(root / "cache" / "count" / "pipe")
    (root / "cache" / "count" / "pipe").replace(kept(root))
    assert ask(root, work).data == b"4"


def test_a_disk_that_refuses_the_file_costs_time_and_nothing_else(
    root: Path, work: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "cache").write_bytes(b"a file in the way of the folder")
    assert ask(root, work).data == b"4"
    (root / "cache").unlink()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "write_atomic", full)
    assert ask(root, work).data == ask(root, work).data == b"4"
    assert work.times == 3


def test_what_is_not_surely_on_disk_is_not_remembered(
    root: Path, work: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart nobody knows how far a journal is on disk; then it is asked for, and if the disk fails, not."""
    (root / A / "sync.lock").unlink()

    def fails(*_: object) -> None:
        raise NotSaved("")

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.store.shard.FileShard.settle", fails)
        assert ask(root, work).trace is None
        assert not kept(root).exists()
    assert ask(root, work).trace is not None
    assert kept(root).exists()


def test_a_session_whose_file_was_replaced_goes_on_with_its_own(root: Path, work: Counting) -> None:
    store = FolderStore(root, Ticking())
    store.shard(A)
    put(FolderStore(root, Ticking()), B, "more", 1)
    ask(root, work)
    shutil.copy2(journal(root), root / A / "copy")
    (root / A / "copy").rename(journal(root))
    found = store.derived("count", A, "rules", work)
    assert found.damage
    assert found.trace is None
    assert store.trace(A) is None


def _count_and_write(root: Path, number: int) -> None:
    store = FolderStore(root, now)
    for step in range(30):
        put(store, A, f"p{number}.{step}", 1)
        held = len(store.shard(A).document("results", "hs1"))
        found = store.derived("count", A, "rules", Counting())
        assert int(found.data) >= held


def test_two_processes_at_once(root: Path, work: Counting) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_count_and_write, args=(root, number)) for number in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    assert ask(root, work).data == b"64"
    assert not list((root / "cache").rglob("*.tmp"))


def test_backups_leave_it_out_and_the_check_accepts_it(root: Path, work: Counting) -> None:
    ask(root, work)
    assert [flaw.place for flaw in flaws(root) if "cache" in flaw.place] == []
    backup = write_backup(root, root / "backups", Ticking(), ())
    assert not [name for name in backup.contents.files if "cache" in name]
    with backup.path.open("rb") as file:
        unpack(file, root.parent / "restored")
    assert ask(root.parent / "restored", work).data == b"4"


def test_in_memory_it_is_the_same() -> None:
    store, work = MemoryStore(now), Counting()
    before = store.derived("count", A, "rules", work)
    store.shard(A).change("gv", "enter", [Edit("results", "hs1", "a", None, 1)])
    assert store.trace(A) != before.trace
    assert (before.data, store.derived("count", A, "rules", work).data) == (b"0", b"1")


def test_the_mark_at_the_end_of_a_checkpoint_is_the_one_that_loading_finds(root: Path) -> None:
    found = load(root / A / "data.json")
    assert found is not None
    assert cache_mark(root / A / "data.json") == found[1]
    assert cache_mark(root / A / "nothing.json") is None
    (root / A / "data.json").write_bytes(b'"_checkpoint": {"1": []}}')
    assert cache_mark(root / A / "data.json") is None


def cache_mark(path: Path) -> object:
    from hocba_tui.store.checkpoint import mark_of

    return mark_of(path)
