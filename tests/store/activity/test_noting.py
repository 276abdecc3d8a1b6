"""What changes nothing is noted in a chained journal of its own; every way of altering it is found."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import NotSaved
from hocba_tui.store.activity.noting import Touched, spread_out
from hocba_tui.store.backend import Edit, Entry, Sieve
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.syncing import durable_size
from tests.support.activity import activity_files, noted
from tests.support.stores import LOG, Ticking, flaws, flip, journal, now

OLD = [
    {"at": "2025-11-03T08:00:00+07:00", "by": "gv.5a", "do": "view_card", "what": "5A/hs1"},
    {"at": "2025-11-04T09:00:00+07:00", "by": "vanthu", "do": "export", "what": "5A: 34"},
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store = FolderStore.create(tmp_path / "store", Ticking())
    store.sign_in("gv.5a", "192.0.2.7", "ssh")
    store.log_access("gv.5a", "log_in")
    store.log_access("gv.5a", "view_card", class_key="5A", pupil="hs1")
    store.log_access("gv.5a", "export_sheet", "34", class_key="5A")
    store.log_access("admin", "reset", account="gv.5b")
    store.note_heads()
    return tmp_path / "store"


def lost(root: Path) -> list[str]:
    return [flaw.place for flaw in flaws(root) if flaw.lost]


def test_each_entry_says_who_did_what_to_what_from_where(root: Path) -> None:
    assert [(each.act, each.touched) for each in noted(root)] == [
        ("log_in", Touched("", "", "", "192.0.2.7", "ssh")),
        ("view_card", Touched("5A", "hs1", "", "192.0.2.7", "ssh")),
        ("export_sheet", Touched("5A", "", "", "192.0.2.7", "ssh")),
        ("reset", Touched("", "", "gv.5b", "192.0.2.7", "ssh")),
    ]
    assert not flaws(root)


def test_it_leaves_no_document_behind_so_opening_it_costs_the_same_for_ever(root: Path) -> None:
    shard = FolderStore(root, now).shard(LOG)
    assert not any(shard.table(table) for table in shard.tables())


def test_every_byte_that_is_changed_is_found(root: Path) -> None:
    path, content = journal(root, LOG), journal(root, LOG).read_bytes()
    for position in range(len(content)):
        flip(path, position)
        assert lost(root), position
        path.write_bytes(content)


@pytest.mark.parametrize("number", range(5))
def test_a_line_that_is_taken_out_is_found(root: Path, number: int) -> None:
    lines = journal(root, LOG).read_bytes().splitlines(keepends=True)
    journal(root, LOG).write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    assert lost(root)


def test_lines_in_another_order_are_found(root: Path) -> None:
    lines = journal(root, LOG).read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    journal(root, LOG).write_bytes(b"".join(lines))
    assert lost(root)


@pytest.mark.parametrize("kept", range(5))
def test_an_end_that_is_cut_off_is_found_as_far_as_it_was_noted_elsewhere(root: Path, kept: int) -> None:
    lines = journal(root, LOG).read_bytes().splitlines(keepends=True)
    journal(root, LOG).write_bytes(b"".join(lines[:kept]))
    (root / LOG / "sync.lock").unlink()
    (root / LOG / "data.json").unlink(missing_ok=True)
    assert lost(root)


def test_a_journal_that_is_removed_is_found(root: Path) -> None:
    for path in (root / LOG).iterdir():
        path.unlink()
    (root / LOG).rmdir()
    assert f"{LOG}/journal.log" in lost(root)


def test_a_damaged_journal_stops_nobody_and_stays_as_evidence(root: Path) -> None:
    flip(journal(root, LOG), 40)
    held = journal(root, LOG).read_bytes()
    store = FolderStore(root, now)
    store.log_access("vanthu", "export", "34", class_key="5A")
    store.log_access("vanthu", "export", "35", class_key="5B")
    assert journal(root, LOG).read_bytes() == held
    assert [path.parent.name for path in activity_files(root)] == ["2026", "2026-2"]
    assert lost(root) == [f"{LOG}/journal.log"]


def test_what_cannot_be_noted_is_refused_and_says_so(root: Path) -> None:
    journal(root, LOG).unlink()
    journal(root, LOG).mkdir()
    with pytest.raises(NotSaved, match=r"Không ghi được nhật ký truy cập .* chưa làm"):
        FolderStore(root, now).log_access("vanthu", "export")


def test_what_leaves_the_program_is_on_disk_before_and_nobody_waits_to_look(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, synced = FolderStore(root, now), list[int]()
    store.log_access("gv.5a", "log_in")
    real = os.fdatasync

    def counted(handle: int) -> None:
        synced.append(handle)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", counted)
    for act in ("export", "export_sheet", "copy", "log_in", "fetch", "log_in_refused"):
        store.log_access("gv.5a", act)
        assert synced, act
        synced.clear()
    for act in ("view_card", "history", "read_log"):
        store.log_access("gv.5a", act, class_key="5A")
    assert not synced
    assert [each.act for each in noted(root)][-3:] == ["view_card", "history", "read_log"]
    assert not flaws(root)


def test_looks_that_the_disk_refused_in_the_end_cost_nothing_that_follows(root: Path) -> None:
    store, path = FolderStore(root, now), journal(root, LOG)
    store.log_access("gv.5a", "log_in")
    store.log_access("gv.5a", "view_card", class_key="5A", pupil="hs1")
    os.truncate(path, durable_size(path))  # As the next one who syncs does when the disk refuses.
    store.log_access("gv.5a", "view_card", class_key="5A", pupil="hs2")
    store.log_access("gv.5a", "export", "34", class_key="5A")
    assert [(each.act, each.touched.pupil) for each in noted(root)][-3:] == [
        ("log_in", ""), ("view_card", "hs2"), ("export", ""),
    ]  # fmt: skip
    assert not flaws(root)


def test_each_year_has_a_journal_of_its_own(root: Path) -> None:
    later = datetime(2027, 1, 1, 0, 0, 1, tzinfo=VIETNAM)
    FolderStore(root, lambda: later).log_access("gv.5a", "log_in")
    assert [path.parent.name for path in activity_files(root)] == ["2026", "2027"]
    assert not flaws(root)


# --- what a version before has noted ----------------------------------------------------------------


def lay_old(root: Path, lines: list[dict[str, str]]) -> Path:
    path = root / "access.log"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    path.chmod(0o600)
    return path


def taken(root: Path) -> list[Entry]:
    store = FolderStore(root, now)
    found = [hit.entry() for hit in store.hits(LOG, Sieve(acts=frozenset({"access_log"})))]
    return [old for entry in reversed(found) for old in spread_out(entry)]


def test_the_old_log_is_taken_over_once_with_its_own_times(root: Path) -> None:
    path = lay_old(root, OLD)
    for _ in range(3):
        FolderStore(root, now).log_access("gv.5a", "log_in")
    assert [(old.at, old.actor, old.act, Touched.of(old)[:2], old.note) for old in taken(root)] == [
        (OLD[0]["at"], "gv.5a", "view_card", ("5A", "hs1"), ""),
        (OLD[1]["at"], "vanthu", "export", ("5A", ""), "5A: 34"),
    ]
    assert not path.exists()
    assert not flaws(root)


def test_a_crash_between_taking_over_and_emptying_takes_nothing_twice(root: Path) -> None:
    content = lay_old(root, OLD[:1]).read_bytes()
    FolderStore(root, now).log_access("gv.5a", "log_in")
    path = lay_old(root, OLD)  # As it was, and one line more of a program of the version before.
    assert path.read_bytes().startswith(content)
    FolderStore(root, now).log_access("gv.5a", "log_in")
    assert [old.at for old in taken(root)] == [line["at"] for line in OLD]


def test_what_the_old_program_writes_meanwhile_is_taken_next_time(root: Path) -> None:
    for line in OLD:
        lay_old(root, [line])
        FolderStore(root, now).log_access("gv.5a", "log_in")
    assert [old.at for old in taken(root)] == [line["at"] for line in OLD]


def test_an_old_line_that_cannot_be_read_is_kept_and_stops_nothing(root: Path) -> None:
    path = lay_old(root, OLD)
    path.write_bytes(b"\xff{half a li\n" + path.read_bytes())
    FolderStore(root, now).log_access("gv.5a", "log_in")
    assert len(taken(root)) == 2
    assert b"half a li" in journal(root, LOG).read_bytes()


# --- many at once, and killed in between --------------------------------------------------------------


def note_many(root: Path, actor: str, times: int) -> None:
    store = FolderStore(root, now)
    for number in range(times):
        store.log_access(actor, "view_card", f"{number}", class_key="5A", pupil="hs1")


def test_many_processes_note_at_once_and_nothing_is_lost(root: Path) -> None:
    start = multiprocessing.get_context("fork")
    crowd = [start.Process(target=note_many, args=(root, f"gv.{n}", 25)) for n in range(6)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(60)
        assert process.exitcode == 0
    for number in range(6):
        assert [e.what for e in noted(root) if e.by == f"gv.{number}"] == [str(n) for n in range(25)]
    assert not flaws(root)


def tell_each(root: Path, line: int) -> None:
    store = FolderStore(root, now)
    for number in range(10_000):
        store.log_access("gv.9", "view_card", f"{number}")
        os.write(line, b".")


def test_killed_in_the_middle_nothing_that_was_noted_is_missing(root: Path) -> None:
    ours, theirs = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=tell_each, args=(root, theirs))
    process.start()
    os.close(theirs)
    told = 0
    while told < 20:
        told += len(os.read(ours, 64))
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    while more := os.read(ours, 64):
        told += len(more)
    os.close(ours)
    FolderStore(root, now).log_access("gv.5a", "log_in")
    assert sum(1 for each in noted(root) if each.by == "gv.9") >= told
    assert not lost(root)


def test_keys_alone_are_noted_also_of_an_old_edit_that_holds_a_name(root: Path) -> None:
    assert Touched.of(Entry(1, "", "gv", "view", (Edit("class", "5A", "", None, None),))) == Touched("5A")
