"""A lock that somebody holds too long: who waits is told who holds it, and nothing is lost or written twice."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, HocbaError, LockHeld, NotSaved, StoreUnusable
from hocba_tui.store import locks
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups.archive import pack
from hocba_tui.store.folder import FolderStore
from tests.support.stores import B, Ticking, filled, flaws, journal, now, put

HOLD = """
import fcntl, sys
with open(sys.argv[1], "ab") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""
SESSION = """
import sys
from pathlib import Path
from hocba_tui.clock import Clock
from hocba_tui.store.folder import FolderStore
store = FolderStore(Path(sys.argv[1]), Clock().now)
store.sign_in("gv.5b")
with store.shard(sys.argv[2])._journal.locked():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PATIENCE", 0.3)


@contextlib.contextmanager
def held(code: str, *arguments: str) -> Iterator[int]:
    """Run a process that holds a lock, stopped as with Ctrl+Z; yield its number."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)
        yield process.pid
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def stored(root: Path) -> dict[str, object]:
    return dict(FolderStore(root, now).shard(B).document("results", "hs1"))


def test_a_change_says_which_account_and_process_holds_the_class(root: Path) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B)
    before = journal(root, B).read_bytes()
    with held(SESSION, str(root), B) as pid:
        with pytest.raises(LockHeld) as caught:
            put(store, B, "mine", 1)
        assert isinstance(caught.value, NotSaved)
        assert f"(tài khoản gv.5b, tiến trình {pid})" in caught.value.what
        assert "CHƯA được lưu" in caught.value.what
        assert "Đĩa" not in str(caught.value)
        assert journal(root, B).read_bytes() == before
    put(store, B, "mine", 1)
    assert stored(root)["mine"] == 1


def test_without_its_own_line_the_kernel_names_the_process(root: Path) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B)
    with held(HOLD, str(journal(root, B))) as pid:
        with pytest.raises(LockHeld, match=rf"\(tiến trình {pid}\)"):
            put(store, B, "mine", 1)
        with pytest.raises(LockHeld):
            list(store.shard(B).entries())


def test_where_the_kernel_does_not_say_it_is_told_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B)
    monkeypatch.setattr(locks, "_holding", lambda _: 0)
    with held(HOLD, str(journal(root, B))), pytest.raises(LockHeld, match="tiến trình không rõ"):
        put(store, B, "mine", 1)


@pytest.mark.parametrize("file", ["school/journal.log", f"{B}/journal.log"])
def test_opening_says_it_too_and_does_not_wait_for_ever(root: Path, file: str) -> None:
    with held(HOLD, str(root / file)) as pid, pytest.raises(StoreUnusable, match=f"tiến trình {pid}.*chưa mở được"):
        FolderStore(root, Ticking()).shard(B)


def test_a_change_whose_sync_is_kept_waiting_is_not_written_twice_when_it_is_tried_again(root: Path) -> None:
    store = FolderStore(root, Ticking())
    store.shard(B)
    with held(HOLD, str(root / B / "sync.lock")) as pid:
        for _ in range(2):
            with pytest.raises(LockHeld, match=f"tiến trình {pid}"):
                put(store, B, "mine", 1)
    seq = store.shard(B).seq
    put(store, B, "mine", 1)
    assert store.shard(B).seq == seq
    assert stored(root)["mine"] == 1
    assert flaws(root) == []


def test_what_is_tried_again_together_with_more_writes_only_what_is_missing(root: Path) -> None:
    store = FolderStore(root, Ticking())
    shard = store.shard(B)
    with held(HOLD, str(root / B / "sync.lock")), pytest.raises(LockHeld):
        put(store, B, "mine", 1)
    both = [Edit("results", "hs1", "mine", None, 1), Edit("results", "hs1", "more", None, 2)]
    entry = shard.change("gv.5a", "enter", both)
    assert entry.edits == (both[1],)
    assert shard.change("gv.5a", "note", []).edits == ()
    assert {name: stored(root)[name] for name in ("mine", "more")} == {"mine": 1, "more": 2}
    assert flaws(root) == []


def test_another_persons_same_edit_is_still_a_conflict(root: Path) -> None:
    store = FolderStore(root, Ticking())
    shard = store.shard(B)
    with held(HOLD, str(root / B / "sync.lock")), pytest.raises(LockHeld):
        put(store, B, "mine", 1)
    with pytest.raises(Conflict):
        shard.change("gv.anh", "enter", [Edit("results", "hs1", "mine", None, 1)])


@pytest.mark.parametrize("file", ["intents.lock", "drafts/drafts.lock", "activity/2026/journal.log"])
def test_every_other_lock_that_is_waited_for_ends_too(root: Path, file: str) -> None:
    store = FolderStore(root, Ticking())
    acts: dict[str, Callable[[], None]] = {
        "intents.lock": lambda: store.across("vanthu", "x", {B: [Edit("pupils", "hs1", "nick", "Bống", "Bi")]}),
        "activity/2026/journal.log": lambda: store.log_access("gv.5a", "view", "5A"),
        "drafts/drafts.lock": lambda: store.keep_draft("gv.5a", "5A/hs1", "gõ tiếp"),
    }
    with held(HOLD, str(root / file)) as pid, pytest.raises(HocbaError, match=f"tiến trình {pid}") as caught:
        acts[file]()
    assert "Đĩa" not in str(caught.value)


def test_a_backup_does_not_wait_for_ever(root: Path, tmp_path: Path) -> None:
    with held(HOLD, str(journal(root, B))), (tmp_path / "copy").open("wb") as out, pytest.raises(LockHeld):
        pack(root, out, "")


def test_a_check_names_what_it_could_not_read_and_goes_on(root: Path) -> None:
    with held(HOLD, str(journal(root, B))) as pid:
        found = flaws(root)
    assert [(flaw.place, flaw.lost) for flaw in found] == [(f"{B}/journal.log", True)]
    assert f"tiến trình {pid}" in found[0].what


@pytest.mark.parametrize("thread", ["main", "other"])
def test_a_program_that_has_opened_no_store_does_not_wait_for_ever_either(root: Path, thread: str) -> None:
    code = (
        "import sys, threading\nfrom pathlib import Path\n"
        "from hocba_tui.store import locks\nfrom tests.support.stores import flaws\n"
        "locks.PATIENCE = 0.3\n"
        "def run(): print([flaw.what for flaw in flaws(Path(sys.argv[1]))])\n"
        "run() if sys.argv[2] == 'main' else threading.Thread(target=run).start()\n"
    )
    with held(HOLD, str(journal(root, B))) as pid:
        done = subprocess.run(
            [sys.executable, "-c", code, str(root), thread], capture_output=True, text=True, timeout=60, check=True
        )
    assert f"tiến trình {pid}" in done.stdout


def test_a_lock_that_is_not_waited_for_names_who_has_it_and_since_when(root: Path) -> None:
    one, two = FolderStore(root, Ticking()), FolderStore(root, Ticking())
    one.sign_in("vanthu")
    with (
        one.exclusive("sending"),
        pytest.raises(Conflict, match=r"đang làm việc này từ \d\d:\d\d \(tài khoản vanthu"),
        two.exclusive("sending"),
    ):
        pass


def test_the_lines_of_sessions_that_ended_are_removed_by_the_next_who_is_alone(root: Path) -> None:
    for number in range(3):
        store = FolderStore(root, Ticking())
        store.sign_in(f"gv.{number}")
        assert (root / "in-use.lock").read_text().count("\n") == 1
        del store
        gc.collect()


@pytest.mark.parametrize(("device", "found"), [("{major:02x}:{minor:02x}", (7,)), ("ff:ff", (7, 9))])
def test_the_holder_is_found_also_where_the_kernel_numbers_the_device_in_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, found: tuple[int, ...]
) -> None:
    status = tmp_path.stat()
    numbered = device.format(major=os.major(status.st_dev), minor=os.minor(status.st_dev))
    lines = [
        f"1: FLOCK  ADVISORY  WRITE 7 {numbered}:{status.st_ino} 0 EOF",
        f"1: -> FLOCK  ADVISORY  WRITE 8 {numbered}:{status.st_ino} 0 EOF",
        f"2: FLOCK  ADVISORY  READ 9 ff:ff:{status.st_ino} 0 EOF",
        f"3: FLOCK  ADVISORY  READ 10 {numbered}:{status.st_ino + 1} 0 EOF",
        f"4: POSIX  ADVISORY  READ 11 {numbered}:{status.st_ino} 0 EOF",
    ]
    monkeypatch.setattr(locks, "_read", lambda _: "\n".join(lines))
    assert locks.holding(status) == found
