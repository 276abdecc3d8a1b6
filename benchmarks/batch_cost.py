"""Batches: signing with a token, fast and slow, against the token's own time; verifying many files against others.

The token is SoftHSM. At its own speed it shows the cost of one of our signatures as a multiple of the bare C_Sign
("once under way": the freezing before the first signature is included in the first line only). With the tests'
fault module every signature takes 100 ms, like a fast USB token: the batch checks, signs, verifies the exact
bytes and makes each record durable, and all of it except the last record's should fit into the token's time. With
--full the principal approves 1,000 records of a whole school with one log-in.

Verifying is compared with xmlsec1, once with a process for each of a file's three signatures and once with a process
for each place of a signature and all files (it takes many files but one place, and ends at the first that it refuses),
and with the JDK's XMLDSig in one process, including its start. Neither says who signed, or notices what no signature
covers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.config import softhsm_module
from hocba_tui.demo import second_opinion
from hocba_tui.demo.school import DemoSchool, found_demo, homeroom_account, make_school
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.approve import approve
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import find_key, with_key
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.verify.files import verify_files
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Signer
from hocba_tui.signing.training import PIN, token_environment

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.signed import fill_gaps, open_first_round, whole_way
from tests.support.verifiers import java
from tests.support.verifiers.xmlsec1 import accepts_all

DELAY = 0.1
"""Seconds that the token needs for a signature."""


def slow_token(folder: Path, real: Path) -> Path:
    """Return a module that waits before SoftHSM signs."""
    module = folder / "slow.so"
    source = Path(__file__).parent.parent / "tests" / "support" / "fault_token.c"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", module, source], check=True)
    os.environ |= {
        "FAULT_MODULE": str(real), "FAULT_STATE": str(folder / "state"), "FAULT_DELAY_MS": str(int(DELAY * 1000)),
    }  # fmt: skip
    return module


@dataclass(frozen=True)
class Batch:
    """The seconds of a batch: all of it, and from the first durable record to the last."""

    count: int
    whole: float
    going: float

    @property
    def each(self) -> float:
        """Return the seconds of one record once the batch is under way."""
        return self.going / (self.count - 1)


async def timed(desk: Desk, slot: Slot, module: Path, verb: Callable[[Signer], AsyncGenerator[Done, None]]) -> Batch:
    """Run a signing verb with one log-in."""
    begin, durable = time.perf_counter(), list[float]()
    key = await find_key(desk, slot, [module])
    async for done in with_key(desk, slot, PIN, verb, found=key):
        if not done.problem:
            durable.append(time.perf_counter())
    return Batch(len(durable), time.perf_counter() - begin, durable[-1] - durable[0])


def submit_class(root: Path, name: str, module: Path) -> Batch:
    """Submit what is ready, as a homeroom teacher."""
    desk = open_desk(root, homeroom_account(name))
    return asyncio.run(timed(desk, Slot.HOMEROOM, module, lambda signer: submit(desk, name, signer, leave_gaps=True)))


def approve_classes(root: Path, classes: Sequence[str], module: Path) -> Batch:
    """Approve all of it, as the principal."""
    desk = open_desk(root, "hieutruong")

    async def verb(signer: Signer) -> AsyncGenerator[Done, None]:
        for name in classes:
            async for done in approve(desk, name, signer):
                yield done

    return asyncio.run(timed(desk, Slot.PRINCIPAL, module, verb))


def bare(root: Path, module: Path, label: str) -> float:
    """Return the seconds of a bare C_Sign with the token of an account."""
    program = Path(__file__).with_name("_bare_token.py")
    done = subprocess.run(
        [sys.executable, program, module, label, PIN, "300"],
        env={**os.environ, **token_environment(root)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout) / 1000


def verified(paths: Sequence[Path], trust: Path, workers: int) -> float:
    """Return the milliseconds per file with so many processes, including their start."""
    begin = time.perf_counter()
    assert all(one.verdict.verdict == "PASSED" for one in verify_files(paths, [trust], workers=workers))
    return (time.perf_counter() - begin) / len(paths) * 1000


def each_took(paths: Sequence[Path], accepts: Callable[[], bool]) -> float:
    """Return the milliseconds per file of another verifier, which has to accept them all."""
    begin = time.perf_counter()
    assert accepts()
    return (time.perf_counter() - begin) / len(paths) * 1000


def signing(base: Path, demo: DemoSchool, records: int) -> None:
    """Print the cost of a signature with a token at its own speed and with a slow one."""
    real = softhsm_module()
    if real is None:
        print("SoftHSM2 is not installed: no token to measure")
        return
    root = base / "tokens"
    found_demo(root, demo, real)
    open_first_round(root)
    fill_gaps(root, demo)
    submitted = dict[str, Batch]()
    # From the last class, which is 5A when the school is small.
    for year in reversed(demo.classes):
        if sum(batch.count for batch in submitted.values()) < records:
            submitted[year.classroom.key] = submit_class(root, year.classroom.key, real)
    name, fast = submitted.popitem()
    submitted[name] = fast
    raw = bare(root, real, homeroom_account(name))
    print(f"{fast.count} records with SoftHSM, a bare C_Sign is {raw * 1000:.2f} ms; multiples of it")
    print(f"{'with log-in and freezing':44}{fast.whole / fast.count / raw:8.2f}")
    print(f"{'once under way':44}{fast.each / raw:8.2f}")
    slow = approve_classes(root, list(submitted), slow_token(base, real))
    print(
        f"{slow.count} records, {DELAY * 1000:.0f} ms a signature; multiples of the token's time (aim for 1,000: 1.1)"
    )
    print(f"{'with log-in':44}{slow.whole / (slow.count * DELAY):8.3f}")
    print(f"{'once under way':44}{slow.each / DELAY:8.3f}")


def verifying(base: Path, demo: DemoSchool, count: int, *, full: bool) -> None:
    """Print the cost of verifying a file."""
    root = base / "issued"
    found_demo(root, demo, None)
    whole_way(root, demo)
    files = sorted((root / "issued").glob("*.xml"))
    many = (files * (count // len(files) + 1))[:count]
    trust = root / "trust"
    authority = trust / "training" / "hocba-training-ca.pem"
    rows = [
        (f"{count} files, one process", verified(many, trust, 1)),
        (f"{count} files, two processes", verified(many, trust, 2)),
    ]
    if second_opinion.available():
        some = many if full else files
        one_by_one = each_took(some, lambda: all(second_opinion.accepts(path, authority) for path in some))
        rows.append((f"{len(some)} files, an xmlsec1 a signature", one_by_one))
        rows.append((f"{count} files, an xmlsec1 a place", each_took(many, lambda: accepts_all(many, authority))))
    if java.available():
        rows.append((f"{count} files, one Java process", each_took(many, lambda: java_accepts(many))))
    for name, cost in rows:
        print(f"{name:44}{cost:8.2f} ms a file{cost / rows[0][1]:8.2f}")


def java_accepts(files: Sequence[Path]) -> bool:
    """Return whether Java accepts every file."""
    return all(java.accepts(opinion) for opinion in java.opinions(files).values())


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000 records and 1,000 files")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        small = make_school(pupils=175)
        signing(Path(folder), make_school(pupils=1400) if full else small, 1000 if full else 20)
        verifying(Path(folder), small, 1000 if full else 120, full=full)


if __name__ == "__main__":
    main()
