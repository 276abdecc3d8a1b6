"""Files that leave: new, private, whole, in no store, and through nothing that lies in their place."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.excel_file import write_excel
from hocba_tui.flow.school.trouble_report import write_report
from hocba_tui.store import outgoing
from hocba_tui.store.outgoing import NewFile, require_new, take_name, write_out

DATA = b"Nguyen An; 10"


def test_a_file_is_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_excel(tmp_path / "new" / "a.xlsx", DATA)
        write_report(tmp_path / "report.txt", "x")
    finally:
        os.umask(before)
    for path in (tmp_path / "new" / "a.xlsx", tmp_path / "report.txt"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "new" / "a.xlsx").read_bytes() == DATA
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "pipe", "folder", "device"])
def test_a_name_that_is_taken_is_never_used(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / "a", tmp_path / "other"
    other.write_bytes(b"kept")
    if kind == "file":
        path.write_bytes(b"kept")
    elif kind == "link":
        path.symlink_to(other)
    elif kind == "dangling link":
        path.symlink_to(tmp_path / "nothing")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/null")
    for attempt in (require_new, lambda place: write_out(place, DATA, "x"), lambda place: write_report(place, "x")):
        with pytest.raises(Refused, match="Đã có tệp"):
            attempt(path)
    assert other.read_bytes() == b"kept"
    assert not (tmp_path / "nothing").exists()


def test_a_name_that_is_taken_in_the_last_moment_is_not_used_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    monkeypatch.setattr(outgoing, "require_new", lambda _: path.symlink_to(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match="Đã có tệp"):
        write_out(path, DATA, "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_nothing_is_written_into_a_store(store_root: Path) -> None:
    for place in (store_root / "a.xlsx", store_root / "2025-2026" / "5A" / "a", store_root / "new" / "a"):
        with pytest.raises(Refused, match="nằm trong kho"):
            write_out(place, DATA, "x")


def test_a_disk_without_hard_links_gets_the_file_too_and_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_out(tmp_path / "a", DATA, "x")
    assert (tmp_path / "a").read_bytes() == DATA
    (tmp_path / "b").write_bytes(b"new")
    with pytest.raises(FileExistsError):
        take_name(tmp_path / "b", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_file_of_work_that_goes_on_is_replaced_as_a_whole_and_only_by_its_writer(tmp_path: Path) -> None:
    file = NewFile(tmp_path / "a")
    file.write(b"one")
    file.write(b"one two")
    assert (tmp_path / "a").read_bytes() == b"one two"
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="Đã có tệp"):
        file.write(b"one two three")
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="đĩa đầy"):
        write_out(tmp_path / "a", DATA, "x")
    assert list(tmp_path.iterdir()) == []
