"""What a crash, a race or a second thread may do to records on their way."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import Conflict, NotAllowed, Refused, SigningFailed
from hocba_tui.export.record.assembly import record_file
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import CLAIMS, PACKAGES
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.send import portal_of, send
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.pupils.pupils_import import apply, preview
from hocba_tui.flow.records.approve import send_back
from hocba_tui.flow.records.issued_files import export_class, issued_files
from hocba_tui.flow.records.ready import unpackaged
from hocba_tui.flow.records.signatures import pinned_issuers, settle_file
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.verify.issued import verify_issued
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.model.values import RecordState
from hocba_tui.store.backend import OUTBOX, SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.shard import FileShard
from tests.support.signed import issue_class


class PowerCut(BaseException):
    """Not an error that anybody may catch."""


def cut_at_the_third(monkeypatch: pytest.MonkeyPatch) -> None:
    real, count = FolderStore.issue, 0

    def issue(self: FolderStore, uuid: str, data: bytes) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise PowerCut
        real(self, uuid, data)

    monkeypatch.setattr(FolderStore, "issue", issue)


def test_sealing_goes_on_after_a_crash_between_journal_and_file(
    approved_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cut_at_the_third(patch)
        with pytest.raises(PowerCut):
            issue_class(approved_root)
    desk = open_desk(approved_root, "vanthu")
    sealed = [r for r in desk.records("5A").values() if r.state is RecordState.ISSUED]
    assert len(sealed) == 3
    assert len(list((approved_root / "issued").glob("*.xml"))) == 2
    issue_class(approved_root)
    trust = pinned_issuers(desk)
    files = issued_files(desk, "5A")
    assert len(files) == 31
    assert all(verify(Path(f.path).read_bytes(), trust).verdict is Verdict.PASSED for f in files)
    assert unpackaged(desk.open_class("5A")) == {}


def test_a_token_that_fails_before_the_batch_leaves_the_records_to_the_next_try(
    approved_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_batch(*_: Any) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.flow.records.issue._queue", no_batch)
        with pytest.raises(PowerCut):
            issue_class(approved_root)
    desk = open_desk(approved_root, "vanthu")
    assert len(unpackaged(desk.open_class("5A"))) == 31
    assert issue_class(approved_root) == []
    assert unpackaged(desk.open_class("5A")) == {}


def test_a_record_is_never_in_two_batches(approved_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hocba_tui.flow.records import issue as issuing
    from hocba_tui.flow.records import ready

    seen = [record.uuid for record in open_desk(approved_root, "vanthu").records("5A").values() if record.uuid]
    issue_class(approved_root)
    store = open_desk(approved_root, "vanthu").store
    with monkeypatch.context() as patch:
        # A second clerk who looked before the first one's package was written.
        patch.setattr(ready, "unpackaged", lambda *_: tuple(seen))
        patch.setattr(issuing, "unpackaged", lambda *_: tuple(seen))
        patch.setattr(issuing, "unpackaged_files", lambda *_: {uuid: store.issued(uuid) for uuid in seen})
        with pytest.raises(SigningFailed):
            issue_class(approved_root)
    outbox = open_desk(approved_root, "vanthu").store.shard(OUTBOX)
    members = [uuid for package in outbox.table(PACKAGES).values() for uuid in package["uuids"]]
    assert sorted(members) == sorted(set(members)) == sorted(outbox.table(CLAIMS))


def test_a_record_returned_while_the_clerk_seals_leaves_no_file(
    approved_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = open_desk(approved_root, "hieutruong")
    key = next(k for k, r in principal.records("5A").items() if r.state is RecordState.APPROVED)
    uuid = principal.records("5A")[key].uuid
    real = record_file

    def file_then_return(profile: Any, this: str, *rest: Any) -> bytes:
        if this == uuid and principal.records("5A")[key].state is RecordState.APPROVED:
            send_back(principal, "5A", key, "xem lại")
        return real(profile, this, *rest)

    monkeypatch.setattr("hocba_tui.flow.records.sign_batch.record_file", file_then_return)
    done = {item.pupil.key: item.problem for item in issue_class(approved_root)}
    assert done[key]
    assert not (approved_root / "issued" / f"{uuid}.xml").exists()
    assert principal.records("5A")[key].state is RecordState.DRAFT


def test_a_missing_issued_file_is_assembled_again_byte_for_byte(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    found = issued_files(desk, "5A")[0]
    before = Path(found.path).read_bytes()
    Path(found.path).unlink()
    assert settle_file(desk.open_class("5A"), found.record) == before
    assert Path(found.path).read_bytes() == before


def test_many_threads_on_one_shard_lose_nothing(store_root: Path) -> None:
    shard = open_desk(store_root, "gv.5a").store.shard("2025-2026/1A")
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(40):
                shard.change(name, "test", [Edit("threads", name, f"f{number}", None, number)])
                shard.refresh()
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    again = open_desk(store_root, "gv.5a").store.shard("2025-2026/1A")
    assert {name: len(doc) for name, doc in again.table("threads").items()} == dict.fromkeys(
        ["t0", "t1", "t2", "t3"], 40
    )


def test_a_reader_in_another_thread_walks_a_table_that_does_not_change_under_it(store_root: Path) -> None:
    shard = open_desk(store_root, "gv.5a").store.shard("2025-2026/1A")
    failures: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                for document in shard.table("walk").values():
                    assert len(list(document.items())) == len(document)
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(300):
        shard.change("a", "test", [Edit("walk", f"k{number}", "f", None, 1), Edit("walk", "k0", f"g{number}", None, 1)])
    over.set()
    reader.join()
    assert failures == []


def test_the_actor_of_a_real_store_is_not_chosen_by_the_environment(
    store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(store_root, "admin")
    edits: Sequence[Edit] = [
        Edit(SCHOOL, SCHOOL, "training", True, None),
        Edit("staff", "hieutruong", "system_user", None, "somebody-else"),
    ]
    desk.store.shard(SCHOOL).change("admin", "test", edits)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    with pytest.raises(NotAllowed):
        open_desk(store_root)
    import pwd

    me = pwd.getpwuid(os.getuid()).pw_name
    desk.store.shard(SCHOOL).change("admin", "test", [Edit("staff", "vanthu", "system_user", None, me)])
    assert open_desk(store_root).actor.key == "vanthu"
    with pytest.raises(NotAllowed):
        open_desk(store_root, "hieutruong")


def test_a_pupil_who_is_not_in_the_class_takes_no_mark(store_root: Path) -> None:
    cell = Cell("end_year", "TOAN", "score")
    entered = enter(open_desk(store_root, "gv.5a"), "5A", [Typed("nobody", cell, "9", None)])
    assert entered.entry is None
    assert "không còn trong lớp" in entered.refused[0].reason


def move_list(root: Path, folder: Path, pupil: Pupil) -> Path:
    path = folder / "move.xlsx"
    write_class_list(path, "4A", [pupil])
    return path


def test_a_mark_typed_while_a_pupil_is_moved_is_not_left_behind(store_root: Path, tmp_path: Path) -> None:
    clerk = open_desk(store_root, "vanthu")
    pupil = next(p for p in clerk.pupils("5A") if p.assessed and len(p.birth) == 10)
    pupil = replace(pupil, birth=f"2016{pupil.birth[4:]}")
    found = preview(clerk, move_list(store_root, tmp_path, pupil))
    assert [line.kind for line in found.lines] == [RowKind.MOVED]
    real = FolderStore.across

    def type_then_across(self: FolderStore, *arguments: Any, **named: Any) -> None:
        cell = Cell("end_year", "TV", "comment")
        seen = open_desk(store_root, "gv.5a").results("5A")[pupil.key].text(cell)
        typed = Typed(pupil.key, cell, "Em tiến bộ.", seen or None)
        assert enter(open_desk(store_root, "gv.5a"), "5A", [typed]).entry is not None
        real(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FolderStore, "across", type_then_across)
        with pytest.raises(Conflict):
            apply(clerk, found)
    assert pupil.key in {p.key for p in open_desk(store_root, "vanthu").pupils("5A")}


def test_a_correction_finished_after_a_crash_respects_a_submission_in_between(
    opened_root: Path, demo: DemoSchool
) -> None:
    teacher = open_desk(opened_root, "gv.5a")
    pupil = next(p for p in teacher.pupils("5A") if p.key not in demo.cannot)
    real = FileShard.change

    def cut_at_the_step(self: FileShard, actor: str, act: str, *rest: Any, **named: Any) -> Any:
        if named.get("intent"):
            raise PowerCut
        return real(self, actor, act, *rest, **named)

    living = open_desk(opened_root, "gv.5a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileShard, "change", cut_at_the_step)
        with pytest.raises(PowerCut):
            correct_pupil(teacher, "5A", pupil.key, {"mother": "Người Khác"})
    shard = living.class_shard("5A")
    shard.change("gv.5a", "submit", [Edit("records", pupil.key, "state", None, "submitted")])
    again = open_desk(opened_root, "gv.5a")
    assert next(p for p in again.pupils("5A") if p.key == pupil.key).mother == pupil.mother
    assert again.school_shard.table("intents") == {}


def test_a_file_altered_on_the_disk_is_shown_as_not_valid_and_not_exported(sealed_root: Path, tmp_path: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    found = issued_files(desk, "5A")
    path = Path(found[0].path)
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(data.replace(b"<TEN_LOP>5A", b"<TEN_LOP>5B", 1))
    lines = verify_issued(desk, "5A", found[0].pupil.key)
    assert "KHÔNG HỢP LỆ" in lines[0]
    with pytest.raises(Refused, match=found[0].pupil.name):
        export_class(desk, "5A", tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == len(found) - 1


def test_two_senders_do_not_send_at_once(sealed_root: Path) -> None:
    one, two = open_desk(sealed_root, "vanthu"), open_desk(sealed_root, "hieutruong")
    with one.store.exclusive("sending"), pytest.raises(Conflict):
        send(two, portal_of(two, "http://127.0.0.1:9"))


def test_the_clerk_is_told_of_records_that_are_in_no_batch(
    approved_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_batch(*_: Any) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.flow.records.issue._queue", no_batch)
        with pytest.raises(PowerCut):
            issue_class(approved_root)
    waiting = next(task for task in tasks(open_desk(approved_root, "vanthu")) if task.screen == "seal")
    assert waiting.detail.startswith("31 ")
    assert waiting.urgent
