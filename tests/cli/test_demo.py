"""``hocba demo`` removes and writes only what it made itself, whatever lies beside it."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import hocba_tui
from hocba_tui.cli import demo as command
from hocba_tui.cli.main import main
from hocba_tui.demo import job, school
from hocba_tui.demo.place import begin, finish
from hocba_tui.demo.school import demo_settings
from hocba_tui.flow.school.founding import found_school
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import identity_of
from tests.support.stores import facts, now

MAKE = ("demo", "--make-only", "--pupils", "35", "--store")


@pytest.fixture(autouse=True)
def without_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in files, which are made faster; nobody signs here."""
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setattr(command, "softhsm_module", lambda: None)
    monkeypatch.setattr(school, "_MOST_TOKENS", 0)


def real_school(root: Path) -> None:
    found_school(root, replace(demo_settings(), training=False, name="Trường thật"), (), ())
    gc.collect()


def killed_demo(base: Path) -> None:
    """Start the command and kill it while it makes the school."""
    here = str(Path(hocba_tui.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "hocba_tui", "demo", "--make-only", "--pupils", "1050", "--store", str(base)],
        env={**os.environ, "PYTHONPATH": here},
        stdout=subprocess.DEVNULL,
    )
    while not (base / "school" / "identity").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_real_school_in_the_place_of_a_half_made_one_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "srv"
    killed_demo(base)
    shutil.rmtree(base / "school")
    real_school(base / "school")
    before = facts(base / "school")
    assert main([*MAKE, str(base)]) == 1
    assert "không phải trường mẫu" in capsys.readouterr().err
    assert facts(base / "school") == before


def test_what_a_killed_demo_left_is_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "srv"
    killed_demo(base)
    half = identity_of(base / "school")
    assert main([*MAKE, str(base)]) == 0
    assert "tạo lại" in capsys.readouterr().out
    assert identity_of(base / "school") not in ("", half)
    before = facts(base / "school")
    assert main([*MAKE, str(base)]) == 0
    assert "Dùng lại trường mẫu" in capsys.readouterr().out
    assert facts(base / "school") == before


def test_the_mark_of_an_older_version_removes_nothing(tmp_path: Path) -> None:
    real_school(tmp_path / "school")
    (tmp_path / ".school.unfinished").touch()
    before = facts(tmp_path / "school")
    assert main([*MAKE, str(tmp_path)]) == 1
    assert facts(tmp_path / "school") == before


@pytest.mark.parametrize("how", [("--make-only",), ("--unattended",)])
@pytest.mark.parametrize("where", [".", "2025-2026", "issued", "demo", "school"])
def test_no_demo_is_made_within_a_store(
    tmp_path: Path, how: tuple[str, ...], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    real_school(tmp_path / "store")
    before = facts(tmp_path)
    assert main(["demo", *how, "--store", str(tmp_path / "store" / where)]) == 1
    assert "nằm trong kho" in capsys.readouterr().err
    assert facts(tmp_path) == before


@pytest.mark.parametrize("how", [("--make-only",), ("--unattended",)])
def test_what_is_no_store_stays(tmp_path: Path, how: tuple[str, ...]) -> None:
    for name in ("school", "unattended"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bai-giang.docx").write_bytes(b"x")
    assert main(["demo", *how, "--store", str(tmp_path)]) == 1
    assert (tmp_path / "school" / "bai-giang.docx").read_bytes() == b"x"
    assert (tmp_path / "unattended" / "bai-giang.docx").read_bytes() == b"x"


def unattended(base: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run the command with a job that only makes the store; return the identities that the job was given."""
    given: list[str] = []

    def run(root: Path, _seed: int, _pupils: int, identity: str) -> bool:
        given.append(identity)
        FolderStore.create(root, now, identity)
        return True

    monkeypatch.setattr(job, "run_job", run)
    assert main(["demo", "--unattended", "--store", str(base)]) == 0
    gc.collect()
    return given


def test_an_unattended_run_removes_the_one_before_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = unattended(tmp_path, monkeypatch), unattended(tmp_path, monkeypatch)
    assert identity_of(tmp_path / "unattended") == second[0] != first[0]
    copied = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "unattended", copied, copy_function=shutil.copy2)
    shutil.rmtree(tmp_path / "unattended")
    copied.rename(tmp_path / "unattended")  # A training store too, with work in it, but not the one that was made.
    before = facts(tmp_path / "unattended")
    assert main(["demo", "--unattended", "--store", str(tmp_path)]) == 1
    assert "không xóa" in capsys.readouterr().err
    assert facts(tmp_path / "unattended") == before


def test_a_demo_in_which_somebody_works_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unattended(tmp_path, monkeypatch)
    store = FolderStore(tmp_path / "unattended", now)
    assert main(["demo", "--unattended", "--store", str(tmp_path)]) == 4
    assert store.shard("school").seq == 0


def test_a_mark_that_leads_elsewhere_removes_nothing(tmp_path: Path) -> None:
    real_school(tmp_path / "real")
    root = tmp_path / "srv" / "school"
    root.parent.mkdir()
    begin(root)
    finish(root)
    root.symlink_to(tmp_path / "real")
    (tmp_path / "srv" / ".school.demo").write_text(f"making {identity_of(tmp_path / 'real')}\n")
    before = facts(tmp_path / "real")
    assert main([*MAKE, str(tmp_path / "srv")]) in (1, 4)
    assert facts(tmp_path / "real") == before
