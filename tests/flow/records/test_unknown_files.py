"""A class that was put back to an older copy after sealing: its pupils are not signed under a second UUID."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records import unknown_files
from hocba_tui.model.values import RecordState
from hocba_tui.store.backend import Edit
from tests.support.once import copied
from tests.support.signed import approve_class, issue_class, submit_class

CLASS = "2025-2026/5A"


@pytest.fixture
def store_root(issued_store: Path, tmp_path: Path) -> Path:
    """A school whose class is sealed. Nothing has noted how far it had come."""
    root = copied(issued_store, tmp_path / "store")
    shutil.rmtree(root / "heads")
    return root


@pytest.fixture
def older(opened_store: Path) -> Path:
    """The class as it was before it was submitted."""
    return opened_store / CLASS


def put_back(root: Path, copy: Path) -> None:
    shutil.rmtree(root / CLASS)
    shutil.copytree(copy, root / CLASS)


def uuids(root: Path) -> set[str]:
    return {path.stem for path in (root / "issued").iterdir()}


@pytest.mark.parametrize("gone", ["nothing", "issued", "outbox"])
def test_nobody_is_submitted_again(store_root: Path, older: Path, gone: str) -> None:
    before = len(uuids(store_root))
    put_back(store_root, older)
    if gone != "nothing":
        shutil.rmtree(store_root / gone)
        (store_root / "issued").mkdir(exist_ok=True, mode=0o700)
    done = [one for one in submit_class(store_root) if "phát hành cho em này" in (one.problem or "")]
    assert len(done) == before
    assert {record.state for record in open_desk(store_root, "gv.5a").records("5A").values()} == {RecordState.DRAFT}


def test_who_was_signed_again_all_the_same_is_not_sealed(
    store_root: Path, older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = uuids(store_root)
    put_back(store_root, older)
    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.flow.records.submit.issued_unknown", lambda *_: {})
        submit_class(store_root)
    approve_class(store_root)
    done = issue_class(store_root)
    assert len(done) == len(before)
    assert all("phát hành cho em này" in (one.problem or "") for one in done)
    assert uuids(store_root) == before


def test_a_class_as_it_is_reads_no_file(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(unknown_files, "_content", fails)
    desk = open_desk(store_root, "vanthu")
    assert unknown_files.issued_unknown(desk.open_class("5A"), desk.pupils("5A")) == {}
    assert unknown_files.issued_unknown(desk.open_class("4A"), desk.pupils("4A")) == {}


def test_a_file_that_the_journal_names_as_replaced_is_in_nobodys_way(store_root: Path, older: Path) -> None:
    put_back(store_root, older)
    desk = open_desk(store_root, "hieutruong")
    shard = desk.class_shard("5A")
    pupil = desk.pupils("5A")[0].key
    edits = [Edit("records", pupil, "replaced", None, uuid) for uuid in sorted(uuids(store_root))]
    for edit in edits:
        held = shard.document("records", pupil).get("replaced")
        shard.change("hieutruong", "replaced", [edit._replace(before=held)])
    assert not [done for done in submit_class(store_root) if "phát hành cho em này" in (done.problem or "")]
