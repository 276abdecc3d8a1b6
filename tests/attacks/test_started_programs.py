"""Each program that hocba starts is the one that is meant, whatever lies in the folder in which somebody works."""

from __future__ import annotations

import ast
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.config import Config, softhsm_module
from hocba_tui.confine.environment import program
from hocba_tui.errors import SigningFailed
from hocba_tui.intake.workbook import read_workbook
from hocba_tui.signing.token import _Helper
from tests.support.hostile_folder import PROGRAMS, folder_with_others, has_run
from tests.support.served import Served
from tests.support.workbooks import patched

PACKAGE = Path(__file__).parents[2] / "hocba_tui"
STARTING = {
    "run", "Popen", "call", "check_call", "check_output", "create_subprocess_exec", "execv", "execve", "execvp",
    "spawnv", "posix_spawn", "posix_spawnp", "system", "popen",
}  # fmt: skip
OWNERS = {"subprocess", "asyncio", "os"}
ABSOLUTE = {"CAT": "/bin/cat"}


def starts() -> Iterator[tuple[str, ast.Call]]:
    """Yield each place in the program that starts another one."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in STARTING
                and ast.unparse(node.func.value) in OWNERS
            ):
                module = path.relative_to(PACKAGE).as_posix()
                if (module, ast.unparse(node)[:11]) != ("sync/exchange.py", "asyncio.run"):
                    yield module, node


def test_every_start_names_an_absolute_program_and_keeps_the_current_folder_out() -> None:
    found = [(module, ast.unparse(call)) for module, call in starts() if "asyncio.run(" not in ast.unparse(call)]
    assert len(found) > 10
    for module, words in found:
        if "sys.executable" in words or "(python, [python" in words:  # The second is installed_python().
            assert any(option in words for option in ("'-P'", "'-I'", "python_options()")), (module, words)
        else:
            # An absolute path, what confine.environment.program has found by whole paths alone, or what root's own
            # answers name: those are read by whole paths too.
            given = (*ABSOLUTE, "program(", "tool", "command", "[answers.program,")
            assert any(name in words for name in given), (module, words)


def test_programs_are_found_by_whole_paths_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_with_others(tmp_path / "work")
    monkeypatch.chdir(folder)
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / name).chmod(0o700)
    for before in ("", ".", "./", "../work", "work/.."):
        monkeypatch.setenv("PATH", f"{before}:{tmp_path}/bin")
        assert {program(name) for name in PROGRAMS} == {str(tmp_path / "bin" / name) for name in PROGRAMS}
    monkeypatch.setenv("PATH", "")
    assert program("no-such-program") is None
    assert program(PROGRAMS[0], [str(tmp_path / "bin")]) == str(tmp_path / "bin" / PROGRAMS[0])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that is the current one, and that the search path names in every careless way."""
    made = folder_with_others(tmp_path / "work")
    monkeypatch.chdir(made)
    monkeypatch.setenv("PATH", f":.:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)  # What an earlier test's processes were given.
    return made


def test_the_folder_of_these_tests_is_run_where_nothing_is_done_against_it(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "hocba_tui.intake.reader"], check=False, stderr=subprocess.DEVNULL)
    assert has_run(folder)


def test_the_reader_of_spreadsheets(folder: Path, tmp_path: Path) -> None:
    assert read_workbook(patched(tmp_path / "ds.xlsx", {}))
    assert has_run(folder) == ""


async def test_the_process_that_hears_the_pin(folder: Path) -> None:
    with contextlib.suppress(SigningFailed):
        helper = await _Helper.start(softhsm_module() or Path("/no/module.so"), {})
        await helper.stop()
    assert has_run(folder) == ""


def test_the_settings_and_the_portal_for_trying(folder: Path, made_store: Path) -> None:
    for words in (["serve", "settings"], ["sandbox", "--port", "0", "--store", str(made_store), "--stop-with-stdin"]):
        command = [sys.executable, "-P", "-m", "hocba_tui", *words]
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    assert has_run(folder) == ""


def test_the_server_its_nursery_and_a_session(folder: Path, store_root: Path) -> None:
    with Served(store_root) as served, served.opened("gv.5a") as terminal:
        assert served.nursery
        terminal.press("f10")
        terminal.wait_for_end()
    assert has_run(folder) == ""


def test_a_driver_is_never_one_that_lies_in_the_current_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare name is what the system would look up; here it would be the file of that name where somebody works."""
    (folder / "opensc-pkcs11.so").write_bytes(b"")
    monkeypatch.setenv("HOCBA_PKCS11", f"opensc-pkcs11.so:./opensc-pkcs11.so::/usr/lib/x.so:{folder}/opensc-pkcs11.so")
    found = Config.from_environment().modules
    assert all(module.is_absolute() for module in found)
    assert found[:2] == (Path("/usr/lib/x.so"), folder / "opensc-pkcs11.so")
