"""Where exported files go: to a path that was typed, or on a server to the person's own tray."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import Refused, WrongUse
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import fetch, how_to_fetch, offered, place_of, waiting
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.issued_files import export_zip
from hocba_tui.flow.school.backups import back_up
from hocba_tui.flow.tray import DAYS
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.archive import pack
from hocba_tui.store.outgoing import require_new, write_out


def on_server(root: Path, account: str = "gv.5a") -> Desk:
    desk = open_desk(root, account)
    desk.tray = True
    return desk


def put(desk: Desk, name: str, data: bytes = b"x") -> Path:
    path = place_of(desk, name)
    write_out(path, data, "excel")
    return path


def test_at_ones_own_computer_the_path_counts(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    assert place_of(desk, " ~/a/b.xlsx ") == Path.home() / "a" / "b.xlsx"
    assert offered(desk, "b.xlsx") == "~/b.xlsx"
    assert how_to_fetch(desk, Path("/a/b.xlsx")) == ()
    with pytest.raises(WrongUse, match="thư mục nhà"):
        place_of(desk, "~nobody-of-this-name/x")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("~/5A.xlsx", "5A.xlsx"), ("../gv.4a/x.xlsx", "x.xlsx"), ("C:\\Users\\hoa\\Điểm 5A.xlsx", "diem-5a.xlsx"),
        ("/etc/passwd", "passwd"), ("-rf.xlsx", "rf.xlsx"), ("a;b$(c).xlsx", "a-b-c-.xlsx"), (".x", "x"),
        (f"{'a' * 300}.xlsx", f"{'a' * 75}.xlsx"),
    ],
)  # fmt: skip
def test_on_a_server_the_name_counts_and_no_folder(store_root: Path, typed: str, name: str) -> None:
    desk = on_server(store_root)
    path = put(desk, typed)
    assert path == store_root / "exports" / "gv.5a" / name
    assert fetch(desk, name) == b"x"
    assert f"ssh TÊN@MÁY-CHỦ hocba fetch {name} > {name}" in how_to_fetch(desk, path)


@pytest.mark.parametrize("typed", ["", " ", "..", "/", "~/", "…", "-"])
def test_what_is_no_name_is_refused(store_root: Path, typed: str) -> None:
    with pytest.raises(WrongUse, match="Chưa có tên tệp"):
        place_of(on_server(store_root), typed)


def test_a_name_that_is_taken_gets_a_number(store_root: Path) -> None:
    desk = on_server(store_root)
    assert [put(desk, "5A.xlsx").name for _ in range(3)] == ["5A.xlsx", "5A-2.xlsx", "5A-3.xlsx"]
    assert {one.name for one in waiting(desk)} == {"5A.xlsx", "5A-2.xlsx", "5A-3.xlsx"}


@pytest.mark.parametrize("name", ["../gv.4a/a.xlsx", "/etc/passwd", "..", ".", "", "gv.4a", "a\0b"])
def test_nothing_leads_to_another_tray(store_root: Path, name: str) -> None:
    put(on_server(store_root, "gv.4a"), "a.xlsx")
    put(on_server(store_root), "b.xlsx")
    with pytest.raises(Refused, match="Không có tệp"):
        fetch(on_server(store_root), name)


def test_what_nobody_fetches_goes_and_is_in_no_backup(store_root: Path, tmp_path: Path) -> None:
    old, fresh = put(on_server(store_root, "gv.4a"), "a.xlsx"), put(on_server(store_root), "b.xlsx")
    os.utime(old, (0, fresh.stat().st_mtime - DAYS * 24 * 3600 - 60))
    assert [name for name in pack(store_root, io.BytesIO(), "").files if name.startswith("exports")] == []
    back_up(store_root, [new_identity(tmp_path / "key")], tmp_path / "usb")
    assert (old.exists(), fresh.exists()) == (False, True)


def test_elsewhere_in_a_store_nothing_is_written_as_before(store_root: Path) -> None:
    for place in (
        "x.xlsx",
        "exports/x.xlsx",
        "exports/gv.5a/a/x.xlsx",
        "exports/gv.5a/../../x.xlsx",
        "school/a/x.xlsx",
    ):
        with pytest.raises(Refused, match="nằm trong kho dữ liệu"):
            require_new(store_root / place)


def test_the_records_of_a_class_are_one_file(sealed_root: Path) -> None:
    desk = on_server(sealed_root)
    path = place_of(desk, "hoc-ba-5A.zip")
    count = export_zip(desk, "5A", path)
    with zipfile.ZipFile(io.BytesIO(fetch(desk, path.name))) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside == {file.name: file.read_bytes() for file in (sealed_root / "issued").glob("*.xml")}
    assert count == len(inside) == 31
    altered = next((sealed_root / "issued").glob("*.xml"))
    altered.write_bytes(altered.read_bytes() + b" ")
    with pytest.raises(Refused, match="bị sửa trên đĩa"):
        export_zip(desk, "5A", place_of(desk, "hoc-ba-5A.zip"))
    with zipfile.ZipFile(io.BytesIO(fetch(desk, "hoc-ba-5A-2.zip"))) as archive:
        assert altered.name not in archive.namelist()


def test_the_command_lists_and_writes_no_file_onto_a_terminal(
    store_root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["fetch", "--store", str(store_root), "--as", "gv.5a"]
    put(on_server(store_root), "b.xlsx", b"12345")
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("b.xlsx  5 byte  ")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main([*words, "b.xlsx"]) == 2
    assert "Thêm: > b.xlsx" in capsys.readouterr().err
