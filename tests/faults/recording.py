"""What a program did to a folder, in its real order, recorded with strace.

A call is two steps, its beginning and its return, because another process may come in between: a
write takes effect somewhere between the two, a sync counts only when it has returned.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MODELLED = (
    "?open,openat,?creat,write,pwrite64,fsync,fdatasync,ftruncate,?rename,?renameat,renameat2,?link,linkat,"
    "?unlink,unlinkat,?mkdir,mkdirat,?fstat,?newfstatat"
)
REFUSED = (
    "?rmdir,truncate,writev,pwritev,pwritev2,fallocate,sendfile,copy_file_range,?symlink,symlinkat,sync_file_range"
)
"""Other system calls that write: the model does not know them, so a recording with one of them is refused."""

_LINE = re.compile(r"(\d+) +(?:<\.\.\. \w+ resumed>|(\w+)\()(.*)")
_UNFINISHED = " <unfinished ...>"
_DESCRIPTOR = re.compile(r"\d+<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_RESULT = re.compile(r".*\) += (-?\d+|\?)(?:<[^>]*>)?(.*)$", re.DOTALL)


@dataclass(eq=False)
class Call:
    """One system call; a reader of the recording knows its result already at its beginning."""

    name: str
    text: str
    """The arguments and what follows them, as strace prints them."""
    result: int = 0
    error: str = ""
    paths: tuple[str, ...] = ()
    """The file of the descriptor, or the names in the arguments."""
    data: bytes = b""
    number: int = 0
    """Where pwrite64 begins, the length that ftruncate sets, the length that fstat found."""


class Step(NamedTuple):
    """The beginning of a call, or its return."""

    call: Call
    begun: bool


def record(command: Sequence[str], within: Path, acknowledgements: Path) -> list[Step]:
    """Run ``command`` and return what it and its children did in a folder and to the file of acknowledgements."""
    trace = within.with_name(f"{within.name}.trace")
    options = ["-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "1000000", "-e", "signal=none", "-o", str(trace)]
    subprocess.run(
        ["strace", *options, "-e", f"trace={MODELLED},{REFUSED}", *command],
        cwd=Path(__file__).parents[2],
        check=True,
        timeout=120,
    )
    ours = (f"{within}/", str(acknowledgements))
    with trace.open(encoding="ascii") as lines:
        steps = list(_steps(lines))
    trace.unlink()
    kept = [step for step in steps if any(path.startswith(ours) or path == str(within) for path in step.call.paths)]
    unknown = {step.call.name for step in kept if step.call.name in REFUSED.replace("?", "").split(",")}
    if unknown:
        raise ValueError(f"calls that the model does not know: {unknown}")
    return kept


def _steps(lines: Iterator[str]) -> Iterator[Step]:
    open_calls: dict[str, Call] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        process, name, text = found.groups()
        if name is None:
            call = open_calls.pop(process)
            call.text += text
        else:
            call = Call(name, text.removesuffix(_UNFINISHED))
            yield Step(call, begun=True)
            if text.endswith(_UNFINISHED):
                open_calls[process] = call
                continue
        _parse(call)
        yield Step(call, begun=False)


def _parse(call: Call) -> None:
    returned = _RESULT.match(call.text)
    if returned is None:
        raise ValueError(f"not a call: {call.name}({call.text[:200]}")
    call.result = int(returned[1]) if returned[1] != "?" else -1
    call.error = returned[2].split()[0] if call.result < 0 and returned[2].split() else ""
    held = _DESCRIPTOR.match(call.text)
    strings = [_bytes(text) for text in _STRING.findall(call.text)]
    if held is not None:
        # A file without a name can never reappear.
        call.paths = () if held[2] else (_bytes(held[1]).decode(errors="replace"),)
    else:
        call.paths = tuple(text.decode(errors="replace") for text in strings)
    if call.name in ("write", "pwrite64"):
        call.data = strings[0][: max(call.result, 0)] if strings else b""
    if call.name in ("pwrite64", "ftruncate"):
        call.number = int(call.text[: call.text.rindex(")")].rsplit(",", 1)[1])
    elif call.name in ("fstat", "newfstatat"):
        size = re.search(r"st_size=(\d+)", call.text)
        call.number = int(size[1]) if size else -1


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
