"""Check the whole store, and compare it with what was already sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.flow.desk import INDEX, PACKAGES, PUPILS, RECORDS
from hocba_tui.flow.portal.outbox import QUEUED
from hocba_tui.flow.records.signatures import SEALED, assembled
from hocba_tui.model.record import Record
from hocba_tui.store.backend import OUTBOX, SCHOOL, Edit
from hocba_tui.store.checking import Flaw, Proof, check, check_shard
from hocba_tui.store.disk import make_folder, read_plain, write_atomic
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import BACKUPS, ISSUED, SENT_LOG
from hocba_tui.store.journal_file import JOURNAL
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
    ever: set[str] = set()
    outbox: Proof | None = None
    school: Proof | None = None
    damaged = False

    def look(edit: Edit) -> str:
        if edit.table == RECORDS and edit.field == "uuid":
            ever.update(uuid for uuid in (edit.before, edit.after) if isinstance(uuid, str))
        return blob_of(edit)

    for proof in check(root, look):
        damaged = damaged or any(flaw.lost for flaw in proof.flaws)
        school = proof if proof.name == SCHOOL else school
        proof.flaws += _issued(root, proof, named)
        proof.flaws += _exchanged(root, school, proof)
        outbox = proof if proof.name == OUTBOX else outbox
        yield proof
    whole = Proof("issued")
    for path in sorted((root / ISSUED).iterdir()) if (root / ISSUED).is_dir() else []:
        if path.suffix != ".xml" or path.stem in named:
            continue
        place = f"{ISSUED}/{path.name}"
        # A damaged journal may have known it; that damage is told already.
        if _is_uuid(path.stem) and path.stem not in ever and not damaged:
            words = "đã phát hành mà không lớp nào biết: lớp ấy (hay cả kho) đang là bản cũ hơn, hoặc tệp của kho khác"
            whole.flaws.append(Flaw(place, words))
        else:
            whole.flaws.append(Flaw(place, "không học bạ nào của kho nhắc tới", lost=False))
    whole.flaws += [
        Flaw(f"{BACKUPS}/{SENT_LOG}", f"gói {sent.message} ({len(sent.uuids)} học bạ) đã gửi tới cổng lúc {sent.at}, "
             "kho này không biết: kho được khôi phục từ bản sao lưu cũ hơn. Hỏi cổng trước khi ký lại các em ấy")
        for sent in sent_unknown_to(outbox, read_sent(root / BACKUPS / SENT_LOG))
    ]  # fmt: skip
    yield whole


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _exchanged(root: Path, school: Proof | None, proof: Proof) -> Iterator[Flaw]:
    """Yield a flaw when the folder of a class holds another class, by the school's index of pupils."""
    if school is None or not (belongs := _belongs(school, proof)):
        return
    # People work meanwhile: what moved since the school was read is looked up again.
    if belongs == _belongs(check_shard(root, SCHOOL, lambda _: ""), proof):
        words = f"trong thư mục này là lớp {belongs}: hai thư mục lớp bị đổi chỗ, hoặc thư mục lớp khác chép vào đây"
        yield Flaw(f"{proof.name}/{JOURNAL}", words)


def _belongs(school: Proof, proof: Proof) -> str:
    """Return the class to which most pupils of a class's journal belong, empty when it is that class itself."""
    year, _, class_key = proof.name.partition("/")
    if year != school.tables.document(SCHOOL, SCHOOL).get("year") or not class_key:
        return ""
    present = [key for key, document in proof.tables.table(PUPILS).items() if not document.get("left")]
    classes = Counter(str(school.tables.document(INDEX, key).get("class") or "") for key in present)
    found, count = classes.most_common(1)[0] if classes else ("", 0)
    return found if found != class_key and 2 * count > len(present) else ""


def _issued(root: Path, proof: Proof, named: set[str]) -> Iterator[Flaw]:
    """Yield each issued file of a shard that differs from what the journal says, byte for byte."""
    for pupil, document in proof.tables.table(RECORDS).items():
        try:
            record = Record.from_fields(pupil, document)
        except ValueError as error:
            yield Flaw(f"{proof.name}/{pupil}", f"bản ghi không hiểu được: {error}", lost=False)
            continue
        if record.state not in SEALED:
            continue
        named.add(record.uuid)
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
