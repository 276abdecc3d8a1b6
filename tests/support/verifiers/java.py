"""Ask the JDK's own XMLDSig, which shares no line of code with libxml2, about many files in one process."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from hocba_tui.model.values import Slot

SOURCE = Path(__file__).with_name("VerifyRecord.java")
PLACES = {slot: f"/HOC_BA/DANH_SACH_THONG_TIN_KY/{slot}" for slot in Slot}
"""Where the signatures stand in the format of v1.0."""
_SOON_AT_WORK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A process that lives for seconds spends most of them on compiling itself."""
Opinion = Mapping[Slot, str]
"""What is wrong with each signature, empty when it holds."""


def available() -> bool:
    """Return whether a JDK is there: it compiles a source file, which a JRE cannot."""
    return shutil.which("java") is not None and shutil.which("javac") is not None


@cache
def _compiled() -> str:
    """Compile the program once for this process, which is more work than most of its runs; return the folder."""
    folder = tempfile.mkdtemp(prefix="hocba-java-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["javac", *(f"-J{option}" for option in _SOON_AT_WORK), "-d", folder, str(SOURCE)], check=True)
    return folder


def opinions(files: Iterable[Path], places: Mapping[Slot, str] = PLACES) -> dict[Path, Opinion]:
    """Return what Java finds in each file; a file that it cannot read is wrong in every slot."""
    asked = list(files)
    done = subprocess.run(
        ["java", *_SOON_AT_WORK, "-cp", _compiled(), SOURCE.stem, *(f"{slot}={path}" for slot, path in places.items())],
        input="".join(f"{file}\n" for file in asked),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[Path, dict[Slot, str]] = {file: {} for file in asked}
    for line in done.stdout.splitlines():
        file, slot, verdict, reason = line.split("\t")
        assert (verdict == "valid") == (reason == "")
        found[Path(file)][Slot(slot)] = reason
    assert all(set(opinion) == set(places) for opinion in found.values())
    return dict(found)


def accepts(opinion: Opinion) -> bool:
    """Return whether every signature holds."""
    return not any(opinion.values())
