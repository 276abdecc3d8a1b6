"""Where the files of the tests lie."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scratch import ROOM, fits


def test_everything_lies_where_the_environment_says(tmp_path: Path) -> None:
    if "TMPDIR" in os.environ:
        place = Path(os.environ["TMPDIR"]).resolve()
        assert Path(tempfile.gettempdir()).resolve() == place
        assert place in tmp_path.resolve().parents


def test_the_home_is_an_empty_one_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert tmp_path_factory.getbasetemp() in Path.home().parents
    assert not [name for name in os.environ if name.startswith(("HOCBA_", "SOFTHSM2_", "XDG_"))]


@pytest.mark.parametrize(
    ("flags", "free", "fitting"),
    [(0, ROOM, True), (os.ST_NOEXEC, ROOM, False), (os.ST_RDONLY, ROOM, False), (0, ROOM - 1, False)],
)
def test_memory_without_room_or_without_programs_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: int, free: int, *, fitting: bool
) -> None:
    found = SimpleNamespace(f_flag=flags, f_bavail=free, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: found)
    assert fits(tmp_path) == fitting
    assert not fits(tmp_path / "nothing")
