"""``hocba serve`` and what asks it to step aside, as the person who keeps the machine runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import NotAllowed
from hocba_tui.flow import opening, serving
from hocba_tui.store.backend import SCHOOL, Edit
from tests.support.served import Served, wait_until
from tests.support.terminal import LIMIT


@pytest.fixture
def served(store_root: Path) -> Iterator[Served]:
    with Served(store_root, farewell=20) as found:
        yield found


def test_it_serves_until_it_is_told_to_stop(store_root: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    words = ["serve", "--store", str(store_root), "--socket", str(path)]
    with subprocess.Popen([sys.executable, "-m", "hocba_tui", *words], stdout=subprocess.PIPE, text=True) as server:
        try:
            wait_until(lambda: (now := serving.status(path)) and now.ready, "the server")
            assert path.stat().st_mode & 0o777 == 0o666
            assert main(["serve", "stop", "--socket", str(path)]) == 0
            assert server.wait(LIMIT) == 0
            assert server.stdout is not None
            assert server.stdout.read() == f"Mở cửa ở {path} cho kho {store_root}.\n"
        finally:
            server.kill()


def test_where_nobody_listens_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("status", "reload", "stop"):
        assert main(["serve", part, "--socket", str(tmp_path / "none")]) == 1
        assert "Không có máy chủ nào" in capsys.readouterr().out


def test_status_names_who_is_in_and_reload_keeps_them(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--socket", str(served.path)]
    with served.opened("gv.5a"):
        session = served.session_of("gv.5a")
        assert main(["serve", "status", *where]) == 0
        assert re.search(r"gv\.5a: màn hình, từ \d\d:\d\d \d\d/\d\d\n1 phiên\.", capsys.readouterr().out)
        assert main(["serve", "reload", *where]) == 0
        assert "phiên đang mở vẫn tiếp tục" in capsys.readouterr().out
        assert served.session_of("gv.5a") == session


def test_a_store_that_is_none_is_not_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--store", str(tmp_path), "--socket", str(tmp_path / "d.sock")]) == 6
    assert main(["serve", "--store", str(tmp_path)]) == 6
    assert "Không thấy kho dữ liệu" in capsys.readouterr().err


def test_root_serves_no_real_store(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "os", SimpleNamespace(geteuid=lambda: 0))
    opening.require_servable(store_root)
    school = opening.open_desk(store_root, "admin", "nobody").school_shard
    school.change("admin", "set_school", [Edit(SCHOOL, SCHOOL, "training", True, None)])
    with pytest.raises(NotAllowed, match="root không mở cửa cho kho thật"):
        opening.require_servable(store_root)


def test_a_restored_copy_takes_the_place_of_a_store_that_is_served(
    served: Served, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.txt"
    assert main(["backup", "--new-key", str(key)]) == 0
    recipient = re.search(r"age1[0-9a-z]{58}", capsys.readouterr().out)
    assert recipient
    usb = tmp_path / "usb"
    assert main(["backup", "--recipient", recipient[0], "--to", str(usb), "--store", str(store_root)]) == 0
    (copy,) = usb.glob("*.tar.gz.age")
    words = ["restore", str(copy), "--swap", "--identity", str(key), "--store", str(store_root)]
    with served.opened("gv.5a") as terminal:
        assert main([*words, "--socket", str(tmp_path / "another")]) == 4, "the server was not asked"
        capsys.readouterr()
        assert main([*words, "--socket", str(served.path)]) == 0
        terminal.wait(lambda: "Kho dữ liệu sắp được khôi phục".encode() in terminal.bytes, "a word about it")
        terminal.wait_for_end()
    shown = capsys.readouterr()
    assert "nay là bản sao lưu" in shown.out
    assert "Đợi 1 phiên" in shown.err
    with served.opened("gv.5a") as terminal:
        terminal.press("f10")
        terminal.wait_for_end()
