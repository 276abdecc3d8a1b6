"""Names of files are completed as far as they are certain."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hocba_tui.flow.file_names import Completed, complete, where_files_lie


@pytest.fixture
def folder(tmp_path: Path) -> str:
    for name in ("ket-qua-5A.xlsx", "ket-qua-5B.xlsx", "~$ket-qua-5A.xlsx", ".an", "danh sách.xlsx"):
        (tmp_path / name).write_text("x")
    (tmp_path / "năm trước").mkdir()
    return f"{tmp_path}/"


def test_completion(folder: str) -> None:
    assert complete(f"{folder}ket") == (f"{folder}ket-qua-5", ("ket-qua-5A.xlsx", "ket-qua-5B.xlsx"))
    assert complete(f"{folder}ket-qua-5B") == (f"{folder}ket-qua-5B.xlsx", ())
    assert complete(f"{folder}d") == (f"{folder}danh sách.xlsx", ())
    assert complete(f"{folder}n") == (f"{folder}năm trước/", ())
    assert complete(f"{folder}.a") == (f"{folder}.an", ())
    assert [name for name in complete(folder).names if name.startswith((".", "~"))] == []


@pytest.mark.parametrize("typed", ["/khong-co/x", "~nobody-of-this-name/x", "a\0b", "không có gì như vậy"])
def test_what_cannot_be_completed_stays_as_typed(typed: str) -> None:
    assert complete(typed) == (typed, ())


def test_it_is_said_how_a_file_gets_here() -> None:
    assert "scp" in where_files_lie()


@pytest.mark.parametrize("folder", ["", "exports/", "exports/vanthu/", "issued/", "drafts/"])
def test_no_name_in_a_store_is_listed(made_store: Path, tmp_path: Path, folder: str) -> None:
    """Sessions on a server run as the owner of the store; what others have exported there has names, too."""
    root = tmp_path / "store"
    shutil.copytree(made_store, root)
    (root / "exports" / "vanthu").mkdir(parents=True)
    (root / "exports" / "vanthu" / "5A.xlsx").touch()
    (root / "issued").mkdir(exist_ok=True)
    (tmp_path / "link").symlink_to(root)
    for typed in (f"{root}/{folder}", f"{tmp_path}/link/{folder}"):
        assert complete(typed) == Completed(typed)
