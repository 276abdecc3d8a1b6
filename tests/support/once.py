"""What is made once in a run and never changed: the workers of one run share it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.progress import all_progress
from hocba_tui.store.identity import ensure_identity


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return ``<name>/store`` of this run; the worker that comes first makes it there, the others wait for it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    root, whole = folder / "store", folder / "whole"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            make(root)
            _count(root)
            whole.touch()
    return root


def made_further(factory: pytest.TempPathFactory, name: str, made: Path, act: Callable[[Path], object]) -> Path:
    """Return ``<name>/store`` of this run: a copy of ``made`` on which ``act`` was carried out."""

    def make(root: Path) -> None:
        shutil.copytree(made, root)
        act(root)

    return made_once(factory, name, make)


def copied(made: Path, root: Path) -> Path:
    """Put a copy of a made store at ``root``, which a test may change, in the place of what is there."""
    if root.exists():
        shutil.rmtree(root)
    # Tests that only look at the made store may leave lines in its log.
    shutil.copytree(made, root, copy_function=shutil.copy2, ignore=shutil.ignore_patterns("log"))
    ensure_identity(root)  # As the first opening of a copied store does.
    return root


def _count(root: Path) -> None:
    """Count each class, so that the store's cache has the counts: else each copy would work them out once more."""
    all_progress(open_desk(root, "hieutruong"))
