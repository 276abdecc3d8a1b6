"""Prove that a store on disk is whole, reading everything from the disk and trusting no cache.

Nothing is opened for writing and no lock is held for long, so it can run every night while people
work. Findings are data: what is wrong, where, and whether something was lost.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hocba_tui.errors import LockHeld, StoreUnusable, system_reason
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal
from hocba_tui.store.backend import SCHOOL, Edit, Entry
from hocba_tui.store.disk import leftovers, read_plain
from hocba_tui.store.formats import FILE, FORMAT, SHARDS, read_format
from hocba_tui.store.heads import missing_from
from hocba_tui.store.journal_file import JOURNAL, lines_of, read_journal
from hocba_tui.store.measure import unread_words
from hocba_tui.store.shard import DATA, FROZEN
from hocba_tui.store.syncing import LOCK, durable_size
from hocba_tui.store.tables import Documents, Tables

_PROTECT = "đặt lại bằng: hocba store protect"
BlobOf = Callable[[Edit], str]
"""The digest of the kept blob that an edit names, empty when it names none."""


@dataclass(frozen=True)
class Flaw:
    """Something that is not as it should be. ``lost``: it cannot be repaired without a backup."""

    place: str
    what: str
    lost: bool = True


@dataclass
class Proof:
    """What one journal says, read from its first byte."""

    name: str
    tables: Tables = field(default_factory=Tables)
    entries: int = 0
    size: int = 0
    blobs: set[str] = field(default_factory=set)
    first: Entry | None = None
    last: Entry | None = None
    mark: checkpoints.Mark | None = None
    flaws: list[Flaw] = field(default_factory=list)
    unread: str = ""
    """Why the journal could not be read at all: then nothing is known about its content."""
    broken: bool = False
    """Whether it could be read only up to a damaged line: what it says behind that is not known."""


def journals_in(root: Path) -> list[str]:
    """Return the names of the shards that have a journal, in order, without the school's."""
    return sorted({str(path.parent.relative_to(root)) for path in root.rglob(JOURNAL)} - {SCHOOL})


def check_school(root: Path, found: Sequence[str], blob_of: BlobOf) -> Proof:
    """Return the proof of the school's shard, with what is wrong with the store as a whole.

    That is: a journal that the school names and that is not among those ``found``, or the other way round,
    permissions of files, the format.
    """
    school = check_shard(root, SCHOOL, blob_of)
    named = set(school.tables.table(SHARDS))
    for name in sorted(named.difference(found)):
        school.flaws.append(Flaw(f"{name}/{JOURNAL}", "nhật ký đã mất; trường có ghi là từng có"))
    for name in sorted(set(found) - named):
        school.flaws.append(Flaw(f"{name}/{JOURNAL}", "nhật ký không có trong danh sách của trường", lost=False))
    school.flaws += [*_permissions(root), *_format(root)]
    return school


def check_shard(root: Path, name: str, blob_of: BlobOf) -> Proof:
    """Read one journal from its first line and compare all other files of the shard with it.

    Every line must parse, with its checksum, number and place in the hash chain; the checkpoint must say what the
    journal says, and kept blobs must be those that it names. Only the first damage of a journal is named.
    """
    proof = Proof(name)
    # Read before the journal: people who work meanwhile make the journal longer, never shorter.
    checkpoint, durable = checkpoints.load(root / name / DATA), durable_size(root / name / JOURNAL)
    try:
        seen = _replay(root / name / JOURNAL, proof, blob_of, checkpoint[1].end if checkpoint else -1)
    except (OSError, LockHeld) as error:
        proof.unread = unread_words(error)
        proof.flaws.append(Flaw(f"{name}/{JOURNAL}", proof.unread))
        return proof
    if checkpoint is not None:
        proof.flaws += _compare(f"{name}/{DATA}", checkpoint, proof, seen)
    elif (root / name / DATA).exists():
        proof.flaws.append(Flaw(f"{name}/{DATA}", "bản chụp hỏng hoặc bị sửa tay; tự dựng lại từ nhật ký", lost=False))
    if proof.size < durable and not any(flaw.lost for flaw in proof.flaws):
        words = f"nhật ký ngắn hơn phần đã ghi xuống đĩa: {durable - proof.size} byte đã bị cắt"
        proof.flaws.append(Flaw(f"{name}/{JOURNAL}", words))
    if (head := missing_from(root, name)) and not any(flaw.lost for flaw in proof.flaws):
        proof.flaws.append(Flaw(f"{name}/{JOURNAL}", f"sau bản ghi số {proof.entries - 1}: {head.words}"))
    _compare_blobs(root / name / FROZEN, proof)
    for path in (*leftovers(root / name), *leftovers(root / name / FROZEN)):
        proof.flaws.append(Flaw(str(path.relative_to(root)), "tệp tạm bỏ lại; tự dọn ở lần mở sau", lost=False))
    return proof


def _replay(path: Path, proof: Proof, blob_of: BlobOf, halt: int) -> Documents:
    """Fill ``proof``; return the documents as they were at byte ``halt``, empty when no line ends there."""
    seen: Documents = {}
    previous, position, start = journal.GENESIS, 0, 0
    edits: list[Edit] = []
    born = ""
    content = read_journal(path)
    for start_of_line, line in lines_of(content):
        try:
            decoded = journal.decode(line, previous, proof.entries)
        except journal.BadRecord as error:
            torn = journal.is_torn(content[start_of_line:], start_of_line)
            what = f"sau bản ghi số {proof.entries - 1}, byte {start_of_line}: "
            what += "đuôi ghi dở, chưa ai được báo là đã lưu; lần ghi sau tự cắt" if torn else str(error)
            proof.flaws.append(Flaw(f"{proof.name}/{JOURNAL}", what, lost=not torn))
            proof.broken = not torn
            break
        start, position = start_of_line, start_of_line + len(line)
        previous, born = decoded.digest, born or decoded.digest
        proof.entries += 1
        proof.first, proof.last = proof.first or decoded.entry, decoded.entry
        for edit in decoded.entry.edits:
            edits.append(edit)
            if digest := blob_of(edit):
                proof.blobs.add(digest)
        if position == halt:
            proof.tables.apply(edits)
            seen, edits = proof.tables.documents, []
    proof.tables.apply(edits)
    proof.size = position
    if proof.last is not None:
        proof.mark = checkpoints.Mark(proof.last.seq, start, position, previous, born)
    elif not content:
        proof.flaws.append(Flaw(f"{proof.name}/{JOURNAL}", "nhật ký rỗng"))
    return seen


def _compare(place: str, found: tuple[Documents, checkpoints.Mark], proof: Proof, seen: Documents) -> Iterator[Flaw]:
    """Compare a checkpoint with the journal; ``seen`` is what the journal says at the same place."""
    documents, mark = found
    if proof.mark is None or mark.born != proof.mark.born:
        yield Flaw(place, "bản chụp của một nhật ký khác", lost=proof.mark is None)
    elif mark.end > proof.size:
        damaged = any(flaw.lost for flaw in proof.flaws)
        words = "bản chụp còn giữ được dữ liệu sau chỗ hỏng" if damaged else "nhật ký ngắn hơn bản chụp"
        yield Flaw(place, f"{words}: {mark.seq - proof.mark.seq} bản ghi", lost=not damaged)
    elif documents != seen:
        yield Flaw(place, "bản chụp khác với nhật ký chạy lại", lost=False)


def _compare_blobs(folder: Path, proof: Proof) -> None:
    held = {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.is_dir() else set()
    for digest in sorted(proof.blobs - held):
        proof.flaws.append(Flaw(f"{proof.name}/{FROZEN}/{digest}", "tệp đóng băng đã mất"))
    # Recent ones may belong to a change that is being written right now.
    old = time.time() - 3600
    for digest in sorted(name for name in held - proof.blobs if (folder / name).lstat().st_mtime < old):
        proof.flaws.append(Flaw(f"{proof.name}/{FROZEN}/{digest}", "không bản ghi nào nhắc tới", lost=False))
    for digest in sorted(held & proof.blobs):
        place = f"{proof.name}/{FROZEN}/{digest}"
        try:
            if hashlib.sha256(read_plain(folder / digest)).hexdigest() != digest:
                proof.flaws.append(Flaw(place, "nội dung đã bị thay đổi"))
        except OSError as error:
            proof.flaws.append(Flaw(place, f"không đọc được ({system_reason(error)})"))


def _format(root: Path) -> Iterator[Flaw]:
    try:
        if (number := read_format(root)) > FORMAT:
            yield Flaw(FILE, f"phiên bản {number}, chương trình này đọc tới phiên bản {FORMAT}")
    except StoreUnusable as error:
        yield Flaw(FILE, error.what)


def _permissions(root: Path) -> Iterator[Flaw]:
    for path in (root, *root.rglob("*")):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # Somebody removed it meanwhile.
        place = str(path.relative_to(root))
        if stat.S_ISLNK(status.st_mode):
            yield Flaw(place, "là một liên kết; kho không đi theo liên kết")
        elif status.st_uid != os.geteuid():
            yield Flaw(place, f"thuộc về người dùng khác của máy; {_PROTECT}")
        elif status.st_mode & 0o022 and (stat.S_ISDIR(status.st_mode) or path.name in (JOURNAL, LOCK)):
            mode = stat.S_IMODE(status.st_mode)
            yield Flaw(place, f"người khác của máy ghi được ({mode:o}) nên chương trình không mở; {_PROTECT}")
        elif status.st_mode & 0o077:
            yield Flaw(place, f"người khác của máy đọc hoặc ghi được ({stat.S_IMODE(status.st_mode):o})", lost=False)
