"""Files that leave: new, private, whole, in no store, and through nothing that lies in their place."""

from __future__ import annotations

import ast
import errno
import os
import re
import stat
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.excel_file import write_excel
from hocba_tui.flow.school.backups import new_key
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


PACKAGE = Path(outgoing.__file__).parents[1]
WRITERS = {
    "cli/demo.py": "the lock of a demo school",
    "confine/seccomp.py": "memory, not a disk",
    "demo/class_list.py": "made-up pupils, beside a demo school",
    "demo/keys.py": "training keys, which lie in the store",
    "demo/place.py": "its own note beside a demo school",
    "flow/founding/answers.py": "what was answered to the wizard, beside the store to be; no pupil is in it",
    "flow/records/register_certificate.py": "a certificate, into the store's trust folder",
    "flow/records/revocation.py": "an issuer's answer, into a trust folder",
    "flow/school/drill.py": "a lock and a mark in the drill's own folder",
    "flow/school/ssh_keys.py": "authorized_keys: public keys",
    "flow/school/store_check.py": "the log of what was sent, into a restored store",
    "flow/verify/files.py": "memory, not a disk",
    "flow/verify/trusting.py": "certificates and who pinned them, into a trust folder",
    "log/lines.py": "the log, which lies in the store",
    "machine/steps.py": "settings of the machine, written by root; no pupil is in them",
    "server/attach.py": "folders, opened for a name",
    "server/command.py": "/dev/null",
    "server/gathering.py": "a pipe",
    "server/listening.py": "the lock beside the socket",
    "server/parent.py": "/dev/null",
    "server/session.py": "the standard streams",
    "server/trying.py": "the door of a demo school, on loopback",
    "signing/helper.py": "/dev/null",
    "signing/softhsm.py": "training tokens, which lie in the store",
    "cli/main.py": "/dev/null",
}
"""What opens files for writing outside of the store's own room, and why no pupil's data leaves by it."""
MODE = re.compile(r"""["'][rbt]*[wax+][wbtax+]*["']""")
FLAGS = re.compile(r"O_(?:WRONLY|RDWR|CREAT)|\bflags\b|, mode,")
OF_THE_SYSTEM = {"copy", "move", "link", "symlink"}
MAKING = {
    "write_text", "write_bytes", "touch", "copyfile", "copy", "copy2", "copytree", "move", "mkstemp",
    "NamedTemporaryFile", "TemporaryFile", "mkfifo", "hardlink_to", "symlink_to", "link", "symlink", "write_atomic",
    "write_once", "open_append", "write_all",
}  # fmt: skip


def writes(call: ast.Call) -> bool:
    """Return whether a call makes a file, or opens one for writing."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = ", ".join(ast.unparse(each) for each in [*call.args, *call.keywords])
    if name in {"open", "fdopen"}:
        return MODE.search(words) is not None or FLAGS.search(words) is not None
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return name in MAKING and (name not in OF_THE_SYSTEM or owner in {"os", "shutil"})


def test_nothing_but_the_one_writer_and_the_store_makes_files() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        calls = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
        if not module.startswith("store/") and (made := [ast.unparse(call) for call in calls if writes(call)]):
            found[module] = made
    assert found.keys() - WRITERS.keys() == set(), {module: found[module] for module in found.keys() - WRITERS.keys()}
    assert WRITERS.keys() - found.keys() == set(), "a reason for what writes nothing"


def test_the_key_that_opens_all_backups_is_not_put_beside_them(store_root: Path, tmp_path: Path) -> None:
    for place in (store_root / "key.txt", store_root / "backups" / "key.txt"):
        with pytest.raises(Refused, match="nằm trong kho"):
            new_key(place)
        assert not place.exists()
    with pytest.raises(Refused, match="đã có"):
        new_key(Path("/dev/null"))
    assert new_key(tmp_path / "key.txt").startswith("age1")
    assert stat.S_IMODE((tmp_path / "key.txt").stat().st_mode) == 0o600
