"""scripts/install.sh with a made-up wheel behind it: versions beside each other, and one of them in use."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from hocba_tui.server import forking
from tests.conftest import require
from tests.support.terminal import LIMIT

INSTALL = Path(__file__).parents[2] / "scripts" / "install.sh"
SYSTEM = Path("/usr/bin/python3")
_ASK = "import sys, venv; print('%d.%d' % sys.version_info[:2])"


def bundle(folder: Path, python: str, version: str, *, broken: bool = False) -> Path:
    """Write a file as scripts/bundle.sh does, with a program that says its version and nothing more."""
    folder.mkdir()
    (folder / "wheels").mkdir()
    (folder / "run.lock").write_text("", encoding="utf-8")
    (folder / "python").write_text(python, encoding="utf-8")
    (folder / "version").write_text(version, encoding="utf-8")
    wheel = folder / f"hocba-{version}-py3-none-any.whl"
    about = f"hocba-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        body = "raise SystemExit(1)" if broken else f"print('hocba {version}')"
        archive.writestr("made_up.py", f"def main():\n    {body}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: hocba\nVersion: {version}\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/entry_points.txt", "[console_scripts]\nhocba = made_up:main\n")
        names = ["made_up.py", *(f"{about}/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt", "RECORD"))]
        archive.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in names))
    packed = folder / "packed.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        for path in (folder / "wheels", folder / "run.lock", folder / "python", folder / "version", wheel):
            archive.add(path, path.name)
    out = folder / "hocba.run"
    out.write_bytes(INSTALL.read_bytes() + packed.read_bytes())
    return out


def install(path: Path, prefix: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(path), str(prefix)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


def test_a_version_is_put_beside_the_one_before_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    require(None if os.geteuid() == 0 else "only root may install")
    asked = subprocess.run([SYSTEM, "-c", _ASK], capture_output=True, text=True, check=False)
    require(None if asked.returncode == 0 else f"{SYSTEM} has no venv")
    python, prefix = asked.stdout.strip(), tmp_path / "prefix"
    first = install(bundle(tmp_path / "one", python, "1.0"), prefix)
    assert first.returncode == 0, first.stderr
    command = [str(prefix / "current" / "bin" / "hocba"), "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "hocba 1.0\n"

    broken = install(bundle(tmp_path / "two", python, "1.1", broken=True), prefix)
    assert broken.returncode == 1
    assert "Bản mới không chạy được" in broken.stderr
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "hocba 1.0\n"
    assert [path.name for path in (prefix / "versions").iterdir()] == ["1.0"]

    cut = tmp_path / "cut.run"
    cut.write_bytes((tmp_path / "one" / "hocba.run").read_bytes()[:-200])
    assert "bị hỏng" in install(cut, prefix).stderr
    other = install(bundle(tmp_path / "three", "2.7", "1.1"), prefix)
    assert "Tệp này dùng cho Python 2.7; máy này có" in other.stderr
    several = install(bundle(tmp_path / "four", f"2.7 {python} 9.9", "1.2"), prefix)
    assert several.returncode == 0, several.stderr
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "hocba 1.2\n"


def test_a_server_that_takes_the_newer_program_finds_it_where_the_update_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("1.0", "1.1"):
        (tmp_path / "versions" / name / "bin").mkdir(parents=True)
    (tmp_path / "current").symlink_to("versions/1.1")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "versions" / "1.0" / "bin" / "python"))
    assert forking.installed_python() == str(tmp_path / "versions" / "1.1" / "bin" / "python")
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    assert forking.installed_python() == "/usr/bin/python3"
