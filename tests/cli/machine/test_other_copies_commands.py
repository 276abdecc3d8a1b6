"""``hocba backup`` and ``hocba send`` on two copies of one store that share the folder of their backups."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.identity import ensure_identity, identity_of, short
from tests.support.stores import facts

pytestmark = pytest.mark.usefixtures("clock")

CLASS = "2025-2026/5A"


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb"


def write(root: Path, field: str) -> None:
    store = open_desk(root, "admin").store
    store.shard(CLASS).change("gv.5a", "enter", [Edit("results", "hs1", field, None, "T")])
    del store
    gc.collect()


def copied(root: Path, to: Path) -> Path:
    shutil.copytree(root, to, copy_function=shutil.copy2)
    ensure_identity(to)
    return to


def listed(root: Path, key: Path) -> None:
    (root / "backup-recipients.txt").write_text(new_identity(key) + "\n")
    (root / "backup-recipients.txt").chmod(0o600)


def test_the_second_of_two_copies_that_both_went_on_is_told_at_its_backup(
    store_root: Path, tmp_path: Path, usb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def backup(root: Path, *words: str) -> int:
        return main(["backup", "--to", str(usb), "--keep-days", "0", "--store", str(root), *words])

    listed(store_root, tmp_path / "key.txt")
    assert backup(store_root) == 0
    laptop = copied(store_root, tmp_path / "laptop")
    write(store_root, "here")
    write(laptop, "there")
    assert [backup(store_root), backup(store_root)] == [0, 0]
    capsys.readouterr()
    before = facts(usb)
    assert backup(laptop) == 6
    said = capsys.readouterr().out
    assert f"{CLASS}: đi hai ngả" in said
    assert short(identity_of(store_root)) in said
    assert "--accept-fork" in said
    after = facts(usb)
    assert {name: after.get(name) for name in before} == before, "nothing was dropped, and what was noted stays"
    assert backup(laptop) == 6, "and it is told again"
    assert backup(store_root) == 0
    assert backup(laptop, "--accept-fork") == 0
    assert backup(laptop) == 0
    assert backup(store_root) == 6
