"""``hocba token``: what is plugged in, and whose it is, without a PIN."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.opening import open_desk


def test_tokens_are_listed_with_whose_they_are(made_token_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "list", "--store", str(made_token_store), "--as", "gv.5a"]) == 0
    shown = capsys.readouterr().out
    teacher = open_desk(made_token_store, "gv.5a").actor
    assert f"đăng ký cho {teacher.name} (gv.5a)" in shown
    assert "đăng ký cho con dấu của trường" in shown
    assert teacher.certificate[:16] in shown
    assert "libsofthsm2.so\n" in shown


def test_a_certificate_is_registered_by_the_beginning_of_its_code(
    made_token_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "store"
    shutil.copytree(made_token_store, root, copy_function=shutil.copy2)
    code = open_desk(root, "gv.5a").actor.certificate[:12]
    where = ["--store", str(root), "--as", "gv.5a"]
    assert main(["token", "register", code, *where]) == 0
    assert "Đã đăng ký chứng thư cho tài khoản gv.5a" in capsys.readouterr().out
    assert main(["token", "register", code, "--seal", *where]) == 3
    assert main(["token", "register", "00000000", *where]) == 1


def test_without_a_module_it_is_said_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hocba_tui.config.PKCS11_MODULES", ())
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    assert main(["token", "list"]) == 1
    assert "Cài trình điều khiển token" in capsys.readouterr().err
