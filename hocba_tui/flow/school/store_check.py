"""Check the whole store, on every core, and compare it with what was already sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PACKAGES
from hocba_tui.flow.portal.outbox import QUEUED
from hocba_tui.flow.records.journal_heads import HEADS, SEALED, newest, problems
from hocba_tui.flow.school.class_check import Checked, Named, class_checker, summed_up
from hocba_tui.flow.school.store_parts import exchanged, older, unknown
from hocba_tui.store.activity.noting import ACTIVITY, is_activity
from hocba_tui.store.backend import OUTBOX
from hocba_tui.store.checking import Flaw, Proof, check_school, check_shard, journals_in
from hocba_tui.store.disk import make_folder, read_plain, write_atomic
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import BACKUPS, SENT_LOG
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.workers import WorkerDied, cores, spread

_WORTH_A_PROCESS = 2_000_000
"""Bytes of journals from which one more process is worth its start."""


def check_store(root: Path, workers: int | None = None) -> Iterator[Checked]:
    """Yield what was found in every shard, the school's first; the last one is about the store as a whole.

    Raise StoreUnusable when there is no store in ``root``, Refused when a process that checks dies: then the rest is
    not known. ``workers`` are as many as there are cores, fewer in a small store.
    """
    require_store(root)
    names = journals_in(root)
    classes = [name for name in names if name != OUTBOX and not is_activity(name)]
    workers = workers or min(cores(), 1 + _size(root, classes) // _WORTH_A_PROCESS)
    try:
        with spread(class_checker, [root], classes, workers) as found:
            yield from _together(root, names, found)
    except WorkerDied as error:
        raise Refused(
            "Chưa kiểm tra xong kho: một tiến trình kiểm tra bị dừng giữa chừng, có thể vì máy hết bộ nhớ.",
            "Chạy lại hocba store check; chưa chạy xong thì chưa biết kho còn nguyên hay không.",
            "Kiểm tra chỉ đọc, không thay đổi gì trong kho.",
        ) from error


def _size(root: Path, names: Sequence[str]) -> int:
    total = 0
    for name in names:
        with contextlib.suppress(OSError):
            total += (root / name / JOURNAL).lstat().st_size
    return total


def _together(root: Path, names: Sequence[str], classes: Iterable[Checked]) -> Iterator[Checked]:
    """Yield what was found in school, classes and outbox, with what no shard can know for itself."""
    seen = Named()
    school = check_school(root, names, seen.blob_of)
    checked = summed_up(root, school, seen)
    yield checked
    told = {flaw.place for flaw in checked.flaws if flaw.lost}
    uuids, records, damaged = set(checked.named), list(checked.records), checked.damaged
    for checked in classes:
        uuids |= checked.named
        records += checked.records
        damaged |= checked.damaged
        checked.flaws += exchanged(root, school, checked)
        told |= {flaw.place for flaw in checked.flaws if flaw.lost}
        yield checked
    outbox: Proof | None = None
    if OUTBOX in names:
        outbox = check_shard(root, OUTBOX, seen.blob_of)
        checked = summed_up(root, outbox, seen)
        damaged |= checked.damaged
        told |= {flaw.place for flaw in checked.flaws if flaw.lost}
        yield checked
    yield from _activity(root, names, seen, told)
    whole = Checked("issued")
    whole.flaws += unknown(root, outbox, uuids, damaged=damaged)
    whole.flaws += older(school, outbox, records)
    whole.flaws += [
        Flaw(f"{BACKUPS}/{SENT_LOG}", f"gói {sent.message} ({len(sent.uuids)} học bạ) đã gửi tới cổng lúc {sent.at}, "
             "kho này không biết: kho được khôi phục từ bản sao lưu cũ hơn. Hỏi cổng trước khi ký lại các em ấy")
        for sent in sent_unknown_to(outbox, read_sent(root / BACKUPS / SENT_LOG))
    ]  # fmt: skip
    yield whole


def _activity(root: Path, names: Sequence[str], seen: Named, told: set[str]) -> Iterator[Checked]:
    """Yield what was found in the journals of what changes nothing, with whether all are as the seal has signed them.

    ``told``: journals that are known to be wrong already.
    """
    proofs = [check_shard(root, name, seen.blob_of) for name in names if is_activity(name)]
    statement = newest(proof.tables.document(SEALED, HEADS) for proof in proofs)
    told |= {flaw.place for proof in proofs for flaw in proof.flaws if flaw.lost}
    signed = problems(root, statement, seen.seals) if statement else ()
    flaws = [Flaw(f"{name or ACTIVITY}/{JOURNAL}", what, lost=lost) for name, what, lost in signed]
    for proof in proofs:
        checked = summed_up(root, proof, seen)
        checked.flaws += [flaw for flaw in flaws if flaw.place not in told]
        flaws = []
        yield checked


@dataclass(frozen=True)
class Sent:
    """One package that was sent to the portal."""

    at: str
    message: str
    uuids: tuple[str, ...]


def read_sent(path: Path) -> tuple[Sent, ...]:
    """Return the packages in a log of what was sent, none when there is no log; bad lines are left out."""
    found = []
    try:
        lines = read_plain(path).splitlines()
    except OSError:
        return ()
    for line in lines:
        try:
            body = orjson.loads(line)
            found.append(Sent(str(body["at"]), str(body["message"]), tuple(body["uuids"])))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue
    return tuple(found)


def sent_unknown_to(outbox: Proof | None, sent: tuple[Sent, ...]) -> tuple[Sent, ...]:
    """Return each package that was sent but is not marked as sent in a (restored) store, once."""
    packages = outbox.tables.table(PACKAGES) if outbox else {}
    unknown = {one.message: one for one in sent if packages.get(one.message, {}).get("state", QUEUED) == QUEUED}
    return tuple(unknown.values())


def take_over_sent(root: Path, logs: Iterable[Path]) -> bool:
    """Copy the logs of what was sent into a restored store; return whether there was any log.

    From then on :func:`check_store` reports what the portal has and this store does not know.
    """
    found = {one.message: one for log in logs for one in read_sent(log)}
    make_folder(root / BACKUPS)
    lines = [orjson.dumps({"at": o.at, "message": o.message, "uuids": o.uuids}) for o in found.values()]
    if lines:
        write_atomic(root / BACKUPS / SENT_LOG, b"\n".join(lines) + b"\n")
    return any(log.exists() for log in logs)
