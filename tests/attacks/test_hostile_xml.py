"""Files that cost a parser memory, time or secrets, and files in other encodings."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.export.record.package import open_package
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.trust.issuers import Trust
from tests.conftest import require_tool
from tests.support import hostile_xml
from tests.support.refusal import assert_refused
from tests.support.table import table

ENCODINGS = ["utf-8", "utf-16", "utf-32", "cp037"]
"""In all but the first a search for ``<!`` finds nothing: there the parser itself must refuse."""
CPU_SECONDS = 30
MEMORY = 1_000_000_000


@table("name", hostile_xml.LARGE)
def test_large_files_are_refused(issued_files: list[bytes], school_trust: Trust, name: str) -> None:
    assert_refused(hostile_xml.LARGE[name](issued_files[0]), school_trust)


@pytest.mark.parametrize("name", ["faulty rows", "rows with two faults", "good rows", "slots"])
def test_the_schema_never_sees_a_crowd_of_elements(issued_files: list[bytes], school_trust: Trust, name: str) -> None:
    """It notes the place of every fault by counting the siblings before it: six minutes for 2 MB of rows."""
    assert assert_refused(hostile_xml.LARGE[name](issued_files[0]), school_trust).steps[-1].number == 1


@table("encoding", ENCODINGS)
@table("build", [hostile_xml.bomb, hostile_xml.blow_up, hostile_xml.endless])
def test_entities_that_grow_are_refused_by_the_parser(
    school_trust: Trust, encoding: str, build: Callable[[str], bytes]
) -> None:
    assert assert_refused(build(encoding), school_trust).steps[-1].number == 1


@pytest.mark.parametrize("tag", ["a", "HOC_BA", "DANH_SACH_HOC_BA"])
def test_a_million_elements_are_no_batch(tag: str) -> None:
    million = hostile_xml.MILLION
    for inside in (b"<a>" * million + b"</a>" * million, b"<a/>" * million, b"<a b=''/>" * million):
        with pytest.raises(NotWellFormed):
            open_package(f"<{tag}>".encode() + inside + f"</{tag}>".encode())


def verify_command(store: Path, files: list[Path], *before: str) -> subprocess.CompletedProcess[str]:
    """Run `hocba verify` with as much memory and time of the processor as it may take."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [*before, sys.executable, "-m", "hocba_tui", "verify", "--json", "--store", str(store), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


def verdicts(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode in (0, 1, 10), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return [found["verdict"] for found in json.loads(done.stdout)]


def test_the_command_survives_them_all_with_little_memory_and_time(
    issued_files: list[bytes], issued_store: Path, tmp_path: Path
) -> None:
    """The whole collection in one process; too much of either ends it, and the test."""
    made = [build(issued_files[0]) for build in hostile_xml.LARGE.values()]
    made += [build(encoding) for build in (hostile_xml.bomb, hostile_xml.blow_up) for encoding in ENCODINGS]
    files = [tmp_path / f"{number}.xml" for number in range(len(made))]
    for file, data in zip(files, made, strict=True):
        file.write_bytes(data)
    good = tmp_path / "good.xml"
    good.write_bytes(issued_files[0])
    found = verdicts(verify_command(issued_store, [*files, good]))
    assert set(found[:-1]) <= {"FAILED", "INDETERMINATE"}  # The second: what is no record file at all.
    assert found[-1] == "PASSED"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_nothing_outside_is_read_or_called(issued_store: Path, tmp_path: Path, encoding: str) -> None:
    """strace sees every file that the command opens and every address that it calls."""
    require_tool("strace", present=shutil.which("strace") is not None)
    secret = tmp_path / "secret"
    secret.write_text("<!ENTITY b 'x'>", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"http://127.0.0.1:{server.getsockname()[1]}/secret"
        made = [
            data for address in (secret.as_uri(), str(secret), here) for data in hostile_xml.outside(encoding, address)
        ]
        files = [tmp_path / f"{number}.xml" for number in range(len(made))]
        for file, data in zip(files, made, strict=True):
            file.write_bytes(data)
        trace = tmp_path / "trace"
        done = verify_command(
            issued_store, files, "strace", "-f", "-o", str(trace), "-e", "trace=open,openat,connect,sendto"
        )
    assert set(verdicts(done)) <= {"FAILED", "INDETERMINATE"}  # The second: what is no record file at all.
    seen = trace.read_text(encoding="utf-8")
    assert f'"{files[0]}"' in seen
    assert f'"{secret}"' not in seen
    assert "AF_INET" not in seen


@table("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "utf-8-sig"])
@table("declared", [True, False])
def test_the_same_text_in_another_encoding(
    issued_files: list[bytes], school_trust: Trust, encoding: str, *, declared: bool
) -> None:
    text = issued_files[0].decode()
    if declared:
        text = text.replace('encoding="UTF-8"', f'encoding="{encoding}"', 1)
    assert_refused(text.encode(encoding), school_trust)


def test_a_pipe_is_not_waited_for(issued_store: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xml"
    os.mkfifo(pipe)
    done = verify_command(issued_store, [pipe, Path("/dev/zero"), tmp_path])
    assert verdicts(done) == ["INDETERMINATE"] * 3
