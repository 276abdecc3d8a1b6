"""One record: our whole cost of signing and of verifying, against the bare RSA operation."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hocba_tui.demo.school import found_demo, make_school
from hocba_tui.export.record.assembly import record_file
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.records.signatures import pinned_issuers, signatures_of
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.model.results import Cell
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.training import PIN


def bare_rsa(count: int) -> float:
    """Return the milliseconds of one bare RSA-2048 signature in this process."""
    key = rsa.generate_private_key(65537, 2048)
    start = time.perf_counter()
    for _ in range(count):
        key.sign(b"x" * 1000, padding.PKCS1v15(), hashes.SHA256())
    return (time.perf_counter() - start) / count * 1000


async def sign_class(root: Path) -> tuple[int, float]:
    """Submit a class with training keys; return how many and the milliseconds of one."""
    desk = open_desk(root, "gv.5a")
    signer = await unlock(desk, Slot.HOMEROOM, PIN)
    start = time.perf_counter()
    count = len([done async for done in submit(desk, "5A", signer, leave_gaps=True)])
    cost = (time.perf_counter() - start) / count * 1000
    await signer.close()
    return count, cost


def verify_class(root: Path) -> float:
    """Return the milliseconds of verifying one record."""
    desk = open_desk(root, "gv.5a")
    shard, trust, profile = desk.class_shard("5A"), pinned_issuers(desk), load_profile("hbs-1.0")
    files = [
        record_file(profile, record.uuid, shard.kept(record.frozen), signatures_of(shard, record))
        for record in desk.records("5A").values()
        if record.state is RecordState.SUBMITTED
    ]
    start = time.perf_counter()
    for data in files:
        verify(data, trust, complete=False)
    return (time.perf_counter() - start) / len(files) * 1000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        demo = make_school(pupils=175)
        found_demo(root, demo, None)
        typed = [Typed(p, Cell.parse(f), str(v), None) for p, doc in demo.finished.items() for f, v in doc.items()]
        enter(open_desk(root, "gv.5a"), "5A", typed)
        open_round(open_desk(root, "hieutruong"), "Liễu Đề", "12/06/2026")
        bare = bare_rsa(200)
        count, signing = asyncio.run(sign_class(root))
        verifying = verify_class(root)
    print(f"{'':52}{'ms a record':>12}{'ratio':>8}")
    print(f"{'bare RSA-2048 signature':52}{bare:12.2f}{1:8.1f}")
    print(f"{f'freeze, check, sign, verify, keep ({count} records)':52}{signing:12.2f}{signing / bare:8.1f}")
    print(f"{'verify one signature of a record':52}{verifying:12.2f}{verifying / bare:8.1f}")


if __name__ == "__main__":
    main()
