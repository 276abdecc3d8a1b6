"""Check the whole store, and compare it with what was already sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.flow.desk import PACKAGES, RECORDS
from hocba_tui.flow.portal.outbox import QUEUED
from hocba_tui.flow.records.signatures import SEALED, assembled, uuids_named
from hocba_tui.flow.school.store_parts import exchanged, older, unknown
from hocba_tui.model.record import Record
from hocba_tui.store.backend import OUTBOX, SCHOOL, Edit
from hocba_tui.store.checking import Flaw, Proof, check
from hocba_tui.store.disk import make_folder, read_plain, write_atomic
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import BACKUPS, ISSUED, SENT_LOG
from hocba_tui.store.shard import FROZEN


def blob_of(edit: Edit) -> str:
    """Return the digest of the frozen file that an edit names, empty when it names none."""
    names = (edit.table == RECORDS and (edit.field == "frozen" or edit.field.startswith("signed."))) or (
        edit.table == PACKAGES and edit.field == "file"
    )
    return edit.after if names and isinstance(edit.after, str) else ""


def check_store(root: Path) -> Iterator[Proof]:
    """Yield the proof of every shard, with the flaws of issued files; the last one is about the store as a whole.

    StoreUnusable when there is no store in ``root``.
    """
    require_store(root)
    named: set[str] = set()
    outbox: Proof | None = None
    school: Proof | None = None
    records: list[Record] = []
    damaged = False

    def noticing(edit: Edit) -> str:
        named.update(uuids_named(edit))
        return blob_of(edit)

    for proof in check(root, noticing):
        damaged |= bool(proof.unread) or proof.broken
        outbox = proof if proof.name == OUTBOX else outbox
        school = proof if proof.name == SCHOOL else school
        proof.flaws += _issued(root, proof, records)
        proof.flaws += exchanged(root, school, proof)
        yield proof
    whole = Proof("issued")
    whole.flaws += unknown(root, outbox, named, damaged=damaged)
    whole.flaws += older(school, outbox, records)
    whole.flaws += [
        Flaw(f"{BACKUPS}/{SENT_LOG}", f"gói {sent.message} ({len(sent.uuids)} học bạ) đã gửi tới cổng lúc {sent.at}, "
             "kho này không biết: kho được khôi phục từ bản sao lưu cũ hơn. Hỏi cổng trước khi ký lại các em ấy")
        for sent in sent_unknown_to(outbox, read_sent(root / BACKUPS / SENT_LOG))
    ]  # fmt: skip
    yield whole


def _issued(root: Path, proof: Proof, records: list[Record]) -> Iterator[Flaw]:
    """Yield each issued file of a shard that differs from what the journal says, byte for byte."""
    for pupil, document in proof.tables.table(RECORDS).items():
        try:
            record = Record.from_fields(pupil, document)
        except ValueError as error:
            yield Flaw(f"{proof.name}/{pupil}", f"bản ghi không hiểu được: {error}", lost=False)
            continue
        records.append(record)
        if record.state not in SEALED:
            continue
        place = f"{ISSUED}/{record.uuid}.xml"
        try:
            wanted = assembled(_Kept(root / proof.name / FROZEN), record)
        except (HocbaError, ValueError, KeyError, TypeError, OSError, SyntaxError) as error:
            yield Flaw(place, f"không dựng lại được từ các phần đã ký: {error}")
            continue
        try:
            held = read_plain(root / place)
        except OSError:
            yield Flaw(place, "đã mất; tự dựng lại y nguyên từ các phần đã ký khi cần", lost=False)
            continue
        if held != wanted:
            yield Flaw(place, "nội dung đã bị thay đổi sau khi phát hành")


@dataclass(frozen=True)
class _Kept:
    """The frozen files of a shard, read without opening the shard."""

    folder: Path

    def kept(self, digest: str) -> bytes:
        """Return the bytes, whose digest the check has verified before; StoreUnusable when they are gone."""
        try:
            return read_plain(self.folder / digest)
        except OSError as error:
            raise StoreUnusable(f"thiếu tệp đóng băng {digest[:12]}…", safe="") from error


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
