"""Batches: a class signed with a slow token against the token's own time, and many files verified against xmlsec1.

The token is SoftHSM behind the tests' fault module, which makes every signature take 100 ms, as a fast USB token
does. "token time" is that alone. The batch freezes, checks, signs, verifies on the very bytes and makes each
record durable; all of it but the last record's should fit into the token's time. Verifying is compared with one
xmlsec1 process for each of a file's three signatures, which says nothing of who signed or what no signature covers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hocba_tui.config import softhsm_module
from hocba_tui.demo import second_opinion
from hocba_tui.demo.school import DemoSchool, found_demo, make_school
from hocba_tui.flow.keyring import find_key, with_key
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.submitting import submit
from hocba_tui.flow.verify_files import verify_files
from hocba_tui.model.values import Slot
from hocba_tui.signing.training import PIN

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.signed import fill_gaps, open_first_round, whole_way

DELAY = 0.1
"""Seconds that the token needs for a signature."""


def slow_token(folder: Path, real: Path) -> None:
    """Put a token before SoftHSM that takes its time; the program finds it by the environment."""
    module = folder / "slow.so"
    source = Path(__file__).parent.parent / "tests" / "signing" / "fault_token.c"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", module, source], check=True)
    os.environ |= {
        "HOCBA_PKCS11": str(module), "FAULT_MODULE": str(real), "FAULT_STATE": str(folder / "state"),
        "FAULT_DELAY_MS": str(int(DELAY * 1000)),
    }  # fmt: skip


async def sign_class(root: Path) -> tuple[int, float, float]:
    """Submit 5A; return how many records, the seconds of all, and those from the first durable one to the last."""
    desk = open_desk(root, "gv.5a")
    key = await find_key(desk, Slot.HOMEROOM, [Path(os.environ["HOCBA_PKCS11"])])
    begin, durable = time.perf_counter(), list[float]()
    async for _ in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer), found=key):
        durable.append(time.perf_counter())
    return len(durable), time.perf_counter() - begin, durable[-1] - durable[0]


def verified(paths: Sequence[Path], trust: Path, workers: int) -> float:
    """Return the milliseconds a file with so many processes, their start counted in."""
    begin = time.perf_counter()
    assert all(one.verdict.verdict == "PASSED" for one in verify_files(paths, [trust], workers=workers))
    return (time.perf_counter() - begin) / len(paths) * 1000


def by_xmlsec1(paths: Sequence[Path], trust: Path) -> float:
    """Return the milliseconds a file of one xmlsec1 process for each signature."""
    authority = trust / "training" / "hocba-training-ca.pem"
    begin = time.perf_counter()
    for path in paths:
        assert second_opinion.accepts(path, authority)
    return (time.perf_counter() - begin) / len(paths) * 1000


def signing(base: Path, demo: DemoSchool) -> None:
    """Print what a class costs with a slow token."""
    real = softhsm_module()
    if real is None:
        print("SoftHSM2 is not installed: no token to measure")
        return
    root = base / "tokens"
    found_demo(root, demo, real)
    fill_gaps(root, demo)
    open_first_round(root)
    slow_token(base, real)
    count, whole, going = asyncio.run(sign_class(root))
    print(
        f"{count} records, {DELAY * 1000:.0f} ms a signature, as multiples of the token's own time (aim for 1,000: 1.1)"
    )
    print(f"{'with log-in and freezing':44}{whole / (count * DELAY):8.2f}")
    print(f"{'once under way':44}{going / ((count - 1) * DELAY):8.2f}")


def verifying(base: Path, demo: DemoSchool, count: int) -> None:
    """Print what verifying costs a file."""
    root = base / "issued"
    found_demo(root, demo, None)
    whole_way(root, demo)
    files = sorted((root / "issued").glob("*.xml"))
    many = (files * (count // len(files) + 1))[:count]
    trust = root / "trust"
    rows = [
        (f"{count} files, one process", verified(many, trust, 1)),
        (f"{count} files, two processes", verified(many, trust, 2)),
    ]
    if second_opinion.available():
        rows.append((f"{len(files)} files, one xmlsec1 a signature", by_xmlsec1(files, trust)))
    for name, cost in rows:
        print(f"{name:44}{cost:8.2f} ms a file{cost / rows[0][1]:8.2f}")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000 files")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        demo = make_school(pupils=175)
        signing(Path(folder), demo)
        verifying(Path(folder), demo, 1000 if full else 120)


if __name__ == "__main__":
    main()
